use multiversion::multiversion;

use super::curve::unbent;
use crate::reference::{Io, Out};

/// The signal back from that scale.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    super::colours(io, out, convert);
}

#[multiversion(targets = "simd")]
fn convert(row: &[f32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = unbent(*value);
    }
}
