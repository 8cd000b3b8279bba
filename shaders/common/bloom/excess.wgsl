// The part of `light` that glows: what is above `threshold`, with a knee half as wide on either side.
fn excess(light: vec3f, threshold: f32) -> vec3f {
    let most = max(max(light.r, light.g), light.b);
    let knee = max(0.5 * threshold, 0.001);
    let over = most - threshold;
    let soft = clamp(over + knee, 0.0, 2.0 * knee);
    let part = min(max(soft * soft / (4.0 * knee), over), max(most, 0.0));
    return max(light, vec3f(0.0)) * (part / max(most, 0.001));
}
