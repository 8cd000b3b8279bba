//! The bytes that steps move between memory and kernels, as far as a plan tells them.

use super::{History, ImageDesc, Node, NodeKind, Operand, Phase, Plan, Step, Target};
use crate::frame::PixelFormat;
use crate::graph::style::Uses;

/// The most bytes that a step reads from and writes to images and planes, if caches keep what is read several times. An
/// image that a pixel is made of counts whole. A phase counts what its invocations can touch: where it reads a pixel of a
/// picture 100 times, 100 pixels, and where it reads in a loop, the whole picture. Pictures and look-up tables from files
/// are not counted, nor the copy of a history, which no built-in style needs.
pub fn traffic(plan: &Plan, step: &Step) -> (usize, usize) {
    if let Target::Image { node, .. } = step.target
        && let NodeKind::Compute { phases } = &plan.nodes[node].kind
    {
        return of_phases(plan, &plan.nodes[node], phases);
    }
    let images = plan.reads(step).into_iter().map(|id| &plan.nodes[id].image);
    let kept = histories(plan, step).map(|history| &history.image);
    let mut read: usize = images.chain(kept).map(ImageDesc::bytes).sum();
    let inputs = plan.step_inputs(step);
    for (index, source) in plan.sources.iter().enumerate() {
        if let (true, Some(format)) = (inputs.contains(&Operand::Planes(index)), &source.format) {
            read += planes(format, source.extent);
        }
    }
    let written = match step.target {
        Target::Image { node, .. } => plan.nodes[node].image.bytes(),
        Target::Output(port) => planes(&plan.pack(port).format, plan.pack(port).extent),
    };
    (read, written)
}

/// Of the phases of a node. They read each other's words.
fn of_phases(plan: &Plan, node: &Node, phases: &[Phase]) -> (usize, usize) {
    let (mut read, mut written) = (0, 0);
    for phase in phases {
        let runs = phase.over.0 as usize * phase.over.1 as usize;
        let uses = Uses::of(&node.kernel.source, &phase.run);
        for (name, operand) in &node.inputs {
            let (each, whole) = match *operand {
                Operand::Image(id) => (plan.nodes[id].image.storage.bytes(), image(plan, id)),
                Operand::Window(id, window) => {
                    let frames = window.offsets().count();
                    let each = plan.nodes[id].image.storage.bytes();
                    (each, frames * image(plan, id))
                }
                Operand::History(index) => {
                    let kept = &plan.histories[index].image;
                    (kept.storage.bytes(), kept.bytes())
                }
                Operand::Planes(index) => {
                    let source = &plan.sources[index];
                    let Some(format) = &source.format else {
                        continue;
                    };
                    (format.sample_bytes(), planes(format, source.extent))
                }
                Operand::File(_) => continue,
            };
            read += uses.reads(name).bytes(runs, each, whole);
        }
        let (each, whole) = (node.image.storage.bytes(), node.image.bytes());
        read += uses.words_read().bytes(runs, each, whole);
        written += uses.words_written().bytes(runs, each, whole);
    }
    (read, written)
}

fn image(plan: &Plan, node: usize) -> usize {
    plan.nodes[node].image.bytes()
}

fn planes(format: &PixelFormat, (width, height): (u32, u32)) -> usize {
    (0..format.plane_count())
        .map(|plane| format.plane_extent(plane, width, height))
        .map(|extent| extent.row_bytes * extent.rows)
        .sum()
}

/// The histories that a step reads.
pub(super) fn histories<'a>(plan: &'a Plan, step: &Step) -> impl Iterator<Item = &'a History> {
    let inputs = plan.step_inputs(step);
    let read = move |index: &usize| inputs.contains(&Operand::History(*index));
    (0..plan.histories.len())
        .filter(read)
        .map(|index| &plan.histories[index])
}
