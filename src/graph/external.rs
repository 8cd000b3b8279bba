//! Code outside the graph that a plan runs at a node.

use std::sync::Arc;

use super::executor::{ExecError, Instant};
use super::plan::{Call, ImageDesc, Node, NodeId, NodeKind, Operand, Plan};
use super::resource::ResourceData;
use super::shared::{GivenShared, Imported, SharedImage, SharesMemory};

/// An image given to external code, or made by it: 32-bit words, pixel after pixel, the channels of a pixel side by side.
/// They are the bits of floats, or a buffer's words.
#[derive(Clone, Debug)]
pub struct ExternalImage {
    pub image: ImageDesc,
    pub words: Vec<u32>,
}

/// What external code is given for one frame.
#[derive(Debug)]
pub struct Given<'a> {
    pub instant: &'a Instant,
    /// The tensors that the images hold and that it makes.
    pub call: &'a Call,
    /// In the order of the node's inputs; a window gives one image for each of its frames.
    pub inputs: &'a [ExternalImage],
    /// What it makes.
    pub made: &'a ImageDesc,
}

/// Code that makes the image of a node of kind [`External`](NodeKind::External): a neural model, for example. The steps
/// before it are complete when it runs, and those after it begin when it is done. What it makes depends on what it is
/// given alone: what is carried from frame to frame is the graph's, as windows and histories. Several executors may
/// run it at once.
pub trait External: std::fmt::Debug + Send + Sync {
    /// Makes the words of the image `given.made`. The error says what failed, and from its second line on what to do.
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String>;

    /// The code as one that works on tensors in the memory of a card, where it can.
    fn sharing(&self) -> Option<&dyn SharesMemory> {
        None
    }
}

/// The code among the files of a plan, by their indices; `None` for files of other kinds.
pub(super) fn codes(files: &[ResourceData]) -> Vec<Option<Arc<dyn External>>> {
    let code = |file: &ResourceData| match file {
        ResourceData::Code(code) => Some(code.clone()),
        _ => None,
    };
    files.iter().map(code).collect()
}

/// The code that runs `node`: what its first input, a file, holds.
pub(super) fn code_of<'a>(
    codes: &'a [Option<Arc<dyn External>>],
    node: &Node,
) -> Option<&'a dyn External> {
    match node.inputs.first() {
        Some((_, Operand::File(file))) => codes.get(*file)?.as_deref(),
        _ => None,
    }
}

/// The images that external code reads at `node`: nodes, and offsets of frames.
pub(super) fn images_read(node: &Node) -> Result<Vec<(NodeId, i32)>, String> {
    let mut images = Vec::new();
    for (_, operand) in &node.inputs {
        match *operand {
            Operand::File(_) => {}
            Operand::Image(id) => images.push((id, 0)),
            Operand::Window(id, window) => {
                images.extend(window.offsets().map(|offset| (id, offset)))
            }
            _ => return Err("it reads what is no image".to_owned()),
        }
    }
    Ok(images)
}

/// The frame that `node` works on, with the facts as they are there.
fn instant_at(plan: &Plan, node: &Node, instant: &Instant) -> Instant {
    Instant {
        facts: plan.facts_for(node, &instant.facts),
        ..*instant
    }
}

/// Runs the external code of `node` in shared memory; `memory` gives a node's image of the frame at an offset.
pub(super) fn run_shared<'a>(
    code: &dyn SharesMemory,
    plan: &Plan,
    (node, call): (&Node, &Call),
    instant: &Instant,
    made: &'a Imported,
    memory: impl Fn(NodeId, i32) -> Option<&'a Imported>,
) -> Result<(), String> {
    let shared = |(id, offset): (NodeId, i32)| {
        let memory = memory(id, offset).ok_or("one of its images is not shared")?;
        Ok::<_, String>(SharedImage {
            image: plan.nodes[id].image,
            memory,
        })
    };
    let inputs = images_read(node)?.into_iter().map(shared);
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    code.run_shared(&GivenShared {
        instant: &instant_at(plan, node, instant),
        call,
        inputs: &inputs,
        made: SharedImage {
            image: node.image,
            memory: made,
        },
    })
}

/// Runs the external code of `node`; `image` gives a node's image of the frame at an offset.
pub(super) fn run_external(
    codes: &[Option<Arc<dyn External>>],
    plan: &Plan,
    node: &Node,
    instant: &Instant,
    mut image: impl FnMut(usize, i32) -> Result<Vec<u32>, ExecError>,
) -> Result<Vec<u32>, ExecError> {
    let name = node.label.clone();
    let fail = |why: String| ExecError::External {
        name: name.clone(),
        why,
    };
    let NodeKind::External { call } = &node.kind else {
        return Err(fail("it is a kernel".to_owned()));
    };
    let code = code_of(codes, node).ok_or_else(|| fail("nobody runs it".to_owned()))?;
    let mut inputs = Vec::new();
    for (id, offset) in images_read(node).map_err(fail)? {
        inputs.push(ExternalImage {
            image: plan.nodes[id].image,
            words: image(id, offset)?,
        });
    }
    let instant = instant_at(plan, node, instant);
    let given = Given {
        instant: &instant,
        call,
        inputs: &inputs,
        made: &node.image,
    };
    let words = code.run(&given).map_err(fail)?;
    let (width, height) = node.image.extent;
    let expected = width as usize * height as usize * node.image.storage.channels();
    match words.len() == expected {
        true => Ok(words),
        false => Err(fail(format!(
            "it made {} values of {expected}",
            words.len()
        ))),
    }
}
