//! Lines of tape that begin too early or too late: the switching of heads at the bottom, and jitter everywhere.

use super::bytes::{Bytes, confidence, details, percentile};
use super::{Detector, Finding, View, Worst};

/// One frame of so many is looked at.
const EVERY: u64 = 5;
/// Pixels of a row that are compared, at most, and how far they are moved: at the bottom and elsewhere.
const PIXELS: usize = 512;
const FAR: usize = 32;
const NEAR: usize = 10;
/// Rows that are looked at for jitter, at most.
const ROWS: usize = 160;
/// The part of the picture at the bottom in which heads are switched.
const BOTTOM: f64 = 0.08;
/// Moving a row must make it so much more alike: the difference falls to this part.
const ALIKE: f64 = 0.6;
/// The same for jitter, which two rows above have to bear out.
const JITTER_ALIKE: f64 = 0.75;
/// Percent of the rows that jitter, and of the frames in which heads are switched, from which on it is a defect.
const JITTER: f64 = 8.0;
const SWITCHED: f64 = 40.0;
/// Frames with a torn bottom without which nothing is said.
const FEWEST: usize = 3;

/// Finds `head_switching` (rows of the torn band at the bottom) and `line_jitter` (percent of the rows with texture that fit
/// the two rows above better when they are moved sideways).
#[derive(Default)]
pub struct Tape {
    seen: u64,
    frames: u64,
    /// Height of the band in the frames that have one, in rows.
    bands: Vec<f64>,
    switched_at: Worst,
    /// Percent of rows that jitter, by frame, and squares of their movement.
    jitter: Vec<f64>,
    moved: (f64, f64),
    jitter_at: Worst,
    height: usize,
    width: usize,
}

impl Detector for Tape {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        if self.seen % EVERY != 1 {
            return;
        }
        let luma = Bytes::luma(view);
        (self.width, self.height) = (luma.width, luma.height);
        if luma.width < 4 * FAR || luma.height < 48 {
            return;
        }
        let share = self.rows(&luma);
        if let Some(share) = share {
            self.jitter.push(share);
            self.jitter_at.add(share, view.time);
        }
        self.frames += 1;
        if share.unwrap_or(0.0) < JITTER
            && let Some(band) = band(&luma)
        {
            self.bands.push(band as f64);
            self.switched_at.add(band as f64, view.time);
        }
    }

    fn findings(mut self: Box<Self>) -> Vec<Finding> {
        let share = 100.0 * self.bands.len() as f64 / self.frames.max(1) as f64;
        let rows = percentile(&mut self.bands, 0.5);
        let sure = if self.frames < 2 {
            0.2
        } else {
            confidence(share, SWITCHED)
        };
        let mut switching =
            Finding::absent("head_switching", "rows", sure, "The bottom is not torn.");
        switching.details = details(&[("frames", share)]);
        if share >= SWITCHED && self.bands.len() >= FEWEST {
            switching.found = true;
            switching.severity = rows;
            switching.at = self.switched_at.times();
            let top = self.height as u32 - rows as u32;
            switching.area = Some([0, top, self.width as u32, rows as u32]);
            switching.words = format!(
                "The lowest {rows:.0} rows are torn, as tape leaves them where heads are switched."
            );
        }
        let frames = self.jitter.len();
        let share = percentile(&mut self.jitter, 0.5);
        let sure = if frames < 2 {
            0.2
        } else {
            confidence(share, JITTER)
        };
        let mut jitter =
            Finding::absent("line_jitter", "% of rows", sure, "Rows are not displaced.");
        let pixels = (self.moved.0 / self.moved.1.max(1.0) / 2.0).sqrt();
        jitter.details = details(&[("rows", share), ("pixels", pixels)]);
        if share >= JITTER {
            jitter.found = true;
            jitter.severity = share;
            jitter.at = self.jitter_at.times();
            jitter.words = format!(
                "{share:.0} % of the rows are displaced sideways, by {pixels:.1} px on average."
            );
        }
        vec![switching, jitter]
    }
}

