use multiversion::multiversion;

use super::{LEAST, WEIGHTS};
use crate::color::bounds::{greater, smaller};
use crate::reference::common::nine::{rows_of, shifted};
use crate::reference::{Io, Out};

/// Added to variances: a quarter of a code of 8 bits, squared. Where both are less, nothing changes.
const FLOOR: f32 = 1e-6;

/// Of the window of 3 by 3 about each pixel, by binomial weights: the mean colour, and in alpha how much is left of the
/// deviation that luma had before the picture shrank, 0.25 to 1.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let amount = io.param("amount");
    let [r, g, b, a] = out.rgba();
    for (channel, out) in [r, g, b].into_iter().enumerate() {
        let rows = rows_of(image, io.y, channel);
        means(rows.each_ref().map(Vec::as_slice), out);
    }
    let [level, squares] = ["level", "squares"].map(|name| rows_of(io.image(name), io.y, 0));
    contrast(
        level.each_ref().map(Vec::as_slice),
        squares.each_ref().map(Vec::as_slice),
        amount,
        a,
    );
}

#[multiversion(targets = "simd")]
fn means(rows: [&[f32]; 3], out: &mut [f32]) {
    let nine = shifted(rows, out.len());
    for (x, out) in out.iter_mut().enumerate() {
        let mut mean = 0.0;
        for (row, weight) in nine.iter().zip(WEIGHTS) {
            mean += weight * row[x];
        }
        *out = mean;
    }
}

#[multiversion(targets = "simd")]
fn contrast(level: [&[f32]; 3], squares: [&[f32]; 3], amount: f32, out: &mut [f32]) {
    let count = out.len();
    let (levels, befores) = (shifted(level, count), shifted(squares, count));
    for (x, out) in out.iter_mut().enumerate() {
        let mut sums = [0.0; 3];
        for ((level, before), weight) in levels.iter().zip(&befores).zip(WEIGHTS) {
            let level = level[x] - 0.5;
            sums[0] += weight * level;
            sums[1] += weight * (level * level);
            sums[2] += weight * before[x];
        }
        let square = sums[0] * sums[0];
        let now = greater(sums[1] - square, 0.0) + FLOOR;
        let before = greater(sums[2] - square, 0.0) + FLOOR;
        let left = smaller(greater((now / before).sqrt(), LEAST), 1.0);
        *out = left / (left + amount * (1.0 - left));
    }
}
