//! What each step of a plan costs, as far as the plan tells it, and why its image is stored.

use serde::Serialize;

use super::fuse::why_stored;
use super::traffic::traffic;
use super::{Plan, Step, Storage, Target};

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepStats {
    /// The label of its pass, or `output N`.
    pub step: String,
    /// Its kernels in the order they run: those that run within it, then its own.
    pub kernels: Vec<String>,
    /// The passes that run within it.
    pub fused: Vec<String>,
    /// Dispatches of a frame: one, or one for each phase; 0 for code outside the graph.
    pub dispatches: usize,
    /// Columns and rows of its image or output; words and 1 for a buffer.
    pub extent: (u32, u32),
    /// How a pixel of its image is stored; none of an output.
    pub storage: Option<Storage>,
    /// The most bytes that it reads and writes for a frame ([`traffic`]).
    pub read: usize,
    pub written: usize,
    /// Why its image is stored, and not made within what reads it; none of an output.
    pub stored: Option<String>,
}

/// The steps of `plan`, in the order they run.
pub fn stats(plan: &Plan) -> Vec<StepStats> {
    plan.steps.iter().map(|step| of_step(plan, step)).collect()
}

fn of_step(plan: &Plan, step: &Step) -> StepStats {
    let (read, written) = traffic(plan, step);
    let kernels = plan.step_kernels(step);
    let fused = step.fused.iter().map(|id| plan.nodes[*id].label.clone());
    let (dispatches, extent, storage, stored) = match step.target {
        Target::Image { node, .. } => {
            let image = &plan.nodes[node].image;
            let dispatches = match (plan.nodes[node].is_external(), plan.nodes[node].phases()) {
                (true, _) => 0,
                (false, phases) => phases.len().max(1),
            };
            let stored = Some(why_stored(plan, node));
            (dispatches, image.extent, Some(image.storage), stored)
        }
        Target::Output(port) => (1, plan.pack(port).extent, None, None),
    };
    StepStats {
        step: plan.step_label(step),
        kernels: kernels.map(|kernel| kernel.path.clone()).collect(),
        fused: fused.collect(),
        dispatches,
        extent,
        storage,
        read,
        written,
        stored,
    }
}
