//! Chroma displaced against luma, as composite video and wrong conversions leave it.

use super::bytes::{Bytes, confidence, details};
use super::{Detector, Finding, View};
use crate::frame::Model;

/// One frame of so many is looked at.
const EVERY: u64 = 20;
/// Largest displacement sought, in samples of chroma.
const REACH: usize = 8;
/// Displacement from which on it is a defect, in pixels of luma.
const LEAST: f64 = 1.5;
/// Correlation of edges below which nothing can be said.
const CORRELATION: f64 = 0.3;
/// Frames that are looked at, at most.
const FRAMES: u64 = 200;

/// Finds `chroma_shift` (pixels of luma): where the edges of chroma and those of luma, brought to the grid of chroma,
/// correlate best.
#[derive(Default)]
pub struct ChromaShift {
    seen: u64,
    /// Sums for the displacements across and down.
    axes: [Axis; 2],
    /// Pixels of luma for each sample of chroma.
    steps: [usize; 2],
}

/// Sums of one axis.
#[derive(Default)]
struct Axis {
    products: [f64; 2 * REACH + 1],
    luma: f64,
    chroma: f64,
}

impl Detector for ChromaShift {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        if self.seen % EVERY != 1 || self.seen > EVERY * FRAMES {
            return;
        }
        let Some([cb, cr]) =
            Bytes::chroma(view).filter(|_| view.picture.format.model == Model::Yuv)
        else {
            return;
        };
        let luma = Bytes::luma(view);
        if cb.width < 4 * REACH || cb.height < 4 * REACH {
            return;
        }
        self.steps = [
            luma.width.div_ceil(cb.width),
            luma.height.div_ceil(cb.height),
        ];
        let luma = reduced(&luma, cb.width, cb.height, self.steps);
        for (axis, stride) in self.axes.iter_mut().zip([1, cb.width]) {
            axis.add(
                &edges(&luma, stride),
                &both(edges(&cb, stride), &edges(&cr, stride)),
                cb.width,
                stride,
            );
        }
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let [(across, one), (down, other)] =
            [0, 1].map(|n| self.axes[n].peak(self.steps[n] as f64));
        let sum = across.hypot(down);
        let known = one.max(other) >= CORRELATION;
        let sure = if known { confidence(sum, LEAST) } else { 0.3 };
        let mut finding =
            Finding::absent("chroma_shift", "px", sure, "Chroma lies where luma does.");
        finding.details = details(&[
            ("across", across),
            ("down", down),
            ("correlation", one.max(other)),
        ]);
        if sum >= LEAST && known {
            finding.found = true;
            finding.severity = sum;
            finding.words = format!(
                "Chroma is displaced against luma: {across:+.1} px to the right, {down:+.1} px down."
            );
        }
        vec![finding]
    }
}

impl Axis {
    /// Adds a frame: edges of rows of `width` samples, and `stride` samples from each to the next along the axis.
    fn add(&mut self, luma: &[f32], chroma: &[f32], width: usize, stride: usize) {
        let edge = REACH * stride;
        let lines = width * if stride == 1 { 1 } else { 2 * REACH };
        for row in (0..luma.len() / width).step_by(2) {
            let at = row * width;
            if stride > 1 && (at < lines || at + width + lines > luma.len()) {
                continue;
            }
            let (from, to) = if stride == 1 {
                (at + REACH, at + width - REACH)
            } else {
                (at, at + width)
            };
            let here = &luma[from..to];
            self.luma += here.iter().map(|v| f64::from(v * v)).sum::<f64>();
            self.chroma += chroma[from..to]
                .iter()
                .map(|v| f64::from(v * v))
                .sum::<f64>();
            for (lag, sum) in self.products.iter_mut().enumerate() {
                let moved = &chroma[from + lag * stride - edge..to + lag * stride - edge];
                *sum += f64::from(here.iter().zip(moved).map(|(a, b)| a * b).sum::<f32>());
            }
        }
    }

    /// The displacement in pixels of luma at `step` for each sample, and how well the edges correlate there. 0 where the
    /// peak does not stand out.
    fn peak(&self, step: f64) -> (f64, f64) {
        let norm = (self.luma * self.chroma).sqrt();
        if norm <= 0.0 {
            return (0.0, 0.0);
        }
        let at = |lag: usize| self.products[lag] / norm;
        let best = (0..=2 * REACH).fold(
            REACH,
            |best, lag| if at(lag) > at(best) { lag } else { best },
        );
        if best == 0 || best == 2 * REACH || at(best) < CORRELATION || at(best) < 1.1 * at(REACH) {
            return (0.0, at(best));
        }
        let (left, top, right) = (at(best - 1), at(best), at(best + 1));
        let part = 0.5 * (left - right) / (left - 2.0 * top + right).min(-1e-9);
        (
            (best as f64 - REACH as f64 + part.clamp(-0.5, 0.5)) * step,
            top,
        )
    }
}

/// Luma at the places of chroma: means of `steps` samples.
fn reduced(luma: &Bytes, width: usize, height: usize, steps: [usize; 2]) -> Bytes {
    let mut codes = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (mut sum, mut count) = (0u32, 0);
            for row in y * steps[1]..((y + 1) * steps[1]).min(luma.height) {
                let (left, right) = (x * steps[0], ((x + 1) * steps[0]).min(luma.width));
                sum += luma.row(row)[left..right]
                    .iter()
                    .map(|code| u32::from(*code))
                    .sum::<u32>();
                count += (right - left) as u32;
            }
            codes.push((sum / count.max(1)) as u8);
        }
    }
    Bytes {
        width,
        height,
        codes,
    }
}

/// Absolute slopes along `stride`, without their mean and limited, so that few strong edges do not speak for all.
fn edges(plane: &Bytes, stride: usize) -> Vec<f32> {
    let codes = &plane.codes;
    let mut edges = vec![0.0; codes.len()];
    for at in stride..codes.len() - stride {
        let slope = codes[at + stride].abs_diff(codes[at - stride]);
        edges[at] = f32::from(slope.min(48));
    }
    let mean = edges.iter().map(|v| f64::from(*v)).sum::<f64>() / edges.len() as f64;
    edges.iter_mut().for_each(|value| *value -= mean as f32);
    edges
}

/// The sum of two.
fn both(mut one: Vec<f32>, other: &[f32]) -> Vec<f32> {
    one.iter_mut()
        .zip(other)
        .for_each(|(sum, value)| *sum += value);
    one
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    fn run(across: usize, down: usize) -> Finding {
        let mut shift = Box::new(ChromaShift::default());
        let patch = |x: usize, y: usize| hash(x / 23 + y / 19 * 64);
        shift.frame(&view(0, 240, 160, |x, y| {
            let chroma = patch(x + 8 - across, y + 8 - down);
            let colour = patch(x + 8 - across + 5000, y + 8 - down);
            [
                40.0 + f64::from(patch(x + 8, y + 8) % 160),
                90.0 + f64::from(chroma % 70),
                90.0 + f64::from(colour % 70),
            ]
        }));
        shift.findings().remove(0)
    }

    #[test]
    fn displacements_are_measured_both_ways() {
        for (across, down) in [(3, 0), (0, 4), (5, 2)] {
            let found = run(across, down);
            assert!(found.found);
            let value = |name: &str| found.details[name].as_f64().unwrap();
            assert!((value("across") - across as f64).abs() < 0.3, "{found:?}");
            assert!((value("down") - down as f64).abs() < 0.3, "{found:?}");
        }
        assert!(!run(0, 0).found);
    }
}
