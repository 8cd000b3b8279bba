//! What an analysis says about a file.

use serde::Serialize;

use crate::graph::style::Stage;

/// One statement about a file. Every kind that was looked for has one, found or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// A word with underscores: `letterbox`, `dropped_lines`.
    pub kind: &'static str,
    pub found: bool,
    /// How strong it is, in `unit`; 0 where it was not found and is a defect.
    pub severity: f64,
    /// The unit of `severity`: "codes of 255", "px", "% of frames".
    pub unit: &'static str,
    /// How sure it is that `found` is right, 0 to 1.
    pub confidence: f64,
    /// Seconds of the worst places, the worst first; at most [`MOST_PLACES`].
    pub at: Vec<f64>,
    /// The part of the picture it is about: left, top, width, height in pixels.
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub area: Option<[u32; 4]>,
    /// Where the part changes: what it is when, in the order of time. The box above holds for all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<Part>,
    /// One sentence for people, with the numbers.
    pub words: String,
    /// The style that mends it, where there is one.
    pub mends: Option<String>,
    /// Where that style stands among others that mend.
    #[serde(skip)]
    pub stage: Option<Stage>,
    /// What else was measured, by name, for programs.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub details: serde_json::Map<String, serde_json::Value>,
}

/// A part of the picture from one time to another, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub from: f64,
    pub to: f64,
    /// Left, top, width, height in pixels.
    #[serde(rename = "box")]
    pub area: [u32; 4],
}

/// How many places a finding names.
pub const MOST_PLACES: usize = 5;

impl Finding {
    /// That `kind` was looked for and is not there; `confidence` as in the field.
    pub fn absent(kind: &'static str, unit: &'static str, confidence: f64, words: &str) -> Self {
        Self {
            kind,
            found: false,
            severity: 0.0,
            unit,
            confidence,
            at: Vec::new(),
            area: None,
            boxes: Vec::new(),
            mends: None,
            stage: None,
            words: words.to_owned(),
            details: serde_json::Map::new(),
        }
    }
}

/// The worst places of something: times with a strength, of which the strongest are kept.
#[derive(Clone, Debug, Default)]
pub struct Worst(Vec<(f64, f64)>);

impl Worst {
    /// Adds a place at `time` seconds of this `strength`.
    pub fn add(&mut self, strength: f64, time: f64) {
        let at = self.0.partition_point(|(kept, _)| *kept >= strength);
        self.0.insert(at, (strength, time));
        self.0.truncate(MOST_PLACES);
    }

    /// The times, the strongest first.
    pub fn times(&self) -> Vec<f64> {
        self.0.iter().map(|(_, time)| *time).collect()
    }
}
