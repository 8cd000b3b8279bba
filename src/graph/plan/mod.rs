//! From styles to a plan: a DAG of passes over images written once each, fused, with lifetimes and pool slots.
//! Pure: it knows nothing of devices, files or codecs.

mod delays;
mod expand;
mod facts;
mod fuse;
mod live;
mod observe;
mod passes;
mod pool;
mod print;
mod temporal;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::style::{Alpha, Kernel, Library, Space, Style, StyleError, Value, Values, Window};
use crate::color::{Color, Transfer};
use crate::frame::PixelFormat;

pub use facts::Source;
pub use print::{dot, text, traffic};
pub use temporal::Temporal;

/// Index of a node, and of the image it makes.
pub type NodeId = usize;

/// Storage of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// One channel, 32-bit float.
    R32Float,
    /// Four channels rounded to 16-bit floats: sources of 8 bits.
    Rgba16Float,
    /// Four channels of 32-bit floats: sources of more than 8 bits, and what accumulates over frames.
    Rgba32Float,
    /// A buffer of 32-bit words: an extent of so many by 1.
    Words,
}

impl Storage {
    /// Channels held.
    pub fn channels(self) -> usize {
        match self {
            Storage::R32Float | Storage::Words => 1,
            Storage::Rgba16Float | Storage::Rgba32Float => 4,
        }
    }

    /// Bytes a pixel takes on a GPU.
    pub fn bytes(self) -> usize {
        match self {
            Storage::R32Float | Storage::Words => 4,
            Storage::Rgba16Float => 8,
            Storage::Rgba32Float => 16,
        }
    }
}

/// How the values of an image mean colour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ColorState {
    /// Whether they are the signal or the light that it stands for.
    pub space: Space,
    /// From signal to light.
    pub transfer: Transfer,
    /// Weights of red and blue in luma (ITU-T H.273, table 4).
    pub kr: f32,
    pub kb: f32,
    /// It is the unpacked YUV or gray picture of this source, so that luma can be read from the decoder's planes.
    pub coded: Option<usize>,
}

impl Default for ColorState {
    /// Of a picture whose source says nothing: BT.1886 light, BT.601 luma.
    fn default() -> Self {
        Self {
            space: Space::Coded,
            transfer: Transfer::Power(2.4),
            kr: 0.299,
            kb: 0.114,
            coded: None,
        }
    }
}

/// What an image is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ImageDesc {
    /// Width and height in pixels; words and 1 for a buffer.
    pub extent: (u32, u32),
    pub storage: Storage,
    pub color: ColorState,
}

impl ImageDesc {
    /// An image of `extent` whose colour does not matter.
    pub fn new(extent: (u32, u32), storage: Storage) -> Self {
        Self {
            extent,
            storage,
            color: ColorState::default(),
        }
    }

    /// Bytes it takes on a GPU.
    pub fn bytes(&self) -> usize {
        self.extent.0 as usize * self.extent.1 as usize * self.storage.bytes()
    }
}

/// What an input of a kernel is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operand {
    /// The image of a node.
    Image(NodeId),
    /// The image of a node, of several frames.
    Window(NodeId, Window),
    /// The decoder's planes of a source, by index into [`Plan::sources`].
    Planes(usize),
    /// A picture or look-up table, by index into [`Plan::files`].
    File(usize),
    /// What the frame before left, by index into [`Plan::histories`].
    History(usize),
}

/// A function of a compute kernel over a grid of columns and rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    pub run: String,
    pub over: (u32, u32),
}

/// How a node is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    /// A pixel function: once for each pixel of its image.
    Pixel,
    /// Phases, one after the other, over a buffer of words.
    Compute { phases: Vec<Phase> },
    /// Code outside the graph, given to the executor by name. The steps before it are complete when it runs.
    External,
}

/// An image or buffer carried from each frame to the next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct History {
    /// Where it comes from, for people: `temporal/ema/average`.
    pub label: String,
    /// The node whose image becomes it when the frame is done.
    pub commit: NodeId,
    /// 32 bits a channel, or words.
    pub image: ImageDesc,
}

/// A file that kernels read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "path", rename_all = "lowercase")]
pub enum File {
    /// A picture.
    Picture(PathBuf),
    /// A `.cube` file.
    Lut(PathBuf),
    /// A `.cube` file of the library, by its path there.
    OwnLut(String),
}

impl File {
    /// Whether it is a look-up table.
    pub fn is_lut(&self) -> bool {
        !matches!(self, File::Picture(_))
    }
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            File::Picture(path) | File::Lut(path) => write!(f, "{}", path.display()),
            File::OwnLut(path) => f.write_str(path),
        }
    }
}

