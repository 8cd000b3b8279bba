//! Makes the WGSL of a step: the kernels, and generated code for bindings, accessors by name, parameter blocks, stores
//! and entry points.
//!
//! Bind group 0 belongs to the frame (facts, the part of the grid that is dispatched, planes), group 1 to the step (its
//! target, parameters, textures), group 2 to the output (its words).

mod fixed;
mod planes;
mod tile;

use std::fmt::{self, Write};
use std::ops::Range;

use super::super::executor::ExecError;
use super::super::plan::{
    NodeId, NodeKind, Operand, ParamField, ParamsOf, Phase, Plan, SourcePort, Step, Storage,
    Target, WORKGROUP,
};
use super::super::style::{Kernel, Library, Place, Window, excerpt, position};
use super::link::{
    Fault, Linked, Modules, check_signature, check_syntax, hlsl, link, missing_import, msl,
    origins_of_lines, place_of, spirv, validate, workgroup_bytes,
};
pub use super::link::{GlslFault, wgsl_of_glsl};
use crate::frame::{Fact, Facts};
use crate::nearest::close;
use planes::planes_module;

/// The content of a binding of group 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// The image that is written, a storage texture.
    Written(Storage),
    /// The buffer of words that is written.
    WrittenWords,
    /// A parameter block.
    Params(ParamsOf),
    /// An image that is read.
    Texture(Operand),
    /// A buffer that is read.
    Words(Operand),
    /// The buffer of a table of numbers, by the index of its file.
    Table(usize),
}

/// The shader of a step.
#[derive(Clone, Debug)]
pub struct Shader {
    pub label: String,
    pub wgsl: String,
    /// Entry points: `main`, or one for each phase.
    pub entries: Vec<String>,
    /// For each entry point, the columns and rows of invocations.
    pub grids: Vec<(u32, u32)>,
    /// For each entry point, the columns and rows of a workgroup.
    pub workgroups: Vec<(u32, u32)>,
    /// Whether all its kernels are built in: none of an author's, and none that was changed.
    pub built_in: bool,
    /// The bindings of group 1, in order.
    pub bindings: Vec<Binding>,
}

impl Shader {
    /// It as SPIR-V of version 1.5, with bounds checks of its own.
    ///
    /// # Errors
    /// What SPIR-V does not have, in words of the library that writes it.
    pub fn spirv(&self) -> Result<Vec<u32>, String> {
        spirv(&self.wgsl)
    }

    /// It in the Metal Shading Language 2.4, as wgpu writes it for Metal: with bounds checks of its own.
    ///
    /// # Errors
    /// As [`Self::spirv`].
    pub fn msl(&self) -> Result<String, String> {
        msl(&self.wgsl)
    }

    /// It in HLSL of shader model 6.0, as wgpu writes it for Direct3D 12: with bounds checks of its own.
    ///
    /// # Errors
    /// As [`Self::spirv`].
    pub fn hlsl(&self) -> Result<String, String> {
        hlsl(&self.wgsl)
    }

    /// The bytes that the invocations of a workgroup share; 0 where the text is not valid.
    pub fn workgroup_bytes(&self) -> u64 {
        workgroup_bytes(&self.wgsl)
    }
}

/// How kernels get the values of their parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsAs {
    /// From uniform buffers: they can be changed, and nothing is compiled again.
    Uniforms,
    /// As constants of the shader, which drivers fold; those that follow a track come from uniform buffers.
    Constants,
}

/// A mistake in a kernel, with its place in the author's file.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelFault {
    /// What is wrong.
    pub what: String,
    /// What to write instead; empty where nobody can say it.
    pub advice: String,
    /// None where it is in no single place.
    pub place: Option<Box<FaultPlace>>,
    /// Paths in the library of the kernels of the step, for a mistake without a place.
    pub kernels: Vec<String>,
}

/// A place in a kernel or module.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultPlace {
    /// Path in the library: `mine/k`.
    pub path: String,
    /// The file.
    pub file: String,
    pub place: Place,
    /// The line with marks below it.
    excerpt: String,
}

