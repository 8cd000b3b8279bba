use multiversion::multiversion;

use super::padded::pad;
use crate::reference::{Io, Out};

/// Moves each line back by what was measured, by Catmull and Rom's cubic.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let row = io.image("image").clamped_row(io.y as i64);
    let by = i64::from(io.words("lines")[io.y]) - 32768;
    let whole = (by + 32768) / 64 - 512;
    let t = (by - 64 * whole) as f32 / 64.0;
    io.with_kept(|line: &mut Vec<f32>| {
        for channel in 0..out.channels() {
            let (from, to) = (row.channel(channel), out.channel(channel));
            if by == 0 {
                to.copy_from_slice(from);
            } else {
                pad(from, whole - 1, to.len() + 3, line);
                between(line, t, to);
            }
        }
    });
}

#[multiversion(targets = "simd")]
fn between(line: &[f32], t: f32, out: &mut [f32]) {
    let width = out.len();
    let [a, b, c, d] = [0, 1, 2, 3].map(|k| &line[k..k + width]);
    for x in 0..width {
        let (a, b, c, d) = (a[x], b[x], c[x], d[x]);
        let square = 2.0 * a - 5.0 * b + 4.0 * c - d;
        out[x] = b + 0.5 * t * (c - a + t * (square + t * (3.0 * (b - c) + d - a)));
    }
}
