use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Luma, and the differences of blue and red from it.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [luma, blue, red, frames] = out.rgba();
    let weights = [io.param("kr"), io.param("kb")];
    convert(io.here("image").rgb(), weights, [luma, blue, red]);
    frames.fill(1.0);
}

#[multiversion(targets = "simd")]
fn convert([r, g, b]: [&[f32]; 3], [kr, kb]: [f32; 2], [luma, blue, red]: [&mut [f32]; 3]) {
    let width = luma.len();
    let (r, g, b) = (&r[..width], &g[..width], &b[..width]);
    let (blue, red) = (&mut blue[..width], &mut red[..width]);
    let kg = 1.0 - kr - kb;
    let [per_blue, per_red] = [kb, kr].map(|k| 1.0 / (2.0 - 2.0 * k));
    for x in 0..width {
        let y = kr * r[x] + kg * g[x] + kb * b[x];
        luma[x] = y;
        blue[x] = (b[x] - y) * per_blue;
        red[x] = (r[x] - y) * per_red;
    }
}
