//! What a job did, for machines and for people who compare.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::check_executors::ExecutorCheck;
use super::chunks::available;
use super::error::{RenderError, Result};
use super::naming::folder_of;
use super::pipeline::Times;
use super::settings::Settings;
use super::watchdog::OutputAnomalies;
use crate::graph::{Device, StepTime};
use crate::media::{
    Check, Counts, Damage, OutputFacts, OutputPlan, Pair, SourceInfo, Verdict, path_as_text,
};

/// What a job did.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// aquatint's version.
    pub version: &'static str,
    pub input: SourceInfo,
    pub settings: Settings,
    pub seed: u32,
    /// The last one, where it had to be changed. None where every output bypassed the graph.
    pub device: Option<Device>,
    pub frames_in: u64,
    /// Frames of each output; all have the same.
    pub frames_out: u64,
    pub damaged_frames: u64,
    pub damage: Damage,
    pub outputs: Vec<FileReport>,
    /// Outputs left alone because they exist.
    pub skipped: Vec<String>,
    /// How it went in chunks; none where it was rendered in one piece.
    pub chunks: Option<Chunks>,
    /// The CPU and a GPU compared before the render, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executors: Option<ExecutorCheck>,
    /// Frames of the outputs that look as if the device had failed.
    pub anomalies: OutputAnomalies,
    pub seconds: Seconds,
    /// What the results lose against the source.
    pub degradations: Vec<String>,
    /// What was rendered again, and why.
    pub retries: Vec<String>,
    /// Where something else was used than what was wished for.
    pub fallbacks: Vec<String>,
    /// What was done to the decoder's pictures before the graph.
    pub conversions: Vec<String>,
    /// What was assumed where the source does not say.
    pub assumptions: Vec<String>,
    pub warnings: Vec<String>,
}

impl Report {
    /// Whether verifying an output found a difference that was not asked for.
    pub fn differs(&self) -> bool {
        let pairs = self
            .outputs
            .iter()
            .filter_map(|file| file.verified.as_ref());
        pairs.into_iter().any(|pair| !pair.holds)
    }

    /// Writes it to where it was asked for, if it was.
    ///
    /// # Errors
    /// `Unreported`.
    pub(super) fn hand_over(self, path: Option<&Path>) -> Result<Self> {
        if let Some(path) = path {
            write_report(path, &self)?;
        }
        Ok(self)
    }
}

/// Writes a report, or several, as JSON: whole or not at all.
///
/// # Errors
/// `Unreported` when the disk is full or fails, or the folder is not there.
pub fn write_report(path: &Path, report: &impl Serialize) -> Result<()> {
    let folder = folder_of(path);
    let mut bytes = 0;
    let mut write = || {
        let text = serde_json::to_string_pretty(report)? + "\n";
        bytes = text.len() as u64;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error: io::Error| RenderError::Unreported {
        path: path.into(),
        room: available(folder).map(|free| (free, bytes)),
        error,
    })
}

/// One output.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    #[serde(serialize_with = "path_as_text")]
    pub path: PathBuf,
    pub look: String,
    pub plan: OutputPlan,
    pub counts: Counts,
    /// What the finished file was found to hold.
    pub written: OutputFacts,
    pub fidelity: Fidelity,
    /// The complete output compared with its source, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Pair>,
}

/// What was compared, and found.
#[derive(Clone, Debug, Serialize)]
pub struct Fidelity {
    pub decoded: Times,
    pub encoded: Times,
    /// As many frames were encoded as decoded, and the file holds as many.
    pub frames_equal: bool,
    /// All times went to the encoder as they came from the decoder.
    pub times_equal: bool,
    /// Seconds from the first frame's start to the last one's end, in the source; none where a frame's length is unknown.
    pub duration_in: Option<f64>,
    pub duration_out: f64,
    pub duration_equal: bool,
    /// What the finished file says of its pictures, streams, chapters and tags, against the source.
    pub checks: Vec<Check>,
}

impl Fidelity {
    /// What the finished file does not say as the source does, though nobody asked for that.
    pub fn differences(&self) -> impl Iterator<Item = &Check> {
        let differs = |check: &&Check| check.verdict == Verdict::Differs;
        self.checks.iter().filter(differs)
    }
}

/// A job in chunks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chunks {
    pub chunks: usize,
    /// Chunks that an earlier run had done.
    pub resumed: usize,
    /// Most that were rendered at a time.
    pub workers: usize,
    /// The folder of the chunks, where they are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<PathBuf>,
}

/// Where the time of this run went; the stages overlap.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seconds {
    pub total: f64,
    pub compile: f64,
    pub decode: f64,
    pub compute: f64,
    /// Of each step of the plan.
    pub steps: Vec<StepTime>,
    pub encode: f64,
    pub verify: f64,
}
