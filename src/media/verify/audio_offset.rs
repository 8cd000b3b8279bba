//! Measures the offset of audio against the pictures by cross-correlation.

use std::collections::VecDeque;

use super::file_scan::FileScan;
use super::{Verdict, Verification};
use crate::media::av::{MonoDecoder, Packet};
use crate::media::header::HeaderStream;
use crate::media::info::StreamKind;
use crate::media::plan::{Action, OutputPlan};

/// Sample rate for the comparison, in Hz.
const RATE: u32 = 16_000;
/// Seconds kept of the start and of the end of a stream.
const KEPT_SECONDS: usize = 8;
/// Seconds that are compared at most.
const MAX_COMPARED: f64 = 3.0;
/// Largest offset searched for, early and late, in seconds.
const MAX_OFFSET: f64 = 0.25;
/// Seconds that are needed at least for a comparison.
const MIN_COMPARED: f64 = 0.1;
/// Samples that are averaged for the coarse search.
const COARSE: usize = 8;
/// Number of coarse peaks, nearest to the expected position first, that are searched finely.
const PEAKS: usize = 12;
/// Samples above this absolute value are not silence.
const SILENCE: f32 = 1e-3;
/// Audio with a lower correlation than this is different audio.
const MIN_CORRELATION: f64 = 0.5;
/// Offsets up to this are accepted, in seconds: they cannot be noticed.
const TOLERANCE: f64 = 0.001;

/// The start and the end of an audio stream.
pub(super) struct AudioProbe {
    decoder: MonoDecoder,
    begin: AudioSpan,
    end: AudioSpan,
}

/// Consecutive samples.
#[derive(Clone, Default)]
struct AudioSpan {
    /// Time of the first sample by its own time stamp, in seconds.
    start: f64,
    samples: VecDeque<f32>,
    /// Sum of the differences between later time stamps and the times by sample count, in seconds. Coarse time bases
    /// round each time stamp; the average is more exact.
    lateness: f64,
    stamps: u32,
}

impl AudioProbe {
    /// `None` if there is no decoder.
    pub fn open(stream: &HeaderStream) -> Option<Self> {
        Some(Self {
            decoder: MonoDecoder::open(&stream.params, stream.time_base, RATE).ok()?,
            begin: AudioSpan::default(),
            end: AudioSpan::default(),
        })
    }

    pub fn push(&mut self, packet: Option<&Packet>) {
        let (begin, end) = (&mut self.begin, &mut self.end);
        self.decoder.push(packet, |at, samples| {
            let audible = samples.iter().any(|s| s.abs() > SILENCE);
            let begun = audible || !begin.samples.is_empty();
            if begun && begin.samples.len() < KEPT_SECONDS * RATE as usize {
                begin.append(at, samples);
            }
            end.append(at, samples);
            let surplus = end
                .samples
                .len()
                .saturating_sub(KEPT_SECONDS * RATE as usize);
            end.samples.drain(..surplus);
            end.start += surplus as f64 / f64::from(RATE);
        });
    }
}

impl AudioSpan {
    fn append(&mut self, at: f64, samples: &[f32]) {
        let rate = f64::from(RATE);
        let next = self.start + self.samples.len() as f64 / rate;
        // A gap starts a new span.
        if self.samples.is_empty() || (at - next).abs() > 0.05 {
            if self.samples.len() >= (MAX_COMPARED * rate) as usize && at > next {
                return;
            }
            *self = Self {
                start: at,
                ..Self::default()
            };
        } else {
            self.lateness += at - next;
        }
        self.stamps += 1;
        self.samples.extend(samples);
    }

    /// Time of the first sample, in seconds, corrected by the average of all time stamps.
    fn begin(&self) -> f64 {
        self.start + self.lateness / f64::from(self.stamps.max(1))
    }

    /// The samples from `from` to `to` (seconds), which must lie within the span.
    fn between(&self, from: f64, to: f64) -> Vec<f32> {
        let index = |at: f64| ((at - self.begin()) * f64::from(RATE)).round().max(0.0) as usize;
        let (from, to) = (index(from), index(to).min(self.samples.len()));
        self.samples.range(from.min(to)..to).copied().collect()
    }

    fn end(&self) -> f64 {
        self.begin() + self.samples.len() as f64 / f64::from(RATE)
    }
}

