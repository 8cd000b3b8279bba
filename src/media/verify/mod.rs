//! Verifies that an output has kept the properties of its source, from the two files alone.

mod attached;
mod audio_offset;
mod described;
mod file_scan;
mod packets;
mod streams;
mod times;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::Result;
use super::header::Header;
use super::info::{SourceInfo, path_as_text};
use super::part::TimeRange;
use super::plan::{IMAGES, OutputOptions, OutputPlan};
use super::reading::Reading;
use super::sequence::Pattern;
use super::source::Source;
use super::video_plan::FrameShape;
use crate::frame::{FieldOrder, Retiming};
use file_scan::FileScan;

/// The result of one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Same,
    /// It differs as expected: as the user asked, or as the format requires.
    Allowed,
    Differs,
}

/// One comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub what: String,
    /// The value in the source, as text.
    pub source: String,
    pub output: String,
    pub verdict: Verdict,
    /// Why a difference is allowed, or what is wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} became {}", self.what, self.source, self.output)?;
        match self.why.as_str() {
            "" => Ok(()),
            why => write!(f, " ({why})"),
        }
    }
}

/// Why picture files may lose what containers store.
const NO_PLACE: &str = "picture files cannot store it";

/// Marks the differences among `checks` as allowed.
fn allow(checks: &mut [Check], why: &str) {
    for check in checks {
        if check.verdict == Verdict::Differs {
            check.verdict = Verdict::Allowed;
            check.why = why.into();
        }
    }
}

/// All comparisons.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verification {
    pub checks: Vec<Check>,
}

impl Verification {
    /// Whether there is no difference that is not allowed.
    pub fn holds(&self) -> bool {
        self.differences().next().is_none()
    }

    /// The differences that are not allowed.
    pub fn differences(&self) -> impl Iterator<Item = &Check> {
        let differs = |check: &&Check| check.verdict == Verdict::Differs;
        self.checks.iter().filter(differs)
    }

    fn add(&mut self, what: &str, source: String, output: String, verdict: Verdict, why: &str) {
        self.checks.push(Check {
            what: what.into(),
            source,
            output,
            verdict,
            why: why.into(),
        });
    }

    /// Adds the comparison of two values that must be equal.
    fn equal<T: PartialEq + std::fmt::Display>(&mut self, what: &str, source: T, output: T) {
        let verdict = match source == output {
            true => Verdict::Same,
            false => Verdict::Differs,
        };
        self.add(what, source.to_string(), output.to_string(), verdict, "");
    }
}

/// The user's choices when the output was made.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub options: OutputOptions,
    /// How the source was read.
    pub reading: Reading,
    pub part: Option<TimeRange>,
    /// What the frames were to become before they are turned; `None` is what the source's are.
    pub frames: Option<FrameShape>,
    /// How the times of its frames follow from the source's; none where they are the same.
    pub retimings: Vec<Retiming>,
}

/// The verification of one pair of files.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    #[serde(serialize_with = "path_as_text")]
    pub source: PathBuf,
    #[serde(serialize_with = "path_as_text")]
    pub output: PathBuf,
    pub holds: bool,
    pub checks: Vec<Check>,
}

/// Decodes `source` and `output` from start to end and compares everything that rendering must keep: frames and their
/// times, colour, every stream, tags, side data, and the offset of the audio. The samples of the pictures are not
/// compared.
///
/// # Errors
/// As [`Source::open`], for either file.
pub fn verify(source: &Path, output: &Path, expected: &Expected) -> Result<Pair> {
    let mut before = Source::open_at(source, expected.reading)?;
    if let Some(part) = &expected.part {
        before.select(part)?;
    }
    // Two image sequences are compared by the numbers of their pictures, so both get the same rate.
    let rate = before
        .info()
        .sequence
        .as_ref()
        .map(|_| before.info().pictures().frame_rate);
    let reading = Reading::at(rate.filter(|_| Pattern::meant_by(output).is_some()));
    let mut after = Source::open_at(output, reading)?;
    let container = container(after.info(), output);
    let planned = |after: &Source| {
        OutputPlan::of_file(before.info(), after.info(), container, &expected.options)
    };
    let mut plan = planned(&after);
    // The stream that was asked for need not be the one that would be chosen.
    let rendered = plan.rendered_stream();
    if expected.reading.video.is_some()
        && after.info().video_stream != rendered
        && after.info().is_video(rendered)
    {
        let video = Some(rendered);
        after = Source::open_at(output, Reading { video, ..reading })?;
        plan = planned(&after);
    }
    let frames = expected.frames;
    let frames = frames.unwrap_or_else(|| before.info().frame_shape());
    let frames = plan
        .turned
        .map_or(frames, |turned| turned.turn.shape(frames));
    plan.video.frames = FrameShape {
        width: frames.width,
        height: frames.height,
        sample_aspect: frames.sample_aspect,
        ..plan.video.frames
    };
    if expected.frames.is_some() && frames.field_order == FieldOrder::Progressive {
        plan.video.field_order = FieldOrder::Progressive;
        plan.video.frames.field_order = FieldOrder::Progressive;
    }
    let before = FileScan::of(before)?.retimed(&expected.retimings);
    let after = FileScan::of(after)?;
    let mut verification = Verification::default();
    times::compare(&mut verification, &before, &after);
    described::compare(&mut verification, &before.info, &after.info, &plan);
    let retimed = !expected.retimings.is_empty();
    attached::compare(&mut verification, &before, &after, &plan, retimed);
    streams::compare(&mut verification, &before.info, &after.info, &plan);
    packets::compare(&mut verification, &before, &after, &plan);
    let shift = times::shift(&before, &after);
    audio_offset::compare(&mut verification, &before, &after, &plan, shift);
    Ok(Pair {
        source: source.into(),
        output: output.into(),
        holds: verification.holds(),
        checks: verification.checks,
    })
}

/// The fast part of [`verify`], for the output at `path` made by `plan`: compares stream properties, chapters and tags.
/// Decodes only the first picture of the output.
///
/// # Errors
/// As [`Source::open`].
pub fn verify_tags(info: &SourceInfo, plan: &OutputPlan, path: &Path) -> Result<Verification> {
    let video = plan.rendered_if_asked(info);
    let reading = Reading {
        video,
        first_only: true,
        ..Reading::default()
    };
    let after = Source::open_at(path, reading)?;
    let mut verification = Verification::default();
    described::compare(&mut verification, info, after.info(), plan);
    streams::compare(&mut verification, info, after.info(), plan);
    Ok(verification)
}

/// FFmpeg's muxer name of the container of a file.
fn container(info: &SourceInfo, path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let ending = ending.to_ascii_lowercase();
    let name = info.container.as_str();
    match ending.as_str() {
        _ if info.is_image => "image",
        _ if info.sequence.is_some() => IMAGES,
        "mov" if name.contains("mov") => "mov",
        "webm" if name.contains("webm") => "webm",
        _ if name.contains("mp4") => "mp4",
        _ if name.contains("matroska") => "matroska",
        _ if name.contains("avi") => "avi",
        _ => "nut",
    }
}
