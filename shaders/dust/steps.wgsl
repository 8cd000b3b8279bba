// Luma in whole numbers: quarters of a code of 8 bits.
fn steps(luma: f32) -> i32 {
    return i32(round(clamp(luma, 0.0, 1.0) * 1020.0));
}
