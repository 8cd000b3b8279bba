//! A plan in the words of WebGPU.

use serde::Serialize;

use super::super::executor::ExecError;
use super::super::gpu::shader::{Binding, Shader, generate};
use super::super::plan::{self, Clock, NodeId, Observed, Operand, ParamsOf, Plan, Storage, Target};
use super::super::style::Library;
use super::formulas::{BrowserCurve, BrowserFormula, curves, formulas};
use super::live::{LiveParam, LivePlan};
use crate::frame::Rational;

/// A plan for pictures of one size. Indices begin at 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BrowserPlan {
    /// Of the pictures that go in, in pixels.
    pub width: u32,
    pub height: u32,
    /// Width and height of the pictures that come out.
    pub output: (u32, u32),
    pub params: Vec<LiveParam>,
    pub observed: Observed,
    /// Seconds per tick of times, as numerator and denominator.
    pub time_base: (i64, i64),
    /// The nominal rate in frames per second.
    pub rate: (i64, i64),
    /// Frames that outputs are behind the newest one.
    pub latency: u32,
    /// The oldest frame that is worked on, in frames behind the newest.
    pub depth: u32,
    /// Frames that windows may look back.
    pub behind: u32,
    /// For each lane, the frames that it works behind the newest one.
    pub lanes: Vec<u32>,
    /// For each lane, whether its windows go on where a scene ends.
    pub across_cuts: Vec<bool>,
    /// Frames of the source that are kept.
    pub planes: u32,
    pub slots: Vec<ImageShape>,
    pub histories: Vec<KeptHistory>,
    /// By index into the files of the style.
    pub files: Vec<usize>,
    pub blocks: Vec<ParamBlock>,
    pub steps: Vec<BrowserStep>,
    pub curves: Vec<BrowserCurve>,
    pub formulas: Vec<BrowserFormula>,
    /// Messages for the user.
    pub notes: Vec<String>,
}

/// Images of one shape: a ring of textures, or of buffers of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ImageShape {
    /// In pixels; of words their number, and 1.
    pub width: u32,
    pub height: u32,
    /// The format of a texture in WebGPU, or `words`.
    pub format: &'static str,
    /// Frame N is in image N modulo this number.
    pub frames: u32,
}

/// An image that is carried to the next frame: after each frame, the image in `slot` of the frame that `lane` worked on is
/// copied to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KeptHistory {
    pub slot: usize,
    pub lane: usize,
}

/// A block of parameters, a uniform buffer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParamBlock {
    /// Bits of 32-bit floats, with the values as they are now: whole vectors of four words.
    pub words: Vec<u32>,
    /// The words that follow formulas.
    pub follows: Vec<BlockFollower>,
}

/// A word that follows a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BlockFollower {
    pub word: usize,
    pub formula: usize,
}

/// A step: the entry points of one shader, one after the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BrowserStep {
    /// For messages.
    pub label: String,
    /// By index into the shaders of the style.
    pub shader: usize,
    pub entries: Vec<Entry>,
    pub lane: usize,
    /// The slot that it writes; `None` for the step that writes the output.
    pub slot: Option<usize>,
    /// What is bound in group 1, in order.
    pub bindings: Vec<StepBinding>,
    /// Bytes that the invocations of a workgroup share.
    pub shared: u64,
}

/// An entry point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub name: String,
    /// Columns and rows of workgroups.
    pub groups: (u32, u32),
    /// Columns and rows of invocations of a workgroup.
    pub size: (u32, u32),
}

/// What is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum StepBinding {
    /// What the step makes: a texture or a buffer of words.
    Written,
    /// A block of parameters.
    Params {
        block: usize,
    },
    /// The image in a slot, of the frame at this offset.
    Image {
        slot: usize,
        offset: i32,
    },
    History {
        history: usize,
    },
    /// The texture of a picture or of a look-up table.
    File {
        file: usize,
    },
    /// The buffer of a table of numbers.
    Table {
        file: usize,
    },
}

/// The name of a texture's format in WebGPU; `words` for a buffer.
fn format_of(storage: Storage) -> &'static str {
    match storage {
        Storage::R32Float => "r32float",
        Storage::Rgba16Float => "rgba16float",
        Storage::Rgba16Fixed => "rgba16sint",
        Storage::Rgba32Float => "rgba32float",
        Storage::Words => "words",
    }
}

