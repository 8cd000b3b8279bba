//! Pictures that were decoded from damaged data: blocks of gray or green, and blocks that are wrong for a moment.

use super::bytes::{Bytes, confidence, details};
use super::{Detector, Finding, View, Worst};
use crate::frame::Model;

/// Side of macroblocks, in pixels of luma.
const SIDE: usize = 16;
/// Codes by which steps at the border of a wrong block exceed those beside it.
const STEP: f64 = 14.0;
/// Empty blocks of a frame from which on it is damaged, and frames from which on it is a defect.
const BLOCKS: usize = 4;
/// Wrong blocks of a frame from which on it is damaged.
const TORN: usize = 6;
const FRAMES: u64 = 1;

/// Finds `damaged_pictures` (percent of frames). Decoders leave lost macroblocks gray (all components 128) or green (all 0);
/// others are moved or mixed up, and are seen by steps all along the grid of 16 pixels that were not there in the frame
/// before and that other grids do not have.
#[derive(Default)]
pub struct Damage {
    seen: u64,
    before: Option<Bytes>,
    /// Blocks of gray or green in the frame before: a picture that has them all the time is not damaged.
    empty: usize,
    damaged: u64,
    worst: Worst,
}

impl Detector for Damage {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        let now = Bytes::luma(view);
        let before = self
            .before
            .take()
            .filter(|before| view.follows && before.fits(&now));
        let empty = empty(view, &now);
        let torn = before.as_ref().map_or(0, |before| torn(before, &now));
        let came = if before.is_some() {
            empty.saturating_sub(self.empty)
        } else {
            0
        };
        let blocks = (now.width / SIDE) * (now.height / SIDE);
        // A picture of one colour is a title or the end.
        let partly = empty * 20 < blocks * 19;
        if torn >= TORN || (came >= BLOCKS && partly) {
            self.damaged += 1;
            self.worst.add((torn + came) as f64, view.time);
        }
        self.empty = empty;
        self.before = Some(now);
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let share = 100.0 * self.damaged as f64 / self.seen.max(1) as f64;
        let sure = if self.damaged == 0 {
            0.8
        } else {
            confidence(self.damaged as f64, FRAMES as f64).min(0.9)
        };
        let mut finding = Finding::absent(
            "damaged_pictures",
            "% of frames",
            sure,
            "No frame looks damaged.",
        );
        finding.details = details(&[("frames", self.damaged as f64)]);
        if self.damaged >= FRAMES {
            finding.found = true;
            finding.severity = share;
            finding.at = self.worst.times();
            finding.words = format!(
                "{} frames were decoded from damaged data: blocks are empty or wrong.",
                self.damaged
            );
        }
        vec![finding]
    }
}

/// Macroblocks of which all samples are gray, or all are green.
fn empty(view: &View, luma: &Bytes) -> usize {
    if view.picture.format.model != Model::Yuv {
        return 0;
    }
    let places: Vec<(usize, usize, u8)> = (0..luma.height / SIDE)
        .flat_map(|row| (0..luma.width / SIDE).map(move |column| (column * SIDE, row * SIDE)))
        .filter_map(|(x, y)| {
            let code = luma.row(y)[x];
            let grey = code.abs_diff(128) <= 2;
            // Four places decide for most blocks.
            let alike = |row: usize, from: usize, to: usize| {
                luma.row(y + row)[x + from..x + to]
                    .iter()
                    .all(|other| other.abs_diff(code) <= 1)
            };
            let flat = (grey || code <= 17)
                && alike(15, 15, 16)
                && (0..SIDE).all(|row| alike(row, 0, SIDE));
            flat.then_some((x, y, code))
        })
        .collect();
    if places.len() < BLOCKS {
        return 0;
    }
    let Some(planes) = Bytes::chroma(view) else {
        return 0;
    };
    let empty = |(x, y, code): &&(usize, usize, u8)| {
        planes.iter().all(|plane| {
            let (from, to) = (
                x * plane.width / luma.width,
                (x + SIDE) * plane.width / luma.width,
            );
            let (top, end) = (
                y * plane.height / luma.height,
                (y + SIDE) * plane.height / luma.height,
            );
            (top..end).all(|row| {
                plane.row(row)[from..to].iter().all(|chroma| match code {
                    0..=17 => *chroma <= 18,
                    _ => chroma.abs_diff(128) <= 1,
                })
            })
        })
    };
    let empty: Vec<(usize, usize, u8)> = places.iter().filter(empty).copied().collect();
    if ends_on_grid(luma, &empty) {
        empty.len()
    } else {
        0
    }
}

