//! First passes: what styles with `[analyse]` measure of all frames before they are rendered, and the tracks that it
//! becomes.

mod first_pass;
mod looks;
mod progress;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::output_styles::OutputStyle;
use crate::graph::plan::StyleUse;
use crate::graph::reduce::{Reduced, ReducedTrack};
use crate::graph::style::{self, Interpolation, Track};

pub(super) use first_pass::FirstPass;
use looks::MeasuredPart;
pub(super) use looks::{MeasuredLook, is_complete, measured_look};
pub use progress::AnalysisProgress;

/// The tracks that first passes made: by output, by the style (counted among those of the output that measure), and by parameter. It is kept in the folder of a job, so that a job that
/// is resumed has the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Analysis {
    outputs: BTreeMap<String, BTreeMap<usize, BTreeMap<String, StoredTrack>>>,
    /// What reducers tell, by output and style.
    #[serde(default)]
    reports: BTreeMap<String, BTreeMap<String, Value>>,
}

/// A track of numbers. Numbers are stored as text, which is exact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StoredTrack {
    interpolation: Interpolation,
    keys: Vec<(String, String)>,
}

impl StoredTrack {
    fn of(track: &ReducedTrack) -> Self {
        let text = |(at, value): &(f64, f64)| (at.to_string(), value.to_string());
        Self {
            interpolation: track.interpolation,
            keys: track.keys.iter().map(text).collect(),
        }
    }

    fn track(&self) -> Track {
        let number = |text: &String| text.parse::<f64>().unwrap_or_default();
        let keys = self.keys.iter();
        let keys: Vec<_> = keys
            .map(|(at, value)| (number(at), number(value)))
            .collect();
        Track::of_numbers(self.interpolation, &keys)
    }
}

impl Analysis {
    /// Adds the tracks of the style `part` that `measured` is of. What it can be set to limits them.
    fn add(&mut self, measured: &MeasuredPart, part: &StyleUse, reduced: Reduced) {
        if !reduced.report.is_null() {
            let reports = self.reports.entry(measured.look.clone()).or_default();
            reports.insert(part.style.name.clone(), reduced.report);
        }
        let limited = |track: &ReducedTrack| {
            let param = part.style.params.iter();
            let mut param = param.filter(|param| param.name == track.param);
            let range = param.next().and_then(|param| param.range());
            let limit = |value: f64| range.map_or(value, |(min, max)| value.clamp(min, max));
            let keys = track.keys.iter().map(|(at, value)| (*at, limit(*value)));
            StoredTrack::of(&ReducedTrack {
                keys: keys.collect(),
                ..track.clone()
            })
        };
        let tracks = reduced.tracks.iter().filter(|track| !track.keys.is_empty());
        let tracks = tracks.map(|track| (track.param.to_owned(), limited(track)));
        let outputs = self.outputs.entry(measured.look.clone()).or_default();
        outputs.entry(measured.ordinal).or_default().extend(tracks);
    }

    /// What was told of the output called `look`, by style.
    pub fn reports(&self, look: &str) -> BTreeMap<String, Value> {
        self.reports.get(look).cloned().unwrap_or_default()
    }

    /// Sets what was measured in the styles of the output called `look`. What the user has set stays.
    pub fn apply(&self, look: &str, chain: &mut [StyleUse]) {
        let Some(styles) = self.outputs.get(look) else {
            return;
        };
        let measuring = chain.iter_mut().filter(|part| part.style.analyse.is_some());
        for (ordinal, part) in measuring.enumerate() {
            for (name, track) in styles.get(&ordinal).into_iter().flatten() {
                if part.values.is_unmeasured(name) {
                    let mut values = part.values.0.iter_mut();
                    if let Some((_, value)) = values.find(|(known, _)| known == name) {
                        *value = style::Value::Track(Box::new(track.track()));
                    }
                }
            }
        }
    }

    /// As [`Self::apply`], in what was asked for.
    pub fn apply_to(&self, look: &mut OutputStyle) {
        let name = look.name();
        if let OutputStyle::Chain(chain) = look {
            self.apply(&name, chain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_stored_exactly() {
        let track = ReducedTrack {
            param: "p",
            interpolation: Interpolation::Hold,
            keys: vec![(0.0, 0.1), (1.0 / 3.0, 2.002), (1001.0 / 24000.0, 1e-17)],
        };
        let stored = StoredTrack::of(&track);
        let text = serde_json::to_string(&stored).unwrap();
        let read: StoredTrack = serde_json::from_str(&text).unwrap();
        assert_eq!(
            read.track(),
            Track::of_numbers(Interpolation::Hold, &track.keys)
        );
    }
}
