//! `grain`: the profile of a file's grain, from how far frames are from those around them in flat and still places.
//!
//! Grain is taken to be white noise through a filter. Its spectrum is that of the measured correlation, and the filter that
//! makes it is the one with the square root of the spectrum at each frequency (compare Newson et al.: "A stochastic film grain
//! model for resolution-independent rendering", 2017, for where the correlation comes from).

use std::f64::consts::PI;

use serde_json::{Value, json};

use super::{FrameMeasures, Reduce, Reduced, ReducedTrack};
use crate::graph::style::Interpolation;

pub(super) const PARAMS: [&str; 21] = [
    "level_1", "level_2", "level_3", "level_4", "level_5", "level_6", "level_7", "level_8",
    "across_1", "across_2", "across_3", "across_4", "across_5", "down_1", "down_2", "down_3",
    "down_4", "down_5", "red", "blue", "lines",
];

/// Where the words lie, as shaders/grain/count.wgsl says.
const COLOURS: usize = 4;
const ACROSS: usize = 6;
const DOWN: usize = 11;
const BANDS: usize = 16;
const HEAD: usize = 48;
const TONES: usize = 8;
const LAGS: usize = 5;
/// Pixels of a square, and the side of it.
const PIXELS: f64 = 1024.0;
const SIDE: f64 = 32.0;
/// Steps of luma from black to white.
const WHITE: f64 = 1023.0;
/// A frame less the mean of those around, twice: power of the grain, times this.
const POWER: f64 = 6.0;

/// What the frames of a band say.
#[derive(Clone, Debug, Default)]
struct Band {
    squares: f64,
    luma: f64,
    /// Of each frame: the variance, and how many squares it is of.
    variances: Vec<(f64, f64)>,
}

/// Adds the frames of a file up.
#[derive(Debug)]
pub(super) struct Grain {
    /// Nothing is to be measured.
    idle: bool,
    begin: Option<f64>,
    rows: f64,
    sums: [f64; HEAD],
    bands: [Band; TONES],
}

impl Grain {
    pub fn new(mode: &str) -> Self {
        Self {
            idle: mode == "add",
            begin: None,
            rows: 0.0,
            sums: [0.0; HEAD],
            bands: Default::default(),
        }
    }

    /// The deviation in the middle of each band: linear between the tones that were measured. A band's own number is a mean
    /// over its tones, which flattens peaks: what such a mean takes away is put back.
    fn levels(&self) -> [f64; TONES] {
        let known = self.bands.iter().filter(|band| band.squares > 0.0);
        let known = known.map(|band| {
            (
                band.luma / band.squares / WHITE,
                median(&band.variances).max(0.0).sqrt() / WHITE,
            )
        });
        let known: Vec<(f64, f64)> = known.collect();
        let middle = |at: usize| (at as f64 + 0.5) / TONES as f64;
        let mut flat: [f64; TONES] = std::array::from_fn(|at| between(&known, middle(at)));
        // Beyond the outer middles the curve is level: it is what was measured there.
        if let Some((_, first)) = known.first().filter(|(tone, _)| *tone < middle(0)) {
            flat[0] = *first;
        }
        if let Some((_, last)) = known.last().filter(|(tone, _)| *tone > middle(TONES - 1)) {
            flat[TONES - 1] = *last;
        }
        std::array::from_fn(|at| match at {
            1..7 => (flat[at] + (2.0 * flat[at] - flat[at - 1] - flat[at + 1]) / 8.0).max(0.0),
            _ => flat[at],
        })
    }

