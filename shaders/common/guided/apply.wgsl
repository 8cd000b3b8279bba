// The picture and its change: what grows with its own luma, and the rest from the small copy.
fn pixel(at: vec2i) -> vec4f {
    let image = image_here();
    let luma = params.kr * image.r + (1.0 - params.kr - params.kb) * image.g + params.kb * image.b;
    let fitted = fitted_sample((vec2f(at) + 0.5) / vec2f(image_extent()));
    return vec4f(image.rgb + fitted.rgb + fitted.a * luma, image.a);
}