impl BrowserPlan {
    /// Describes `live`, whose files are at `files` among those of the style. Texts that are not among `shaders` are added.
    pub(super) fn new(
        library: &Library,
        live: &LivePlan,
        files: Vec<usize>,
        shaders: &mut Vec<String>,
    ) -> Result<Self, ExecError> {
        let plan = &live.plan;
        let mut blocks = Blocks::default();
        let mut steps = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let shader = generate(library, plan, step)?;
            steps.push(described(plan, step, shader, shaders, &mut blocks)?);
        }
        let (width, height) = plan.source().extent;
        let clock = &plan.clocks[0];
        let slots = plan.slots.iter().map(|slot| ImageShape {
            width: slot.extent.0,
            height: slot.extent.1,
            format: format_of(slot.storage),
            frames: slot.frames,
        });
        let histories = plan.histories.iter().filter_map(|history| {
            let slot = plan.slot_of(history.commit)?;
            let node = history.commit;
            let lane = plan.lane_of(Target::Image { node, slot });
            Some(KeptHistory { slot, lane })
        });
        let ratio = |ratio: Rational| (ratio.num, ratio.den);
        let Clock {
            latency,
            depth,
            behind,
            ..
        } = *clock;
        Ok(Self {
            width,
            height,
            output: plan.pack(0).extent,
            params: live.params.clone(),
            observed: plan.observed,
            time_base: ratio(clock.time_base),
            rate: ratio(clock.rate),
            latency,
            depth,
            behind,
            lanes: plan.lanes.iter().map(|lane| lane.delay).collect(),
            across_cuts: plan.lanes.iter().map(|lane| lane.across_cuts).collect(),
            planes: plan.planes_kept(0),
            slots: slots.collect(),
            histories: histories.collect(),
            files,
            blocks: blocks.described(plan),
            steps,
            curves: curves(plan, &live.params),
            formulas: formulas(plan),
            notes: plan.notes.clone(),
        })
    }
}

/// The parameter blocks of a plan, each once.
#[derive(Default)]
struct Blocks(Vec<ParamsOf>);

impl Blocks {
    fn index(&mut self, of: ParamsOf) -> usize {
        let known = self.0.iter().position(|known| *known == of);
        known.unwrap_or_else(|| {
            self.0.push(of);
            self.0.len() - 1
        })
    }

    fn described(&self, plan: &Plan) -> Vec<ParamBlock> {
        let block = |of: &ParamsOf| {
            let mut words = plan.param_words(*of);
            words.resize(words.len().next_multiple_of(4).max(4), 0);
            ParamBlock {
                words,
                follows: follows(plan, *of),
            }
        };
        self.0.iter().map(block).collect()
    }
}

/// The words of a block that follow formulas.
fn follows(plan: &Plan, of: ParamsOf) -> Vec<BlockFollower> {
    let ParamsOf::Node(node) = of else {
        return Vec::new();
    };
    let fields = plan.param_fields(of);
    // The fields are in the order of the values.
    let word = |param: usize| {
        let field = fields.iter().rfind(|field| field.value <= param)?;
        Some(field.at + param - field.value)
    };
    let own = plan.tracks.followers.iter();
    let own = own.filter(|follower| follower.node == node);
    own.filter_map(|follower| {
        Some(BlockFollower {
            word: word(follower.param)?,
            formula: follower.formula,
        })
    })
    .collect()
}

fn described(
    plan: &Plan,
    step: &plan::Step,
    shader: Shader,
    shaders: &mut Vec<String>,
    blocks: &mut Blocks,
) -> Result<BrowserStep, ExecError> {
    let not_stored = |node: NodeId| ExecError::Shader {
        step: shader.label.clone(),
        message: format!("node {node} is read, but it is not stored"),
    };
    let slot = |node: NodeId| plan.slot_of(node).ok_or_else(|| not_stored(node));
    let mut bindings = Vec::with_capacity(shader.bindings.len());
    for binding in &shader.bindings {
        bindings.push(match binding {
            Binding::Written(_) | Binding::WrittenWords => StepBinding::Written,
            Binding::Params(of) => StepBinding::Params {
                block: blocks.index(*of),
            },
            Binding::Table(file) => StepBinding::Table { file: *file },
            Binding::Texture(operand) | Binding::Words(operand) => match *operand {
                Operand::Image(node) => StepBinding::Image {
                    slot: slot(node)?,
                    offset: 0,
                },
                Operand::Window(node, window) => StepBinding::Image {
                    slot: slot(node)?,
                    offset: window.from,
                },
                Operand::History(history) => StepBinding::History { history },
                Operand::File(file) => StepBinding::File { file },
                // They are in group 0.
                Operand::Planes(_) => continue,
            },
        });
    }
    let known = shaders.iter().position(|known| *known == shader.wgsl);
    let shared = shader.workgroup_bytes();
    let entries = shader.entries.iter().zip(&shader.grids);
    let entries = entries.zip(&shader.workgroups);
    let entries = entries.map(|((name, grid), size)| Entry {
        name: name.clone(),
        groups: (grid.0.div_ceil(size.0), grid.1.div_ceil(size.1)),
        size: *size,
    });
    Ok(BrowserStep {
        entries: entries.collect(),
        lane: plan.lane_of(step.target),
        slot: match step.target {
            Target::Image { slot, .. } => Some(slot),
            Target::Output(_) => None,
        },
        bindings,
        shared,
        shader: known.unwrap_or_else(|| {
            shaders.push(shader.wgsl);
            shaders.len() - 1
        }),
        label: shader.label,
    })
}
