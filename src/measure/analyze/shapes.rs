//! Whether bars change: films with scenes of another shape, and films put together of several.

use std::collections::HashMap;

use super::outline::Outline;

/// Bars of so many lines more or less are the same.
const SAME: u32 = 2;
/// Bars that lack so many lines at most may have them still: codecs ring from the picture into a bar, as far as a block of 16.
const RINGING: u32 = 16;
/// Most sizes of bars, the most frequent first; a size needs so many frames that are sure of it.
const SIZES: usize = 6;
const FRAMES: usize = 12;
/// What speaks against bars at a frame, in seconds for each second: dark lines that are more than the bars do a little, as
/// they may be the picture's, and ringing less; a picture within the bars does a lot.
const DARKER: f64 = 1.0;
const RUNG: f64 = 0.5;
const WITHIN: f64 = 20.0;
/// And what speaks against a change, in seconds: bars that were shown surely for twice as long are worth two changes.
const CHANGE: f64 = 0.4;
/// A part of its own lasts so many seconds, and this part of its frames is sure of its bars.
const SECONDS: f64 = 2.0;
const SURE: f64 = 0.1;
/// Length of a frame where it is not known, in seconds.
const LENGTH: f64 = 0.04;

/// Bars at the beginning and at the end, in lines.
pub(super) type Pair = [u32; 2];

/// A part of the file and its bars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub from: f64,
    pub to: f64,
    pub bars: Pair,
}

/// What all frames showed that were not black.
#[derive(Default)]
pub(super) struct Shapes {
    frames: Vec<Shown>,
    end: f64,
}

struct Shown {
    time: f64,
    seconds: f32,
    outline: Outline,
}

impl Shapes {
    /// Adds the frame at `time`, which is shown for `length` seconds (0 where it is not known).
    pub fn add(&mut self, time: f64, length: f64, outline: Option<Outline>) {
        let length = if length > 0.0 { length } else { LENGTH };
        self.end = time + length;
        self.frames.extend(outline.map(|outline| Shown {
            time,
            seconds: length.min(1.0) as f32,
            outline,
        }));
    }

    /// The parts with bars above and below, and those with bars beside the picture, in their order; one or none where they do
    /// not change.
    pub fn parts(mut self) -> [Vec<Stretch>; 2] {
        let [rows, columns]: [fn(&Outline) -> Pair; 2] = [|o| o.rows, |o| o.columns];
        // A box is sure where all its sides are frequent: what is lit in a dark scene moves.
        let (high, wide) = (self.sizes(rows), self.sizes(columns));
        let known = |sizes: &[Pair], bars| sizes.iter().any(|size| is_same(*size, bars));
        for Shown { outline, .. } in &mut self.frames {
            outline.sure &= known(&high, outline.rows) && known(&wide, outline.columns);
        }
        [self.stretches(rows), self.stretches(columns)]
    }

    fn stretches(&self, of: fn(&Outline) -> Pair) -> Vec<Stretch> {
        let sizes = self.sizes(of);
        if sizes.len() < 2 {
            return Vec::new();
        }
        let mut runs = self.runs(&sizes, of);
        // The shortest of those that are too short, or not sure, becomes a part of the longer one beside it.
        while runs.len() > 1 {
            let seconds = |n: usize| {
                let begin = |n: usize| match n {
                    0 => 0.0,
                    n => runs.get(n).map_or(self.end, |run| self.frames[run.0].time),
                };
                begin(n + 1) - begin(n)
            };
            let frames = |n: usize| {
                let end = runs.get(n + 1).map_or(self.frames.len(), |run| run.0);
                &self.frames[runs[n].0..end]
            };
            let stands = |n: usize| {
                let bars = sizes[runs[n].1];
                let all = frames(n);
                let sure = all
                    .iter()
                    .filter(|frame| frame.outline.sure && is_same(of(&frame.outline), bars));
                let sure = sure.count();
                seconds(n) >= SECONDS && sure >= FRAMES && sure as f64 >= SURE * all.len() as f64
            };
            let weak = (0..runs.len())
                .filter(|n| !stands(*n))
                .min_by(|a, b| seconds(*a).total_cmp(&seconds(*b)));
            let Some(weak) = weak else { break };
            let beside = match weak {
                0 => 1,
                n if n + 1 == runs.len() => n - 1,
                n if seconds(n + 1) > seconds(n - 1) => n + 1,
                n => n - 1,
            };
            runs[weak].1 = runs[beside].1;
            runs.dedup_by_key(|run| run.1);
        }
        let ends = runs.iter().skip(1).map(|run| self.frames[run.0].time);
        let ends: Vec<f64> = ends.chain([self.end]).collect();
        let mut from = 0.0;
        let parts = runs.iter().zip(ends).map(|(run, to)| {
            let begin = std::mem::replace(&mut from, to);
            Stretch {
                from: begin,
                to,
                bars: sizes[run.1],
            }
        });
        parts.collect()
    }

