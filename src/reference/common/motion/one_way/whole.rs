use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Luma as whole numbers, 0 to 1020: four times a code of 8 bits.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    round(io.here("image").r(), out.gray());
}

#[multiversion(targets = "simd")]
fn round(luma: &[f32], out: &mut [f32]) {
    for (out, luma) in out.iter_mut().zip(luma) {
        *out = (smaller(greater(*luma, 0.0), 1.0) * 1020.0).round_ties_even();
    }
}
