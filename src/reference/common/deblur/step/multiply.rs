use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The estimate times its correction.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (estimate, correction) = (io.here("estimate").r(), io.here("correction").r());
    multiplied(estimate, correction, io.param("lift"), out.gray());
}

#[multiversion(targets = "simd")]
fn multiplied(estimate: &[f32], correction: &[f32], lift: f32, out: &mut [f32]) {
    for ((out, estimate), correction) in out.iter_mut().zip(estimate).zip(correction) {
        *out = (estimate + lift) * correction - lift;
    }
}
