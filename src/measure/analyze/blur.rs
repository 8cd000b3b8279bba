//! Blur: how wide the sharpest edges of a picture are, and how fine its details.

use super::bytes::{Bytes, confidence, details, percentile};
use super::{Detector, Finding, View, Worst};

/// One frame of so many is looked at, and in it at most so many rows.
const EVERY: u64 = 5;
const ROWS: usize = 270;
/// Codes that an edge has to rise or fall by.
const CONTRAST: i32 = 32;
/// Fewest edges of a frame that say something.
const FEWEST: usize = 60;
/// Width from which on the sharpest edges are blurred, in pixels.
const WIDE: f64 = 2.8;
/// Samples of a piece of a row whose spectrum is made, and how many pieces of a frame.
const PIECE: usize = 256;
const PIECES: usize = 32;

/// Finds `blur` (width of edges in pixels). An edge goes from one local extreme of a row to the next (Marziliano, Dufaux,
/// Winkler, Ebrahimi: "A no-reference perceptual blur metric", 2002); its width is its contrast over its steepest step: 1 of
/// a perfect edge, 2.5 σ of one blurred by a Gaussian. The sharpest tenth counts, so that a background out of focus is no
/// blur. `effective_width` is the width that would hold all details: less than the picture's where it was scaled up.
#[derive(Default)]
pub struct Blur {
    seen: u64,
    width: usize,
    widths: Vec<f64>,
    worst: Worst,
    spectrum: Spectrum,
}

impl Detector for Blur {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        if self.seen % EVERY != 1 {
            return;
        }
        let luma = Bytes::luma(view);
        self.width = luma.width;
        let mut widths = edge_widths(&luma);
        if widths.len() >= FEWEST {
            let width = percentile(&mut widths, 0.1);
            self.widths.push(width);
            self.worst.add(width, view.time);
        }
        if self.seen % (4 * EVERY) == 1 {
            self.spectrum.add(&luma);
        }
    }

    fn findings(mut self: Box<Self>) -> Vec<Finding> {
        // A frame may be blurred by movement: sharp ones decide.
        let width = percentile(&mut self.widths, 0.3);
        let effective = (self.width as f64 * self.spectrum.cutoff()).round();
        let sure = if self.widths.is_empty() {
            0.2
        } else {
            confidence(width, WIDE)
        };
        let mut finding = Finding::absent("blur", "px", sure, "The sharpest edges are sharp.");
        finding.details = details(&[("edge_width", width), ("effective_width", effective)]);
        if width >= WIDE {
            finding.found = true;
            finding.severity = width;
            finding.at = self.worst.times();
            finding.words =
                format!("The picture is blurred: its sharpest edges are {width:.1} px wide.");
        }
        if effective < 0.85 * self.width as f64 {
            let more = format!(
                " Its details would fit into a width of {effective} of {} px.",
                self.width
            );
            finding.words.push_str(&more);
        }
        vec![finding]
    }
}

/// Widths of the edges in some rows, in pixels.
fn edge_widths(luma: &Bytes) -> Vec<f64> {
    let mut widths = Vec::new();
    for y in (0..luma.height).step_by((luma.height / ROWS).max(1)) {
        let row = luma.row(y);
        let mut start = 0;
        let (mut direction, mut steepest) = (0, 0);
        for x in 1..=row.len() {
            let step = row
                .get(x)
                .map_or(0, |code| i32::from(*code) - i32::from(row[x - 1]));
            if step.signum() != direction {
                let contrast = (i32::from(row[x - 1]) - i32::from(row[start])).abs();
                if contrast >= CONTRAST {
                    widths.push(f64::from(contrast) / f64::from(steepest));
                }
                (start, direction, steepest) = (x - 1, step.signum(), 0);
            }
            steepest = steepest.max(step.abs());
        }
    }
    widths
}

/// Mean power of pieces of rows by frequency.
#[derive(Default)]
struct Spectrum {
    power: Vec<f64>,
    pieces: usize,
}

