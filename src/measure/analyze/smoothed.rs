//! Blocks whose borders the filter of H.264 has smoothed: steps are gone, but fine structure still
//! follows the grid, and is missing across it.

use super::bytes::Bytes;

/// Side of the blocks, in pixels.
const GRID: usize = 8;
/// Periods beside [`GRID`] that tell how much a picture without blocks has there.
const BESIDE: [f64; 2] = [7.0, 9.0];
/// A mixed difference counts so many codes at most: more are edges of the picture.
const MOST: u8 = 6;
/// Part of cells that is added to both counts of flat cells, so that a few do not speak.
const FEW: f64 = 0.005;
/// Least and largest part of cells that are flat though they lie across borders: what a codec took detail from has some, and
/// of drawings and black pictures nearly all are.
const FLAT: std::ops::Range<f64> = 0.005..0.6;
/// From this on, blocks are a defect. Of six clips, those as they are have 0 to 0.007; at x264's crf 40 five have 0.017 to 0.1,
/// and at crf 35 two have more than 0.02. Clips of webcams and telephones have up to 0.01.
pub(super) const SMOOTHED: f64 = 0.0125;

/// Sums over frames. What is measured is the mixed second difference: that of the differences of two neighbours in one row
/// and in the next. Predictions of a block (one code, rows, columns) have none, so it is high along borders and low in blocks.
#[derive(Default)]
pub(super) struct Smoothed {
    /// Across and down: cosine and sine of the period of the grid, and what is beside it, in codes.
    waves: [[f64; 2]; 2],
    beside: [f64; 2],
    /// Mean of the mixed difference, in codes.
    mean: f64,
    /// Parts of the cells without any, on the grid, and between it: half a block away both ways.
    flat: [f64; 2],
    frames: f64,
}

/// What was found of all frames.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Smoothness {
    /// The part of the fine structure that follows the grid across and down, by the square of how much more cells between the
    /// grid are flat than those on it. In good codings the grid is seen by blocks that have no detail beside blocks that have,
    /// so those on it are flat more often; where detail is missing everywhere, those between are, by the filter.
    pub score: f64,
    /// From least to most over a period of the grid, in codes of 255.
    pub codes: f64,
    /// Part of the cells without fine structure.
    pub flat: f64,
    /// The first column and row that begin a block.
    pub phase: [usize; 2],
}

impl Smoothed {
    /// Adds a frame. It is at least 8 blocks wide and high.
    pub fn add(&mut self, luma: &Bytes) {
        let (across, down, zero) = mixed(luma);
        let samples = (across.len() * down.len()) as f64;
        for (axis, line) in [&across, &down].into_iter().enumerate() {
            // Sums of lines become means of samples.
            let lines = samples / line.len() as f64;
            let wave = |period: f64| wave(line, period).map(|part| part / lines);
            let [cosine, sine] = wave(GRID as f64);
            self.waves[axis][0] += cosine;
            self.waves[axis][1] += sine;
            let beside = BESIDE.map(wave).map(|[cosine, sine]| cosine.hypot(sine));
            self.beside[axis] += (beside[0] + beside[1]) / 2.0;
        }
        self.mean += down.iter().sum::<f64>() / samples;
        let phase = self.phase();
        let between = phase.map(|at| (at + GRID / 2) % GRID);
        for (sum, from) in self.flat.iter_mut().zip([phase, between]) {
            *sum += flat_cells(&zero, across.len(), from);
        }
        self.frames += 1.0;
    }

    /// Where the mixed difference is highest: between the last pixel of a block and the first of the next.
    fn phase(&self) -> [usize; 2] {
        self.waves.map(|[cosine, sine]| {
            let turn = sine.atan2(cosine) / std::f64::consts::TAU;
            (turn * GRID as f64 + 0.5).round().rem_euclid(GRID as f64) as usize
        })
    }

    pub fn found(&self) -> Smoothness {
        let frames = self.frames.max(1.0);
        let grid = [0, 1].map(|axis| {
            let [cosine, sine] = self.waves[axis];
            (cosine.hypot(sine) - self.beside[axis]).max(0.0) / frames
        });
        let least = grid[0].min(grid[1]);
        let [on, between] = self.flat.map(|sum| sum / frames);
        let part = least / (self.mean / frames).max(1e-9);
        let score = part * ((between + FEW) / (on + FEW)).powi(2);
        Smoothness {
            score: if FLAT.contains(&between) { score } else { 0.0 },
            // The window halves a wave once, and its cosine does again.
            codes: 4.0 * least,
            flat: between,
            phase: self.phase(),
        }
    }
}

