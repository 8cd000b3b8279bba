//! `deflicker`: how the brightness of each frame is off from that of the frames around it, by tone and by region, and what
//! takes it back.
//!
//! The small picture of a frame is compared with that of the frame before: most places show the same, so what changes at most
//! of them alike is light, not content. The change is a curve over the tones and a slow pattern over the picture; both are
//! fitted together, and places that something else moves through hardly count (iteratively reweighted least squares). Pictures
//! are corrected before the next one is compared with them, so curves add up along the scene. What is slow in them is the
//! scene's own light and stays; what is quick is flicker (compare van Roosmalen, Lagendijk and Biemond: "Correction of intensity
//! flicker in old film sequences", 1999).

use std::collections::VecDeque;

use serde_json::json;

use super::align::{Motion, Pyramid};
use super::cells::Cells;
use super::equations;
use super::smooth::{median, smooth, stiffness};
use super::{FrameMeasures, Reduce, Reduced, ReducedTrack};
use crate::graph::style::Interpolation;

/// Tones that curves are given at: from black to white at even steps.
const TONES: usize = 9;
/// Patterns over the picture: cosines with up to two half waves across and down, without the even one.
const REGIONS: usize = 8;
const UNKNOWNS: usize = TONES + REGIONS;
/// Cells along the longer side that frames are compared by.
const CELLS: usize = 100;
/// The least that a deviation between frames is taken to be, as a share of white.
const FINEST: f64 = 0.0008;
/// How stiff curves over the tones are, and how much patterns are held back, in cells.
const STIFF: f64 = 0.1;
const HELD: f64 = 0.01;
/// Steps of the fit.
const STEPS: usize = 12;
/// Cells that the picture must move by for it to be followed.
const STILL: f64 = 0.05;
/// What is corrected at most, as a share of white or of the tone.
const MOST: f64 = 0.4;
/// Flicker has at least so much of quick changes: of the whole picture's light, of a tone, of a pattern; shares of white or of the
/// tone. What is less may come of things that move, and is left alone.
const LEAST: [f64; 3] = [0.003, 0.006, 0.006];
/// A lasting change of light is one of at least this share of white, and of so many times what is quick about it.
const STEP: (f64, f64) = (0.03, 4.0);

pub(super) const PARAMS: [&str; UNKNOWNS] = [
    "tone_0", "tone_1", "tone_2", "tone_3", "tone_4", "tone_5", "tone_6", "tone_7", "tone_8",
    "region_1", "region_2", "region_3", "region_4", "region_5", "region_6", "region_7", "region_8",
];

type Unknowns = [f64; UNKNOWNS];

/// How a frame is off: what is added to each tone, then the share that each pattern adds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Off(Unknowns);

/// A tone's place among the tones that curves are given at: the one below, and the share of the one above.
fn place(tone: f64) -> (usize, f64) {
    let at = tone.clamp(0.0, 1.0) * (TONES - 1) as f64;
    let below = (at as usize).min(TONES - 2);
    (below, at - below as f64)
}

/// The patterns at a place from 0 to 1.
fn patterns(x: f64, y: f64) -> [f64; REGIONS] {
    std::array::from_fn(|index| {
        let (across, down) = ((index + 1) % 3, (index + 1) / 3);
        let wave = |waves: usize, at: f64| (std::f64::consts::PI * waves as f64 * at).cos();
        wave(across, x) * wave(down, y)
    })
}

impl Off {
    const NONE: Self = Self([0.0; UNKNOWNS]);

    /// What a tone becomes.
    fn becomes(&self, tone: f64) -> f64 {
        let (below, share) = place(tone);
        tone + self.0[below] * (1.0 - share) + self.0[below + 1] * share
    }

    /// The tone that becomes `tone`.
    fn was(&self, tone: f64) -> f64 {
        let at = |index: usize| index as f64 / (TONES - 1) as f64;
        let ends = |index: usize| at(index) + self.0[index];
        if tone <= ends(0) {
            return tone - self.0[0];
        }
        for index in 0..TONES - 1 {
            let (low, high) = (ends(index), ends(index + 1));
            if tone <= high {
                let share = (tone - low) / (high - low).max(1e-6);
                return at(index) + share / (TONES - 1) as f64;
            }
        }
        tone - self.0[TONES - 1]
    }