impl Spectrum {
    /// Adds pieces of rows of `luma`.
    fn add(&mut self, luma: &Bytes) {
        if luma.width < PIECE {
            return;
        }
        let turn = |n: usize| std::f32::consts::TAU * n as f32 / PIECE as f32;
        let table: Vec<(f32, f32)> = (0..PIECE).map(|n| turn(n).sin_cos()).collect();
        self.power.resize(PIECE / 2, 0.0);
        let across = luma.width / PIECE;
        for piece in 0..PIECES {
            let y = (2 * piece + 1) * luma.height / (2 * PIECES);
            let left = (piece % across) * (luma.width - PIECE) / (across - 1).max(1);
            let codes = &luma.row(y)[left..left + PIECE];
            let mean = codes.iter().map(|code| f32::from(*code)).sum::<f32>() / PIECE as f32;
            let windowed: Vec<f32> = codes
                .iter()
                .zip(&table)
                .map(|(code, (_, cos))| (f32::from(*code) - mean) * (0.5 - 0.5 * cos))
                .collect();
            for (k, power) in self.power.iter_mut().enumerate() {
                let (mut real, mut imaginary) = (0.0f32, 0.0f32);
                for (n, value) in windowed.iter().enumerate() {
                    let (sin, cos) = table[k * n % PIECE];
                    real += value * cos;
                    imaginary += value * sin;
                }
                *power += f64::from(real * real + imaginary * imaginary);
            }
            self.pieces += 1;
        }
    }

    /// The share of the band in which there are details: where power times the square of the frequency falls to a twelfth or
    /// less within an eighth of the band; else 1.
    fn cutoff(&self) -> f64 {
        const GAP: usize = PIECE / 2 / 16;
        // Power of the rounding to whole codes: 1/12, times the sum of the squares of the window.
        let floor = self.pieces as f64 * PIECE as f64 * 0.375 / 12.0;
        // Natural power falls with the square of the frequency: without that.
        let even = |k: usize| self.power[k].max(floor) * (k * k) as f64;
        let mean = |from: usize| (from..from + GAP).map(even).sum::<f64>() / GAP as f64;
        let mut cutoff = (1.0, 12.0);
        if self.power.is_empty() {
            return 1.0;
        }
        for middle in 2 * GAP..PIECE / 2 - 2 * GAP {
            let (below, above) = (mean(middle - GAP), mean(middle + GAP));
            let fall = below / above;
            if fall > cutoff.1 {
                cutoff = (
                    (middle as f64 + GAP as f64 / 2.0) / (PIECE / 2) as f64,
                    fall,
                );
            }
        }
        cutoff.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    /// Strips of hashed brightness with edges of about `sigma` pixels, a logistic curve.
    fn run(sigma: f64) -> Finding {
        let mut blur = Box::new(Blur::default());
        for number in 0..6 {
            blur.frame(&view(number, 320, 128, |x, y| {
                let level = |strip: usize| 40.0 + f64::from(hash(strip + y / 16 * 64) % 160);
                let (strip, at) = (x / 32, (x % 32) as f64 - 15.5);
                let part = 1.0 / (1.0 + (-1.7 * at / sigma).exp());
                [
                    level(strip) * (1.0 - part) + level(strip + 1) * part,
                    128.0,
                    128.0,
                ]
            }));
        }
        blur.findings().remove(0)
    }

    #[test]
    fn wide_edges_are_blur() {
        let blurred = run(2.5);
        assert!(blurred.found);
        assert!(
            (5.0..8.0).contains(&blurred.severity),
            "{}",
            blurred.severity
        );
        assert!(!run(0.5).found);
    }

    #[test]
    fn an_empty_band_is_a_smaller_picture() {
        // Sums of waves up to half of the highest frequency.
        let wave = |x: usize, y: usize| {
            let each = (1..40).map(|k| {
                let phase = f64::from(hash(k + 64 * (y / 4))) / 1e4;
                (x as f64 * k as f64 / 40.0 * std::f64::consts::FRAC_PI_2 + phase).sin()
            });
            [128.0 + 8.0 * each.sum::<f64>(), 128.0, 128.0]
        };
        let mut spectrum = Spectrum::default();
        spectrum.add(&Bytes::luma(&view(0, 512, 128, wave)));
        assert!(
            (0.4..0.6).contains(&spectrum.cutoff()),
            "{}",
            spectrum.cutoff()
        );
    }
}
