//! `consistency`: how far colours and grain of what a chain makes are from what it makes of single frames, and what takes
//! them back.
//!
//! A chain that carries something from frame to frame, or that follows the time, can drift. Frames that lie a few seconds apart
//! are its anchors: the chain renders each of them as if it were the first of all, where nothing can have drifted yet. Between
//! both, the mean and the deviation of each colour differ by the drift; a factor and an offset for each colour take it back.
//! Grain is held to the median of its ratio over the film, because averages over time lower it from the second frame on.

use serde::Serialize;
use serde_json::Value;

use super::{FrameMeasures, Reduce, Reduced, ReducedTrack};
use crate::graph::style::Interpolation;

/// Codes of a colour.
const CODES: usize = 1024;
/// Steps of fine detail that are grain: what is beyond is an edge.
const GRAIN: usize = 64;
/// Anchors on each side over which a median is taken: what lasts less is no drift.
const BESIDE: usize = 2;
/// The least of a deviation that says how strong contrasts are, as a share of white.
const FLAT: f64 = 0.01;
/// The most that is taken back.
const GAINS: (f64, f64) = (0.6, 1.6);
/// How much farther grain may be off, as a share of itself, than colours, as a share of white.
const GRAIN_BOUND: f64 = 5.0;
/// Of the score: how much each part weighs, and what costs two thirds of it.
const WEIGHTS: [(f64, f64); 4] = [(0.4, 2.0), (0.2, 2.0), (0.2, 1.0), (0.2, 10.0)];
const FORMULA: &str = "100 * sum of weight * exp(-value / scale): drift_percent 0.4, 2 %; largest_jump_percent 0.2, 2 %; flicker_codes 0.2, 1 code; \
                       grain_percent 0.2, 10 %";

/// Mean and deviation of each colour, 0 to 1, and how strong grain is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Look {
    mean: [f64; 3],
    deviation: [f64; 3],
    grain: f64,
}

impl Look {
    /// Of the words that `consistency/count` makes; `None` where no pixel was counted.
    fn of(words: &[u32]) -> Option<Self> {
        let mut look = Self::default();
        for channel in 0..3 {
            let codes = words.get(channel * CODES..(channel + 1) * CODES)?;
            let all: f64 = codes.iter().map(|count| f64::from(*count)).sum();
            if all == 0.0 {
                return None;
            }
            let at = |code: usize| code as f64 / (CODES - 1) as f64;
            let weighted = |value: &dyn Fn(f64) -> f64| {
                let sums = codes
                    .iter()
                    .enumerate()
                    .map(|(code, count)| f64::from(*count) * value(at(code)));
                sums.sum::<f64>() / all
            };
            let mean = weighted(&|value| value);
            look.mean[channel] = mean;
            look.deviation[channel] = weighted(&|value| (value - mean).powi(2)).sqrt();
        }
        let detail = words.get(3 * CODES..3 * CODES + GRAIN)?;
        let count: f64 = detail.iter().map(|count| f64::from(*count)).sum();
        let sum: f64 = detail
            .iter()
            .enumerate()
            .map(|(step, count)| step as f64 * f64::from(*count))
            .sum();
        look.grain = sum / count.max(1.0);
        Some(look)
    }

    /// How far each colour is from that of `other`, in percent of white.
    fn distance(&self, other: &Self) -> [f64; 3] {
        std::array::from_fn(|channel| 100.0 * (self.mean[channel] - other.mean[channel]))
    }

    /// Brightness: a quarter of red and blue each and half of green.
    fn brightness(&self) -> f64 {
        0.25 * (self.mean[0] + 2.0 * self.mean[1] + self.mean[2])
    }
}

/// A frame that is an anchor: what the chain made of it in the film, and alone.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    seconds: f64,
    /// Number of its scene.
    scene: usize,
    film: Look,
    alone: Look,
}

/// What is taken back at an anchor.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Correction {
    gain: [f64; 3],
    offset: [f64; 3],
    grain: f64,
}

/// Compares frames with their anchors.
#[derive(Debug)]
pub(super) struct Consistency {
    bound: f64,
    scene: usize,
    anchors: Vec<Anchor>,
    /// Brightness of the last frames of the scene, and what its changes of change add up to.
    last: Vec<f64>,
    flicker: (f64, u64),
}

