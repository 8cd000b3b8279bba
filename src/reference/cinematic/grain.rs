use multiversion::multiversion;

use super::carry_alpha;
use crate::color::bounds::{greater, smaller};
use crate::reference::common::bspline::cubic;
use crate::reference::common::hash::pcg3d;
use crate::reference::{Io, Out};

/// Four neighbouring lattice points and their weights. The squares of the weights sum to 1.
#[derive(Clone, Copy)]
struct Taps {
    first: i32,
    weights: [f32; 4],
}

fn taps(pixel: usize, pitch: f32) -> Taps {
    let position = (pixel as f32 + 0.5) / pitch;
    let first = position.floor() as i32 - 1;
    let weights = [0, 1, 2, 3].map(|i| cubic((first + i) as f32 - position));
    let power: f32 = weights.iter().map(|weight| weight * weight).sum();
    Taps {
        first,
        weights: weights.map(|weight| weight / power.sqrt()),
    }
}

/// Film grain: a cubic B-spline through random points, scaled to the same deviation at every pixel. Mostly common to
/// the three colours; strongest in the lower midtones, zero in black and white.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let pitch = io.param("pitch");
    let columns = io.once(|| (0..io.width).map(|x| taps(x, pitch)).collect::<Vec<Taps>>());
    let down = taps(io.y, pitch);
    let count = (columns[io.width - 1].first - columns[0].first) as usize + 4;
    let mut points = [0, 1, 2].map(|_| vec![0.0; count]);
    for (j, weight) in down.weights.into_iter().enumerate() {
        let [r, g, b] = &mut points;
        let y = (down.first + j as i32) as u32;
        add_points(columns[0].first, y, io.facts.noise, weight, r, g, b);
    }
    let points = mixed(&points);
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let [r, g, b, a] = out.rgba();
    carry_alpha(image, a);
    spread(&points, &columns, [r, g, b]);
    let [red, green, blue] = image.rgb();
    expose(red, green, blue, r, g, b, [kr, kb, io.param("strength")]);
}

/// Adds one row of the lattice: uniform noise with mean 0 and deviation 1.
#[multiversion(targets = "simd")]
fn add_points(
    first: i32,
    y: u32,
    key: u32,
    weight: f32,
    r: &mut [f32],
    g: &mut [f32],
    b: &mut [f32],
) {
    let uniform = |h: u32| (((h >> 8) as i32 as f32 + 0.5) / 16_777_216.0 - 0.5) * 3.464_101_6;
    for (i, ((r, g), b)) in r.iter_mut().zip(g).zip(b).enumerate() {
        let [x, y, z] = pcg3d([(first as u32).wrapping_add(i as u32), y, key]);
        *r += weight * uniform(x);
        *g += weight * uniform(y);
        *b += weight * uniform(z);
    }
}

/// Mixes a part common to the three colours with a part of each; the deviation stays 1: 0.85² + 0.229² +
/// 2·0.85·0.229/√3 = 1.
fn mixed([r, g, b]: &[Vec<f32>; 3]) -> Vec<[f32; 4]> {
    let points = r.iter().zip(g).zip(b);
    points
        .map(|((r, g), b)| {
            let common = 0.85 * 0.577_350_26 * (r + g + b);
            [r, g, b, &0.0].map(|own| common + 0.229 * own)
        })
        .collect()
}

#[multiversion(targets = "simd")]
fn spread(points: &[[f32; 4]], columns: &[Taps], [r, g, b]: [&mut [f32]; 3]) {
    let start = columns[0].first;
    let out = r.iter_mut().zip(g).zip(b);
    for (((r, g), b), taps) in out.zip(columns) {
        let first = (taps.first - start) as usize;
        let points = &points[first..first + 4];
        let [wa, wb, wc, wd] = taps.weights;
        let mut sum = [0.0; 4];
        for (c, sum) in sum.iter_mut().enumerate() {
            *sum = points[0][c] * wa + points[1][c] * wb + points[2][c] * wc + points[3][c] * wd;
        }
        [*r, *g, *b, _] = sum;
    }
}

/// From grain with deviation 1, in place, to the picture.
#[multiversion(targets = "simd")]
fn expose(
    r: &[f32],
    g: &[f32],
    b: &[f32],
    grain_r: &mut [f32],
    grain_g: &mut [f32],
    grain_b: &mut [f32],
    [kr, kb, strength]: [f32; 3],
) {
    let kg = 1.0 - kr - kb;
    let grain = grain_r.iter_mut().zip(grain_g).zip(grain_b);
    for (((grain_r, grain_g), grain_b), ((r, g), b)) in grain.zip(r.iter().zip(g).zip(b)) {
        let luma = smaller(greater(kr * r + kg * g + kb * b, 0.0), 1.0);
        let amount = strength * 6.75 * luma * (1.0 - luma) * (1.0 - luma);
        *grain_r = r + amount * *grain_r;
        *grain_g = g + amount * *grain_g;
        *grain_b = b + amount * *grain_b;
    }
}
