//! Banding: gradients that rise in visible steps.

use super::bytes::{Bytes, confidence, details, percentile};
use super::{Detector, Finding, View, Worst};

/// One frame of so many is looked at, and in it at most so many lines each way.
const EVERY: u64 = 5;
const LINES: usize = 90;
/// The largest step between bands, in codes of 255, and the most pixels that it may take.
const STEP: i32 = 14;
const BETWEEN: usize = 8;
/// Part of the picture that has to have bands, in percent.
const LEAST: f64 = 3.0;

/// Finds `banding` (percent of the picture that lies in bands, weighed by their steps). A band is a run of equal luma, wide
/// against the picture; three of them with two steps in one direction are a staircase, which neither flat drawings nor
/// noisy gradients have. A cheap relative of CAMBI (Tandon, Afonso, Sole, Krasula: "CAMBI: contrast-aware multiscale
/// banding index", 2021). Steps of one code of 8 bits count a tenth: they are seen in dark pictures alone.
#[derive(Default)]
pub struct Banding {
    seen: u64,
    shares: Vec<f64>,
    steps: Vec<f64>,
    worst: Worst,
}

impl Detector for Banding {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        if self.seen % EVERY != 1 {
            return;
        }
        let luma = Bytes::luma(view);
        let least = (luma.width / 80).max(6);
        let mut sum = Sum::default();
        for n in 0..LINES.min(luma.height) {
            let y = n * luma.height / LINES.min(luma.height);
            sum.line(luma.row(y), least);
        }
        let across = sum.share();
        let mut down = Sum::default();
        let mut column = Vec::with_capacity(luma.height);
        for n in 0..LINES.min(luma.width) {
            let x = n * luma.width / LINES.min(luma.width);
            column.clear();
            column.extend((0..luma.height).map(|y| luma.codes[y * luma.width + x]));
            down.line(&column, least);
        }
        let share = across.max(down.share());
        self.shares.push(share);
        self.steps.extend(sum.step().into_iter().chain(down.step()));
        self.worst.add(share, view.time);
    }

    fn findings(mut self: Box<Self>) -> Vec<Finding> {
        let share = percentile(&mut self.shares, 0.6);
        let step = percentile(&mut self.steps, 0.5);
        let sure = if self.shares.is_empty() {
            0.2
        } else {
            confidence(share, LEAST)
        };
        let mut finding =
            Finding::absent("banding", "% of the picture", sure, "Gradients are smooth.");
        finding.details = details(&[
            ("share", share),
            ("step", step),
            ("threshold", threshold(step)),
        ]);
        if share >= LEAST {
            finding.found = true;
            finding.severity = share;
            finding.at = self.worst.times();
            finding.words = format!(
                "Gradients have bands: {share:.0} % of the picture, with steps of {step:.0} codes of 255."
            );
        }
        vec![finding]
    }
}

/// The parameter `threshold` of the style that mends bands, as a share of white: steps of up to half of it are smoothed as a
/// whole. Codes are of the limited range, where a step is the larger share.
fn threshold(step: f64) -> f64 {
    (2.0 * (step + 0.5) / 219.0).clamp(0.012, 0.1)
}

/// A run of equal codes.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    code: i32,
}

/// Pixels seen, those in bands, and their steps.
#[derive(Default)]
struct Sum {
    pixels: usize,
    banded: f64,
    step: f64,
    count: f64,
}

impl Sum {
    /// Adds a line of which runs of `least` pixels are bands.
    fn line(&mut self, line: &[u8], least: usize) {
        self.pixels += line.len();
        let mut start = 0;
        let mut last: [Option<Run>; 2] = [None; 2];
        for end in 1..=line.len() {
            if line.get(end) == Some(&line[start]) {
                continue;
            }
            let run = Run {
                start,
                end,
                code: line[start].into(),
            };
            start = end;
            if run.end - run.start < least {
                continue;
            }
            // A run that goes on after a short disturbance.
            if let Some(before) = &mut last[1]
                && before.code == run.code
                && run.start - before.end <= BETWEEN
            {
                before.end = run.end;
                continue;
            }
            if let [Some(first), Some(second)] = last {
                self.stairs(first, second, run);
            }
            last = [last[1], Some(run)];
        }
    }

    /// Counts the middle of three runs if they are a staircase.
    fn stairs(&mut self, first: Run, second: Run, third: Run) {
        let (one, two) = (second.code - first.code, third.code - second.code);
        let near = second.start - first.end <= BETWEEN && third.start - second.end <= BETWEEN;
        let alike = one.abs().max(two.abs()) <= 2 * one.abs().min(two.abs())
            && one.abs().max(two.abs()) <= STEP;
        if near && alike && one.signum() == two.signum() {
            let step = f64::from(one.abs() + two.abs()) / 2.0;
            let weight = if step < 2.0 { 0.1 } else { 1.0 };
            self.banded += weight * (third.start - first.end) as f64;
            self.step += step;
            self.count += 1.0;
        }
    }

    /// Percent of the pixels in bands.
    fn share(&self) -> f64 {
        100.0 * self.banded / self.pixels.max(1) as f64
    }

    /// Mean step, where there is one.
    fn step(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.step / self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{normal, view};
    use super::*;

    fn run(codes: impl Fn(usize, usize) -> f64) -> Finding {
        let mut banding = Box::new(Banding::default());
        banding.frame(&view(0, 320, 180, |x, y| [codes(x, y), 128.0, 128.0]));
        banding.findings().remove(0)
    }

    #[test]
    fn coarse_gradients_have_bands_both_ways() {
        let coarse = |at: usize| 40.0 + (at as f64 / 12.0).floor() * 4.0;
        for finding in [run(|x, _| coarse(x)), run(|_, y| coarse(y))] {
            assert!(finding.found);
            assert_eq!(finding.details["step"], 4.0);
        }
    }

    #[test]
    fn noise_and_flat_drawings_have_none() {
        assert!(!run(|x, y| 40.0 + x as f64 / 4.0 + 1.5 * normal(x * 400 + y)).found);
        assert!(
            !run(|x, y| if (x / 40 + y / 30) % 2 == 0 {
                90.0
            } else {
                100.0
            })
            .found
        );
    }
}
