use multiversion::multiversion;

use crate::reference::common::nine::{limited, rows, shifted};
use crate::reference::{Io, Out};

/// The estimate, no further beyond the 3 by 3 of the source around than `overshoot` of their range: so it does not ring.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let rows = rows(io.image("luma"), io.y);
    let rows = rows.each_ref().map(Vec::as_slice);
    let estimate = io.here("estimate").r();
    bounded(rows, estimate, io.param("overshoot"), out.gray());
}

/// `rows` are continued by a pixel on both sides.
#[multiversion(targets = "simd")]
fn bounded(rows: [&[f32]; 3], estimate: &[f32], overshoot: f32, out: &mut [f32]) {
    let count = out.len();
    let luma = shifted(rows, count);
    let estimate = &estimate[..count];
    for x in 0..count {
        out[x] = limited(estimate[x], luma.map(|row| row[x]), overshoot);
    }
}
