//! XPSNR: a ratio of squares that counts errors less where the picture is busy or moves (Helmrich, Siekmann, Becker, Bosse,
//! Marpe, Wiegand: "XPSNR: a low-complexity extension of the perceptually weighted peak signal-to-noise ratio for
//! high-resolution video quality assessment", 2020), with the constants of FFmpeg's filter `xpsnr`.
//! Where that filter departs from the paper, so does this, so that numbers can be compared: frames before the first are
//! black, and blocks of which all samples lie at the border of the picture have the weight 1.

mod activity;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::Plane;
use super::square_error::codes as squares;
use activity::Luma;

/// Samples of the picture for which the paper gives its constants.
const UHD: f64 = 3840.0 * 2160.0;
/// From this many frames a second on, the second difference over time tells movement, not the first.
const FAST: f64 = 32.0;
/// Pictures with more samples than this are looked at as sums of 2 × 2.
const LARGE: usize = 2048 * 1152;
/// Up to as many samples, the weight of a block is limited by those around it.
const SMALL: usize = 640 * 480;

/// Measures the frames of one video in their order. It keeps one or two frames of the reference.
pub struct Xpsnr {
    width: usize,
    height: usize,
    depth: u8,
    /// Side of a block in samples of luma, a multiple of 4; 0 for pictures that are too small to be weighted.
    block: usize,
    /// Luma of the reference one frame ago, and two if they are needed.
    before: Vec<Vec<u16>>,
}

/// One component of one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted {
    /// Sum of the squares of the differences of codes, each times the weight of its block.
    pub squares: f64,
    /// The same as a ratio to the squares of the largest code, in decibels; infinite for 0.
    pub decibels: f64,
}

/// One frame: Y, Cb, Cr, as far as there are both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct XpsnrFrame {
    pub components: [Option<Weighted>; 3],
}

impl Xpsnr {
    /// For frames of `width` × `height` with codes of `depth` bits, `rate` frames a second.
    pub fn new(width: usize, height: usize, depth: u8, rate: f64) -> Self {
        let samples = width * height;
        let kept = if rate < FAST { 1 } else { 2 };
        Self {
            width,
            height,
            depth,
            block: 4 * (32.0 * (samples as f64 / UHD).sqrt() + 0.5) as usize,
            before: vec![vec![0; samples]; kept],
        }
    }

    /// The next frame: Y, Cb and Cr of the reference and of the output. Weights are those of the reference's luma; the chroma
    /// planes may be smaller. Components that one of both lacks, or with another size or depth, are not measured; without
    /// luma none is.
    pub fn frame(
        &mut self,
        reference: [Option<&Plane>; 3],
        output: [Option<&Plane>; 3],
    ) -> XpsnrFrame {
        let mut found = XpsnrFrame::default();
        let pairs: [Option<(&Plane, &Plane)>; 3] = std::array::from_fn(|component| {
            let (one, other) = (reference[component]?, output[component]?);
            let alike = (one.width, one.height) == (other.width, other.height);
            (alike && one.depth == self.depth && other.depth == self.depth).then_some((one, other))
        });
        let Some(luma) = pairs[0].filter(|(one, _)| self.has_size(one)) else {
            return found;
        };
        let weights = self.weights(luma.0);
        for (found, pair) in found.components.iter_mut().zip(pairs) {
            *found = pair.map(|pair| self.weighted(pair, &weights));
        }
        // The oldest frame makes room for this one.
        self.before.rotate_right(1);
        self.before[0].copy_from_slice(&luma.0.codes);
        found
    }

    fn has_size(&self, plane: &Plane) -> bool {
        (plane.width, plane.height) == (self.width, self.height) && !plane.codes.is_empty()
    }

    /// Number of blocks across and down.
    fn blocks(&self) -> (usize, usize) {
        let blocks = |samples: usize| samples.div_ceil(self.block.max(1));
        (blocks(self.width), blocks(self.height))
    }

    /// The weight of each block, row by row; none for pictures that are too small to be weighted.
    fn weights(&self, reference: &Plane) -> Vec<f64> {
        if self.block == 0 {
            return Vec::new();
        }
        let samples = self.width * self.height;
        let luma = Luma {
            now: reference,
            before: &self.before,
            block: self.block,
            step: if samples > LARGE { 2 } else { 1 },
        };
        let depth = i32::from(self.depth);
        // Activity of all the picture, as its square root; 16 is the gain of the high-pass.
        let size = (samples as f64 / UHD).max(1e-5);
        let whole = (16.0 * 2f64.powi(2 * depth - 9) / size.sqrt()).sqrt();
        let least = 2f64.powi(depth - 6);
        let rows = (0..self.blocks().1).into_par_iter();
        let activities: Vec<Vec<Option<f64>>> = rows.map(|row| luma.activities(row)).collect();
        let weight = |activity: Option<f64>| activity.map_or(1.0, |found| 1.0 / found.max(least));
        let mut weights: Vec<f64> = activities.into_iter().flatten().map(weight).collect();
        if samples <= SMALL {
            limit(&mut weights, self.blocks().0);
        }
        weights.iter_mut().for_each(|weight| *weight *= whole);
        weights
    }

    fn weighted(&self, (one, other): (&Plane, &Plane), weights: &[f64]) -> Weighted {
        let squares = match weights {
            [] => squares(&one.codes, &other.codes) as f64,
            _ => self.weighted_squares(one, other, weights),
        };
        let peak = one.peak();
        let samples = one.codes.len() as f64;
        Weighted {
            squares,
            decibels: 10.0 * (samples * peak * peak / squares).log10(),
        }
    }

    fn weighted_squares(&self, one: &Plane, other: &Plane, weights: &[f64]) -> f64 {
        let (across, down) = self.blocks();
        // Blocks of chroma are smaller as its plane is.
        let wide = (self.block * one.width / self.width).max(1);
        let high = (self.block * one.height / self.height).max(1);
        let rows = (0..down).into_par_iter().map(|row| {
            let mut sums = vec![0; across];
            for y in row * high..((row + 1) * high).min(one.height) {
                let (one, other) = (one.row(y).chunks(wide), other.row(y).chunks(wide));
                for (sum, (one, other)) in sums.iter_mut().zip(one.zip(other)) {
                    *sum += squares(one, other);
                }
            }
            sums
        });
        // Sums of blocks are whole numbers, and these are added in order: any number of threads gives the same.
        let rows: Vec<Vec<u64>> = rows.collect();
        let sums = rows.into_iter().flatten().zip(weights);
        sums.map(|(sum, weight)| sum as f64 * weight).sum()
    }
}

/// The ratio of a whole video from the decibels of its frames: that of the mean of the square roots of the weighted sums.
/// Infinite for no frames, or where none differs.
pub fn xpsnr_of_video(decibels: &[f64]) -> f64 {
    let roots = decibels.iter().map(|value| 10f64.powf(-value / 20.0));
    let mean = roots.sum::<f64>() / decibels.len().max(1) as f64;
    -20.0 * mean.log10()
}

/// Limits each weight to the largest of those to its left, right and above. Those to the left and above are limited before.
fn limit(weights: &mut [f64], across: usize) {
    for at in 0..weights.len() {
        let column = at % across;
        let left = (column > 0).then(|| weights[at - 1]);
        let right = (column + 1 < across).then(|| weights[at + 1]);
        let above = (at >= across).then(|| weights[at - across]);
        let around = [left, right, above].into_iter().flatten();
        if let Some(largest) = around.reduce(f64::max) {
            weights[at] = weights[at].min(largest);
        }
    }
}
