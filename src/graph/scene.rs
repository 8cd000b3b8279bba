//! What is decided about a frame before it is submitted: whether a scene begins with it, and how noisy it is. All in
//! integers on the decoder's luma, so that every executor is told the same.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::frame::{Model, Picture};
use crate::reference::common::measure::LumaLine;
use crate::reference::common::measure::noise::{self, FINE, residues};

/// What was seen of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// A scene begins with this frame.
    pub cut: bool,
    /// Standard deviation of its noise in luma, 0..1 from black to white.
    pub noise_level: f32,
}

/// The grid that cuts are looked for on.
const COLUMNS: usize = 160;
const ROWS: usize = 90;
/// Bins of the luma histogram.
const BINS: usize = 64;
/// Frames whose change the next one's is held against.
const REMEMBERED: usize = 5;
/// All changes are in thousandths.
const WHOLE: u32 = 1000;
/// Luma steps that make an edge of the grid, of 255.
const EDGE: u32 = 24;
/// A cut changes the luma by at least this much.
const LEAST_LUMA: u32 = 28;
/// And histogram and edges together so many times as much as any of the frames before it did, within these bounds: less
/// than the first is no cut however calm it was, more than the last is one however wild.
const OUTSTANDING: u32 = 5;
const BOUNDS: (u32, u32) = (110, 420);

/// Looks at frames in their order. What it remembers can be saved and taken up again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observer {
    /// Luma of the frame before, on the grid.
    grid: Vec<u8>,
    /// Changes of the frames before, the newest last.
    changes: VecDeque<u32>,
    noise: Option<u64>,
    /// A scene begins with the next frame, however much it looks like the one before.
    #[serde(default)]
    begins: bool,
}

/// How a frame differs from the one before, each in thousandths of what is possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Change {
    /// Pixels that moved to another bin of the histogram.
    histogram: u32,
    /// Edges that came or went (Zabih, Miller, Mai: "A feature-based algorithm for detecting and classifying scene
    /// breaks", 1995): the larger share.
    edges: u32,
    /// Mean difference of luma.
    luma: u32,
}

impl Observer {
    /// Frames after which what is seen of cuts no longer depends on where observing began: twice the changes that are
    /// remembered, and the frame between them. Only a cut that one of two observers misses can make it more.
    pub const WARMUP: u32 = 2 * REMEMBERED as u32 + 1;

    /// What it remembers for cuts: two observers of equal state see the same cuts from then on.
    pub fn cut_state(&self) -> (&[u8], &VecDeque<u32>, bool) {
        (&self.grid, &self.changes, self.begins)
    }

    /// Notes that a scene begins with the next frame, whatever it looks like.
    pub fn begin_scene(&mut self) {
        self.begins = true;
    }

    /// Looks at the next frame.
    pub fn observe(&mut self, picture: &Picture) -> Observation {
        let grid = luma_grid(picture);
        let mut cut = std::mem::take(&mut self.begins);
        if cut {
            self.changes.clear();
        } else if !self.grid.is_empty() {
            let change = Change::between(&self.grid, &grid);
            let total = change.total();
            // At the start of a scene nothing is known of how much it moves.
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
        // Smoothed over neighbouring bins: a flicker that shifts all luma a little is no new histogram.
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

/// Luma of eight bits on the grid, each cell the mean of four samples.
fn luma_grid(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let surplus = picture.format.depth - 8;
    let mut grid = Vec::with_capacity(COLUMNS * ROWS);
    for row in 0..ROWS {
        let lines = [1, 3].map(|dy| LumaLine::new(picture, (4 * row + dy) * height / (4 * ROWS)));
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

/// Cells of the grid that differ from the one right of them or below.
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

/// Share of the edges in `of` that have none of `other` within two cells; 0 where there are next to none.
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
    // Half a percent of the cells at least, or a few specks would be all the edges there are.
    lost * WHOLE / count.max((COLUMNS * ROWS / 200) as u32)
}

/// Noise of a picture, in 1/65536 of the range.
fn noise(picture: &Picture) -> u64 {
    let max = picture.format.max_value();
    let residues = residues(picture, max, picture.format.model == Model::Rgb);
    let residues = residues.into_iter().map(|(_, residue)| residue);
    noise::level(residues.collect(), max)
}
