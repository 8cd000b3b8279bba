//! Chooses how many chunks are rendered at a time, and gives the reason if it is only one.

use super::super::device::Choice;
use super::super::parallel::Parallelism;
use super::context::ChunkContext;
use crate::graph::plan::Plan;
use crate::media::OutputPlan;

/// Estimated number of frames in memory per output: lookahead and reference frames of the encoder, frames that wait
/// between stages, and frames being decoded.
const FRAMES_HELD: u64 = 96;

/// The reason why the chunks of this job must be rendered one after the other, if there is one. `choice` is the device
/// of its graph.
pub(super) fn reason_against(
    context: &ChunkContext<'_>,
    choice: Option<&Choice>,
) -> Option<&'static str> {
    if matches!(choice, Some(Choice::Gpu(_))) {
        Some("the graph runs on a graphics processor")
    } else if !context.is_independent() {
        Some(
            "each frame depends on those before it (with --temporal off, and for most styles, it does not)",
        )
    } else if !context.plan.seekable || !context.info.is_seekable() {
        Some("the input can be decoded from its beginning only")
    } else if context.info.video().start.is_none() {
        Some("the input has no start time")
    } else if !context.plan.entries.contains(&true) {
        Some("no chunk begins with a key frame")
    } else {
        None
    }
}

/// Number of workers for a job that can have several: the number `asked` for, or the job's share of the machine if
/// several `jobs` are rendered at a time.
pub(super) fn workers(context: &ChunkContext<'_>, asked: Parallelism, jobs: usize) -> usize {
    let outputs = context.outputs.iter();
    let frames: u64 = outputs.map(|output| frames(&output.plan)).sum();
    asked.workers(jobs, context.graph.map_or(0, images) + frames)
}

/// Bytes of the images that a graph works on.
fn images(plan: &Plan) -> u64 {
    let bytes = |slot: &crate::graph::plan::Slot| {
        u64::from(slot.extent.0) * u64::from(slot.extent.1) * 4 * slot.storage.channels() as u64
    };
    plan.slots.iter().map(bytes).sum()
}

/// Bytes of the frames of an output that are in memory at a time.
fn frames(plan: &OutputPlan) -> u64 {
    let format = plan.video.format;
    let frame: usize = (0..format.plane_count())
        .map(|plane| {
            let extent =
                format.plane_extent(plane, plan.video.frames.width, plan.video.frames.height);
            extent.row_bytes * extent.rows
        })
        .sum();
    FRAMES_HELD * frame as u64
}