impl FaultPlace {
    /// Of `bytes` of `source`, the text of the file at `path` with its imports from the root of the library, and with what the
    /// engine writes below it.
    fn new(library: &Library, path: &str, source: &str, bytes: Range<usize>) -> Self {
        let mut place = Place::of(source, &bytes);
        let mut shown = excerpt(source, &bytes);
        let line = |text: &str| {
            let found = text.lines().nth(place.line - 1);
            found.map(str::to_owned)
        };
        let own = library.text(path).unwrap_or(source);
        if let (Some(line), Some(linked)) = (line(own), line(source))
            && line != linked
        {
            // An import that is relative in the file, so columns differ: the same words, or else the line's first.
            let marked = source.get(bytes).unwrap_or_default();
            let before = own.split_inclusive('\n').take(place.line - 1);
            let start: usize = before.map(str::len).sum();
            let blank = line.len() - line.trim_start().len();
            let at = line.find(marked).unwrap_or(blank);
            let bytes = start + at..start + at + marked.len().min(line.len() - at);
            place = Place::of(own, &bytes);
            shown = excerpt(own, &bytes);
        }
        Self {
            path: path.to_owned(),
            file: file_at(library, path),
            place,
            excerpt: shown,
        }
    }
}

/// The file of the kernel or module at `path`.
fn file_at(library: &Library, path: &str) -> String {
    match library.origin(path) {
        Some(origin) => origin.to_owned(),
        None => format!("{path}.wgsl"),
    }
}

/// A fault as its author reads it: file, line and column, the line itself, and what to write.
impl fmt::Display for KernelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match &self.place {
            Some(at) => {
                let Place { line, column, .. } = at.place;
                write!(f, "{}:{line}:{column}: {what}\n{}", at.file, at.excerpt)?;
            }
            None => {
                let kernels = self.kernels.iter();
                let kernels: Vec<String> = kernels.map(|path| format!("{path}.wgsl")).collect();
                write!(f, "{}: {what}", kernels.join(", "))?;
            }
        }
        if !self.advice.is_empty() {
            write!(f, "\n  {}", self.advice)?;
        }
        Ok(())
    }
}

/// The facts of a frame, which all steps share.
const FACTS: &str = "
@group(0) @binding(0) var<uniform> facts: Facts;
";
/// The facts of a frame, and the step's own `scale`.
const FACTS_AND_SCALE: &str = "
@group(0) @binding(0) var<uniform> given: Facts;
var<private> facts: Facts;
";
const ENGINE: &str = "
// The first invocation of the part of the grid that is dispatched.
@group(0) @binding(1) var<uniform> part: vec4u;
var<private> here: vec2i;
var<private> extent: vec2i;
// Place in its workgroup, of an invocation of a pass that keeps a tile, or of a phase with a group.
var<private> local: vec2i;
// Whether what the pass prepares was run by the workgroup.
var<private> prepared: bool;

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
// Rounds to 16-bit fixed-point numbers. The products with powers of two are exact, so nothing here can be contracted.
fn fixed(x: f32) -> f32 {
    let rounded = clamp(round(x * 16384.0), -32768.0, 32767.0) * 6.103515625e-5;
    return select(rounded, 0.0, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}
fn from_fixed(v: vec4i) -> vec4f {
    return vec4f(v) * 6.103515625e-5;
}
fn to_fixed(v: vec4f) -> vec4i {
    return vec4i(v * 16384.0);
}
fn store_rgba16sint(v: vec4f) -> vec4f {
    return vec4f(fixed(v.r), fixed(v.g), fixed(v.b), fixed(v.a));
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
        Storage::Rgba16Fixed => "rgba16sint",
        Storage::Rgba32Float => "rgba32float",
        Storage::Words => "words",
    }
}

/// The WGSL type of the values of a texture, and what stands around a load of one to give the `vec4f` of a pixel.
fn loaded(storage: Option<Storage>) -> (&'static str, &'static str, &'static str) {
    match storage {
        Some(Storage::R32Float) => ("f32", "vec4f(vec3f(", ".r), 1.0)"),
        Some(Storage::Rgba16Fixed) => ("i32", "package::engine::from_fixed(", ")"),
        _ => ("f32", "", ""),
    }
}

