//! Dropouts of tape: short streaks of a wrong level in one or two lines of one frame.

use super::bytes::{Bytes, Neighbours, confidence, details};
use super::moved::least_difference;
use super::{Detector, Finding, View, Worst};

/// A streak differs by so many codes from the lines around it and from the frames before and after.
const LEAST: u8 = 24;
/// Mean change around a streak, in codes, from which on the scene moves there and nothing can be said.
const MOVING: u32 = 10;
/// How far what moves is sought, in pixels.
const REACH: usize = 12;
/// Pixels examined at once.
const CHUNK: usize = 64;
/// Pixels of a streak that may be missing in a row.
const GAP: usize = 3;
/// Streaks a frame on average from which on they are a defect, and the part of the frames that has to have some.
const PER_FRAME: f64 = 0.35;
const FRAMES: f64 = 0.08;

/// Finds `dropouts` (streaks a frame): runs of pixels brighter or darker than the lines two above and two below, and than
/// five lines around them in the frames before and after.
#[derive(Default)]
pub struct Dropouts {
    frames: Neighbours,
    seen: u64,
    with: u64,
    streaks: u64,
    worst: Worst,
}

impl Detector for Dropouts {
    fn frame(&mut self, view: &View) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.next(view, |three, time| self.look(three, time));
        self.frames = frames;
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let seen = self.seen.max(1) as f64;
        let (streaks, with) = (self.streaks as f64 / seen, self.with as f64 / seen);
        let sure = if self.seen < 5 {
            0.2
        } else {
            confidence(streaks, PER_FRAME)
        };
        let mut finding = Finding::absent(
            "dropouts",
            "streaks a frame",
            sure,
            "There are no dropouts.",
        );
        finding.details = details(&[("streaks", streaks), ("frames", 100.0 * with)]);
        if streaks >= PER_FRAME && with >= FRAMES {
            finding.found = true;
            finding.severity = streaks;
            finding.at = self.worst.times();
            finding.words = format!("There are dropouts: {streaks:.1} streaks a frame.");
        }
        vec![finding]
    }
}

impl Dropouts {
    fn look(&mut self, three: [&Bytes; 3], time: f64) {
        self.seen += 1;
        let (width, height) = (three[1].width, three[1].height);
        if width < 32 || height < 8 {
            return;
        }
        let long = (width / 40).max(12);
        let mut count = 0;
        // A streak of two lines is counted once.
        let mut last: Option<(usize, usize, usize)> = None;
        for y in 2..height - 2 {
            for (start, end) in streaks(three, y, long) {
                if moves([three[0], three[2]], y, start, end)
                    || is_found([three[0], three[2]], three[1], [start, y - 2, end, y + 3])
                {
                    continue;
                }
                let again =
                    last.is_some_and(|(line, from, to)| y - line <= 2 && start < to && from < end);
                count += u64::from(!again);
                last = Some((y, start, end));
            }
        }
        // Flashes and cuts make them everywhere.
        if count > height as u64 / 8 {
            return;
        }
        self.streaks += count;
        self.with += u64::from(count > 0);
        if count > 0 {
            self.worst.add(count as f64, time);
        }
    }
}

/// Whether what is above and below a streak changes from the frame before to the frame after.
fn moves([before, after]: [&Bytes; 2], y: usize, start: usize, end: usize) -> bool {
    let rows = [y - 2, y + 2].into_iter();
    let sums = rows.map(|row| {
        let both = before.row(row)[start..end]
            .iter()
            .zip(&after.row(row)[start..end]);
        both.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>()
    });
    sums.sum::<u32>() >= MOVING * 2 * (end - start) as u32
}

/// Whether a line with its surroundings is found beside itself in another frame: then it has moved.
fn is_found(others: [&Bytes; 2], now: &Bytes, part: [usize; 4]) -> bool {
    others.iter().any(|other| {
        let unmoved = least_difference(now, other, part, 0);
        least_difference(now, other, part, REACH) < 0.6 * unmoved
    })
}

/// Streaks of at least `long` pixels in line `y`: start and end.
fn streaks([before, now, after]: [&Bytes; 3], y: usize, long: usize) -> Vec<(usize, usize)> {
    let rows = [now.row(y - 2), now.row(y + 2), before.row(y), after.row(y)];
    let line = now.row(y);
    let mut streaks: Vec<(usize, usize)> = Vec::new();
    for left in (0..line.len()).step_by(CHUNK) {
        let end = (left + CHUNK).min(line.len());
        let [a, b, p, n] = rows.map(|row| &row[left..end]);
        let others = a.iter().zip(b).zip(p.iter().zip(n));
        let largest = line[left..end]
            .iter()
            .zip(others)
            .map(|(code, ((a, b), (p, n)))| beyond(*code, [*a, *b, *p, *n]));
        if largest.fold(0, u8::max) < LEAST {
            continue;
        }
        for x in left..end {
            if beyond(line[x], rows.map(|row| row[x])) < LEAST
                || !unlike(before, after, line[x], x, y)
            {
                continue;
            }
            match streaks.last_mut() {
                Some((_, to)) if x - *to <= GAP => *to = x + 1,
                _ => streaks.push((x, x + 1)),
            }
        }
    }
    streaks.retain(|(start, end)| end - start >= long);
    streaks
}

/// By how much `code` is brighter or darker than all others.
#[inline]
fn beyond(code: u8, [a, b, c, d]: [u8; 4]) -> u8 {
    let (high, low) = (a.max(b).max(c.max(d)), a.min(b).min(c.min(d)));
    code.saturating_sub(high).max(low.saturating_sub(code))
}

/// Whether `code` is out of the range of five lines around it in both other frames.
fn unlike(before: &Bytes, after: &Bytes, code: u8, x: usize, y: usize) -> bool {
    let column = [before, after]
        .into_iter()
        .flat_map(|plane| (y - 2..=y + 2).map(|row| plane.codes[row * plane.width + x]));
    let (low, high) = column.fold((u8::MAX, 0), |(low, high), code| {
        (low.min(code), high.max(code))
    });
    code.saturating_sub(high).max(low.saturating_sub(code)) >= LEAST / 2
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// A texture that moves down by `speed` lines a frame, with or without a streak in every other frame, or with a line
    /// that moves along.
    fn run(streak: bool, speed: usize) -> Finding {
        let mut dropouts = Box::new(Dropouts::default());
        for number in 0..20u64 {
            let n = number as usize;
            let (left, top) = (hash(n) as usize % 100, 5 + hash(n + 40) as usize % 80);
            dropouts.frame(&view(number, 160, 96, |x, y| {
                let texture = f64::from(hash(x / 7 + (y + speed * n) / 7 * 80) % 60);
                let inside =
                    streak && n.is_multiple_of(2) && y == top && (left..left + 40).contains(&x);
                let moving = !streak && y + speed * n == 90;
                [
                    if inside {
                        230.0
                    } else if moving {
                        10.0
                    } else {
                        60.0 + texture
                    },
                    128.0,
                    128.0,
                ]
            }));
        }
        dropouts.findings().remove(0)
    }

    #[test]
    fn streaks_of_single_frames_are_counted() {
        let found = run(true, 0);
        assert!(found.found);
        assert!((0.4..0.6).contains(&found.severity), "{}", found.severity);
    }

    #[test]
    fn lines_of_the_scene_are_none() {
        assert!(!run(false, 0).found);
        assert!(!run(false, 2).found);
    }
}
