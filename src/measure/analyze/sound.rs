//! The sound of a file: how loud it is, and what is wrong with it.

use ebur128::{EbuR128, Mode};
use serde_json::json;

use super::finding::{Finding, Worst};
use crate::media::{Sound, SourceInfo};
use crate::render::{Cancel, RenderError, Result};

/// Samples at least this large, of 1, are clipped where several follow each other.
const CLIPPED: f32 = 0.999;
/// So many clipped samples in a row are heard.
const CLIPPED_RUN: usize = 3;
/// Programmes of television lie at −23 LUFS (EBU R 128); on the web, −14 is usual. What is far from both is named.
const LOUDNESS: std::ops::RangeInclusive<f64> = -27.0..=-12.0;
/// Quieter than this, in decibels of full scale, is silence.
const SILENCE: f64 = -60.0;
/// Silence is named from this length on, in seconds.
const LEAST_SILENCE: f64 = 2.0;

/// Measures the sound of the file that `info` describes: kinds `loudness`, `clipped_sound`, `silence`, `no_sound`.
///
/// # Errors
/// Those of [`Sound`]; `Cancelled`.
pub fn sound(info: &SourceInfo, cancel: &Cancel) -> Result<Vec<Finding>> {
    let Some(mut sound) = Sound::open(info)? else {
        return Ok(vec![none(true)]);
    };
    let (channels, rate) = (sound.channels.max(1), sound.rate);
    let Ok(mut meter) = EbuR128::new(channels, rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK) else {
        return Ok(vec![none(true)]);
    };
    let mut listener = Listener::new(channels as usize, f64::from(rate));
    while let Some(samples) = sound.read()? {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        let whole = samples.len() - samples.len() % channels as usize;
        // A meter of this many channels takes whole samples of them.
        let _ = meter.add_frames_f32(&samples[..whole]);
        listener.begin(sound.start.unwrap_or(0.0));
        listener.hear(&samples[..whole]);
    }
    if listener.samples == 0 {
        return Ok(vec![none(true)]);
    }
    let peaks = (0..channels).filter_map(|channel| meter.true_peak(channel).ok());
    let peak = peaks.fold(0.0, f64::max);
    Ok(vec![
        none(false),
        loudness(&meter, peak),
        listener.clipped(),
        listener.silence(),
    ])
}

fn none(found: bool) -> Finding {
    let words = match found {
        true => "there is no sound that can be decoded",
        false => "there is sound",
    };
    Finding {
        found,
        severity: f64::from(u8::from(found)),
        ..Finding::absent("no_sound", "streams", 1.0, words)
    }
}

fn loudness(meter: &EbuR128, peak: f64) -> Finding {
    let loudness = meter.loudness_global().unwrap_or(f64::NEG_INFINITY);
    let range = meter.loudness_range().unwrap_or(0.0);
    let peak = 20.0 * peak.max(1e-10).log10();
    if !loudness.is_finite() {
        return Finding::absent(
            "loudness",
            "LU",
            0.5,
            "the sound is too quiet or too short to be measured",
        );
    }
    let outside = match loudness {
        low if low < *LOUDNESS.start() => LOUDNESS.start() - low,
        high if high > *LOUDNESS.end() => high - LOUDNESS.end(),
        _ => 0.0,
    };
    let judged = match (outside > 0.0, loudness < *LOUDNESS.start()) {
        (false, _) => "usual",
        (true, true) => "quiet",
        (true, false) => "loud",
    };
    let mut finding = Finding::absent("loudness", "LU", 0.9, "");
    finding.found = outside > 0.0;
    finding.severity = outside;
    finding.words = format!(
        "{judged}: {loudness:.1} LUFS, range {range:.1} LU, true peak {peak:.1} dB (EBU R 128 asks for -23 LUFS, and for peaks below -1 dB)"
    );
    let details = [
        ("integrated_lufs", loudness),
        ("range_lu", range),
        ("true_peak_db", peak),
    ];
    for (name, value) in details {
        finding.details.insert(name.to_owned(), json!(value));
    }
    finding
}

/// Listens for clipped samples and for silence.
struct Listener {
    channels: usize,
    rate: f64,
    start: f64,
    /// Samples heard, of each channel.
    samples: u64,
    /// Clipped samples in a row, by channel.
    runs: Vec<usize>,
    clipped: u64,
    clipped_at: Worst,
    /// Clipped samples of the second that is heard.
    in_this_second: u64,
    /// Samples of silence so far.
    quiet: u64,
    silent: f64,
    silent_at: Worst,
}