    /// The profile, in the order of the parameters.
    fn profile(&self) -> [f64; PARAMS.len()] {
        let mut profile = [0.0; PARAMS.len()];
        profile[..TONES].copy_from_slice(&self.levels());
        profile[20] = self.rows.max(1.0);
        let squares = self.sums[2];
        let of_bands = |word: usize| {
            (0..TONES)
                .map(|band| self.sums[BANDS + 4 * band + word])
                .sum::<f64>()
        };
        let variance = of_bands(3) / (squares * PIXELS);
        if squares < 1.0 || variance <= 0.0 {
            profile[..20].fill(0.0);
            return profile;
        }
        let mut grain = 1.0;
        for (first, words) in [(8, ACROSS), (13, DOWN)] {
            let correlation: [f64; LAGS] = std::array::from_fn(|lag| {
                let pairs = squares * SIDE * (SIDE - 1.0 - lag as f64);
                self.sums[words + lag] / pairs / variance
            });
            let (correlation, share) = without_motion(correlation);
            grain *= share.sqrt();
            profile[first..first + LAGS].copy_from_slice(&weights(&correlation));
        }
        for level in &mut profile[..TONES] {
            *level *= f64::sqrt(grain);
        }
        for colour in 0..2 {
            let power = self.sums[COLOURS + colour] / (squares * PIXELS);
            profile[18 + colour] = (power / (grain * variance)).max(0.0).sqrt();
        }
        profile
    }
}

impl Reduce for Grain {
    fn frame(&mut self, frame: &FrameMeasures<'_>) {
        self.begin.get_or_insert(frame.seconds);
        let Some(words) = frame.measures.first().and_then(|words| words.get(..HEAD)) else {
            return;
        };
        self.rows = f64::from(words[1]);
        let signed = |word: usize| f64::from(words[word] as i32);
        for word in COLOURS..BANDS {
            self.sums[word] += 128.0 * signed(word);
        }
        self.sums[2] += signed(2);
        let mut even = 0.0;
        for (at, band) in self.bands.iter_mut().enumerate() {
            let first = BANDS + 4 * at;
            let squares = signed(first);
            if squares <= 0.0 {
                continue;
            }
            let (sum, power) = (signed(first + 2), 128.0 * signed(first + 3));
            // What a whole band has in common is light that flickers.
            let common = sum * sum / (squares * PIXELS);
            even += common;
            self.sums[first + 3] += power - common;
            band.squares += squares;
            band.luma += signed(first + 1);
            band.variances
                .push(((power - common) / (squares * PIXELS) / POWER, squares));
        }
        for words in [ACROSS, DOWN] {
            for lag in 0..LAGS {
                self.sums[words + lag] -= even * (SIDE - 1.0 - lag as f64) / SIDE;
            }
        }
    }

    fn finish(self: Box<Self>) -> Reduced {
        let Some(begin) = self.begin.filter(|_| !self.idle) else {
            let tracks = PARAMS.map(|param| ReducedTrack {
                param,
                interpolation: Interpolation::Hold,
                keys: Vec::new(),
            });
            return Reduced {
                tracks: tracks.into(),
                report: Value::Null,
            };
        };
        let profile = self.profile();
        let tracks = PARAMS
            .iter()
            .zip(profile)
            .map(|(param, value)| ReducedTrack {
                param,
                // One profile for the file.
                interpolation: Interpolation::Hold,
                keys: vec![(begin, value)],
            });
        let rounded = |value: f64| (value * 1e5).round() / 1e5;
        let told = PARAMS
            .iter()
            .zip(profile)
            .map(|(param, value)| ((*param).to_owned(), json!(rounded(value))));
        Reduced {
            tracks: tracks.collect(),
            report: json!({ "squares": self.sums[2], "profile": told.collect::<serde_json::Map<_, _>>() }),
        }
    }
}

/// The median of numbers with weights; 0 of none.
fn median(of: &[(f64, f64)]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sorted.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    let middle = sorted.iter().find(|(_, weight)| {
        below += weight;
        below >= half
    });
    middle.map_or(0.0, |(value, _)| *value)
}

/// The value at a place: linear between known ones; beyond them the line goes on for half a band and within half of the
/// nearest; 0 where there are none.
fn between(known: &[(f64, f64)], at: f64) -> f64 {
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return 0.0;
    };
    if known.len() == 1 {
        return first.1;
    }
    let after = known.iter().position(|(place, _)| *place >= at);
    let after = after.unwrap_or(known.len() - 1).max(1);
    let ((from, low), (to, high)) = (known[after - 1], known[after]);
    let reach = 0.5 / TONES as f64;
    let inside = at.clamp(first.0 - reach, last.0 + reach);
    let value = low + (high - low) * (inside - from) / (to - from).max(1e-9);
    let end = if at < first.0 { first.1 } else { last.1 };
    if at < first.0 || at > last.0 {
        value.clamp(0.5 * end, 1.5 * end)
    } else {
        value
    }
}

