//! What a person asks of a job.

use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};

use super::{LowDisk, OutputStyle, Parallelism};
use crate::frame::Rational;
use crate::graph::gpu::Wanted;
use crate::graph::plan::Temporal;
use crate::media::{OutputOptions, TimeRange};

/// What to do about outputs that exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(rename = "looks")]
    pub styles: Vec<OutputStyle>,
    /// Of everything random.
    pub seed: u32,
    /// How styles are averaged over time.
    pub temporal: Temporal,
    #[serde(serialize_with = "in_words")]
    pub device: Wanted,
    /// Frames a second of an input that is an image sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<Rational>,
    /// The part of the input that is rendered; none is all of it.
    pub part: Option<TimeRange>,
    pub output: OutputOptions,
    /// Name of the preset that some of this is from.
    pub preset: Option<String>,
    /// `output` without what a preset adds, for containers that cannot hold the preset's codec.
    #[serde(skip)]
    pub output_elsewhere: Option<OutputOptions>,
    pub existing: Existing,
    /// Damage in the input is an error.
    pub strict: bool,
    /// How the job is run; the pictures do not depend on it.
    #[serde(skip)]
    pub job: JobOptions,
}

/// How long jobs are run.
#[derive(Clone, Debug)]
pub struct JobOptions {
    /// Seconds of a chunk; none renders in one piece.
    pub chunk: Option<u32>,
    /// Go on with what an earlier run has done; else begin anew.
    pub resume: bool,
    /// Where the job's folder goes; beside the output when none.
    pub work_dir: Option<PathBuf>,
    pub low_disk: LowDisk,
    /// Where the report goes; a job is done once it is written.
    pub report: Option<PathBuf>,
    /// Chunks that are rendered at a time, where none depends on the one before.
    pub workers: Parallelism,
    /// Jobs that are rendered at a time, this one among them.
    pub jobs: usize,
    /// What was asked for, in the words of whoever asked: kept in the job's folder, and given back by
    /// [`unfinished`](super::unfinished).
    pub request: Option<serde_json::Value>,
}

/// Seconds of a chunk, unless something else is asked for.
pub const CHUNK: u32 = 30;

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            chunk: Some(CHUNK),
            resume: true,
            work_dir: None,
            low_disk: LowDisk::default(),
            report: None,
            workers: Parallelism::default(),
            jobs: 1,
            request: None,
        }
    }
}

fn in_words<S: Serializer>(wanted: &Wanted, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(wanted)
}
