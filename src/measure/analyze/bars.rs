//! Black bars above and below the picture, and beside it.

use super::bytes::details;
use super::{Detector, Finding, View};
use crate::metrics::Plane;

/// One of so many frames is looked at, but all of the first ones.
const EVERY: u64 = 4;
const FIRST: u64 = 24;
/// Lines are looked at in so many pieces: a line is a bar where none of them is brighter.
const PIECES: usize = 8;
/// Pieces at each end of a line that subtitles in the middle do not reach.
const ENDS: usize = 1;
/// Steps of the histograms: half a code, up to this code.
const STEPS: usize = 2;
const CODES: usize = 64;
/// A line that is brighter than the bar by so many codes is picture, and black is at most so much above the black level.
const BRIGHTER: f64 = 3.0;
const BLACK: f64 = 14.0;
/// A frame whose brightest lines are less than so many codes above the black level is too dark to say anything.
const DARK: f64 = 30.0;
/// The brightness below which this part of the frames lie stands for all: dark scenes and subtitles are exceptions.
const SHARE: f64 = 0.6;
/// The picture begins with a step of at least so many codes within this many lines, in the brighter frames.
const EDGE: f64 = 5.0;
const BRIGHT_SHARE: f64 = 0.9;
/// Least part of the picture that bars have.
const LEAST: f64 = 0.004;

/// Finds `letterbox` and `pillarbox` (% of the picture's area), with the picture inside as their area.
#[derive(Default)]
pub struct Bars {
    seen: u64,
    size: (usize, usize),
    rows: Brightness,
    columns: Brightness,
    limited: bool,
    looked: u32,
    changed: bool,
}

/// How bright lines were: for each line a histogram of the brightest piece, and one of the brighter end.
#[derive(Default)]
struct Brightness {
    whole: Vec<[u32; CODES * STEPS]>,
    ends: Vec<[u32; CODES * STEPS]>,
}

impl Detector for Bars {
    fn frame(&mut self, view: &View) {
        let turn = self.seen;
        self.seen += 1;
        if turn >= FIRST && !turn.is_multiple_of(EVERY) {
            return;
        }
        let size = (view.luma.width, view.luma.height);
        if self.looked > 0 && size != self.size {
            // What changes its size has no bars that are the same over the file.
            self.changed = true;
        }
        if self.changed || size.0 < 16 || size.1 < 16 {
            return;
        }
        let (rows, columns) = piece_means(&view.luma);
        let floor = black(view.limited);
        let brightest = rows.iter().flatten().fold(0.0, |m: f32, v| m.max(*v));
        if f64::from(brightest) < floor + DARK {
            return;
        }
        (self.size, self.limited) = (size, view.limited);
        self.looked += 1;
        self.rows.add(&rows);
        self.columns.add(&columns);
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let (width, height) = self.size;
        let floor = black(self.limited);
        let (mut rows, mut columns) = ([0, height], [0, width]);
        if !self.changed && self.looked > 0 {
            rows = self.rows.inside(floor);
            columns = self.columns.inside(floor);
        }
        let sure = match self.looked {
            0 => 0.1,
            1..5 => 0.6,
            _ => 0.95,
        };
        let make = |kind, [begin, end]: [usize; 2], all: usize, words: [&str; 3]| {
            let bars = begin + all - end;
            let share = bars as f64 / all.max(1) as f64;
            let mut finding = Finding::absent(kind, "% of the picture", sure, words[0]);
            if share >= LEAST && bars >= 2 {
                finding.found = true;
                finding.severity = 100.0 * share;
                let [left, top, right, bottom] =
                    [columns[0], rows[0], columns[1], rows[1]].map(|v| v as u32);
                finding.area = Some([left, top, right - left, bottom - top]);
                finding.words = format!(
                    "There are black bars {}: {begin} px {} and {} px {}; the picture inside is {} by {}.",
                    words[1],
                    if kind == "letterbox" {
                        "above"
                    } else {
                        "on the left"
                    },
                    all - end,
                    words[2],
                    right - left,
                    bottom - top
                );
                finding.details = details(&[("first", begin as f64), ("last", (all - end) as f64)]);
            }
            finding
        };
        vec![
            make(
                "letterbox",
                rows,
                height,
                [
                    "There are no bars above and below.",
                    "above and below",
                    "below",
                ],
            ),
            make(
                "pillarbox",
                columns,
                width,
                [
                    "There are no bars beside the picture.",
                    "beside the picture",
                    "on the right",
                ],
            ),
        ]
    }
}

