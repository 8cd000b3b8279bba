//! Makes a plan from styles: a DAG of passes over images that are written once each, with fusion, lifetimes and pool
//! slots. It uses no device, file or codec.

mod clock;
mod delays;
mod expand;
mod facts;
mod fuse;
pub(super) mod image;
mod live;
mod measures;
mod model;
mod observe;
mod params;
mod passes;
mod pool;
mod print;
mod stats;
mod temporal;
mod tile;
mod tiling;
mod tracks;
mod traffic;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::style::{Alpha, Kernel, Library, Space, Style, StyleError, Value, Values, Window};
use crate::color::Color;
use crate::frame::{Facts, PixelFormat, Rational, Retiming};

pub use clock::{Clock, ClockId, Derived, Lane};
pub use facts::{Interlaced, Source};
pub use image::{ColorState, ImageDesc, Storage};
pub use measures::{MeasurePort, plan_with_measures};
pub use model::{Call, Tensor};
pub use params::ParamField;
pub use print::{dot, text};
pub use stats::{StepStats, stats};
pub use temporal::Temporal;
pub use tile::{Reach, Tile, WORKGROUP};
pub use tracks::{Curve, Follower, Formula, Term, Tracks};
pub use traffic::traffic;

/// Index of a node and of the image it makes.
pub type NodeId = usize;

/// What an input of a kernel is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operand {
    /// The image of a node, at the same frame.
    Image(NodeId),
    /// The image of a node, at several frames.
    Window(NodeId, Window),
    /// The decoder's planes of a source, by index into [`Plan::sources`].
    Planes(usize),
    /// A picture or look-up table, by index into [`Plan::files`].
    File(usize),
    /// A history, by index into [`Plan::histories`].
    History(usize),
}

/// One phase: a function of a compute kernel and the grid of columns and rows that it runs over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    pub run: String,
    pub over: (u32, u32),
    /// Invocations of a workgroup, which share workgroup memory and barriers; the columns of `over` are a multiple of it.
    /// `None` where the function uses neither.
    pub group: Option<u32>,
}

/// How a node is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    /// A pixel function, run once for each pixel of the image.
    Pixel,
    /// Phases that run one after the other over a buffer of words.
    Compute { phases: Vec<Phase> },
    /// Code outside the graph: what its first input, a file, holds. All earlier steps have finished when it runs.
    External { call: Call },
}

/// An image or buffer that is carried from each frame to the next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct History {
    /// Label for messages, such as `temporal/ema/average`.
    pub label: String,
    /// The node whose image is kept as this history after each frame.
    pub commit: NodeId,
    /// 32 bits per channel, or words.
    pub image: ImageDesc,
    /// Whether kernels use it in the first frame of a scene, too: then a scene cannot be rendered without those before it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub across_cuts: bool,
}

/// A file that kernels read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "path", rename_all = "lowercase")]
pub enum File {
    /// A picture given by the user.
    Picture(PathBuf),
    /// A picture of the library, by its path in the library.
    OwnPicture(String),
    /// A look-up table given by the user.
    Lut(PathBuf),
    /// A look-up table of the library, by its path in the library.
    OwnLut(String),
    /// A table of numbers of the library, by its path in the library.
    OwnTable(String),
    /// A model: its name for people, and what tells what it computes.
    Model { name: String, identity: String },
}

impl File {
    /// Whether it is a look-up table.
    pub fn is_lut(&self) -> bool {
        matches!(self, File::Lut(_) | File::OwnLut(_))
    }

    /// Whether it is a table of numbers.
    pub fn is_table(&self) -> bool {
        matches!(self, File::OwnTable(_))
    }
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            File::Picture(path) | File::Lut(path) => write!(f, "{}", path.display()),
            File::OwnPicture(path) | File::OwnLut(path) | File::OwnTable(path) => f.write_str(path),
            File::Model { name, .. } => write!(f, "the model {name}"),
        }
    }
}

