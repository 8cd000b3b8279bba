//! Dissolves and fades, on very small frames.

use std::collections::VecDeque;

use crate::metrics::Plane;

/// Side of the squares of samples that become one value.
const SQUARE: usize = 8;
/// Lengths of windows in which a dissolve is sought, in frames.
const WINDOWS: [usize; 6] = [8, 12, 18, 26, 38, 56];
/// Both ends of a dissolve differ by so many codes of 255 at least, and correlate at most so much.
const UNLIKE: f32 = 6.0;
const CORRELATED: f32 = 0.6;
/// Part of the picture that changes at least: less is something in the picture that moves.
const WIDE: f32 = 0.3;
/// What the frames in between have at most that is no mixture of both ends, as a part of the ends' difference.
const REST: f32 = 0.4;
/// Before and after it, half as many frames differ by at most this part of that: a pan goes on.
const QUIETER: f32 = 0.65;
/// A frame is empty where its values deviate by less than so many codes, and has a picture from the second on.
const EMPTY: f32 = 4.0;
const PICTURE: f32 = 12.0;

/// A soft transition that was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Soft {
    /// Number of the frame in its middle, counted from the first one given, and its seconds.
    pub frame: usize,
    pub time: f64,
    pub fade: bool,
    /// Frames from its middle to where it surely ends.
    pub reach: usize,
    /// How clear it is: of those that overlap the clearest is right.
    pub quality: f32,
}

/// A frame of few values.
struct Tiny {
    time: f64,
    values: Vec<f32>,
    deviation: f32,
}

/// Seeks soft transitions in a run of frames without gaps.
#[derive(Default)]
pub(super) struct Gradual {
    frames: VecDeque<Tiny>,
    /// Number of the next frame.
    number: usize,
    /// The first frame after the last cut.
    since: usize,
    /// The clearest dissolve of those seen in the last frames.
    best: Option<Soft>,
    /// The first empty frame of a run, its time, and whether the picture left slowly; none before the first picture.
    empty: Option<(usize, f64, bool)>,
    pictured: bool,
}

impl Gradual {
    /// A cut lies before frame `frame`.
    pub fn cut(&mut self, frame: usize) {
        self.since = self.since.max(frame);
        self.best = self.best.filter(|soft| soft.frame + soft.reach < frame);
    }

    /// Takes the next frame. A transition that is over.
    pub fn next(&mut self, small: &Plane, time: f64) -> Option<Soft> {
        let values = tiny(small);
        let deviation = deviation(&values);
        if self
            .frames
            .back()
            .is_some_and(|last| last.values.len() != values.len())
        {
            *self = Self::default();
        }
        self.frames.push_back(Tiny {
            time,
            values,
            deviation,
        });
        if self.frames.len() > 2 * WINDOWS[WINDOWS.len() - 1] + 1 {
            self.frames.pop_front();
        }
        self.number += 1;
        let fade = self.fade();
        for window in WINDOWS {
            if let Some(soft) = self.dissolve(window)
                && self.best.is_none_or(|best| soft.quality > best.quality)
            {
                self.best = Some(soft);
            }
        }
        fade.or_else(|| {
            let over = |soft: &mut Soft| self.number > soft.frame + soft.reach + WINDOWS[5] / 2;
            self.best.take_if(over)
        })
    }

    /// A dissolve that is not yet certain to be over, at the end.
    pub fn end(&mut self) -> Option<Soft> {
        self.best.take()
    }

    /// Whether `window` frames are a dissolve, half as many before the last one.
    fn dissolve(&self, window: usize) -> Option<Soft> {
        let newest = self.frames.len().checked_sub(1)?;
        let last = newest.checked_sub(window / 2)?;
        let first = last.checked_sub(window)?;
        let number = self.number - 1 - window / 2;
        // Frames of this scene before the window; some must show how much it moves.
        let earlier = (number - window).checked_sub(self.since)?.min(window / 2);
        if earlier < 2 || first < earlier {
            return None;
        }
        let [a, b] = [&self.frames[first], &self.frames[last]];
        if a.deviation < PICTURE / 2.0 || b.deviation < PICTURE / 2.0 {
            return None;
        }
        let change = difference(&a.values, &b.values);
        let before = difference(&self.frames[first - earlier].values, &a.values);
        let after = difference(&b.values, &self.frames[newest].values);
        let wide = a.values.iter().zip(&b.values);
        let wide = wide.filter(|(a, b)| (*a - *b).abs() > UNLIKE / 2.0).count() as f32;
        if change < UNLIKE
            || wide < WIDE * a.values.len() as f32
            || before.max(after) > QUIETER * change
            || correlation(&a.values, &b.values) > CORRELATED
        {
            return None;
        }
        let [quarter, half, last_quarter] = [window / 4, window / 2, window - window / 4]
            .map(|at| mixture(&a.values, &b.values, &self.frames[first + at].values));
        let rest = half.1.max(quarter.1).max(last_quarter.1);
        let slow = (0.25..0.75).contains(&half.0)
            && (-0.2..0.45).contains(&quarter.0)
            && (0.55..1.2).contains(&last_quarter.0);
        (slow && rest < REST).then(|| Soft {
            frame: number - window / 2,
            time: self.frames[first + window / 2].time,
            fade: false,
            reach: window / 2,
            quality: change * (1.0 - rest),
        })
    }