    /// The factor that the patterns make at a place.
    fn factor(&self, patterns: &[f64; REGIONS]) -> f64 {
        1.0 + patterns
            .iter()
            .zip(&self.0[TONES..])
            .map(|(pattern, share)| pattern * share)
            .sum::<f64>()
    }

    /// The same with curves that rise: no tone may pass another.
    fn rising(mut self) -> Self {
        for off in &mut self.0 {
            *off = off.clamp(-MOST, MOST);
        }
        let least = 0.2 / (TONES - 1) as f64;
        for index in 1..TONES {
            let at = |index: usize| index as f64 / (TONES - 1) as f64;
            let low = at(index - 1) + self.0[index - 1] + least;
            self.0[index] = self.0[index].max(low - at(index));
        }
        self
    }
}

/// A scene's last picture without what its frame is off by, against which the next is compared.
#[derive(Debug, Default)]
struct Kept {
    columns: usize,
    rows: usize,
    tones: Vec<f32>,
    patterns: Vec<[f64; REGIONS]>,
}

/// Compares frames with those before.
#[derive(Debug)]
pub(super) struct Deflicker {
    /// Seconds within which a change of light is flicker.
    seconds: f64,
    kept: Kept,
    times: Vec<f64>,
    /// How frames are off from the first of their scene.
    off: Vec<Off>,
    /// First frames of scenes.
    scenes: Vec<usize>,
    /// The frame before.
    last: Option<Cells>,
    /// How much the mean tone changed from frame to frame, the last few of the scene.
    changes: VecDeque<f64>,
}

/// Two frames that are so much alike may be of one scene, though their light differs as much as at a cut.
const ALIKE: f64 = 0.8;
/// Frames of a scene by which it is known whether its light is steady, and how many at most are looked at.
const KNOWN: usize = 5;
const LOOKED_AT: usize = 12;
/// In a scene of steady light a change that is so many times the usual one is a cut, or a lamp that was switched.
const STEADY: f64 = 5.0;

impl Deflicker {
    pub fn new(seconds: f64) -> Self {
        Self {
            seconds,
            kept: Kept::default(),
            times: Vec::new(),
            off: Vec::new(),
            scenes: Vec::new(),
            last: None,
            changes: VecDeque::new(),
        }
    }

    /// Whether a scene begins with `cells`, where the change looks like a cut. Strong flicker does: there the pictures are alike,
    /// and the light was not steady before.
    fn begins(&mut self, cells: &Cells, looks_like_cut: bool) -> bool {
        let Some(last) = self.last.replace(cells.clone()) else {
            return true;
        };
        let change = (cells.mean() - last.mean()).abs();
        let mut usual: Vec<f64> = self.changes.iter().copied().collect();
        usual.sort_by(f64::total_cmp);
        let is_steady = usual.len() >= KNOWN && STEADY * usual[usual.len() / 2] < change;
        let begins = looks_like_cut && (is_steady || cells.alike(&last) < ALIKE);
        match begins {
            true => self.changes.clear(),
            false => self.changes.push_back(change),
        }
        if self.changes.len() > LOOKED_AT {
            self.changes.pop_front();
        }
        begins
    }
}

impl Kept {
    fn new(cells: &Cells) -> Self {
        let (columns, rows) = (cells.columns, cells.rows);
        let at = |index: usize, of: usize| (index as f64 + 0.5) / of as f64;
        let places =
            (0..rows * columns).map(|cell| (at(cell % columns, columns), at(cell / columns, rows)));
        Self {
            columns,
            rows,
            tones: cells.tones.clone(),
            patterns: places.map(|(x, y)| patterns(x, y)).collect(),
        }
    }