/// One pass: a kernel over images, making one image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Label for messages, such as `pencil/soft/reduce_y`.
    pub label: String,
    pub kind: NodeKind,
    #[serde(serialize_with = "kernel_path")]
    pub kernel: Arc<Kernel>,
    /// Values of the parameters that the kernel names, sorted by name.
    pub params: Vec<(String, f32)>,
    /// Inputs in the order of the manifest.
    pub inputs: Vec<(String, Operand)>,
    /// How far it reads inputs, where its pass says so. What is read stays the same.
    #[serde(skip)]
    pub tiles: Vec<Reach>,
    /// A function of its kernel that all invocations of a workgroup run before its pixels.
    #[serde(skip)]
    pub prepare: Option<String>,
    /// Whether its pass makes decisions: a rounding of what it reads can turn one.
    #[serde(skip)]
    pub decides: bool,
    /// The image it makes.
    pub image: ImageDesc,
    /// Frames of its clock that it works behind the newest one, because of windows that look ahead.
    pub delay: u32,
    /// Whether its windows go on where a scene ends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub across_cuts: bool,
}

impl Node {
    /// Whether code outside the graph makes its image.
    pub fn is_external(&self) -> bool {
        matches!(self.kind, NodeKind::External { .. })
    }

    /// The phases of a compute kernel; empty for other nodes.
    pub fn phases(&self) -> &[Phase] {
        match &self.kind {
            NodeKind::Compute { phases } => phases,
            NodeKind::Pixel | NodeKind::External { .. } => &[],
        }
    }
}

/// Where the alpha of an output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlphaSource {
    /// The output has none.
    None,
    /// The source's own samples; opaque if the source has none.
    Source,
    /// The result image.
    Image,
}

/// Turns a result image into coded planes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pack {
    #[serde(serialize_with = "kernel_path")]
    pub kernel: Arc<Kernel>,
    pub params: Vec<(String, f32)>,
    /// The image to pack.
    pub image: NodeId,
    /// The image has one channel, so chroma is a constant.
    pub gray: bool,
    pub format: PixelFormat,
    pub color: Color,
    pub extent: (u32, u32),
    pub alpha: AlphaSource,
    /// Adds triangular noise of ±1 code value before rounding.
    pub dither: bool,
}

impl Pack {
    /// Whether component `component` is computed from the image; chroma of a gray picture is not.
    pub fn reads_image(&self, component: usize) -> bool {
        !(self.gray && self.format.is_chroma(component))
    }
}

/// The target that a step writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The image of this node, in a pool slot.
    Image { node: NodeId, slot: usize },
    /// The planes of this output.
    Output(usize),
}

/// An output of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputPort {
    /// Coded planes for an encoder.
    Frame(Pack),
    /// The image of a node as it is stored, to inspect it or to read numbers from it.
    Image(NodeId),
}

impl OutputPort {
    /// The node whose image is put out.
    pub fn node(&self) -> NodeId {
        match self {
            Self::Frame(pack) => pack.image,
            Self::Image(node) => *node,
        }
    }

    /// The packing of a port of coded planes.
    pub fn pack(&self) -> Option<&Pack> {
        match self {
            Self::Frame(pack) => Some(pack),
            Self::Image(_) => None,
        }
    }
}

/// The pictures of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SourcePort {
    pub extent: (u32, u32),
    /// `None` if pictures are generated.
    pub format: Option<PixelFormat>,
}

/// The owner of a parameter block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsOf {
    Node(NodeId),
    /// The packing of this port.
    Port(usize),
}

/// One dispatch: a node or a pack. The nodes fused into it are evaluated first, in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub fused: Vec<NodeId>,
    pub target: Target,
}

/// A pool slot for transient images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    pub extent: (u32, u32),
    pub storage: Storage,
    /// Number of frames kept: frame N is in image N modulo this number.
    pub frames: u32,
}

