//! Frames that repeat the one before, and frames of unequal length.

use super::bytes::{details, percentile};
use super::change::{Change, change};
use super::{Detector, Finding, View, Worst};
use crate::metrics::Plane;

/// A frame repeats the one before where it differs from it by at most this part of what frames around it do, and by at most
/// so many codes of 255 in its most different block.
const PART: f64 = 0.2;
const MOST: f64 = 1.6;
/// Frames to each side that it is compared with. The third largest of their changes counts, so that a cut does not.
const AROUND: usize = 10;
const LARGEST: usize = 2;
/// And by at most this part of what the frames right before and after the repeated ones do.
const BESIDE: f64 = 0.3;
/// Least change of the frames around, in codes of 255: where nothing moves, nothing is repeated.
const MOVES: f64 = 1.0;
/// Runs of repeated frames from this length in seconds on are a still, not a cadence.
const STILL: f64 = 0.2;
/// Share of repeated frames from which on they are found.
const LEAST: f64 = 0.025;
/// And where most of them follow each other, as single stills do.
const LEAST_IN_RUNS: f64 = 0.2;
const RUNS: &str = "runs of several";
/// Frame lengths are unequal where they differ from the median by more than this part of it, and by more than so many seconds:
/// some containers round times to milliseconds.
const LENGTH_PART: f64 = 0.05;
const LENGTH_ROUNDING: f64 = 0.0012;
/// Share of frames of another length from which on the rate is variable.
const UNEQUAL: f64 = 0.02;

/// Finds `duplicates` (% of the frames that repeat the one before while the picture moves) and `variable_rate` (% of the
/// frames whose length is not the usual one).
#[derive(Default)]
pub struct Cadence {
    before: Option<(Plane, f64)>,
    /// Change against the frame before, and time, of frames that follow another.
    changes: Vec<(Change, f64)>,
    /// Seconds from each frame to the next.
    lengths: Vec<f64>,
}

impl Detector for Cadence {
    fn frame(&mut self, view: &View) {
        if let Some((before, time)) = self.before.take().filter(|_| view.follows) {
            self.changes.push((change(&before, &view.small), view.time));
            self.lengths.push(view.time - time);
        }
        self.before = Some((view.small.clone(), view.time));
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        vec![self.duplicates(), self.variable_rate()]
    }
}

impl Cadence {
    fn duplicates(&self) -> Finding {
        let length = percentile(&mut self.lengths.clone(), 0.5);
        let longest = ((STILL / length.max(1e-3)) as usize).max(4);
        let mut repeats = self.repeats();
        let mut begin = 0;
        for run in repeats.chunk_by_mut(|a, b| a == b) {
            let end = begin + run.len();
            if run[0] && (run.len() >= longest || !self.is_sudden(begin, end)) {
                run.fill(false);
            }
            begin = end;
        }
        let at: Vec<usize> = (0..repeats.len()).filter(|n| repeats[*n]).collect();
        let share = at.len() as f64 / repeats.len().max(1) as f64;
        let sure = if repeats.len() < 20 { 0.4 } else { 0.9 };
        let mut finding = Finding::absent(
            "duplicates",
            "% of frames",
            sure,
            "Frames do not repeat the ones before.",
        );
        finding.details = details(&[("repeated_frames", at.len() as f64)]);
        let pattern = pattern(&at);
        let least = if pattern == RUNS {
            LEAST_IN_RUNS
        } else {
            LEAST
        };
        if at.len() < 4 || share < least {
            return finding;
        }
        let mut worst = Worst::default();
        at.iter().for_each(|n| worst.add(1.0, self.changes[*n].1));
        finding.found = true;
        finding.severity = 100.0 * share;
        finding.at = worst.times();
        let rate = (1.0 - share) / length.max(1e-3);
        finding.words = format!(
            "{:.0} % of the frames repeat the one before ({pattern}): shot at about {rate:.1} frames a second.",
            100.0 * share
        );
        finding.details.extend(details(&[("rate_as_shot", rate)]));
        finding.details.insert("pattern".to_owned(), pattern.into());
        finding
    }

    /// Whether the frames beside a run of repeated ones change much more than these: movement that comes to rest slowly
    /// repeats nothing.
    fn is_sudden(&self, begin: usize, end: usize) -> bool {
        let beside = [begin.checked_sub(1), Some(end)].into_iter().flatten();
        let beside = beside.filter_map(|n| self.changes.get(n));
        let least = beside.map(|(c, _)| c.mean).fold(f64::MAX, f64::min);
        let own = self.changes[begin..end].iter().map(|(c, _)| c.mean);
        own.fold(0.0, f64::max) <= BESIDE * least
    }

    /// Whether each frame repeats the one before.
    fn repeats(&self) -> Vec<bool> {
        let count = self.changes.len();
        let largest = |n: usize, of: fn(&Change) -> f64| {
            let around = n.saturating_sub(AROUND)..(n + AROUND + 1).min(count);
            let others = around.filter(|other| *other != n);
            let mut values: Vec<f64> = others.map(|other| of(&self.changes[other].0)).collect();
            values.sort_by(|a, b| b.total_cmp(a));
            let at = LARGEST.min(values.len().saturating_sub(1));
            values.get(at).copied().unwrap_or(0.0)
        };
        let repeats = (0..count).map(|n| {
            let own = self.changes[n].0;
            if own.most > MOST {
                return false;
            }
            let (mean, most) = (largest(n, |c| c.mean), largest(n, |c| c.most));
            most >= MOVES && own.most <= PART * most && own.mean <= PART * mean
        });
        repeats.collect()
    }

