//! Frame rates: when the frames of one clock are shown, given when those of another are.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::film::{CYCLE, Stretch};
use super::{Rational, Span};

/// How often frames come, compared with the frames they are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// This many frames for each frame, spread evenly over the time that it is shown.
    Times(u32),
    /// So many frames a second, counted from the stream's start. A frame is left out, or repeated, where that needs it.
    Rate(Rational),
    /// The frames of film in video by 2:3 pulldown, in these parts of it, one after the other; elsewhere, one for each frame.
    /// The rate is that of the video, in frames per second.
    Film {
        rate: Rational,
        #[serde(serialize_with = "each")]
        stretches: Arc<[Stretch]>,
    },
}

/// Serializes what is shared as a list.
fn each<S: serde::Serializer>(all: &Arc<[Stretch]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter())
}

impl Pace {
    /// Frames per second of what is made of so many frames per second; 0/1 where that is not known.
    pub fn rate(&self, of: Rational) -> Rational {
        match self {
            Self::Times(times) => Rational::new(of.num.saturating_mul((*times).into()), of.den),
            Self::Rate(rate) => *rate,
            // Where film and video take turns, there is no one rate.
            Self::Film { stretches, .. } if stretches.len() > 1 || stretches[0].to < i64::MAX => of,
            Self::Film { rate, .. } => {
                let (num, den) = (
                    rate.num.saturating_mul(4),
                    rate.den.saturating_mul(CYCLE as i64),
                );
                let common = gcd(num.into(), den.into()).max(1) as i64;
                Rational::new(num / common, den / common)
            }
        }
    }

    /// Of how many frames that it reads so many that it makes are made at most, where it makes fewer; `frames` where it makes as
    /// many, or a number of its own.
    pub fn frames_read(&self, frames: u32) -> u32 {
        match self {
            Self::Times(times) => frames.div_ceil(*times),
            Self::Rate(_) => frames,
            Self::Film { .. } if frames == 0 => 0,
            // One in five is left out, and the first may be.
            Self::Film { .. } => (frames * CYCLE as u32).div_ceil(4) + 1,
        }
    }

    /// How many frames it makes of each; `None` where that is no fixed number.
    pub fn times(&self) -> Option<u32> {
        match self {
            Self::Times(times) => Some(*times),
            Self::Rate(_) | Self::Film { .. } => None,
        }
    }
}

/// The times of frames that are made from frames of another clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retiming {
    pub pace: Pace,
    /// Seconds per tick of the frames they are made from.
    pub from: Rational,
    /// Seconds per tick of the frames that are made: every time is a whole number of them.
    pub to: Rational,
}

/// A frame that is made: when it is shown, and where in the frame it is made from that is, 0 (its start) to 1 (the next); below 0
/// where it is shown before it, as film is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retimed {
    pub span: Span,
    pub phase: f32,
}

/// The largest denominator of a time base: FFmpeg has 32 bits for it.
const FINEST: i128 = i32::MAX as i128;

impl Retiming {
    /// `pace` over frames with times in ticks of `from`. `None` where they have no times (`from` is zero), and where a tick
    /// that fits all times exactly is too short for containers.
    pub fn new(pace: Pace, from: Rational) -> Option<Self> {
        let (num, den) = (i128::from(from.num), i128::from(from.den));
        // The greatest common divisor of two ticks, `from` and 1 / (`parts` × `rate`).
        let beside = |rate: Rational, parts: i128| {
            let (of, over) = (i128::from(rate.den), parts * i128::from(rate.num));
            (gcd(num * over, of * den), den * over)
        };
        let (num, den) = match &pace {
            Pace::Times(times) => (num, den * i128::from(*times)),
            Pace::Rate(rate) => beside(*rate, 1),
            // A frame of film lasts five quarters of a frame of video.
            Pace::Film { rate, .. } => beside(*rate, 4),
        };
        let common = gcd(num, den).max(1);
        let (num, den) = (num / common, den / common);
        (from.num > 0 && num > 0 && num <= FINEST && den <= FINEST).then(|| Self {
            pace,
            from,
            to: Rational::new(num as i64, den as i64),
        })
    }

