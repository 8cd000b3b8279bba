use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The mean of a stretch of the row.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let reach = io.param("reach") as usize;
    for channel in 0..4 {
        mean(image.channel(channel), reach, out.channel(channel));
    }
}

#[multiversion(targets = "simd")]
fn mean(row: &[f32], reach: usize, out: &mut [f32]) {
    let (first, last) = (row[0], row[row.len() - 1]);
    let beyond = std::iter::repeat_n(first, reach).chain(row.iter().copied());
    let wide: Vec<f32> = beyond.chain(std::iter::repeat_n(last, reach)).collect();
    out.fill(0.0);
    for start in 0..=2 * reach {
        for (sum, value) in out.iter_mut().zip(&wide[start..]) {
            *sum += value;
        }
    }
    let share = 1.0 / (2 * reach + 1) as f32;
    out.iter_mut().for_each(|sum| *sum *= share);
}