/// One pass: a kernel over images, making one image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Where it comes from, for people: `pencil/soft/reduce_y`.
    pub label: String,
    pub kind: NodeKind,
    #[serde(serialize_with = "kernel_path")]
    pub kernel: Arc<Kernel>,
    /// Values of the parameters the kernel names, in name order.
    pub params: Vec<(String, f32)>,
    /// Inputs in the order of the manifest.
    pub inputs: Vec<(String, Operand)>,
    /// The image it makes.
    pub image: ImageDesc,
    /// Frames that it works behind the newest one, for what looks ahead.
    pub delay: u32,
}

impl Node {
    /// The phases of a compute kernel; none otherwise.
    pub fn phases(&self) -> &[Phase] {
        match &self.kind {
            NodeKind::Compute { phases } => phases,
            NodeKind::Pixel | NodeKind::External => &[],
        }
    }
}

/// Where the alpha of an output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlphaSource {
    /// The output has none.
    None,
    /// The source's own samples; opaque when it has none.
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
    /// The result.
    pub image: NodeId,
    /// The result has one channel, so that chroma is a constant.
    pub gray: bool,
    pub format: PixelFormat,
    pub color: Color,
    pub extent: (u32, u32),
    pub alpha: AlphaSource,
    /// Triangular noise of one code value before rounding.
    pub dither: bool,
}

impl Pack {
    /// Whether colour component `component` is computed from the result: chroma of a gray picture is not.
    pub fn reads_image(&self, component: usize) -> bool {
        !(self.gray && self.format.is_chroma(component))
    }
}

/// What a step writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The image of this node, into a pool slot.
    Image { node: NodeId, slot: usize },
    /// The planes of this output.
    Output(usize),
}

/// What comes out of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputPort {
    /// Coded planes for an encoder.
    Frame(Pack),
    /// The image of a node as it is stored: for a look at it, or numbers.
    Image(NodeId),
}

impl OutputPort {
    /// The node whose image comes out.
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

/// What the pictures of a source are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SourcePort {
    pub extent: (u32, u32),
    /// `None` where pictures are generated.
    pub format: Option<PixelFormat>,
}

/// Whose parameters a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsOf {
    Node(NodeId),
    /// The packing of this port.
    Port(usize),
}

/// One dispatch: a node or a pack, with the nodes fused into it evaluated first, in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub fused: Vec<NodeId>,
    pub target: Target,
}

/// A place in the pool of transient images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    pub extent: (u32, u32),
    pub storage: Storage,
    /// Frames kept: frame N lies in image N modulo this.
    pub frames: u32,
}

impl Slot {
    /// A place for one frame of `image`.
    pub fn of(image: &ImageDesc) -> Self {
        Self {
            extent: image.extent,
            storage: image.storage,
            frames: 1,
        }
    }
}

/// What a plan needs to be observed of the source's frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// Where scenes begin.
    pub cuts: bool,
    /// How noisy the frames are: an average over all frames before.
    pub noise: bool,
}

impl Observed {
    /// Whether frames are observed at all.
    pub fn any(self) -> bool {
        self.cuts || self.noise
    }
}

/// How the frames that come out lie in time to those that go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// Frames before a frame that it depends on; `None` where all of them matter.
    pub before: Option<u32>,
    /// Frames after it that it depends on.
    pub after: u32,
}

impl Timing {
    /// Of a plan whose frames have nothing to do with each other.
    pub const NONE: Self = Self {
        before: Some(0),
        after: 0,
    };
}

/// What is computed, in what order, into what memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// What the decoders give; a generator's extent is what was asked for.
    pub sources: Vec<SourcePort>,
    pub nodes: Vec<Node>,
    pub outputs: Vec<OutputPort>,
    pub steps: Vec<Step>,
    pub slots: Vec<Slot>,
    /// Pictures and look-up tables that kernels read.
    pub files: Vec<File>,
    /// What is carried from frame to frame.
    pub histories: Vec<History>,
    /// What depends on frames observed before ([`Observer`](super::scene::Observer)).
    pub observed: Observed,
    /// Frames that outputs come behind the newest frame.
    pub latency: u32,
    /// What a person should know of these styles on these pictures.
    pub notes: Vec<String>,
}

/// A style and the values of its parameters.
#[derive(Clone, Debug)]
pub struct StyleUse {
    pub style: Arc<Style>,
    pub values: Values,
    /// Mix with the picture it was given: 0 is that picture, 1 the style alone.
    pub strength: f64,
    /// Width and height that its result must have, in pixels; `None` leaves its size to the style. Expressions of its
    /// manifest know it as `target_width` and `target_height`.
    pub target: Option<(u32, u32)>,
}

/// One output: styles applied one after the other, and the format of its planes.
#[derive(Clone, Debug)]
pub struct OutputRequest {
    pub chain: Vec<StyleUse>,
    pub format: PixelFormat,
    /// The colour its planes are tagged with, and are therefore coded by.
    pub color: Color,
    /// How passes that ask for it are averaged over time.
    pub temporal: Temporal,
}

