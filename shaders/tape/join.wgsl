// The picture of luma and colour differences (H.273 equations 38 to 40).
fn pixel(at: vec2i) -> vec4f {
    let c = colour_here();
    let r = c.x + 2.0 * (1.0 - params.kr) * c.z;
    let b = c.x + 2.0 * (1.0 - params.kb) * c.y;
    let g = (c.x - params.kr * r - params.kb * b) / (1.0 - params.kr - params.kb);
    return vec4f(r, g, b, c.w);
}
