// Luma as a whole number, 0 to 1020: red and blue once, green twice, in codes of 8 bits.
fn luma_code(rgb: vec3f) -> i32 {
    let codes = vec3i(round(clamp(rgb, vec3f(0.0), vec3f(1.0)) * 255.0));
    return codes.r + 2 * codes.g + codes.b;
}
