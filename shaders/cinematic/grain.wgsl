import package::common::bspline::cubic;
import package::common::hash::pcg3d;

// Independent of each other: uniform, of mean 0 and deviation 1, for each colour at lattice point `p` of this frame.
fn lattice(p: vec2i) -> vec3f {
    let h = pcg3d(vec3u(vec2u(p), package::engine::facts.noise)) >> vec3u(8u);
    return ((vec3f(h) + 0.5) / 16777216.0 - 0.5) * 3.4641016;
}

// A cubic B-spline through random points, each pixel of the same deviation wherever it lies between them; mostly common to
// the three colours. Strongest in the lower midtones, gone in black and white.
fn pixel(at: vec2i) -> vec4f {
    let position = (vec2f(at) + 0.5) / params.pitch;
    let first = vec2i(floor(position)) - 1;
    var sum = vec3f(0.0);
    var power = vec2f(0.0);
    for (var j = 0; j < 4; j++) {
        let down = cubic(f32(first.y + j) - position.y);
        let across = cubic(f32(first.x + j) - position.x);
        power += vec2f(across * across, down * down);
        var row = vec3f(0.0);
        for (var i = 0; i < 4; i++) {
            row += cubic(f32(first.x + i) - position.x) * lattice(first + vec2i(i, j));
        }
        sum += down * row;
    }
    let noise = sum / sqrt(power.x * power.y);
    // Deviation 1 again: 0.85² + 0.229² + 2·0.85·0.229/√3 = 1.
    let grain = 0.85 * 0.57735027 * (noise.r + noise.g + noise.b) + 0.229 * noise;
    let c = image_here();
    let luma = clamp(params.kr * c.r + (1.0 - params.kr - params.kb) * c.g + params.kb * c.b, 0.0, 1.0);
    let amount = params.strength * 6.75 * luma * (1.0 - luma) * (1.0 - luma);
    return vec4f(c.rgb + amount * grain, c.a);
}
