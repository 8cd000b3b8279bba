use multiversion::multiversion;

use crate::reference::io::samples::read_row;
use crate::reference::{Io, Out};

/// Samples of luma along each axis that count for one of chroma.
const TAPS: usize = 4;

/// The first sample of luma for sample `at` of chroma, and the weight of each, by a triangle as wide as the samples are apart.
fn window(at: usize, step: f32, siting: f32) -> (i64, [f32; TAPS]) {
    let apart = 1.0 / step;
    let place = at as f32 * apart + siting;
    let first = place.floor() as i64 - 1;
    let weight = |i: usize| (1.0 - ((first + i as i64) as f32 - place).abs() / apart).max(0.0);
    let weights: [f32; TAPS] = std::array::from_fn(weight);
    let total: f32 = weights.iter().sum();
    (first, weights.map(|weight| weight / total))
}

/// Luma where a sample of chroma is sited, and the two colour differences.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let picture = io.planes();
    let (step_x, siting_x) = (io.param("step_x"), io.param("siting_x"));
    let (first, weights) = window(io.y, io.param("step_y"), io.param("siting_y"));
    let (width, height) = (picture.width as usize, picture.height as usize);
    // The rows of luma, weighted; continued on both sides.
    let more = TAPS;
    let mut line = vec![0.0; width];
    let mut wide = vec![0.0; width + 2 * more];
    for (row, weight) in weights.into_iter().enumerate() {
        let y = (first + row as i64).clamp(0, height as i64 - 1) as usize;
        read_row(picture, 0, y, &mut line);
        add(&line, weight, &mut wide[more..more + width]);
    }
    let (start, end) = (wide[more], wide[more + width - 1]);
    wide[..more].fill(start);
    wide[more + width..].fill(end);
    let (offset, scale) = (io.param("luma_offset"), io.param("luma_scale"));
    let apart = (1.0 / step_x) as usize;
    let (first, weights) = window(0, step_x, siting_x);
    let from = (more as i64 + first) as usize;
    for (x, out) in out.channel(0).iter_mut().enumerate() {
        let taps = wide[from + x * apart..].iter().zip(weights);
        let sum: f32 = taps.map(|(value, weight)| value * weight).sum();
        *out = (sum - offset) * scale;
    }
    let (offset, scale) = (io.param("chroma_offset"), io.param("chroma_scale"));
    for component in 1..3 {
        let out = out.channel(component);
        read_row(picture, component, io.y, out);
        out.iter_mut()
            .for_each(|value| *value = (*value - offset) * scale);
    }
    out.channel(3).fill(1.0);
}

#[multiversion(targets = "simd")]
fn add(row: &[f32], weight: f32, sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += weight * value;
    }
}
