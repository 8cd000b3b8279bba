import super::luma::luma_code;

// Luma as a whole number.
fn pixel(at: vec2i) -> vec4f {
    return vec4f(f32(luma_code(image_here().rgb)));
}
