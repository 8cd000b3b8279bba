//! Recorded sessions: readings of cards, one after the other, as JSON. They stand for cards that this machine does not
//! have.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{GpuFacts, GpuMonitor, GpuReading, HardwareError};

/// A recorded session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// Where it comes from.
    #[serde(default)]
    pub note: String,
    /// Milliseconds between two readings.
    pub interval_ms: u64,
    pub gpus: Vec<RecordedGpu>,
}

/// The readings of one card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedGpu {
    pub facts: GpuFacts,
    /// In the order of time; at least one.
    pub readings: Vec<GpuReading>,
}

impl Recording {
    /// The recording in the file `path`.
    ///
    /// # Errors
    /// `Recording` where it cannot be read, is no recording, or has a card without readings.
    pub fn load(path: &Path) -> Result<Self, HardwareError> {
        let failed = |why: String| HardwareError::Recording {
            path: path.into(),
            why,
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let recording: Self =
            serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
        if recording.interval_ms == 0 {
            return Err(failed("interval_ms must be 1 or more".to_owned()));
        }
        match recording.gpus.iter().find(|gpu| gpu.readings.is_empty()) {
            Some(gpu) => Err(failed(format!("{} has no readings", gpu.facts.name))),
            None => Ok(recording),
        }
    }

    /// Records all cards of `monitor`, with so many readings of each.
    ///
    /// # Errors
    /// `Reading` where a card cannot be read.
    pub fn take(monitor: &dyn GpuMonitor, readings: usize) -> Result<Self, HardwareError> {
        let interval = monitor.interval();
        let card = |facts| RecordedGpu {
            facts,
            readings: Vec::new(),
        };
        let mut gpus: Vec<RecordedGpu> = monitor.gpus().into_iter().map(card).collect();
        for round in 0..readings.max(1) {
            if round > 0 {
                std::thread::sleep(interval);
            }
            for (index, gpu) in gpus.iter_mut().enumerate() {
                gpu.readings.push(monitor.read(index)?);
            }
        }
        Ok(Self {
            note: format!("recorded by aquatint {}", env!("CARGO_PKG_VERSION")),
            interval_ms: u64::try_from(interval.as_millis()).unwrap_or(1000).max(1),
            gpus,
        })
    }
}

/// Plays a recording: each reading of a card gives the next one, and after the last one that again.
pub struct Replay {
    recording: Recording,
    /// How many readings of each card were taken.
    taken: Mutex<Vec<usize>>,
}

impl Replay {
    pub fn new(recording: Recording) -> Self {
        Self {
            taken: Mutex::new(vec![0; recording.gpus.len()]),
            recording,
        }
    }
}

impl GpuMonitor for Replay {
    fn gpus(&self) -> Vec<GpuFacts> {
        let gpus = self.recording.gpus.iter();
        gpus.map(|gpu| gpu.facts.clone()).collect()
    }

    fn read(&self, index: usize) -> Result<GpuReading, HardwareError> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let gpu = self.recording.gpus.get(index);
        let reading = gpu.and_then(|gpu| {
            let at = taken[index].min(gpu.readings.len().checked_sub(1)?);
            taken[index] += 1;
            gpu.readings.get(at).cloned()
        });
        reading.ok_or_else(|| HardwareError::Reading {
            gpu: index.to_string(),
            why: "the recording has no such card".to_owned(),
        })
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(self.recording.interval_ms)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The session that is kept with the source. It was written by hand.
    pub fn session() -> Recording {
        serde_json::from_str(include_str!("session.json")).unwrap()
    }

    #[test]
    fn a_recording_plays_as_it_was_taken() {
        let session = session();
        let replay = Replay::new(session.clone());
        let count = session.gpus[0].readings.len();
        assert!(count > 10);
        for expected in &session.gpus[0].readings {
            assert_eq!(&replay.read(0).unwrap(), expected);
        }
        // The last one stays.
        assert_eq!(
            Some(&replay.read(0).unwrap()),
            session.gpus[0].readings.last()
        );
        assert!(
            replay
                .read(9)
                .unwrap_err()
                .to_string()
                .contains("no such card")
        );
        let fast = Recording {
            interval_ms: 1,
            ..session.clone()
        };
        let again = Recording::take(&Replay::new(fast), count).unwrap();
        assert_eq!(again.gpus, session.gpus);
    }

    #[test]
    fn what_is_no_recording_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        for (text, part) in [
            ("nonsense", "expected"),
            ("{\"interval_ms\": 0, \"gpus\": []}", "1 or more"),
            (
                "{\"interval_ms\": 9, \"gpus\": [], \"x\": 1}",
                "unknown field",
            ),
            (
                "{\"interval_ms\": 9, \"gpus\": [{\"facts\": {\"name\": \"A\", \"memory\": 1}, \"readings\": []}]}",
                "A has no readings",
            ),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Recording::load(&path).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(Recording::load(&folder.path().join("none.json")).is_err());
    }

    /// What NVML says of a real card is read: a render began and ended within these twelve seconds.
    #[test]
    fn a_session_of_a_real_card_is_read() {
        let session: Recording = serde_json::from_str(include_str!("h100.json")).unwrap();
        let [card] = &session.gpus[..] else {
            panic!("{session:?}");
        };
        assert_eq!(card.facts.pci.as_deref(), Some("0000:00:06.0"));
        assert_eq!(card.readings.len(), 13);
        let used = |at: usize| card.readings[at].memory_used.unwrap();
        assert!(used(2) > 2 * used(0) && used(12) == used(0));
        for reading in &card.readings {
            assert!((30..60).contains(&reading.temperature.unwrap()));
            assert!((50.0..300.0).contains(&reading.power.unwrap()));
        }
    }
}
