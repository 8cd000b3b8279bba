//! Makes the WGSL of a step: the kernels, and generated code for bindings, accessors by name, parameter blocks, stores
//! and entry points.
//!
//! Bind group 0 belongs to the frame (facts, layout of the planes, planes), group 1 to the step (its target,
//! parameters, textures), group 2 to the output (its words).

mod planes;

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::executor::ExecError;
use super::super::plan::{NodeId, NodeKind, Operand, ParamsOf, Plan, Step, Storage, Target};
use super::super::style::{Kernel, Library, Window};
use super::link::{link, validate};
use crate::frame::{Fact, Facts};
use planes::planes_module;

/// Invocations of a workgroup in x and y.
pub const WORKGROUP: (u32, u32) = (16, 16);

/// The content of a binding of group 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// The image that is written, a storage texture.
    Written(Storage),
    /// The buffer of words that is written.
    WrittenWords,
    /// Layout of an output's planes in its buffer of words.
    OutputLayout,
    /// A parameter block.
    Params(ParamsOf),
    /// An image that is read.
    Texture(Operand),
    /// A buffer that is read.
    Words(Operand),
}

/// The shader of a step.
#[derive(Clone, Debug)]
pub struct Shader {
    pub label: String,
    pub wgsl: String,
    /// Entry points: `main`, or one for each plane, or one for each phase.
    pub entries: Vec<String>,
    /// The bindings of group 1, in order.
    pub bindings: Vec<Binding>,
}

const ENGINE: &str = "
@group(0) @binding(0) var<uniform> facts: Facts;
var<private> here: vec2i;
var<private> extent: vec2i;

// Rounds to 16-bit floats, ties to even, so that the driver's own rounding changes nothing.
fn half(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let magnitude = bits & 0x7fffffffu;
    let normal = bitcast<f32>((bits + 0xfffu + ((bits >> 13u) & 1u)) & 0xffffe000u);
    let subnormal = round(x * 16777216.0) * 5.9604645e-8;
    let rounded = select(normal, subnormal, magnitude < 0x38800000u);
    // Above 65504 a half float is infinite, which a storage texture may not support; the largest finite value is stored
    // instead.
    return select(clamp(rounded, -65504.0, 65504.0), x, magnitude > 0x7f800000u);
}
// Where pixel p of a field lies in a picture of so many rows. Field 0 is shown first, field 1 second.
fn of_field(f: i32, p: vec2i, rows: i32) -> vec2i {
    let bottom = select(0, 1, (f == 1) != (facts.fields == 2u));
    let last = max((rows - bottom + 1) / 2 - 1, 0);
    return vec2i(p.x, 2 * clamp(p.y, 0, last) + bottom);
}
fn store_r32float(v: vec4f) -> vec4f {
    return vec4f(v.r, v.r, v.r, 1.0);
}
fn store_rgba16float(v: vec4f) -> vec4f {
    return vec4f(half(v.r), half(v.g), half(v.b), half(v.a));
}
fn store_rgba32float(v: vec4f) -> vec4f {
    return v;
}
";

/// The struct of a frame's facts in WGSL.
fn facts_struct() -> String {
    let field = |fact: &Fact| format!("    // {}.\n    {}: {},\n", fact.doc, fact.name, fact.wgsl);
    let fields: String = Facts::TABLE.iter().map(field).collect();
    format!("struct Facts {{\n{fields}}}\n")
}

/// The WGSL name of a storage format.
fn texel(storage: Storage) -> &'static str {
    match storage {
        Storage::R32Float => "r32float",
        Storage::Rgba16Float => "rgba16float",
        Storage::Rgba32Float => "rgba32float",
        Storage::Words => "words",
    }
}

/// Generates, links and validates the shader of `step`.
pub fn generate(library: &Library, plan: &Plan, step: &Step) -> Result<Shader, ExecError> {
    let label = plan.step_label(step);
    let fail = |message: String| ExecError::Shader {
        step: label.clone(),
        message: in_the_authors_words(plan, message),
    };
    let mut writer = Writer {
        library,
        plan,
        step,
        modules: BTreeMap::new(),
        bindings: Vec::new(),
    };
    writer
        .modules
        .insert("engine".to_owned(), facts_struct() + ENGINE);
    if let Some(format) = &plan.sources[plan.source_of(step)].format {
        writer
            .modules
            .insert("planes".to_owned(), planes_module(format));
    }
    let (main, entries) = match step.target {
        Target::Image { node, .. } if plan.nodes[node].kind != NodeKind::Pixel => {
            writer.phase_entries(node)
        }
        Target::Image { node, .. } => (writer.image_entry(node), vec!["main".to_owned()]),
        Target::Output(port) => writer.pack_entries(port),
    };
    writer.modules.insert("main".to_owned(), main);
    writer.add_imports().map_err(&fail)?;
    let wgsl = link("main", &writer.modules).map_err(&fail)?;
    validate(&wgsl).map_err(&fail)?;
    Ok(Shader {
        label: label.clone(),
        wgsl,
        entries,
        bindings: writer.bindings,
    })
}

