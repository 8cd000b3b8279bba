//! What a job would do, for `--dry-run`.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::job::Job;
use super::request::FrameRate;
use crate::graph::plan;
use crate::media::{OutputPlan, SourceInfo};
use crate::neural::Said;

/// What a job would do.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    pub input: SourceInfo,
    pub outputs: Vec<(String, OutputPlan)>,
    /// Outputs whose styles measure all frames in a first pass.
    pub measured_first: Vec<String>,
    pub skipped: Vec<PathBuf>,
    /// Folder that would be created.
    pub folder: Option<PathBuf>,
    pub device: String,
    /// Choices that the input decided.
    pub choices: Vec<String>,
    /// What runs its models.
    pub engines: Vec<String>,
    /// The plan as text.
    pub plan: Option<String>,
    pub assumptions: Vec<String>,
    pub warnings: Vec<String>,
    /// Bytes the outputs are likely to take, with what is written beside them meanwhile.
    pub disk_needed: u64,
}

impl Job {
    /// What it would do.
    pub fn describe(&self) -> Description {
        Description {
            input: self.input.info.clone(),
            outputs: self
                .outputs
                .iter()
                .map(|output| (output.look.name(), output.plan.clone()))
                .collect(),
            measured_first: self
                .to_measure
                .iter()
                .map(|look| look.name.clone())
                .collect(),
            skipped: self.skipped.clone(),
            folder: self.folder.clone(),
            device: match &self.plan {
                Some((_, choice)) => choice.to_string(),
                None => "none: the planes bypass the graph".to_owned(),
            },
            choices: self.choices.clone(),
            engines: self.said_of_engines(false),
            plan: self.plan.as_ref().map(|(plan, _)| plan::text(plan)),
            assumptions: self.assumptions.clone(),
            warnings: [
                self.said_of_engines(true),
                self.degradations.clone(),
                self.warnings.clone(),
            ]
            .concat(),
            disk_needed: self
                .outputs
                .iter()
                .map(|output| likely_bytes(&self.input.info, &output.plan))
                .sum(),
        }
    }
}

impl Job {
    /// What engines for models had to tell: warnings, or the rest.
    fn said_of_engines(&self, warnings: bool) -> Vec<String> {
        let said = self.engine_words.iter().filter_map(|said| match said {
            Said::Warning(text) => warnings.then(|| text.clone()),
            Said::Info(text) => (!warnings).then(|| text.clone()),
        });
        said.collect()
    }
}

/// A guess on the safe side: lossless pictures at half their raw size, others at 0.15 bits a sample, and never below
/// what the source takes.
pub(super) fn likely_bytes(info: &SourceInfo, plan: &OutputPlan) -> u64 {
    let frames = &plan.video.frames;
    let raw: usize = (0..plan.video.format.plane_count())
        .map(|plane| {
            let extent = plan
                .video
                .format
                .plane_extent(plane, frames.width, frames.height);
            extent.row_bytes * extent.rows
        })
        .sum();
    let count = info.video().frames.unwrap_or(1) as f64 * plan.frames_each(info);
    let lossless = ["ffv1", "png"].contains(&plan.video.codec.as_str());
    let share = if lossless { 0.5 } else { 0.15 / 8.0 };
    ((raw as f64 * count * share) as u64).max(info.size)
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pictures = self.input.pictures();
        writeln!(
            f,
            "input    {}: {}x{} {}, {}",
            self.input.path.display(),
            pictures.width,
            pictures.height,
            pictures.pix_fmt,
            self.input.video().codec
        )?;
        for (look, plan) in &self.outputs {
            writeln!(f, "output   {} ({look})", plan.path.display())?;
            writeln!(
                f,
                "         {}, {} {}, {}",
                plan.container, plan.video.encoder, plan.video.pix_fmt, plan.video.format
            )?;
            if let Some(chosen) = &plan.chosen {
                writeln!(f, "         {chosen}")?;
            }
            let frames = &plan.video.frames;
            if (frames.width, frames.height) != (pictures.width, pictures.height) {
                writeln!(f, "         size: {}x{}", frames.width, frames.height)?;
            }
            if frames.frame_rate != pictures.frame_rate && frames.frame_rate.num > 0 {
                let rate = FrameRate::of(frames.frame_rate);
                writeln!(f, "         frames a second: {rate}")?;
            }
            let options: Vec<String> = plan
                .video
                .options
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            writeln!(f, "         options: {}", options.join(" "))?;
            for stream in &plan.streams {
                writeln!(
                    f,
                    "         stream {} {} ({}): {:?}: {}",
                    stream.index, stream.kind, stream.codec, stream.action, stream.why
                )?;
            }
            if plan.turned.is_some()
                && let Some(rotation) = self.input.pictures().rotation_text()
            {
                writeln!(f, "         turned by {rotation} before it is encoded")?;
            }
            for loss in &plan.losses {
                writeln!(f, "         lost: {loss}")?;
            }
        }
        for look in &self.measured_first {
            writeln!(
                f,
                "first    all frames are measured for {look}, before any is rendered"
            )?;
        }
        for path in &self.skipped {
            writeln!(f, "skipped  {}: it exists", path.display())?;
        }
        if let Some(folder) = &self.folder {
            writeln!(f, "folder   {} would be created", folder.display())?;
        }
        writeln!(f, "device   {}", self.device)?;
        for words in &self.choices {
            writeln!(f, "chosen   {words}")?;
        }
        for words in &self.engines {
            writeln!(f, "engine   {words}")?;
        }
        for words in &self.assumptions {
            writeln!(f, "assumed  {words}")?;
        }
        for words in &self.warnings {
            writeln!(f, "warning  {words}")?;
        }
        writeln!(f, "disk     about {:.1} MB", self.disk_needed as f64 / 1e6)?;
        if let Some(plan) = &self.plan {
            writeln!(
                f,
                "plan     {}",
                plan.trim_end().replace('\n', "\n         ")
            )?;
        }
        Ok(())
    }
}
