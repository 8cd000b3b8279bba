//! How many chunks are rendered at a time, and why only one.

use super::super::device::Choice;
use super::super::parallel::Parallelism;
use super::context::ChunkContext;
use crate::graph::plan::Plan;
use crate::media::OutputPlan;

/// Frames that an encoder looks ahead and keeps to refer to, and that wait between the stages or are being decoded.
const FRAMES_HELD: u64 = 96;

/// Why chunks of this job go one after the other, if they must; `choice` is what runs its graph.
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
        Some("the input does not say when it starts")
    } else if !context.plan.entries.contains(&true) {
        Some("no chunk begins with a key frame")
    } else {
        None
    }
}

/// Workers for a job that can have several, as was `asked` for; where that is left open it has its share of the machine
/// when several `jobs` are rendered at a time.
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

/// Bytes of the frames of an output that are under way at a time.
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
