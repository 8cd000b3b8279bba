//! WGSL that reads an input about the kernel's own pixel: directly, or from a tile in workgroup memory.

use std::fmt::Write;

use super::Writer;
use crate::graph::plan::{NodeId, Operand, Storage, Target, Tile};

impl Writer<'_> {
    /// `NAME_near(d)` and `NAME_mirrored(d)` of an input of node `reader`. The image has `NAME_at(p)`.
    pub(super) fn neighbour_accessors(
        &self,
        reader: Option<NodeId>,
        name: &str,
        operand: Operand,
        text: &mut String,
    ) {
        let tiles = self.plan.tiles_of(self.step);
        let tile = tiles
            .iter()
            .find(|tile| Some(tile.node) == reader && tile.input == name);
        // Beyond what its pass says, a kernel reads the same with a tile and without.
        let (within, q) = match tile.map(|tile| tile.reach) {
            Some((x, y)) => (
                format!("    let q = clamp(d, vec2i(-{x}, -{y}), vec2i({x}, {y}));\n"),
                "q",
            ),
            None => (String::new(), "d"),
        };
        let tile = tile.filter(|tile| tile.kept);
        for (how, mirrored) in [("near", false), ("mirrored", true)] {
            let place = |p: &str| match mirrored {
                true => format!(
                    "vec2i(package::common::border::reflect(({p}).x, {name}_extent().x), package::common::border::reflect(({p}).y, {name}_extent().y))"
                ),
                false => p.to_owned(),
            };
            match tile.filter(|tile| tile.mirrored == mirrored) {
                Some(tile) => {
                    let place = match tile.once && mirrored {
                        true => "min(abs(p), 2 * (extent - vec2i(1)) - abs(p))".to_owned(),
                        false => place("p"),
                    };
                    self.tiled(name, how, &place, &within, operand, tile, text);
                }
                None => {
                    let place = place(&format!("package::engine::here + {q}"));
                    let _ = write!(
                        text,
                        "fn {name}_{how}(d: vec2i) -> vec4f {{\n{within}    return {name}_at({place});\n}}\n"
                    );
                }
            }
        }
    }

    /// The accessor of a tile, and `NAME_fill(local, index)`, which loads it. Both are for an invocation at `local` of its
    /// workgroup.
    #[allow(clippy::too_many_arguments, reason = "parts of one text")]
    fn tiled(
        &self,
        name: &str,
        how: &str,
        place: &str,
        within: &str,
        operand: Operand,
        tile: &Tile,
        text: &mut String,
    ) {
        let (columns, rows) = tile.extent;
        let (x, y) = tile.reach;
        let pixels = columns * rows;
        let group = self.plan.workgroup_of(self.step);
        let invocations = group.0 * group.1;
        let (kind, stored, open, close) = match self.plan.storage_of(operand) {
            Some(Storage::R32Float) => ("f32", ".r", "vec4f(vec3f(", "), 1.0)"),
            _ => ("vec4f", "", "", ""),
        };
        let _ = write!(
            text,
            "var<workgroup> {name}_tile: array<{kind}, {pixels}>;\n\
             fn {name}_fill(local: vec2i, index: i32) {{\n    \
                 let extent = {name}_extent();\n    \
                 let first = package::engine::here - local - vec2i({x}, {y});\n    \
                 for (var i = index; i < {pixels}; i += {invocations}) {{\n        \
                     let p = first + vec2i(i % {columns}, i / {columns});\n        \
                     {name}_tile[i] = {name}_at({place}){stored};\n    }}\n}}\n\
             fn {name}_{how}(d: vec2i) -> vec4f {{\n{within}    \
                 let own = (package::engine::local.y + {y}) * {columns} + package::engine::local.x + {x};\n    \
                 return {open}{name}_tile[own + q.y * {columns} + q.x]{close};\n}}\n"
        );
    }

    /// The statement that says whether the kernel of `node` was prepared; none where it does not ask.
    pub(super) fn prepared_statement(&self, node: NodeId) -> String {
        let node = &self.plan.nodes[node];
        if !node.kernel.source.contains("engine::prepared") {
            return String::new();
        }
        // Invocations of a step that packs are no pixels.
        let pixels = matches!(self.step.target, Target::Image { .. });
        let prepared = pixels && node.prepare.is_some();
        format!("    package::engine::prepared = {prepared};\n")
    }

    /// Statements that load the tiles of the step and run what its kernels prepare; empty where there is neither. Every
    /// invocation of a workgroup runs them.
    pub(super) fn fill_statements(&self) -> String {
        let tiles = self.plan.tiles_of(self.step).into_iter();
        let fills = tiles.filter(|tile| tile.kept).map(|tile| {
            let module = self.module_of(tile.node);
            let name = tile.input;
            format!("    package::{module}::{name}_fill(package::engine::local, i32(index));\n")
        });
        let mut fills: String = fills.collect();
        for id in self.plan.nodes_of(self.step) {
            if let Some(prepare) = &self.plan.nodes[id].prepare {
                let facts = self.facts_statements(Some(id));
                let module = self.module_of(id);
                let _ = writeln!(
                    fills,
                    "{facts}    package::{module}::{prepare}(package::engine::here);"
                );
            }
        }
        match fills.is_empty() {
            true => fills,
            false => fills + "    workgroupBarrier();\n",
        }
    }
}
