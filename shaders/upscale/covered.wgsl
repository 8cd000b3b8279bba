// Luma times alpha, so that colours of transparent pixels do not count.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    return vec4f(c.a * (params.kr * c.r + (1.0 - params.kr - params.kb) * c.g + params.kb * c.b));
}
