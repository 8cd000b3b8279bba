//! Levels: clipped and crushed tones, low contrast, and codes out of range.

use super::bytes::{Bytes, confidence, details};
use super::{Detector, Finding, View, Worst};
use crate::frame::Model;

/// One frame of so many is looked at.
const EVERY: u64 = 10;
/// Percent of the pixels at the end of the range from which on tones are clipped or crushed.
const CLIPPED: f64 = 1.5;
const CRUSHED: f64 = 4.0;
/// Range from the 1st to the 99th percentile below which contrast is low, in percent of black to white.
const CONTRAST: f64 = 46.0;
/// The largest step by which filmed tones leave the ends of the range mostly, in codes. Drawings and letters leave them by
/// hard edges.
const SOFT: u8 = 12;
/// Percent of samples out of range from which on it is a defect: EBU R 103 (2020) tolerates 1 %.
const OUT: f64 = 1.0;
/// Fewer are a defect where they are areas: percent of the pixels that are out by more than [`ROUNDED`] codes, together with
/// all eight around them. Codecs and scalers overshoot beside edges, in lines: at x264's crf 35 less than 0.005 % are such.
const OUT_AREAS: f64 = 0.05;
const ROUNDED: u8 = 2;
/// Percent of the range by which contrast of a picture of one tone is less: a test colour is not a picture of low contrast.
const ONE_TONE: f64 = 2.0;

/// Finds `clipped_whites`, `crushed_blacks`, `out_of_range` (percent of pixels) and `low_contrast` (range in percent of black
/// to white). Black bars and black frames are left out. White and black of drawings and screens, with
/// hard edges, are not clipped.
#[derive(Default)]
pub struct Levels {
    seen: u64,
    /// Pixels by code of 8 bits, black is 16 and white 235 where limited.
    histogram: Histogram,
    limited: bool,
    /// Where rows leave white and black: by small steps, and all.
    white_borders: (u64, u64),
    black_borders: (u64, u64),
    out: (u64, u64),
    /// Pixels of luma in areas out of range, and all.
    areas: (u64, u64),
    worst: [Worst; 3],
}

struct Histogram([u64; 256]);

