//! How much two frames differ, on the whole and where they differ most, and the brightness of blocks.

use crate::metrics::Plane;

/// Side of the blocks, in samples.
const BLOCK: usize = 16;

/// Mean absolute differences of two planes, in codes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Change {
    /// Of all samples.
    pub mean: f64,
    /// Of the block of 16 × 16 samples that differs most.
    pub most: f64,
}

/// How much `now` differs from `before`; everything of a plane of another size.
pub(super) fn change(before: &Plane, now: &Plane) -> Change {
    if (before.width, before.height) != (now.width, now.height) {
        return Change {
            mean: now.peak(),
            most: now.peak(),
        };
    }
    let (mut all, mut most) = (0u64, 0.0f64);
    let mut sums = vec![0u32; now.width.div_ceil(BLOCK)];
    for top in (0..now.height).step_by(BLOCK) {
        sums.fill(0);
        let rows = top..(top + BLOCK).min(now.height);
        for y in rows.clone() {
            let blocks = before
                .row(y)
                .chunks(BLOCK)
                .zip(now.row(y).chunks(BLOCK))
                .zip(&mut sums);
            for ((old, new), sum) in blocks {
                let both = old.iter().zip(new);
                *sum += both.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
            }
        }
        for (index, sum) in sums.iter().enumerate() {
            let width = BLOCK.min(now.width - index * BLOCK);
            // A sliver at the edge has too few samples to speak for a block.
            if 2 * width >= BLOCK.min(now.width) && 2 * rows.len() >= BLOCK.min(now.height) {
                most = most.max(f64::from(*sum) / (width * rows.len()) as f64);
            }
            all += u64::from(*sum);
        }
    }
    Change {
        mean: all as f64 / (now.width * now.height).max(1) as f64,
        most,
    }
}

/// Mean codes of blocks of 16 × 16 samples, and how many blocks are in a row. Blocks at the right and bottom may be smaller.
pub(super) fn block_means(plane: &Plane) -> (Vec<f32>, usize) {
    let across = plane.width.div_ceil(BLOCK);
    let mut means = Vec::with_capacity(across * plane.height.div_ceil(BLOCK));
    let mut sums = vec![0u32; across];
    for top in (0..plane.height).step_by(BLOCK) {
        sums.fill(0);
        let rows = top..(top + BLOCK).min(plane.height);
        for y in rows.clone() {
            for (sum, codes) in sums.iter_mut().zip(plane.row(y).chunks(BLOCK)) {
                *sum += codes.iter().map(|code| u32::from(*code)).sum::<u32>();
            }
        }
        means.extend(sums.iter().enumerate().map(|(index, sum)| {
            let count = BLOCK.min(plane.width - index * BLOCK) * rows.len();
            *sum as f32 / count as f32
        }));
    }
    (means, across)
}

/// Mean absolute difference of each block of 16 × 16 samples after the difference of the blocks' means is taken away: what
/// moves, but not what only becomes brighter. `means` are those of [`block_means`]; both planes have the same size.
pub(super) fn movement(planes: [&Plane; 2], means: [&[f32]; 2]) -> Vec<f32> {
    let [before, now] = planes;
    let across = now.width.div_ceil(BLOCK);
    let mut moved = vec![0.0f32; means[1].len()];
    for y in 0..now.height {
        let first = y / BLOCK * across;
        let blocks = before
            .row(y)
            .chunks(BLOCK)
            .zip(now.row(y).chunks(BLOCK))
            .enumerate();
        for (index, (old, new)) in blocks {
            let at = first + index;
            let step = means[1][at] - means[0][at];
            let both = old.iter().zip(new);
            let sum: f32 = both
                .map(|(a, b)| (f32::from(*b) - f32::from(*a) - step).abs())
                .sum();
            moved[at] += sum;
        }
    }
    for (at, sum) in moved.iter_mut().enumerate() {
        let (x, y) = (at % across * BLOCK, at / across * BLOCK);
        *sum /= (BLOCK.min(now.width - x) * BLOCK.min(now.height - y)) as f32;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: usize, height: usize, code: impl Fn(usize, usize) -> u16) -> Plane {
        let all = (0..width * height).map(|n| code(n % width, n / width));
        Plane {
            width,
            height,
            depth: 8,
            codes: all.collect(),
        }
    }

    #[test]
    fn the_block_that_changes_is_found() {
        let before = plane(40, 34, |_, _| 10);
        let now = plane(40, 34, |x, y| if x < 16 && y < 16 { 14 } else { 10 });
        let found = change(&before, &now);
        assert_eq!(found.most, 4.0);
        assert!((found.mean - 4.0 * 256.0 / (40.0 * 34.0)).abs() < 1e-9);
        assert_eq!(change(&before, &plane(1, 1, |_, _| 0)).mean, 255.0);
    }

    #[test]
    fn brighter_blocks_do_not_move() {
        let before = plane(20, 17, |x, _| 10 + x as u16);
        let now = plane(20, 17, |x, _| 15 + x as u16);
        let (old, across) = block_means(&before);
        let (new, _) = block_means(&now);
        assert_eq!((across, new.len()), (2, 4));
        assert_eq!((new[0] - old[0], new[3]), (5.0, 32.5));
        assert!(
            movement([&before, &now], [&old, &new])
                .iter()
                .all(|m| *m < 1e-4)
        );
        let shifted = plane(20, 17, |x, _| 10 + 4 * (x as u16 % 2));
        let other = plane(20, 17, |x, _| 14 - 4 * (x as u16 % 2));
        let (old, new) = (block_means(&shifted).0, block_means(&other).0);
        assert_eq!(movement([&shifted, &other], [&old, &new])[0], 4.0);
    }
}
