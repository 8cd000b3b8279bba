//! Fusion: a node is evaluated inside its reader if it has only one reader and is read only at the reader's own
//! position.

use super::{NodeId, NodeKind, Operand, Plan, PlanOptions, Step, Storage, Target};

/// Marks a node that cannot be fused into its reader.
const STORED: usize = usize::MAX;

/// Groups the nodes of `plan` into steps.
pub(super) fn fuse(plan: &mut Plan, options: PlanOptions) {
    let count = plan.nodes.len();
    // The readers of each node: nodes, or outputs (numbered after the nodes).
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
        // An image that is put out as it is must be stored.
        let reader = output.pack().map_or(STORED, |_| count + port);
        readers[output.node()].push(reader);
    }
    // An image that is kept for the next frame must be stored too.
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
    // Each clock's steps run on their own, after those of the clock that its frames are made of.
    let clock = |step: &Step| match step.target {
        Target::Image { node, .. } => plan.nodes[node].image.clock,
        Target::Output(port) => plan.nodes[plan.outputs[port].node()].image.clock,
    };
    let mut steps = std::mem::take(&mut plan.steps);
    steps.sort_by_key(clock);
    plan.steps = steps;
}

/// Whether `reader` reads `id` only at its own position, and once for each pixel.
fn fits_inside(plan: &Plan, id: NodeId, reader: usize) -> bool {
    reader != STORED && obstacle(plan, id, reader).is_none()
}

/// Why the image of `id` is stored although `reader`, a node or an output, is the only one that reads it; none where nothing but
/// the limits of a stage can be in the way.
fn obstacle(plan: &Plan, id: NodeId, reader: usize) -> Option<Obstacle> {
    match plan.nodes[id].kind {
        NodeKind::Pixel => {}
        NodeKind::Compute { .. } => return Some(Obstacle::Words),
        NodeKind::External { .. } => return Some(Obstacle::External),
    }
    if let Some(node) = plan.nodes.get(reader) {
        let window = |(_, operand): &(String, Operand)| matches!(operand, Operand::Window(input, _) if *input == id);
        if node.kind != NodeKind::Pixel {
            return Some(Obstacle::NoPixels);
        }
        if plan.lane_of_node(reader) != plan.lane_of_node(id) || node.inputs.iter().any(window) {
            return Some(Obstacle::OtherFrames);
        }
        if node.image.extent != plan.nodes[id].image.extent {
            return Some(Obstacle::OtherSize);
        }
        let mut read = node
            .inputs
            .iter()
            .filter(|(_, operand)| *operand == Operand::Image(id));
        let elsewhere = read.find(|(name, _)| {
            let reads = node.kernel.inputs.get(name);
            !reads.is_some_and(|reads| reads.here && !reads.elsewhere)
        });
        return elsewhere.map(|(name, _)| Obstacle::Elsewhere(name.clone()));
    }
    let port = reader - plan.nodes.len();
    if plan.lanes[plan.lane_of_port(port)] != plan.lane_of_node(id) {
        return Some(Obstacle::OtherFrames);
    }
    let Some(output) = plan.outputs[port].pack() else {
        return Some(Obstacle::PutOut);
    };
    // Each plane is packed separately: fused only if the picture is then still computed once.
    let gray = plan.nodes[id].image.storage == Storage::R32Float;
    let once =
        output.format.plane_count() == 1 || gray && output.format.model != crate::frame::Model::Rgb;
    let here = output
        .kernel
        .inputs
        .values()
        .all(|reads| reads.here && !reads.elsewhere);
    (!once || !here).then_some(Obstacle::Planes)
}

/// What is in the way of running a node within its only reader.
enum Obstacle {
    Words,
    External,
    /// The reader makes no picture.
    NoPixels,
    OtherFrames,
    OtherSize,
    /// The input that is read around the pixel.
    Elsewhere(String),
    PutOut,
    Planes,
}

/// Why the image of `node`, which a step writes, is stored and not made within its reader, in words.
pub fn why_stored(plan: &Plan, node: NodeId) -> String {
    let count = plan.nodes.len();
    let mut readers = Vec::new();
    for (reader, other) in plan.nodes.iter().enumerate() {
        let reads = |(_, operand): &(String, Operand)| matches!(operand, Operand::Image(id) | Operand::Window(id, _) if *id == node);
        if other.inputs.iter().any(reads) {
            readers.push(reader);
        }
    }
    let outputs = (0..plan.outputs.len()).filter(|port| plan.outputs[*port].node() == node);
    readers.extend(outputs.map(|port| count + port));
    if let Some(kept) = plan.histories.iter().find(|kept| kept.commit == node) {
        return format!("it is kept for the next frame, as {}", kept.label);
    }
    let name = |reader: usize| match plan.nodes.get(reader) {
        Some(node) => node.label.clone(),
        None => format!("output {}", reader - count),
    };
    let [reader] = readers[..] else {
        let names: Vec<String> = readers.iter().map(|reader| name(*reader)).collect();
        return format!("{} passes read it: {}", names.len(), names.join(", "));
    };
    let by = name(reader);
    match obstacle(plan, node, reader) {
        Some(Obstacle::Words) => "it makes words".to_owned(),
        Some(Obstacle::External) => "a model makes it".to_owned(),
        Some(Obstacle::NoPixels) => format!("{by}, which reads it, makes no picture"),
        Some(Obstacle::OtherFrames) => format!("{by} reads it at other frames"),
        Some(Obstacle::OtherSize) => format!("{by}, which reads it, has another size"),
        Some(Obstacle::Elsewhere(input)) => {
            format!("{by} reads it around its own pixel, as {input}")
        }
        Some(Obstacle::PutOut) => "it is put out".to_owned(),
        Some(Obstacle::Planes) => format!("{by} makes several planes of it"),
        None => format!("with it, {by} would bind more than every device allows"),
    }
}

/// Whether the merged group stays within the binding limits of a stage.
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
    // A stage is given the planes of one source; samples of alpha are those of the first.
    let inputs = members
        .iter()
        .flat_map(|member| &plan.nodes[*member].inputs);
    let mut sources: Vec<usize> = inputs
        .filter_map(|(_, operand)| match operand {
            Operand::Planes(source) => Some(*source),
            _ => None,
        })
        .collect();
    let port = reader.checked_sub(plan.nodes.len());
    sources.extend(port.map(|_| 0));
    sources.dedup();
    if sources.len() > 1 {
        return false;
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
    // One parameter block for each node and one for the pack; one block for the frame's facts and one for the planes'
    // layout.
    textures <= options.max_textures && members.len() + 3 <= options.max_uniforms
}
