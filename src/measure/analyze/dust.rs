//! Dust and dirt on film: spots that are there in one frame alone.

use std::collections::VecDeque;

use super::bytes::{Bytes, Neighbours, confidence, details};
use super::moved::least_difference;
use super::{Detector, Finding, View, Worst};

/// A spot is so many codes of 255 brighter or darker than both frames beside it, at least.
const LEAST: u8 = 20;
/// How far what moves is sought, in pixels.
const REACH: usize = 12;
/// Sparks and water glitter where they did a moment ago: so many frames are remembered, near is this part of the width, and
/// where this share of the spots more than by chance is near another, it is no dust.
const RECENT: usize = 4;
const NEAR: usize = 24;
const AGAIN: f64 = 0.25;
/// Pixels examined at once.
const CHUNK: usize = 64;
/// Spots a frame on average from which on dust is a defect, and the part of the frames that has to have some.
const PER_FRAME: f64 = 0.6;
const FRAMES: f64 = 0.25;
/// Where a larger part of the pixels differs from both neighbours, the picture moves or flashes and says nothing.
const MOVING: f64 = 0.005;

/// Finds `dust` (spots a frame): pixels outside the range that the 5 × 5 pixels around them have in the frames before and
/// after (a spike detector after Kokaram: "Motion Picture Restoration", 1998, section 6.1, without motion vectors), joined
/// into spots, where the surroundings keep still.
#[derive(Default)]
pub struct Dust {
    frames: Neighbours,
    mask: Vec<bool>,
    seen: u64,
    with: u64,
    spots: u64,
    pixels: u64,
    /// Spots that have another near them in one of the frames before, how many chance would have put there, and the places
    /// of the spots in those frames.
    again: u64,
    expected: f64,
    recent: VecDeque<Vec<(usize, usize)>>,
    worst: Worst,
}

impl Detector for Dust {
    fn frame(&mut self, view: &View) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.next(view, |three, time| self.look(three, time));
        self.frames = frames;
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let seen = self.seen.max(1) as f64;
        let (spots, with) = (self.spots as f64 / seen, self.with as f64 / seen);
        let size = self.pixels as f64 / self.spots.max(1) as f64;
        let sure = if self.seen < 5 {
            0.2
        } else {
            confidence(spots, PER_FRAME)
        };
        let mut finding = Finding::absent("dust", "spots a frame", sure, "There is no dust.");
        finding.details = details(&[("spots", spots), ("frames", 100.0 * with), ("pixels", size)]);
        let again = (self.again as f64 - self.expected) / self.spots.max(1) as f64;
        finding.details.extend(details(&[("again", again)]));
        if spots >= PER_FRAME && with >= FRAMES && again < AGAIN {
            finding.found = true;
            finding.severity = spots;
            finding.at = self.worst.times();
            finding.words =
                format!("There is dust: {spots:.1} spots a frame, of {size:.0} pixels on average.");
        }
        vec![finding]
    }
}

impl Dust {
    fn look(&mut self, [before, now, after]: [&Bytes; 3], time: f64) {
        self.seen += 1;
        let (width, height) = (now.width, now.height);
        if width < 16 || height < 16 {
            return;
        }
        let least = LEAST.saturating_add((2.0 * difference(before, after)).min(100.0) as u8);
        let most = (MOVING * (width * height) as f64) as usize;
        let mut places = Vec::new();
        for y in 2..height - 2 {
            let rows = [before.row(y), now.row(y), after.row(y)];
            for left in (2..width - 2).step_by(CHUNK) {
                let end = (left + CHUNK).min(width - 2);
                let [p, c, n] = rows.map(|row| &row[left..end]);
                let largest = p
                    .iter()
                    .zip(c)
                    .zip(n)
                    .map(|((p, c), n)| beyond(*p, *c, *n))
                    .fold(0, u8::max);
                if largest > least {
                    places.extend(
                        (left..end)
                            .filter(|x| beyond(rows[0][*x], rows[1][*x], rows[2][*x]) > least)
                            .map(|x| (x, y)),
                    );
                }
            }
            if places.len() > most {
                return;
            }
        }
        self.mask.resize(width * height, false);
        places.retain(|(x, y)| outside(before, now, after, *x, *y, least / 2));
        places
            .iter()
            .for_each(|(x, y)| self.mask[y * width + x] = true);
        let mut count = 0;
        let near = width / NEAR;
        let known: Vec<(usize, usize)> = self.recent.iter().flatten().copied().collect();
        let area = (2 * near + 1) as f64 * (2 * near + 1) as f64 / (width * height) as f64;
        let chance = 1.0 - (-area * known.len() as f64).exp();
        let mut centres = Vec::new();
        for (x, y) in &places {
            let spot = self.take(*x, *y, width, height);
            if spot.pixels >= 4 && spot.is_dust(before, now, after) {
                count += 1;
                self.pixels += spot.pixels;
                let (x, y) = (spot.left, spot.top);
                let beside =
                    |(a, b): &(usize, usize)| a.abs_diff(x) <= near && b.abs_diff(y) <= near;
                self.again += u64::from(known.iter().any(beside));
                self.expected += chance;
                centres.push((x, y));
            }
        }
        self.recent.push_back(centres);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        self.spots += count;
        self.with += u64::from(count > 0);
        if count > 0 {
            self.worst.add(count as f64, time);
        }
    }

