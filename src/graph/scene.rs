//! Facts about a frame, measured before it is submitted: whether a scene begins with it, and how noisy it is. All
//! arithmetic is in integers on the decoder's luma, so that every executor gets the same facts.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::frame::{Model, Picture};
use crate::reference::common::measure::LumaLine;
use crate::reference::common::measure::noise::{self, FINE, residues};

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
const EDGE: u8 = 24;
/// The least change of luma at a cut.
const LEAST_LUMA: u32 = 28;
/// At a cut, the change of histogram and edges together exceeds the recent maximum by this factor. The threshold is
/// clamped to these bounds.
const OUTSTANDING: u32 = 5;
const BOUNDS: (u32, u32) = (110, 420);

/// Looks at frames in their order. What it remembers can be saved and taken up again.
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
        let (was, is) = (histogram(before), histogram(now));
        let difference = before
            .iter()
            .zip(now)
            .map(|(a, b)| u32::from(a.abs_diff(*b)));
        let difference: u32 = difference.sum();
        // Smoothed over neighbouring bins, so that a flicker that shifts all luma a little does not count as a change.
        let bin = |index: usize| is.get(index).map_or(0, |count| count - was[index]);
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

/// How many values of the grid are in each bin.
fn histogram(grid: &[u8]) -> [i32; BINS] {
    // Neighbours are often in the same bin: they are counted apart, so that no count waits for the one before.
    let mut apart = [[0; BINS]; 4];
    for values in grid.as_chunks::<4>().0 {
        for (bins, value) in apart.iter_mut().zip(values) {
            bins[usize::from(*value) * BINS / 256] += 1;
        }
    }
    std::array::from_fn(|bin| apart.iter().map(|bins| bins[bin]).sum())
}

/// Luma of eight bits on the grid, each cell the mean of four samples.
fn luma_grid(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let surplus = picture.format.code_depth() - 8;
    let places = (0..2 * COLUMNS).map(|index| (2 * index + 1) * width / (4 * COLUMNS));
    let places: Vec<usize> = places.collect();
    let mut lines = [[0; 2 * COLUMNS]; 2];
    let mut grid = Vec::with_capacity(COLUMNS * ROWS);
    for row in 0..ROWS {
        for (line, dy) in lines.iter_mut().zip([1, 3]) {
            let y = (4 * row + dy) * height / (4 * ROWS);
            LumaLine::new(picture, y).pick(&places, line);
        }
        let [above, below] = lines.each_ref().map(|line| line.as_chunks::<2>().0);
        grid.extend(above.iter().zip(below).map(|([a, b], [c, d])| {
            let [a, b, c, d] = [a, b, c, d].map(|luma| (luma >> surplus) as u32);
            ((a + b + c + d) / 4) as u8
        }));
    }
    grid
}

/// Cells of the grid that differ from the cell right of them or below: 1, others 0.
fn edges(grid: &[u8]) -> Vec<u8> {
    let mut edges = vec![0; COLUMNS * ROWS];
    let rows = edges
        .chunks_exact_mut(COLUMNS)
        .zip(grid.chunks_exact(COLUMNS));
    for (y, (edges, row)) in rows.enumerate() {
        // There is no difference beyond the last row and column.
        let below = if y + 1 < ROWS { y + 1 } else { y };
        let below = &grid[below * COLUMNS..][..COLUMNS];
        let mut right = [row[COLUMNS - 1]; COLUMNS];
        right[..COLUMNS - 1].copy_from_slice(&row[1..]);
        let cells = row.iter().zip(below).zip(&right);
        for (edge, ((here, below), right)) in edges.iter_mut().zip(cells) {
            let steps = here.abs_diff(*right).saturating_add(here.abs_diff(*below));
            *edge = u8::from(steps > EDGE);
        }
    }
    edges
}

/// Share of the edges in `of` that have no edge of `other` within two cells; 0 if there are almost no edges.
fn unmatched(of: &[u8], other: &[u8]) -> u32 {
    let near = widened(other);
    let (mut count, mut lost) = (0, 0);
    for (edge, near) in of.iter().zip(near) {
        count += u32::from(*edge);
        lost += u32::from(edge & !near);
    }
    // At least half a percent of the cells: otherwise a few specks would be all the edges.
    lost * WHOLE / count.max((COLUMNS * ROWS / 200) as u32)
}

/// The edges, and all cells within two cells of one.
fn widened(edges: &[u8]) -> Vec<u8> {
    const REACH: usize = 2;
    let mut across = [[0; COLUMNS]; ROWS + 2 * REACH];
    let rows = edges.chunks_exact(COLUMNS);
    for (across, row) in across[REACH..].iter_mut().zip(rows) {
        let mut padded = [0; COLUMNS + 2 * REACH];
        padded[REACH..REACH + COLUMNS].copy_from_slice(row);
        for offset in 0..=2 * REACH {
            unite(across, &padded[offset..]);
        }
    }
    let mut wide = vec![0; COLUMNS * ROWS];
    for (y, wide) in wide.chunks_exact_mut(COLUMNS).enumerate() {
        for row in &across[y..=y + 2 * REACH] {
            unite(wide, row);
        }
    }
    wide
}

/// Adds the edges of `row` to `all`.
fn unite(all: &mut [u8], row: &[u8]) {
    for (all, edge) in all.iter_mut().zip(row) {
        *all |= edge;
    }
}

/// Noise of a picture, in 1/65536 of the range.
fn noise(picture: &Picture) -> u64 {
    let max = picture.format.max_value();
    let residues = residues(picture, max, picture.format.model == Model::Rgb);
    let residues = residues.into_iter().map(|(_, residue)| residue);
    noise::level(residues.collect(), max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges here and there, also at the borders.
    fn specks(seed: u32) -> Vec<u8> {
        let speck = |at: usize| (at as u32 ^ seed).wrapping_mul(2_654_435_761) >> 24 < 6;
        (0..COLUMNS * ROWS).map(|at| u8::from(speck(at))).collect()
    }

    #[test]
    fn an_edge_is_found_again_within_two_cells() {
        let (of, other) = (specks(3), specks(17));
        let (mut count, mut lost) = (0, 0);
        for at in (0..COLUMNS * ROWS).filter(|at| of[*at] == 1) {
            let (x, y) = ((at % COLUMNS) as i32, (at / COLUMNS) as i32);
            let near = (0..COLUMNS * ROWS).any(|other_at| {
                let dx = (other_at % COLUMNS) as i32 - x;
                let dy = (other_at / COLUMNS) as i32 - y;
                other[other_at] == 1 && dx.abs() <= 2 && dy.abs() <= 2
            });
            count += 1;
            lost += u32::from(!near);
        }
        assert!(count > 100 && lost > 10, "{count} {lost}");
        assert_eq!(unmatched(&of, &other), lost * WHOLE / count);
        assert_eq!(unmatched(&of, &of), 0);
    }
}
