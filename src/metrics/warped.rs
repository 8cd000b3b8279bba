//! Warped temporal error: what changes from frame to frame besides what moves.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Plane;

/// Side of the blocks whose motion is searched.
const BLOCK: usize = 16;
/// The picture is looked at in quarters first: how far there, and how far about what was found in the whole picture.
const COARSE: usize = 4;
const FAR: i32 = 8;
const NEAR: i32 = 3;
/// A block whose samples differ by more than this from where it came from, on average, in codes of 255, was not found again: it
/// was covered, or the light has changed.
const FOUND: f64 = 6.0;
/// Shares of the blocks that must have been found for a number.
const LEAST: f64 = 0.1;

/// Follows two videos that show the same: what moves is searched in one, and what it leaves is measured in both (Lai and others:
/// "Learning blind video temporal consistency", 2018, with block motion in place of optical flow).
#[derive(Clone, Debug, Default)]
pub struct WarpedError {
    /// The last frame of each: the one that is measured, and the one in which motion is searched.
    last: Option<(Plane, Plane)>,
}

/// Where a block came from, in pixels, and whether it was found there.
#[derive(Clone, Copy, Debug)]
struct Motion {
    x: i32,
    y: i32,
    found: bool,
}

impl WarpedError {
    /// A scene begins with the next frame.
    pub fn cut(&mut self) {
        self.last = None;
    }

    /// Takes the next frame `own` of the video that is measured, and `guide`, in which motion is searched: the source's frame of the
    /// same size, or `own` itself. Root mean square of the differences between blocks and where they came from, in codes of 255:
    /// of `own`, and of `guide`. `None` for the first frame of a scene, and where less than a tenth of the picture was found again.
    pub fn frame(&mut self, own: Plane, guide: Plane) -> Option<(f64, f64)> {
        let alike =
            |a: &Plane, b: &Plane| (a.width, a.height, a.depth) == (b.width, b.height, b.depth);
        let measured = self.last.as_ref().and_then(|(before, guide_before)| {
            if !alike(before, &own)
                || !alike(guide_before, &guide)
                || (own.width, own.height) != (guide.width, guide.height)
            {
                return None;
            }
            let motions = motions(&guide, guide_before)?;
            Some((
                left(&own, before, &motions)?,
                left(&guide, guide_before, &motions)?,
            ))
        });
        self.last = Some((own, guide));
        measured
    }
}

/// The motion of each block of `plane` from `before`; `None` for pictures smaller than four blocks.
fn motions(plane: &Plane, before: &Plane) -> Option<Vec<Motion>> {
    let (across, down) = (plane.width / BLOCK, plane.height / BLOCK);
    if across < 2 || down < 2 {
        return None;
    }
    let (small, small_before) = (reduced(plane), reduced(before));
    let side = BLOCK / COARSE;
    let limit = FOUND * plane.peak() / 255.0 * (BLOCK * BLOCK) as f64;
    let blocks = (0..across * down).into_par_iter().map(|index| {
        let (left, top) = (index % across, index / across);
        let coarse = search(
            &small,
            &small_before,
            (left * side, top * side, side),
            (0, 0),
            FAR,
        );
        let guess = (coarse.0 * COARSE as i32, coarse.1 * COARSE as i32);
        let place = (left * BLOCK, top * BLOCK, BLOCK);
        let (x, y, difference) = search(plane, before, place, guess, NEAR);
        Motion {
            x,
            y,
            found: f64::from(difference) <= limit,
        }
    });
    Some(blocks.collect())
}

/// The displacement, at most `reach` from `guess`, at which the block differs least from `before`, and by how much in all; of
/// equal ones the smallest.
fn search(
    plane: &Plane,
    before: &Plane,
    (left, top, side): (usize, usize, usize),
    guess: (i32, i32),
    reach: i32,
) -> (i32, i32, u32) {
    let (mut best, mut found) = (u32::MAX, (0, 0));
    let still = [(0, 0)].into_iter();
    let around =
        (-reach..=reach).flat_map(|y| (-reach..=reach).map(move |x| (guess.0 + x, guess.1 + y)));
    for (x, y) in still.chain(around) {
        let (from_x, from_y) = (left as i32 + x, top as i32 + y);
        let inside = from_x >= 0
            && from_y >= 0
            && from_x as usize + side <= before.width
            && from_y as usize + side <= before.height;
        if !inside {
            continue;
        }
        let mut sum = 0;
        for line in 0..side {
            let row = &plane.row(top + line)[left..][..side];
            let other = &before.row(from_y as usize + line)[from_x as usize..][..side];
            sum += differences(row, other);
            if sum >= best {
                break;
            }
        }
        if sum < best {
            (best, found) = (sum, (x, y));
        }
    }
    (found.0, found.1, best)
}

#[multiversion(targets = "simd")]
fn differences(row: &[u16], other: &[u16]) -> u32 {
    let mut sum = 0;
    for (a, b) in row.iter().zip(other) {
        sum += u32::from(a.abs_diff(*b));
    }
    sum
}