impl Default for Histogram {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl Detector for Levels {
    fn frame(&mut self, view: &View) {
        self.seen += 1;
        if self.seen % EVERY != 1 {
            return;
        }
        self.limited = view.limited;
        let luma = Bytes::luma(view);
        let (black, white) = ends(self.limited);
        let (top, bottom) = picture_rows(&luma, black);
        let mut histogram = [0u64; 256];
        for y in (top..bottom).step_by(2) {
            let row = luma.row(y);
            row.iter()
                .for_each(|code| histogram[usize::from(*code)] += 1);
            for pair in row.windows(2) {
                let (low, high) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
                let soft = u64::from(high - low <= SOFT);
                if high >= white - 1 && low < white - 1 {
                    self.white_borders.0 += soft;
                    self.white_borders.1 += 1;
                }
                if low <= black + 1 && high > black + 1 {
                    self.black_borders.0 += soft;
                    self.black_borders.1 += 1;
                }
            }
        }
        let count: u64 = histogram.iter().sum();
        // Black frames say nothing.
        let dark: u64 = histogram[..=usize::from(black) + 8].iter().sum();
        if count == 0 || dark * 100 >= count * 98 {
            return;
        }
        let high: u64 = histogram[usize::from(white) - 1..].iter().sum();
        let low: u64 = histogram[..=usize::from(black) + 1].iter().sum();
        for (worst, some) in self.worst.iter_mut().zip([high, low]) {
            worst.add(some as f64 / count as f64, view.time);
        }
        self.histogram
            .0
            .iter_mut()
            .zip(histogram)
            .for_each(|(sum, more)| *sum += more);
        if view.limited && view.picture.format.model != Model::Rgb {
            let mut out = luma
                .codes
                .iter()
                .filter(|code| !(16..=235).contains(*code))
                .count();
            let mut all = luma.codes.len();
            self.areas.0 += in_areas(&luma);
            self.areas.1 += all as u64;
            for plane in Bytes::chroma(view).into_iter().flatten() {
                out += plane
                    .codes
                    .iter()
                    .filter(|code| !(16..=240).contains(*code))
                    .count();
                all += plane.codes.len();
            }
            self.out.0 += out as u64;
            self.out.1 += all as u64;
            self.worst[2].add(out as f64 / all.max(1) as f64, view.time);
        }
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let all: u64 = self.histogram.0.iter().sum();
        let part = |count: u64, of: u64| 100.0 * count as f64 / of.max(1) as f64;
        let (black, white) = ends(self.limited);
        let sum = |from: usize, to: usize| self.histogram.0[from..=to].iter().sum::<u64>();
        let (black, white) = (usize::from(black), usize::from(white));
        // A pile at the very end, against the mean of the codes before it.
        let high = sum(white - 1, 255);
        let low = sum(0, black + 1);
        let piled = |end: u64, before: u64| end as f64 > 3.0 * before as f64 / 10.0;
        let drawn = |(soft, all): (u64, u64)| soft * 100 < all * 40;
        let mut whites = part(high, all);
        let mut blacks = part(low, all);
        if drawn(self.white_borders) || !piled(high, sum(white - 14, white - 5)) {
            whites = 0.0;
        }
        if drawn(self.black_borders) || !piled(low, sum(black + 5, black + 14)) {
            blacks = 0.0;
        }
        let (low, high) = (self.at(0.01, all), self.at(0.99, all));
        let range = 100.0 * (high as f64 - low as f64) / (white - black) as f64;
        let out = part(self.out.0, self.out.1);
        let areas = part(self.areas.0, self.areas.1);
        let none = if all == 0 { Some(0.2) } else { None };
        let [whites_at, blacks_at, out_at] = self.worst;
        let statement = |kind, unit, value: f64, limit: f64, at: &Worst, good, bad: String| {
            let mut finding =
                Finding::absent(kind, unit, none.unwrap_or(confidence(value, limit)), good);
            if value >= limit && all > 0 {
                finding.found = true;
                finding.severity = value;
                finding.at = at.times();
                finding.words = bad;
            }
            finding
        };
        let pixels = "% of pixels";
        let mut contrast = Finding::absent(
            "low_contrast",
            "% of the range",
            none.unwrap_or(confidence(range, CONTRAST)),
            "Contrast is not low.",
        );
        contrast.details = details(&[("range", range), ("low", low as f64), ("high", high as f64)]);
        if (ONE_TONE..CONTRAST).contains(&range) && all > 0 {
            contrast.found = true;
            contrast.severity = range;
            contrast.words =
                format!("Contrast is low: from code {low} to {high}, {range:.0} % of the range.");
        }
        let mut out_of_range = statement(
            "out_of_range",
            "% of samples",
            out,
            // What areas alone show is a defect, too, however few the samples are.
            if areas >= OUT_AREAS {
                OUT.min(out)
            } else {
                OUT
            },
            &out_at,
            "All codes are in range.",
            format!("{out:.1} % of the samples are out of the limited range."),
        );
        if all > 0 {
            out_of_range.confidence = confidence(out, OUT);
            if areas >= OUT_AREAS {
                out_of_range.confidence = confidence(areas, OUT_AREAS).max(confidence(out, OUT));
            }
        }
        out_of_range.details = details(&[("samples", out), ("in_areas", areas)]);
        vec![
            statement(
                "clipped_whites",
                pixels,
                whites,
                CLIPPED,
                &whites_at,
                "Whites are not clipped.",
                format!("{whites:.1} % of the pixels are clipped at white."),
            ),
            statement(
                "crushed_blacks",
                pixels,
                blacks,
                CRUSHED,
                &blacks_at,
                "Blacks are not crushed.",
                format!("{blacks:.1} % of the pixels are crushed to black."),
            ),
            contrast,
            out_of_range,
        ]
    }
}

impl Levels {
    /// The code below which `share` of the pixels are.
    fn at(&self, share: f64, all: u64) -> usize {
        let mut sum = 0;
        let place = (share * all as f64) as u64;
        self.histogram
            .0
            .iter()
            .position(|count| {
                sum += count;
                sum > place
            })
            .unwrap_or(0)
    }
}

/// Codes of black and white.
fn ends(limited: bool) -> (u8, u8) {
    if limited { (16, 235) } else { (0, 255) }
}

/// How many pixels are out of the limited range on the same side as all eight around them.
fn in_areas(luma: &Bytes) -> u64 {
    let (low, high) = (16 - ROUNDED, 235 + ROUNDED);
    let mut count = 0;
    // Rows that have nothing out of range are most, and are passed by.
    let some = |y: usize| luma.row(y).iter().any(|code| !(low..=high).contains(code));
    for y in (1..luma.height.saturating_sub(1)).filter(|y| some(*y)) {
        let rows = [luma.row(y - 1), luma.row(y), luma.row(y + 1)];
        // The lowest and the highest code of each column of three.
        let ends = |x: usize| {
            let column = rows.map(|row| row[x]);
            (
                column[0].min(column[1]).min(column[2]),
                column[0].max(column[1]).max(column[2]),
            )
        };
        // Columns in a row that are out, below and above.
        let mut out = [0u32; 2];
        for x in 0..luma.width {
            let (least, most) = ends(x);
            for (out, is) in out.iter_mut().zip([most < low, least > high]) {
                *out = if is { *out + 1 } else { 0 };
                count += u64::from(*out >= 3);
            }
        }
    }
    count
}

/// The first row of the picture between black bars, and the one after its last.
fn picture_rows(luma: &Bytes, black: u8) -> (usize, usize) {
    let bar = |y: &usize| luma.row(*y).iter().all(|code| *code <= black + 8);
    let top = (0..luma.height)
        .position(|y| !bar(&y))
        .unwrap_or(luma.height);
    let bottom = (top..luma.height)
        .rposition(|y| !bar(&y))
        .map_or(top, |at| top + at + 1);
    (top, bottom)
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{normal, view};
    use super::*;

    /// Noise around a ramp of `low` to `high`, limited to `ends`.
    fn run(low: f64, high: f64, ends: (f64, f64)) -> Vec<bool> {
        let mut levels = Box::new(Levels::default());
        levels.frame(&view(0, 256, 128, |x, y| {
            let code = low + (high - low) * x as f64 / 255.0 + 2.0 * normal(y * 256 + x);
            // A black bar at the top.
            [
                if y < 20 {
                    16.0
                } else {
                    code.clamp(ends.0, ends.1)
                },
                128.0,
                128.0,
            ]
        }));
        levels
            .findings()
            .iter()
            .map(|finding| finding.found)
            .collect()
    }

    #[test]
    fn each_kind_is_found_alone() {
        assert_eq!(run(30.0, 220.0, (16.0, 235.0)), [false; 4]);
        assert_eq!(run(30.0, 280.0, (16.0, 235.0)), [true, false, false, false]);
        assert_eq!(
            run(-40.0, 220.0, (16.0, 235.0)),
            [false, true, false, false]
        );
        assert_eq!(run(90.0, 160.0, (16.0, 235.0)), [false, false, true, false]);
        assert!(run(2.0, 220.0, (0.0, 255.0))[3]);
    }

    /// A gray picture with a square of `side` pixels at `code`, and lines of that code of one pixel everywhere if `lines`.
    fn out_of_range(side: usize, code: f64, lines: bool) -> Finding {
        let mut levels = Box::new(Levels::default());
        levels.frame(&view(0, 256, 128, |x, y| {
            let inside = x < side && (30..30 + side).contains(&y);
            let line = lines && x % 240 == 0;
            let gray = 60.0 + x as f64 / 2.0;
            [if inside || line { code } else { gray }, 128.0, 128.0]
        }));
        levels.findings().remove(3)
    }

    #[test]
    fn small_areas_out_of_range_are_found_and_overshoot_is_not() {
        for code in [245.0, 8.0] {
            // 0.3 % of the pixels, of which 0.2 % lie inside.
            let area = out_of_range(10, code, false);
            assert!(area.found && area.severity < OUT, "{area:?}");
            // As many pixels in lines.
            let lines = out_of_range(0, code, true);
            assert!(!lines.found, "{lines:?}");
        }
        assert!(!out_of_range(10, 237.0, false).found);
    }

    #[test]
    fn a_test_colour_has_no_low_contrast() {
        let mut levels = Box::new(Levels::default());
        levels.frame(&view(0, 64, 48, |_, _| [149.0, 110.0, 120.0]));
        assert!(!levels.findings()[2].found);
    }

    #[test]
    fn black_pictures_say_nothing() {
        let mut levels = Box::new(Levels::default());
        levels.frame(&view(0, 1, 1, |_, _| [16.0, 128.0, 128.0]));
        assert!(levels.findings().iter().all(|finding| !finding.found));
    }
}
