use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Tones that the curve is given at.
const TONES: [&str; 9] = [
    "tone_0", "tone_1", "tone_2", "tone_3", "tone_4", "tone_5", "tone_6", "tone_7", "tone_8",
];
const REGIONS: [&str; 8] = [
    "region_1", "region_2", "region_3", "region_4", "region_5", "region_6", "region_7", "region_8",
];

/// Takes a slow pattern over the picture back, then moves each tone by a curve that is given at nine of them.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let tones = TONES.map(|name| io.param(name));
    let regions = REGIONS.map(|name| io.param(name));
    let down = cosine((io.y as f32 + 0.5) / io.height as f32);
    let twice = 2.0 * down * down - 1.0;
    // The pattern along the row: even, by one wave and by two halves.
    let [r1, r2, r3, r4, r5, r6, r7, r8] = regions;
    let pattern = [
        1.0 + r3 * down + r6 * twice,
        r1 + r4 * down + r7 * twice,
        r2 + r5 * down + r8 * twice,
    ];
    let curved = tones != [0.0; 9];
    let [r, g, b, a] = out.rgba();
    even(image.rgb(), &tones, curved, pattern, [r, g, b]);
    match image.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

#[multiversion(targets = "simd")]
fn even(rgb: [&[f32]; 3], tones: &[f32; 9], curved: bool, pattern: [f32; 3], out: [&mut [f32]; 3]) {
    let [r, g, b] = out;
    let width = r.len();
    let (g, b) = (&mut g[..width], &mut b[..width]);
    let rgb = rgb.map(|channel| &channel[..width]);
    let regions = pattern != [1.0, 0.0, 0.0];
    for x in 0..width {
        let mut v = [rgb[0][x], rgb[1][x], rgb[2][x]];
        if regions {
            let one = cosine((x as f32 + 0.5) / width as f32);
            let two = 2.0 * one * one - 1.0;
            let factor = pattern[0] + pattern[1] * one + pattern[2] * two;
            v = v.map(|v| v * factor);
        }
        if curved {
            v = v.map(|v| v + added(v, tones));
        }
        [r[x], g[x], b[x]] = v;
    }
}

/// What is added at a tone.
#[inline(always)]
fn added(v: f32, tones: &[f32; 9]) -> f32 {
    let at = smaller(greater(v, 0.0), 1.0) * 8.0;
    let mut sum = 0.0;
    for (place, tone) in tones.iter().enumerate() {
        sum += tone * greater(1.0 - (at - place as f32).abs(), 0.0);
    }
    sum
}

/// The cosine of half a turn's share `x`, 0 to 1, by the first terms of a series: within a ten-millionth.
#[inline(always)]
fn cosine(x: f32) -> f32 {
    let z = std::f32::consts::PI * (0.5 - x);
    let square = z * z;
    let terms = [
        -1.0 / 6.0,
        1.0 / 120.0,
        -1.0 / 5040.0,
        1.0 / 362_880.0,
        -1.0 / 39_916_800.0,
    ];
    let inner = terms[3] + square * terms[4];
    let inner = terms[1] + square * (terms[2] + square * inner);
    z + z * square * (terms[0] + square * inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_the_cosine() {
        for step in 0..=1000 {
            let x = step as f32 / 1000.0;
            let right = (std::f64::consts::PI * f64::from(x)).cos();
            assert!((f64::from(cosine(x)) - right).abs() < 5e-7, "{x}");
        }
    }

    #[test]
    fn nothing_to_even_leaves_every_bit() {
        let values = [-0.1, 0.0, 0.3, 1.0, 2.5];
        let (mut r, mut g, mut b) = ([0.0; 5], [0.0; 5], [0.0; 5]);
        even(
            [&values; 3],
            &[0.0; 9],
            false,
            [1.0, 0.0, 0.0],
            [&mut r, &mut g, &mut b],
        );
        assert_eq!([r, g, b], [values; 3]);
    }
}
