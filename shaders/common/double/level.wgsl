// Luma as a whole number, 0 to 1023.
fn pixel(at: vec2i) -> vec4f {
    return vec4f(round(clamp(luma_here().r, 0.0, 1.0) * 1023.0));
}
