use multiversion::multiversion;

use super::excess::excess;
use super::rows::{BINOMIAL, halve};
use crate::reference::{Io, Out};

/// Pixels processed together.
const BLOCK: usize = 64;

/// The light that glows, at half size.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, threshold) = (io.image("image"), io.param("threshold"));
    let mut sums = [0, 1, 2].map(|_| vec![0.0; image.width]);
    for (j, weight) in BINOMIAL.into_iter().enumerate() {
        let [r, g, b] = image.clamped_row(2 * io.y as i64 + j as i64 - 1).rgb();
        let [sum_r, sum_g, sum_b] = &mut sums;
        add(r, g, b, sum_r, sum_g, sum_b, [threshold, weight]);
    }
    let [r, g, b, a] = out.rgba();
    for (line, sum) in [r, g, b].into_iter().zip(&sums) {
        halve(sum, line);
    }
    a.fill(1.0);
}

// One row at a time: slices that are known not to overlap are vectorised.
#[multiversion(targets = "simd")]
fn add(
    r: &[f32],
    g: &[f32],
    b: &[f32],
    sum_r: &mut [f32],
    sum_g: &mut [f32],
    sum_b: &mut [f32],
    [threshold, weight]: [f32; 2],
) {
    // Most of a picture is not bright: blocks below the knee are skipped.
    let dark = 0.499 * threshold;
    for start in (0..r.len()).step_by(BLOCK) {
        let block = start..(start + BLOCK).min(r.len());
        let (r, g, b) = (&r[block.clone()], &g[block.clone()], &b[block.clone()]);
        let glows = |row: &[f32]| row.iter().fold(false, |any, value| any | (*value > dark));
        if !(glows(r) || glows(g) || glows(b)) {
            continue;
        }
        let sums = sum_r[block.clone()].iter_mut();
        let sums = sums.zip(&mut sum_g[block.clone()]).zip(&mut sum_b[block]);
        for (((sum_r, sum_g), sum_b), ((r, g), b)) in sums.zip(r.iter().zip(g).zip(b)) {
            let [r, g, b] = excess([*r, *g, *b], threshold);
            *sum_r += weight * r;
            *sum_g += weight * g;
            *sum_b += weight * b;
        }
    }
}
