//! Black bars above and below the picture, and beside it.

use super::bytes::details;
use super::outline::outline;
use super::shapes::{Shapes, Stretch};
use super::{Detector, Finding, MOST_PLACES, Part, View};
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

/// Finds `letterbox` and `pillarbox` (% of the picture's area), with the picture inside as their area. Where bars change, that
/// is the area that holds all of it, the severity is the mean over time, and the parts are listed as `boxes`: to the line, and
/// from the frame at which they begin.
#[derive(Default)]
pub struct Bars {
    seen: u64,
    size: (usize, usize),
    rows: Brightness,
    columns: Brightness,
    limited: bool,
    looked: u32,
    changed: bool,
    shapes: Shapes,
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
        let size = (view.luma.width, view.luma.height);
        if turn == 0 {
            self.size = size;
        }
        // What changes its size has no bars that are the same over the file.
        self.changed |= size != self.size;
        if self.changed || size.0 < 16 || size.1 < 16 {
            return;
        }
        let found = outline(&view.luma, black(view.limited) as f32);
        self.shapes.add(view.time, view.length, found);
        if turn >= FIRST && !turn.is_multiple_of(EVERY) {
            return;
        }
        let (rows, columns) = piece_means(&view.luma);
        let floor = black(view.limited);
        let brightest = rows.iter().flatten().fold(0.0, |m: f32, v| m.max(*v));
        if f64::from(brightest) < floor + DARK {
            return;
        }
        self.limited = view.limited;
        self.looked += 1;
        self.rows.add(&rows);
        self.columns.add(&columns);
    }

    fn findings(self: Box<Self>) -> Vec<Finding> {
        let (width, height) = self.size;
        let floor = black(self.limited);
        let (mut rows, mut columns) = ([0, height], [0, width]);
        let (mut row_parts, mut column_parts) = (Vec::new(), Vec::new());
        if !self.changed && self.looked > 0 {
            rows = self.rows.inside(floor);
            columns = self.columns.inside(floor);
            [row_parts, column_parts] = self.shapes.parts();
        }
        let parts = parts(&row_parts, &column_parts, (rows, columns), self.size);
        if row_parts.len() > 1 {
            rows = largest(&row_parts, height);
        }
        if column_parts.len() > 1 {
            columns = largest(&column_parts, width);
        }
        let sure = match self.looked {
            0 => 0.1,
            1..5 => 0.6,
            _ => 0.95,
        };
        let make = |kind,
                    [begin, end]: [usize; 2],
                    stretches: &[Stretch],
                    all: usize,
                    words: [&str; 3]| {
            let bars = begin + all - end;
            let share = bars as f64 / all.max(1) as f64;
            let mut finding = Finding::absent(kind, "% of the picture", sure, words[0]);
            let [left, top, right, bottom] =
                [columns[0], rows[0], columns[1], rows[1]].map(|v| v as u32);
            let area = [left, top, right - left, bottom - top];
            let figures = [("first", begin as f64), ("last", (all - end) as f64)];
            if stretches.len() > 1 {
                finding.found = true;
                finding.severity = mean(stretches, all);
                finding.area = Some(area);
                finding.boxes.clone_from(&parts);
                let changes = stretches.iter().skip(1).map(|part| part.from);
                finding.at = changes.take(MOST_PLACES).collect();
                finding.words = changing(&parts, words[1], area);
                finding.details = details(&figures);
                finding
                    .details
                    .insert("changes".to_owned(), (stretches.len() - 1).into());
            } else if share >= LEAST && bars >= 2 {
                finding.found = true;
                finding.severity = 100.0 * share;
                finding.area = Some(area);
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
                finding.details = details(&figures);
            }
            finding
        };
        vec![
            make(
                "letterbox",
                rows,
                &row_parts,
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
                &column_parts,
                width,
                [
                    "There are no bars at the left and right.",
                    "beside the picture",
                    "on the right",
                ],
            ),
        ]
    }
}

/// The lines within the smallest bars of all.
fn largest(stretches: &[Stretch], all: usize) -> [usize; 2] {
    let least = |n: usize| stretches.iter().map(|part| part.bars[n]).min().unwrap_or(0);
    [least(0) as usize, all - least(1) as usize]
}

/// Bars in percent of the picture, as the mean over time.
fn mean(stretches: &[Stretch], all: usize) -> f64 {
    let (mut sum, mut seconds) = (0.0, 0.0);
    for part in stretches {
        sum += (part.to - part.from) * f64::from(part.bars[0] + part.bars[1]);
        seconds += part.to - part.from;
    }
    100.0 * sum / (seconds * all as f64).max(1e-9)
}

/// The parts of the file with their boxes; none where neither axis changes. An axis that does not is as in `still`, rows and
/// columns.
fn parts(
    rows: &[Stretch],
    columns: &[Stretch],
    still: ([usize; 2], [usize; 2]),
    (width, height): (usize, usize),
) -> Vec<Part> {
    if rows.len() < 2 && columns.len() < 2 {
        return Vec::new();
    }
    let within = |stretches: &[Stretch], time: f64, still: [usize; 2], all: usize| {
        let part = stretches.iter().find(|part| time < part.to);
        match part.or(stretches.last()) {
            Some(part) if stretches.len() > 1 => {
                [part.bars[0], all as u32 - part.bars[0] - part.bars[1]]
            }
            _ => [still[0], still[1] - still[0]].map(|v| v as u32),
        }
    };
    let all = rows.iter().chain(columns);
    let mut times: Vec<f64> = all.flat_map(|part| [part.from, part.to]).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let rounded = |time: f64| (time * 1000.0).round() / 1000.0;
    let mut parts: Vec<Part> = Vec::new();
    for pair in times.windows(2) {
        let [top, high] = within(rows, pair[0], still.0, height);
        let [left, wide] = within(columns, pair[0], still.1, width);
        let area = [left, top, wide, high];
        match parts.last_mut() {
            Some(last) if last.area == area => last.to = rounded(pair[1]),
            _ => parts.push(Part {
                from: rounded(pair[0]),
                to: rounded(pair[1]),
                area,
            }),
        }
    }
    parts
}