impl Slot {
    /// A slot for one frame of `image`.
    pub fn of(image: &ImageDesc) -> Self {
        Self {
            extent: image.extent,
            storage: image.storage,
            frames: 1,
        }
    }
}

/// The facts about the source's frames that a plan needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// Scene cuts.
    pub cuts: bool,
    /// The noise level: a running average over the earlier frames of the scene, however many.
    pub noise: bool,
    /// How long the scene has lasted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub scene: bool,
}

impl Observed {
    /// Whether any fact is needed.
    pub fn any(self) -> bool {
        self.cuts || self.noise || self.scene
    }
}

/// Which frames of the source an output frame depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// Number of earlier frames that a frame depends on; `None` if it depends on all of them.
    pub before: Option<u32>,
    /// Number of later frames that it depends on.
    pub after: u32,
}

impl Timing {
    /// For a plan whose frames do not depend on each other.
    pub const NONE: Self = Self {
        before: Some(0),
        after: 0,
    };
}

/// A plan: the steps in order, the images, and the memory they use.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The sources. For a generator, the extent is the requested one.
    pub sources: Vec<SourcePort>,
    pub nodes: Vec<Node>,
    pub outputs: Vec<OutputPort>,
    pub steps: Vec<Step>,
    pub slots: Vec<Slot>,
    /// Pictures and look-up tables that kernels read.
    pub files: Vec<File>,
    /// Images and buffers carried from frame to frame.
    pub histories: Vec<History>,
    /// The facts that need earlier frames ([`Observer`](super::scene::Observer)).
    pub observed: Observed,
    /// The time axes that images have frames on; the first is the source's.
    pub clocks: Vec<Clock>,
    /// Nodes that work on the same frame, in groups; an executor is given one frame for each.
    pub lanes: Vec<Lane>,
    /// Frames of the source that outputs are behind its newest one.
    pub latency: u32,
    /// Messages for the user about these styles on these pictures.
    pub notes: Vec<String>,
    /// The parameters of nodes that follow tracks.
    #[serde(skip_serializing_if = "Tracks::is_empty")]
    pub tracks: Tracks,
}

/// A style and the values of its parameters.
#[derive(Clone, Debug)]
pub struct StyleUse {
    pub style: Arc<Style>,
    /// If the strength follows a track, the track is among them, under the name `strength`.
    pub values: Values,
    /// Mix with the style's input: 0 is the input, 1 is the style alone. 1 if it follows a track.
    pub strength: f64,
    /// Width and height that its result must have, in pixels; `None` leaves its size to the style. Expressions of its
    /// manifest know it as `target_width` and `target_height`.
    pub target: Option<(u32, u32)>,
    /// Frames per second that its result must have; `None` leaves its rate to the style.
    pub rate: Option<Rational>,
}

impl StyleUse {
    /// The style with the default values of its parameters, at full strength and at its own size and rate.
    pub fn new(style: Arc<Style>) -> Self {
        Self {
            values: Values::defaults(&style.params),
            style,
            strength: 1.0,
            target: None,
            rate: None,
        }
    }
}

/// One output: styles applied one after the other, and the pixel format of its planes.
#[derive(Clone, Debug)]
pub struct OutputRequest {
    pub chain: Vec<StyleUse>,
    pub format: PixelFormat,
    /// The colour tags of its planes, which decide how they are coded.
    pub color: Color,
    /// How images of passes with `temporal = true` are averaged over time.
    pub temporal: Temporal,
}

/// Options of the planner for tests; renders use the defaults.
#[derive(Clone, Copy, Debug)]
pub struct PlanOptions {
    pub fuse: bool,
    pub pool: bool,
    /// Limits on what a stage binds: textures (WebGPU guarantees 16) and uniform buffers (12).
    pub max_textures: usize,
    pub max_uniforms: usize,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            fuse: true,
            pool: true,
            max_textures: 16,
            max_uniforms: 12,
        }
    }
}

