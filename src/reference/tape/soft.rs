use multiversion::multiversion;

use super::padded::pad;
use crate::reference::{Io, Out};

/// Luma and colour differences, smeared as chroma is: a Gaussian across.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let deviation = io.param("deviation");
    let reach = (3.0 * deviation).ceil() as i64;
    let weights = io.once(|| {
        let steep = 0.5 / (deviation * deviation).max(1e-4);
        let weights: Vec<f32> = (-reach..=reach)
            .map(|x| (-((x * x) as f32) * steep).exp())
            .collect();
        let sum: f32 = weights.iter().sum();
        (
            deviation,
            weights.iter().map(|w| w / sum).collect::<Vec<f32>>(),
        )
    });
    let colour = io.image("colour").clamped_row(io.y as i64);
    let [y, cb, cr, a] = out.rgba();
    io.with_kept(|padded: &mut Vec<f32>| {
        for (channel, out) in [y, cb, cr].into_iter().enumerate() {
            let count = out.len() + 2 * reach as usize;
            pad(colour.channel(channel), -reach, count, padded);
            blur(padded, &weights.1, out);
        }
    });
    a.fill(1.0);
}

#[multiversion(targets = "simd")]
fn blur(padded: &[f32], weights: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for (k, weight) in weights.iter().enumerate() {
        for (out, value) in out.iter_mut().zip(&padded[k..]) {
            *out += weight * value;
        }
    }
}
