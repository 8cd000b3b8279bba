import package::common::power::exp2_of;

// 1 from `value` 0 on, below that softly to 0: 1 + tanh(value), by 2 and its powers.
fn paper_of(value: f32) -> f32 {
    let e = exp2_of(2.88539008 * min(value, 0.0));
    return 2.0 * e / (1.0 + e);
}

// The mean along the line through this pixel, as ink on paper: 0 is ink, 1 is paper.
fn pixel(at: vec2i) -> vec4f {
    let here = vec2f(at) + 0.5;
    let first = lines_at(at).rg;
    let power = -0.72134752 / (params.sigma * params.sigma);
    let n = i32(ceil(2.0 * params.sigma));
    var sum = edges_at(at).rg;
    var weight = 1.0;
    for (var side = 0; side < 2; side++) {
        var direction = select(first, -first, side == 1);
        var p = here;
        for (var i = 1; i <= n; i++) {
            p += direction;
            let w = exp2_of(power * f32(i * i));
            sum += w * edges_between(p).rg;
            weight += w;
            // Lines have no sense of direction: goes on the way it came.
            let next = lines_at(vec2i(floor(p))).rg;
            direction = select(next, -next, dot(next, direction) < 0.0);
        }
    }
    let mean = sum / weight;
    let filled = paper_of((mean.x + params.detail * mean.y - params.black) / params.softness);
    let lined = paper_of((mean.y * params.outline + 0.02) / (0.1 * params.softness));
    return vec4f(vec3f(min(filled, lined)), 1.0);
}