impl Consistency {
    /// With `bound` as the manifest has it.
    pub fn new(bound: f64) -> Self {
        Self {
            bound,
            scene: 0,
            anchors: Vec::new(),
            last: Vec::new(),
            flicker: (0.0, 0),
        }
    }

    /// What is taken back at each anchor.
    fn corrections(&self) -> Vec<Correction> {
        let ratio = |anchor: &Anchor| match anchor.alone.grain > 0.05 {
            true => anchor.film.grain / anchor.alone.grain,
            false => 1.0,
        };
        let usual = median(self.anchors.iter().map(ratio).collect()).unwrap_or(1.0);
        let near = |index: usize| {
            let own = &self.anchors[index];
            let from = index.saturating_sub(BESIDE);
            let anchors = self
                .anchors
                .iter()
                .enumerate()
                .skip(from)
                .take(index + BESIDE + 1 - from);
            let same = anchors.filter(move |(_, anchor)| anchor.scene == own.scene);
            same.map(|(_, anchor)| anchor)
        };
        // What an anchor has of what is usual about it: of what goes the other way nothing, so that no anchor becomes worse.
        let smooth = |index: usize, value: &dyn Fn(&Anchor) -> f64| {
            let usual = median(near(index).map(value).collect()).unwrap_or(0.0);
            let own = value(&self.anchors[index]);
            match usual * own > 0.0 {
                true => usual.abs().min(own.abs()).copysign(own),
                false => 0.0,
            }
        };
        let corrections = (0..self.anchors.len()).map(|index| {
            let own = &self.anchors[index];
            let mut correction = Correction {
                gain: [1.0; 3],
                offset: [0.0; 3],
                grain: 1.0,
            };
            for channel in 0..3 {
                let shift = smooth(index, &|anchor| {
                    anchor.film.mean[channel] - anchor.alone.mean[channel]
                });
                let contrast = 1.0
                    + smooth(index, &|anchor| {
                        let (film, alone) = (
                            anchor.film.deviation[channel],
                            anchor.alone.deviation[channel],
                        );
                        if film > FLAT && alone > FLAT {
                            film / alone - 1.0
                        } else {
                            0.0
                        }
                    });
                // What of it is beyond the bound is taken back.
                let spread = own.film.deviation[channel].max(FLAT);
                let excess = beyond((contrast - 1.0) * spread, self.bound) / spread;
                let gain = ((contrast - excess) / contrast).clamp(GAINS.0, GAINS.1);
                let mean = own.film.mean[channel];
                correction.gain[channel] = gain;
                correction.offset[channel] = mean - beyond(shift, self.bound) - gain * mean;
            }
            let grain = 1.0 + smooth(index, &|anchor| ratio(anchor) / usual - 1.0);
            let excess = beyond(grain - 1.0, GRAIN_BOUND * self.bound);
            correction.grain = ((grain - excess) / grain).clamp(GAINS.0, GAINS.1);
            correction
        });
        corrections.collect()
    }

