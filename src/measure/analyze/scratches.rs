//! Scratches of film: thin vertical lines that stay at a column while the picture behind them changes.

use super::bytes::{Bytes, confidence, details};
use super::{Detector, Finding, View, Worst};

/// Codes that a line differs from both its sides by.
const LEAST: i16 = 5;
/// Rows looked at, at most.
const ROWS: usize = 360;
/// Part of the rows in which a line has to be seen.
const PART: f64 = 0.45;
/// Frames that a line has to stay, and pixels that it may move from frame to frame.
const STAY: u64 = 4;
const DRIFT: usize = 2;
/// Pixels from its first to its last place from which on a line is one that moves.
const WANDER: usize = 6;
/// Mean change of the surroundings from frame to frame by which a line is told from a line of the scene.
const CHANGE: f64 = 2.5;
/// Percent of the frames that have to have scratches.
const FRAMES: f64 = 4.0;

/// Finds `scratches` (percent of the frames that have one). Each column counts the rows in which it is brighter (or darker)
/// than both its sides (after Kokaram: "Detection and removal of line scratches in degraded motion picture sequences",
/// 1996); what is high in few columns is a line, and is followed through the frames. A line of the scene moves with it, or
/// is there as long as it: scratches stay while the surroundings change, or come and go while they do not.
#[derive(Default)]
pub struct Scratches {
    before: Option<Bytes>,
    lines: Vec<Line>,
    seen: u64,
    /// Frames with scratches, as lines that ended say: first and last number.
    spans: Vec<(u64, u64)>,
    count: u64,
    worst: Worst,
}

/// A line that is followed.
struct Line {
    x: usize,
    /// Where it was first.
    start: usize,
    bright: bool,
    first: u64,
    last: u64,
    time: f64,
    strength: f64,
    change: f64,
    hits: u64,
    /// Whether it came while its surroundings stayed the same.
    came: bool,
}

impl Detector for Scratches {
    fn frame(&mut self, view: &View) {
        let now = Bytes::luma(view);
        let before = self
            .before
            .take()
            .filter(|before| view.follows && before.fits(&now));
        if before.is_none() {
            self.end_before(u64::MAX);
        }
        if now.width >= 48 && now.height >= 32 {
            for (x, bright, strength) in lines(&now) {
                let change = before
                    .as_ref()
                    .map_or(0.0, |before| change(before, &now, x));
                let near = self
                    .lines
                    .iter_mut()
                    .find(|line| line.bright == bright && line.x.abs_diff(x) <= DRIFT);
                if let Some(line) = near {
                    line.x = x;
                    line.last = self.seen;
                    line.strength = line.strength.max(strength);
                    line.change += change;
                    line.hits += 1;
                } else {
                    let came = before.is_some() && change < 2.0 * CHANGE;
                    let (first, time) = (self.seen, view.time);
                    self.lines.push(Line {
                        x,
                        start: x,
                        bright,
                        first,
                        last: first,
                        time,
                        strength,
                        change: 0.0,
                        hits: 1,
                        came,
                    });
                }
            }
        }
        self.end_before(self.seen.saturating_sub(2));
        self.before = Some(now);
        self.seen += 1;
    }

    fn findings(mut self: Box<Self>) -> Vec<Finding> {
        self.end_before(u64::MAX);
        let with =
            (0..self.seen).filter(|n| self.spans.iter().any(|(from, to)| (from..=to).contains(&n)));
        let share = 100.0 * with.count() as f64 / self.seen.max(1) as f64;
        let sure = if self.seen < 10 {
            0.2
        } else {
            confidence(share, FRAMES)
        };
        let mut finding =
            Finding::absent("scratches", "% of frames", sure, "There are no scratches.");
        finding.details = details(&[("lines", self.count as f64), ("frames", share)]);
        if share >= FRAMES {
            finding.found = true;
            finding.severity = share;
            finding.at = self.worst.times();
            finding.words = format!("There are vertical scratches in {share:.0} % of the frames.");
        }
        vec![finding]
    }
}

