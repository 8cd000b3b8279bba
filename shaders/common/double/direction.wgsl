import super::buckets::code_of;

// Weights of the gradients around a pixel, along each axis.
const WEIGHTS = vec3i(6, 5, 3);

fn weight(d: i32) -> i32 {
    return WEIGHTS[abs(d)];
}

fn level(d: vec2i) -> i32 {
    return i32(level_near(d).r);
}

// How the picture runs at a pixel, as one number: which angle, how steep, how straight (Romano, Isidoro, Milanfar 2016). The
// structure tensor of 5 by 5 gradients, in whole numbers, so that all devices decide alike.
fn pixel(at: vec2i) -> vec4f {
    var xx = 0;
    var xy = 0;
    var yy = 0;
    for (var j = -2; j <= 2; j++) {
        for (var i = -2; i <= 2; i++) {
            // The gradient of the nearest pixel inside.
            let d = clamp(at + vec2i(i, j), vec2i(0), package::engine::extent - vec2i(1)) - at;
            let x = level(d + vec2i(1, 0)) - level(d - vec2i(1, 0));
            let y = level(d + vec2i(0, 1)) - level(d - vec2i(0, 1));
            let share = weight(i) * weight(j);
            xx += share * x * x;
            xy += share * x * y;
            yy += share * y * y;
        }
    }
    return vec4f(f32(code_of(xx, xy, yy)));
}
