//! What the readings of a card come to over a job.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{GpuFacts, GpuReading, Throttle};

/// What was read of a card while a job ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GpuSummary {
    #[serde(flatten)]
    pub facts: GpuFacts,
    /// Number of readings.
    pub readings: u64,
    /// Bytes of its memory in use, by all programs.
    pub memory_used: Option<Range>,
    /// Degrees Celsius.
    pub temperature: Option<Range>,
    /// Percent.
    pub utilisation: Option<Range>,
    /// Watts.
    pub power: Option<Range>,
    /// The largest number of sessions of its video encoder.
    pub encoder_sessions: Option<u32>,
    /// Number of readings at which its clocks were held down, by the reason.
    pub throttled: BTreeMap<Throttle, u64>,
    /// Seconds in which the job waited for it to cool.
    pub paused_s: f64,
    /// The smallest number of frames that the job had in flight.
    pub frames_in_flight: usize,
}

/// The largest value of several, and their mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Range {
    pub max: f64,
    pub mean: f64,
    #[serde(skip)]
    count: u64,
}

impl Range {
    fn add(range: &mut Option<Self>, value: Option<f64>) {
        let Some(value) = value else { return };
        let known = range.get_or_insert_with(|| Self {
            max: value,
            ..Self::default()
        });
        known.count += 1;
        known.max = known.max.max(value);
        known.mean += (value - known.mean) / known.count as f64;
    }
}

impl GpuSummary {
    pub(super) fn new(facts: GpuFacts) -> Self {
        Self {
            facts,
            frames_in_flight: super::FRAMES_IN_FLIGHT,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, reading: &GpuReading) {
        self.readings += 1;
        Range::add(
            &mut self.memory_used,
            reading.memory_used.map(|it| it as f64),
        );
        Range::add(&mut self.temperature, reading.temperature.map(f64::from));
        Range::add(&mut self.utilisation, reading.utilisation.map(f64::from));
        Range::add(&mut self.power, reading.power);
        self.encoder_sessions = self.encoder_sessions.max(reading.encoder_sessions);
        for why in &reading.throttled {
            *self.throttled.entry(*why).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recording::tests::session;
    use super::*;

    #[test]
    fn maxima_and_means_of_the_recorded_session() {
        let session = session();
        let gpu = &session.gpus[0];
        let mut summary = GpuSummary::new(gpu.facts.clone());
        gpu.readings.iter().for_each(|reading| summary.add(reading));
        assert_eq!(summary.readings, gpu.readings.len() as u64);
        let degrees: Vec<f64> = gpu
            .readings
            .iter()
            .filter_map(|reading| reading.temperature.map(f64::from))
            .collect();
        let mean = degrees.iter().sum::<f64>() / degrees.len() as f64;
        let temperature = summary.temperature.unwrap();
        assert_eq!(temperature.max, 91.0);
        assert!((temperature.mean - mean).abs() < 1e-9, "{temperature:?}");
        assert_eq!(summary.encoder_sessions, Some(1));
        assert_eq!(summary.throttled[&Throttle::SoftwareThermal], 2);
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(json["name"], "NVIDIA GeForce RTX 3070");
        assert_eq!(json["throttled"]["software-thermal"], 2);
    }
}
