//! Plans for people: a table, or a Graphviz graph.

use std::fmt::Write;

use super::{History, NodeId, Operand, Plan, Step, Storage, Target};

/// Bytes a step reads from and writes to images and planes.
pub fn traffic(plan: &Plan, step: &Step) -> (usize, usize) {
    let pixels = |extent: (u32, u32)| extent.0 as usize * extent.1 as usize;
    let image = |id: NodeId| pixels(plan.nodes[id].extent) * plan.nodes[id].storage.bytes();
    let planes = |format: &crate::frame::PixelFormat| {
        (0..format.plane_count())
            .map(|plane| format.plane_extent(plane, plan.extent.0, plan.extent.1))
            .map(|extent| extent.row_bytes * extent.rows)
            .sum::<usize>()
    };
    let mut read: usize = plan.reads(step).into_iter().map(image).sum();
    read += histories(plan, step)
        .map(|history| pixels(history.extent) * history.storage.bytes())
        .sum::<usize>();
    if plan.step_inputs(step).contains(&Operand::Planes) {
        read += plan.source_format.as_ref().map_or(0, planes);
    }
    let written = match step.target {
        Target::Image { node, .. } => image(node),
        Target::Output(port) => planes(&plan.outputs[port].format),
    };
    (read, written)
}

/// Histories a step reads.
fn histories<'a>(plan: &'a Plan, step: &Step) -> impl Iterator<Item = &'a History> {
    let inputs = plan.step_inputs(step);
    let read = move |index: &usize| inputs.contains(&Operand::History(*index));
    (0..plan.histories.len())
        .filter(read)
        .map(|index| &plan.histories[index])
}

fn storage(storage: Storage) -> &'static str {
    match storage {
        Storage::R32Float => "r32float",
        Storage::Rgba16Float => "rgba16float",
        Storage::Rgba32Float => "rgba32float",
        Storage::Words => "words",
    }
}

fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The plan as a table: one line a dispatch, the nodes fused into it below.
pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    let (mut read, mut written) = (0, 0);
    let _ = writeln!(
        out,
        "{}x{}, {} passes in {} dispatches, {} images in {} slots",
        plan.extent.0,
        plan.extent.1,
        plan.nodes.len() + plan.outputs.len(),
        plan.steps.len(),
        plan.steps
            .iter()
            .filter(|step| matches!(step.target, Target::Image { .. }))
            .count(),
        plan.slots.len()
    );
    for (index, step) in plan.steps.iter().enumerate() {
        let (reads, writes) = traffic(plan, step);
        read += reads;
        written += writes;
        let (label, kernel, kind, extent, params) = match step.target {
            Target::Image { node, slot } => {
                let node = &plan.nodes[node];
                let kind = format!("{} slot {slot}", storage(node.storage));
                (
                    node.label.clone(),
                    &node.kernel.path,
                    kind,
                    node.extent,
                    &node.params,
                )
            }
            Target::Output(port) => {
                let pack = &plan.outputs[port];
                (
                    format!("output {port}"),
                    &pack.kernel.path,
                    pack.format.to_string(),
                    pack.extent,
                    &pack.params,
                )
            }
        };
        let _ = writeln!(
            out,
            "{index:>3}  {label}  [{kernel}{}]  {}x{} {kind}  reads {}, writes {}",
            values(params),
            extent.0,
            extent.1,
            megabytes(reads),
            megabytes(writes)
        );
        for id in &step.fused {
            let node = &plan.nodes[*id];
            let _ = writeln!(
                out,
                "     + {}  [{}{}]  fused, {}",
                node.label,
                node.kernel.path,
                values(&node.params),
                storage(node.storage)
            );
        }
    }
    for history in &plan.histories {
        let _ = writeln!(
            out,
            "kept: {} for {}  {}x{} {}",
            plan.nodes[history.commit].label,
            history.label,
            history.extent.0,
            history.extent.1,
            storage(history.storage)
        );
    }
    for note in &plan.notes {
        let _ = writeln!(out, "note: {note}");
    }
    let pool: usize = plan
        .slots
        .iter()
        .map(|slot| slot.extent.0 as usize * slot.extent.1 as usize * slot.storage.bytes())
        .sum();
    let _ = writeln!(
        out,
        "per frame: reads {}, writes {}; pool {}",
        megabytes(read),
        megabytes(written),
        megabytes(pool)
    );
    out
}

fn values(params: &[(String, f32)]) -> String {
    params
        .iter()
        .map(|(name, value)| format!(" {name}={value}"))
        .collect()
}

/// The plan as a Graphviz digraph: a box for each dispatch, with what is fused into it inside.
pub fn dot(plan: &Plan) -> String {
    let mut out = String::from(
        "digraph plan {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  planes [shape=cylinder, label=\"decoded planes\"];\n",
    );
    for (index, file) in plan.files.iter().enumerate() {
        let _ = writeln!(
            out,
            "  file{index} [shape=note, label={:?}];",
            file.to_string()
        );
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let mut lines: Vec<&str> = step
            .fused
            .iter()
            .map(|id| plan.nodes[*id].label.as_str())
            .collect();
        let (last, extent, kind) = match step.target {
            Target::Image { node, .. } => (
                plan.nodes[node].label.clone(),
                plan.nodes[node].extent,
                storage(plan.nodes[node].storage).to_owned(),
            ),
            Target::Output(port) => (
                format!("output {port}"),
                plan.outputs[port].extent,
                plan.outputs[port].format.to_string(),
            ),
        };
        lines.push(&last);
        let _ = writeln!(
            out,
            "  s{index} [label=\"{}\\n{}x{} {kind}\"];",
            lines.join("\\n"),
            extent.0,
            extent.1
        );
        for id in plan.reads(step) {
            let made = plan
                .steps
                .iter()
                .position(|s| matches!(s.target, Target::Image { node, .. } if node == id));
            if let Some(made) = made {
                let _ = writeln!(out, "  s{made} -> s{index};");
            }
        }
        for history in histories(plan, step) {
            let kept = plan.steps.iter().position(
                |s| matches!(s.target, Target::Image { node, .. } if node == history.commit),
            );
            if let Some(kept) = kept {
                let _ = writeln!(
                    out,
                    "  s{kept} -> s{index} [style=dashed, constraint=false, label=\"next frame\"];"
                );
            }
        }
        let inputs = plan.step_inputs(step);
        if inputs.contains(&Operand::Planes) {
            let _ = writeln!(out, "  planes -> s{index};");
        }
        for file in 0..plan.files.len() {
            if inputs.contains(&Operand::File(file)) {
                let _ = writeln!(out, "  file{file} -> s{index};");
            }
        }
    }
    out.push_str("}\n");
    out
}
