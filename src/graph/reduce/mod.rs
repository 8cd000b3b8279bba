//! Reducers: the numbers that a first pass measured of each frame become tracks of parameters. Each is a small pure file;
//! a manifest names it in `[analyse]`.

mod levels;

use super::style::Interpolation;

/// What was measured of one frame.
#[derive(Clone, Debug)]
pub struct FrameMeasures<'a> {
    /// Time from the source's first frame, as tracks count it.
    pub seconds: f64,
    /// Whether a scene begins with it.
    pub cut: bool,
    /// The words of each measure, in the order of the manifest.
    pub measures: &'a [Vec<u32>],
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

    /// Makes the tracks, one for each parameter of the reducer.
    fn finish(self: Box<Self>) -> Vec<ReducedTrack>;
}

/// A reducer that manifests can name.
pub struct Reducer {
    pub name: &'static str,
    /// How many measures it reads.
    pub measures: usize,
    /// The parameters that it makes tracks for; they are numbers.
    pub params: &'static [&'static str],
    /// Starts a stream.
    pub start: fn() -> Box<dyn Reduce>,
}

impl std::fmt::Debug for Reducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// All reducers.
pub const REDUCERS: &[Reducer] = &[Reducer {
    name: "levels",
    measures: 1,
    params: &["black", "white"],
    start: || Box::new(levels::Levels::default()),
}];

/// The reducer called `name`.
pub fn reducer(name: &str) -> Option<&'static Reducer> {
    REDUCERS.iter().find(|reducer| reducer.name == name)
}
