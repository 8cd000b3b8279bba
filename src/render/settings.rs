//! Settings of a job: a request with everything decided that does not depend on the input.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use super::{
    FollowedTrack, Moment, Newest, OutputMetrics, OutputStyle, Parallelism, RenderRequest, Sizing,
    job_folder,
};
use crate::frame::Rational;
use crate::graph::gpu::{GpuPool, Wanted};
use crate::graph::plan::Temporal;
use crate::hardware::Tier;
use crate::media::{AspectChanges, Decode, OutputOptions, Pattern, Reading, TimeRange};
use crate::neural::EngineChoice;

/// What to do about outputs that exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Existing {
    #[default]
    Refuse,
    /// Replace them, when the new ones are complete.
    Replace,
    /// Skip them, and render the others.
    Skip,
}

/// What to do when there is too little room for the next chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LowDisk {
    /// Wait until there is more.
    #[default]
    Pause,
    /// Stop; finished chunks are kept.
    Fail,
}

/// A parameter that is set by what is found in the input.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenParam {
    pub style: String,
    pub param: String,
    /// The kind of finding, by its name in `aquatint analyze`, and the detail of it that is the value.
    pub kind: String,
    pub detail: String,
    /// Its value where that is not found, as it is written.
    pub default: String,
}

/// Everything that shapes a job, apart from its input and where its outputs go.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Settings {
    /// One output each.
    #[serde(rename = "looks")]
    pub styles: Vec<OutputStyle>,
    /// Parameters that nobody has set, and that findings of an analysis of the input set.
    #[serde(skip)]
    pub open: Vec<OpenParam>,
    /// The styles of an image sequence that is read at the rate for the output, where none was named.
    #[serde(skip)]
    pub styles_of_sequence: Option<Vec<OutputStyle>>,
    /// Seed for noise and grain.
    pub seed: u32,
    /// The size of every output; `None` is the source's, or what the styles make of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Sizing>,
    /// Change the size of interlaced pictures as if they were progressive.
    #[serde(skip)]
    pub interlaced_anyway: bool,
    /// How styles are averaged over time.
    pub temporal: Temporal,
    #[serde(serialize_with = "in_words")]
    pub device: Wanted,
    /// What runs neural models.
    pub engine: EngineChoice,
    /// Frames per second of an input that is an image sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_fps: Option<Rational>,
    /// Index of the video stream that is rendered; `None` chooses one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<usize>,
    /// Close the holes where the clock of the input jumps.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub close_gaps: bool,
    /// What becomes of pictures whose sample aspect ratio is not that of the first.
    #[serde(skip_serializing_if = "is_default")]
    pub aspect_changes: AspectChanges,
    /// What decodes the pictures; they do not depend on it.
    #[serde(skip)]
    pub decode: Decode,
    /// The pictures after which a hardware decoder fails that a test pretends to have.
    #[cfg(test)]
    #[serde(skip)]
    pub pretend: Option<u32>,
    /// Frames per second of every output; `None` is the source's, or what the styles make of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<OutputRate>,
    /// The frame that an output of one picture shows, where the input has more than one.
    #[serde(skip)]
    pub still: Option<Moment>,
    /// The part of the input to render; `None` is all of it.
    pub part: Option<TimeRange>,
    pub output: OutputOptions,
    /// Name of the preset that was applied.
    pub preset: Option<String>,
    /// The machine that it is meant for.
    #[serde(skip)]
    pub tier: Option<Tier>,
    /// `output` without the codec of the preset and its options, for containers that cannot hold that codec.
    #[serde(skip)]
    pub output_elsewhere: Option<OutputOptions>,
    /// How far the styles are kept from drifting, 0 to 1; `None` does nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<f64>,
    /// What was chosen before the job, and why.
    #[serde(skip)]
    pub reasons: Vec<String>,
    /// What recipes say was asked for.
    #[serde(skip)]
    pub asked: Asked,
    pub existing: Existing,
    /// Damage in the input is an error.
    pub strict: bool,
    /// How the job is run; frames do not depend on it.
    #[serde(skip)]
    pub job: JobOptions,
}

/// The style that gives frames another rate.
pub(super) const RATE: &str = "rate";

/// The frame rate of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OutputRate {
    /// Frames per second.
    pub rate: Rational,
    /// `None` leaves it to the style that changes the rate.
    pub mode: Option<RateMode>,
}

/// Whether what is wrong with the input is looked for and mended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Restore {
    /// Only by the styles that are named.
    #[default]
    Off,
    /// By the styles that mend what an analysis finds, before the style that is named.
    Auto,
}

/// What an output shows between two frames of the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateMode {
    /// The earlier frame.
    #[default]
    Hold,
    /// A mix of both, by time.
    Blend,
}

