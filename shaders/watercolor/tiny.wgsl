// Luma of 2 by 2 pixels.
fn pixel(at: vec2i) -> vec4f {
    let p = 2 * at;
    let sum = image_at(p).rgb + image_at(p + vec2i(1, 0)).rgb + image_at(p + vec2i(0, 1)).rgb + image_at(p + vec2i(1, 1)).rgb;
    return vec4f(dot(sum, vec3f(0.299, 0.587, 0.114)) / 4.0);
}
