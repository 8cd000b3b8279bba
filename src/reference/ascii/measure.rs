use std::ops::Range;

use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The part of a picture of `extent` pixels that piece `at` of `size` pixels covers, at least one pixel.
fn piece(at: usize, size: usize, extent: usize) -> Range<usize> {
    let first = at * size;
    let end = (first + size).min(extent).max((first + 1).min(extent));
    first.min(extent - 1)..end
}

/// The mean colour of each ninth of a cell, and in place of alpha how much of it lines cover.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, lines) = (io.image("image"), io.image("lines"));
    let [width, height] = ["columns", "rows"].map(|name| io.param(name) as usize);
    let rows = piece(io.y, height, image.height);
    let mut sums = vec![0.0; image.width];
    for channel in 0..4 {
        sums.fill(0.0);
        for y in rows.clone() {
            add(
                match channel {
                    3 => lines.clamped_row(y as i64).r(),
                    _ => image.row(y).channel(channel),
                },
                &mut sums,
            );
        }
        for (x, value) in out.channel(channel).iter_mut().enumerate() {
            let columns = piece(x, width, image.width);
            let pixels = (columns.len() * rows.len()) as f32;
            *value = sums[columns].iter().sum::<f32>() / pixels;
        }
    }
}

#[multiversion(targets = "simd")]
fn add(row: &[f32], sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value;
    }
}
