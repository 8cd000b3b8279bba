//! Runs one step of a plan on the CPU: the fused nodes row by row, then its own kernel, then the store.

use super::super::executor::{ExecError, Instant};
use super::super::plan::{self, NodeId, Plan, Target};
use super::super::style::Kernel;
use super::Resource;
use super::node_rows::{NodeRunner, RowContext, bind, slots_of};
use crate::frame::Picture;
use crate::reference::row::{FrameRing, HereRow, Kept, Memo};
use crate::reference::{CodeTwin, ComputeTwin, Image, Io, Twin, twin};

/// The data that a step works on.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub plan: &'a Plan,
    /// Ring buffers, one for each pool slot: frame N is at N modulo their number.
    pub slots: &'a [Vec<Image>],
    /// Rows of the images of the steps that run together with this one, by node.
    pub strips: &'a [(NodeId, Image)],
    pub files: &'a [Resource],
    pub histories: &'a [Image],
    /// The frame that the step works on and its decoded picture.
    pub instant: &'a Instant,
    pub picture: Option<&'a Picture>,
}

impl<'a> Frame<'a> {
    /// The image of `node`, which is in `slot` if it is stored whole, of the frame that is read.
    pub fn image(&self, node: NodeId, slot: usize) -> &'a Image {
        if let Some((_, strip)) = self.strips.iter().find(|(made, _)| *made == node) {
            return strip;
        }
        &self.slots[slot][place(&self.slots[slot], self.instant.reads)]
    }

    /// The images in `slot` of the frame that is read and the frames around it.
    pub fn frames(&self, slot: usize) -> FrameRing<'a> {
        let facts = &self.instant.facts;
        FrameRing {
            images: &self.slots[slot],
            index: self.instant.reads,
            before: facts.frames_before,
            after: facts.frames_after,
        }
    }
}

/// The index of a frame in a ring buffer.
pub(super) fn place<T>(ring: &[T], index: u64) -> usize {
    (index % ring.len() as u64) as usize
}

pub(super) enum StepTarget {
    Image(NodeRunner),
    Words {
        node: NodeId,
        twin: ComputeTwin,
        memo: Memo,
        slots: Vec<Option<usize>>,
    },
    /// Run by the executor itself.
    External,
    Planes {
        twin: CodeTwin,
        memo: Memo,
        slot: Option<usize>,
    },
}

/// The twin that stands for `kernel`.
pub(super) fn twin_of(kernel: &Kernel) -> Option<Twin> {
    twin(kernel.twin.as_deref()?)
}

/// A step that is prepared to run.
pub(super) struct Step {
    pub fused: Vec<NodeRunner>,
    pub root: StepTarget,
}

impl Step {
    /// Finds the twins of a step. Fails with the kernel that has none.
    pub fn new(plan: &Plan, step: &plan::Step) -> Result<Self, ExecError> {
        let part = |node: NodeId| {
            let kernel = &plan.nodes[node].kernel;
            let Some(Twin::Pixel(twin)) = twin_of(kernel) else {
                return Err(ExecError::NoTwin {
                    kernel: kernel.path.clone(),
                });
            };
            Ok(NodeRunner {
                node,
                twin,
                memo: Memo::new(),
                slots: slots_of(plan, node),
            })
        };
        let fused = step
            .fused
            .iter()
            .map(|id| part(*id))
            .collect::<Result<Vec<_>, _>>()?;
        let root = match step.target {
            Target::Image { node, .. } => {
                let made = &plan.nodes[node];
                match twin_of(&made.kernel) {
                    _ if made.is_external() => StepTarget::External,
                    Some(Twin::Compute(twin)) => StepTarget::Words {
                        node,
                        twin,
                        memo: Memo::new(),
                        slots: slots_of(plan, node),
                    },
                    _ => StepTarget::Image(part(node)?),
                }
            }
            Target::Output(port) => {
                let pack = plan.pack(port);
                let Some(Twin::Code(twin)) = twin_of(&pack.kernel) else {
                    return Err(ExecError::NoTwin {
                        kernel: pack.kernel.path.clone(),
                    });
                };
                StepTarget::Planes {
                    twin,
                    memo: Memo::new(),
                    slot: plan.slot_of(pack.image),
                }
            }
        };
        Ok(Self { fused, root })
    }