impl Tape {
    /// Percent of the rows above the bottom that are displaced, or none where too few have texture.
    fn rows(&mut self, luma: &Bytes) -> Option<f64> {
        let last = ((1.0 - BOTTOM) * luma.height as f64) as usize;
        let (mut textured, mut displaced) = (0, 0);
        for y in (2..last).step_by((last / ROWS).max(1)) {
            let [(one, still, least), (two, still_two, least_two)] =
                [1, 2].map(|up| fit(luma.row(y), luma.row(y - up), NEAR));
            if still.max(least) < 1.5 {
                continue;
            }
            textured += 1;
            let better = least < JITTER_ALIKE * still && least_two < JITTER_ALIKE * still_two;
            // Slanted lines fit when they are moved, too, twice as far two rows above.
            if better && one != 0 && two != 0 && (two - 2 * one).abs() > 1 {
                displaced += 1;
                self.moved.0 += f64::from(one * one);
                self.moved.1 += 1.0;
            }
        }
        (textured >= 16).then(|| 100.0 * f64::from(displaced) / f64::from(textured))
    }
}

/// Rows from the first displaced one at the bottom to the end, if there is one.
fn band(luma: &Bytes) -> Option<usize> {
    let rows = (BOTTOM * luma.height as f64) as usize;
    let first = luma.height - rows;
    // Where rows in the middle look torn, too, it is the picture, or fields that move.
    let middle = (luma.height - rows) / 2;
    if (middle..middle + rows).any(|y| is_torn(luma, y)) {
        return None;
    }
    let torn = (first..luma.height).find(|y| is_torn(luma, *y));
    torn.map(|y| luma.height - y)
}

/// Whether row `y` fits the one above, and the one above that in its field, better where it is moved far.
fn is_torn(luma: &Bytes, y: usize) -> bool {
    [1, 2].iter().all(|up| {
        let (by, still, least) = fit(luma.row(y), luma.row(y - up), FAR);
        by.abs() >= 3 && still >= 4.0 && least < ALIKE * still
    })
}

/// By how many pixels `row` has to be moved to fit `above` best, and the mean differences unmoved and moved.
fn fit(row: &[u8], above: &[u8], reach: usize) -> (i32, f64, f64) {
    let count = (row.len() - 2 * reach).min(PIXELS);
    let left = (row.len() - count) / 2;
    let here = &row[left..left + count];
    let difference = |by: usize| -> u32 {
        let there = &above[left + by - reach..][..count];
        here.iter()
            .zip(there)
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .sum()
    };
    let still = difference(reach);
    let mut best = (reach, still);
    for by in 0..=2 * reach {
        let sum = difference(by);
        if sum < best.1 {
            best = (by, sum);
        }
    }
    let mean = |sum: u32| f64::from(sum) / count as f64;
    (best.0 as i32 - reach as i32, mean(still), mean(best.1))
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// A soft texture whose row `y` is moved by `by(y)` pixels.
    fn run(by: impl Fn(usize, usize) -> usize) -> Vec<Finding> {
        let mut tape = Box::new(Tape::default());
        for number in 0..12u64 {
            tape.frame(&view(number, 320, 200, |x, y| {
                let at = x + by(number as usize, y) + y / 40;
                let level = |n: usize| f64::from(hash(n + y / 40 * 900) % 140);
                let part = (at % 6) as f64 / 6.0;
                [
                    50.0 + level(at / 6) * (1.0 - part) + level(at / 6 + 1) * part,
                    128.0,
                    128.0,
                ]
            }));
        }
        tape.findings()
    }

    #[test]
    fn fields_that_move_are_not_torn() {
        // Every second row lies far to the right.
        let found = run(|_, y| 12 * (y % 2));
        assert!(!found[0].found, "{}", found[0].words);
        // Each row of the lowest half lies further to the right.
        let found = run(|_, y| if y >= 80 { 5 * y } else { 0 });
        assert!(!found[0].found, "{}", found[0].words);
    }

    #[test]
    fn a_torn_bottom_is_head_switching() {
        let found = run(|_, y| if y >= 190 { 12 } else { 0 });
        assert!(found[0].found && !found[1].found);
        assert_eq!(found[0].severity, 10.0);
    }

    #[test]
    fn rows_out_of_place_are_jitter() {
        let found = run(|n, y| hash(n * 200 + y) as usize % 6);
        assert!(found[1].found && !found[0].found);
        assert!(run(|_, _| 0).iter().all(|finding| !finding.found));
        // Slanted lines.
        assert!(!run(|_, y| y)[1].found);
    }
}