    /// The bars that frames are sure of, the most frequent first.
    fn sizes(&self, of: fn(&Outline) -> Pair) -> Vec<Pair> {
        let mut counts: HashMap<Pair, usize> = HashMap::new();
        for frame in self.frames.iter().filter(|frame| frame.outline.sure) {
            *counts.entry(of(&frame.outline)).or_default() += 1;
        }
        let mut counts: Vec<_> = counts
            .into_iter()
            .filter(|(_, count)| *count >= FRAMES)
            .collect();
        counts.sort_by_key(|(bars, count)| (std::cmp::Reverse(*count), *bars));
        let mut sizes: Vec<Pair> = Vec::new();
        for (bars, _) in counts {
            if sizes.len() < SIZES && sizes.iter().all(|other| !is_same(*other, bars)) {
                sizes.push(bars);
            }
        }
        sizes
    }

    /// The bars of all frames that the least speaks against (Viterbi, 1967): where runs begin, and the index of their size.
    fn runs(&self, sizes: &[Pair], of: fn(&Outline) -> Pair) -> Vec<(usize, usize)> {
        let mut against = vec![0.0f64; sizes.len()];
        // Which size was before each, frame by frame.
        let mut before: Vec<[u8; SIZES]> = Vec::with_capacity(self.frames.len());
        for frame in &self.frames {
            let best = least(&against);
            let mut from = [0u8; SIZES];
            let changed = against[best] + CHANGE;
            for (size, cost) in against.iter_mut().enumerate() {
                from[size] = size as u8;
                if changed < *cost {
                    (*cost, from[size]) = (changed, best as u8);
                }
                *cost += f64::from(frame.seconds) * cost_of(of(&frame.outline), sizes[size]);
            }
            before.push(from);
        }
        let mut size = least(&against);
        let mut runs = Vec::new();
        for (at, from) in before.iter().enumerate().rev() {
            let other = usize::from(from[size]);
            if other != size || at == 0 {
                runs.push((at, size));
            }
            size = other;
        }
        runs.reverse();
        runs
    }
}

fn is_same(one: Pair, other: Pair) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= SAME)
}

/// What speaks against `bars` at a frame with so many dark lines.
fn cost_of(dark: Pair, bars: Pair) -> f64 {
    let lacking = |lines: u32| dark.iter().zip(bars).any(|(dark, bar)| dark + lines < bar);
    let darker = dark.iter().zip(bars).any(|(dark, bar)| *dark > bar + SAME);
    if lacking(RINGING) {
        WITHIN
    } else if darker {
        DARKER
    } else if lacking(SAME) {
        RUNG
    } else {
        0.0
    }
}

/// The index of the least value. There is one.
fn least(values: &[f64]) -> usize {
    let mut at = 0;
    for (n, value) in values.iter().enumerate() {
        if *value < values[at] {
            at = n;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames at 25 a second, by their dark rows and whether they are sure.
    fn rows(frames: impl Iterator<Item = (Pair, bool)>) -> Vec<([f64; 2], Pair)> {
        let mut shapes = Shapes::default();
        for (number, (rows, sure)) in frames.enumerate() {
            let outline = Outline {
                rows,
                columns: [0, 0],
                sure,
            };
            shapes.add(number as f64 / 25.0, 0.04, Some(outline));
        }
        let [parts, _] = shapes.parts();
        let parts = parts.into_iter();
        parts
            .map(|part| ([part.from, part.to], part.bars))
            .collect()
    }

    #[test]
    fn parts_begin_at_the_frame() {
        let frames = (0..300).map(|n| {
            (
                if (75..175).contains(&n) {
                    [0, 0]
                } else {
                    [14, 15]
                },
                true,
            )
        });
        assert_eq!(
            rows(frames),
            [
                ([0.0, 3.0], [14, 15]),
                ([3.0, 7.0], [0, 0]),
                ([7.0, 12.0], [14, 15])
            ]
        );
    }

    #[test]
    fn dark_scenes_and_short_parts_are_no_change() {
        // Four seconds whose dark lines differ, and stay within larger bars now and then.
        let dark = (0..300u32).map(|n| match n {
            100..200 => ([20 + n % 7, 20 + n % 3], n % 3 == 0),
            _ => ([10, 10], true),
        });
        assert!(rows(dark).len() <= 1);
        let short = (0..300).map(|n| {
            (
                if (100..145).contains(&n) {
                    [0, 0]
                } else {
                    [10, 10]
                },
                true,
            )
        });
        assert!(rows(short).len() <= 1);
        // Of eight seconds few frames are sure.
        let unsure = (0..400).map(|n| match n {
            100..300 => ([0, 0], n < 114),
            _ => ([20, 20], true),
        });
        assert!(rows(unsure).len() <= 1);
    }

    #[test]
    fn ringing_in_a_bar_does_not_move_the_change() {
        let frames = (0..200).map(|n| match n {
            0..85 => ([46, 46], true),
            85..100 => ([46, 35], false),
            _ => ([0, 0], true),
        });
        assert_eq!(rows(frames), [([0.0, 4.0], [46, 46]), ([4.0, 8.0], [0, 0])]);
    }
}