    fn variable_rate(&self) -> Finding {
        let mut lengths = self.lengths.clone();
        let usual = percentile(&mut lengths, 0.5);
        let near = LENGTH_ROUNDING.max(LENGTH_PART * usual);
        let mut worst = Worst::default();
        let mut unequal = 0;
        for (length, (_, time)) in self.lengths.iter().zip(&self.changes) {
            if (length - usual).abs() > near {
                unequal += 1;
                worst.add((length - usual).abs(), time - length);
            }
        }
        let share = unequal as f64 / lengths.len().max(1) as f64;
        let sure = if lengths.len() < 10 { 0.4 } else { 0.95 };
        let mut finding = Finding::absent(
            "variable_rate",
            "% of frames",
            sure,
            "All frames are equally long.",
        );
        let rate = |length: f64| 1.0 / length.max(1e-4);
        let all: f64 = lengths.iter().sum();
        if !lengths.is_empty() && all > 0.0 {
            finding.details = details(&[
                ("least", rate(lengths.iter().copied().fold(0.0, f64::max))),
                (
                    "largest",
                    rate(lengths.iter().copied().fold(f64::MAX, f64::min)),
                ),
                ("mean", lengths.len() as f64 / all),
                ("usual", rate(usual)),
            ]);
        }
        if unequal >= 2 && share >= UNEQUAL {
            finding.found = true;
            finding.severity = 100.0 * share;
            finding.at = worst.times();
            let number = |name: &str| finding.details[name].as_f64().unwrap_or(0.0);
            finding.words = format!(
                "The frame rate varies: {:.2} to {:.2} frames a second, {:.2} on average.",
                number("least"),
                number("largest"),
                number("mean")
            );
        }
        finding
    }
}

/// How the repeated frames lie, in words.
fn pattern(at: &[usize]) -> String {
    let gaps: Vec<usize> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let share = |of: &[usize]| {
        gaps.iter().filter(|gap| of.contains(gap)).count() as f64 / gaps.len().max(1) as f64
    };
    let best = (1..=60).max_by(|a, b| share(&[*a]).total_cmp(&share(&[*b])));
    let singles = share(&[1]);
    match best {
        // Runs of repeated frames: those of two and more.
        _ if singles > 0.4 => RUNS.to_owned(),
        Some(2) if share(&[2]) > 0.6 => "every 2nd".to_owned(),
        Some(3) if share(&[3]) > 0.6 => "every 3rd".to_owned(),
        Some(gap) if share(&[gap]) > 0.6 => format!("every {gap}th"),
        Some(gap) if share(&[gap.saturating_sub(1), gap, gap + 1]) > 0.75 => {
            format!("about every {gap}th")
        }
        _ => "irregular".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// Frames that show the times `shown`, in frames of 40 ms whose times are `times`.
    fn run(frames: u64, shown: impl Fn(usize) -> usize, time: impl Fn(u64) -> f64) -> Vec<Finding> {
        let mut cadence = Box::new(Cadence::default());
        for number in 0..frames {
            let at = shown(number as usize);
            let mut view = view(number, 64, 48, |x, y| {
                let noise = f64::from(hash(number as usize * 3072 + y * 64 + x) % 2);
                [
                    f64::from(hash((x + at) / 3 + y / 3 * 64) % 200) + noise,
                    128.0,
                    128.0,
                ]
            });
            view.time = time(number);
            cadence.frame(&view);
        }
        cadence.findings()
    }

    #[test]
    fn repeats_are_found_with_their_pattern() {
        let steady = |n: u64| n as f64 * 0.04;
        for (every, words) in [(2, "every 2nd"), (5, "every 5th"), (25, "every 25th")] {
            let found = run(101, |n| n - n / every, steady);
            assert!(found[0].found && !found[1].found, "{every}: {found:?}");
            assert_eq!(found[0].details["pattern"], words);
            assert!((found[0].severity - 100.0 / every as f64).abs() < 1.0);
        }
        let rate = run(101, |n| n - n / 5, steady)[0].details["rate_as_shot"].as_f64();
        assert!((rate.unwrap() - 20.0).abs() < 0.1);
    }

    #[test]
    fn moving_and_still_pictures_repeat_nothing() {
        for shown in [|n| n, |_| 0, |n: usize| n.min(30)] {
            let found = run(60, shown, |n| n as f64 * 0.04);
            assert!(!found[0].found, "{found:?}");
        }
    }

    #[test]
    fn rounded_times_are_steady_and_others_vary() {
        let milliseconds = |n: u64| (n as f64 * 1000.0 / 29.97).round() / 1000.0;
        assert!(!run(40, |n| n, milliseconds)[1].found);
        let varied = |n: u64| n as f64 * 0.04 + f64::from(u8::from(n.is_multiple_of(7))) * 0.01;
        let found = run(40, |n| n, varied).remove(1);
        assert!(found.found);
        assert_eq!(found.details["least"].as_f64(), Some(20.0));
    }
}
