/// The part of `light` that glows: what is above `threshold`, with a knee half as wide on either side.
#[inline(always)]
pub fn excess(light: [f32; 3], threshold: f32) -> [f32; 3] {
    let [r, g, b] = light;
    let most = r.max(g).max(b);
    let knee = (0.5 * threshold).max(0.001);
    let over = most - threshold;
    let soft = (over + knee).max(0.0).min(2.0 * knee);
    let part = (soft * soft / (4.0 * knee)).max(over).min(most.max(0.0));
    let gain = part / most.max(0.001);
    [r.max(0.0) * gain, g.max(0.0) * gain, b.max(0.0) * gain]
}
