import super::level::level;

// Adds a moved frame to the average, where it differs from this frame by no more than noise does: the mean square of the
// difference of luma in 5 by 5 pixels, by what noise makes of it (2 sigma²), and the square of the mean difference, which
// finds faint edges. Alpha is the sum of the weights.
fn pixel(at: vec2i) -> vec4f {
    var squares = 0.0;
    var sum = 0.0;
    for (var j = -2; j <= 2; j++) {
        for (var i = -2; i <= 2; i++) {
            let d = own_near(vec2i(i, j)).r - moved_near(vec2i(i, j)).r;
            sum += d;
            squares += d * d;
        }
    }
    let sigma = level(params.sigma) * params.gain;
    let noise = 2.0 * sigma * sigma;
    let alike = clamp(2.4 - squares / (25.0 * noise) - 0.12 * sum * sum / (25.0 * noise), 0.0, 1.0);
    let moved = moved_here();
    let weight = alike * moved.a;
    let c = image_here();
    let all = c.a + weight;
    return vec4f(c.rgb + (moved.rgb - c.rgb) * (weight / all), all);
}
