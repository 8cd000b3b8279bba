import package::common::power::exp2_of;

// The mean along the line through this pixel: paper from 0 on, and ink below that, softly. What is far from the border between them
// is alike.
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
    let filled = (mean.x + params.detail * mean.y - params.black) / params.softness;
    let lined = (mean.y * params.outline + 0.02) / (0.1 * params.softness);
    return vec4f(clamp(min(filled, lined), -4.0, 2.0));
}