    /// A fade through an empty frame from which the picture comes back now.
    fn fade(&mut self) -> Option<Soft> {
        let count = self.frames.len();
        let now = &self.frames[count - 1];
        let before = count.checked_sub(2).map(|at| self.frames[at].deviation);
        if now.deviation < EMPTY {
            if self.empty.is_none() && self.pictured {
                let slowly = before.is_some_and(|before| before < PICTURE);
                self.empty = Some((self.number - 1, now.time, slowly));
            }
            return None;
        }
        self.pictured |= now.deviation >= PICTURE;
        let slowly_now = now.deviation < PICTURE;
        let (first, time, slowly) = self.empty.take()?;
        (slowly || slowly_now).then(|| Soft {
            frame: (first + self.number - 1) / 2,
            time: (time + now.time) / 2.0,
            fade: true,
            reach: (self.number - first) / 2 + WINDOWS[0],
            quality: f32::MAX,
        })
    }
}

/// Mean absolute difference.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    let sum: f32 = a.iter().zip(b).map(|(a, b)| (b - a).abs()).sum();
    sum / a.len().max(1) as f32
}

/// How much of `b` is in `frame`, if the rest is `a`, and what is neither, as a part of the difference of both.
fn mixture(a: &[f32], b: &[f32], frame: &[f32]) -> (f32, f32) {
    let of = || a.iter().zip(b).zip(frame).map(|((a, b), f)| (b - a, f - a));
    let squares: f32 = of().map(|(whole, _)| whole * whole).sum::<f32>().max(1e-6);
    let weight = of().map(|(whole, part)| whole * part).sum::<f32>() / squares;
    let rest = of().map(|(whole, part)| (part - weight * whole).powi(2));
    (weight, (rest.sum::<f32>() / squares).sqrt())
}

/// Means of squares of samples.
fn tiny(small: &Plane) -> Vec<f32> {
    let mut values = Vec::new();
    for top in (0..small.height).step_by(SQUARE) {
        let rows = top..(top + SQUARE).min(small.height);
        let mut sums = vec![0u32; small.width.div_ceil(SQUARE)];
        for y in rows.clone() {
            for (sum, codes) in sums.iter_mut().zip(small.row(y).chunks(SQUARE)) {
                *sum += codes.iter().map(|code| u32::from(*code)).sum::<u32>();
            }
        }
        values.extend(sums.iter().enumerate().map(|(index, sum)| {
            let wide = SQUARE.min(small.width - index * SQUARE);
            *sum as f32 / (wide * rows.len()) as f32
        }));
    }
    values
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// Standard deviation.
fn deviation(values: &[f32]) -> f32 {
    let mean = mean(values);
    let squares: f32 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (squares / values.len().max(1) as f32).sqrt()
}

/// Correlation of two frames of the same size, -1 to 1, of the values that differ: what stands still beside the picture,
/// as bars do, says nothing.
fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let both: Vec<(f32, f32)> = a
        .iter()
        .zip(b)
        .filter(|(a, b)| (*a - *b).abs() > 1.0)
        .map(|(a, b)| (*a, *b))
        .collect();
    let count = both.len().max(1) as f32;
    let of = |value: fn(&(f32, f32)) -> f32| both.iter().map(value).sum::<f32>() / count;
    let (x, y) = (of(|p| p.0), of(|p| p.1));
    let sum = |value: &dyn Fn(f32, f32) -> f32| -> f32 {
        both.iter().map(|(a, b)| value(a - x, b - y)).sum()
    };
    let (product, own, other) = (sum(&|a, b| a * b), sum(&|a, _| a * a), sum(&|_, b| b * b));
    product / (own * other).sqrt().max(1e-6)
}
