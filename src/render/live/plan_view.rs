//! A plan as people look at it: its steps, what flows between them, and what each costs.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::graph::StepTime;
use crate::graph::plan::{NodeId, Operand, Plan, Step, StepStats, Target, stats};

/// A step: what it does, and what it costs for one frame.
#[derive(Clone, Debug, Serialize)]
pub struct StepView {
    /// Its pass; of an output the last pass that runs within it, else `output N`.
    pub label: String,
    /// The name of the pass that it makes; none of an output.
    pub pass: Option<String>,
    /// Its kernels in the order they run, and the passes that run within it.
    pub kernels: Vec<String>,
    pub fused: Vec<String>,
    /// Columns and rows of its image or output; words and 1 for a buffer.
    pub extent: (u32, u32),
    pub dispatches: usize,
    /// The most bytes that it reads and writes.
    pub read: usize,
    pub written: usize,
    /// Why its image is stored; none of an output.
    pub stored: Option<String>,
    /// None where the device does not measure it, or where the step ran within another one.
    pub milliseconds: Option<f64>,
}

/// The steps of a plan, in the order they run, and what flows between them.
#[derive(Clone, Debug, Serialize)]
pub struct PlanView {
    pub steps: Vec<StepView>,
    /// Pairs of steps, by index: what the second reads the first has made. -1 is the source, the number of steps the output.
    pub edges: Vec<(i64, i64)>,
    /// As `edges`: what the second reads the first has made for the frame before.
    pub histories: Vec<(i64, i64)>,
    /// Frames that outputs are behind the newest frame.
    pub latency: u32,
}

/// The source among the ends of edges.
const SOURCE: i64 = -1;

impl PlanView {
    /// Of `plan`, with the times of its steps.
    pub(super) fn of(plan: &Plan, times: &[StepTime]) -> Self {
        let index = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let made_by = |node: NodeId| {
            let makes = |step: &Step| matches!(step.target, Target::Image { node: made, .. } if made == node);
            plan.steps.iter().position(makes).map_or(SOURCE, index)
        };
        let (mut edges, mut histories) = (BTreeSet::new(), BTreeSet::new());
        for (at, step) in plan.steps.iter().enumerate() {
            for operand in plan.step_inputs(step) {
                match operand {
                    Operand::Image(node) if step.fused.contains(&node) => {}
                    Operand::Image(node) | Operand::Window(node, _) => {
                        edges.insert((made_by(node), index(at)));
                    }
                    Operand::History(history) => {
                        histories.insert((made_by(plan.histories[history].commit), index(at)));
                    }
                    Operand::Planes(_) => {
                        edges.insert((SOURCE, index(at)));
                    }
                    Operand::File(_) => {}
                }
            }
            if matches!(step.target, Target::Output(_)) {
                edges.insert((index(at), index(plan.steps.len())));
            }
        }
        let names = plan.pass_names();
        let pass = |step: &Step| match step.target {
            Target::Image { node, .. } => Some(names[node].clone()),
            Target::Output(_) => None,
        };
        let step = |(stats, step): (StepStats, &Step)| {
            let time = times.iter().find(|time| time.step == stats.step);
            StepView {
                milliseconds: time.map(|time| 1000.0 * time.seconds),
                // An output is called by the pass that runs within it.
                label: match (step.target, stats.fused.last()) {
                    (Target::Output(_), Some(last)) => last.clone(),
                    _ => stats.step,
                },
                pass: pass(step),
                kernels: stats.kernels,
                fused: stats.fused,
                extent: stats.extent,
                dispatches: stats.dispatches,
                read: stats.read,
                written: stats.written,
                stored: stats.stored,
            }
        };
        Self {
            steps: stats(plan).into_iter().zip(&plan.steps).map(step).collect(),
            edges: edges.into_iter().collect(),
            histories: histories.into_iter().collect(),
            latency: plan.latency,
        }
    }
}