    /// Ticks of `to` in one tick of `from`.
    pub fn factor(&self) -> i64 {
        self.from.rescale(1, self.to)
    }

    /// Ticks from one frame to the next, for a constant rate.
    fn step(&self) -> Option<i64> {
        match self.pace {
            Pace::Times(_) | Pace::Film { .. } => None,
            Pace::Rate(rate) => Some(Rational::new(rate.den, rate.num).rescale(1, self.to)),
        }
    }

    /// How much before its own time a frame may be taken, in ticks of `to`: containers round times to their ticks, so a
    /// frame may be marked up to a tick later than it is meant. Zero where ticks are so long that they count frames.
    fn early(&self) -> i64 {
        let factor = self.factor();
        match self.step() {
            Some(step) if factor.saturating_mul(4) <= step => factor,
            _ => 0,
        }
    }

    /// The earliest time of what is made of frames from `pts` on, in ticks of `to`.
    pub fn border(&self, pts: i64) -> i64 {
        match (pts, &self.pace) {
            (i64::MIN | i64::MAX, _) => pts,
            (pts, Pace::Film { rate, stretches }) => {
                let after = stretches.partition_point(|stretch| stretch.to <= pts);
                match stretches.get(after).filter(|stretch| stretch.from <= pts) {
                    Some(stretch) => stretch.shown(pts, *rate, self.from, self.to),
                    None => pts.saturating_mul(self.factor()),
                }
            }
            (pts, _) => pts
                .saturating_mul(self.factor())
                .saturating_sub(self.early()),
        }
    }

    /// The frames made of a frame that is shown over `shown`, in ticks of `from`; `start` is the stream's start. `is_last`: no frame
    /// follows at its end.
    pub fn frames(
        &self,
        shown: Range<i64>,
        is_last: bool,
        start: i64,
    ) -> impl Iterator<Item = Retimed> + use<> {
        let factor = self.factor();
        let length = shown.end.saturating_sub(shown.start).max(0);
        let begin = shown.start.saturating_mul(factor);
        let (count, first, step) = match (&self.pace, self.step()) {
            (Pace::Times(times), _) => (i64::from(*times), begin, length),
            (Pace::Film { .. }, _) => {
                // Of two frames that stand for the same one, the first lasts no time, and is left out.
                let (from, mut to) = (self.border(shown.start), self.border(shown.end));
                if is_last && to <= from {
                    to = from.saturating_add(length.saturating_mul(factor));
                }
                (i64::from(to > from), from, to - from)
            }
            (Pace::Rate(_), step) => {
                let step = step.unwrap_or(1).max(1);
                let origin = start.saturating_mul(factor);
                let number = |pts| {
                    let after = i128::from(self.border(pts)) - i128::from(origin);
                    -(-after).div_euclid(i128::from(step))
                };
                let first = number(shown.start);
                let count = number(shown.start.saturating_add(length)) - first;
                let at = i128::from(origin) + first * i128::from(step);
                (count as i64, at as i64, step)
            }
        };
        let whole = (length as f64 * factor as f64).max(1.0);
        let least = match self.pace {
            Pace::Film { .. } => -1.0,
            Pace::Times(_) | Pace::Rate(_) => 0.0,
        };
        (0..count).map(move |index| {
            let pts = first + index * step;
            Retimed {
                span: Span {
                    pts,
                    duration: step,
                },
                phase: ((pts - begin) as f64 / whole).clamp(least, 1.0) as f32,
            }
        })
    }
}

/// The earliest time of what `retimings`, one after the other, make of frames from `pts` on, in ticks of the last of them.
pub fn border(retimings: &[Retiming], pts: i64) -> i64 {
    retimings.iter().fold(pts, |pts, stage| stage.border(pts))
}

/// The time `pts` of the source in ticks of the last of `retimings`, which follow each other.
pub fn in_ticks_of(retimings: &[Retiming], pts: i64) -> i64 {
    let factors = retimings.iter().map(Retiming::factor);
    factors.fold(pts, i64::saturating_mul)
}

