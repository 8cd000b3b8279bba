//! Facts about a frame, measured before it is submitted: whether a scene begins with it, and how noisy it is. All
//! arithmetic is in integers on the decoder's luma, so that every executor gets the same facts.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::frame::{Component, Model, Picture};

/// The facts measured for a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Whether a scene begins with this frame.
    pub cut: bool,
    /// Standard deviation of its noise in luma; 0 to 1 is black to white.
    pub noise_level: f32,
}

/// Size of the grid of luma values in which cuts are detected.
const COLUMNS: usize = 160;
const ROWS: usize = 90;
/// Bins of the luma histogram.
const BINS: usize = 64;
/// Number of earlier changes that a frame's change is compared with.
const REMEMBERED: usize = 5;
/// Changes are in thousandths.
const WHOLE: u32 = 1000;
/// The least luma step that counts as an edge of the grid, of 255.
const EDGE: u32 = 24;
/// The least change of luma at a cut.
const LEAST_LUMA: u32 = 28;
/// At a cut, the change of histogram and edges together exceeds the recent maximum by this factor. The threshold is
/// clamped to these bounds.
const OUTSTANDING: u32 = 5;
const BOUNDS: (u32, u32) = (110, 420);

/// Side of the blocks in which noise is measured, in pixels, and the most blocks in each direction.
const BLOCK: usize = 16;
const BLOCKS: (usize, usize) = (24, 14);
/// Noise is stored in 1/65536 of the range from black to white.
const FINE: u64 = 1 << 16;

/// Measures frames in order. Its state can be saved and restored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observer {
    /// Luma of the previous frame, on the grid.
    grid: Vec<u8>,
    /// Changes of the previous frames, the newest last.
    changes: VecDeque<u32>,
    noise: Option<u64>,
    /// A scene begins with the next frame, even if it looks like the previous one.
    #[serde(default)]
    begins: bool,
}

/// Differences between a frame and the previous one, each in thousandths of the largest possible value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Change {
    /// Share of pixels that moved to another bin of the histogram.
    histogram: u32,
    /// Share of edges that appeared or disappeared, whichever is larger (Zabih, Miller, Mai: "A feature-based algorithm
    /// for detecting and classifying scene breaks", 1995).
    edges: u32,
    /// Mean difference of luma.
    luma: u32,
}

impl Observer {
    /// Number of frames after which detected cuts no longer depend on the frame where measuring began: twice the
    /// remembered changes plus one. It takes longer only if one of two observers misses a cut that the other one
    /// detects.
    pub const WARMUP: u32 = 2 * REMEMBERED as u32 + 1;

    /// The part of the state that cuts depend on: two observers with equal values detect the same cuts from then on.
    pub fn cut_state(&self) -> (&[u8], &VecDeque<u32>, bool) {
        (&self.grid, &self.changes, self.begins)
    }

    /// Makes a scene begin with the next frame, whatever it looks like.
    pub fn begin_scene(&mut self) {
        self.begins = true;
    }

    /// Measures the next frame.
    pub fn observe(&mut self, picture: &Picture) -> Observation {
        let grid = luma_grid(picture);
        let mut cut = std::mem::take(&mut self.begins);
        if cut {
            self.changes.clear();
        } else if !self.grid.is_empty() {
            let change = Change::between(&self.grid, &grid);
            let total = change.total();
            // At the start of a scene there are no earlier changes to compare with.
            let most = self.changes.iter().max().copied().unwrap_or(BOUNDS.1);
            cut = change.luma >= LEAST_LUMA
                && total >= (OUTSTANDING * most).clamp(BOUNDS.0, BOUNDS.1);
            if cut {
                self.changes.clear();
            } else {
                self.changes.push_back(total);
                if self.changes.len() > REMEMBERED {
                    self.changes.pop_front();
                }
            }
        }
        self.grid = grid;
        let measured = noise(picture);
        let noise = match self.noise.filter(|_| !cut) {
            Some(before) => (7 * before + measured) / 8,
            None => measured,
        };
        self.noise = Some(noise);
        Observation {
            cut,
            noise_level: noise as f32 / FINE as f32,
        }
    }
}

impl Change {
    fn between(before: &[u8], now: &[u8]) -> Self {
        let mut bins = [0i32; BINS];
        let mut difference = 0;
        for (a, b) in before.iter().zip(now) {
            bins[usize::from(*a) * BINS / 256] -= 1;
            bins[usize::from(*b) * BINS / 256] += 1;
            difference += u32::from(a.abs_diff(*b));
        }
        // Smoothed over neighbouring bins, so that a flicker that shifts all luma a little does not count as a change.
        let bin = |index: usize| bins.get(index).copied().unwrap_or(0);
        let smooth = |i: usize| bin(i.wrapping_sub(1)) + 2 * bin(i) + bin(i + 1);
        let moved = (0..BINS).map(|i| smooth(i).unsigned_abs()).sum::<u32>() / 4;
        let cells = (COLUMNS * ROWS) as u32;
        let (old, new) = (edges(before), edges(now));
        Self {
            histogram: moved.min(2 * cells) * WHOLE / (2 * cells),
            edges: unmatched(&old, &new).max(unmatched(&new, &old)),
            luma: difference / cells * WHOLE / 255,
        }
    }

    fn total(self) -> u32 {
        self.histogram + self.edges / 2
    }
}

