use multiversion::multiversion;
use rayon::prelude::*;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, row::Image};

const SIDE: usize = 32;
/// Where the words lie, as shaders/grain/count.wgsl says.
const BANDS: usize = 16;
const SIZES: usize = 48;
const LIMITS: usize = 432;
const SQUARES: usize = 440;
/// Luma of a square that counts deviates from its mean by 80 steps at most.
const SPREAD: u32 = 1024 * 6400;
const LAGS: usize = 5;

/// Distances of a square of the picture: row after row.
type Square = [[i32; SIDE]; SIDE];

/// The profile of grain, from how far frames are from those around them.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let image = io.image("apart");
    let columns = io.param("columns") as usize;
    words.fill(0);
    (words[0], words[1]) = (image.width as u32, image.height as u32);
    let (head, squares) = words.split_at_mut(SQUARES);
    squares
        .par_chunks_exact_mut(3)
        .enumerate()
        .for_each(|(index, words)| {
            let power = square(image, index, columns, 0)
                .iter()
                .flatten()
                .map(|d| (d * d) as u32)
                .sum();
            let luma = square(image, index, columns, 3);
            let luma = luma.iter().flatten().map(|luma| *luma as u32);
            let (sum, spread) = luma.fold((0, 0), |(sum, spread), luma| {
                (sum + luma, spread + luma * luma)
            });
            let flat = spread.saturating_sub((sum / 32) * (sum / 32)) <= SPREAD;
            words.copy_from_slice(&[if flat { power } else { 0 }, sum, spread]);
        });
    for square in squares.chunks_exact(3).filter(|square| square[0] > 0) {
        let octave = square[0].ilog2();
        let half = if octave > 0 {
            square[0] >> (octave - 1) & 1
        } else {
            0
        };
        head[SIZES + 48 * band(square[1]) + (2 * octave + half).min(47) as usize] += 1;
    }
    for at in 0..8 {
        let sizes = &head[SIZES + 48 * at..][..48];
        let all: u32 = sizes.iter().sum();
        let below = sizes.iter().scan(0, |sum, size| {
            *sum += size;
            Some(*sum)
        });
        let mut found = below
            .enumerate()
            .filter(|(_, below)| 4 * below >= all && *below > 0);
        let limit = found
            .next()
            .map(|(i, _)| 3 * ((3 + (i as u32 & 1)) << (i / 2)) / 4);
        head[LIMITS + at] = limit.unwrap_or(0);
    }
    let limits: [u32; 8] = std::array::from_fn(|at| head[LIMITS + at]);
    let taken = squares
        .par_chunks_exact(3)
        .enumerate()
        .filter(|(_, words)| words[0] > 0 && words[0] <= limits[band(words[1])]);
    let nothing = || [0u32; SIZES];
    let sums = taken.fold(nothing, |mut sums, (index, words)| {
        let [luma, red, blue] = [0, 1, 2].map(|channel| square(image, index, columns, channel));
        let first = BANDS + 4 * band(words[1]);
        let mut add = |to: usize, more: u32| sums[to] = sums[to].wrapping_add(more);
        add(2, 1);
        add(4, columns_of(&red, &red));
        add(5, columns_of(&blue, &blue));
        for lag in 1..=LAGS {
            let mut right = [[0; SIDE]; SIDE];
            for (to, from) in right.iter_mut().zip(&luma) {
                to[..SIDE - lag].copy_from_slice(&from[lag..]);
            }
            add(5 + lag, columns_of(&luma, &right));
            add(10 + lag, columns_of(&luma[lag..], &luma[..SIDE - lag]));
        }
        add(first, 1);
        add(first + 1, words[1] / 1024);
        add(first + 2, luma.iter().flatten().sum::<i32>() as u32);
        add(first + 3, columns_of(&luma, &luma));
        sums
    });
    let sums = sums.reduce(nothing, |mut all, more| {
        all.iter_mut()
            .zip(more)
            .for_each(|(sum, more)| *sum = sum.wrapping_add(more));
        all
    });
    for (word, sum) in head.iter_mut().zip(sums).skip(2) {
        *word = sum;
    }
}

/// The band of a square whose luma has this sum.
fn band(luma: u32) -> usize {
    (luma / 1024 / 128).min(7) as usize
}

/// A channel of a square, in whole steps.
fn square(image: &Image, index: usize, columns: usize, channel: usize) -> Square {
    let (x, y) = (SIDE * (index % columns), SIDE * (index / columns));
    let mut square = [[0; SIDE]; SIDE];
    let (least, most) = if channel == 3 {
        (0.0, 1023.0)
    } else {
        (-511.0, 511.0)
    };
    for (line, y) in square.iter_mut().zip(y..) {
        steps(
            &image.row(y).channel(channel)[x..x + SIDE],
            least,
            most,
            line,
        );
    }
    square
}

#[multiversion(targets = "simd")]
fn steps(values: &[f32], least: f32, most: f32, out: &mut [i32; SIDE]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = smaller(greater((value * 1024.0).round_ties_even(), least), most) as i32;
    }
}

/// The sum of products, each column in 128ths.
#[multiversion(targets = "simd")]
fn columns_of(a: &[[i32; SIDE]], b: &[[i32; SIDE]]) -> u32 {
    let mut sums = [0i32; SIDE];
    for (a, b) in a.iter().zip(b) {
        for x in 0..SIDE {
            sums[x] += a[x] * b[x];
        }
    }
    sums.iter().map(|sum| (sum + 64) >> 7).sum::<i32>() as u32
}