    /// Moves the picture to where it lies in the next frame. Places that come in from outside are unknown.
    fn follow(&mut self, cells: &Cells) {
        let own = Cells {
            tones: std::mem::take(&mut self.tones),
            ..cells.clone()
        };
        let fit = Pyramid::new(&own).motion_to(&Pyramid::new(cells), &Motion::default(), true);
        let motion = fit.map(|fit| fit.motion).unwrap_or_default();
        let reach = (self.columns.max(self.rows) / 2) as f64;
        let moved = motion.x.hypot(motion.y) + motion.grow.hypot(motion.turn) * reach;
        self.tones = if moved < STILL {
            own.tones
        } else {
            own.moved(&motion.back())
        };
    }

    /// How a frame is off, from a first guess.
    fn fit(&self, tones: &[f32], guess: Off) -> Off {
        let mut off = guess;
        let mut apart = vec![0.0; tones.len()];
        for step in 0..STEPS {
            for (index, apart) in apart.iter_mut().enumerate() {
                let tone = f64::from(tones[index]);
                let pattern = tone * (off.factor(&self.patterns[index]) - 1.0);
                *apart = tone - pattern - off.becomes(f64::from(self.tones[index]));
            }
            let known = apart.iter().filter(|apart| apart.is_finite());
            let sizes = known.map(|apart: &f64| apart.abs()).collect();
            let usual = 1.4826 * median(sizes).unwrap_or(0.0);
            // The first steps look at more than the usual, because the guess may be far off.
            let scale = 2.0 * usual.max(FINEST) * if step < 2 { 2.0 } else { 1.0 };
            let Some(change) = self.change(tones, &off, &apart, scale) else {
                return guess;
            };
            for (off, change) in off.0.iter_mut().zip(change) {
                *off += change;
            }
            off = off.rising();
            if change.iter().all(|change| change.abs() < 1e-5) {
                break;
            }
        }
        off
    }

    /// The change of `off` that brings `apart` nearest to 0.
    fn change(&self, tones: &[f32], off: &Off, apart: &[f64], scale: f64) -> Option<Unknowns> {
        let mut matrix = [[0.0; UNKNOWNS]; UNKNOWNS];
        let mut right = [0.0; UNKNOWNS];
        let mut all = 0.0;
        for (index, apart) in apart
            .iter()
            .enumerate()
            .filter(|(_, apart)| apart.is_finite())
        {
            let root = 1.0 / (1.0 + (apart / scale) * (apart / scale));
            let weight = root * root;
            let (below, share) = place(f64::from(self.tones[index]));
            let tone = f64::from(tones[index]);
            let pair = [(below, 1.0 - share), (below + 1, share)];
            let patterns = self.patterns[index].map(|pattern| pattern * tone);
            for (place, slope) in pair {
                right[place] += weight * slope * apart;
                for (other, more) in pair {
                    matrix[place][other] += weight * slope * more;
                }
                for (other, more) in patterns.iter().enumerate() {
                    matrix[place][TONES + other] += weight * slope * more;
                }
            }
            for (place, slope) in patterns.iter().enumerate() {
                right[TONES + place] += weight * slope * apart;
                for (other, more) in patterns.iter().enumerate().skip(place) {
                    matrix[TONES + place][TONES + other] += weight * slope * more;
                }
            }
            all += weight;
        }
        if all < 1.0 {
            return None;
        }
        // Curves are stiff, so that they go on straight where there are no tones.
        for at in 0..TONES - 2 {
            let bend = off.0[at] - 2.0 * off.0[at + 1] + off.0[at + 2];
            for (place, slope) in [(at, 1.0), (at + 1, -2.0), (at + 2, 1.0)] {
                right[place] -= all * STIFF * slope * bend;
                for (other, more) in [(at, 1.0), (at + 1, -2.0), (at + 2, 1.0)] {
                    matrix[place][other] += all * STIFF * slope * more;
                }
            }
        }
        for place in 0..UNKNOWNS {
            let held = if place < TONES { 1e-6 } else { HELD * 0.05 };
            right[place] -= all * held * off.0[place];
            matrix[place][place] += all * held;
        }
        equations::mirror(&mut matrix);
        equations::solve(matrix, right)
    }