/// Whether most rows of empty blocks end where the blocks do: an object of the scene that is gray goes on for some pixels.
fn ends_on_grid(luma: &Bytes, blocks: &[(usize, usize, u8)]) -> bool {
    let (mut sharp, mut all) = (0, 0);
    for (n, (x, y, code)) in blocks.iter().enumerate() {
        let beside = |other: Option<&(usize, usize, u8)>, at: usize| {
            other.is_some_and(|other| (other.0, other.1) == (at, *y))
        };
        let differs = |column: usize| {
            let rows = (*y..y + SIDE).filter(|row| luma.row(*row)[column].abs_diff(*code) > 3);
            rows.count() * 2 > SIDE
        };
        if *x > 0 && !(n > 0 && beside(blocks.get(n - 1), x - SIDE)) {
            sharp += u32::from(differs(x - 1));
            all += 1;
        }
        if x + SIDE < luma.width && !beside(blocks.get(n + 1), x + SIDE) {
            sharp += u32::from(differs(x + SIDE));
            all += 1;
        }
    }
    sharp * 2 > all
}

/// Blocks with new steps at two or more sides, less what grids that begin elsewhere have: edges of the scene are on any.
fn torn(before: &Bytes, now: &Bytes) -> usize {
    let on = broken(before, now, 0);
    if on < TORN {
        return 0;
    }
    let others = [4, 8, 12].map(|from| broken(before, now, from));
    on.saturating_sub(3 * others.into_iter().fold(0, usize::max))
}

/// Blocks of the grid that begins at (`from`, `from`) with new steps at two or more sides.
fn broken(before: &Bytes, now: &Bytes, from: usize) -> usize {
    let (across, down) = (
        now.width.saturating_sub(from) / SIDE,
        now.height.saturating_sub(from) / SIDE,
    );
    if across < 3 || down < 3 {
        return 0;
    }
    let mut sides = vec![0u8; across * down];
    for row in 0..down {
        for column in 0..across {
            let (x, y) = (from + column * SIDE, from + row * SIDE);
            let at = row * across + column;
            if column > 0 && new_step(before, now, (x, y), 1, now.width) {
                sides[at] += 1;
                sides[at - 1] += 1;
            }
            if row > 0 && new_step(before, now, (x, y), now.width, 1) {
                sides[at] += 1;
                sides[at - across] += 1;
            }
        }
    }
    sides.iter().filter(|count| **count >= 2).count()
}

/// Whether there is a step before the border that begins at `place` and goes on every `along` samples, higher than those
/// one sample (`over`) to both sides, and higher than it was in the frame before.
fn new_step(before: &Bytes, now: &Bytes, place: (usize, usize), over: usize, along: usize) -> bool {
    let first = place.1 * now.width + place.0;
    let step =
        |plane: &Bytes, at: usize| u32::from(plane.codes[at].abs_diff(plane.codes[at - over]));
    let (mut here, mut beside, mut old) = (0, 0, 0);
    for n in 0..SIDE {
        let at = first + n * along;
        here += step(now, at);
        old += step(before, at);
        beside += step(now, at - over) + step(now, at + over);
    }
    let mean = |sum: u32| f64::from(sum) / SIDE as f64;
    mean(here) > STEP + 1.5 * mean(beside) && mean(here) > STEP + 1.5 * mean(old)
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// A soft moving texture; in frame 4 `wrong` replaces the blocks of a strip.
    fn run(wrong: Option<[f64; 3]>, moved: usize) -> Finding {
        let mut damage = Box::new(Damage::default());
        for number in 0..8u64 {
            let n = number as usize;
            damage.frame(&view(number, 192, 128, |x, y| {
                let lost = n == 4 && (48..64).contains(&y) && (32..144).contains(&x);
                if let Some(codes) = wrong.filter(|_| lost) {
                    return codes;
                }
                let at = x + 2 * n + if lost && x / 16 % 2 == 0 { moved } else { 0 };
                let level = |n: usize| f64::from(hash(n + y / 24 * 900) % 140);
                let part = (at % 12) as f64 / 12.0;
                [
                    50.0 + level(at / 12) * (1.0 - part) + level(at / 12 + 1) * part,
                    110.0,
                    140.0,
                ]
            }));
        }
        damage.findings().remove(0)
    }

    #[test]
    fn empty_and_moved_blocks_are_damage() {
        for finding in [
            run(Some([128.0; 3]), 0),
            run(Some([0.0; 3]), 0),
            run(None, 70),
        ] {
            assert!(finding.found);
            assert!(finding.at.contains(&0.16), "{:?}", finding.at);
        }
        assert!(!run(None, 0).found);
    }
}
