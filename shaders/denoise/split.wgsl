// Luma, and the differences of blue and red from it, -0.5 to 0.5 (H.273 equations 38 to 40).
fn pixel(at: vec2i) -> vec4f {
    let rgb = image_here().rgb;
    let luma = params.kr * rgb.r + (1.0 - params.kr - params.kb) * rgb.g + params.kb * rgb.b;
    let blue = (rgb.b - luma) / (2.0 - 2.0 * params.kb);
    let red = (rgb.r - luma) / (2.0 - 2.0 * params.kr);
    return vec4f(luma, blue, red, 1.0);
}