/// Root mean square of what the blocks that were found differ by from where they came from, in codes of 255.
fn left(plane: &Plane, before: &Plane, motions: &[Motion]) -> Option<f64> {
    let across = plane.width / BLOCK;
    let sums = motions
        .par_iter()
        .enumerate()
        .filter(|(_, motion)| motion.found)
        .map(|(index, motion)| {
            let (left, top) = (index % across * BLOCK, index / across * BLOCK);
            let (from_x, from_y) = (
                (left as i32 + motion.x) as usize,
                (top as i32 + motion.y) as usize,
            );
            let rows = (0..BLOCK).map(|line| {
                let row = &plane.row(top + line)[left..][..BLOCK];
                let other = &before.row(from_y + line)[from_x..][..BLOCK];
                let squares = row
                    .iter()
                    .zip(other)
                    .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2));
                squares.sum::<u64>()
            });
            rows.sum::<u64>()
        });
    let sums: Vec<u64> = sums.collect();
    let enough = sums.len() as f64 >= LEAST * motions.len() as f64;
    let count = (sums.len() * BLOCK * BLOCK) as f64;
    let scale = 255.0 / plane.peak();
    enough.then(|| (sums.iter().sum::<u64>() as f64 / count).sqrt() * scale)
}

/// Means of squares of [`COARSE`] pixels a side; incomplete ones are left out.
fn reduced(plane: &Plane) -> Plane {
    let (width, height) = (plane.width / COARSE, plane.height / COARSE);
    let mut codes = vec![0; width * height];
    codes
        .par_chunks_mut(width)
        .enumerate()
        .for_each(|(y, out)| {
            for (x, code) in out.iter_mut().enumerate() {
                let rows =
                    (0..COARSE).map(|line| &plane.row(y * COARSE + line)[x * COARSE..][..COARSE]);
                let sum: u32 = rows.flatten().map(|code| u32::from(*code)).sum();
                *code = (sum / (COARSE * COARSE) as u32) as u16;
            }
        });
    Plane {
        width,
        height,
        depth: plane.depth,
        codes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A texture without repetition, moved by so many pixels, with `noise` codes more on every second frame.
    fn plane(frame: usize, speed: (usize, usize), noise: u16) -> Plane {
        let (width, height) = (160, 96);
        let corner = |x: usize, y: usize| {
            let mixed = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77);
            f64::from((mixed ^ mixed >> 15).wrapping_mul(0x2c1b_3c6d) >> 24) * 0.9
        };
        let at = |x: usize, y: usize| {
            let (x, y) = (x + 400 - speed.0 * frame, y + 400 - speed.1 * frame);
            let (left, top, u, v) = (x / 8, y / 8, (x % 8) as f64 / 8.0, (y % 8) as f64 / 8.0);
            let line = |y: usize| corner(left, y) * (1.0 - u) + corner(left + 1, y) * u;
            (line(top) * (1.0 - v) + line(top + 1) * v) as u16
        };
        let more = if frame % 2 == 1 { noise } else { 0 };
        Plane {
            width,
            height,
            depth: 8,
            codes: (0..width * height)
                .map(|index| at(index % width, index / width) + more)
                .collect(),
        }
    }

    fn measured(
        own: impl Fn(usize) -> Plane,
        guide: impl Fn(usize) -> Plane,
    ) -> Vec<Option<(f64, f64)>> {
        let mut error = WarpedError::default();
        (0..4)
            .map(|frame| error.frame(own(frame), guide(frame)))
            .collect()
    }

    #[test]
    fn what_moves_as_a_whole_leaves_nothing() {
        for speed in [(0, 0), (5, 0), (3, 7), (30, 20)] {
            let moved = |frame| plane(frame, speed, 0);
            let found = measured(moved, moved);
            assert_eq!(found[0], None);
            for error in &found[1..] {
                // Without the motion more than 20 codes are left. What comes in at the sides has no place before; something like it may
                // be taken for it.
                let (own, guide) = error.unwrap();
                let most = if speed.0 < 10 { 1.3 } else { 2.0 };
                assert!(own == guide && own < most, "{speed:?}: {own}");
            }
        }
    }

    #[test]
    fn what_flickers_besides_is_measured_along_the_motion_of_the_source() {
        let (moved, flickering) = (
            |frame| plane(frame, (5, 2), 0),
            |frame| plane(frame, (5, 2), 9),
        );
        for error in &measured(flickering, moved)[1..] {
            let (own, guide) = error.unwrap();
            assert!((own - 9.0).abs() < 0.2 && guide < 1.3, "{own} {guide}");
        }
    }

    #[test]
    fn another_scene_and_small_pictures_have_no_number() {
        let noise = |seed: u32| {
            let mut plane = plane(0, (0, 0), 0);
            let mut state = seed;
            for code in &mut plane.codes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *code = (state >> 24) as u16;
            }
            plane
        };
        let mut error = WarpedError::default();
        error.frame(noise(1), noise(1));
        assert_eq!(error.frame(noise(2), noise(2)), None);
        let small = Plane {
            width: 20,
            height: 20,
            depth: 8,
            codes: vec![0; 400],
        };
        let mut error = WarpedError::default();
        error.frame(small.clone(), small.clone());
        assert_eq!(error.frame(small.clone(), small), None);
    }
}