impl Scratches {
    /// Ends the lines that were seen last before frame `number`, and keeps those that are scratches.
    fn end_before(&mut self, number: u64) {
        for line in self.lines.extract_if(.., |line| line.last < number) {
            let long = line.last - line.first + 1;
            let often = line.hits * 3 >= long * 2 && line.hits >= STAY;
            let wandered = line.x.abs_diff(line.start) > WANDER;
            // A line that came, and was gone before the scene was.
            let went = number != u64::MAX;
            let moved = line.change / line.hits.max(2) as f64 >= CHANGE;
            if often && !wandered && (moved || (line.came && went)) {
                self.spans.push((line.first, line.last));
                self.count += 1;
                self.worst.add(line.strength, line.time);
            }
        }
    }
}

/// Columns that hold a line: the column, whether it is bright, and the part of the rows.
fn lines(luma: &Bytes) -> Vec<(usize, bool, f64)> {
    let side = 2 + luma.width / 960;
    let step = luma.height.div_ceil(ROWS);
    let inner = luma.width - 2 * side;
    let (mut bright, mut dark) = (vec![0u16; inner], vec![0u16; inner]);
    let mut rows = 0;
    for y in (0..luma.height).step_by(step) {
        let row = luma.row(y);
        rows += 1;
        let sides = row[..inner].iter().zip(&row[2 * side..]);
        let counts = bright.iter_mut().zip(&mut dark);
        for (((code, (left, right)), bright), dark) in row[side..]
            .iter()
            .zip(sides)
            .zip(counts)
            .map(|(a, (b, c))| ((a, b), c))
        {
            let [code, left, right] = [*code, *left, *right].map(i16::from);
            let level = (left - right).abs() <= 10;
            *bright += u16::from(level & (code - left.max(right) >= LEAST));
            *dark += u16::from(level & (left.min(right) - code >= LEAST));
        }
    }
    let mut found = Vec::new();
    for (counts, others, is_bright) in [(&bright, &dark, true), (&dark, &bright, false)] {
        let part = |x: usize| f64::from(counts[x]) / f64::from(rows);
        for x in 8..inner.saturating_sub(8) {
            let highest = (x - 3..=x + 3)
                .all(|near| counts[near] < counts[x] || (near >= x && counts[near] == counts[x]));
            if !highest || part(x) < PART || f64::from(others[x]) > 0.12 * f64::from(rows) {
                continue;
            }
            // Textures and noise have high counts in all columns.
            let around = (4..=8)
                .map(|far| part(x - far) + part(x + far))
                .sum::<f64>()
                / 10.0;
            if part(x) > around + 0.3 {
                found.push((x + side, is_bright, part(x)));
            }
        }
    }
    // Many lines are a pattern of the scene.
    if found.len() > 12 {
        found.clear();
    }
    found
}

/// Mean change beside column `x`, in codes.
fn change(before: &Bytes, now: &Bytes, x: usize) -> f64 {
    let (left, right) = (x.saturating_sub(12), (x + 13).min(now.width));
    let (mut sum, mut count) = (0u64, 0u64);
    for y in (0..now.height).step_by(now.height.div_ceil(ROWS)) {
        let both = before.row(y)[left..right]
            .iter()
            .zip(&now.row(y)[left..right]);
        sum += both.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        count += (right - left) as u64;
    }
    sum as f64 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// A texture that moves by `speed`, with a line at column 70 in frames 5 to 14, or one that moves along.
    fn run(speed: usize, stays: bool) -> Finding {
        let mut scratches = Box::new(Scratches::default());
        for number in 0..30u64 {
            let n = number as usize;
            scratches.frame(&view(number, 160, 96, |x, y| {
                let at = x + speed * n;
                // Patches begin at another column in each row of patches.
                let patch = (at + y / 9 * 4) / 9;
                let texture = f64::from(hash(patch + y / 9 * 90) % 50);
                let line = if stays {
                    x == 70 && (5..15).contains(&n)
                } else {
                    at == 140
                };
                [80.0 + texture + if line { 30.0 } else { 0.0 }, 128.0, 128.0]
            }));
        }
        scratches.findings().remove(0)
    }

    #[test]
    fn lines_that_stay_are_scratches() {
        for speed in [0, 4] {
            let found = run(speed, true);
            assert!(found.found, "speed {speed}");
            assert!((25.0..40.0).contains(&found.severity), "{}", found.severity);
        }
    }

    #[test]
    fn lines_of_the_scene_are_none() {
        for speed in [0, 4] {
            assert!(!run(speed, false).found, "speed {speed}");
        }
    }
}