/// The pictures after all styles, before they are packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputShape {
    /// Width and height in pixels.
    pub extent: (u32, u32),
    /// Seconds per tick of their times.
    pub time_base: Rational,
    /// How their times follow from the source's, step by step; none where they are the source's.
    pub retimings: Vec<Retiming>,
}

/// The shape of the picture that `chain` makes of the source. The encoder is opened for this shape.
///
/// # Errors
/// As [`plan()`].
pub fn shape(
    library: &Library,
    source: &Source,
    chain: &[StyleUse],
    temporal: Temporal,
) -> Result<OutputShape, StyleError> {
    expand::shape(library, source, chain, temporal)
}

/// Plans the `outputs` of one source.
pub fn plan(
    library: &Library,
    source: &Source,
    outputs: &[OutputRequest],
    options: PlanOptions,
) -> Result<Plan, StyleError> {
    prepared(library, expand::expand(library, source, outputs)?, options)
}

/// A plan that makes numbers of each frame instead of pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuringPlan {
    pub plan: Plan,
    /// Where what each port gives comes from: `STYLE/NAME` for a `[measure.NAME]` of the style's manifest.
    pub names: Vec<String>,
}

/// Plans what the styles of `chain` offer to be measured.
///
/// # Errors
/// As [`plan()`], and where they offer nothing.
pub fn measuring_plan(
    library: &Library,
    source: &Source,
    chain: &[StyleUse],
    temporal: Temporal,
    options: PlanOptions,
) -> Result<MeasuringPlan, StyleError> {
    let (plan, names) = expand::expand_measures(library, source, chain, temporal)?;
    Ok(MeasuringPlan {
        plan: prepared(library, plan, options)?,
        names,
    })
}

/// `plan`, as it was expanded, made ready to run.
fn prepared(library: &Library, mut plan: Plan, options: PlanOptions) -> Result<Plan, StyleError> {
    live::drop_dead(&mut plan);
    scheduled(library, plan, options)
}

/// As [`plan()`], with the image of the pass called `pass` ([`Plan::pass_called`]) as one more output, the last. All
/// other outputs stay, so that the image is the one that they are made of.
///
/// # Errors
/// As [`plan()`], and where there is no such pass or more than one.
pub fn plan_with_image(
    library: &Library,
    source: &Source,
    outputs: &[OutputRequest],
    pass: &str,
    options: PlanOptions,
) -> Result<Plan, StyleError> {
    let mut plan = expand::expand(library, source, outputs)?;
    live::drop_dead(&mut plan);
    let node = plan.pass_called(pass)?;
    plan.outputs.push(OutputPort::Image(node));
    scheduled(library, plan, options)
}

/// As [`plan()`], with the images of all passes as further outputs, in the order of [`Plan::nodes`].
///
/// # Errors
/// As [`plan()`].
pub fn plan_with_all_images(
    library: &Library,
    source: &Source,
    outputs: &[OutputRequest],
    options: PlanOptions,
) -> Result<Plan, StyleError> {
    let mut plan = expand::expand(library, source, outputs)?;
    live::drop_dead(&mut plan);
    let images = (0..plan.nodes.len()).map(OutputPort::Image);
    plan.outputs.extend(images);
    scheduled(library, plan, options)
}

/// Decides the steps of a plan, their order in time, and their memory.
fn scheduled(library: &Library, mut plan: Plan, options: PlanOptions) -> Result<Plan, StyleError> {
    delays::assign(&mut plan)?;
    plan.observed = observe::observed(library, &plan);
    fuse::fuse(&mut plan, options);
    pool::assign(&mut plan, options.pool);
    Ok(plan)
}

impl Plan {
    /// The scale of `px` parameters for a picture of `extent`. They are given for 1080 lines.
    pub fn line_scale(extent: (u32, u32)) -> f64 {
        f64::from(extent.0.min(extent.1)) / 1080.0
    }

