use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Takes the median where it is far from the frame's own value, in any channel.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (own, median) = (io.here("image"), io.here("median"));
    let [r, g, b, a] = out.rgba();
    replace(own.rgb(), median.rgb(), io.param("gain"), [r, g, b]);
    match own.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

#[multiversion(targets = "simd")]
fn replace(own: [&[f32]; 3], median: [&[f32]; 3], gain: f32, out: [&mut [f32]; 3]) {
    let [r, g, b] = out;
    let width = r.len();
    let [own_r, own_g, own_b] = own.map(|row| &row[..width]);
    let [median_r, median_g, median_b] = median.map(|row| &row[..width]);
    let (g, b) = (&mut g[..width], &mut b[..width]);
    for x in 0..width {
        let apart_r = median_r[x] - own_r[x];
        let apart_g = median_g[x] - own_g[x];
        let apart_b = median_b[x] - own_b[x];
        let most = greater(apart_r.abs(), greater(apart_g.abs(), apart_b.abs()));
        let amount = smaller(greater(most * gain - 1.0, 0.0), 1.0);
        r[x] = own_r[x] + apart_r * amount;
        g[x] = own_g[x] + apart_g * amount;
        b[x] = own_b[x] + apart_b * amount;
    }
}
