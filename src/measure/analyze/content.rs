//! What kind of picture it is: drawn, filmed, or of a screen.

use super::bytes::{Bytes, details, percentile};
use super::{Detector, Finding, View};

/// One frame of so many is looked at, with its successor, and in it at most so many rows.
const EVERY: u64 = 10;
const ROWS: usize = 180;

/// Pixels of a row that hold about two letters.
const SEGMENT: usize = 16;

/// Finds `content`: always. Its details have the class ("animation", "camera" or "screen"), a score of 0 to 1 for each, and
/// what they are made of: shares of pixels with flat surroundings (steps of at most 1 code), with texture (2 to 12) and with
/// hard edges (more than 40), of pixels equal in the next frame, of the pixels that the 16 most frequent colours have, and of pieces of rows with as many
/// edges as letters have.
#[derive(Default)]
pub struct Content {
    seen: u64,
    before: Option<Bytes>,
    flat: Vec<f64>,
    texture: Vec<f64>,
    edges: Vec<f64>,
    equal: Vec<f64>,
    few: Vec<f64>,
    dense: Vec<f64>,
}

impl Detector for Content {
    fn frame(&mut self, view: &View) {
        let turn = self.seen % EVERY;
        self.seen += 1;
        if turn > 1 {
            return;
        }
        let luma = Bytes::luma(view);
        let before = self.before.take();
        if turn == 1 {
            if let Some(before) = before.filter(|before| view.follows && before.fits(&luma)) {
                self.equal.push(equal(&before, &luma));
            }
            return;
        }
        let (mut counts, mut all, mut pieces) = ([0u64; 4], 0u64, (0, 0));
        for y in (1..luma.height).step_by((luma.height / ROWS).max(1)) {
            let (row, above) = (luma.row(y), luma.row(y - 1));
            let letters = row.chunks_exact(SEGMENT).filter(|segment| dense(segment));
            pieces.0 += letters.count();
            pieces.1 += luma.width / SEGMENT;
            for x in 1..luma.width {
                let step = row[x].abs_diff(row[x - 1]).max(row[x].abs_diff(above[x]));
                counts[match step {
                    0..=1 => 0,
                    2..=12 => 1,
                    13..=40 => 2,
                    _ => 3,
                }] += 1;
                all += 1;
            }
        }
        if all > 0 {
            let share = |n: usize| counts[n] as f64 / all as f64;
            self.flat.push(share(0));
            self.texture.push(share(1));
            self.edges.push(share(3));
            self.dense.push(pieces.0 as f64 / pieces.1.max(1) as f64);
            self.few.push(few(&luma, Bytes::chroma(view)));
        }
        self.before = Some(luma);
    }

    fn findings(mut self: Box<Self>) -> Vec<Finding> {
        let [flat, texture, edges, equal, few, dense] = [
            &mut self.flat,
            &mut self.texture,
            &mut self.edges,
            &mut self.equal,
            &mut self.few,
            &mut self.dense,
        ]
        .map(|values| percentile(values, 0.5));
        let ramp = |value: f64, from: f64, to: f64| ((value - from) / (to - from)).clamp(0.0, 1.0);
        // Of what is not flat, drawings have edges and photographs have texture.
        let hard = edges / (edges + texture).max(1e-6);
        let drawn = ramp(flat, 0.45, 0.8) * ramp(few, 0.3, 0.6) * ramp(hard, 0.06, 0.16);
        let text = ramp(dense, 0.01, 0.03) * ramp(hard, 0.1, 0.3) * ramp(equal, 0.5, 0.8);
        let screen = ramp(flat, 0.5, 0.8) * text;
        let animation = drawn * (1.0 - screen);
        let camera = 1.0 - drawn.max(screen);
        let scores = [
            ("animation", animation),
            ("camera", camera),
            ("screen", screen),
        ];
        let best = scores.iter().fold(
            scores[1],
            |best, each| if each.1 > best.1 { *each } else { best },
        );
        let words = match best.0 {
            "animation" => "The picture is drawn: flat areas, sharp lines, few colours.",
            "screen" => "The picture is of a screen: text or controls, exact repeats, no noise.",
            _ => "The picture is filmed or as rich as a film.",
        };
        let mut finding =
            Finding::absent("content", "", (0.5 + best.1 / 2.0).clamp(0.5, 0.95), words);
        finding.found = true;
        finding.severity = best.1;
        finding.details = details(&scores);
        finding.details.extend(details(&[
            ("flat", flat),
            ("texture", texture),
            ("edges", edges),
            ("equal", equal),
            ("few_colours", few),
            ("dense", dense),
        ]));
        finding.details.insert("class".to_owned(), best.0.into());
        vec![finding]
    }
}