/// Reads luma from a row of a picture.
struct Line<'a> {
    /// The row's bytes, from the first sample on, of each component that luma is computed from.
    parts: [(&'a [u8], Component); 3],
    rgb: bool,
    wide: bool,
}

impl<'a> Line<'a> {
    fn new(picture: &'a Picture, y: usize) -> Self {
        let rgb = picture.format.model == Model::Rgb;
        let part = |index: usize| {
            let at = picture.format.components[index];
            (picture.row(usize::from(at.plane), y), at)
        };
        Self {
            parts: if rgb { [0, 1, 2] } else { [0; 3] }.map(part),
            rgb,
            wide: picture.format.depth > 8,
        }
    }

    /// Luma as coded; for RGB, a quarter of R and B each and half of G.
    fn luma(&self, x: usize) -> u32 {
        if self.rgb {
            (self.sample(0, x) + 2 * self.sample(1, x) + self.sample(2, x)) / 4
        } else {
            self.sample(0, x)
        }
    }

    fn sample(&self, part: usize, x: usize) -> u32 {
        let (row, at) = self.parts[part];
        let byte = x * usize::from(at.step) + usize::from(at.offset);
        if self.wide {
            u32::from(u16::from_le_bytes([row[byte], row[byte + 1]])) >> at.shift
        } else {
            u32::from(row[byte]) >> at.shift
        }
    }
}

/// 8-bit luma on the grid; each cell is the mean of four samples.
fn luma_grid(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let surplus = picture.format.depth - 8;
    let mut grid = Vec::with_capacity(COLUMNS * ROWS);
    for row in 0..ROWS {
        let lines = [1, 3].map(|dy| Line::new(picture, (4 * row + dy) * height / (4 * ROWS)));
        for column in 0..COLUMNS {
            let mut sum = 0;
            for dx in [1, 3] {
                let x = (4 * column + dx) * width / (4 * COLUMNS);
                for line in &lines {
                    sum += line.luma(x) >> surplus;
                }
            }
            grid.push((sum / 4) as u8);
        }
    }
    grid
}

/// Cells of the grid that differ from the cell right of them or below.
fn edges(grid: &[u8]) -> Vec<bool> {
    let step = |a: usize, b: usize| u32::from(grid[a].abs_diff(grid[b]));
    (0..COLUMNS * ROWS)
        .map(|at| {
            let (x, y) = (at % COLUMNS, at / COLUMNS);
            let right = if x + 1 < COLUMNS { step(at, at + 1) } else { 0 };
            let below = if y + 1 < ROWS {
                step(at, at + COLUMNS)
            } else {
                0
            };
            right + below > EDGE
        })
        .collect()
}

/// Share of the edges in `of` that have no edge of `other` within two cells; 0 if there are almost no edges.
fn unmatched(of: &[bool], other: &[bool]) -> u32 {
    let near = |x: usize, y: usize| {
        let (left, top) = (x.saturating_sub(2), y.saturating_sub(2));
        (top..(y + 3).min(ROWS))
            .any(|y| (left..(x + 3).min(COLUMNS)).any(|x| other[y * COLUMNS + x]))
    };
    let (mut count, mut lost) = (0, 0);
    for at in (0..of.len()).filter(|at| of[*at]) {
        count += 1;
        lost += u32::from(!near(at % COLUMNS, at / COLUMNS));
    }
    // At least half a percent of the cells: otherwise a few specks would be all the edges.
    lost * WHOLE / count.max((COLUMNS * ROWS / 200) as u32)
}

/// Noise of the flatter blocks, from the residue of a Laplacian (Immerkær: "Fast noise variance estimation", 1996), in
/// 1/65536 of the range. Only the flattest fifth of the blocks is used, because the others have texture.
fn noise(picture: &Picture) -> u64 {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let across = (width / BLOCK).min(BLOCKS.0);
    let down = (height / BLOCK).min(BLOCKS.1);
    let max = u64::from(picture.format.max_value());
    let mut blocks = Vec::with_capacity(across * down);
    let mut block = [0i64; BLOCK * BLOCK];
    for row in 0..down {
        for column in 0..across {
            let left = column * (width - BLOCK) / across.max(2).saturating_sub(1).max(1);
            let top = row * (height - BLOCK) / down.max(2).saturating_sub(1).max(1);
            for (y, values) in block.chunks_exact_mut(BLOCK).enumerate() {
                let line = Line::new(picture, top.min(height - BLOCK) + y);
                for (x, value) in values.iter_mut().enumerate() {
                    *value = i64::from(line.luma(left.min(width - BLOCK) + x));
                }
            }
            let mean = block.iter().sum::<i64>() as u64 / (BLOCK * BLOCK) as u64;
            // Clipped black and white areas, and letterbox bars, no longer contain noise.
            if (max / 12..max - max / 12).contains(&mean) {
                blocks.push(residue(&block));
            }
        }
    }
    if blocks.is_empty() {
        return 0;
    }
    blocks.sort_unstable();
    let sum = blocks[blocks.len() / 5];
    // σ is the mean residue times √(π/2) / 6 = 0.208886.
    let inner = ((BLOCK - 2) * (BLOCK - 2)) as u64;
    sum * FINE * 208_886 / (inner * max * 1_000_000)
}

/// Sum of absolute values of the block after filtering with [1 -2 1] in both directions.
fn residue(block: &[i64; BLOCK * BLOCK]) -> u64 {
    let mut sum = 0;
    for y in 1..BLOCK - 1 {
        for x in 1..BLOCK - 1 {
            let at = |dx: usize, dy: usize| block[(y + dy - 1) * BLOCK + x + dx - 1];
            let line = |dy: usize| at(0, dy) - 2 * at(1, dy) + at(2, dy);
            sum += (line(0) - 2 * line(1) + line(2)).unsigned_abs();
        }
    }
    sum
}