/// Replaces the names of linked modules by the files they come from: `package::pass_1:4:12` is line 4 of that kernel.
fn in_the_authors_words(plan: &Plan, mut message: String) -> String {
    // Highest number first, because pass_1 is a prefix of pass_12.
    for (id, node) in plan.nodes.iter().enumerate().rev() {
        let file = format!("{}.wgsl", node.kernel.path);
        message = message.replace(&format!("package::pass_{id}"), &file);
        message = message.replace(&format!("package__1pass_{id}_"), "");
    }
    message
}

struct Writer<'a> {
    library: &'a Library,
    plan: &'a Plan,
    step: &'a Step,
    modules: BTreeMap<String, String>,
    bindings: Vec<Binding>,
}

impl Writer<'_> {
    fn bind(&mut self, binding: Binding) -> usize {
        self.bindings.push(binding);
        self.bindings.len() - 1
    }

    /// The library modules that the kernels import, directly or through other modules.
    fn add_imports(&mut self) -> Result<(), String> {
        let kernels = self.plan.step_kernels(self.step);
        let mut wanted: Vec<String> = kernels
            .flat_map(|kernel| kernel.imports.iter().cloned())
            .collect();
        wanted.push("common/hash".to_owned());
        let inputs = self.plan.step_inputs(self.step);
        if inputs.iter().any(|operand| self.is_lut(operand)) {
            wanted.push("common/lut".to_owned());
        }
        while let Some(path) = wanted.pop() {
            if self.modules.contains_key(&path) {
                continue;
            }
            let source = self
                .library
                .source(&path)
                .ok_or_else(|| format!("the library has no module {path:?}"))?;
            wanted.extend(Kernel::imports_of(source));
            self.modules.insert(path, source.to_owned());
        }
        Ok(())
    }

    /// Writes the modules of `node` and of the nodes fused into it.
    fn node_module(&mut self, id: NodeId) -> String {
        let node = &self.plan.nodes[id];
        let mut text = node.kernel.source.clone();
        text.push_str("\nvar<private> stored: vec4f;\n");
        self.params(ParamsOf::Node(id), &node.params, &mut text);
        for (name, operand) in &node.inputs {
            self.accessors(name, *operand, &mut text);
        }
        let path = format!("pass_{id}");
        self.modules.insert(path.clone(), text);
        path
    }

    fn params(&mut self, of: ParamsOf, params: &[(String, f32)], text: &mut String) {
        if params.is_empty() {
            return;
        }
        let binding = self.bind(Binding::Params(of));
        text.push_str("struct Params {\n");
        for (name, _) in params {
            let _ = writeln!(text, "    {name}: f32,");
        }
        let _ = writeln!(
            text,
            "}}\n@group(1) @binding({binding}) var<uniform> params: Params;"
        );
    }

    fn is_lut(&self, operand: &Operand) -> bool {
        matches!(operand, Operand::File(file) if self.plan.files[*file].is_lut())
    }

    fn accessors(&mut self, name: &str, operand: Operand, text: &mut String) {
        match operand {
            Operand::File(_) if self.is_lut(&operand) => {
                let binding = self.bind(Binding::Texture(operand));
                let _ = writeln!(
                    text,
                    "@group(1) @binding({binding}) var {name}_texture: texture_2d<f32>;"
                );
                for how in ["trilinear", "tetrahedral"] {
                    let _ = writeln!(
                        text,
                        "fn {name}_{how}(rgb: vec3f) -> vec3f {{ return package::common::lut::{how}({name}_texture, rgb); }}"
                    );
                }
            }
            Operand::Planes(_) => {
                let _ = write!(
                    text,
                    "fn {name}_value(component: i32, p: vec2i) -> f32 {{ return package::planes::value(component, p); }}\n\
                     fn {name}_extent(component: i32) -> vec2i {{ return package::planes::extent(component); }}\n"
                );
            }
            Operand::Image(id) if self.step.fused.contains(&id) => {
                let _ = write!(
                    text,
                    "fn {name}_here() -> vec4f {{ return package::pass_{id}::stored; }}\n\
                     fn {name}_extent() -> vec2i {{ return package::engine::extent; }}\n"
                );
            }
            Operand::Image(_) | Operand::History(_)
                if self.plan.storage_of(operand) == Some(Storage::Words) =>
            {
                let binding = self.bind(Binding::Words(operand));
                let _ = write!(
                    text,
                    "@group(1) @binding({binding}) var<storage, read> {name}_words: array<u32>;\n\
                     fn {name}_word(i: i32) -> u32 {{\n    \
                         return {name}_words[clamp(i, 0, i32(arrayLength(&{name}_words)) - 1)];\n}}\n"
                );
            }
            Operand::Window(node, window) => self.window_accessors(name, node, window, text),
            Operand::Image(_) | Operand::File(_) | Operand::History(_) => {
                let binding = self.bind(Binding::Texture(operand));
                let one = self.plan.storage_of(operand) == Some(Storage::R32Float);
                let (open, close) = if one {
                    ("vec4f(vec3f(", ".r), 1.0)")
                } else {
                    ("", "")
                };
                let _ = write!(
                    text,
                    "@group(1) @binding({binding}) var {name}_texture: texture_2d<f32>;\n\
                     fn {name}_extent() -> vec2i {{ return vec2i(textureDimensions({name}_texture)); }}\n\
                     fn {name}_at(p: vec2i) -> vec4f {{\n    \
                         let inside = clamp(p, vec2i(0), {name}_extent() - vec2i(1));\n    \
                         return {open}textureLoad({name}_texture, inside, 0){close};\n}}\n\
                     fn {name}_here() -> vec4f {{ return {name}_at(package::engine::here); }}\n\
                     fn {name}_field(f: i32, p: vec2i) -> vec4f {{\n    \
                         return {name}_at(package::engine::of_field(f, p, {name}_extent().y));\n}}\n\
                     fn {name}_sample(uv: vec2f) -> vec4f {{\n    \
                         let position = uv * vec2f({name}_extent()) - 0.5;\n    \
                         let base = floor(position);\n    \
                         let f = position - base;\n    \
                         let p = vec2i(base);\n    \
                         let top = mix({name}_at(p), {name}_at(p + vec2i(1, 0)), f.x);\n    \
                         let bottom = mix({name}_at(p + vec2i(0, 1)), {name}_at(p + vec2i(1, 1)), f.x);\n    \
                         return mix(top, bottom, f.y);\n}}\n"
                );
            }
        }
    }

    /// Accessors of an image with several frames. Their first argument is the offset in frames.
    fn window_accessors(&mut self, name: &str, node: NodeId, window: Window, text: &mut String) {
        let storage = self.plan.nodes[node].image.storage;
        let words = storage == Storage::Words;
        let mut loads = String::new();
        for (index, offset) in window.offsets().enumerate() {
            let one = Operand::Window(
                node,
                Window {
                    from: offset,
                    to: offset,
                },
            );
            let label = if offset == window.to {
                "default".to_owned()
            } else {
                format!("case {offset}")
            };
            if words {
                let binding = self.bind(Binding::Words(one));
                let _ = writeln!(
                    text,
                    "@group(1) @binding({binding}) var<storage, read> {name}_words_{index}: array<u32>;"
                );
                let _ = writeln!(
                    loads,
                    "{label}: {{ return {name}_words_{index}[clamp(i, 0, i32(arrayLength(&{name}_words_{index})) - 1)]; }}"
                );
            } else {
                let binding = self.bind(Binding::Texture(one));
                let _ = writeln!(
                    text,
                    "@group(1) @binding({binding}) var {name}_texture_{index}: texture_2d<f32>;"
                );
                let load = format!("textureLoad({name}_texture_{index}, inside, 0)");
                let value = match storage {
                    Storage::R32Float => format!("vec4f(vec3f({load}.r), 1.0)"),
                    _ => load,
                };
                let _ = writeln!(loads, "{label}: {{ return {value}; }}");
            }
        }
        let _ = write!(
            text,
            "fn {name}_valid(k: i32) -> bool {{\n    \
                 return k >= -i32(package::engine::facts.frames_before) && k <= i32(package::engine::facts.frames_after);\n}}\n"
        );
        if words {
            let _ = write!(
                text,
                "fn {name}_word(k: i32, i: i32) -> u32 {{\nswitch (k) {{\n{loads}}}\n}}\n"
            );
            return;
        }
        let _ = write!(
            text,
            "fn {name}_extent() -> vec2i {{ return vec2i(textureDimensions({name}_texture_0)); }}\n\
             fn {name}_at(k: i32, p: vec2i) -> vec4f {{\n    \
                 let inside = clamp(p, vec2i(0), {name}_extent() - vec2i(1));\n\
                 switch (k) {{\n{loads}}}\n}}\n\
             fn {name}_here(k: i32) -> vec4f {{ return {name}_at(k, package::engine::here); }}\n\
             fn {name}_field(k: i32, f: i32, p: vec2i) -> vec4f {{\n    \
                 return {name}_at(k, package::engine::of_field(f, p, {name}_extent().y));\n}}\n\
             fn {name}_sample(k: i32, uv: vec2f) -> vec4f {{\n    \
                 let position = uv * vec2f({name}_extent()) - 0.5;\n    \
                 let base = floor(position);\n    \
                 let f = position - base;\n    \
                 let p = vec2i(base);\n    \
                 let top = mix({name}_at(k, p), {name}_at(k, p + vec2i(1, 0)), f.x);\n    \
                 let bottom = mix({name}_at(k, p + vec2i(0, 1)), {name}_at(k, p + vec2i(1, 1)), f.x);\n    \
                 return mix(top, bottom, f.y);\n}}\n"
        );
    }

    /// Statements that evaluate the fused nodes in order. Each value is rounded as if it had been stored.
    fn fused_statements(&mut self) -> String {
        let mut text = String::new();
        for id in self.step.fused.clone() {
            let path = self.node_module(id);
            let store = texel(self.plan.nodes[id].image.storage);
            let _ = writeln!(
                text,
                "    package::{path}::stored = package::engine::store_{store}(package::{path}::pixel(package::engine::here));"
            );
        }
        text
    }

    /// A step that writes an image.
    fn image_entry(&mut self, node: NodeId) -> String {
        let storage = self.plan.nodes[node].image.storage;
        let written = self.bind(Binding::Written(storage));
        let fused = self.fused_statements();
        let path = self.node_module(node);
        let format = texel(storage);
        let (x, y) = WORKGROUP;
        format!(
            "@group(1) @binding({written}) var written: texture_storage_2d<{format}, write>;\n\
             @compute @workgroup_size({x}, {y}) fn main(@builtin(global_invocation_id) id: vec3u) {{\n    \
                 let size = textureDimensions(written);\n    \
                 if (id.x >= size.x || id.y >= size.y) {{\n        return;\n    }}\n    \
                 package::engine::here = vec2i(id.xy);\n    \
                 package::engine::extent = vec2i(size);\n{fused}    \
                 let value = package::{path}::pixel(package::engine::here);\n    \
                 textureStore(written, package::engine::here, package::engine::store_{format}(value));\n}}\n"
        )
    }

    /// A step that writes words: one entry point for each phase, in the order they run.
    fn phase_entries(&mut self, node: NodeId) -> (String, Vec<String>) {
        let written = self.bind(Binding::WrittenWords);
        let path = self.node_module(node);
        let module = self.modules.entry(path.clone()).or_default();
        let _ = write!(
            module,
            "@group(1) @binding({written}) var<storage, read_write> words: array<atomic<u32>>;\n\
             fn words_load(i: i32) -> u32 {{ return atomicLoad(&words[i]); }}\n\
             fn words_store(i: i32, value: u32) {{ atomicStore(&words[i], value); }}\n\
             fn words_add(i: i32, value: u32) -> u32 {{ return atomicAdd(&words[i], value); }}\n\
             fn words_min(i: i32, value: u32) -> u32 {{ return atomicMin(&words[i], value); }}\n\
             fn words_max(i: i32, value: u32) -> u32 {{ return atomicMax(&words[i], value); }}\n\
             fn words_or(i: i32, value: u32) -> u32 {{ return atomicOr(&words[i], value); }}\n"
        );
        let (x, y) = WORKGROUP;
        let mut text = String::new();
        let mut entries = Vec::new();
        for (index, phase) in self.plan.nodes[node].phases().iter().enumerate() {
            let ((columns, rows), run) = (phase.over, &phase.run);
            let _ = write!(
                text,
                "@compute @workgroup_size({x}, {y}) fn phase_{index}(@builtin(global_invocation_id) id: vec3u) {{\n    \
                     if (id.x >= {columns}u || id.y >= {rows}u) {{\n        return;\n    }}\n    \
                     package::engine::here = vec2i(id.xy);\n    \
                     package::engine::extent = vec2i({columns}, {rows});\n    \
                     package::{path}::{run}(package::engine::here);\n}}\n"
            );
            entries.push(format!("phase_{index}"));
        }
        (text, entries)
    }
}

#[cfg(test)]
mod tests;
