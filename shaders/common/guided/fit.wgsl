// The linear function of luma that comes nearest to the change in a window: the constants of red, green and blue, and in
// alpha the factor of luma, which all three share.
fn pixel(at: vec2i) -> vec4f {
    let weights = vec3f(params.kr, 1.0 - params.kr - params.kb, params.kb);
    let radius = i32(params.radius);
    var luma = 0.0;
    var squares = 0.0;
    var products = 0.0;
    var change = vec3f(0.0);
    for (var y = -radius; y <= radius; y++) {
        for (var x = -radius; x <= radius; x++) {
            let before = small_mirrored(vec2i(x, y)).rgb;
            let difference = changed_mirrored(vec2i(x, y)).rgb - before;
            // About the middle, where sums are most exact.
            let value = dot(before, weights) - 0.5;
            luma += value;
            squares += value * value;
            products += value * dot(difference, weights);
            change += difference;
        }
    }
    let n = f32((2 * radius + 1) * (2 * radius + 1));
    let mean = luma / n;
    let mean_change = change / n;
    let covariance = products / n - mean * dot(mean_change, weights);
    let factor = covariance / (max(squares / n - mean * mean, 0.0) + params.softness);
    return vec4f(mean_change - factor * (mean + 0.5), factor);
}
