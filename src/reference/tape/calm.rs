use multiversion::multiversion;

use super::padded::pad;
use crate::reference::common::power::falloff;
use crate::reference::{Io, Out};

const PIXELS: usize = 8;
const LINES: i64 = 4;
const APART: usize = 2;
/// Deviation of luma that is alike.
const LUMA: f32 = 0.03;
/// Of colour, in deviations of the noise.
const COLOUR: f32 = 3.0;

/// Lines that are kept from row to row.
#[derive(Default)]
struct Lines {
    padded: [Vec<f32>; 3],
    /// Sums of both colour differences, and of the weights.
    sums: [Vec<f32>; 3],
}

/// Averages colour differences over places and frames around whose luma and colour are alike.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let own = io.here_of("colour", 0);
    let noise = io.param("noise");
    let steep = [
        0.5 / (LUMA * LUMA),
        0.5 / (COLOUR * COLOUR * noise * noise + 1e-8),
    ];
    let [y, cb, cr, a] = out.rgba();
    y.copy_from_slice(own.channel(0));
    a.copy_from_slice(own.channel(3));
    io.with_kept(|Lines { padded, sums }: &mut Lines| {
        let [one, other, weights] = &mut *sums;
        one.clear();
        one.extend_from_slice(own.channel(1));
        other.clear();
        other.extend_from_slice(own.channel(2));
        weights.clear();
        weights.resize(y.len(), 1.0);
        for k in -1..=1 {
            if !io.valid("colour", k) {
                continue;
            }
            let image = io.image_of("colour", k);
            for j in (-LINES..=LINES).step_by(APART) {
                let row = image.clamped_row(io.y as i64 + j);
                for (channel, padded) in padded.iter_mut().enumerate() {
                    let count = y.len() + 2 * PIXELS;
                    pad(row.channel(channel), -(PIXELS as i64), count, padded);
                }
                for i in (0..=2 * PIXELS).step_by(APART) {
                    let there = padded.each_ref().map(|line| &line[i..]);
                    let sums = [&mut one[..], &mut other[..], &mut weights[..]];
                    add(own.rgb(), there, steep, sums);
                }
            }
        }
        divide([one, other, weights], [cb, cr]);
    });
}

#[multiversion(targets = "simd")]
fn add(own: [&[f32]; 3], there: [&[f32]; 3], steep: [f32; 2], sums: [&mut [f32]; 3]) {
    let width = own[0].len();
    let (own, there) = (own.map(|row| &row[..width]), there.map(|row| &row[..width]));
    let [one, other, weights] = sums.map(|row| &mut row[..width]);
    for x in 0..width {
        let apart = [0, 1, 2].map(|c| there[c][x] - own[c][x]);
        let colours = apart[1] * apart[1] + apart[2] * apart[2];
        let weight = falloff(apart[0] * apart[0] * steep[0] + colours * steep[1]);
        one[x] += weight * there[1][x];
        other[x] += weight * there[2][x];
        weights[x] += weight;
    }
}

#[multiversion(targets = "simd")]
fn divide([one, other, weights]: [&[f32]; 3], [cb, cr]: [&mut [f32]; 2]) {
    let sums = one.iter().zip(other).zip(weights);
    for ((cb, cr), ((one, other), weight)) in cb.iter_mut().zip(cr).zip(sums) {
        *cb = one / weight;
        *cr = other / weight;
    }
}
