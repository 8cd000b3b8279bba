//! Maximum and minimum of two floats in one instruction each. `f32::max` and `f32::min` need three more, because they
//! handle NaN.

/// The maximum; `b` if either is NaN.
#[inline(always)]
pub fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The minimum; `b` if either is NaN.
#[inline(always)]
pub fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}
