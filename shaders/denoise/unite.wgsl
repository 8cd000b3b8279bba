// Red, green and blue of luma and colour differences.
fn pixel(at: vec2i) -> vec4f {
    let coded = coded_here();
    let red = coded.r + coded.b * (2.0 - 2.0 * params.kr);
    let blue = coded.r + coded.g * (2.0 - 2.0 * params.kb);
    let green = (coded.r - params.kr * red - params.kb * blue) / (1.0 - params.kr - params.kb);
    return vec4f(red, green, blue, image_here().a);
}