/// Generates, links and validates the shader of `step`, with its parameters in uniform buffers.
pub fn generate(library: &Library, plan: &Plan, step: &Step) -> Result<Shader, ExecError> {
    generate_with(library, plan, step, ParamsAs::Uniforms)
}

/// As [`generate`], with its parameters as they are asked for. A shader of a render that has none but built-in kernels is
/// validated when it is compiled, and only then.
pub fn generate_with(
    library: &Library,
    plan: &Plan,
    step: &Step,
    params: ParamsAs,
) -> Result<Shader, ExecError> {
    let generated = generate_or_fault(library, plan, step, params);
    generated.map_err(|fault| ExecError::Shader {
        step: plan.step_label(step),
        message: fault.to_string(),
    })
}

/// As [`generate_with`]; a mistake in a kernel comes with its place.
///
/// # Errors
/// The first mistake in the kernels of the step.
pub fn generate_or_fault(
    library: &Library,
    plan: &Plan,
    step: &Step,
    params: ParamsAs,
) -> Result<Shader, KernelFault> {
    let written = written(library, plan, step, params)?;
    Ok(Shader {
        label: written.label,
        wgsl: written.linked.wgsl,
        entries: written.entries,
        grids: written.grids,
        workgroups: written.workgroups,
        built_in: written.built_in,
        bindings: written.writer.bindings,
    })
}

/// A line of a shader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShaderLine {
    pub text: String,
    /// The file, and the number of the line in it, from 1, that it was written for; none where the engine writes it.
    pub origin: Option<(String, usize)>,
}

/// The lines of the shader of `step`, with its parameters in uniform buffers: each with the file and the line that it was
/// written for.
///
/// # Errors
/// As [`generate_or_fault`].
pub fn generate_lines(
    library: &Library,
    plan: &Plan,
    step: &Step,
) -> Result<Vec<ShaderLine>, KernelFault> {
    let written = written(library, plan, step, ParamsAs::Uniforms)?;
    let origins = origins_of_lines(&written.linked, &written.writer.modules);
    let lines = written.linked.wgsl.lines().map(str::to_owned);
    let origin = |at: Option<(String, usize)>| {
        let (module, at) = at?;
        let bytes = at..at;
        let place = (module, bytes);
        let file = written.writer.file_of(&place)?;
        Some((file, position(&written.writer.modules[&place.0], at).0))
    };
    let origins = origins.into_iter().map(origin);
    let lines = lines.zip(origins);
    Ok(lines
        .map(|(text, origin)| ShaderLine { text, origin })
        .collect())
}

/// What is wrong with the grammar of the kernel or module at `path` of the library, by itself.
pub fn syntax_fault(library: &Library, path: &str) -> Option<KernelFault> {
    let fault = check_syntax(path, library.source(path)?)?;
    let (_, bytes) = fault.place.clone()?;
    Some(KernelFault {
        place: Some(Box::new(FaultPlace::new(
            library,
            path,
            library.source(path)?,
            bytes,
        ))),
        what: fault.what,
        advice: fault.advice,
        kernels: Vec::new(),
    })
}

/// The text of a step, and what belongs to it.
struct Written<'a> {
    writer: Writer<'a>,
    linked: Linked,
    label: String,
    entries: Vec<String>,
    grids: Vec<(u32, u32)>,
    workgroups: Vec<(u32, u32)>,
    built_in: bool,
}

