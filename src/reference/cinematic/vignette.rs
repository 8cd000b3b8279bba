use multiversion::multiversion;

use super::carry_alpha;
use crate::reference::common::power::power;
use crate::reference::{Io, Out};

/// Light falls with the fourth power of the distance from the centre, which is 1 in the corners. The signal is a power
/// of light, so it is multiplied by the same power of the factor.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let across = io.param("across");
    let place = |i: usize, size: usize| (2.0 * i as f32 + 1.0 - size as f32) / size as f32;
    let columns = io.once(|| {
        (0..io.width)
            .map(|x| across * place(x, io.width).powi(2))
            .collect::<Vec<f32>>()
    });
    let row = (1.0 - across) * place(io.y, io.height).powi(2);
    let (strength, exponent) = (io.param("vignette_strength"), 1.0 / io.param("gamma"));
    let [r, g, b, a] = out.rgba();
    carry_alpha(image, a);
    let mut gain = columns.to_vec();
    fall_off(&mut gain, row, strength, exponent);
    for (line, values) in [r, g, b].into_iter().zip(image.rgb()) {
        multiply(values, &gain, line);
    }
}

/// From the columns' part of the squared distance, in place, to the factor.
#[multiversion(targets = "simd")]
fn fall_off(columns: &mut [f32], row: f32, strength: f32, exponent: f32) {
    for column in columns {
        let distance = *column + row;
        *column = power(1.0 - strength * distance * distance, exponent);
    }
}

#[multiversion(targets = "simd")]
fn multiply(values: &[f32], gain: &[f32], out: &mut [f32]) {
    for ((out, value), gain) in out.iter_mut().zip(values).zip(gain) {
        *out = value * gain;
    }
}
