// Luma as a whole number, 0 to 1020: four times a code of 8 bits.
fn pixel(at: vec2i) -> vec4f {
    return vec4f(round(clamp(image_here().r, 0.0, 1.0) * 1020.0));
}