    /// The facts of a frame as the kernel of `node` reads them: `scale` is that of its image.
    pub fn facts_for(&self, node: &Node, facts: &Facts) -> Facts {
        Facts {
            scale: self.scale_of(node),
            ..*facts
        }
    }

    /// Pixels of the image that `node` makes for one pixel of a picture of 1080 lines; where it makes words, of the first
    /// image that it reads.
    pub fn scale_of(&self, node: &Node) -> f32 {
        let image = |operand: Operand| match operand {
            Operand::Image(id) | Operand::Window(id, _) => Some(&self.nodes[id].image),
            Operand::History(index) => Some(&self.histories[index].image),
            Operand::Planes(_) | Operand::File(_) => None,
        };
        let read = node
            .inputs
            .iter()
            .filter_map(|(_, operand)| image(*operand));
        let mut images = [&node.image].into_iter().chain(read);
        let found = images.find(|image| image.storage != Storage::Words);
        let extent = found.map_or(self.source().extent, |image| image.extent);
        Self::line_scale(extent) as f32
    }

    /// Whether the first frames of a scene depend on frames of the scene before it.
    pub fn goes_across_cuts(&self) -> bool {
        let histories = self.histories.iter().map(|history| history.across_cuts);
        let nodes = self.nodes.iter().map(|node| node.across_cuts);
        histories.chain(nodes).any(|across| across)
    }

    /// Which frames of the source the outputs depend on.
    pub fn timing(&self) -> Timing {
        // A history feeds itself: the influence of earlier frames fades but never reaches exactly zero. The same holds
        // for the noise estimate, and how long a scene has lasted is counted from its first frame.
        let Observed { noise, scene, .. } = self.observed;
        let finite = self.histories.is_empty() && !noise && !scene;
        Timing {
            before: finite.then(|| self.look_behind()),
            after: self.latency,
        }
    }

    /// The first source.
    pub fn source(&self) -> &SourcePort {
        &self.sources[0]
    }

    /// Whether it differs from `other` only in the values of parameters.
    pub fn has_structure_of(&self, other: &Self) -> bool {
        fn without_values(plan: &Plan) -> Plan {
            let mut plan = plan.clone();
            // Notes have values in their texts.
            plan.notes.clear();
            plan.tracks = Tracks::default();
            // They are chosen by values, and change no picture.
            plan.nodes.iter_mut().for_each(|node| node.tiles.clear());
            // Each executor may lay out its images in its own way.
            plan.slots.clear();
            for step in &mut plan.steps {
                if let Target::Image { slot, .. } = &mut step.target {
                    *slot = 0;
                }
            }
            let nodes = plan.nodes.iter_mut().map(|node| &mut node.params);
            let packs = plan.outputs.iter_mut().filter_map(|port| match port {
                OutputPort::Frame(pack) => Some(&mut pack.params),
                OutputPort::Image(_) => None,
            });
            nodes
                .chain(packs)
                .flatten()
                .for_each(|(_, value)| *value = 0.0);
            plan
        }
        without_values(self) == without_values(other)
    }

    /// A plan of exactly these nodes, in this order, each stored. For tools and tests that need one kernel.
    pub fn of_nodes(sources: Vec<SourcePort>, nodes: Vec<Node>, outputs: Vec<OutputPort>) -> Self {
        let mut plan = Self {
            sources,
            nodes,
            outputs,
            steps: Vec::new(),
            slots: Vec::new(),
            files: Vec::new(),
            histories: Vec::new(),
            observed: Observed::default(),
            clocks: vec![Clock::source(Rational::new(0, 1), Rational::new(0, 1))],
            lanes: Vec::new(),
            latency: 0,
            notes: Vec::new(),
            tracks: Tracks::default(),
        };
        let as_they_are = PlanOptions {
            fuse: false,
            pool: false,
            ..PlanOptions::default()
        };
        // Without histories, no image can depend on later frames of itself.
        let _ = delays::assign(&mut plan);
        fuse::fuse(&mut plan, as_they_are);
        pool::assign(&mut plan, false);
        plan
    }

