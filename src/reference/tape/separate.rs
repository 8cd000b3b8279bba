use multiversion::multiversion;

use super::padded::pad;
use crate::reference::{Io, Out};

/// Lines that are kept from row to row.
#[derive(Default)]
struct Lines {
    /// A channel of four rows together.
    sum: Vec<f32>,
    padded: Vec<f32>,
    /// Red, green and blue at the displaced places.
    there: [Vec<f32>; 3],
}

/// Luma, and the colour differences that lie so many pixels to the right and so many lines below, by Catmull and Rom's cubic.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let own = image.clamped_row(io.y as i64);
    let [kr, kb] = ["kr", "kb"].map(|name| io.param(name));
    let by = ["right", "down"].map(|name| io.param(name));
    let [right, down] = by.map(|by| by.floor() as i64);
    let [across, along] = by.map(|by| weights(by - by.floor()));
    let rows = [-1, 0, 1, 2].map(|j| image.clamped_row(io.y as i64 + down + j));
    let [y, cb, cr, a] = out.rgba();
    io.with_kept(|lines: &mut Lines| {
        let Lines { sum, padded, there } = lines;
        for (channel, there) in there.iter_mut().enumerate() {
            sum.resize(y.len(), 0.0);
            there.resize(y.len(), 0.0);
            add([0, 1, 2, 3].map(|j| rows[j].channel(channel)), along, sum);
            pad(sum, right - 1, y.len() + 3, padded);
            let width = y.len();
            add([0, 1, 2, 3].map(|i| &padded[i..i + width]), across, there);
        }
        let [r, g, b] = &*there;
        differences([r, g, b], [kr, kb], [cb, cr]);
    });
    luma(own.rgb(), [kr, kb], y);
    a.copy_from_slice(own.channel(3));
}

fn weights(t: f32) -> [f32; 4] {
    [
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    ]
}

#[multiversion(targets = "simd")]
fn add(rows: [&[f32]; 4], weights: [f32; 4], out: &mut [f32]) {
    let rows = rows.map(|row| &row[..out.len()]);
    for (x, out) in out.iter_mut().enumerate() {
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| weights[k] * rows[k][x]);
        *out = a + b + c + d;
    }
}

#[multiversion(targets = "simd")]
fn luma([r, g, b]: [&[f32]; 3], [kr, kb]: [f32; 2], out: &mut [f32]) {
    for (((out, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *out = kr * r + (1.0 - kr - kb) * g + kb * b;
    }
}

#[multiversion(targets = "simd")]
fn differences([r, g, b]: [&[f32]; 3], [kr, kb]: [f32; 2], [cb, cr]: [&mut [f32]; 2]) {
    let [to_b, to_r] = [0.5 / (1.0 - kb), 0.5 / (1.0 - kr)];
    let values = r.iter().zip(g).zip(b);
    for ((cb, cr), ((r, g), b)) in cb.iter_mut().zip(cr).zip(values) {
        let luma = kr * r + (1.0 - kr - kb) * g + kb * b;
        *cb = to_b * (b - luma);
        *cr = to_r * (r - luma);
    }
}