    /// Takes the spot at (`x`, `y`) out of the mask. Parts of a spot are at most 2 pixels apart.
    fn take(&mut self, x: usize, y: usize, width: usize, height: usize) -> Spot {
        let mut spot = Spot {
            pixels: 0,
            left: x,
            top: y,
            right: x,
            bottom: y,
        };
        let mut waiting = vec![(x, y)];
        while let Some((x, y)) = waiting.pop() {
            for near in y.saturating_sub(2)..(y + 3).min(height) {
                for at in x.saturating_sub(2)..(x + 3).min(width) {
                    if std::mem::take(&mut self.mask[near * width + at]) {
                        spot.pixels += 1;
                        spot.left = spot.left.min(at);
                        spot.right = spot.right.max(at);
                        spot.top = spot.top.min(near);
                        spot.bottom = spot.bottom.max(near);
                        waiting.push((at, near));
                    }
                }
            }
        }
        spot
    }
}

/// Connected pixels and their box, inclusive.
struct Spot {
    pixels: u64,
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Spot {
    /// Whether it has the size and shape of dust and lies where nothing moves.
    fn is_dust(&self, before: &Bytes, now: &Bytes, after: &Bytes) -> bool {
        let (wide, high) = (self.right - self.left + 1, self.bottom - self.top + 1);
        // Lines of one or two rows are dropouts of tape.
        if wide.max(high) > (now.width / 16).max(8) || (high <= 2 && wide > 6 * high) {
            return false;
        }
        if self.pixels * 4 < (wide * high) as u64 {
            return false;
        }
        let (mut still, mut same, mut count) = (0u32, 0u32, 0u32);
        for y in self.top.saturating_sub(6)..(self.bottom + 7).min(now.height) {
            for x in self.left.saturating_sub(6)..(self.right + 7).min(now.width) {
                let inside = |from: usize, to: usize, at: usize| at + 2 >= from && at <= to + 2;
                if inside(self.left, self.right, x) && inside(self.top, self.bottom, y) {
                    continue;
                }
                let [p, c, n] = [before, now, after].map(|plane| plane.codes[y * now.width + x]);
                still += u32::from(p.abs_diff(n));
                same += u32::from(c.abs_diff(p)).min(u32::from(c.abs_diff(n)));
                count += 1;
            }
        }
        // Noise of deviation 10 differs by 11.
        if still >= 14 * count || same >= 10 * count {
            return false;
        }
        // What is found beside it in another frame has moved.
        let part = [
            self.left.saturating_sub(2),
            self.top.saturating_sub(2),
            (self.right + 3).min(now.width),
            (self.bottom + 3).min(now.height),
        ];
        [before, after].iter().all(|other| {
            let unmoved = least_difference(now, other, part, 0);
            least_difference(now, other, part, REACH) > 0.5 * unmoved
        })
    }
}

/// By how much `now` is brighter or darker than both others.
#[inline]
fn beyond(before: u8, now: u8, after: u8) -> u8 {
    now.saturating_sub(before.max(after))
        .max(before.min(after).saturating_sub(now))
}

/// Whether the pixel is at least `least` outside the range of the 5 × 5 pixels around it in both other frames.
fn outside(before: &Bytes, now: &Bytes, after: &Bytes, x: usize, y: usize, least: u8) -> bool {
    let (mut low, mut high) = (u8::MAX, 0);
    for plane in [before, after] {
        for row in y - 2..=y + 2 {
            for code in &plane.row(row)[x - 2..=x + 2] {
                low = low.min(*code);
                high = high.max(*code);
            }
        }
    }
    let code = now.row(y)[x];
    code.saturating_sub(high).max(low.saturating_sub(code)) >= least
}

/// Mean absolute difference of some rows, in codes.
fn difference(one: &Bytes, other: &Bytes) -> f64 {
    let (mut sum, mut count) = (0u64, 0);
    for y in (0..one.height).step_by(16) {
        let both = one.row(y).iter().zip(other.row(y));
        sum += both.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        count += one.width;
    }
    sum as f64 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, normal, view};
    use super::*;

    fn run(spots: bool, speed: usize) -> Finding {
        let mut dust = Box::new(Dust::default());
        for number in 0..12u64 {
            let n = number as usize;
            dust.frame(&view(number, 160, 120, |x, y| {
                let (cx, cy) = (
                    10 + hash(n) as usize % 140,
                    10 + hash(n + 50) as usize % 100,
                );
                let inside = spots && x.abs_diff(cx) < 3 && y.abs_diff(cy) < 3;
                let texture = f64::from(hash((x + speed * n) / 8 + y / 8 * 40) % 60);
                [
                    if inside {
                        220.0
                    } else {
                        60.0 + texture + normal(n * 19200 + y * 160 + x)
                    },
                    128.0,
                    128.0,
                ]
            }));
        }
        dust.findings().remove(0)
    }

    #[test]
    fn spots_of_single_frames_are_counted() {
        let found = run(true, 0);
        assert!(found.found);
        assert!((0.7..1.3).contains(&found.severity), "{}", found.severity);
        assert!(!run(false, 0).found);
    }

    #[test]
    fn movement_is_no_dust() {
        assert!(!run(false, 5).found);
    }
}