/// When a frame ends: as the next one begins, or where there is none, after its duration; a frame of unknown duration
/// lasts as long as the one before it.
pub fn end_of(span: Span, next: Option<i64>, before: Option<i64>) -> i64 {
    let length = match (next, span.duration) {
        (Some(next), _) => return next,
        (None, duration) if duration > 0 => duration,
        _ => before.map_or(1, |before| span.pts.saturating_sub(before).max(1)),
    };
    span.pts.saturating_add(length)
}

/// The times that come out of retimings one after the other, of a stream of frames.
#[derive(Clone, Debug, Default)]
pub struct Retimer {
    stages: Vec<Stage>,
}

#[derive(Clone, Debug)]
struct Stage {
    retiming: Retiming,
    start: Option<i64>,
    /// The newest frame, whose end is not known yet, and the time of the one before it.
    newest: Option<(Span, Option<i64>)>,
}

impl Retimer {
    /// `stages` follow each other; the stream starts at `start`, in ticks of the first one's `from`, or with its first
    /// frame.
    pub fn new(stages: &[Retiming], start: Option<i64>) -> Self {
        let mut start = start;
        let stage = |retiming: &Retiming| {
            let stage = Stage {
                retiming: retiming.clone(),
                start,
                newest: None,
            };
            start = start.map(|start| start.saturating_mul(retiming.factor()));
            stage
        };
        Self {
            stages: stages.iter().map(stage).collect(),
        }
    }

    /// The frames whose times are known when the next frame is shown at `span`.
    pub fn push(&mut self, span: Span) -> Vec<Span> {
        let mut frames = vec![span];
        for stage in &mut self.stages {
            frames = frames
                .into_iter()
                .flat_map(|span| stage.push(span))
                .collect();
        }
        frames
    }

    /// The rest, after the last frame.
    pub fn finish(&mut self) -> Vec<Span> {
        let mut frames = Vec::new();
        for stage in &mut self.stages {
            let mut made: Vec<Span> = frames
                .into_iter()
                .flat_map(|span| stage.push(span))
                .collect();
            made.extend(stage.made_until(None));
            stage.newest = None;
            frames = made;
        }
        frames
    }
}

impl Stage {
    fn push(&mut self, span: Span) -> Vec<Span> {
        self.start.get_or_insert(span.pts);
        let made = self.made_until(Some(span.pts));
        self.newest = Some((span, self.newest.map(|(before, _)| before.pts)));
        made
    }