impl Brightness {
    fn add(&mut self, lines: &[[f32; PIECES]]) {
        let empty = [0; CODES * STEPS];
        self.whole.resize(lines.len(), empty);
        self.ends.resize(lines.len(), empty);
        let step = |value: f32| ((value * STEPS as f32) as usize).min(CODES * STEPS - 1);
        let max = |pieces: &[f32]| pieces.iter().fold(0.0f32, |m, v| m.max(*v));
        for (index, pieces) in lines.iter().enumerate() {
            self.whole[index][step(max(pieces))] += 1;
            let ends = max(&pieces[..ENDS]).max(max(&pieces[PIECES - ENDS..]));
            self.ends[index][step(ends)] += 1;
        }
    }

    /// The first line of the picture and the one after its last. `floor` is the black level.
    fn inside(&self, floor: f64) -> [usize; 2] {
        let [mut begin, mut end] = bars(&self.whole, floor);
        let [outer_begin, outer_end] = bars(&self.ends, floor);
        // Subtitles that are nearly always there hide a bar; then its ends and the other bar tell its size.
        if end < begin && outer_end.abs_diff(begin) <= 2 {
            end = outer_end;
        } else if begin < end && outer_begin.abs_diff(end) <= 2 {
            begin = outer_begin;
        }
        let last = self.whole.len();
        match begin + end < last {
            true => [begin, last - end],
            false => [0, last],
        }
    }
}

/// How many lines are bars at the beginning and at the end.
fn bars(lines: &[[u32; CODES * STEPS]], floor: f64) -> [usize; 2] {
    let values = lines
        .iter()
        .map(|counts| [SHARE, BRIGHT_SHARE].map(|share| quantile(counts, share)));
    let mut values: Vec<[f64; 2]> = values.collect();
    let begin = bar(&values, floor);
    values.reverse();
    [begin, bar(&values, floor)]
}

/// How many lines at the beginning are a bar, of the usual and the high brightness of lines.
fn bar(lines: &[[f64; 2]], floor: f64) -> usize {
    let level = lines[0][0];
    if level > floor + BLACK {
        return 0;
    }
    let Some(count) = lines.iter().position(|line| line[0] > level + BRIGHTER) else {
        return 0;
    };
    let inner = lines[(count + 1).min(lines.len() - 1)][1];
    let outer = lines[count.saturating_sub(2)][0];
    if inner - outer >= EDGE { count } else { 0 }
}

/// The brightness below which `share` of the counted values lie.
fn quantile(counts: &[u32; CODES * STEPS], share: f64) -> f64 {
    let all: u32 = counts.iter().sum();
    let mut rest = (f64::from(all.saturating_sub(1)) * share) as u32;
    for (step, count) in counts.iter().enumerate() {
        if rest < *count {
            return step as f64 / STEPS as f64;
        }
        rest -= count;
    }
    CODES as f64
}

/// The code of black of 8 bits.
fn black(limited: bool) -> f64 {
    if limited { 16.0 } else { 0.0 }
}

