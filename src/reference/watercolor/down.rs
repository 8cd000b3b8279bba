use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The mean of a stretch of the column.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let (y, reach) = (io.y as i64, io.param("reach") as i64);
    let share = 1.0 / (2 * reach + 1) as f32;
    for channel in 0..4 {
        let out = out.channel(channel);
        out.fill(0.0);
        for y in y - reach..=y + reach {
            add(image.clamped_row(y).channel(channel), out);
        }
        out.iter_mut().for_each(|sum| *sum *= share);
    }
}

#[multiversion(targets = "simd")]
fn add(row: &[f32], sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value;
    }
}
