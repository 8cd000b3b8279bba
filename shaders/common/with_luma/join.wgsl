// The colours of a picture with another luma: what is added is the same for red, green and blue, so that the colour
// differences stay.
fn pixel(at: vec2i) -> vec4f {
    let color = image_here();
    let luma = params.kr * color.r + (1.0 - params.kr - params.kb) * color.g + params.kb * color.b;
    return vec4f(color.rgb + (luma_here().r - luma), color.a);
}
