use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Red, green and blue of luma and colour differences.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [r, g, b, a] = out.rgba();
    let weights = [io.param("kr"), io.param("kb")];
    convert(io.here("coded").rgb(), weights, [r, g, b]);
    match io.here("image").alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

#[multiversion(targets = "simd")]
fn convert([luma, blue, red]: [&[f32]; 3], [kr, kb]: [f32; 2], [r, g, b]: [&mut [f32]; 3]) {
    let width = r.len();
    let (luma, blue, red) = (&luma[..width], &blue[..width], &red[..width]);
    let (g, b) = (&mut g[..width], &mut b[..width]);
    let per_green = 1.0 / (1.0 - kr - kb);
    for x in 0..width {
        let red = luma[x] + red[x] * (2.0 - 2.0 * kr);
        let blue = luma[x] + blue[x] * (2.0 - 2.0 * kb);
        r[x] = red;
        g[x] = (luma[x] - kr * red - kb * blue) * per_green;
        b[x] = blue;
    }
}
