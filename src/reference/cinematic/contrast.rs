use multiversion::multiversion;

use super::carry_alpha;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Blends towards the cubic that rises from black to white with zero slope at both ends. Outside this range the signal
/// is unchanged.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, contrast) = (io.here("image"), io.param("contrast"));
    let [r, g, b, a] = out.rgba();
    carry_alpha(image, a);
    for (line, values) in [r, g, b].into_iter().zip(image.rgb()) {
        curve(values, contrast, line);
    }
}

#[multiversion(targets = "simd")]
fn curve(values: &[f32], contrast: f32, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        let x = smaller(greater(*value, 0.0), 1.0);
        *out = value + contrast * (x * x * (3.0 - 2.0 * x) - x);
    }
}
