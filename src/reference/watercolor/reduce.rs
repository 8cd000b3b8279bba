use multiversion::multiversion;

use super::luma;
use crate::reference::{Io, Out};

/// The mean of `by` by `by` pixels, and in place of alpha the square of its luma.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let by = io.param("by") as usize;
    let mut sums = vec![0.0; (io.width * by).max(image.width)];
    for channel in 0..3 {
        sums.fill(0.0);
        for y in io.y * by..(io.y + 1) * by {
            add(image.clamped_row(y as i64).channel(channel), &mut sums);
        }
        let (within, beyond) = sums.split_at_mut(image.width);
        beyond.fill(within[image.width - 1]);
        gather(&sums, by, out.channel(channel));
    }
    let [r, g, b, square] = out.rgba();
    for (((square, r), g), b) in square.iter_mut().zip(r).zip(g).zip(b) {
        let luma = luma(*r, *g, *b);
        *square = luma * luma;
    }
}

#[multiversion(targets = "simd")]
fn add(row: &[f32], sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value;
    }
}

#[multiversion(targets = "simd")]
fn gather(sums: &[f32], by: usize, out: &mut [f32]) {
    let share = 1.0 / (by * by) as f32;
    for (value, sums) in out.iter_mut().zip(sums.chunks_exact(by)) {
        *value = sums.iter().sum::<f32>() * share;
    }
}
