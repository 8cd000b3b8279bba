use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Luma times alpha, so that colours of transparent pixels do not count.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    weigh(image.rgb(), image.channel(3), kr, kb, out.gray());
}

#[multiversion(targets = "simd")]
fn weigh([r, g, b]: [&[f32]; 3], alpha: &[f32], kr: f32, kb: f32, out: &mut [f32]) {
    let kg = 1.0 - kr - kb;
    let pixels = r.iter().zip(g).zip(b).zip(alpha);
    for (out, (((r, g), b), alpha)) in out.iter_mut().zip(pixels) {
        *out = alpha * (kr * r + kg * g + kb * b);
    }
}
