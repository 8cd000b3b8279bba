//! What the words of the measuring kernels mean.

use serde::Serialize;

use crate::reference::common::measure::difference::compare;
use crate::reference::common::measure::luma::count;
use crate::reference::common::measure::noise::{self, FINE};

/// Numbers of the luma of one frame. Codes are as the decoder gives them, 0 to `2^depth - 1`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LumaNumbers {
    pub mean: f64,
    pub min: u32,
    pub max: u32,
    /// Standard deviation of the noise, as a share of all codes: 0 to 1.
    pub noise: f64,
    /// Pixels in 256 bins of equal width.
    pub histogram: Vec<u64>,
}

impl LumaNumbers {
    /// Reads what `common/measure/luma` made of a frame with codes of `depth` bits.
    pub(super) fn read(words: &[u32], depth: u8) -> Self {
        let histogram: Vec<u64> = words[..count::LEAST].iter().map(|n| (*n).into()).collect();
        let sum: u64 = words[count::ROWS..].iter().map(|sum| u64::from(*sum)).sum();
        let residues = words[count::RESIDUES..count::ROWS].iter();
        let residues = residues.filter(|residue| **residue != count::NONE);
        let level = noise::level(residues.copied().collect(), (1 << depth) - 1);
        Self {
            mean: sum as f64 / histogram.iter().sum::<u64>() as f64,
            min: words[count::LEAST],
            max: words[count::MOST],
            noise: level as f64 / FINE as f64,
            histogram,
        }
    }
}

/// How far two frames differ in luma.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    /// Mean of the squares of the differences of codes.
    pub mean_square: f64,
    /// None for pictures smaller than a window.
    pub ssim: Option<f64>,
}

impl Difference {
    /// Reads what `common/measure/difference` made of two pictures of `width` × `height`.
    pub fn read(words: &[u32], (width, height): (u32, u32)) -> Self {
        let window = compare::WEIGHTS.len() as u32 - 1;
        let windows =
            u64::from(width.saturating_sub(window)) * u64::from(height.saturating_sub(window));
        let (mut squares, mut lacking) = (0u64, 0u64);
        for row in words.chunks_exact(compare::WORDS) {
            squares += u64::from(row[0]) + (u64::from(row[1]) << 16);
            lacking += u64::from(row[2]);
        }
        let one = f64::from(compare::ONE);
        Self {
            mean_square: squares as f64 / (f64::from(width) * f64::from(height)),
            ssim: (windows > 0).then(|| 1.0 - lacking as f64 / (one * windows as f64)),
        }
    }
}

/// How alike two pictures are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Likeness {
    /// Peak signal-to-noise ratio of luma in decibels; none where it is infinite.
    pub psnr: Option<f64>,
    /// No luma sample differs, so that the ratio is infinite.
    pub identical: bool,
    /// Structural similarity of luma, at most 1; none for pictures with fewer than 11 columns or rows.
    pub ssim: Option<f64>,
}

impl Likeness {
    pub(super) fn of(difference: Difference, depth: u8) -> Self {
        let Difference { mean_square, ssim } = difference;
        let peak = f64::from((1u32 << depth) - 1);
        let identical = mean_square == 0.0;
        Self {
            psnr: (!identical).then(|| 10.0 * (peak * peak / mean_square).log10()),
            identical,
            ssim,
        }
    }
}
