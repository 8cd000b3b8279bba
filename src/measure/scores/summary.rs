//! The numbers of all frames together.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::frames::Frames;
use super::reference::{Align, Reference};
use super::{FrameScores, Scores};
use crate::frame::Picture;
use crate::media::path_as_text;
use crate::metrics::{Metric, Numbers, Statistics, Values, changes, statistics};

/// Numbers of a video.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    #[serde(serialize_with = "path_as_text")]
    pub input: PathBuf,
    pub width: u32,
    pub height: u32,
    /// Bits of a luma code.
    pub depth: u8,
    /// Frames of the input, and how many of them were measured.
    pub frames: u64,
    pub measured_frames: u64,
    /// Seconds of the frames with which scenes begin, but for the first.
    pub cuts: Vec<f64>,
    /// Means over the frames, and the extremes of all of them.
    pub mean: f64,
    pub min: u16,
    pub max: u16,
    pub histogram: Vec<u64>,
    /// What each metric comes to for the whole video: null where it was measured nowhere, or a ratio is infinite.
    #[serde(flatten)]
    pub values: Values,
    /// The same with its spread, and the worst frames.
    pub metrics: BTreeMap<Metric, Statistics>,
    /// What the input was held against.
    #[serde(flatten)]
    pub reference: Option<Compared>,
    /// Damage found in the files, and what makes the comparison doubtful, for people.
    pub warnings: Vec<String>,
}

/// What the input was held against.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    #[serde(rename = "reference", serialize_with = "path_as_text")]
    pub path: PathBuf,
    /// Frames of the reference, and frames that were compared.
    pub reference_frames: u64,
    pub compared_frames: u64,
    /// Whether each of these stood beside one frame of the reference, and none was left out between.
    #[serde(skip)]
    pub in_step: bool,
    /// `time` or `order`.
    pub aligned_by: Align,
    /// Its own numbers.
    pub reference_metrics: BTreeMap<Metric, Statistics>,
    /// What is better or worse than in the reference, for people: `noise -65 %`.
    pub changes: Vec<String>,
    /// Of the frame that is least alike; none where all are identical.
    pub psnr_min: Option<f64>,
    pub ssim_min: Option<f64>,
}

/// The summary of what `frames` are.
pub(super) fn summary(
    of: &Scores,
    input: &Frames,
    picture: &Picture,
    reference: Option<&Reference>,
    warnings: Vec<String>,
    frames: &[FrameScores],
) -> Summary {
    let metrics = all(frames, |numbers| &numbers.values);
    let count = frames.len().max(1) as f64;
    let mut histogram = vec![0; 256];
    for frame in frames {
        let bins = histogram.iter_mut().zip(&frame.luma.histogram);
        bins.for_each(|(bin, more)| *bin += more);
    }
    let values = metrics
        .iter()
        .map(|(metric, found)| (*metric, Some(found.mean)));
    let wanted = frames
        .iter()
        .flat_map(|frame| frame.numbers.values.0.keys());
    let mut every: BTreeMap<Metric, Option<f64>> = wanted.map(|metric| (*metric, None)).collect();
    every.extend(values);
    Summary {
        input: of.input.clone(),
        width: picture.width,
        height: picture.height,
        depth: picture.format.code_depth(),
        frames: input.read,
        measured_frames: frames.len() as u64,
        cuts: frames
            .iter()
            .filter(|frame| frame.cut)
            .map(|frame| frame.time)
            .collect(),
        mean: frames.iter().map(|frame| frame.luma.mean).sum::<f64>() / count,
        min: frames.iter().map(|frame| frame.luma.min).min().unwrap_or(0),
        max: frames.iter().map(|frame| frame.luma.max).max().unwrap_or(0),
        histogram,
        values: Values(every),
        reference: reference.map(|reference| {
            let own = all(frames, |numbers| &numbers.reference);
            Compared {
                path: reference.frames.path.clone(),
                reference_frames: reference.frames.read,
                compared_frames: frames.iter().filter(|frame| frame.compared).count() as u64,
                in_step: reference.in_step,
                aligned_by: reference.align(),
                changes: changes(&metrics, &own),
                psnr_min: least(&metrics, Metric::Psnr),
                ssim_min: least(&metrics, Metric::Ssim),
                reference_metrics: own,
            }
        }),
        metrics,
        warnings,
    }
}

fn all(
    frames: &[FrameScores],
    values: impl Fn(&Numbers) -> &Values,
) -> BTreeMap<Metric, Statistics> {
    let frames = frames.iter();
    statistics(frames.map(|frame| (frame.frame, frame.time, values(&frame.numbers))))
}

fn least(metrics: &BTreeMap<Metric, Statistics>, metric: Metric) -> Option<f64> {
    let least = metrics.get(&metric).map(|found| found.min);
    least.filter(|least| least.is_finite())
}