    /// Keeps the picture without what it is off by. Where it is as before, noise is averaged.
    fn keep(&mut self, tones: &[f32], off: &Off) {
        // Curves by their value at 1024 tones.
        let was: Vec<f32> = (0..=1024)
            .map(|code| off.was(f64::from(code) / 1024.0) as f32)
            .collect();
        for ((kept, tone), patterns) in self.tones.iter_mut().zip(tones).zip(&self.patterns) {
            let even = f64::from(*tone) * (2.0 - off.factor(patterns));
            let at = even.clamp(0.0, 1.0) as f32 * 1024.0;
            let below = (at as usize).min(1023);
            let own = was[below] + (was[below + 1] - was[below]) * (at - below as f32);
            let same = (own - *kept).abs() < 0.01;
            *kept += (own - *kept) * if same { 0.4 } else { 1.0 };
        }
    }
}

impl Reduce for Deflicker {
    fn frame(&mut self, frame: &FrameMeasures<'_>) {
        let words = frame.measures.first().map_or(&[][..], Vec::as_slice);
        let cells = Cells::of(words).map(|cells| {
            let by = cells.columns.max(cells.rows).div_ceil(CELLS);
            cells.coarser(by)
        });
        let before = self.off.last().copied();
        let same = cells.as_ref().is_some_and(|cells| {
            (cells.columns, cells.rows) == (self.kept.columns, self.kept.rows)
        });
        let begins = match &cells {
            Some(cells) => self.begins(cells, frame.cut),
            None => frame.cut,
        };
        let off = match (&cells, before) {
            (Some(cells), Some(before)) if same && !begins => {
                self.kept.follow(cells);
                let off = self.kept.fit(&cells.tones, before);
                self.kept.keep(&cells.tones, &off);
                off
            }
            _ => {
                self.scenes.push(self.times.len());
                self.kept = cells.as_ref().map(Kept::new).unwrap_or_default();
                Off::NONE
            }
        };
        self.times.push(frame.seconds);
        self.off.push(off);
    }

    fn finish(self: Box<Self>) -> Reduced {
        let mut made = Vec::with_capacity(self.off.len());
        let mut corrected = 0;
        let ends = self.scenes.iter().skip(1).copied().chain([self.off.len()]);
        for (from, end) in self.scenes.iter().copied().zip(ends) {
            let scene = corrections(&self.off[from..end], &self.times[from..end], self.seconds);
            corrected += usize::from(scene.iter().any(|made| *made != Off::NONE));
            made.extend(scene);
        }
        let tracks = PARAMS
            .iter()
            .enumerate()
            .map(|(index, param)| ReducedTrack {
                param,
                // Each frame has its own.
                interpolation: Interpolation::Hold,
                keys: self
                    .times
                    .iter()
                    .zip(&made)
                    .map(|(time, off)| (*time, off.0[index]))
                    .collect(),
            });
        Reduced {
            tracks: tracks.collect(),
            report: json!({ "scenes": self.scenes.len(), "scenes_corrected": corrected }),
        }
    }
}

/// The usual size of the quick changes of a curve: of its second differences, which slow ones hardly have.
fn quick(curve: &[f64]) -> f64 {
    let second = curve
        .windows(3)
        .map(|of| (of[0] - 2.0 * of[1] + of[2]).powi(2));
    (second.sum::<f64>() / 6.0 / curve.len().saturating_sub(2).max(1) as f64).sqrt()
}