pub(super) fn compare(
    to: &mut Verification,
    before: &FileScan,
    after: &FileScan,
    plan: &OutputPlan,
    shift: f64,
) {
    for (planned, found) in super::streams::pairs(&before.info, &after.info, plan) {
        let kept = [Action::Copy, Action::Reencode].contains(&planned.action);
        let (StreamKind::Audio, true, Some(found)) = (planned.kind, kept, found) else {
            continue;
        };
        let probe = |scan: &FileScan, index| {
            let probes = &scan.probes;
            probes.iter().position(|(stream, _)| *stream == index)
        };
        let (Some(a), Some(b)) = (probe(before, planned.index), probe(after, found)) else {
            continue;
        };
        let (a, b) = (&before.probes[a].1, &after.probes[b].1);
        let begin = offset(&a.begin, &b.begin, shift);
        let end = offset(&a.end, &b.end, shift);
        for (place, offset) in [("at the start", begin), ("at the end", end)] {
            let what = format!("stream {} (audio): {place}", planned.index);
            let (words, verdict) = match offset {
                Offset::Silence => ("silent".to_owned(), Verdict::Same),
                Offset::Unknown => ("too short to measure".to_owned(), Verdict::Allowed),
                Offset::Other => ("different audio".to_owned(), Verdict::Differs),
                Offset::By(seconds) => (
                    format!("{:+.2} ms", seconds * 1e3),
                    match seconds.abs() <= TOLERANCE {
                        true => Verdict::Same,
                        false => Verdict::Differs,
                    },
                ),
            };
            to.add(&what, "+0.00 ms".into(), words, verdict, "");
        }
    }
}

/// The offset of an audio stream.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Offset {
    Silence,
    /// Too short to measure.
    Unknown,
    Other,
    /// Seconds; positive is later than in the source.
    By(f64),
}

/// By how much `b` is later than `a`, apart from `shift` seconds.
fn offset(a: &AudioSpan, b: &AudioSpan, shift: f64) -> Offset {
    if a.samples.is_empty() && b.samples.is_empty() {
        return Offset::Silence;
    }
    // Compare a range that lies in both, whatever the offset within `MAX_OFFSET`.
    let (from, to) = (
        a.begin().max(b.begin() - shift),
        a.end().min(b.end() - shift),
    );
    let max_offset = MAX_OFFSET.min((to - from) / 4.0);
    let (middle, half) = (
        (from + to) / 2.0,
        ((to - from) / 2.0 - max_offset).min(MAX_COMPARED / 2.0),
    );
    if half < MIN_COMPARED / 2.0 {
        return Offset::Unknown;
    }
    let x = a.between(middle - half, middle + half);
    if !x.iter().any(|s| s.abs() > SILENCE) {
        return Offset::Silence;
    }
    let (early, late) = (
        middle - half + shift - max_offset,
        middle + half + shift + max_offset,
    );
    let y = b.between(early, late);
    // The sample grids of the two streams are not aligned.
    let place = |span: &AudioSpan, at: f64| {
        let sample = 1.0 / f64::from(RATE);
        span.begin() + ((at - span.begin()) / sample).round().max(0.0) * sample
    };
    let expected = place(a, middle - half) + shift - place(b, early);
    match best_lag(&x, &y, (expected * f64::from(RATE)).round() as usize) {
        None => Offset::Other,
        Some(lag) => Offset::By(lag / f64::from(RATE) - expected),
    }
}

