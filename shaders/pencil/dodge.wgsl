// Colour dodge of luma by its blurred negative: x / (1 - blur(1 - x)), and 1 - blur(1 - x) is blur(x).
fn pixel(at: vec2i) -> vec4f {
    let shade = luma_here().r / max(soft_here().r, 1.0 / 255.0);
    return vec4f(clamp(shade, 0.0, 1.0));
}
