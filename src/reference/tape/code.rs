use multiversion::multiversion;

use crate::reference::common::codes::code_of;
use crate::reference::{Io, Out};

/// Luma as a whole number.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    codes(io.here("image").rgb(), out.gray());
}

#[multiversion(targets = "simd")]
fn codes([r, g, b]: [&[f32]; 3], out: &mut [f32]) {
    for (((out, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *out = luma_code([*r, *g, *b]) as f32;
    }
}

/// Luma of a row as whole numbers.
#[multiversion(targets = "simd")]
pub(super) fn luma_codes([r, g, b]: [&[f32]; 3], out: &mut [i32]) {
    for (((out, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *out = luma_code([*r, *g, *b]);
    }
}

/// Luma as a whole number, 0 to 1020: red and blue once, green twice, in codes of 8 bits.
#[inline(always)]
pub(super) fn luma_code([r, g, b]: [f32; 3]) -> i32 {
    code_of(r) + 2 * code_of(g) + code_of(b)
}
