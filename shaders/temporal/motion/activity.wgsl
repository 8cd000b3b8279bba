// How sure it is that a block of 4 by 4 pixels moved. Differences of noise of deviation s have the deviation 1.414 s, the
// mean of their absolute values is 1.128 s, and over 16 pixels it deviates by 0.213 s, their own mean by 0.354 s.
fn pixel(at: vec2i) -> vec4f {
    var sum = 0.0;
    var absolute = 0.0;
    for (var y = 0; y < 4; y++) {
        for (var x = 0; x < 4; x++) {
            let p = at * 4 + vec2i(x, y);
            let difference = luma_at(p).r - before_at(p).r;
            sum += difference;
            absolute += abs(difference);
        }
    }
    // Coding leaves some noise even where the picture has none: half a code value of eight bits.
    let noise = max(package::engine::facts.noise_level, 0.5 / 255.0);
    let texture = (absolute / 16.0 - 1.128 * noise) / (0.213 * noise);
    let shade = abs(sum / 16.0) / (0.354 * noise);
    let sure = clamp((max(texture, shade) - 3.0) / 3.0, 0.0, 1.0);
    return vec4f(select(1.0, sure, package::engine::facts.history_valid != 0u));
}
