use multiversion::multiversion;

use super::taps::{Filter, REACH, add};
use super::tones::{deviation, levels};
use crate::reference::{Io, Out};

const NAMES: [&str; 5] = ["down_1", "down_2", "down_3", "down_4", "down_5"];

/// Filters the noise down, and lays it over the picture, by tone.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, field) = (io.here("image"), io.image("field"));
    let [red, blue] = ["red", "blue"].map(|name| io.param(name));
    let filter = Filter::new(io, NAMES, if red.max(blue) > 0.0 { 1.0 } else { 0.0 });
    let [r, g, b, a] = out.rgba();
    match image.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
    let first = io.y as i64 + i64::from(REACH) - filter.far() as i64;
    for (channel, sum) in [&mut *r, &mut *g, &mut *b].into_iter().enumerate() {
        sum.fill(0.0);
        let weights = if channel == 0 {
            &filter.luma
        } else {
            &filter.colours
        };
        for (y, weight) in (first..).zip(weights).filter(|(_, weight)| **weight != 0.0) {
            weighted(field.clamped_row(y).channel(channel), *weight, sum);
        }
    }
    lay(
        image.rgb(),
        &levels(io),
        [io.param("kr"), io.param("kb"), red, blue],
        [r, g, b],
    );
}

#[multiversion(targets = "simd")]
fn weighted(row: &[f32], weight: f32, sum: &mut [f32]) {
    add(row, weight, sum);
}

/// `out` holds the grain, of deviation 1.
#[multiversion(targets = "simd")]
fn lay(
    image: [&[f32]; 3],
    levels: &[f32; 8],
    [kr, kb, red, blue]: [f32; 4],
    [r, g, b]: [&mut [f32]; 3],
) {
    let width = r.len();
    let image = image.map(|channel| &channel[..width]);
    let (g, b) = (&mut g[..width], &mut b[..width]);
    let kg = 1.0 - kr - kb;
    for x in 0..width {
        let [ir, ig, ib] = image.map(|channel| channel[x]);
        let level = deviation(levels, kr * ir + kg * ig + kb * ib);
        let (luma, red, blue) = (level * r[x], red * level * g[x], blue * level * b[x]);
        let green = -(kr * red + kb * blue) / kg.max(0.01);
        r[x] = ir + luma + red;
        g[x] = ig + luma + green;
        b[x] = ib + luma + blue;
    }
}