/// Writes, links and validates the shader of `step`.
fn written<'a>(
    library: &'a Library,
    plan: &'a Plan,
    step: &'a Step,
    params: ParamsAs,
) -> Result<Written<'a>, KernelFault> {
    let label = plan.step_label(step);
    let built_in = plan.step_kernels(step).all(|kernel| kernel.twin.is_some());
    let mut writer = Writer {
        library,
        plan,
        step,
        params,
        modules: Modules::new(),
        bindings: Vec::new(),
    };
    let facts = if writer.reads_scale() {
        FACTS_AND_SCALE
    } else {
        FACTS
    };
    writer
        .modules
        .insert("engine".to_owned(), facts_struct() + facts + ENGINE);
    let SourcePort { extent, format } = &plan.sources[plan.source_of(step)];
    if let Some(format) = format {
        writer
            .modules
            .insert("planes".to_owned(), planes_module(format, *extent));
    }
    let whole = || vec!["main".to_owned()];
    let (main, entries, grids) = match step.target {
        Target::Image { node, .. } if plan.nodes[node].kind != NodeKind::Pixel => {
            let (main, entries) = writer.phase_entries(node);
            let phases = plan.nodes[node].phases().iter();
            (main, entries, phases.map(|phase| phase.over).collect())
        }
        Target::Image { node, .. } => {
            let grid = plan.nodes[node].image.extent;
            (writer.image_entry(node), whole(), vec![grid])
        }
        Target::Output(port) => {
            let (main, grid) = writer.pack_entry(port);
            (main, whole(), vec![grid])
        }
    };
    let workgroups = match step.target {
        Target::Image { node, .. } if plan.nodes[node].kind != NodeKind::Pixel => {
            let phases = plan.nodes[node].phases().iter();
            phases.map(workgroup_of_phase).collect()
        }
        Target::Image { .. } => vec![plan.workgroup_of(step)],
        Target::Output(_) => vec![WORKGROUP; entries.len()],
    };
    writer.modules.insert("main".to_owned(), main);
    let linked = writer.add_imports().and_then(|()| {
        if let Some(missing) = (!built_in)
            .then(|| missing_import(&writer.modules))
            .flatten()
        {
            return Err(missing);
        }
        let linked = link("main", &writer.modules)?;
        // wgpu validates every module. What is wrong with an author's must be told in words, with its place.
        if !built_in || params == ParamsAs::Uniforms {
            validate(&linked, &writer.modules)?;
        }
        Ok(linked)
    });
    match linked {
        Ok(linked) => Ok(Written {
            writer,
            linked,
            label,
            entries,
            grids,
            workgroups,
            built_in,
        }),
        Err(fault) => Err(writer.placed(fault)),
    }
}

/// Invocations of a workgroup of a phase in x and y: those of its group, or all in one row where it has one row.
fn workgroup_of_phase(phase: &Phase) -> (u32, u32) {
    match (phase.group, phase.over.1) {
        (Some(group), _) => (group, 1),
        (None, 1) => (WORKGROUP.0 * WORKGROUP.1, 1),
        (None, _) => WORKGROUP,
    }
}

/// The fault of importing a module that the library does not have.
fn unknown_module(library: &Library, modules: &Modules, path: &str) -> Fault {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let written = |path: &str| format!("package::{}", path.replace('/', "::"));
    let known: Vec<&str> = library.kernels().collect();
    let beside = |folder: &str| {
        let inside = known.iter().filter_map(|known| known.strip_prefix(folder));
        let names = inside.filter_map(|rest| rest.strip_prefix('/'));
        let names = names.filter(|name| !name.contains('/'));
        names.collect::<Vec<_>>().join(", ")
    };
    let common = known
        .iter()
        .copied()
        .filter(|known| known.starts_with("common/"));
    let (inside, others) = (beside(path), beside(folder));
    let advice = if let Some(near) = close(path, common) {
        format!("did you mean {}?", written(near))
    } else if !inside.is_empty() {
        format!(
            "an import names what is in a module, {}::FILE::NAME; its files: {inside}",
            written(path)
        )
    } else if !others.is_empty() {
        format!("the modules of {}: {others}", written(folder))
    } else {
        "a module is a .wgsl file: package::FOLDER::FILE::NAME".to_owned()
    };
    Fault {
        what: format!("there is no module {}", written(path)),
        advice,
        place: place_of(modules, name),
    }
}

struct Writer<'a> {
    library: &'a Library,
    plan: &'a Plan,
    step: &'a Step,
    params: ParamsAs,
    modules: Modules,
    bindings: Vec<Binding>,
}

