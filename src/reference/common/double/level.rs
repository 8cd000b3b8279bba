use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Luma as a whole number, 0 to 1023.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    rounded(io.here("luma").r(), out.gray());
}

#[multiversion(targets = "simd")]
fn rounded(luma: &[f32], out: &mut [f32]) {
    for (out, luma) in out.iter_mut().zip(luma) {
        *out = (luma.clamp(0.0, 1.0) * 1023.0).round_ties_even();
    }
}