impl Listener {
    fn new(channels: usize, rate: f64) -> Self {
        Self {
            channels,
            rate,
            start: 0.0,
            samples: 0,
            runs: vec![0; channels],
            clipped: 0,
            clipped_at: Worst::default(),
            in_this_second: 0,
            quiet: 0,
            silent: 0.0,
            silent_at: Worst::default(),
        }
    }

    fn begin(&mut self, start: f64) {
        self.start = start;
    }

    fn time(&self) -> f64 {
        self.start + self.samples as f64 / self.rate
    }

    fn hear(&mut self, samples: &[f32]) {
        let least = 10f64.powf(SILENCE / 20.0) as f32;
        let second = self.rate as u64;
        for sample in samples.chunks_exact(self.channels) {
            let mut loud = false;
            for (run, value) in self.runs.iter_mut().zip(sample) {
                loud |= value.abs() > least;
                *run = if value.abs() >= CLIPPED { *run + 1 } else { 0 };
                if *run >= CLIPPED_RUN {
                    self.clipped += 1;
                    self.in_this_second += 1;
                }
            }
            match loud {
                true => self.end_of_silence(),
                false => self.quiet += 1,
            }
            self.samples += 1;
            if self.samples.is_multiple_of(second) {
                self.end_of_second();
            }
        }
    }

    fn end_of_second(&mut self) {
        if self.in_this_second > 0 {
            let at = (self.time() - 1.0).max(self.start);
            self.clipped_at.add(self.in_this_second as f64, at);
        }
        self.in_this_second = 0;
    }

    fn end_of_silence(&mut self) {
        let length = self.quiet as f64 / self.rate;
        if length >= LEAST_SILENCE {
            self.silent += length;
            let begin = self.time() - length;
            self.silent_at.add(length, begin);
        }
        self.quiet = 0;
    }

    fn clipped(&mut self) -> Finding {
        self.end_of_second();
        let all = self.samples * self.channels as u64;
        let share = 1e6 * self.clipped as f64 / all as f64;
        // A handful of full samples is no distortion that is heard.
        let found = share > 10.0;
        let words = match found {
            true => format!(
                "{} samples lie at the end of the range in runs",
                self.clipped
            ),
            false => "few samples or none lie at the end of the range".to_owned(),
        };
        let mut finding = Finding::absent("clipped_sound", "samples of a million", 0.8, &words);
        if found {
            (finding.found, finding.severity) = (true, share);
            finding.at = self.clipped_at.times();
        }
        finding
    }

    fn silence(&mut self) -> Finding {
        self.end_of_silence();
        let found = self.silent > 0.0;
        let words = match found {
            true => format!(
                "{:.1} s are silent, in parts of {LEAST_SILENCE} s or longer",
                self.silent
            ),
            false => format!("no {LEAST_SILENCE} s are silent"),
        };
        let mut finding = Finding::absent("silence", "s", 0.9, &words);
        (finding.found, finding.severity) = (found, self.silent);
        finding.at = self.silent_at.times();
        finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(samples: impl Iterator<Item = f32>) -> Listener {
        let mut listener = Listener::new(1, 1000.0);
        let samples: Vec<f32> = samples.collect();
        samples.chunks(77).for_each(|part| listener.hear(part));
        listener
    }

    #[test]
    fn runs_of_full_samples_are_clipped() {
        let sine =
            |gain: f32| (0..5000).map(move |n| (gain * (n as f32 * 0.05).sin()).clamp(-1.0, 1.0));
        assert!(!heard(sine(0.9)).clipped().found);
        let found = heard(sine(1.5)).clipped();
        assert!(found.found && found.severity > 1e5, "{found:?}");
        assert_eq!(found.at.len(), 5);
    }

    #[test]
    fn long_silence_is_named_with_its_time() {
        let sound = (0..9000).map(|n| if (2000..5500).contains(&n) { 0.0 } else { 0.3 });
        let found = heard(sound).silence();
        assert_eq!((found.severity, found.at), (3.5, vec![2.0]));
        let short = (0..9000).map(|n| if n % 2000 < 1500 { 0.0 } else { 0.3 });
        assert!(!heard(short).silence().found);
    }
}
