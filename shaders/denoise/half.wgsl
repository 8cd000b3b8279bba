// Luma of half the size: the mean of 2 by 2 pixels. Noise in it is half as strong.
fn pixel(at: vec2i) -> vec4f {
    let p = 2 * at;
    let above = image_at(p).r + image_at(p + vec2i(1, 0)).r;
    let below = image_at(p + vec2i(0, 1)).r + image_at(p + vec2i(1, 1)).r;
    return vec4f(0.25 * (above + below));
}
