//! Stretches of black, and stretches in which the picture stands still.

use super::change::change;
use super::{Detector, Finding, MOST_PLACES, View};
use crate::metrics::Plane;

/// A frame is black where this part of its pixels is below this part of the range (as FFmpeg's `blackdetect`), and a stretch
/// counts from so many seconds on.
const PIXELS: f64 = 0.98;
const DARK: f64 = 0.10;
const BLACK_SECONDS: f64 = 0.5;
/// A frame stands still where it differs from the one before by less than this part of the range on average (as FFmpeg's
/// `freezedetect`) and by less than so many codes of 255 in any block, and a stretch counts from so many seconds on.
const FROZEN: f64 = 0.001;
const FROZEN_BLOCK: f64 = 1.5;
const FROZEN_SECONDS: f64 = 2.0;

/// Finds `black` and `frozen` (seconds of all stretches). What is black is not called frozen.
#[derive(Default)]
pub struct BlackFrozen {
    before: Option<(Plane, f64)>,
    black: Stretches,
    frozen: Stretches,
}

impl Detector for BlackFrozen {
    fn frame(&mut self, view: &View) {
        let small = &view.small;
        let (floor, range) = if view.limited {
            (16.0, 219.0)
        } else {
            (0.0, 255.0)
        };
        let dark = small
            .codes
            .iter()
            .filter(|code| f64::from(**code) < floor + DARK * range);
        let black = dark.count() as f64 >= PIXELS * small.codes.len() as f64;
        let end = view.time + view.length;
        self.black
            .next(black.then_some(view.time), end, view.follows);
        let before = self.before.take().filter(|_| view.follows);
        let still = before.filter(|(before, _)| {
            let found = change(before, small);
            !black && found.mean < FROZEN * range && found.most < FROZEN_BLOCK
        });
        // A still begins with the frame that is repeated.
        self.frozen
            .next(still.map(|(_, time)| time), end, view.follows);
        self.before = Some((small.clone(), view.time));
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        vec![
            self.black.finding(
                "black",
                BLACK_SECONDS,
                ["No stretch is black.", "The picture is black"],
            ),
            self.frozen.finding(
                "frozen",
                FROZEN_SECONDS,
                ["No stretch stands still.", "The picture stands still"],
            ),
        ]
    }
}

/// Stretches of time in which something holds: begin and end in seconds.
#[derive(Default)]
struct Stretches {
    all: Vec<[f64; 2]>,
    open: bool,
}

impl Stretches {
    /// Takes a frame until `end`, for which it holds since `since` or not at all. A stretch does not go over a gap.
    fn next(&mut self, since: Option<f64>, end: f64, follows: bool) {
        match (since, self.all.last_mut()) {
            (Some(_), Some(last)) if self.open && follows => last[1] = end,
            (Some(since), _) => self.all.push([since, end]),
            _ => {}
        }
        self.open = since.is_some();
    }

    /// What is said of the stretches of at least `least` seconds; `words` for none and for some.
    fn finding(mut self, kind: &'static str, least: f64, words: [&str; 2]) -> Finding {
        let long = |stretch: &[f64; 2]| stretch[1] - stretch[0];
        // Sums of rounded lengths may be a little short.
        self.all.retain(|stretch| long(stretch) >= least - 0.02);
        let seconds: f64 = self.all.iter().map(long).sum();
        let mut finding = Finding::absent(kind, "s", 0.95, words[0]);
        if self.all.is_empty() {
            return finding;
        }
        finding.found = true;
        finding.severity = seconds;
        finding.words = format!(
            "{} for {seconds:.1} s in {} {}.",
            words[1],
            self.all.len(),
            if self.all.len() == 1 {
                "stretch"
            } else {
                "stretches"
            }
        );
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        let listed = self.all.iter().map(|s| s.map(rounded));
        finding
            .details
            .insert("stretches".to_owned(), listed.map(Vec::from).collect());
        self.all.sort_by(|a, b| long(b).total_cmp(&long(a)));
        self.all.truncate(MOST_PLACES);
        finding.at = self.all.iter().map(|stretch| stretch[0]).collect();
        finding
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// 100 frames of 40 ms: black in `black`, and still in `still`.
    fn run(black: std::ops::Range<u64>, still: std::ops::Range<u64>, level: f64) -> Vec<Finding> {
        let mut detector = Box::new(BlackFrozen::default());
        for number in 0..100u64 {
            let shown = match still.contains(&number) {
                true => still.start,
                false => number,
            } as usize;
            detector.frame(&view(number, 48, 32, |x, y| {
                let code = match black.contains(&number) {
                    true => level,
                    false => f64::from(hash(x + shown + y * 200) % 220),
                };
                [code, 128.0, 128.0]
            }));
        }
        detector.findings()
    }

    #[test]
    fn stretches_have_begin_and_length() {
        let found = run(10..35, 40..95, 18.0);
        assert!(found[0].found && (found[0].severity - 1.0).abs() < 0.01);
        assert!((found[0].at[0] - 0.4).abs() < 1e-9);
        assert!(found[1].found && (found[1].severity - 2.2).abs() < 0.01);
        assert!((found[1].at[0] - 1.6).abs() < 1e-9);
    }

    #[test]
    fn short_stretches_and_dark_gray_are_not_found() {
        assert!(run(10..20, 40..70, 18.0).iter().all(|found| !found.found));
        // Black up to 37.9 of the limited range.
        assert!(!run(10..40, 0..0, 38.0)[0].found);
        assert!(run(10..40, 0..0, 37.0)[0].found);
    }
}
