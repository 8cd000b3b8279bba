// How much the change of luma grows with luma in a window: the slope of the line that comes nearest.
fn pixel(at: vec2i) -> vec4f {
    let weights = vec3f(params.kr, 1.0 - params.kr - params.kb, params.kb);
    let radius = i32(params.radius);
    var lumas = 0.0;
    var squares = 0.0;
    var changes = 0.0;
    var products = 0.0;
    for (var y = -radius; y <= radius; y++) {
        for (var x = -radius; x <= radius; x++) {
            // About the middle, where sums are most exact.
            let luma = dot(small_mirrored(vec2i(x, y)).rgb, weights) - 0.5;
            let change = dot(changed_mirrored(vec2i(x, y)).rgb, weights) - 0.5 - luma;
            lumas += luma;
            squares += luma * luma;
            changes += change;
            products += luma * change;
        }
    }
    let n = f32((2 * radius + 1) * (2 * radius + 1));
    let mean = lumas / n;
    let covariance = products / n - mean * (changes / n);
    return vec4f(covariance / (max(squares / n - mean * mean, 0.0) + params.softness));
}
