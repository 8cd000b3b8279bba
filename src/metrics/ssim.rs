//! Structural similarity (Wang, Bovik, Sheikh, Simoncelli: "Image quality assessment: from error visibility to structural
//! similarity", 2004): Gaussian window of 11 × 11 with a deviation of 1.5, K 0.01 and 0.03, where the whole window lies in
//! the picture. The picture is not made smaller first, as the authors' later program does.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Plane;
use super::sum::sum;

/// Side of the window.
pub const WINDOW: usize = 11;
/// Weights of the window on one axis, from the middle outwards: a Gaussian of deviation 1.5, whose sum is 1.
const WEIGHTS: [f32; 6] = [
    0.266_011_72,
    0.213_005_53,
    0.109_360_7,
    0.036_000_77,
    0.007_598_758_6,
    0.001_028_380_1,
];
/// Constants of the index for samples of 0 to 1.
const C1: f32 = 0.01 * 0.01;
const C2: f32 = 0.03 * 0.03;
/// Columns and rows of windows that one piece of work has: its rows stay in the nearest cache of 32 KiB, and 12 pieces reach
/// across 1920 columns.
const COLUMNS: usize = 160;
const ROWS: usize = 64;
/// Samples are less this, so that squares are small where means are not: it changes no variance.
const MIDDLE: f32 = 0.5;

/// Mean over the windows: of the similarity, and of its factor for contrast and structure, without that for luminance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    pub all: f64,
    pub contrast: f64,
}

/// Mean similarity of two planes of one size and depth, at most 1; `None` for pictures with fewer than 11 columns or rows.
pub fn ssim(a: &Plane, b: &Plane) -> Option<f64> {
    let scale = (1.0 / a.peak()) as f32;
    let read = |plane: &Plane, at: usize, out: &mut [f32]| {
        let codes = &plane.codes[at..at + out.len()];
        centred(codes, scale, out);
    };
    let found = similarity((a.width, a.height), |at, one, other| {
        read(a, at, one);
        read(b, at, other);
    });
    found.map(|found| found.all)
}

/// Similarity of two pictures of `width` × `height`. `read` writes the samples of both from an index on, 0 to 1 less a half.
pub fn similarity(
    (width, height): (usize, usize),
    read: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
) -> Option<Similarity> {
    let across = (width + 1)
        .checked_sub(WINDOW)
        .filter(|across| *across > 0)?;
    let down = (height + 1).checked_sub(WINDOW).filter(|down| *down > 0)?;
    let (wide, high) = (across.div_ceil(COLUMNS), down.div_ceil(ROWS));
    let pieces = (0..wide * high).into_par_iter().map(|piece| {
        let (left, top) = (piece % wide * COLUMNS, piece / wide * ROWS);
        let columns = COLUMNS.min(across - left);
        let rows = ROWS.min(down - top);
        let mut work = Piece::new(columns);
        let mut sums = (0.0, 0.0);
        for y in 0..rows + WINDOW - 1 {
            let at = (top + y) * width + left;
            let count = columns + WINDOW - 1;
            read(at, &mut work.one[..count], &mut work.other[..count]);
            work.across(y % WINDOW);
            if y + 1 >= WINDOW {
                let found = work.down((y + 1) % WINDOW);
                sums = (sums.0 + found.0, sums.1 + found.1);
            }
        }
        sums
    });
    // In the order of the pieces, so that the sum is the same with any number of threads.
    let sums: Vec<(f64, f64)> = pieces.collect();
    let count = (across * down) as f64;
    Some(Similarity {
        all: sums.iter().map(|sum| sum.0).sum::<f64>() / count,
        contrast: sums.iter().map(|sum| sum.1).sum::<f64>() / count,
    })
}

/// A row of averages, aligned so that no load crosses two lines of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Row([f32; COLUMNS]);

/// Samples of a row, with those beyond its last window.
type Samples = [f32; COLUMNS + WINDOW - 1];