    /// What is made of the newest frame, after which one at `next` comes.
    fn made_until(&self, next: Option<i64>) -> Vec<Span> {
        let Some((span, before)) = self.newest else {
            return Vec::new();
        };
        let shown = span.pts..end_of(span, next, before);
        let start = self.start.unwrap_or(span.pts);
        let frames = self.retiming.frames(shown, next.is_none(), start);
        frames.map(|frame| frame.span).collect()
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    match b {
        0 => a.abs(),
        b => gcd(b, a % b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(num: i64, den: i64, from: Rational) -> Retiming {
        Retiming::new(Pace::Rate(Rational::new(num, den)), from).unwrap()
    }

    /// Times of what is made of frames at `times`, and which frame each is made of.
    fn made(of: &Retiming, times: &[i64], end: i64) -> Vec<(i64, usize)> {
        let ends = times[1..].iter().copied().chain([end]);
        let shown = times.iter().zip(ends).enumerate();
        shown
            .flat_map(|(index, (&from, end))| {
                let frames = of.frames(from..end, false, times[0]);
                frames.map(move |frame| (frame.span.pts, index))
            })
            .collect()
    }

    #[test]
    fn a_tick_divides_both_clocks() {
        let from = Rational::new(1, 12800);
        assert_eq!(rate(50, 1, from).to, Rational::new(1, 12800));
        assert_eq!(rate(24000, 1001, from).to, Rational::new(1, 192_000));
        assert_eq!(
            rate(24000, 1001, Rational::new(1, 1000)).to,
            Rational::new(1, 24000)
        );
        let fields = Retiming::new(Pace::Times(2), Rational::new(1, 25)).unwrap();
        assert_eq!(fields.to, Rational::new(1, 50));
        // A rate that only a tick of less than half a nanosecond could meet.
        let strange = Pace::Rate(Rational::new(12_345_677, 1_000_003));
        assert_eq!(Retiming::new(strange, Rational::new(1, 90_000)), None);
    }

    #[test]
    fn twice_the_rate_shows_each_frame_twice() {
        let double = rate(50, 1, Rational::new(1, 25));
        let found = made(&double, &[3, 4, 5], 6);
        assert_eq!(found, [(6, 0), (7, 0), (8, 1), (9, 1), (10, 2), (11, 2)]);
        let phases: Vec<f32> = double
            .frames(3..4, false, 3)
            .map(|frame| frame.phase)
            .collect();
        assert_eq!(phases, [0.0, 0.5]);
    }

    #[test]
    fn rounded_times_neither_repeat_nor_drop_a_frame() {
        // Film in milliseconds, at its own rate.
        let film = rate(24000, 1001, Rational::new(1, 1000));
        let times: Vec<i64> = (0..240)
            .map(|k| (k * 1_001_000 + 12_000) / 24_000)
            .collect();
        let found = made(&film, &times, 10_010);
        let frames: Vec<usize> = found.iter().map(|(_, frame)| *frame).collect();
        assert_eq!(frames, (0..240).collect::<Vec<_>>());
        assert!(
            found
                .iter()
                .all(|(pts, frame)| *pts == 1001 * *frame as i64)
        );
    }

    #[test]
    fn a_frame_without_duration_lasts_as_the_one_before() {
        let span = |pts, duration| Span { pts, duration };
        assert_eq!(end_of(span(10, 3), Some(15), None), 15);
        assert_eq!(end_of(span(10, 3), None, Some(5)), 13);
        assert_eq!(end_of(span(10, 0), None, Some(5)), 15);
        assert_eq!(end_of(span(10, 0), None, None), 11);
    }

    #[test]
    fn retimings_follow_each_other() {
        let source = Rational::new(1, 25);
        let fields = Retiming::new(Pace::Times(2), source).unwrap();
        let film = Retiming::new(Pace::Rate(Rational::new(25, 1)), fields.to).unwrap();
        let mut retimer = Retimer::new(&[fields, film], None);
        let span = |pts| Span { pts, duration: 1 };
        let mut found: Vec<Span> = (7..10).flat_map(|pts| retimer.push(span(pts))).collect();
        found.extend(retimer.finish());
        let expected = (7..10).map(|pts| Span {
            pts: 2 * pts,
            duration: 2,
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
        let mut none = Retimer::new(&[], None);
        assert_eq!(
            (none.push(span(3)), none.finish()),
            (vec![span(3)], Vec::new())
        );
    }

    proptest! {
        /// Whatever the source's times, what comes out has a constant rate without gaps, and each frame lies within what
        /// it is made of, but for a tick.
        #[test]
        fn a_rate_is_constant(
            steps in prop::collection::vec(1i64..4000, 2..60),
            start in -100_000i64..100_000,
            (num, den) in prop::sample::select(vec![(1, 1), (25, 1), (60, 1), (25, 2), (24_000, 1001), (60_000, 1001), (12_345, 1000)]),
            ticks in prop::sample::select(vec![25i64, 600, 1000, 12800, 90_000]),
        ) {
            let from = Rational::new(1, ticks);
            let Some(of) = Retiming::new(Pace::Rate(Rational::new(num, den)), from) else { return Ok(()) };
            let mut times = vec![start];
            for step in &steps { times.push(times[times.len() - 1] + step); }
            let end = times.pop().unwrap();
            let found = made(&of, &times, end);
            let step = of.step().unwrap();
            for pair in found.windows(2) {
                prop_assert_eq!(pair[1].0 - pair[0].0, step);
            }
            for (pts, frame) in found {
                let next = times.get(frame + 1).copied().unwrap_or(end);
                prop_assert!(pts >= of.border(times[frame]) && pts < of.border(next));
            }
        }
    }
}
