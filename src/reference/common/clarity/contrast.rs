use multiversion::multiversion;

use crate::color::bounds::greater;
use crate::reference::{Io, Out};

/// Luma further from its base: local contrast. The change comes near to what is left to black or white, and never takes more
/// of it.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (luma, base) = (io.here("luma").r(), io.here("base").r());
    changed(luma, base, io.param("amount"), out.gray());
}

#[multiversion(targets = "simd")]
fn changed(luma: &[f32], base: &[f32], amount: f32, out: &mut [f32]) {
    let count = out.len();
    let (luma, base) = (&luma[..count], &base[..count]);
    for x in 0..count {
        let change = amount * (luma[x] - base[x]);
        let white = 1.0 - luma[x];
        let left = greater(if change > 0.0 { white } else { luma[x] }, 0.0);
        let length = greater(left * left + change * change, 1e-12).sqrt();
        out[x] = luma[x] + change * left / length;
    }
}
