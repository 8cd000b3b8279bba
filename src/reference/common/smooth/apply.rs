use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The mean of what the windows about a pixel make of its luma.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (slopes, rests) = (io.here("slopes").r(), io.here("rests").r());
    applied(io.here("luma").r(), slopes, rests, out.gray());
}

#[multiversion(targets = "simd")]
fn applied(luma: &[f32], slopes: &[f32], rests: &[f32], out: &mut [f32]) {
    let count = out.len();
    let (luma, slopes, rests) = (&luma[..count], &slopes[..count], &rests[..count]);
    for x in 0..count {
        out[x] = slopes[x] * (luma[x] - 0.5) + rests[x] + 0.5;
    }
}
