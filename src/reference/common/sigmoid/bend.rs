use multiversion::multiversion;

use super::curve::bent;
use crate::reference::{Io, Out};

/// The signal on a scale of light that is drawn apart at both ends.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    super::colours(io, out, convert);
}

#[multiversion(targets = "simd")]
fn convert(row: &[f32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = bent(*value);
    }
}