    /// Forgets what was computed from the parameters of these nodes.
    pub fn forget(&mut self, changed: &[NodeId]) {
        for part in &mut self.fused {
            if changed.contains(&part.node) {
                part.memo = Memo::new();
            }
        }
        match &mut self.root {
            StepTarget::Image(part) if changed.contains(&part.node) => part.memo = Memo::new(),
            StepTarget::Words { node, memo, .. } if changed.contains(node) => *memo = Memo::new(),
            _ => {}
        }
    }

    /// Computes the words of a step whose target is a buffer.
    pub fn words(&self, frame: &Frame<'_>, image: &mut Image) {
        let StepTarget::Words {
            node,
            twin,
            memo,
            slots,
        } = &self.root
        else {
            return;
        };
        let node = &frame.plan.nodes[*node];
        let kept = Kept::default();
        let place = RowContext {
            frame,
            y: 0,
            fused: &[],
            rows: &[],
            here: &[],
            kept: &kept,
        };
        let inputs = bind(place, node, slots);
        let facts = frame.plan.facts_for(node, &frame.instant.facts);
        let io = Io {
            y: 0,
            width: node.image.extent.0 as usize,
            height: 1,
            facts: &facts,
            inputs: &inputs,
            params: &node.params,
            memo,
            kept: &kept,
        };
        twin(&io, image.words_mut());
    }

    /// Computes row `y` of a step whose target is an image of pixels. Returns whether all of it is opaque. `alpha` is room
    /// for a row of alpha.
    pub fn row(
        &self,
        frame: &Frame<'_>,
        y: usize,
        room: &mut Room,
        alpha: &mut [f32],
        row: &mut [f32],
    ) -> bool {
        let StepTarget::Image(root) = &self.root else {
            return false;
        };
        root.store(self.context(root, frame, y, room), row, alpha)
    }

    /// As [`Self::row`], where the image is stored as fixed-point numbers. `made` is room for a row of it.
    pub fn fixed_row(
        &self,
        frame: &Frame<'_>,
        y: usize,
        room: &mut Room,
        (made, alpha): (&mut [f32], &mut [f32]),
        row: &mut [i16],
    ) -> bool {
        let StepTarget::Image(root) = &self.root else {
            return false;
        };
        root.store_fixed(self.context(root, frame, y, room), row, made, alpha)
    }

    /// Evaluates the fused nodes; then row `y` of the step's own node can be made.
    fn context<'a>(
        &'a self,
        root: &NodeRunner,
        frame: &'a Frame<'a>,
        y: usize,
        room: &'a mut Room,
    ) -> RowContext<'a> {
        self.evaluate_fused(frame, y, room);
        let here = &mut room.here[self.fused.len()];
        root.make_room(frame, here);
        RowContext {
            frame,
            y,
            fused: &self.fused,
            rows: &room.rows,
            here,
            kept: &room.kept[self.fused.len()],
        }
    }

    /// What the rows of the step need.
    pub fn room(&self, plan: &Plan) -> Room {
        let row = |part: &NodeRunner| {
            let node = &plan.nodes[part.node];
            vec![0.0; node.image.extent.0 as usize * node.image.storage.channels()]
        };
        let root = match &self.root {
            StepTarget::Image(root) => Some(root),
            _ => None,
        };
        let parts = self.fused.iter().chain(root);
        Room {
            rows: self.fused.iter().map(row).collect(),
            here: parts
                .map(|part| part.slots.iter().map(|_| None).collect())
                .collect(),
            kept: (0..=self.fused.len()).map(|_| Kept::default()).collect(),
        }
    }

    pub fn evaluate_fused(&self, frame: &Frame<'_>, y: usize, room: &mut Room) {
        for (index, part) in self.fused.iter().enumerate() {
            let (before, rest) = room.rows.split_at_mut(index);
            let here = &mut room.here[index];
            part.make_room(frame, here);
            let place = RowContext {
                frame,
                y,
                fused: &self.fused,
                rows: before,
                here,
                kept: &room.kept[index],
            };
            part.evaluate(place, &mut rest[0]);
        }
    }
}

/// What one thread needs for the rows of a step.
pub(super) struct Room {
    /// One row for each fused node.
    pub rows: Vec<Vec<f32>>,
    /// For each fused node, and last the step's own, rows of its inputs that are stored as fixed-point numbers.
    here: Vec<Vec<Option<HereRow>>>,
    /// What each fused node, and last the step's own, keeps from row to row.
    kept: Vec<Kept>,
}

impl Room {
    /// Forgets the rows before.
    pub fn clear(&mut self) {
        self.kept.iter_mut().for_each(|kept| *kept.get_mut() = None);
    }
}
