use multiversion::multiversion;

use crate::reference::{Io, Out};

/// E'Y = KR·E'R + (1 - KR - KB)·E'G + KB·E'B (H.273 equation 38).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    weigh(
        io.here("image").rgb(),
        io.param("kr"),
        io.param("kb"),
        out.gray(),
    );
}

#[multiversion(targets = "simd")]
fn weigh([r, g, b]: [&[f32]; 3], kr: f32, kb: f32, out: &mut [f32]) {
    let kg = 1.0 - kr - kb;
    for (((y, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *y = kr * r + kg * g + kb * b;
    }
}
