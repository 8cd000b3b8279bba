use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The picture of luma and colour differences (H.273 equations 38 to 40).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let colour = io.here("colour");
    let [r, g, b, a] = out.rgba();
    let weights = ["kr", "kb"].map(|name| io.param(name));
    join(colour.rgb(), weights, [r, g, b]);
    a.copy_from_slice(colour.channel(3));
}

#[multiversion(targets = "simd")]
fn join([y, cb, cr]: [&[f32]; 3], [kr, kb]: [f32; 2], [r, g, b]: [&mut [f32]; 3]) {
    let width = y.len();
    let (cb, cr) = (&cb[..width], &cr[..width]);
    let (r, g, b) = (&mut r[..width], &mut g[..width], &mut b[..width]);
    for x in 0..width {
        let red = y[x] + 2.0 * (1.0 - kr) * cr[x];
        let blue = y[x] + 2.0 * (1.0 - kb) * cb[x];
        r[x] = red;
        b[x] = blue;
        g[x] = (y[x] - kr * red - kb * blue) / (1.0 - kr - kb);
    }
}
