use multiversion::multiversion;

use super::excess::excess;
use super::rows::{BINOMIAL, halve};
use crate::reference::common::transfer::{HLG, POWER, PQ, light};
use crate::reference::{Io, Out};

/// The light that glows, at half size.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let settings = [
        io.param("transfer"),
        io.param("gamma"),
        io.param("threshold"),
    ];
    let mut sums = [0, 1, 2].map(|_| vec![0.0; image.width]);
    for (j, weight) in BINOMIAL.into_iter().enumerate() {
        let row = image.clamped_row(2 * io.y as i64 + j as i64 - 1);
        let [r, g, b] = &mut sums;
        add(row.rgb(), weight, settings, [r, g, b]);
    }
    let [r, g, b, a] = out.rgba();
    for (line, sum) in [r, g, b].into_iter().zip(&sums) {
        halve(sum, line);
    }
    a.fill(1.0);
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn add(rgb: [&[f32]; 3], weight: f32, settings: [f32; 3], sums: [&mut [f32]; 3]) {
    let [transfer, gamma, threshold] = settings;
    match transfer as u8 {
        PQ => add_with::<PQ>(rgb, weight, gamma, threshold, sums),
        HLG => add_with::<HLG>(rgb, weight, gamma, threshold, sums),
        _ => add_with::<POWER>(rgb, weight, gamma, threshold, sums),
    }
}

#[inline(always)]
fn add_with<const TRANSFER: u8>(
    [r, g, b]: [&[f32]; 3],
    weight: f32,
    gamma: f32,
    threshold: f32,
    [sr, sg, sb]: [&mut [f32]; 3],
) {
    let pixels = r.iter().zip(g).zip(b);
    for ((((sr, sg), sb), r), g, b) in sr
        .iter_mut()
        .zip(sg)
        .zip(sb)
        .zip(pixels)
        .map(|(sums, ((r, g), b))| ((sums, r), g, b))
    {
        let lit = [*r, *g, *b].map(|value| light::<TRANSFER>(value, gamma));
        let [r, g, b] = excess(lit, threshold);
        *sr += weight * r;
        *sg += weight * g;
        *sb += weight * b;
    }
}