/// Sums of the limited mixed differences of each column and each row, and where they are 0.
fn mixed(luma: &Bytes) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
    let (width, height) = (luma.width - 1, luma.height - 1);
    let mut across = vec![0u32; width];
    let mut down = Vec::with_capacity(height);
    let mut zero = vec![false; width * height];
    for y in 0..height {
        let above = luma.row(y).windows(2);
        let both = above.zip(luma.row(y + 1).windows(2));
        let out = across.iter_mut().zip(&mut zero[y * width..]);
        let mut sum = 0u32;
        for ((above, below), (column, zero)) in both.zip(out) {
            let [a, b, c, d] = [above[0], above[1], below[0], below[1]].map(i16::from);
            let value = (a - b - c + d).unsigned_abs().min(u16::from(MOST));
            *column += u32::from(value);
            sum += u32::from(value);
            *zero = value == 0;
        }
        down.push(f64::from(sum));
    }
    (across.into_iter().map(f64::from).collect(), down, zero)
}

/// Cosine and sine of this period in a line, by a Hann window, so that what changes slowly has none.
fn wave(line: &[f64], period: f64) -> [f64; 2] {
    use std::f64::consts::TAU;
    let count = line.len() as f64;
    let mut sums = [0.0f64; 2];
    for (at, value) in line.iter().enumerate() {
        let at = at as f64 + 0.5;
        let value = value * (1.0 - (TAU * at / count).cos());
        let (sine, cosine) = (TAU * at / period).sin_cos();
        sums[0] += value * cosine;
        sums[1] += value * sine;
    }
    sums.map(|sum| sum / count)
}

/// Part of the cells of the grid from (`x`, `y`) on without any mixed difference.
fn flat_cells(zero: &[bool], width: usize, [x, y]: [usize; 2]) -> f64 {
    let height = zero.len() / width;
    let (mut flat, mut count) = (0u32, 0u32);
    for top in (y..(height + 1).saturating_sub(GRID)).step_by(GRID) {
        for left in (x..(width + 1).saturating_sub(GRID)).step_by(GRID) {
            let mut rows = (top..top + GRID - 1).map(|y| &zero[y * width + left..][..GRID - 1]);
            flat += u32::from(rows.all(|row| row.iter().all(|zero| *zero)));
            count += 1;
        }
    }
    f64::from(flat) / f64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, normal, view};
    use super::*;

    /// Four frames seen from `shift`: noise, or blocks as predictions leave them, of one code or of rows or columns, few of
    /// which keep noise, and whose borders are smoothed, beside a part that has lost all.
    fn run(blocks: bool, shift: usize) -> Smoothness {
        let mut smoothed = Smoothed::default();
        for number in 0..4 {
            let n = number as usize;
            let raw = |x: usize, y: usize| {
                let noise = 1.5 * normal(x + 400 * y + 90_000 * n);
                if !blocks {
                    return 100.0 + noise;
                }
                if x < 80 {
                    return 90.0;
                }
                let block = x / 8 + y / 8 * 40 + 1000 * n;
                let line = |at: usize| f64::from(hash(block * 8 + at % 8) % 4);
                let level = 60.0 + f64::from(hash(block + 70_000) % 6);
                level
                    + match hash(block + 30_000) % 8 {
                        0 => noise,
                        1..4 => line(x),
                        4..7 => line(y),
                        _ => 0.0,
                    }
            };
            smoothed.add(&Bytes::luma(&view(number, 256, 192, |x, y| {
                let (x, y) = (x + shift, y + shift);
                // A quarter of the pixel on the other side of a border.
                let other = |at: usize| match at % 8 {
                    0 => at.saturating_sub(1),
                    7 => at + 1,
                    _ => at,
                };
                let across = |y: usize| 0.75 * raw(x, y) + 0.25 * raw(other(x), y);
                let code = if blocks {
                    0.75 * across(y) + 0.25 * across(other(y))
                } else {
                    raw(x, y)
                };
                [code, 128.0, 128.0]
            })));
        }
        smoothed.found()
    }

    #[test]
    fn smoothed_blocks_are_found_and_their_grid() {
        for shift in [0, 3] {
            let found = run(true, shift);
            assert!(found.score > 2.0 * SMOOTHED, "{found:?}");
            assert_eq!(found.phase, [(8 - shift) % 8; 2], "{found:?}");
        }
    }

    #[test]
    fn noise_has_no_blocks() {
        let found = run(false, 0);
        assert!(found.score < SMOOTHED / 2.0, "{found:?}");
    }
}