/// Rows of a piece. What lies beyond the columns of a narrow one is computed, too, and not counted.
struct Piece {
    columns: usize,
    /// A row of both pictures, of their squares together, and of their product.
    one: Samples,
    other: Samples,
    squares: Samples,
    product: Samples,
    /// These four, averaged across: [`WINDOW`] rows of each in turn.
    averaged: [[Row; WINDOW]; 4],
    all: Row,
    contrast: Row,
}

impl Piece {
    fn new(columns: usize) -> Self {
        let (samples, row) = ([0.0; COLUMNS + WINDOW - 1], Row([0.0; COLUMNS]));
        Self {
            columns,
            one: samples,
            other: samples,
            squares: samples,
            product: samples,
            averaged: [[row; WINDOW]; 4],
            all: row,
            contrast: row,
        }
    }

    /// Averages the samples that were read across, to row `slot`.
    fn across(&mut self, slot: usize) {
        products(&self.one, &self.other, &mut self.squares, &mut self.product);
        let rows = [&self.one, &self.other, &self.squares, &self.product];
        for (averaged, row) in self.averaged.iter_mut().zip(rows) {
            average_across(row, &mut averaged[slot].0);
        }
    }

    /// Sums of the similarity of a row of windows; `first` is the slot of their uppermost row.
    fn down(&mut self, first: usize) -> (f64, f64) {
        let rows = self
            .averaged
            .each_ref()
            .map(|averaged| std::array::from_fn(|k| &averaged[(first + k) % WINDOW].0));
        index_of_rows(&rows, &mut self.all.0, &mut self.contrast.0);
        let columns = self.columns;
        (
            sum(&self.all.0[..columns]),
            sum(&self.contrast.0[..columns]),
        )
    }
}

/// Eight at a time: rows are too short for the larger blocks of a plain loop.
#[multiversion(targets = "simd")]
fn centred(codes: &[u16], scale: f32, out: &mut [f32]) {
    let (blocks, last) = out.as_chunks_mut::<8>();
    let (codes, last_codes) = codes.as_chunks::<8>();
    for (block, codes) in blocks.iter_mut().zip(codes) {
        for (out, code) in block.iter_mut().zip(codes) {
            *out = f32::from(*code) * scale - MIDDLE;
        }
    }
    for (out, code) in last.iter_mut().zip(last_codes) {
        *out = f32::from(*code) * scale - MIDDLE;
    }
}

#[multiversion(targets = "simd")]
fn products(one: &Samples, other: &Samples, squares: &mut Samples, product: &mut Samples) {
    for x in 0..one.len() {
        squares[x] = one[x] * one[x] + other[x] * other[x];
        product[x] = one[x] * other[x];
    }
}

#[multiversion(targets = "simd")]
fn average_across(row: &Samples, out: &mut [f32; COLUMNS]) {
    let [w0, w1, w2, w3, w4, w5] = WEIGHTS;
    for x in 0..COLUMNS {
        let near =
            w0 * row[x + 5] + w1 * (row[x + 4] + row[x + 6]) + w2 * (row[x + 3] + row[x + 7]);
        let far = w3 * (row[x + 2] + row[x + 8])
            + w4 * (row[x + 1] + row[x + 9])
            + w5 * (row[x] + row[x + 10]);
        out[x] = near + far;
    }
}

/// The rows under a window, from above.
type Rows<'a> = [&'a [f32; COLUMNS]; WINDOW];

/// Average of the rows at column `x`.
#[inline(always)]
fn average_down(rows: &Rows<'_>, x: usize) -> f32 {
    let [w0, w1, w2, w3, w4, w5] = WEIGHTS;
    let near = w0 * rows[5][x] + w1 * (rows[4][x] + rows[6][x]) + w2 * (rows[3][x] + rows[7][x]);
    let far = w3 * (rows[2][x] + rows[8][x])
        + w4 * (rows[1][x] + rows[9][x])
        + w5 * (rows[0][x] + rows[10][x]);
    near + far
}

