use multiversion::multiversion;

use super::coding::{difference, luma};
use super::taps::taps;
use crate::reference::Io;

/// Coded samples of a YUV picture with subsampled chroma.
pub fn row(io: &Io<'_>, component: usize, out: &mut [f32]) {
    let image = io.image("image");
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    if component == 0 {
        luma_codes(
            image.row(io.y).rgb(),
            [kr, kb, io.param("luma_gain"), io.param("luma_offset")],
            out,
        );
        return;
    }
    let down = taps(io.y, image.height, io.param("siting_y"));
    let parts = difference(component, kr, kb);
    let mut sum = vec![0.0; image.width];
    for (j, weight) in down
        .weights
        .into_iter()
        .enumerate()
        .filter(|(_, weight)| *weight != 0.0)
    {
        add_differences(
            image.clamped_row(down.first + j as i64).rgb(),
            parts.map(|part| weight * part),
            &mut sum,
        );
    }
    let (siting, n) = (io.param("siting_x"), image.width);
    let (gain, offset) = (io.param("chroma_gain"), io.param("chroma_offset"));
    // Most samples have the same taps, shifted; the last two may have their own.
    let regular = taps(0, usize::MAX >> 2, siting);
    let mut padded = vec![sum[0]; 2];
    padded.extend_from_slice(&sum);
    padded.extend([sum[n - 1]; 4]);
    let start = (2 + regular.first) as usize;
    let step = if siting == 0.0 { 1 } else { 2 };
    filter(&padded[start..], step, regular.weights, [gain, offset], out);
    let last = n as i64 - 1;
    for i in out.len().saturating_sub(2)..out.len() {
        let across = taps(i, n, siting);
        let tap = |j: usize| sum[(across.first + j as i64).clamp(0, last) as usize];
        let value: f32 = across
            .weights
            .iter()
            .enumerate()
            .map(|(j, weight)| weight * tap(j))
            .sum();
        out[i] = value * gain + offset;
    }
}

#[multiversion(targets = "simd")]
fn luma_codes([r, g, b]: [&[f32]; 3], [kr, kb, gain, offset]: [f32; 4], out: &mut [f32]) {
    for (((code, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *code = luma([*r, *g, *b], kr, kb) * gain + offset;
    }
}

#[multiversion(targets = "simd")]
fn add_differences([r, g, b]: [&[f32]; 3], [of_r, of_g, of_b]: [f32; 3], sum: &mut [f32]) {
    for (((sum, r), g), b) in sum.iter_mut().zip(r).zip(g).zip(b) {
        *sum += of_r * r + of_g * g + of_b * b;
    }
}

#[multiversion(targets = "simd")]
fn filter(row: &[f32], step: usize, weights: [f32; 5], gain: [f32; 2], out: &mut [f32]) {
    // A constant step lets the compiler vectorise.
    if step == 2 {
        filter_by::<2>(row, weights, gain, out);
    } else {
        filter_by::<1>(row, weights, gain, out);
    }
}

#[inline(always)]
fn filter_by<const STEP: usize>(
    row: &[f32],
    [a, b, c, d, e]: [f32; 5],
    [gain, offset]: [f32; 2],
    out: &mut [f32],
) {
    for (code, taps) in out.iter_mut().zip(row.windows(5).step_by(STEP)) {
        let sum = taps[0] * a + taps[1] * b + taps[2] * c + taps[3] * d + taps[4] * e;
        *code = sum * gain + offset;
    }
}
