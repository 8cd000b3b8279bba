//! How many frames before a frame the graph must be given, so that the frame is as it is in the whole render.

use crate::graph::plan::Plan;
use crate::graph::scene::Observer;

/// The frames that windows look back to, and those needed to detect scene cuts; `None` where a frame depends on all
/// frames of its scene before it.
pub(super) fn frames_needed_before(plan: &Plan) -> Option<u32> {
    let cuts = if plan.observed.cuts {
        Observer::WARMUP
    } else {
        0
    };
    plan.timing().before.map(|before| before + cuts)
}
