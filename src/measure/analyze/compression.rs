//! Blocks and ringing, as codecs leave them.

use super::bytes::{Bytes, confidence, details, percentile};
use super::smoothed::{SMOOTHED, Smoothed};
use super::{Detector, Finding, View, Worst};

/// One frame of so many is looked at.
const EVERY: u64 = 5;
/// Side of the blocks of transforms, in pixels.
const GRID: usize = 8;
/// A step counts so many codes at most: more is an edge of the picture.
const MOST: i32 = 20;
/// Blocks from this step on are a defect, and ringing from this deviation, in codes of 255.
const STEP: f64 = 0.5;
const RINGING: f64 = 0.32;

/// Deviation of flat surroundings, in codes.
const FLAT: f32 = 1.0;

/// Finds `blocks` (excess of the steps at the borders of blocks over those beside them, codes of 255; after Wu and Yuen: "A
/// generalized block-edge impairment metric", 1997, with medians; where a filter has smoothed the steps, how much fine
/// structure rises and falls with the grid, of pictures that miss detail) and `ringing` (how much more a flat surrounding deviates
/// near strong edges than away from them, codes of 255).
#[derive(Default)]
pub struct Compression {
    seen: u64,
    blocks: Vec<f64>,
    smoothed: Smoothed,
    /// Sum of the excess at each phase of the grid, across and down.
    phases: [[f64; 2 * GRID]; 2],
    blocks_at: Worst,
    near: Vec<f64>,
    far: Vec<f64>,
    ringing_at: Worst,
}

impl Detector for Compression {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        if self.seen % EVERY != 1 {
            return;
        }
        let luma = Bytes::luma(view);
        if luma.width >= 8 * GRID && luma.height >= 8 * GRID {
            let [across, down] = steps(&luma).map(|steps| excess(&steps));
            let step = best(&across).1.min(best(&down).1);
            self.blocks.push(step);
            self.smoothed.add(&luma);
            self.blocks_at.add(step, view.time);
            for (sums, each) in self.phases.iter_mut().zip([across, down]) {
                sums.iter_mut()
                    .zip(each)
                    .for_each(|(sum, value)| *sum += value);
            }
        }
        let from = self.near.len();
        around_edges(&luma, &mut self.near, &mut self.far);
        let more = rise(&self.near[from..], &self.far[from..]);
        self.ringing_at.add(more, view.time);
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let frames = self.blocks.len().max(1) as f64;
        let [(x, across), (y, down)] = self.phases.map(|sums| best(&sums.map(|sum| sum / frames)));
        let step = across.min(down);
        let sure = if self.blocks.is_empty() {
            0.2
        } else {
            confidence(step, STEP)
        };
        let mut blocks = Finding::absent(
            "blocks",
            "codes of 255",
            sure,
            "Borders of blocks are not seen.",
        );
        let smoothed = self.smoothed.found();
        blocks.details = details(&[
            ("across", across),
            ("down", down),
            ("smoothed", smoothed.score),
        ]);
        if step >= STEP {
            let size = grid(&self.phases[0]).max(grid(&self.phases[1]));
            blocks.found = true;
            blocks.severity = step;
            blocks.at = self.blocks_at.times();
            blocks.words = format!(
                "Blocks are seen: steps of {step:.1} codes more than elsewhere, on a grid of {size} px from ({x}, {y})."
            );
            blocks.details.extend(details(&[
                ("grid", size as f64),
                ("phase_x", x as f64),
                ("phase_y", y as f64),
            ]));
        } else if smoothed.score >= SMOOTHED {
            let [x, y] = smoothed.phase;
            blocks.found = true;
            blocks.severity = smoothed.codes;
            // The steps say nothing against it; the limit lies nearer to clean clips than that of steps.
            blocks.confidence = confidence(smoothed.score, SMOOTHED).min(0.8);
            blocks.at = self.blocks_at.times();
            blocks.words = format!(
                "Blocks are seen, with smoothed borders: fine structure follows a grid of {GRID} px from ({x}, {y}), and {:.0} % of the picture have lost it.",
                100.0 * smoothed.flat
            );
            blocks.details.extend(details(&[
                ("grid", GRID as f64),
                ("phase_x", x as f64),
                ("phase_y", y as f64),
            ]));
        }
        let more = rise(&self.near, &self.far);
        let sure = if self.near.len() < 100 {
            0.3
        } else {
            confidence(more, RINGING)
        };
        let mut ringing =
            Finding::absent("ringing", "codes of 255", sure, "Strong edges do not ring.");
        ringing.details = details(&[("more", more), ("edges", self.near.len() as f64)]);
        if more >= RINGING && self.near.len() >= 100 {
            ringing.found = true;
            ringing.severity = more;
            ringing.at = self.ringing_at.times();
            ringing.words = format!(
                "Strong edges ring: flat surroundings deviate by {more:.1} codes more near them than away from them."
            );
        }
        vec![blocks, ringing]
    }
}

/// Mean steps before each column and each row, limited to [`MOST`].
fn steps(luma: &Bytes) -> [Vec<f64>; 2] {
    let mut across = vec![0u32; luma.width];
    let mut down = vec![0.0; luma.height];
    let limited = |a: u8, b: u8| u32::from(a.abs_diff(b).min(MOST as u8));
    for (y, mean) in down.iter_mut().enumerate() {
        let row = luma.row(y);
        for ((sum, here), left) in across[1..].iter_mut().zip(&row[1..]).zip(row) {
            *sum += limited(*here, *left);
        }
        if y > 0 {
            let both = row.iter().zip(luma.row(y - 1));
            let sum: u32 = both.map(|(here, above)| limited(*here, *above)).sum();
            *mean = f64::from(sum) / luma.width as f64;
        }
    }
    let height = luma.height as f64;
    [
        across
            .into_iter()
            .map(|sum| f64::from(sum) / height)
            .collect(),
        down,
    ]
}

