//! Reducers: the numbers that a first pass measured of each frame become tracks of parameters. Each is a small pure file;
//! a manifest names it in `[analyse]`.

mod align;
mod cells;
mod consistency;
mod deflicker;
mod equations;
mod grain;
mod levels;
mod smooth;
mod steady;

use serde_json::Value;

use super::style::{self, Interpolation, Values};

/// What was measured of one frame.
#[derive(Clone, Debug)]
pub struct FrameMeasures<'a> {
    /// Time from the source's first frame, as tracks count it.
    pub seconds: f64,
    /// Whether a scene begins with it.
    pub cut: bool,
    /// The words of each measure, in the order of the manifest.
    pub measures: &'a [Vec<u32>],
    /// The same where the frame is rendered alone, as if it were the first of all: of the frames at which a reducer asks for it.
    pub alone: Option<&'a [Vec<u32>]>,
}

/// A track that a reducer made.
#[derive(Clone, Debug, PartialEq)]
pub struct ReducedTrack {
    /// The parameter that follows it.
    pub param: &'static str,
    pub interpolation: Interpolation,
    /// Seconds from the source's first frame, and the value; times increase. Empty where there were no frames.
    pub keys: Vec<(f64, f64)>,
}

/// Takes the frames of a stream one after the other.
pub trait Reduce {
    /// Takes the next frame.
    fn frame(&mut self, frame: &FrameMeasures<'_>);

    /// Makes the tracks, one for each parameter of the reducer, and what is told of them.
    fn finish(self: Box<Self>) -> Reduced;
}

/// What a reducer makes of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduced {
    pub tracks: Vec<ReducedTrack>,
    /// For the report of the job; null where there is nothing to tell.
    pub report: Value,
}

/// A reducer that manifests can name.
pub struct Reducer {
    pub name: &'static str,
    /// How many measures it reads.
    pub measures: usize,
    /// The parameters that it makes tracks for; they are numbers.
    pub params: &'static [&'static str],
    /// Parameters that it reads.
    pub options: &'static [&'static str],
    /// Seconds from one frame to the next that is rendered alone, too, besides the first frame of each scene; `None` where none
    /// is.
    pub alone_every: Option<f64>,
    /// Starts a stream, for a style with these values.
    pub start: fn(&Values) -> Box<dyn Reduce>,
}

impl std::fmt::Debug for Reducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// All reducers.
pub const REDUCERS: &[Reducer] = &[
    Reducer {
        name: "consistency",
        measures: 1,
        params: &[
            "gain_r", "gain_g", "gain_b", "offset_r", "offset_g", "offset_b", "grain",
        ],
        options: &["bound"],
        alone_every: Some(2.0),
        start: |values| Box::new(consistency::Consistency::new(number(values, "bound"))),
    },
    Reducer {
        name: "deflicker",
        measures: 1,
        params: &deflicker::PARAMS,
        options: &["seconds"],
        alone_every: None,
        start: |values| Box::new(deflicker::Deflicker::new(number(values, "seconds"))),
    },
    Reducer {
        name: "grain",
        measures: 1,
        params: &grain::PARAMS,
        options: &["mode"],
        alone_every: None,
        start: |values| Box::new(grain::Grain::new(choice(values, "mode"))),
    },
    Reducer {
        name: "levels",
        measures: 1,
        params: &["black", "white"],
        options: &[],
        alone_every: None,
        start: |_| Box::new(levels::Levels::default()),
    },
    Reducer {
        name: "steady",
        measures: 1,
        params: &steady::PARAMS,
        options: &["mode", "seconds", "border", "limit"],
        alone_every: None,
        start: |values| {
            Box::new(steady::Steady::new(steady::Wanted {
                turns: choice(values, "mode") == "shake",
                seconds: number(values, "seconds"),
                crop: choice(values, "border") == "crop",
                limit: number(values, "limit"),
            }))
        },
    },
];

/// The number that a parameter has; 0 where it has none.
fn number(values: &Values, name: &str) -> f64 {
    match values.get(name) {
        Some(style::Value::Number(number)) => *number,
        _ => 0.0,
    }
}

/// The name that a choice has; empty where there is none.
fn choice<'a>(values: &'a Values, name: &str) -> &'a str {
    match values.get(name) {
        Some(style::Value::Choice(choice)) => &choice.name,
        _ => "",
    }
}

/// The reducer called `name`.
pub fn reducer(name: &str) -> Option<&'static Reducer> {
    REDUCERS.iter().find(|reducer| reducer.name == name)
}
