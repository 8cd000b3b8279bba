import super::level::level;

// An average over time that is kept where nothing moves. Alpha is how many frames are in it.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    var squares = 0.0;
    var sum = 0.0;
    for (var j = -1; j <= 1; j++) {
        for (var i = -1; i <= 1; i++) {
            let d = image_near(vec2i(i, j)).r - average_near(vec2i(i, j)).r;
            sum += d;
            squares += d * d;
        }
    }
    let before = average_here();
    let frames = max(before.a, 1.0);
    let sigma = level(params.sigma) * params.gain;
    // The noise of this frame and that of the average.
    let noise = max(sigma * sigma * (1.0 + 1.0 / frames), 1e-9);
    let alike = clamp(2.4 - squares / (9.0 * noise) - 0.12 * sum * sum / (9.0 * noise), 0.0, 1.0);
    let weight = min(frames, params.most) * alike * f32(package::engine::facts.history_valid);
    let share = weight / (1.0 + weight);
    return vec4f(c.rgb + (before.rgb - c.rgb) * share, 1.0 + weight);
}