/// A sentence about bars that change.
fn changing(parts: &[Part], place: &str, area: [u32; 4]) -> String {
    let mut shapes: Vec<([u32; 2], f64)> = Vec::new();
    for part in parts {
        let shape = [part.area[2], part.area[3]];
        let seconds = part.to - part.from;
        match shapes.iter_mut().find(|(other, _)| *other == shape) {
            Some((_, sum)) => *sum += seconds,
            None => shapes.push((shape, seconds)),
        }
    }
    shapes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let all: f64 = shapes.iter().map(|(_, seconds)| seconds).sum();
    let named = shapes.iter().map(|([width, height], seconds)| {
        format!(
            "{width} by {height} for {:.0} % of the time",
            100.0 * seconds / all.max(1e-9)
        )
    });
    let named: Vec<String> = named.collect();
    format!(
        "The black bars {place} change, and with them the shape of the picture: it is {}. All of it lies within {} by {} from ({}, {}).",
        named.join(", "),
        area[2],
        area[3],
        area[0],
        area[1]
    )
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

    /// 12 s of 10 frames a second, of 200 × 120, with the bars (left, top, right, bottom) of each second, and dark but for a
    /// patch in the seconds `dark`.
    fn changing(bars: impl Fn(usize) -> [usize; 4], dark: std::ops::Range<usize>) -> Vec<Finding> {
        let mut detector = Box::new(Bars::default());
        for number in 0..120u64 {
            let n = number as usize;
            let [left, top, right, bottom] = bars(n / 10);
            let mut seen = view(number, 200, 120, |x, y| {
                let inside = (left..200 - right).contains(&x) && (top..120 - bottom).contains(&y);
                let patch = (60..130).contains(&x) && (40 + n % 5..80).contains(&y);
                let texture = f64::from(hash(x / 5 + n + y / 5 * 97) % 150);
                let code = match inside {
                    true if dark.contains(&(n / 10)) && !patch => 17.0,
                    true => 40.0 + texture,
                    false => 16.0,
                };
                [code, 128.0, 128.0]
            });
            (seen.time, seen.length) = (number as f64 / 10.0, 0.1);
            detector.frame(&seen);
        }
        detector.findings()
    }

    #[test]
    fn bars_that_change_are_listed_to_the_line_and_the_frame() {
        let scope = |second| {
            if (4..8).contains(&second) {
                [0, 2, 0, 3]
            } else {
                [0, 17, 0, 17]
            }
        };
        let found = changing(scope, 0..0);
        assert!(found[0].found && !found[1].found, "{found:?}");
        assert_eq!(found[0].area, Some([0, 2, 200, 115]));
        let boxes = |finding: &Finding| {
            let parts = finding.boxes.iter();
            parts
                .map(|part| (part.from, part.to, part.area))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            boxes(&found[0]),
            [
                (0.0, 4.0, [0, 17, 200, 86]),
                (4.0, 8.0, [0, 2, 200, 115]),
                (8.0, 12.0, [0, 17, 200, 86])
            ]
        );
        assert!(
            found[0].words.contains("200 by 115 for 33 %"),
            "{}",
            found[0].words
        );
        let old = |second| {
            if second < 5 {
                [25, 6, 25, 6]
            } else {
                [0, 6, 0, 6]
            }
        };
        let found = changing(old, 0..0);
        assert_eq!(found[0].area, Some([0, 6, 200, 108]));
        assert!(found[0].boxes.is_empty());
        assert_eq!(
            boxes(&found[1]),
            [(0.0, 5.0, [25, 6, 150, 108]), (5.0, 12.0, [0, 6, 200, 108])]
        );
    }

    #[test]
    fn dark_scenes_do_not_change_bars() {
        for bars in [[0, 17, 0, 17], [0; 4]] {
            let found = changing(|_| bars, 4..8);
            assert!(
                found.iter().all(|finding| finding.boxes.is_empty()),
                "{found:?}"
            );
            assert_eq!(found[0].found, bars[1] > 0);
        }
        let found = changing(|s| if s < 8 { [0, 17, 0, 17] } else { [0; 4] }, 3..6);
        assert_eq!(found[0].boxes.len(), 2, "{found:?}");
        assert_eq!(found[0].boxes[1].from, 8.0);
    }

    #[test]
    fn pictures_of_two_sizes_have_no_bars() {
        let mut detector = Box::new(Bars::default());
        for number in 0..40u64 {
            let size = if number < 20 { 200 } else { 40 };
            detector.frame(&view(number, size, size, |_, y| {
                let bar = y < size as usize / 4 || y >= size as usize * 3 / 4;
                // So dark that only the outline sees it.
                [if bar { 16.0 } else { 40.0 }, 128.0, 128.0]
            }));
        }
        assert!(detector.findings().iter().all(|finding| !finding.found));
    }

    #[test]
    fn pictures_without_bars_have_none() {
        for (noise, dark) in [(0.0, false), (3.0, true)] {
            let found = run([0; 4], noise, 0, dark);
            assert!(found.iter().all(|finding| !finding.found));
        }
    }
}