impl Settings {
    /// The settings for `input`: an image sequence for which no rate of its own is given is read at the output's, and its
    /// frames keep it.
    pub(super) fn of_input(&self, input: &Path) -> Self {
        let mut settings = self.clone();
        if settings.input_fps.is_none()
            && let Some(OutputRate { rate, .. }) = settings.fps
            && Pattern::meant_by(input).is_some()
        {
            settings.input_fps = Some(rate);
            settings.fps = None;
            if let Some(styles) = settings.styles_of_sequence.take() {
                settings.styles = styles;
            }
        }
        settings
    }

    /// How `input` is read, by the processor.
    pub fn of_input_reading(&self, input: &Path) -> Reading {
        self.of_input(input).reading()
    }

    /// How the input is read to be rendered: as [`Self::reading`], by the decoder that was asked for.
    pub(super) fn reading_to_render(&self) -> Reading {
        Reading {
            decode: self.decode,
            #[cfg(test)]
            pretend: self.pretend,
            ..self.reading()
        }
    }

    /// How the input is read, by the processor.
    pub fn reading(&self) -> Reading {
        Reading {
            rate: self.input_fps,
            video: self.video,
            close_gaps: self.close_gaps,
            aspects: self.aspect_changes,
            ..Reading::default()
        }
    }

    /// The parameters that follow tracks.
    pub fn tracks(&self) -> Vec<FollowedTrack> {
        self.styles.iter().flat_map(OutputStyle::tracks).collect()
    }

    /// The codec that was asked for by name. That of a preset gives way where the container cannot hold it.
    pub(super) fn codec_asked(&self) -> Option<&str> {
        let options = self.output_elsewhere.as_ref().unwrap_or(&self.output);
        options.codec.as_deref()
    }
}

/// What was asked for, its preset included, for the recipes of outputs. Nothing where they get none.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub request: Option<RenderRequest>,
    /// The same without the codec of the preset and its options: see [`Settings::output_elsewhere`].
    pub elsewhere: Option<RenderRequest>,
}

/// How a job is run.
#[derive(Clone, Debug)]
pub struct JobOptions {
    /// Seconds of a chunk; `None` renders in one piece.
    pub chunk: Option<u32>,
    /// Continue what an earlier run has done; otherwise start from the beginning.
    pub resume: bool,
    /// Where the job's folder goes; `None` is beside the output.
    pub work_dir: Option<PathBuf>,
    /// The folder of a job that several processes render, each a part of it; `None` where one process renders all of it, in
    /// a folder of its own.
    pub folder: Option<PathBuf>,
    /// The device that rendered the frames, in words, where this process only joins what others have rendered.
    pub rendered_on: Option<String>,
    pub low_disk: LowDisk,
    /// Where the report goes; a job is done when it is written.
    pub report: Option<PathBuf>,
    /// The numbers that styles offer are read with every frame, for a report.
    pub measures: bool,
    /// What is measured of the outputs.
    pub metrics: Option<OutputMetrics>,
    /// Chunks rendered at the same time, where no frame depends on earlier ones.
    pub workers: Parallelism,
    /// The folder of chunks stays when the job is done.
    pub keep_chunks: bool,
    /// Outputs are compared with their source when they are complete.
    pub verify: bool,
    /// Frames that are rendered by both executors and compared, before the job.
    pub check_executors: Option<u32>,
    /// It does not wait for other processes that use its GPU.
    pub gpu_share: bool,
    /// Jobs that run at the same time, this one included.
    pub jobs: usize,
    /// The graphics processors that are open; jobs of a queue share them.
    pub gpus: GpuPool,
    /// Where the newest picture is left for those who watch.
    pub newest: Option<Newest>,
    /// The [`StoredJob`](super::StoredJob) as JSON: kept in the job's folder, and returned by
    /// [`unfinished`](super::unfinished).
    pub request: Option<serde_json::Value>,
}

impl JobOptions {
    /// The folder of the job whose first output is `output`.
    pub(super) fn folder_of(&self, output: &Path) -> PathBuf {
        match &self.folder {
            Some(folder) => folder.clone(),
            None => job_folder(output, self.work_dir.as_deref()),
        }
    }
}

/// Seconds of a chunk by default.
pub const CHUNK: u32 = 30;

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            chunk: Some(CHUNK),
            resume: true,
            work_dir: None,
            folder: None,
            rendered_on: None,
            low_disk: LowDisk::default(),
            report: None,
            measures: false,
            metrics: None,
            workers: Parallelism::default(),
            keep_chunks: false,
            verify: false,
            check_executors: None,
            gpu_share: false,
            jobs: 1,
            gpus: GpuPool::default(),
            newest: None,
            request: None,
        }
    }
}

fn is_default(changes: &AspectChanges) -> bool {
    *changes == AspectChanges::default()
}

fn in_words<S: Serializer>(wanted: &Wanted, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(wanted)
}
