//! The small picture of a frame that `common/measure/cells` makes.

use super::align::Motion;

/// Words before the cells.
const FIRST: usize = 5;
/// The tone of white.
const WHITE: f32 = 65472.0;

/// The mean tones of a frame's cells, 0 to 1, row after row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cells {
    pub columns: usize,
    pub rows: usize,
    /// Side of a cell in pixels.
    pub side: f64,
    /// Columns and rows of the picture in pixels.
    pub width: f64,
    pub height: f64,
    pub tones: Vec<f32>,
}

impl Cells {
    /// Of the words that the kernel makes; `None` where there are too few.
    pub fn of(words: &[u32]) -> Option<Self> {
        let [columns, rows, side, width, height] = *words.first_chunk::<FIRST>()?;
        let (columns, rows) = (columns as usize, rows as usize);
        let stride = columns.div_ceil(2);
        let pairs = words.get(FIRST..FIRST + stride * rows)?;
        if pairs.is_empty() {
            return None;
        }
        let mut tones = Vec::with_capacity(columns * rows);
        for line in pairs.chunks_exact(stride) {
            let cells = line.iter().flat_map(|pair| [pair & 0xffff, pair >> 16]);
            tones.extend(cells.take(columns).map(|tone| tone as f32 / WHITE));
        }
        Some(Self {
            columns,
            rows,
            side: f64::from(side),
            width: f64::from(width),
            height: f64::from(height),
            tones,
        })
    }

    /// The tones as they are where `motion` takes each cell, bilinear; no number where that is outside.
    pub fn moved(&self, motion: &Motion) -> Vec<f32> {
        let (middle_x, middle_y) = (
            (self.columns as f64 - 1.0) / 2.0,
            (self.rows as f64 - 1.0) / 2.0,
        );
        let tone = |index: usize| {
            let (column, row) = ((index % self.columns) as f64, (index / self.columns) as f64);
            let (x, y) = motion.of(column - middle_x, row - middle_y);
            let (x, y) = (x + middle_x, y + middle_y);
            let (left, top) = (x.floor(), y.floor());
            let inside = left >= 0.0
                && top >= 0.0
                && left + 1.0 < self.columns as f64
                && top + 1.0 < self.rows as f64;
            if !inside {
                return f32::NAN;
            }
            let first = top as usize * self.columns + left as usize;
            let mix = |pair: &[f32], share: f32| pair[0] + (pair[1] - pair[0]) * share;
            let (part_x, part_y) = ((x - left) as f32, (y - top) as f32);
            let above = mix(&self.tones[first..first + 2], part_x);
            let below = mix(&self.tones[first + self.columns..][..2], part_x);
            mix(&[above, below], part_y)
        };
        (0..self.tones.len()).map(tone).collect()
    }

    /// The mean tone, 0 to 1.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.tones.iter().map(|tone| f64::from(*tone)).sum();
        sum / self.tones.len().max(1) as f64
    }

    /// How much both pictures show the same, whatever the light: the correlation of their tones, -1 to 1; 0 where one is flat.
    pub fn alike(&self, other: &Self) -> f64 {
        if self.tones.len() != other.tones.len() {
            return 0.0;
        }
        let (own, others) = (self.mean(), other.mean());
        let (mut both, mut one, mut two) = (0.0, 0.0, 0.0);
        for (a, b) in self.tones.iter().zip(&other.tones) {
            let (a, b) = (f64::from(*a) - own, f64::from(*b) - others);
            both += a * b;
            one += a * a;
            two += b * b;
        }
        match one * two > 0.0 {
            true => both / (one * two).sqrt(),
            false => 0.0,
        }
    }

    /// The same with `by` by `by` cells in place of one; cells that are left over at the right and below are dropped.
    pub fn coarser(&self, by: usize) -> Self {
        let (columns, rows) = ((self.columns / by).max(1), (self.rows / by).max(1));
        let mut tones = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let down = row * by..((row + 1) * by).min(self.rows);
                let across = column * by..((column + 1) * by).min(self.columns);
                let cells = down.len() * across.len();
                let lines = down.map(|y| &self.tones[y * self.columns..][across.clone()]);
                let sum: f32 = lines.map(|line| line.iter().sum::<f32>()).sum();
                tones.push(sum / cells as f32);
            }
        }
        Self {
            columns,
            rows,
            side: self.side * by as f64,
            tones,
            ..*self
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The words of a picture whose cells have these tones, 0 to 1; a cell is one pixel.
    pub fn words(columns: usize, rows: usize, tone: impl Fn(usize, usize) -> f64) -> Vec<u32> {
        let mut words = vec![columns as u32, rows as u32, 1, columns as u32, rows as u32];
        for y in 0..rows {
            for x in (0..columns).step_by(2) {
                let code = |x: usize| (tone(x, y).clamp(0.0, 1.0) * 65472.0).round() as u32;
                let right = if x + 1 < columns { code(x + 1) } else { 0 };
                words.push(code(x) | right << 16);
            }
        }
        words
    }

    #[test]
    fn cells_are_read_as_they_are_written() {
        let cells = Cells::of(&words(3, 2, |x, y| (x + 3 * y) as f64 / 5.0)).unwrap();
        assert_eq!((cells.columns, cells.rows), (3, 2));
        for (index, tone) in cells.tones.iter().enumerate() {
            assert!(
                (tone - index as f32 / 5.0).abs() < 1e-4,
                "{:?}",
                cells.tones
            );
        }
        let one = cells.coarser(2);
        assert_eq!((one.columns, one.rows), (1, 1));
        assert!((one.tones[0] - 0.4).abs() < 1e-4);
    }

    #[test]
    fn too_few_words_are_no_picture() {
        assert_eq!(Cells::of(&[]), None);
        assert_eq!(Cells::of(&[0, 0, 1, 0, 0]), None);
        assert_eq!(Cells::of(&[9, 9, 1, 9, 9, 1]), None);
    }
}