/// Whether a piece of a row goes up and down as often as letters do.
fn dense(segment: &[u8]) -> bool {
    let (mut turns, mut last) = (0, 0);
    for pair in segment.windows(3) {
        let step = i16::from(pair[2]) - i16::from(pair[0]);
        if step.abs() > 50 && step.signum() != last {
            turns += 1;
            last = step.signum();
        }
    }
    turns >= 4
}

/// Share of the pixels that are the same in both frames, to one code.
fn equal(before: &Bytes, now: &Bytes) -> f64 {
    let (mut same, mut all) = (0, 0);
    for y in (0..now.height).step_by((now.height / ROWS).max(1)) {
        let both = before.row(y).iter().zip(now.row(y));
        same += both.filter(|(a, b)| a.abs_diff(**b) <= 1).count();
        all += now.width;
    }
    same as f64 / all.max(1) as f64
}

/// Share of the pixels that the 16 most frequent of 32 × 16 × 16 colours have.
fn few(luma: &Bytes, chroma: Option<[Bytes; 2]>) -> f64 {
    let mut counts = vec![0u32; 32 * 256];
    let mut all = 0;
    for y in (0..luma.height).step_by((luma.height / ROWS).max(1)) {
        for x in (0..luma.width).step_by(2) {
            let colour = chroma.as_ref().map_or(0, |planes| {
                let code = |plane: &Bytes| {
                    plane.row(y * plane.height / luma.height)[x * plane.width / luma.width]
                };
                usize::from(code(&planes[0]) / 16) * 16 + usize::from(code(&planes[1]) / 16)
            });
            counts[usize::from(luma.row(y)[x] / 8) * 256 + colour] += 1;
            all += 1;
        }
    }
    counts.sort_unstable_by(|a, b| b.cmp(a));
    f64::from(counts[..16].iter().sum::<u32>()) / f64::from(all.max(1))
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, normal, view};
    use super::*;

    fn class(codes: impl Fn(usize, usize, usize) -> f64) -> String {
        let mut content = Box::new(Content::default());
        for number in 0..2u64 {
            content.frame(&view(number, 240, 160, |x, y| {
                [codes(number as usize, x, y), 128.0, 128.0]
            }));
        }
        let finding = content.findings().remove(0);
        finding.details["class"].as_str().unwrap_or("").to_owned()
    }

    #[test]
    fn noise_is_filmed() {
        assert_eq!(
            class(|n, x, y| 40.0 + x as f64 / 2.0 + 3.0 * normal(n * 38400 + y * 240 + x)),
            "camera"
        );
    }

    #[test]
    fn flat_patches_with_lines_are_drawn() {
        let patch = |n: usize, x: usize, y: usize| {
            let at = x + 3 * n;
            let line = at % 40 < 2 || y % 40 < 2;
            if line {
                20.0
            } else {
                60.0 + f64::from(hash(at / 40 + y / 40 * 16) % 150)
            }
        };
        assert_eq!(class(patch), "animation");
    }

    #[test]
    fn still_letters_are_a_screen() {
        let letter = |_: usize, x: usize, y: usize| {
            let ink = y % 14 < 9 && x % 200 < 150 && hash(x / 2 + y / 2 * 128).is_multiple_of(5);
            if ink { 20.0 } else { 235.0 }
        };
        assert_eq!(class(letter), "screen");
    }
}
