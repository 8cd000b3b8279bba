use multiversion::multiversion;

use super::carry_alpha;
use crate::reference::common::power::power;
use crate::reference::{Io, Out};

/// Light falls off with the fourth power of the distance from the centre, 1 in the corners; a signal that is a power of
/// light is multiplied by that power of the factor.
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
    fall_off(image.rgb(), &columns, [row, strength, exponent], [r, g, b]);
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn fall_off(
    [r, g, b]: [&[f32]; 3],
    columns: &[f32],
    [row, strength, exponent]: [f32; 3],
    [out_r, out_g, out_b]: [&mut [f32]; 3],
) {
    let out = out_r.iter_mut().zip(out_g).zip(out_b);
    let pixels = r.iter().zip(g).zip(b).zip(columns);
    for (((out_r, out_g), out_b), (((r, g), b), column)) in out.zip(pixels) {
        let distance = column + row;
        let gain = power(1.0 - strength * distance * distance, exponent);
        *out_r = r * gain;
        *out_g = g * gain;
        *out_b = b * gain;
    }
}