/// Means of the pieces of each row and of each column, in codes of 255.
fn piece_means(luma: &Plane) -> (Vec<[f32; PIECES]>, Vec<[f32; PIECES]>) {
    let (width, height) = (luma.width, luma.height);
    let unit = (1u32 << luma.depth.saturating_sub(8)) as f32;
    let mut rows = Vec::with_capacity(height);
    let mut columns = vec![[0.0f32; PIECES]; width];
    let mut sums = vec![0u32; width];
    for piece in 0..PIECES {
        let lines = piece * height / PIECES..(piece + 1) * height / PIECES;
        sums.fill(0);
        for y in lines.clone() {
            let row = luma.row(y);
            let mut means = [0.0; PIECES];
            for (part, mean) in means.iter_mut().enumerate() {
                let (left, right) = (part * width / PIECES, (part + 1) * width / PIECES);
                let sum: u32 = row[left..right].iter().map(|code| u32::from(*code)).sum();
                *mean = sum as f32 / ((right - left).max(1) as f32 * unit);
            }
            rows.push(means);
            for (sum, code) in sums.iter_mut().zip(row) {
                *sum += u32::from(*code);
            }
        }
        for (column, sum) in columns.iter_mut().zip(&sums) {
            column[piece] = *sum as f32 / (lines.len().max(1) as f32 * unit);
        }
    }
    (rows, columns)
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, normal, view};
    use super::*;

    /// 30 frames of 200 × 120 with these bars (left, top, right, bottom): noise of deviation `noise` in the bars, subtitles
    /// in part of the frames below, and dark scenes in half of them.
    fn run(bars: [usize; 4], noise: f64, subtitles: u64, dark: bool) -> Vec<Finding> {
        let mut detector = Box::new(Bars::default());
        let [left, top, right, bottom] = bars;
        for number in 0..30u64 {
            let n = number as usize;
            detector.frame(&view(number, 200, 120, |x, y| {
                let inside = (left..200 - right).contains(&x) && (top..120 - bottom).contains(&y);
                let text =
                    number % 10 < subtitles && (50..150).contains(&x) && (110..116).contains(&y);
                let texture = f64::from(hash(x / 5 + n + y / 5 * 97) % 150);
                let code = match inside {
                    true if dark && n.is_multiple_of(2) && y < 70 => 17.0,
                    true => 40.0 + texture,
                    false if text && (x / 3).is_multiple_of(2) => 220.0,
                    false => 16.0,
                };
                [
                    code + noise * normal(n * 24_000 + y * 200 + x),
                    128.0,
                    128.0,
                ]
            }));
        }
        detector.findings()
    }

    #[test]
    fn bars_are_exact_to_the_pixel() {
        for [a, b] in [[13, 13], [8, 8], [1, 2], [0, 7], [30, 29]] {
            let found = run([0, a, 0, b], 0.0, 0, false);
            assert!(found[0].found && !found[1].found, "{a} {b} {found:?}");
            assert_eq!(
                found[0].area,
                Some([0, a as u32, 200, (120 - a - b) as u32])
            );
            let found = run([a, 0, b, 0], 0.0, 0, false);
            assert!(!found[0].found && found[1].found, "{a} {b} {found:?}");
            assert_eq!(
                found[1].area,
                Some([a as u32, 0, (200 - a - b) as u32, 120])
            );
        }
        let both = run([10, 12, 11, 14], 0.0, 0, false);
        assert!(
            both.iter()
                .all(|f| f.found && f.area == Some([10, 12, 179, 94]))
        );
    }

    #[test]
    fn noise_subtitles_and_dark_scenes_do_not_hide_bars() {
        for (noise, subtitles, dark) in [
            (4.0, 0, false),
            (0.0, 4, false),
            (0.0, 10, false),
            (2.0, 3, true),
        ] {
            let found = run([0, 15, 0, 15], noise, subtitles, dark);
            assert_eq!(
                found[0].area,
                Some([0, 15, 200, 90]),
                "{noise} {subtitles} {dark}"
            );
        }
    }

    #[test]
    fn pictures_without_bars_have_none() {
        for (noise, dark) in [(0.0, false), (3.0, true)] {
            let found = run([0; 4], noise, 0, dark);
            assert!(found.iter().all(|finding| !finding.found));
        }
    }
}
