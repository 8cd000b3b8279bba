//! What a person asks of a job.

use serde::{Serialize, Serializer};

use super::Look;
use crate::graph::gpu::Wanted;
use crate::media::{OutputOptions, TimeRange};

/// What to do about outputs that exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Existing {
    #[default]
    Refuse,
    /// At the very end, when the new one is complete.
    Replace,
    /// Leave them and render the others.
    Skip,
}

/// Everything that is asked for besides input and outputs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Settings {
    /// One output each.
    pub looks: Vec<Look>,
    /// Of everything random.
    pub seed: u32,
    #[serde(serialize_with = "in_words")]
    pub device: Wanted,
    /// The part of the input that is rendered; none is all of it.
    pub part: Option<TimeRange>,
    pub output: OutputOptions,
    pub existing: Existing,
    /// Damage in the input is an error.
    pub strict: bool,
}

fn in_words<S: Serializer>(wanted: &Wanted, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(wanted)
}
