// Of the squares around a pixel those count most that vary least (Kuwahara and others, 1976; with soft weights after
// Papari, Petkov and Campisi, 2007): areas become even, edges stay. Then brightness is drawn towards a few tones.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(params.reach);
    var sum = vec3f(0.0);
    var weights = 0.0;
    for (var y = -1; y <= 1; y++) {
        for (var x = -1; x <= 1; x++) {
            let m = means_at(at + reach * vec2i(x, y));
            let luma = dot(m.rgb, vec3f(0.299, 0.587, 0.114));
            let spread = max(m.a - luma * luma, 0.0) + 0.0008;
            let weight = 1e-12 / (spread * spread * spread * spread);
            sum += weight * m.rgb;
            weights += weight;
        }
    }
    let c = sum / weights;
    let luma = dot(c, vec3f(0.299, 0.587, 0.114));
    // Between two tones, a smooth step.
    let place = luma * params.tones;
    let below = floor(place);
    let t = clamp((place - below - 0.5) * 2.2 + 0.5, 0.0, 1.0);
    let tone = (below + t * t * (3.0 - 2.0 * t)) / params.tones;
    return vec4f(clamp(c + 0.75 * (tone - luma), vec3f(0.0), vec3f(1.0)), 1.0);
}
