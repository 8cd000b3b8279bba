use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Colour dodge of luma by its blurred negative: x / (1 - blur(1 - x)). Note that 1 - blur(1 - x) is blur(x).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    dodge(io.here("luma").r(), io.here("soft").r(), out.gray());
}

#[multiversion(targets = "simd")]
fn dodge(luma: &[f32], soft: &[f32], out: &mut [f32]) {
    for ((shade, luma), soft) in out.iter_mut().zip(luma).zip(soft) {
        *shade = (luma / soft.max(1.0 / 255.0)).clamp(0.0, 1.0);
    }
}
