use multiversion::multiversion;

use crate::reference::io::samples::read_row;
use crate::reference::{Io, Out};

/// The decoder's luma, 0 to 1 from black to white.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let luma = out.gray();
    read_row(io.planes(), 0, io.y, luma);
    scale(luma, io.param("luma_offset"), io.param("luma_scale"));
}

#[multiversion(targets = "simd")]
pub(crate) fn scale(row: &mut [f32], offset: f32, scale: f32) {
    for value in row {
        *value = (*value - offset) * scale;
    }
}
