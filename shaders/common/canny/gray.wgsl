// Luma of eight bits as a whole number 0..255, weights of BT.601 in 1/32768.
fn pixel(at: vec2i) -> vec4f {
    let rgb = vec3i(round(clamp(image_here().rgb, vec3f(0.0), vec3f(1.0)) * 255.0));
    return vec4f(f32((9798 * rgb.r + 19235 * rgb.g + 3735 * rgb.b + 16384) >> 15u));
}
