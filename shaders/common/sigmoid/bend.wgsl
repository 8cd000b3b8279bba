import super::curve::bent;

// Signal on a scale of light that is drawn apart at both ends.
fn pixel(at: vec2i) -> vec4f {
    let image = image_here();
    return vec4f(bent(image.rgb), image.a);
}