    /// The tracks, which are held at the ends of scenes: nothing is mixed across a cut.
    fn tracks(&self, corrections: &[Correction]) -> Vec<ReducedTrack> {
        type Read = fn(&Correction) -> f64;
        let params: [(&'static str, Read); 7] = [
            ("gain_r", |of| of.gain[0]),
            ("gain_g", |of| of.gain[1]),
            ("gain_b", |of| of.gain[2]),
            ("offset_r", |of| of.offset[0]),
            ("offset_g", |of| of.offset[1]),
            ("offset_b", |of| of.offset[2]),
            ("grain", |of| of.grain),
        ];
        let track = |(param, read): (&'static str, Read)| {
            let mut keys: Vec<(f64, f64)> = Vec::new();
            for (index, (anchor, correction)) in self.anchors.iter().zip(corrections).enumerate() {
                let begins = index > 0 && self.anchors[index - 1].scene != anchor.scene;
                if let (true, Some((_, before))) = (begins, keys.last().copied()) {
                    keys.push((anchor.seconds - TICK, before));
                }
                keys.push((anchor.seconds, read(correction)));
            }
            ReducedTrack {
                param,
                interpolation: Interpolation::Linear,
                keys,
            }
        };
        params.into_iter().map(track).collect()
    }

    fn report(&self, corrections: &[Correction]) -> Report {
        let usual = |looks: &[Look]| {
            let ratios = looks
                .iter()
                .zip(&self.anchors)
                .filter(|(_, anchor)| anchor.alone.grain > 0.05);
            median(
                ratios
                    .map(|(look, anchor)| look.grain / anchor.alone.grain)
                    .collect(),
            )
            .unwrap_or(1.0)
        };
        let film: Vec<Look> = self.anchors.iter().map(|anchor| anchor.film).collect();
        let held: Vec<Look> = film
            .iter()
            .zip(corrections)
            .map(|(look, correction)| {
                let mut held = *look;
                for channel in 0..3 {
                    held.mean[channel] =
                        look.mean[channel] * correction.gain[channel] + correction.offset[channel];
                }
                held.grain = look.grain * correction.grain * correction.gain[1];
                held
            })
            .collect();
        let flicker = 255.0 * self.flicker.0 / self.flicker.1.max(1) as f64;
        let numbers = |looks: &[Look]| {
            let drift: Vec<[f64; 3]> = looks
                .iter()
                .zip(&self.anchors)
                .map(|(look, anchor)| look.distance(&anchor.alone))
                .collect();
            let rms = |values: &[f64]| {
                let count = values.len().max(1) as f64;
                (values.iter().map(|value| value * value).sum::<f64>() / count).sqrt()
            };
            let jumps =
                (1..drift.len()).filter(|at| self.anchors[*at].scene == self.anchors[at - 1].scene);
            let jump = jumps
                .map(|at| {
                    size(std::array::from_fn(|channel| {
                        drift[at][channel] - drift[at - 1][channel]
                    }))
                })
                .fold(0.0, f64::max);
            let drift: Vec<f64> = drift.into_iter().map(size).collect();
            let usual = usual(looks);
            let grain: Vec<f64> = looks
                .iter()
                .zip(&self.anchors)
                .filter(|(_, anchor)| anchor.alone.grain > 0.05)
                .map(|(look, anchor)| 100.0 * (look.grain / anchor.alone.grain / usual - 1.0))
                .collect();
            let mut numbers = Numbers {
                drift_percent: rms(&drift),
                largest_jump_percent: jump,
                flicker_codes: flicker,
                grain_percent: rms(&grain),
                score: 0.0,
            };
            let values = [
                numbers.drift_percent,
                numbers.largest_jump_percent,
                flicker,
                numbers.grain_percent,
            ];
            let parts = values.iter().zip(WEIGHTS);
            numbers.score = 100.0
                * parts
                    .map(|(value, (weight, scale))| weight * (-value / scale).exp())
                    .sum::<f64>();
            numbers
        };
        let over_time = self
            .anchors
            .iter()
            .zip(&held)
            .map(|(anchor, held)| DriftAt {
                seconds: anchor.seconds,
                without_percent: size(anchor.film.distance(&anchor.alone)),
                with_percent: size(held.distance(&anchor.alone)),
            });
        Report {
            scenes: self.scene + 1,
            anchors: self.anchors.len(),
            bound_percent: (1e4 * self.bound).round() / 100.0,
            without: numbers(&film),
            with: numbers(&held),
            formula: FORMULA,
            drift: over_time.collect(),
        }
    }
}

/// Before a cut, in seconds: less than a frame.
const TICK: f64 = 1e-3;

/// What is said of a film's consistency.
#[derive(Clone, Debug, Serialize)]
struct Report {
    scenes: usize,
    anchors: usize,
    bound_percent: f64,
    /// As the chain makes the film, and with what is taken back, by arithmetic on the same measures.
    without: Numbers,
    with: Numbers,
    formula: &'static str,
    /// How far colours are from the anchors, over time: root mean square of red, green and blue, in percent of white.
    drift: Vec<DriftAt>,
}

#[derive(Clone, Debug, Serialize)]
struct Numbers {
    /// Root mean square of how far red, green and blue are from the anchors, in percent of white.
    drift_percent: f64,
    /// The largest change of that from one anchor to the next in a scene.
    largest_jump_percent: f64,
    /// Mean change of the change of brightness from frame to frame, in codes of 255.
    flicker_codes: f64,
    /// Root mean square of how far grain is from its usual strength, in percent of itself.
    grain_percent: f64,
    /// 0 to 100.
    score: f64,
}

#[derive(Clone, Debug, Serialize)]
struct DriftAt {
    seconds: f64,
    without_percent: f64,
    with_percent: f64,
}

impl Reduce for Consistency {
    fn frame(&mut self, frame: &FrameMeasures<'_>) {
        if frame.cut {
            self.scene += 1;
            self.last.clear();
        }
        let Some(film) = frame.measures.first().and_then(|words| Look::of(words)) else {
            return;
        };
        self.last.push(film.brightness());
        if let [.., first, second, third] = self.last[..] {
            self.flicker.0 += (third - 2.0 * second + first).abs();
            self.flicker.1 += 1;
            self.last.remove(0);
        }
        let alone = frame.alone.and_then(|measures| Look::of(measures.first()?));
        if let Some(alone) = alone {
            self.anchors.push(Anchor {
                seconds: frame.seconds,
                scene: self.scene,
                film,
                alone,
            });
        }
    }

