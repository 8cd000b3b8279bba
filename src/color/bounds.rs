//! The greater and the smaller of two numbers in one instruction each: unlike `f32::max` and `f32::min`, which see to NaN
//! in three more.

/// The greater; `b` where either is NaN.
#[inline(always)]
pub fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The smaller; `b` where either is NaN.
#[inline(always)]
pub fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}
