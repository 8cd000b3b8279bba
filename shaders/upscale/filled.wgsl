// How far luma goes on into what is transparent, in pixels.
const REACH = 3;

// Luma, where the picture is transparent that of what lies around: so nothing has an edge where only alpha has one.
fn pixel(at: vec2i) -> vec4f {
    let weights = vec3f(params.kr, 1.0 - params.kr - params.kb, params.kb);
    let here = image_at(at);
    let own = dot(weights, here.rgb);
    if (here.a >= 1.0) {
        return vec4f(own);
    }
    var sum = 0.0;
    var total = 0.0;
    for (var j = -REACH; j <= REACH; j++) {
        for (var i = -REACH; i <= REACH; i++) {
            let tap = image_at(at + vec2i(i, j));
            let share = tap.a / f32(1 + i * i + j * j);
            sum += share * dot(weights, tap.rgb);
            total += share;
        }
    }
    let around = select(own, sum / max(total, 1e-6), total > 1e-4);
    return vec4f(around + clamp(here.a, 0.0, 1.0) * (own - around));
}
