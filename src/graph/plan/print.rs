//! Prints a plan as a table or as a Graphviz graph.

use std::fmt::Write;

use super::traffic::{histories, traffic};
use super::{Derived, Operand, Plan, Storage, Target};
use crate::frame::{Pace, Rational};

fn storage(storage: Storage) -> &'static str {
    match storage {
        Storage::R32Float => "r32float",
        Storage::Rgba16Float => "rgba16float",
        Storage::Rgba16Fixed => "rgba16fixed",
        Storage::Rgba32Float => "rgba32float",
        Storage::Words => "words",
    }
}

fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The plan as a table: one line for each dispatch, and below it the nodes fused into it.
pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    let (mut read, mut written) = (0, 0);
    let _ = writeln!(
        out,
        "{}x{}, {} passes in {} dispatches, {} images in {} slots",
        plan.source().extent.0,
        plan.source().extent.1,
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
        let (kernel, kind, extent, params) = match step.target {
            Target::Image { node, slot } => {
                let node = &plan.nodes[node];
                let mut kind = format!("{} slot {slot}", storage(node.image.storage));
                if plan.slots[slot].frames > 1 {
                    let _ = write!(kind, " ({} frames)", plan.slots[slot].frames);
                }
                if node.image.clock > 0 {
                    let _ = write!(kind, " clock {}", node.image.clock);
                }
                (&node.kernel.path, kind, node.image.extent, &node.params)
            }
            Target::Output(port) => {
                let pack = plan.pack(port);
                let kind = pack.format.to_string();
                (&pack.kernel.path, kind, pack.extent, &pack.params)
            }
        };
        let _ = writeln!(
            out,
            "{index:>3}  {}  [{kernel}{}]  {}x{} {kind}  reads {}, writes {}",
            plan.step_label(step),
            values(params),
            extent.0,
            extent.1,
            megabytes(reads),
            megabytes(writes)
        );
        for tile in plan.tiles_of(step) {
            let (columns, rows) = tile.extent;
            let how = match tile.kept {
                true => "in workgroup memory",
                false => "has no room in workgroup memory: read directly",
            };
            let _ = writeln!(
                out,
                "     tile of {} for {}: {columns}x{rows} pixels, {} bytes, {how}",
                tile.input, plan.nodes[tile.node].label, tile.bytes
            );
        }
        for id in &step.fused {
            let node = &plan.nodes[*id];
            let _ = writeln!(
                out,
                "     + {}  [{}{}]  fused, {}",
                node.label,
                node.kernel.path,
                values(&node.params),
                storage(node.image.storage)
            );
        }
    }
    for history in &plan.histories {
        let _ = writeln!(
            out,
            "kept: {} for {}  {}x{} {}",
            plan.nodes[history.commit].label,
            history.label,
            history.image.extent.0,
            history.image.extent.1,
            storage(history.image.storage)
        );
    }
    for (index, clock) in plan.clocks.iter().enumerate() {
        if let Some(Derived { of, retiming, .. }) = &clock.derived {
            let pace = match &retiming.pace {
                Pace::Times(times) => format!("{times} frames for each of clock {of}"),
                Pace::Rate(Rational { num, den: 1 }) => format!("{num} frames a second"),
                Pace::Rate(rate) => format!("{rate} frames a second"),
                Pace::Film { stretches, .. } => {
                    format!("film in {} parts of clock {of}", stretches.len())
                }
            };
            let _ = writeln!(out, "clock {index}: {pace}");
        }
    }
    if plan.latency > 0 {
        let _ = writeln!(
            out,
            "latency: a frame comes out when {} later one{} known",
            plan.latency,
            if plan.latency == 1 { " is" } else { "s are" }
        );
    }
    for (curve, followers) in plan.tracks.by_curve() {
        let mut params: Vec<String> = followers
            .iter()
            .map(|follower| {
                let node = &plan.nodes[follower.node];
                format!("{}.{}", node.label, node.params[follower.param].0)
            })
            .collect();
        params.dedup();
        let _ = writeln!(
            out,
            "track: {} ({} keys, {}) for {}",
            curve.param,
            curve.keys.len(),
            curve.interpolation.name(),
            params.join(", ")
        );
    }
    for note in &plan.notes {
        let _ = writeln!(out, "note: {note}");
    }
    let pool: usize = plan
        .slots
        .iter()
        .map(|slot| {
            let (width, height) = slot.extent;
            let bytes = width as usize * height as usize * slot.storage.bytes();
            bytes * slot.frames as usize
        })
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

/// The plan as a Graphviz digraph: one box for each dispatch; the nodes fused into it are inside.
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
        let fused = step.fused.iter().map(|id| plan.nodes[*id].label.clone());
        let lines: Vec<String> = fused.chain([plan.step_label(step)]).collect();
        let (extent, kind) = match step.target {
            Target::Image { node, .. } => {
                let image = &plan.nodes[node].image;
                (image.extent, storage(image.storage).to_owned())
            }
            Target::Output(port) => (plan.pack(port).extent, plan.pack(port).format.to_string()),
        };
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
        if inputs
            .iter()
            .any(|operand| matches!(operand, Operand::Planes(_)))
        {
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
