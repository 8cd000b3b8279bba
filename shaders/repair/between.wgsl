// The whole pixels of vector `v` that are passed until the lost frame, `by.x` of `by.x` + `by.y` frames after the first.
fn before_by(v: vec2f, by: vec2i) -> vec2i {
    let lag = 4 * (by.x + by.y);
    return (vec2i(round(4.0 * v)) * by.x + lag / 2 + 4096 * lag) / lag - 4096;
}

// Luma in whole numbers: quarters of a code of 8 bits.
fn steps(luma: f32) -> i32 {
    return i32(round(clamp(luma, 0.0, 1.0) * 1020.0));
}
