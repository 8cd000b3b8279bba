// How much the window of block `at` differs from the one at `v` from it.
fn differs(at: vec2i, v: vec2i) -> f32 {
    var sum = 0.0;
    for (var j = -2; j < 6; j++) {
        for (var i = -2; i < 6; i++) {
            let p = 4 * at + vec2i(i, j);
            sum += abs(image_at(p).r - other_at(p + v).r);
        }
    }
    return sum;
}

// How far two vectors are apart: columns and rows together.
fn apart(a: vec2i, b: vec2i) -> i32 {
    return abs(a.x - b.x) + abs(a.y - b.y);
}

// The best vector of all that reach no further than so many pixels. A longer one must be better by 16 for each pixel.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(params.reach);
    var best = vec2i(0);
    var least = differs(at, best);
    for (var y = -reach; y <= reach; y++) {
        for (var x = -reach; x <= reach; x++) {
            let v = vec2i(x, y);
            let cost = differs(at, v) + f32(16 * apart(v, vec2i(0)));
            if (cost < least) {
                best = v;
                least = cost;
            }
        }
    }
    return vec4f(vec2f(best), 0.0, 1.0);
}