#[multiversion(targets = "simd")]
fn index_of_rows(
    [one, other, squares, product]: &[Rows<'_>; 4],
    all: &mut [f32; COLUMNS],
    contrast: &mut [f32; COLUMNS],
) {
    for x in 0..COLUMNS {
        let (mean_one, mean_other) = (average_down(one, x), average_down(other, x));
        let means = mean_one * mean_one + mean_other * mean_other;
        let variances = average_down(squares, x) - means;
        let covariance = average_down(product, x) - mean_one * mean_other;
        // Means with the middle added again.
        let (light_one, light_other) = (mean_one + MIDDLE, mean_other + MIDDLE);
        let light = 2.0 * light_one * light_other + C1;
        let lights = light_one * light_one + light_other * light_other + C1;
        let structure = (2.0 * covariance + C2) / (variances + C2);
        contrast[x] = structure;
        all[x] = structure * light / lights;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{psnr, square_error};
    use super::*;

    const WIDTH: usize = 96;
    const HEIGHT: usize = 75;

    /// Gradients with edges: as `scene` in truth/make_ssim_skimage.py.
    fn gradients(x: usize, y: usize) -> usize {
        (60 + x + (y * y) / 48 + 40 * ((x / 24 + y / 20) % 2)) % 256
    }

    /// The scene with noise, and a darker corner: as `changed` there.
    fn changed(x: usize, y: usize, strength: i64) -> i64 {
        let noise = ((x * 7919 + y * 104_729) / 16 * 31 % 97) as i64 - 48;
        let dark = if x + y > 120 { 6 } else { 0 };
        let value = gradients(x, y) as i64 + (noise * strength).div_euclid(48) - dark;
        value.clamp(0, 255)
    }

    fn plane(sample: impl Fn(usize, usize) -> u16) -> Plane {
        let places = (0..WIDTH * HEIGHT).map(|at| (at % WIDTH, at / WIDTH));
        Plane {
            width: WIDTH,
            height: HEIGHT,
            depth: 8,
            codes: places.map(|(x, y)| sample(x, y)).collect(),
        }
    }

    #[test]
    fn it_is_that_of_scikit_image() {
        let truth: serde_json::Value =
            serde_json::from_str(include_str!("truth/ssim.json")).unwrap();
        let truth = truth.as_array().unwrap();
        assert_eq!(truth.len(), 3);
        let first = plane(|x, y| gradients(x, y) as u16);
        for truth in truth {
            let strength = truth["strength"].as_i64().unwrap();
            let second = plane(|x, y| changed(x, y, strength) as u16);
            let square = square_error(&first, &second) as f64 / (WIDTH * HEIGHT) as f64;
            let apart = |found: f64, name: &str| (found - truth[name].as_f64().unwrap()).abs();
            assert!(apart(psnr(square, 255.0), "psnr") < 1e-9, "{strength}");
            let found = ssim(&first, &second).unwrap();
            assert!(apart(found, "ssim") < 2e-6, "{strength}: {found}");
            // The same signal in 16 bits has the same similarity.
            let deep = |plane: &Plane| plane.clone().deepened(16, false);
            let found = ssim(&deep(&first), &deep(&second)).unwrap();
            assert!(apart(found, "ssim") < 2e-6, "{strength}: {found}");
        }
    }

    #[test]
    fn the_same_picture_is_alike_at_every_size() {
        for (width, height) in [(11, 11), (266, 75), (267, 11), (300, 74), (530, 76)] {
            let noisy = Plane {
                width,
                height,
                depth: 8,
                codes: (0..width * height)
                    .map(|at| (at * 7919 % 251) as u16)
                    .collect(),
            };
            let found = ssim(&noisy, &noisy).unwrap();
            assert!((found - 1.0).abs() < 1e-6, "{width}x{height}: {found}");
        }
        let small = Plane {
            width: 10,
            height: 90,
            depth: 8,
            codes: vec![0; 900],
        };
        assert_eq!(ssim(&small, &small), None);
    }
}
