use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// How certain it is that a block of 4 by 4 pixels moved, from 0 to 1. If noise has deviation s, differences have
/// deviation 1.414 s; the mean of their absolute values is 1.128 s; over 16 pixels this mean deviates by 0.213 s, and
/// the mean of the differences by 0.354 s.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    if !io.facts.history_valid {
        return out.gray().fill(1.0);
    }
    let (luma, before) = (io.image("luma"), io.image("before"));
    let (count, width) = (io.width, luma.width);
    let mut sums = vec![0.0; width.max(4 * count)];
    let mut absolutes = sums.clone();
    for y in 4 * io.y as i64..4 * io.y as i64 + 4 {
        add(
            luma.clamped_row(y).r(),
            before.clamped_row(y).r(),
            &mut sums[..width],
            &mut absolutes[..width],
        );
    }
    // Coding adds some noise even where the picture has none: half a code value of 8 bits.
    let noise = io.facts.noise_level.max(0.5 / 255.0);
    // The last block may reach beyond the picture: its last column is repeated.
    for line in [&mut sums, &mut absolutes] {
        let last = line[width - 1];
        line[width..].fill(last);
    }
    rate(&sums, &absolutes, noise, out.gray());
}

/// From sums over the four rows of blocks.
#[multiversion(targets = "simd")]
fn rate(sums: &[f32], absolutes: &[f32], noise: f32, out: &mut [f32]) {
    let blocks = sums
        .as_chunks::<4>()
        .0
        .iter()
        .zip(absolutes.as_chunks::<4>().0);
    for (out, (sums, absolutes)) in out.iter_mut().zip(blocks) {
        let total = |of: &[f32; 4]| of[0] + of[1] + of[2] + of[3];
        let texture = (total(absolutes) / 16.0 - 1.128 * noise) / (0.213 * noise);
        let shade = (total(sums) / 16.0).abs() / (0.354 * noise);
        *out = smaller(greater((greater(texture, shade) - 3.0) / 3.0, 0.0), 1.0);
    }
}

#[multiversion(targets = "simd")]
fn add(now: &[f32], before: &[f32], sums: &mut [f32], absolutes: &mut [f32]) {
    for (((sum, absolute), now), before) in sums.iter_mut().zip(absolutes).zip(now).zip(before) {
        let difference = now - before;
        *sum += difference;
        *absolute += difference.abs();
    }
}
