//! Whether a cut lies between two frames.

use super::View;
use crate::metrics::Plane;

/// The picture is looked at in so many cells each way. The half of them that changes most counts: bars and graphics beside the
/// picture do not change.
const CELLS: usize = 8;
/// Score from which on it is a cut, in % of the range, as that of FFmpeg's `scdet`.
const CUT: f64 = 10.0;
/// And where the histograms of the cells differ by this part, from this score on.
const HISTOGRAM: f64 = 0.4;
const CUT_OF_HISTOGRAM: f64 = 5.0;
/// A change is sudden where it is so many times the mean change of the frames before.
const SUDDEN: f64 = 2.5;
/// Values of a histogram.
const BINS: usize = 16;

/// Sees cuts as they happen, by the score of FFmpeg's `scdet` (mean absolute difference, and its own difference from that
/// of the frame before) of the half of the picture that changes most, and by histograms. Flashes are cuts for it: it
/// does not wait for the frame after.
#[derive(Default)]
pub struct CutSense {
    before: Option<Plane>,
    histograms: Vec<[u32; BINS]>,
    difference: f64,
    /// Mean of the last differences, newer ones counting more; none before the second frame.
    mean: Option<f64>,
}

impl CutSense {
    /// Whether a cut lies between the frame that was given before and `view`. A gap is none.
    pub fn cut(&mut self, view: &View) -> bool {
        let now = &view.small;
        let histograms = histograms(now);
        let before = self.before.take().filter(|before| {
            view.follows && (before.width, before.height) == (now.width, now.height)
        });
        let mut cut = false;
        match before {
            Some(before) => {
                let cells = differences(&before, now);
                let difference = upper_half(&cells);
                let score = difference.min((difference - self.difference).abs());
                // Between the first two frames nothing tells a cut from fast movement.
                let sudden = self.mean.is_some_and(|mean| difference > SUDDEN * mean);
                let histogram = || {
                    let both = self.histograms.iter().zip(&histograms);
                    let unlike: Vec<f64> = both.map(|(a, b)| unlikeness(a, b)).collect();
                    upper_half(&unlike)
                };
                cut = sudden
                    && (score >= CUT || score >= CUT_OF_HISTOGRAM && histogram() >= HISTOGRAM);
                self.difference = difference;
                if !cut {
                    let mean = self.mean.unwrap_or(difference);
                    self.mean = Some(mean + 0.3 * (difference - mean));
                }
            }
            None => (self.difference, self.mean) = (0.0, None),
        }
        self.before = Some(now.clone());
        self.histograms = histograms;
        cut
    }

    /// Mean absolute difference of the half of the picture that changed most in the last frame, in % of the range.
    pub(super) fn difference(&self) -> f64 {
        self.difference
    }
}

/// Mean absolute difference of the half of the cells that differ most, in % of the range, of two planes of the same size.
pub(super) fn difference(before: &Plane, now: &Plane) -> f64 {
    upper_half(&differences(before, now))
}

/// Mean absolute difference of each cell, in % of 256 codes.
fn differences(before: &Plane, now: &Plane) -> Vec<f64> {
    cells(now)
        .map(|[left, top, right, bottom]| {
            let rows = (top..bottom).map(|y| {
                let both = before.row(y)[left..right]
                    .iter()
                    .zip(&now.row(y)[left..right]);
                both.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>()
            });
            let count = ((right - left) * (bottom - top)).max(1) as f64;
            f64::from(rows.sum::<u32>()) * 100.0 / (256.0 * count)
        })
        .collect()
}

/// How many samples of each cell have a code in each sixteenth of the range.
fn histograms(plane: &Plane) -> Vec<[u32; BINS]> {
    cells(plane)
        .map(|[left, top, right, bottom]| {
            let mut counts = [0; BINS];
            // Every other row suffices.
            for y in (top..bottom).step_by(2) {
                for code in &plane.row(y)[left..right] {
                    counts[usize::from(code >> 4) & (BINS - 1)] += 1;
                }
            }
            counts
        })
        .collect()
}

/// Half of the sum of the differences of two histograms, 0 to 1.
fn unlikeness(a: &[u32; BINS], b: &[u32; BINS]) -> f64 {
    let all: u32 = a.iter().sum();
    let differences: u32 = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).sum();
    f64::from(differences) / f64::from(2 * all.max(1))
}

/// Left, top, right and bottom of the cells of a plane. Those of small planes may be empty.
fn cells(plane: &Plane) -> impl Iterator<Item = [usize; 4]> + use<> {
    let (width, height) = (plane.width, plane.height);
    (0..CELLS * CELLS).map(move |cell| {
        let (x, y) = (cell % CELLS, cell / CELLS);
        [
            x * width / CELLS,
            y * height / CELLS,
            (x + 1) * width / CELLS,
            (y + 1) * height / CELLS,
        ]
    })
}

/// Mean of the upper half of the values.
fn upper_half(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let half = sorted.len().div_ceil(2).max(1);
    sorted.iter().take(half).sum::<f64>() / half as f64
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// The frames at which cuts are seen, of textures `scene(frame)` that move by `speed` pixels a frame.
    fn cuts(scene: impl Fn(u64) -> usize, speed: usize, right: usize) -> Vec<u64> {
        let mut sense = CutSense::default();
        let frames = (0..20u64).filter(|number| {
            let n = *number as usize;
            sense.cut(&view(*number, 160, 90, |x, y| {
                let seed = 7919 * scene(*number) + (x + speed * n) / 12 + y / 12 * 64;
                let code = if x < right { hash(seed) % 200 } else { 16 };
                [f64::from(code), 128.0, 128.0]
            }))
        });
        frames.collect()
    }

    #[test]
    fn cuts_are_seen_where_half_of_the_picture_is_a_bar() {
        for right in [160, 80] {
            assert_eq!(cuts(|n| (n / 7) as usize, 1, right), [7, 14]);
        }
    }

    #[test]
    fn movement_is_no_cut() {
        for speed in [0, 1, 3] {
            assert_eq!(cuts(|_| 0, speed, 160), [0; 0], "{speed}");
        }
    }

    #[test]
    fn gaps_are_no_cuts() {
        let mut sense = CutSense::default();
        for (number, code) in [(0, 20.0), (1, 200.0), (2, 200.0), (3, 20.0)] {
            let mut view = view(number, 32, 32, |_, _| [code, 128.0, 128.0]);
            view.follows = number != 1;
            assert_eq!(sense.cut(&view), number == 3);
        }
    }
}
