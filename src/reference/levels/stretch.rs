use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Moves `low` to black and stretches what is above it.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let (low, gain) = (io.param("low"), io.param("gain"));
    let [r, g, b, a] = out.rgba();
    for (line, values) in [r, g, b].into_iter().zip(image.rgb()) {
        stretch(values, low, gain, line);
    }
    match image.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

#[multiversion(targets = "simd")]
fn stretch(values: &[f32], low: f32, gain: f32, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = (value - low) * gain;
    }
}