/// Where light changes for good: the medians of the frames before and after differ by far more than frames beside each
/// other do.
fn breaks(light: &[f64], beside: usize) -> Vec<usize> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for at in 2..light.len().saturating_sub(1) {
        let before = &light[at.saturating_sub(beside)..at];
        let after = &light[at..(at + beside).min(light.len())];
        let middle = |of: &[f64]| median(of.to_vec()).unwrap_or(0.0);
        let changes = |of: &[f64]| {
            of.windows(2)
                .map(|of| (of[1] - of[0]).abs())
                .collect::<Vec<_>>()
        };
        let mut around = changes(before);
        around.extend(changes(after));
        let change = (middle(after) - middle(before)).abs();
        let own = (light[at] - light[at - 1]).abs();
        let usual = median(around).unwrap_or(0.0);
        if change > STEP.0.max(STEP.1 * usual) && own > 0.6 * change {
            match found.last_mut() {
                Some(last) if at - last.0 <= beside / 2 => {
                    if own > last.1 {
                        *last = (at, own);
                    }
                }
                _ => found.push((at, own)),
            }
        }
    }
    found.into_iter().map(|(at, _)| at).collect()
}

/// What is done to the tones of each frame of a scene, and the shares that patterns add.
fn corrections(off: &[Off], times: &[f64], seconds: f64) -> Vec<Off> {
    let count = off.len();
    let none = vec![Off::NONE; count];
    let steps = times.windows(2).map(|of| of[1] - of[0]).collect();
    let Some(step) = median(steps).filter(|step| *step > 0.0) else {
        return none;
    };
    let period = seconds / step;
    let stiffness = stiffness(period);
    let curve = |index: usize| -> Vec<f64> { off.iter().map(|off| off.0[index]).collect() };
    let curves: Vec<Vec<f64>> = (0..UNKNOWNS).map(curve).collect();
    let light: Vec<f64> = off
        .iter()
        .map(|off| off.0[1..TONES - 1].iter().sum::<f64>() / (TONES - 2) as f64)
        .collect();
    let breaks = breaks(&light, ((period / 4.0) as usize).clamp(2, 12));
    let targets: Vec<Vec<f64>> = curves
        .iter()
        .map(|curve| smooth(curve, &breaks, stiffness))
        .collect();
    let flickers = |of: &[Vec<f64>], least: f64| of.iter().any(|curve| quick(curve) >= least);
    let by_tone = quick(&light) >= LEAST[0] || flickers(&curves[1..TONES - 1], LEAST[1]);
    let by_region = flickers(&curves[TONES..], LEAST[2]);
    if !by_tone && !by_region {
        return none;
    }
    let frames = off.iter().enumerate().map(|(frame, off)| {
        let target = Off(std::array::from_fn(|index| targets[index][frame])).rising();
        let mut made = Off::NONE;
        if by_tone {
            for index in 0..TONES {
                let tone = index as f64 / (TONES - 1) as f64;
                made.0[index] = (target.becomes(off.was(tone)) - tone).clamp(-MOST, MOST);
            }
        }
        if by_region {
            for index in TONES..UNKNOWNS {
                made.0[index] = (target.0[index] - off.0[index]).clamp(-MOST, MOST);
            }
        }
        made
    });
    frames.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cells::tests::words;
    use super::*;

    /// A picture with texture, brightened by a factor and a slope from left to right.
    fn picture(factor: f64, slope: f64) -> Vec<u32> {
        words(64, 36, |x, y| {
            let texture = ((x * 7 + y * 13) % 17) as f64 / 17.0;
            let across = x as f64 / 63.0 - 0.5;
            (0.15 + 0.5 * texture) * factor * (1.0 + slope * across)
        })
    }

    fn reduced(frames: &[(f64, bool, Vec<u32>)]) -> Vec<ReducedTrack> {
        let mut deflicker = Box::new(Deflicker::new(2.0));
        for (seconds, cut, words) in frames {
            deflicker.frame(&FrameMeasures {
                seconds: *seconds,
                cut: *cut,
                measures: std::slice::from_ref(words),
                alone: None,
            });
        }
        deflicker.finish().tracks
    }

    /// What a tone of a frame becomes.
    fn corrected(tracks: &[ReducedTrack], frame: usize, tone: f64) -> f64 {
        Off(std::array::from_fn(|index| tracks[index].keys[frame].1)).becomes(tone)
    }

    /// Swings of the brightness from frame to frame.
    fn swing(at: usize) -> f64 {
        1.0 + 0.1 * ((at * 7 % 5) as f64 / 2.0 - 1.0)
    }

    #[test]
    fn pumping_brightness_is_evened() {
        let frames: Vec<_> = (0..60)
            .map(|at| (at as f64 / 25.0, false, picture(swing(at), 0.0)))
            .collect();
        let tracks = reduced(&frames);
        let even: Vec<f64> = (0..60)
            .map(|at| corrected(&tracks, at, 0.4 * swing(at)))
            .collect();
        for pair in even[5..55].windows(2) {
            assert!((pair[1] - pair[0]).abs() < 0.004, "{even:?}");
        }
    }

    #[test]
    fn a_slow_change_and_a_still_scene_are_left_alone() {
        for fade in [0.0, 0.2] {
            let frames: Vec<_> = (0..60)
                .map(|at| {
                    (
                        at as f64 / 25.0,
                        false,
                        picture(0.8 + fade * at as f64 / 60.0, 0.0),
                    )
                })
                .collect();
            let tracks = reduced(&frames);
            assert!(
                tracks
                    .iter()
                    .all(|track| track.keys.iter().all(|key| key.1 == 0.0)),
                "{fade}"
            );
        }
    }

    #[test]
    fn regions_are_evened_by_themselves() {
        let slope = |at: usize| swing(at) - 1.0;
        let frames: Vec<_> = (0..60)
            .map(|at| (at as f64 / 25.0, false, picture(1.0, slope(at))))
            .collect();
        let tracks = reduced(&frames);
        // The first pattern is brighter on the left; half a wave comes near to a slope.
        let first = &tracks[TONES];
        assert_eq!(first.param, "region_1");
        let mean = |of: &dyn Fn(usize) -> f64| (5..55).map(of).sum::<f64>() / 50.0;
        let own = mean(&|at| first.keys[at].1 * slope(at)) / mean(&|at| slope(at) * slope(at));
        assert!((0.3..0.55).contains(&own), "{own}");
    }

    #[test]
    fn nothing_goes_across_a_cut() {
        let frames: Vec<_> = (0..40)
            .map(|at| {
                (
                    at as f64 / 25.0,
                    at == 20,
                    picture(if at < 20 { 0.5 } else { 1.2 }, 0.0),
                )
            })
            .collect();
        let tracks = reduced(&frames);
        assert!(
            tracks
                .iter()
                .all(|track| track.keys.iter().all(|key| key.1 == 0.0))
        );
    }

    #[test]
    fn flicker_that_looks_like_cuts_is_taken_back() {
        let light = |at: usize| 1.0 + 0.12 * (2.7 * at as f64).sin();
        let frames: Vec<_> = (0..40)
            .map(|at| (at as f64 / 25.0, at % 2 == 1, picture(light(at), 0.0)))
            .collect();
        let tracks = reduced(&frames);
        let corrected = |track: &ReducedTrack| track.keys.iter().filter(|key| key.1 != 0.0).count();
        assert!(tracks.iter().map(corrected).max().unwrap() > 30);
    }

    #[test]
    fn no_frames_and_no_picture() {
        assert!(reduced(&[]).iter().all(|track| track.keys.is_empty()));
        let nothing = vec![(0.0, false, Vec::new()), (0.04, false, vec![0, 0, 1, 0, 0])];
        assert!(reduced(&nothing).iter().all(|track| track.keys.len() == 2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn curves_rise_and_stay_within_bounds(
            frames in prop::collection::vec(prop::collection::vec(0.0f64..1.0, 48), 2..12),
        ) {
            let frames: Vec<_> = frames
                .iter()
                .enumerate()
                .map(|(at, tones)| (at as f64 / 25.0, false, words(8, 6, |x, y| tones[y * 8 + x])))
                .collect();
            for track in reduced(&frames) {
                prop_assert!(track.keys.iter().all(|key| key.1.abs() <= MOST));
            }
        }
    }
}
