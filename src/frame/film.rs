//! Film in video by 2:3 pulldown: four frames of film in five of video, whose fields show them two, three, two and three times.

use serde::Serialize;

use super::Rational;

/// Frames of a cycle of video, and of film.
pub const CYCLE: usize = 5;
const FILM: i64 = 4;
/// For each frame of a cycle (AA, BB, BC, CD, DD), the frame of film that it stands for. C is whole with the fields of both.
const SHOWN: [i64; CYCLE] = [0, 1, 2, 2, 3];

/// A part of a video whose frames are those of such cycles, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// When it begins and ends, in ticks of the video; the end is exclusive.
    pub from: i64,
    pub to: i64,
    /// The frame of the cycle that is shown at its beginning, 0 to 4.
    pub first: i64,
}

impl Stretch {
    /// When the frame of film is shown that the frame of video at `pts` stands for, in ticks of `to`. `rate` is that of the
    /// video, in frames per second, `ticks` the seconds of a tick of its times. Times may be rounded to ticks.
    pub fn shown(&self, pts: i64, rate: Rational, ticks: Rational, to: Rational) -> i64 {
        // A quarter of a frame of video, which is a whole number of ticks of `to`.
        let quarter = Rational::new(rate.den, rate.num.saturating_mul(4))
            .rescale(1, to)
            .max(1);
        let factor = ticks.rescale(1, to);
        let since = i128::from(pts.saturating_sub(self.from)) * i128::from(factor);
        // The next frame of video, with a quarter of one for what containers round.
        let length = 4 * i128::from(quarter);
        let number = -((i128::from(quarter) - since).div_euclid(length)) + i128::from(self.first);
        let (cycle, place) = (
            number.div_euclid(CYCLE as i128),
            number.rem_euclid(CYCLE as i128),
        );
        let film = cycle * i128::from(FILM) + i128::from(SHOWN[place as usize]);
        // In quarters: a frame of film lasts five, one of video four.
        let at = CYCLE as i128 * film - i128::from(FILM) * i128::from(self.first);
        let [begin, end] = [self.from, self.to].map(|pts| i128::from(pts) * i128::from(factor));
        (begin + at.max(0) * i128::from(quarter)).min(end) as i64
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::{Pace, Retiming, Span};
    use super::*;

    const NTSC: Rational = Rational::new(30000, 1001);

    fn film(ticks: Rational, stretches: &[Stretch]) -> Retiming {
        let stretches: Arc<[Stretch]> = stretches.into();
        Retiming::new(
            Pace::Film {
                rate: NTSC,
                stretches,
            },
            ticks,
        )
        .unwrap()
    }

    /// What is made of frames at `times`, the last of which is the end: which frame each is made of, and when it is shown.
    fn made(of: &Retiming, times: &[i64]) -> Vec<(usize, Span, f32)> {
        let shown = times.windows(2).enumerate();
        shown
            .flat_map(|(index, pair)| {
                let is_last = index + 2 == times.len();
                of.frames(pair[0]..pair[1], is_last, times[0])
                    .map(move |frame| (index, frame.span, frame.phase))
            })
            .collect()
    }

    #[test]
    fn four_frames_of_five_come_at_even_times() {
        // Times of containers: exact, in ticks of 90 kHz, and rounded to milliseconds.
        for (ticks, round) in [
            (Rational::new(1001, 30000), 1.0),
            (Rational::new(1, 90_000), 3003.0),
            (Rational::new(1, 1000), 1001.0 / 30.0),
        ] {
            let all = Stretch {
                from: 0,
                to: i64::MAX,
                first: 0,
            };
            let of = film(ticks, &[all]);
            let times: Vec<i64> = (0..=50)
                .map(|n| (f64::from(n) * round).round() as i64)
                .collect();
            let found = made(&of, &times);
            let from: Vec<usize> = found.iter().map(|(index, _, _)| index % 5).collect();
            assert_eq!(from, [0, 1, 3, 4].repeat(10), "{ticks}");
            let length = Rational::new(1001, 24000).rescale(1, of.to);
            for (number, (_, span, phase)) in found.iter().enumerate() {
                let expected = Span {
                    pts: number as i64 * length,
                    duration: length,
                };
                assert_eq!(*span, expected, "{ticks} {number}");
                let phases = [0.0, 0.25, -0.5, -0.25];
                assert!(
                    (phase - phases[number % 4]).abs() < 0.05,
                    "{phase} {number}"
                );
            }
        }
    }

    #[test]
    fn a_stretch_may_begin_in_a_cycle_and_video_keeps_its_times() {
        let ticks = Rational::new(1001, 30000);
        let late = Stretch {
            from: 2,
            to: 9,
            first: 3,
        };
        let found = made(&film(ticks, &[late]), &(0..=12).collect::<Vec<_>>());
        let times: Vec<(usize, i64)> = found
            .iter()
            .map(|(index, span, _)| (*index, span.pts))
            .collect();
        // In quarters of a frame. The cycle begins with CD: the third frame after it is the first that is left out.
        let expected = [
            (0, 0),
            (1, 4),
            (2, 8),
            (3, 11),
            (4, 16),
            (5, 21),
            (7, 26),
            (8, 31),
            (9, 36),
            (10, 40),
            (11, 44),
        ];
        assert_eq!(times, expected);
    }

    #[test]
    fn film_alone_has_one_rate() {
        let ticks = Rational::new(1, 90_000);
        let rate = |to| {
            let stretch = Stretch {
                from: 0,
                to,
                first: 0,
            };
            film(ticks, &[stretch]).pace.rate(NTSC)
        };
        assert_eq!(rate(i64::MAX), Rational::new(24000, 1001));
        assert_eq!(rate(9000), NTSC);
    }

    proptest! {
        /// Whatever the times and the stretches are, frames come one after the other without gaps, and the border of a frame
        /// is between what is made before and after it.
        #[test]
        fn times_increase(
            steps in prop::collection::vec(1i64..9000, 2..60),
            parts in prop::collection::vec((0i64..200_000, 0i64..60_000, 0i64..5), 0..4),
        ) {
            let mut times = vec![0];
            for step in &steps { times.push(times[times.len() - 1] + step); }
            let mut at = 0;
            let mut stretches = Vec::new();
            for (gap, length, first) in parts {
                let from = at + gap;
                at = from + length;
                stretches.push(Stretch { from, to: at, first });
            }
            let of = film(Rational::new(1, 90_000), &stretches);
            let found = made(&of, &times);
            for pair in found.windows(2) {
                prop_assert_eq!(pair[0].1.pts + pair[0].1.duration, pair[1].1.pts);
                prop_assert!(pair[1].1.pts > pair[0].1.pts);
            }
            // The last frame may be longer than it is.
            for (index, span, _) in found.into_iter().filter(|(index, _, _)| index + 2 < times.len()) {
                prop_assert!(span.pts >= of.border(times[index]) && span.pts < of.border(times[index + 1]));
            }
        }
    }
}
