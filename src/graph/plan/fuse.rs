//! Fusion: a node is evaluated inside its reader when it has only one, and that one reads it only at its own position.

use super::{NodeId, NodeKind, Operand, Plan, PlanOptions, Step, Storage, Target};

/// Stands for a reader that nothing fuses into.
const STORED: usize = usize::MAX;

/// Groups the nodes of `plan` into steps.
pub(super) fn fuse(plan: &mut Plan, options: PlanOptions) {
    let count = plan.nodes.len();
    // What reads each node: a node, or an output (numbered after the nodes).
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (reader, node) in plan.nodes.iter().enumerate() {
        for (_, operand) in &node.inputs {
            if let Operand::Image(id) | Operand::Window(id, _) = operand
                && !readers[*id].contains(&reader)
            {
                readers[*id].push(reader);
            }
        }
    }
    for (port, output) in plan.outputs.iter().enumerate() {
        // An image that comes out as it is must be stored.
        let reader = output.pack().map_or(STORED, |_| count + port);
        readers[output.node()].push(reader);
    }
    // So must what is kept for the next frame.
    for history in &plan.histories {
        if let Some(readers) = readers.get_mut(history.commit) {
            readers.push(STORED);
        }
    }
    let mut groups: Vec<Vec<NodeId>> = vec![Vec::new(); count + plan.outputs.len()];
    let mut fused = vec![false; count];
    for id in 0..count {
        if let [reader] = readers[id][..]
            && options.fuse
            && fits_inside(plan, id, reader)
            && within_limits(plan, &groups[id], &groups[reader], id, reader, options)
        {
            fused[id] = true;
            let mut inner = std::mem::take(&mut groups[id]);
            inner.push(id);
            groups[reader].append(&mut inner);
        }
    }
    for (root, group) in groups.into_iter().enumerate() {
        let target = match root.checked_sub(count) {
            Some(port) if plan.outputs[port].pack().is_none() => continue,
            Some(port) => Target::Output(port),
            None if fused[root] => continue,
            None => Target::Image {
                node: root,
                slot: 0,
            },
        };
        plan.steps.push(Step {
            fused: group,
            target,
        });
    }
}

/// Whether `reader` asks for `id` only at its own position, and as often.
fn fits_inside(plan: &Plan, id: NodeId, reader: usize) -> bool {
    if reader == STORED || plan.nodes[id].kind != NodeKind::Pixel {
        return false;
    }
    if let Some(node) = plan.nodes.get(reader) {
        let window = |(_, operand): &(String, Operand)| matches!(operand, Operand::Window(input, _) if *input == id);
        return node.kind == NodeKind::Pixel
            && node.delay == plan.nodes[id].delay
            && !node.inputs.iter().any(window)
            && node.image.extent == plan.nodes[id].image.extent
            && node
                .inputs
                .iter()
                .filter(|(_, operand)| *operand == Operand::Image(id))
                .all(|(name, _)| {
                    node.kernel
                        .inputs
                        .get(name)
                        .is_some_and(|reads| reads.here && !reads.elsewhere)
                });
    }
    let Some(output) = plan.outputs[reader - plan.nodes.len()].pack() else {
        return false;
    };
    if plan.nodes[id].delay != plan.latency {
        return false;
    }
    // Each plane is packed on its own: fused only where the picture is then computed once.
    let gray = plan.nodes[id].image.storage == Storage::R32Float;
    let once =
        output.format.plane_count() == 1 || gray && output.format.model != crate::frame::Model::Rgb;
    once && output
        .kernel
        .inputs
        .values()
        .all(|reads| reads.here && !reads.elsewhere)
}

/// Whether the merged group binds no more than a stage may.
fn within_limits(
    plan: &Plan,
    inner: &[NodeId],
    outer: &[NodeId],
    id: NodeId,
    reader: usize,
    options: PlanOptions,
) -> bool {
    let mut members: Vec<NodeId> = inner.iter().chain(outer).copied().collect();
    members.push(id);
    if reader < plan.nodes.len() {
        members.push(reader);
    }
    let textures = members
        .iter()
        .flat_map(|member| &plan.nodes[*member].inputs)
        .map(|(_, operand)| match operand {
            Operand::Image(image) => usize::from(!members.contains(image)),
            Operand::Window(_, window) => window.offsets().count(),
            Operand::File(_) | Operand::History(_) => 1,
            Operand::Planes(_) => 0,
        })
        .sum::<usize>();
    // One block of parameters for each node, one for the pack, one for the frame's facts, one for the planes' layout.
    textures <= options.max_textures && members.len() + 3 <= options.max_uniforms
}