    /// The images that a step reads from memory: inputs that are not fused into it.
    pub fn reads(&self, step: &Step) -> Vec<NodeId> {
        let mut reads: Vec<NodeId> = self
            .step_inputs(step)
            .into_iter()
            .filter_map(|operand| match operand {
                Operand::Image(id) if !step.fused.contains(&id) => Some(id),
                Operand::Window(id, _) => Some(id),
                _ => None,
            })
            .collect();
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    /// The source whose planes a step reads; the first one where it reads none.
    pub fn source_of(&self, step: &Step) -> usize {
        let inputs = self.step_inputs(step).into_iter();
        let mut planes = inputs.filter_map(|operand| match operand {
            Operand::Planes(source) => Some(source),
            _ => None,
        });
        planes.next().unwrap_or(0)
    }

    /// All operands of the kernels of a step.
    pub fn step_inputs(&self, step: &Step) -> Vec<Operand> {
        let mut inputs: Vec<Operand> = step
            .fused
            .iter()
            .flat_map(|id| self.nodes[*id].inputs.iter().map(|(_, operand)| *operand))
            .collect();
        match step.target {
            Target::Image { node, .. } => {
                inputs.extend(self.nodes[node].inputs.iter().map(|(_, operand)| *operand))
            }
            Target::Output(port) => inputs.push(Operand::Image(self.outputs[port].node())),
        }
        inputs
    }

    /// The storage of an operand's image; `None` for planes and files.
    pub fn storage_of(&self, operand: Operand) -> Option<Storage> {
        match operand {
            Operand::Image(id) | Operand::Window(id, _) => Some(self.nodes[id].image.storage),
            Operand::History(index) => Some(self.histories[index].image.storage),
            Operand::Planes(_) | Operand::File(_) => None,
        }
    }

    /// The pool slot of the image of `node`, if it is stored.
    pub fn slot_of(&self, node: NodeId) -> Option<usize> {
        self.steps.iter().find_map(|step| match step.target {
            Target::Image { node: made, slot } if made == node => Some(slot),
            _ => None,
        })
    }

    /// The packing of `port`, which must have coded planes; the target of a step always has.
    ///
    /// # Panics
    /// If it is the image of a node.
    pub fn pack(&self, port: usize) -> &Pack {
        match &self.outputs[port] {
            OutputPort::Frame(pack) => pack,
            OutputPort::Image(node) => {
                panic!("port {port} has no coded planes: it is the image of node {node}")
            }
        }
    }

    /// Label of a step for messages: the label of its node, or `output N`.
    pub fn step_label(&self, step: &Step) -> String {
        match step.target {
            Target::Image { node, .. } => self.nodes[node].label.clone(),
            Target::Output(port) => format!("output {port}"),
        }
    }

    /// The kernels of a step in the order they run: the fused ones, then its own.
    pub fn step_kernels<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a Kernel> {
        let own = match step.target {
            Target::Image { node, .. } => &self.nodes[node].kernel,
            Target::Output(port) => &self.pack(port).kernel,
        };
        let fused = step.fused.iter().map(|id| &self.nodes[*id].kernel);
        fused.chain([own]).map(AsRef::as_ref)
    }

    /// The packings of all ports of coded planes.
    pub fn packs(&self) -> impl Iterator<Item = &Pack> {
        self.outputs.iter().filter_map(OutputPort::pack)
    }

    /// Paths of the kernels of the plan, without duplicates.
    pub fn kernel_paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self
            .nodes
            .iter()
            .filter(|node| !node.is_external())
            .map(|node| node.kernel.path.as_str())
            .chain(self.packs().map(|pack| pack.kernel.path.as_str()))
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }
}

fn kernel_path<S: serde::Serializer>(
    kernel: &Arc<Kernel>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&kernel.path)
}

#[cfg(test)]
mod tests;