/// How much higher the steps at each phase of a grid of two blocks are than those beside them: the median of all borders.
fn excess(steps: &[f64]) -> [f64; 2 * GRID] {
    std::array::from_fn(|phase| {
        let borders = (phase + 2 * GRID..steps.len().saturating_sub(2)).step_by(2 * GRID);
        let mut each: Vec<f64> = borders
            .map(|at| {
                steps[at] - (steps[at - 2] + steps[at - 1] + steps[at + 1] + steps[at + 2]) / 4.0
            })
            .collect();
        percentile(&mut each, 0.5)
    })
}

/// The phase of the grid of [`GRID`] pixels with the highest excess, and how much higher it is than the next of others.
fn best(phases: &[f64; 2 * GRID]) -> (usize, f64) {
    let each: [f64; GRID] =
        std::array::from_fn(|phase| (phases[phase] + phases[phase + GRID]) / 2.0);
    let mut at = 0;
    for phase in 1..GRID {
        if each[phase] > each[at] {
            at = phase;
        }
    }
    let others = (0..GRID)
        .filter(|phase| *phase != at)
        .map(|phase| each[phase]);
    (at, each[at] - others.fold(0.0, f64::max))
}

/// 16 where one of two borders has by far the higher steps, else 8.
fn grid(phases: &[f64; 2 * GRID]) -> usize {
    let at = best(phases).0;
    let (one, other) = (phases[at], phases[at + GRID]);
    if one.max(other) > 3.0 * one.min(other) {
        2 * GRID
    } else {
        GRID
    }
}

/// Adds how much rows deviate from a straight line near strong edges, and farther from the same edges.
fn around_edges(luma: &Bytes, near: &mut Vec<f64>, far: &mut Vec<f64>) {
    const SIDE: usize = 30;
    if luma.width < 2 * SIDE {
        return;
    }
    for y in (0..luma.height).step_by((luma.height / 180).max(1)) {
        let row = luma.row(y);
        for x in SIDE..row.len() - SIDE {
            if row[x + 1].abs_diff(row[x - 1]) < 45 {
                continue;
            }
            for side in [-1, 1] {
                let at = |distance: i32| f32::from(row[(x as i32 + side * distance) as usize]);
                let part = |from: i32| deviation(std::array::from_fn(|n| at(from + n as i32)));
                let (close, away, beyond) = (part(4), part(14), part(22));
                let apart = (4..10).map(at).sum::<f32>() - (14..20).map(at).sum::<f32>();
                // Another edge or texture is no ringing. The values between choose, so that noise favours neither.
                if away < FLAT && close.max(beyond) < 8.0 && apart.abs() < 6.0 * 12.0 {
                    near.push(f64::from(close));
                    far.push(f64::from(beyond));
                }
            }
        }
    }
}

/// Deviation of six values from the straight line through them; 0 where they do not go up and down: that is no ringing.
fn deviation(values: [f32; 6]) -> f32 {
    let (mut turns, mut last) = (0, 0.0);
    for pair in values.windows(2) {
        let step = pair[1] - pair[0];
        if step != 0.0 {
            turns += u32::from(step * last < 0.0);
            last = step;
        }
    }
    if turns < 2 {
        return 0.0;
    }
    let mean = values.iter().sum::<f32>() / 6.0;
    let slope = (0..6).map(|n| values[n] * (n as f32 - 2.5)).sum::<f32>() / 17.5;
    let rest = (0..6).map(|n| values[n] - mean - slope * (n as f32 - 2.5));
    (rest.map(|value| value * value).sum::<f32>() / 6.0).sqrt()
}

/// Difference of the means; 0 where it is negative.
fn rise(near: &[f64], far: &[f64]) -> f64 {
    let sums = near.iter().sum::<f64>() - far.iter().sum::<f64>();
    (sums / near.len().max(1) as f64).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, normal, view};
    use super::*;

    fn run(codes: impl Fn(usize, usize) -> f64) -> Vec<Finding> {
        let mut compression = Box::new(Compression::default());
        for number in 0..6 {
            compression.frame(&view(number, 256, 128, |x, y| [codes(x, y), 128.0, 128.0]));
        }
        compression.findings()
    }

    #[test]
    fn steps_on_a_grid_are_blocks() {
        let found = run(|x, y| {
            let block = (x + 3) / 8 + (y + 6) / 8 * 64;
            100.0 + f64::from(hash(block) % 8) + normal(x * 300 + y)
        });
        assert!(found[0].found && !found[1].found);
        assert_eq!(
            [&found[0].details["phase_x"], &found[0].details["phase_y"]],
            [5.0, 2.0]
        );
        assert_eq!(found[0].details["grid"], 8.0);
        let clean = run(|x, y| 100.0 + 2.0 * normal(x * 300 + y));
        assert!(!clean[0].found);
    }

    #[test]
    fn waves_beside_edges_are_ringing() {
        let edge = |x: usize, wave: f64| {
            let at = x as f64 % 64.0 - 31.5;
            let ring = wave * (at * 2.0).cos() * (-at.abs() / 5.0).exp();
            if at > 0.0 { 180.0 + ring } else { 60.0 + ring }
        };
        assert!(run(|x, _| edge(x, 12.0))[1].found);
        assert!(!run(|x, _| edge(x, 0.0))[1].found);
    }
}