    fn finish(self: Box<Self>) -> Reduced {
        let corrections = self.corrections();
        Reduced {
            tracks: self.tracks(&corrections),
            report: serde_json::to_value(self.report(&corrections)).unwrap_or(Value::Null),
        }
    }
}

/// Root mean square of three colours.
fn size(colours: [f64; 3]) -> f64 {
    (colours.iter().map(|value| value * value).sum::<f64>() / 3.0).sqrt()
}

/// What of `value` is beyond `bound` on either side.
fn beyond(value: f64, bound: f64) -> f64 {
    value - value.clamp(-bound, bound)
}

/// The middle of `values`; `None` where there are none.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(0.5 * (values[last / 2] + values[last.div_ceil(2)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose colours are spread evenly over some codes, with `grain` steps of detail.
    fn words(low: f64, high: f64, grain: usize) -> Vec<u32> {
        let mut words = vec![0; 3 * CODES + 256];
        for channel in 0..3 {
            for step in 0..200 {
                let value = low + (high - low) * f64::from(step) / 199.0;
                words[channel * CODES + (value * 1023.0).round() as usize] += 1;
            }
        }
        words[3 * CODES + grain] = 200;
        words
    }

    /// Seconds, whether a scene begins, and the words of the frame in the film and alone.
    type TestFrame = (f64, bool, Vec<u32>, Option<Vec<u32>>);

    fn reduced(bound: f64, frames: &[TestFrame]) -> Reduced {
        let mut reduce = Box::new(Consistency::new(bound));
        for (seconds, cut, film, alone) in frames {
            let alone = alone.clone().map(|alone| vec![alone]);
            reduce.frame(&FrameMeasures {
                seconds: *seconds,
                cut: *cut,
                measures: std::slice::from_ref(film),
                alone: alone.as_deref(),
            });
        }
        reduce.finish()
    }