/// The correlation of the grain alone, and its share of the variance. What is alike over the largest distance is no grain, but
/// motion that the frames did not follow.
fn without_motion(correlation: [f64; LAGS]) -> ([f64; LAGS], f64) {
    let far = correlation[LAGS - 1].clamp(0.0, 0.95);
    (correlation.map(|r| (r - far) / (1.0 - far)), 1.0 - far)
}

/// Weights of white noise 1 to 5 places away, that of the own place being 1, whose sum has this correlation.
fn weights(correlation: &[f64; LAGS]) -> [f64; LAGS] {
    const FREQUENCIES: u32 = 256;
    let mut sums = [0.0; LAGS + 1];
    for frequency in 0..FREQUENCIES {
        let angle = PI * (f64::from(frequency) + 0.5) / f64::from(FREQUENCIES);
        let waves = correlation
            .iter()
            .zip(1..)
            .map(|(r, lag)| 2.0 * r * (f64::from(lag) * angle).cos());
        let root = (1.0 + waves.sum::<f64>()).max(0.0).sqrt();
        for (sum, lag) in sums.iter_mut().zip(0..) {
            *sum += root * (f64::from(lag) * angle).cos();
        }
    }
    std::array::from_fn(|lag| sums[lag + 1] / sums[0].max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_give_the_correlation_back() {
        let wanted = [0.584, 0.122, 0.01, 0.0, 0.0];
        let weights = weights(&wanted);
        let at = |lag: i32| match lag.unsigned_abs() as usize {
            0 => 1.0,
            lag => weights.get(lag - 1).copied().unwrap_or(0.0),
        };
        let product = |lag: i32| {
            (-9..=9)
                .map(|place| at(place) * at(place + lag))
                .sum::<f64>()
        };
        for (lag, wanted) in (1..).zip(wanted) {
            let made = product(lag) / product(0);
            assert!((made - wanted).abs() < 0.02, "{lag}: {made}");
        }
    }

    #[test]
    fn what_is_alike_far_away_is_no_grain() {
        let (grain, share) = without_motion([0.6, 0.4, 0.3, 0.3, 0.3]);
        assert!((share - 0.7).abs() < 1e-9);
        for (found, wanted) in grain.iter().zip([0.3 / 0.7, 0.1 / 0.7, 0.0, 0.0, 0.0]) {
            assert!((found - wanted).abs() < 1e-9, "{grain:?}");
        }
        let fine = [0.5, 0.1, 0.0, 0.0, 0.0];
        assert_eq!(without_motion(fine), (fine, 1.0));
    }

    #[test]
    fn white_noise_of_one_tone_is_found_and_nothing_is_nothing() {
        // Ten squares of tone 300 whose luma deviates by 20 steps.
        let mut words = vec![0u32; 440];
        (words[0], words[1], words[2]) = (480, 270, 10);
        let band = BANDS + 4 * 2;
        (words[band], words[band + 1]) = (10, 3000);
        words[band + 3] = (10.0 * PIXELS * POWER * 400.0 / 128.0) as u32;
        let profile = |words: Vec<u32>, mode: &str| {
            let mut grain = Box::new(Grain::new(mode));
            grain.frame(&FrameMeasures {
                seconds: 0.0,
                cut: true,
                measures: &[words],
                alone: None,
            });
            grain.finish().tracks
        };
        let found = profile(words, "restore");
        assert!(
            found[..8]
                .iter()
                .all(|level| (level.keys[0].1 - 20.0 / WHITE).abs() < 1e-6)
        );
        assert!(
            found[8..20]
                .iter()
                .all(|weight| weight.keys[0].1.abs() < 1e-6)
        );
        assert_eq!(found[20].keys[0].1, 270.0);
        let none = profile(vec![0; 440], "restore");
        assert!(none[..20].iter().all(|track| track.keys[0].1 == 0.0));
        assert!(
            profile(vec![0; 440], "add")
                .iter()
                .all(|track| track.keys.is_empty())
        );
    }
}
