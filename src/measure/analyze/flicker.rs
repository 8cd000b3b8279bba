//! Brightness that goes up and down.

use super::bytes::details;
use super::change::{block_means, movement};
use super::cut_sense::CutSense;
use super::{Detector, Finding, View, Worst};
use crate::metrics::Plane;

/// Distances in frames between the three frames that are compared: slower pumping shows over larger ones.
const LAGS: [usize; 3] = [1, 2, 4];
/// A block stands still where its samples, without their mean, change by less than so many codes of 255 on average.
const STILL: f32 = 2.0;
/// Parts of the picture each way that may flicker for themselves.
const PARTS: (usize, usize) = (4, 3);
/// Blocks that stand still in a part, and in the picture as a share, so that they speak.
const BLOCKS: usize = 6;
const SHARE: f64 = 0.1;
/// Parts that have to flicker.
const AGREEING: usize = 3;
/// Mean second difference from which on it is flicker, in codes of 255.
const LEAST: f64 = 1.0;

/// Finds `flicker` (mean size of m(t) - 2 m(t - k) + m(t - 2 k) in codes of 255, of the mean brightness m of what stands still,
/// where it changes its sign from one k
/// to the next, for the k of 1, 2 and 4 frames with the largest).
#[derive(Default)]
pub struct Flicker {
    sense: CutSense,
    before: Option<Plane>,
    /// Means of the blocks of the last frames, the newest last, and for how many frames each block has stood still.
    means: Vec<Vec<f32>>,
    still: Vec<usize>,
    across: usize,
    /// Sum and number of the values of each lag.
    sums: [(f64, u32); LAGS.len()],
    worst: [Worst; LAGS.len()],
}

impl Detector for Flicker {
    fn frame(&mut self, view: &View) {
        let (means, across) = block_means(&view.small);
        let cut = self.sense.cut(view);
        let same = |before: &&Plane| {
            view.follows
                && !cut
                && (before.width, before.height) == (view.small.width, view.small.height)
        };
        match (self.before.as_ref().filter(same), self.means.last()) {
            (Some(before), Some(old)) => {
                let moved = movement([before, &view.small], [old, &means]);
                for (still, moved) in self.still.iter_mut().zip(moved) {
                    *still = if moved < STILL { *still + 1 } else { 0 };
                }
            }
            _ => {
                self.means.clear();
                self.still = vec![0; means.len()];
            }
        }
        self.across = across;
        self.means.push(means);
        if self.means.len() > 3 * LAGS[LAGS.len() - 1] + 1 {
            self.means.remove(0);
        }
        for (index, lag) in LAGS.iter().enumerate() {
            if let Some(value) = self.value(*lag) {
                self.sums[index].0 += value;
                self.sums[index].1 += 1;
                self.worst[index].add(value, view.time);
            }
        }
        self.before = Some(view.small.clone());
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let means = self.sums.map(|(sum, count)| sum / f64::from(count.max(1)));
        let seen = self.sums[0].1;
        let (mut best, mut value) = (0, means[0]);
        for (index, mean) in means.iter().enumerate().skip(1) {
            if *mean > value {
                (best, value) = (index, *mean);
            }
        }
        let sure = if seen < 8 {
            0.3
        } else {
            super::bytes::confidence(value, LEAST)
        };
        let mut finding =
            Finding::absent("flicker", "codes of 255", sure, "The brightness is steady.");
        finding.details = details(&[
            ("lag_1", means[0]),
            ("lag_2", means[1]),
            ("lag_4", means[2]),
            ("frames", f64::from(seen)),
        ]);
        if seen >= 4 && value >= LEAST {
            finding.found = true;
            finding.severity = value;
            finding.at = self.worst[best].times();
            finding.words =
                format!("The brightness of what stands still flickers by {value:.1} codes of 255.");
        }
        vec![finding]
    }
}

impl Flicker {
    /// The flicker of the newest frame over `lag` frames; none where too little stands still.
    fn value(&self, lag: usize) -> Option<f64> {
        let last = self.means.len().checked_sub(1)?;
        let oldest = last.checked_sub(3 * lag)?;
        let [a, b, c, d] = [0, 1, 2, 3].map(|step| &self.means[oldest + step * lag]);
        let down = d.len() / self.across.max(1);
        let mut parts = vec![Vec::new(); PARTS.0 * PARTS.1];
        let mut all = Vec::new();
        for (at, value) in d.iter().enumerate() {
            // Clipped blacks and whites cannot flicker.
            if self.still[at] < 3 * lag || !(20.0..250.0).contains(value) {
                continue;
            }
            let seconds = [value - 2.0 * c[at] + b[at], c[at] - 2.0 * b[at] + a[at]];
            let (x, y) = (at % self.across, at / self.across);
            let part = y * PARTS.1 / down.max(1) * PARTS.0 + x * PARTS.0 / self.across;
            parts[part.min(PARTS.0 * PARTS.1 - 1)].push(seconds);
            all.push(seconds);
        }
        if all.len() < 3 || (all.len() as f64) < SHARE * d.len() as f64 {
            return None;
        }
        let full = parts.iter().filter(|part| part.len() >= BLOCKS);
        let mut regional: Vec<f64> = full.map(|part| alternation(part)).collect();
        regional.sort_by(|a, b| b.total_cmp(a));
        let agreeing = regional.get(AGREEING - 1).copied().unwrap_or(0.0);
        Some(alternation(&all).max(agreeing))
    }
}

/// How much blocks go up and down together, of their second differences now and before: the smaller median, less by the median
/// distance from it; 0 where both have the same sign, as where the light only changes once.
fn alternation(blocks: &[[f32; 2]]) -> f64 {
    let [now, before] = [0, 1].map(|index| {
        let values = || blocks.iter().map(|block| block[index]);
        let middle = median(values());
        let spread = median(values().map(|value| (value - middle).abs()));
        (middle, middle.abs() - spread)
    });
    if now.0 * before.0 >= 0.0 {
        return 0.0;
    }
    f64::from(now.1.min(before.1).max(0.0))
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let at = values.len() / 2;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    fn run(light: impl Fn(usize, usize) -> f64, speed: usize) -> Finding {
        let mut flicker = Box::new(Flicker::default());
        for number in 0..40u64 {
            let n = number as usize;
            flicker.frame(&view(number, 160, 96, |x, y| {
                let texture = f64::from(hash((x + speed * n) / 6 + y / 6 * 97) % 60);
                [80.0 + texture + light(n, x), 128.0, 128.0]
            }));
        }
        flicker.findings().remove(0)
    }

    #[test]
    fn pumping_is_found_at_its_size() {
        let found = run(|n, _| if n % 2 == 0 { 2.0 } else { 0.0 }, 0);
        assert!(
            found.found && (found.severity - 4.0).abs() < 0.01,
            "{found:?}"
        );
        let slow = run(
            |n, _| 4.0 * (n as f64 * std::f64::consts::TAU / 12.0).sin(),
            0,
        );
        assert!(slow.found && slow.severity > 3.0, "{slow:?}");
    }

    #[test]
    fn even_changes_and_movement_do_not_flicker() {
        assert!(!run(|n, _| n as f64, 0).found);
        assert!(!run(|n, x| if x < 16 { 9.0 * (n % 2) as f64 } else { 0.0 }, 0).found);
        assert!(!run(|_, _| 0.0, 3).found);
    }
}
