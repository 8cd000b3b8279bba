// The mean of 2 by 2 pixels, as a whole number.
fn pixel(at: vec2i) -> vec4f {
    let p = 2 * at;
    let sum = image_at(p).r + image_at(p + vec2i(1, 0)).r + image_at(p + vec2i(0, 1)).r + image_at(p + vec2i(1, 1)).r;
    return vec4f(floor((sum + 2.0) * 0.25));
}
