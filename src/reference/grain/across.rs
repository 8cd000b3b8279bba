use multiversion::multiversion;

use super::taps::{Filter, add};
use crate::reference::common::hash::pcg3d;
use crate::reference::{Io, Out};

const NAMES: [&str; 5] = ["across_1", "across_2", "across_3", "across_4", "across_5"];

/// White noise through a filter with the square root of the grain's spectrum, first across.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let filter = Filter::new(io, NAMES, io.param("colours"));
    let [r, g, b, a] = out.rgba();
    a.fill(1.0);
    let length = r.len() + 2 * filter.far();
    io.with_kept(|noise: &mut [Vec<f32>; 3]| {
        noise.iter_mut().for_each(|noise| noise.resize(length, 0.0));
        let [red, green, blue] = &mut *noise;
        white(
            filter.far() as u32,
            io.y as u32,
            io.facts.noise,
            red,
            green,
            blue,
        );
        filtered(&noise[0], &filter.luma, r);
        filtered(&noise[1], &filter.colours, g);
        filtered(&noise[2], &filter.colours, b);
    });
}

/// White noise of mean 0 and deviation 1 from `far` pixels before the row on: the sum of four bytes, nearly normal.
#[multiversion(targets = "simd")]
fn white(far: u32, y: u32, key: u32, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
    let normal = |h: u32| {
        let sum = (h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24);
        (sum as i32 as f32 - 510.0) / 147.800_54
    };
    for (i, ((r, g), b)) in r.iter_mut().zip(g).zip(b).enumerate() {
        [*r, *g, *b] = pcg3d([(i as u32).wrapping_sub(far), y, key]).map(normal);
    }
}

#[multiversion(targets = "simd")]
fn filtered(noise: &[f32], weights: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for (k, weight) in weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight != 0.0)
    {
        add(&noise[k..], *weight, out);
    }
}