/// The position in `y` where `x` fits best. Among equally good positions, the one nearest to `expected`. `None` if it
/// fits nowhere.
fn best_lag(x: &[f32], y: &[f32], expected: usize) -> Option<f64> {
    let coarse = |samples: &[f32]| -> Vec<f32> {
        let blocks = samples.chunks_exact(COARSE);
        blocks.map(|block| block.iter().sum::<f32>()).collect()
    };
    let (small_x, small_y) = (coarse(x), coarse(y));
    let last = small_y.len().checked_sub(small_x.len())?;
    let correlation: Vec<f64> = (0..=last)
        .map(|lag| correlation(&small_x, &small_y[lag..]))
        .collect();
    let distance = |lag: usize| (lag * COARSE).abs_diff(expected);
    let at = |lag: Option<usize>| lag.and_then(|lag| correlation.get(lag)).copied();
    let peak = |&lag: &usize| {
        let beside = [at(lag.checked_sub(1)), at(Some(lag + 1))];
        beside
            .iter()
            .flatten()
            .all(|&other| other <= correlation[lag])
    };
    // A tone has many peaks, and the coarse search cannot tell which is best.
    let mut places: Vec<usize> = (0..=last).filter(peak).collect();
    places.sort_by_key(|&lag| distance(lag));
    places.truncate(PEAKS);
    places.extend((0..=last).max_by(|&a, &b| correlation[a].total_cmp(&correlation[b])));
    let fine: Vec<(usize, f64)> = places
        .into_iter()
        .filter_map(|place| {
            let centre = place * COARSE;
            let first = centre.saturating_sub(2 * COARSE);
            (first..=(centre + 2 * COARSE).min(y.len() - x.len()))
                .map(|lag| (lag, self::correlation(x, &y[lag..])))
                .max_by(|a, b| a.1.total_cmp(&b.1))
        })
        .collect();
    let best = fine
        .iter()
        .map(|(_, correlation)| *correlation)
        .fold(f64::NEG_INFINITY, f64::max);
    let best_matches = fine
        .iter()
        .filter(|(_, correlation)| *correlation >= best - 0.02);
    let lag = best_matches
        .map(|(lag, _)| *lag)
        .min_by_key(|lag| lag.abs_diff(expected))?;
    (best >= MIN_CORRELATION).then_some(lag as f64)
}

/// Normalised correlation of `x` with the start of `y`: 1 means equal.
fn correlation(x: &[f32], y: &[f32]) -> f64 {
    let (mut xy, mut xx, mut yy) = (0f32, 0f32, 0f32);
    for (a, b) in x.iter().zip(y) {
        xy += a * b;
        xx += a * a;
        yy += b * b;
    }
    f64::from(xy) / (f64::from(xx) * f64::from(yy)).sqrt().max(1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(start: f64, skip: usize, count: usize) -> AudioSpan {
        let value = |i: usize| {
            let mut hash = i as u32;
            for _ in 0..2 {
                hash = (hash ^ hash >> 16).wrapping_mul(0x45d9_f3b3);
            }
            f32::from((hash >> 16) as i16) / 32768.0
        };
        // Smooth enough for the coarse search.
        let smooth = |i: usize| (0..12).map(|k| value(i + k)).sum::<f32>() / 12.0;
        AudioSpan {
            start,
            samples: (skip..skip + count).map(smooth).collect(),
            ..AudioSpan::default()
        }
    }

    /// A tone matches itself at every period (1/440 s is 2.27 ms); the nearest position is right.
    #[test]
    fn a_tone_is_not_taken_for_its_next_period() {
        let tone = |lateness: f64, count: usize| AudioSpan {
            start: 2.0,
            samples: (0..count)
                .map(|i| {
                    let at = i as f64 / f64::from(RATE) - lateness;
                    (at * 440.0 * std::f64::consts::TAU).sin() as f32
                })
                .collect(),
            ..AudioSpan::default()
        };
        for late in [0.0, 0.000_25, -0.000_25, 0.000_75] {
            match offset(&tone(0.0, 64_000), &tone(late, 63_000), 0.0) {
                Offset::By(seconds) => {
                    assert!((seconds - late).abs() < 1e-4, "{seconds} {late}")
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn an_offset_is_measured() {
        let a = noise(10.0, 0, 64_000);
        for (start, skip, expected) in [
            (10.0, 0, 0.0),
            (10.021, 0, 0.021),
            (9.9, 0, -0.1),
            // The same audio with its start missing.
            (10.05, 800, 0.0),
        ] {
            match offset(&a, &noise(start, skip, 60_000), 0.0) {
                Offset::By(seconds) => {
                    assert!((seconds - expected).abs() < 1e-4, "{seconds} {expected}")
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(
            offset(&a, &noise(10.0, 500_000, 64_000), 0.0),
            Offset::Other
        );
        let silent = AudioSpan {
            start: 10.0,
            samples: vec![0.0; 64_000].into(),
            ..AudioSpan::default()
        };
        assert_eq!(offset(&silent, &silent, 0.0), Offset::Silence);
        assert_eq!(offset(&a, &silent, 0.0), Offset::Other);
    }
}
