use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The mean of `by` by `by` pixels.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let by = io.param("by") as usize;
    let mut sums = vec![0.0; (io.width * by).max(image.width)];
    for y in io.y * by..(io.y + 1) * by {
        add(image.clamped_row(y as i64).r(), &mut sums);
    }
    let (within, beyond) = sums.split_at_mut(image.width);
    beyond.fill(within[image.width - 1]);
    for (value, sums) in out.gray().iter_mut().zip(sums.chunks(by)) {
        *value = sums.iter().sum::<f32>() / (by * by) as f32;
    }
}

#[multiversion(targets = "simd")]
fn add(row: &[f32], sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value;
    }
}
