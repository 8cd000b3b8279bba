//! The report of a job, as JSON for programs and people.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::check_executors::ExecutorCheck;
use super::chunks::available;
use super::error::{RenderError, Result};
use super::naming::folder_of;
use super::output_meter::MetricsReport;
use super::output_styles::FollowedTrack;
use super::pipeline::Times;
use super::recipe::Recipe;
use super::settings::Settings;
use super::style_measures::StyleMeasure;
use super::watchdog::OutputAnomalies;
use crate::frame::Retiming;
use crate::graph::{Device, StepTime};
use crate::hardware::GpuSummary;
use crate::media::{
    Check, Counts, Damage, OutputFacts, OutputPlan, Pair, SourceInfo, Verdict, path_as_text,
};

/// The report of a job.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of aquatint.
    pub version: &'static str,
    pub input: SourceInfo,
    pub settings: Settings,
    /// The parameters that follow tracks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<FollowedTrack>,
    pub seed: u32,
    /// The last device, if it changed during the job. `None` if every output bypassed the graph.
    pub device: Option<Device>,
    pub frames_in: u64,
    /// Number of frames of each output; all outputs have the same number.
    pub frames_out: u64,
    pub damaged_frames: u64,
    pub damage: Damage,
    pub outputs: Vec<FileReport>,
    /// Outputs that were skipped because they exist.
    pub skipped: Vec<String>,
    /// Chunks of the job; `None` if it was rendered in a single pass.
    pub chunks: Option<Chunks>,
    /// The CPU and a GPU compared before the render, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executors: Option<ExecutorCheck>,
    /// Frames of the outputs that look as if the device had failed.
    pub anomalies: OutputAnomalies,
    pub seconds: Seconds,
    /// The card that rendered, read once a second; none where it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuSummary>,
    /// What the outputs lose compared with the source.
    pub degradations: Vec<String>,
    /// What was rendered again, and why.
    pub retries: Vec<String>,
    /// Choices that differ from the requested ones.
    pub fallbacks: Vec<String>,
    /// Choices that the input decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What ran neural models.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub engines: Vec<String>,
    /// Conversions of the decoder's pictures before the graph.
    pub conversions: Vec<String>,
    /// Assumptions about properties that the source does not state.
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

/// Writes one report or several as JSON, completely or not at all.
///
/// # Errors
/// `Unreported` if the disk is full or fails, or if the folder does not exist.
pub fn write_report(path: &Path, report: &impl Serialize) -> Result<()> {
    let folder = folder_of(path);
    let mut bytes = 0;
    let mut write = || {
        let text = serde_json::to_string_pretty(report)? + "\n";
        bytes = text.len() as u64;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: the process's mask takes away what it does.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
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

/// The report of one output.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    #[serde(serialize_with = "path_as_text")]
    pub path: PathBuf,
    pub look: String,
    pub plan: OutputPlan,
    pub counts: Counts,
    /// Properties of the finished file, read back from it.
    pub written: OutputFacts,
    /// What made it; none with `--no-recipe`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<RecipeReport>,
    pub fidelity: Fidelity,
    /// How far it drifts by itself, and what was taken back of that, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Value>,
    /// What first passes of its styles found, by style; those that tell nothing are left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub found_first: BTreeMap<String, Value>,
    /// What its styles measured of its frames.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<StyleMeasure>,
    /// Numbers of its frames before they were encoded, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<MetricsReport>,
    /// The complete output compared with its source, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Pair>,
    /// How the times of its frames follow from the source's; none where they are the same.
    #[serde(skip)]
    pub retimings: Vec<Retiming>,
}

/// What made an output.
#[derive(Clone, Debug, Serialize)]
pub struct RecipeReport {
    /// Whether it lies in the output as well: not every container has a place for it.
    pub in_file: bool,
    #[serde(flatten)]
    pub recipe: Recipe,
}

/// The comparison of an output with its source.
#[derive(Clone, Debug, Serialize)]
pub struct Fidelity {
    pub decoded: Times,
    /// The times that the output must have: those of the decoded frames, or at another frame rate, what follows from them.
    pub expected: Times,
    pub encoded: Times,
    /// Whether the numbers of expected frames, encoded frames and frames in the file are equal.
    pub frames_equal: bool,
    /// Whether the times of the encoded frames are the expected ones.
    pub times_equal: bool,
    /// Seconds from the start of the first frame to the end of the last one, in the source; `None` if the duration of a
    /// frame is unknown.
    pub duration_in: Option<f64>,
    pub duration_out: f64,
    pub duration_equal: bool,
    /// Comparison of the properties of the finished file with the source: pictures, streams, chapters and tags.
    pub checks: Vec<Check>,
}

impl Fidelity {
    /// Properties that differ from the source although the user did not ask for it.
    pub fn differences(&self) -> impl Iterator<Item = &Check> {
        let differs = |check: &&Check| check.verdict == Verdict::Differs;
        self.checks.iter().filter(differs)
    }
}

/// The chunks of a job.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chunks {
    pub chunks: usize,
    /// Number of chunks that an earlier run had finished.
    pub resumed: usize,
    /// The largest number of chunks rendered at a time.
    pub workers: usize,
    /// The folder of the chunks, where they are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<PathBuf>,
}

/// Seconds spent in this run; the stages overlap.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seconds {
    pub total: f64,
    pub compile: f64,
    pub decode: f64,
    pub compute: f64,
    /// Time spent in each step of the plan. A GPU does not measure it in a render; `aquatint bench` has it do so.
    pub steps: Vec<StepTime>,
    pub encode: f64,
    pub verify: f64,
}
