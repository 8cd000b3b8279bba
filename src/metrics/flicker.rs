//! Flicker: brightness that goes up and down from frame to frame.

use super::Plane;

/// Side of the blocks whose brightness is followed.
const BLOCK: usize = 32;
/// A block of the reference stands still where its samples change by less than this on average, in codes of 255.
const STILL: f64 = 2.0;

/// Follows the brightness of blocks of 32 × 32 over three frames: the flicker of a frame is the mean size of
/// `m(t) - 2 m(t-1) + m(t-2)` in codes of 255, which is 0 where brightness changes evenly.
#[derive(Clone, Debug, Default)]
pub struct Flicker {
    /// Means of the blocks of the last two frames, the newest last.
    means: Vec<Vec<f64>>,
}

impl Flicker {
    /// A scene begins with the next frame.
    pub fn cut(&mut self) {
        self.means.clear();
    }

    /// Takes the next frame. The second difference of each block; none for the first two frames of a scene.
    pub fn frame(&mut self, plane: &Plane) -> Option<Vec<f64>> {
        let means = block_means(plane);
        if self
            .means
            .last()
            .is_some_and(|last| last.len() != means.len())
        {
            self.means.clear();
        }
        let differences = match self.means.as_slice() {
            [older, old] => {
                let of =
                    |((new, old), older): ((&f64, &f64), &f64)| (new - 2.0 * old + older).abs();
                Some(means.iter().zip(old).zip(older).map(of).collect())
            }
            _ => None,
        };
        if self.means.len() == 2 {
            self.means.remove(0);
        }
        self.means.push(means);
        differences
    }
}

/// Finds the blocks of a picture that stand still from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct Stillness {
    before: Option<Plane>,
}

impl Stillness {
    /// A scene begins with the next frame.
    pub fn cut(&mut self) {
        self.before = None;
    }

    /// Takes the next frame. Whether each block stands still; none for the first frame of a scene.
    pub fn frame(&mut self, plane: Plane) -> Option<Vec<bool>> {
        let scale = 255.0 / plane.peak();
        let alike = |before: &&Plane| {
            (before.width, before.height, before.depth) == (plane.width, plane.height, plane.depth)
        };
        let still = self.before.as_ref().filter(alike).map(|before| {
            let changes = blocks(&plane, |y, x| {
                let (row, old) = (&plane.row(y)[x.clone()], &before.row(y)[x]);
                row.iter()
                    .zip(old)
                    .map(|(a, b)| u32::from(a.abs_diff(*b)))
                    .sum()
            });
            changes
                .into_iter()
                .map(|change| change * scale < STILL)
                .collect()
        });
        self.before = Some(plane);
        still
    }
}

/// Mean brightness of each block, in codes of 255.
fn block_means(plane: &Plane) -> Vec<f64> {
    let scale = 255.0 / plane.peak();
    let means = blocks(plane, |y, x| {
        plane.row(y)[x].iter().map(|code| u32::from(*code)).sum()
    });
    means.into_iter().map(|mean| mean * scale).collect()
}

/// Means over the blocks of `plane` of what `sum` gives for the columns of a row. Incomplete blocks at the right and bottom
/// are blocks, too.
fn blocks(plane: &Plane, sum: impl Fn(usize, std::ops::Range<usize>) -> u32 + Sync) -> Vec<f64> {
    use rayon::prelude::*;
    let rows = (0..plane.height.div_ceil(BLOCK))
        .into_par_iter()
        .map(|row| {
            let lines = row * BLOCK..((row + 1) * BLOCK).min(plane.height);
            let columns = (0..plane.width).step_by(BLOCK);
            let columns = columns.map(|left| left..(left + BLOCK).min(plane.width));
            let means = columns.map(|columns| {
                let count = lines.len() * columns.len();
                let all = lines.clone().map(|y| u64::from(sum(y, columns.clone())));
                all.sum::<u64>() as f64 / count as f64
            });
            means.collect::<Vec<f64>>()
        });
    rows.collect::<Vec<Vec<f64>>>().concat()
}

/// Mean flicker of a frame, of the second differences of its blocks.
pub fn mean(differences: &[f64]) -> Option<f64> {
    let count = differences.len();
    (count > 0).then(|| differences.iter().sum::<f64>() / count as f64)
}

/// Flicker of a frame beyond that of its reference, where the reference stands still; `None` where it does nowhere. Below 0
/// where the reference flickers more.
pub fn beyond(own: &[f64], reference: &[f64], still: &[bool]) -> Option<f64> {
    let pairs = own.iter().zip(reference).zip(still);
    let kept = pairs.filter(|(_, still)| **still);
    let differences: Vec<f64> = kept.map(|((own, its), _)| own - its).collect();
    mean(&differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(depth: u8, code: u16) -> Plane {
        Plane {
            width: 70,
            height: 40,
            depth,
            codes: vec![code; 70 * 40],
        }
    }

    #[test]
    fn only_changes_of_changes_flicker() {
        let found = |depth, codes: &[u16]| {
            let mut flicker = Flicker::default();
            let frames = codes.iter().map(|code| flicker.frame(&flat(depth, *code)));
            let last = frames.last().flatten();
            last.and_then(|differences| mean(&differences))
        };
        assert_eq!(found(8, &[10, 13]), None);
        assert_eq!(found(8, &[10, 13, 16]), Some(0.0));
        assert_eq!(found(8, &[10, 13, 10]), Some(6.0));
        let deep = found(10, &[40, 52, 40]).unwrap();
        assert!((deep - 6.0).abs() < 0.03, "{deep}");
        let mut flicker = Flicker::default();
        flicker.frame(&flat(8, 10));
        flicker.frame(&flat(8, 20));
        flicker.cut();
        assert_eq!(flicker.frame(&flat(8, 90)), None);
    }

    #[test]
    fn blocks_that_move_do_not_count() {
        let mut stillness = Stillness::default();
        assert_eq!(stillness.frame(flat(8, 10)), None);
        let mut moved = flat(8, 11);
        moved.codes[..32].fill(200);
        let still = stillness.frame(moved).unwrap();
        assert_eq!(still, [false, true, true, true, true, true]);
        let own = [9.0, 3.0, 3.0, 3.0, 3.0, 3.0];
        assert_eq!(beyond(&own, &[1.0; 6], &still), Some(2.0));
        assert_eq!(beyond(&own, &[1.0; 6], &[false; 6]), None);
    }
}