impl Writer<'_> {
    /// Whether its kernels, or modules that they import, read the fact `scale`.
    fn reads_scale(&self) -> bool {
        let kernels = self.plan.step_kernels(self.step);
        let modules = self
            .library
            .linked(kernels.map(|kernel| kernel.path.as_str()));
        modules
            .values()
            .any(|source| Kernel::names_facts(source, &["scale"]))
    }

    /// The statements that give the kernel of `node`, or one that makes no image, its facts.
    fn facts_statements(&self, node: Option<NodeId>) -> String {
        if !self.reads_scale() {
            return String::new();
        }
        let scale = node.map(|node| self.plan.scale_of(&self.plan.nodes[node]));
        let scale = scale.map(|scale| format!("    package::engine::facts.scale = {scale:?}f;\n"));
        let scale = scale.unwrap_or_default();
        format!("    package::engine::facts = package::engine::given;\n{scale}")
    }

    fn bind(&mut self, binding: Binding) -> usize {
        self.bindings.push(binding);
        self.bindings.len() - 1
    }

    /// The library modules that the kernels import, directly or through other modules.
    fn add_imports(&mut self) -> Result<(), Fault> {
        let mut wanted: Vec<String> = vec!["common/border".to_owned(), "common/hash".to_owned()];
        let inputs = self.plan.step_inputs(self.step);
        if inputs.iter().any(|operand| self.is_lut(operand)) {
            wanted.push("common/lut".to_owned());
        }
        let kernels = self.plan.step_kernels(self.step);
        wanted.extend(kernels.flat_map(|kernel| kernel.imports.iter().cloned()));
        while let Some(path) = wanted.pop() {
            if self.modules.contains_key(&path) {
                continue;
            }
            let Some(source) = self.library.source(&path) else {
                return Err(unknown_module(self.library, &self.modules, &path));
            };
            wanted.extend(Kernel::imports_of(source));
            self.modules.insert(path, source.to_owned());
        }
        Ok(())
    }

    /// Whether an author wrote what is at this place of a module.
    fn is_written(&self, (module, bytes): &(String, Range<usize>)) -> bool {
        let kernel = self.kernel_of(module);
        let length = kernel.map_or(usize::MAX, |kernel| kernel.source.len());
        let generated = ["main", "engine", "planes"].contains(&module.as_str());
        !generated && bytes.start < length
    }

    /// The path in the library of what a module was written for.
    fn path_of<'m>(&'m self, module: &'m str) -> &'m str {
        self.kernel_of(module).map_or(module, |kernel| &kernel.path)
    }

    /// The file that a place of a module is in; none for what the engine writes.
    fn file_of(&self, place: &(String, Range<usize>)) -> Option<String> {
        self.is_written(place)
            .then(|| file_at(self.library, self.path_of(&place.0)))
    }

    /// A fault with its place in the author's file.
    fn placed(&self, fault: Fault) -> KernelFault {
        let fault = match fault.place.as_ref().filter(|place| self.is_written(place)) {
            Some(_) => fault,
            // Text that the engine writes is right: a kernel before it does not end, or has other types than it calls.
            None => {
                let wrong = self.unfinished().or_else(|| self.wrong_entry());
                wrong.unwrap_or(Fault {
                    place: None,
                    ..fault
                })
            }
        };
        let kernels = self.plan.step_kernels(self.step);
        let place = fault.place.map(|(module, bytes)| {
            let path = self.path_of(&module);
            Box::new(FaultPlace::new(
                self.library,
                path,
                &self.modules[&module],
                bytes,
            ))
        });
        KernelFault {
            what: fault.what,
            advice: fault.advice,
            place,
            kernels: kernels.map(|kernel| kernel.path.clone()).collect(),
        }
    }

    /// The kernel whose text a generated module begins with.
    fn kernel_of(&self, module: &str) -> Option<&Kernel> {
        if let (Target::Output(port), "pack") = (self.step.target, module) {
            return Some(&self.plan.pack(port).kernel);
        }
        let place: usize = module.strip_prefix("pass_")?.parse().ok()?;
        let target = match self.step.target {
            Target::Image { node, .. } => Some(node),
            Target::Output(_) => None,
        };
        let node = self.step.fused.get(place).copied().or(target)?;
        Some(&self.plan.nodes[node].kernel)
    }

    /// The module of a node of the step. Its name has the place of the node in the step, so that steps of the same kernels
    /// have the same text, and are compiled once.
    fn module_of(&self, node: NodeId) -> String {
        let fused = &self.step.fused;
        let place = fused.iter().position(|id| *id == node);
        format!("pass_{}", place.unwrap_or(fused.len()))
    }

    /// A kernel that does not end, such as by a brace that is missing.
    fn unfinished(&self) -> Option<Fault> {
        let mut modules = self.modules.keys();
        modules.find_map(|module| check_syntax(module, &self.kernel_of(module)?.source))
    }

    /// A function of a kernel that the engine calls and that has other types than it must have.
    fn wrong_entry(&self) -> Option<Fault> {
        let target = match self.step.target {
            Target::Image { node, .. } => Some(node),
            Target::Output(_) => None,
        };
        let mut nodes = self.step.fused.iter().copied().chain(target);
        nodes.find_map(|id| {
            let module = self.module_of(id);
            let node = &self.plan.nodes[id];
            if node.kind == NodeKind::Pixel {
                return check_signature(&self.modules, &module, "pixel", Some("vec4f"));
            }
            let mut phases = node.phases().iter();
            phases.find_map(|phase| check_signature(&self.modules, &module, &phase.run, None))
        })
    }

    /// Writes the modules of `node` and of the nodes fused into it.
    fn node_module(&mut self, id: NodeId) -> String {
        let node = &self.plan.nodes[id];
        let mut text = node.kernel.source.clone();
        text.push_str("\nvar<private> stored: vec4f;\n");
        self.params(ParamsOf::Node(id), &mut text);
        for (name, operand) in &node.inputs {
            self.accessors(Some(id), name, *operand, &mut text);
        }
        let path = self.module_of(id);
        self.modules.insert(path.clone(), text);
        path
    }

    fn params(&mut self, of: ParamsOf, text: &mut String) {
        let fields = self.plan.param_fields(of);
        if fields.is_empty() {
            return;
        }
        text.push_str("struct Params {\n");
        for ParamField { name, color, .. } in &fields {
            let kind = if *color { "vec3f" } else { "f32" };
            let _ = writeln!(text, "    {name}: {kind},");
        }
        if let Some(values) = self.fixed_values(of, &fields) {
            let _ = writeln!(text, "}}\nvar<private> params: Params = Params({values});");
            return;
        }
        let binding = self.bind(Binding::Params(of));
        let _ = writeln!(
            text,
            "}}\n@group(1) @binding({binding}) var<uniform> params: Params;"
        );
    }

    fn is_lut(&self, operand: &Operand) -> bool {
        matches!(operand, Operand::File(file) if self.plan.files[*file].is_lut())
    }

    /// The functions by which a kernel reads an input; `reader` is its node, `None` of a kernel that packs.
    fn accessors(
        &mut self,
        reader: Option<NodeId>,
        name: &str,
        operand: Operand,
        text: &mut String,
    ) {
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
            Operand::File(file) if self.plan.files[file].is_table() => {
                let binding = self.bind(Binding::Table(file));
                let _ = write!(
                    text,
                    "@group(1) @binding({binding}) var<storage, read> {name}_numbers: array<vec4f>;\n\
                     fn {name}_vec4(i: i32) -> vec4f {{ return {name}_numbers[i]; }}\n"
                );
            }
            Operand::Planes(_) => {
                let _ = write!(
                    text,
                    "fn {name}_value(component: i32, p: vec2i) -> f32 {{ return package::planes::value(component, p); }}\n\
                     fn {name}_extent(component: i32) -> vec2i {{ return package::planes::extent(component); }}\n"
                );
            }
            Operand::Image(id) if self.step.fused.contains(&id) => {
                let module = self.module_of(id);
                let _ = write!(
                    text,
                    "fn {name}_here() -> vec4f {{ return package::{module}::stored; }}\n\
                     fn {name}_extent() -> vec2i {{ return package::engine::extent; }}\n"
                );
            }
            Operand::Image(_) | Operand::History(_)
                if self.plan.storage_of(operand) == Some(Storage::Words) =>
            {
                let binding = self.bind(Binding::Words(operand));
                let last = self
                    .extent_of(operand)
                    .map_or(0, |extent| extent.0.saturating_sub(1));
                let _ = write!(
                    text,
                    "@group(1) @binding({binding}) var<storage, read> {name}_words: array<u32>;\n\
                     fn {name}_word(i: i32) -> u32 {{\n    \
                         return {name}_words[clamp(i, 0, {last})];\n}}\n"
                );
            }
            Operand::Window(node, window) => self.window_accessors(name, node, window, text),
            Operand::Image(_) | Operand::File(_) | Operand::History(_) => {
                let binding = self.bind(Binding::Texture(operand));
                let extent = self.extent_text(operand, &format!("{name}_texture"));
                let (texel, open, close) = loaded(self.plan.storage_of(operand));
                let _ = write!(
                    text,
                    "@group(1) @binding({binding}) var {name}_texture: texture_2d<{texel}>;\n\
                     fn {name}_extent() -> vec2i {{ return {extent}; }}\n\
                     fn {name}_at(p: vec2i) -> vec4f {{\n    \
                         let inside = clamp(p, vec2i(0), {name}_extent() - vec2i(1));\n    \
                         return {open}textureLoad({name}_texture, inside, 0){close};\n}}\n\
                     fn {name}_here() -> vec4f {{ return {name}_at(package::engine::here); }}\n\
                     fn {name}_field(f: i32, p: vec2i) -> vec4f {{\n    \
                         return {name}_at(package::engine::of_field(f, p, {name}_extent().y));\n}}\n\
                     fn {name}_sample(uv: vec2f) -> vec4f {{ return {name}_between(uv * vec2f({name}_extent())); }}\n\
                     fn {name}_between(p: vec2f) -> vec4f {{\n    \
                         let position = p - 0.5;\n    \
                         let base = floor(position);\n    \
                         let f = position - base;\n    \
                         let first = vec2i(base);\n    \
                         let top = mix({name}_at(first), {name}_at(first + vec2i(1, 0)), f.x);\n    \
                         let bottom = mix({name}_at(first + vec2i(0, 1)), {name}_at(first + vec2i(1, 1)), f.x);\n    \
                         return mix(top, bottom, f.y);\n}}\n"
                );
                self.neighbour_accessors(reader, name, operand, text);
            }
        }
    }

    /// Accessors of an image with several frames. Their first argument is the offset in frames.
    fn window_accessors(&mut self, name: &str, node: NodeId, window: Window, text: &mut String) {
        let storage = self.plan.nodes[node].image.storage;
        let words = storage == Storage::Words;
        let (width, height) = self.plan.nodes[node].image.extent;
        let last = width.saturating_sub(1);
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
                    "{label}: {{ return {name}_words_{index}[clamp(i, 0, {last})]; }}"
                );
            } else {
                let binding = self.bind(Binding::Texture(one));
                let (texel, open, close) = loaded(Some(storage));
                let _ = writeln!(
                    text,
                    "@group(1) @binding({binding}) var {name}_texture_{index}: texture_2d<{texel}>;"
                );
                let _ = writeln!(
                    loads,
                    "{label}: {{ return {open}textureLoad({name}_texture_{index}, inside, 0){close}; }}"
                );
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
            "fn {name}_extent() -> vec2i {{ return vec2i({width}, {height}); }}\n\
             fn {name}_at(k: i32, p: vec2i) -> vec4f {{\n    \
                 let inside = clamp(p, vec2i(0), {name}_extent() - vec2i(1));\n\
                 switch (k) {{\n{loads}}}\n}}\n\
             fn {name}_here(k: i32) -> vec4f {{ return {name}_at(k, package::engine::here); }}\n\
             fn {name}_field(k: i32, f: i32, p: vec2i) -> vec4f {{\n    \
                 return {name}_at(k, package::engine::of_field(f, p, {name}_extent().y));\n}}\n\
             fn {name}_sample(k: i32, uv: vec2f) -> vec4f {{ return {name}_between(k, uv * vec2f({name}_extent())); }}\n\
             fn {name}_between(k: i32, p: vec2f) -> vec4f {{\n    \
                 let position = p - 0.5;\n    \
                 let base = floor(position);\n    \
                 let f = position - base;\n    \
                 let first = vec2i(base);\n    \
                 let top = mix({name}_at(k, first), {name}_at(k, first + vec2i(1, 0)), f.x);\n    \
                 let bottom = mix({name}_at(k, first + vec2i(0, 1)), {name}_at(k, first + vec2i(1, 1)), f.x);\n    \
                 return mix(top, bottom, f.y);\n}}\n"
        );
    }

    /// Statements that evaluate the fused nodes in order. Each value is rounded as if it had been stored.
    fn fused_statements(&mut self) -> String {
        let mut text = String::new();
        for id in self.step.fused.clone() {
            text.push_str(&self.facts_statements(Some(id)));
            text.push_str(&self.prepared_statement(id));
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
        let facts = self.facts_statements(Some(node)) + &self.prepared_statement(node);
        let path = self.node_module(node);
        let format = texel(storage);
        let (open, close) = match storage {
            Storage::Rgba16Fixed => ("package::engine::to_fixed(", ")"),
            _ => ("", ""),
        };
        let (columns, rows) = self.plan.nodes[node].image.extent;
        let (x, y) = self.plan.workgroup_of(self.step);
        let fill = self.fill_statements();
        // Only where there are tiles: all invocations load them, those beyond the border too.
        let (local, place) = match fill.is_empty() {
            true => ("", ""),
            false => (
                ", @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) index: u32",
                "    package::engine::here = vec2i(id.xy);\n    package::engine::local = vec2i(local.xy);\n",
            ),
        };
        format!(
            "@group(1) @binding({written}) var written: texture_storage_2d<{format}, write>;\n\
             @compute @workgroup_size({x}, {y}) fn main(@builtin(global_invocation_id) in_part: vec3u{local}) {{\n    \
                 let id = in_part + package::engine::part.xyz;\n\
             {place}{fill}    \
                 if (id.x >= {columns}u || id.y >= {rows}u) {{\n        return;\n    }}\n    \
                 package::engine::here = vec2i(id.xy);\n    \
                 package::engine::extent = vec2i({columns}, {rows});\n{fused}{facts}    \
                 let value = package::{path}::pixel(package::engine::here);\n    \
                 textureStore(written, package::engine::here, {open}package::engine::store_{format}(value){close});\n}}\n"
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
        let facts = self.facts_statements(Some(node));
        let mut text = String::new();
        let mut entries = Vec::new();
        for (index, phase) in self.plan.nodes[node].phases().iter().enumerate() {
            let ((columns, rows), run) = (phase.over, &phase.run);
            let (x, y) = workgroup_of_phase(phase);
            // A barrier needs all invocations of the group, so none may end early: groups fill the grid.
            let (local, begin) = match phase.group {
                Some(_) => (
                    ", @builtin(local_invocation_id) local: vec3u",
                    "    package::engine::local = vec2i(local.xy);\n".to_owned(),
                ),
                None => (
                    "",
                    format!(
                        "    if (id.x >= {columns}u || id.y >= {rows}u) {{\n        return;\n    }}\n"
                    ),
                ),
            };
            let _ = write!(
                text,
                "@compute @workgroup_size({x}, {y}) fn phase_{index}(@builtin(global_invocation_id) in_part: vec3u{local}) {{\n    \
                     let id = in_part + package::engine::part.xyz;\n\
                 {begin}    \
                     package::engine::here = vec2i(id.xy);\n    \
                     package::engine::extent = vec2i({columns}, {rows});\n{facts}    \
                     package::{path}::{run}(package::engine::here);\n}}\n"
            );
            entries.push(format!("phase_{index}"));
        }
        (text, entries)
    }
}

#[cfg(test)]
mod tests;