    fn keys<'a>(reduced: &'a Reduced, param: &str) -> &'a [(f64, f64)] {
        let track = reduced.tracks.iter().find(|track| track.param == param);
        &track.unwrap().keys
    }

    #[test]
    fn a_growing_brightness_is_taken_back() {
        // 10 % darker at the end: a factor of 1 to 0.9.
        let frames: Vec<_> = (0..50)
            .map(|at| {
                let factor = 1.0 - 0.1 * f64::from(at) / 49.0;
                let film = words(0.2 * factor, 0.8 * factor, 10);
                (f64::from(at) * 2.0, false, film, Some(words(0.2, 0.8, 10)))
            })
            .collect();
        let held = reduced(0.0015, &frames);
        let (gain, offset) = (keys(&held, "gain_g"), keys(&held, "offset_g"));
        // In the last quarter the film has 0.9 of its brightness: black to white are where they were.
        for at in [40, 46] {
            let factor = 1.0 - 0.1 * f64::from(at) / 49.0;
            for value in [0.2, 0.5, 0.8] {
                let now = value * factor * gain[at as usize].1 + offset[at as usize].1;
                assert!((now - value).abs() < 0.006, "{at}: {value} became {now}");
            }
        }
        let report = &held.report;
        assert!(report["without"]["drift_percent"].as_f64().unwrap() > 2.5);
        assert!(report["with"]["drift_percent"].as_f64().unwrap() < 0.4);
        assert!(report["with"]["score"].as_f64() > report["without"]["score"].as_f64());
    }

    #[test]
    fn what_is_within_the_bound_is_left_alone() {
        let frames: Vec<_> = (0..20)
            .map(|at| {
                (
                    f64::from(at),
                    false,
                    words(0.205, 0.805, 10),
                    Some(words(0.2, 0.8, 10)),
                )
            })
            .collect();
        let held = reduced(0.01, &frames);
        for (param, value) in [("gain_r", 1.0), ("offset_b", 0.0), ("grain", 1.0)] {
            for (_, found) in keys(&held, param) {
                assert!((found - value).abs() < 1e-9, "{param} is {found}");
            }
        }
    }

    #[test]
    fn an_anchor_that_differs_the_other_way_is_left_alone() {
        // Most are brighter than alone by 5 % of white, one is darker by 2 %.
        let film = |at| {
            if at == 5 {
                words(0.18, 0.78, 10)
            } else {
                words(0.25, 0.85, 10)
            }
        };
        let frames: Vec<_> = (0..12)
            .map(|at| (f64::from(at), false, film(at), Some(words(0.2, 0.8, 10))))
            .collect();
        let held = reduced(0.001, &frames);
        for (param, neutral) in [("gain_r", 1.0), ("offset_r", 0.0)] {
            let (_, found) = keys(&held, param)[5];
            assert!((found - neutral).abs() < 1e-3, "{param} is {found}");
        }
        assert!((keys(&held, "offset_r")[3].1 + 0.05).abs() < 5e-3);
        let drift = held.report["drift"].as_array().unwrap();
        for at in drift {
            assert!(
                at["with_percent"].as_f64() <= at["without_percent"].as_f64(),
                "{at}"
            );
        }
    }

    #[test]
    fn nothing_goes_across_a_cut() {
        let mut frames: Vec<_> = (0..6)
            .map(|at| {
                (
                    f64::from(at),
                    false,
                    words(0.1, 0.7, 10),
                    Some(words(0.2, 0.8, 10)),
                )
            })
            .collect();
        frames.extend((6..12).map(|at| {
            (
                f64::from(at),
                at == 6,
                words(0.2, 0.8, 10),
                Some(words(0.2, 0.8, 10)),
            )
        }));
        let held = reduced(0.0, &frames);
        let offset = keys(&held, "offset_r");
        let at = |seconds: f64| {
            let after = offset
                .iter()
                .position(|key| key.0 > seconds)
                .unwrap_or(offset.len());
            offset[after - 1].1
        };
        assert!((at(5.9995) - 0.1).abs() < 0.002, "{offset:?}");
        assert!(at(6.0).abs() < 0.002, "{offset:?}");
    }

    #[test]
    fn grain_is_held_to_its_usual_strength() {
        // Averages over time have left half of it everywhere; at the end it grows by 20 %.
        let frames: Vec<_> = (0..40)
            .map(|at| {
                (
                    f64::from(at),
                    false,
                    words(0.2, 0.8, if at < 30 { 20 } else { 24 }),
                    Some(words(0.2, 0.8, 40)),
                )
            })
            .collect();
        let held = reduced(0.002, &frames);
        let grain = keys(&held, "grain");
        assert!((grain[10].1 - 1.0).abs() < 1e-9);
        assert!((grain[38].1 * 24.0 - 20.0).abs() < 0.4, "{}", grain[38].1);
    }

    #[test]
    fn no_frames_make_no_tracks() {
        let held = reduced(0.01, &[]);
        assert!(held.tracks.iter().all(|track| track.keys.is_empty()));
        assert_eq!(held.report["anchors"], 0);
    }
}
