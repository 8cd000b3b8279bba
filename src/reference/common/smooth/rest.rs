use multiversion::multiversion;

use crate::reference::{Io, Out};

/// What a window adds to the share of luma that it keeps: b of He, Sun and Tang, about the middle.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    rests(io.here("mean").r(), io.here("slope").r(), out.gray());
}

#[multiversion(targets = "simd")]
fn rests(mean: &[f32], slope: &[f32], out: &mut [f32]) {
    for ((out, mean), slope) in out.iter_mut().zip(mean).zip(slope) {
        *out = (1.0 - slope) * (mean - 0.5);
    }
}