/// Choices of the planner, for tests; users get the defaults.
#[derive(Clone, Copy, Debug)]
pub struct PlanOptions {
    pub fuse: bool,
    pub pool: bool,
    /// Textures a stage may bind (WebGPU guarantees 16), and uniform buffers (12).
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

/// What comes out of styles applied one after the other, before it is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputShape {
    /// Width and height in pixels.
    pub extent: (u32, u32),
}

/// The shape of what `chain` makes of the source, which an encoder must be opened for.
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

/// Plans `outputs` of one source.
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

/// Decides the steps of a plan, their order in time, and their memory.
fn scheduled(library: &Library, mut plan: Plan, options: PlanOptions) -> Result<Plan, StyleError> {
    delays::assign(&mut plan)?;
    plan.observed = observe::observed(library, &plan);
    fuse::fuse(&mut plan, options);
    pool::assign(&mut plan, options.pool);
    Ok(plan)
}

impl Plan {
    /// Pixels whose unit is `px` are given at 1080 lines; this is their scale for a picture of `extent`.
    pub fn line_scale(extent: (u32, u32)) -> f64 {
        f64::from(extent.0.min(extent.1)) / 1080.0
    }

    /// How outputs lie in time to the frames of the source.
    pub fn timing(&self) -> Timing {
        // A history feeds itself: its past fades, yet never to the last bit. So does the estimate of noise.
        let finite = self.histories.is_empty() && !self.observed.noise;
        Timing {
            before: finite.then(|| self.look_behind()),
            after: self.latency,
        }
    }

    /// The first source, whose frames the outputs follow.
    pub fn source(&self) -> &SourcePort {
        &self.sources[0]
    }

    /// Whether it differs from `other` in the values of parameters alone.
    pub fn has_structure_of(&self, other: &Self) -> bool {
        fn without_values(plan: &Plan) -> Plan {
            let mut plan = plan.clone();
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

    /// A plan of exactly these nodes, each stored, in this order: for tools and tests that need one kernel.
    pub fn of_nodes(source: SourcePort, nodes: Vec<Node>, outputs: Vec<OutputPort>) -> Self {
        let mut plan = Self {
            sources: vec![source],
            nodes,
            outputs,
            steps: Vec::new(),
            slots: Vec::new(),
            files: Vec::new(),
            histories: Vec::new(),
            observed: Observed::default(),
            latency: 0,
            notes: Vec::new(),
        };
        let as_they_are = PlanOptions {
            fuse: false,
            pool: false,
            ..PlanOptions::default()
        };
        // Without histories of its own nothing can depend on later frames of itself.
        let _ = delays::assign(&mut plan);
        fuse::fuse(&mut plan, as_they_are);
        pool::assign(&mut plan, false);
        plan
    }

    /// Images a step reads from memory: those of its nodes that are not fused into it.
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

    /// Everything the kernels of a step are bound to.
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

    /// How what an operand names is stored; none for planes and files.
    pub fn storage_of(&self, operand: Operand) -> Option<Storage> {
        match operand {
            Operand::Image(id) | Operand::Window(id, _) => Some(self.nodes[id].image.storage),
            Operand::History(index) => Some(self.histories[index].image.storage),
            Operand::Planes(_) | Operand::File(_) => None,
        }
    }

    /// The slot that holds the image of `node`, if it is stored.
    pub fn slot_of(&self, node: NodeId) -> Option<usize> {
        self.steps.iter().find_map(|step| match step.target {
            Target::Image { node: made, slot } if made == node => Some(slot),
            _ => None,
        })
    }

    /// The packing of `port`.
    ///
    /// # Panics
    /// Where it is no port of coded planes; the target of a step always is one.
    pub fn pack(&self, port: usize) -> &Pack {
        match &self.outputs[port] {
            OutputPort::Frame(pack) => pack,
            OutputPort::Image(node) => panic!("port {port} is the image of node {node}"),
        }
    }

    /// The values of a parameter block, as the bits of 32-bit floats.
    pub fn param_words(&self, of: ParamsOf) -> Vec<u32> {
        let params = match of {
            ParamsOf::Node(node) => &self.nodes[node].params,
            ParamsOf::Port(port) => &self.pack(port).params,
        };
        params.iter().map(|(_, value)| value.to_bits()).collect()
    }

    /// What a step makes, for people: the label of its node, or `output N`.
    pub fn step_label(&self, step: &Step) -> String {
        match step.target {
            Target::Image { node, .. } => self.nodes[node].label.clone(),
            Target::Output(port) => format!("output {port}"),
        }
    }

    /// The kernels of a step in the order they run: those fused in, then its own.
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

    /// Kernels of the plan without a duplicate, by path.
    pub fn kernel_paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self
            .nodes
            .iter()
            .filter(|node| node.kind != NodeKind::External)
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
