//! One step of a plan on the CPU: its fused nodes row by row, then its own kernel, then the store.

use multiversion::multiversion;
use rayon::prelude::*;

use super::super::executor::{ExecError, Submission};
use super::super::plan::{self, AlphaSource, Node, NodeId, Operand, Pack, Plan, Storage, Target};
use super::Loaded;
use crate::frame::{OwnedPlanes, Picture};
use crate::reference::half_grid::round_row;
use crate::reference::io::samples::{dither, read_row, write_row};
use crate::reference::row::{Bound, Memo};
use crate::reference::{CodeTwin, ComputeTwin, Image, Io, Out, PixelTwin, Row, Twin, twin};

/// Rows handled by one thread before it asks for more.
const BAND: usize = 16;

/// What a step works on.
pub(super) struct Frame<'a> {
    pub plan: &'a Plan,
    pub slots: &'a [Image],
    pub files: &'a [Loaded],
    pub histories: &'a [Image],
    pub frame: &'a Submission,
}

/// A node ready to run.
struct Part {
    node: NodeId,
    twin: PixelTwin,
    memo: Memo,
    /// Slot of each input that is a stored image.
    slots: Vec<Option<usize>>,
}

enum Root {
    Image(Part),
    Words {
        node: NodeId,
        twin: ComputeTwin,
        memo: Memo,
        slots: Vec<Option<usize>>,
    },
    Planes {
        twin: CodeTwin,
        memo: Memo,
        slot: Option<usize>,
    },
}

/// A step ready to run.
pub(super) struct Step {
    pub label: String,
    fused: Vec<Part>,
    root: Root,
}

impl Step {
    /// Finds the twins of a step. Errors with the kernel that has none.
    pub fn new(plan: &Plan, step: &plan::Step) -> Result<Self, ExecError> {
        let part = |node: NodeId| {
            let kernel = &plan.nodes[node].kernel.path;
            let Some(Twin::Pixel(twin)) = twin(kernel) else {
                return Err(ExecError::NoTwin {
                    kernel: kernel.clone(),
                });
            };
            Ok(Part {
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
        let (label, root) = match step.target {
            Target::Image { node, .. } => {
                let made = &plan.nodes[node];
                let root = match twin(&made.kernel.path) {
                    Some(Twin::Compute(twin)) => Root::Words {
                        node,
                        twin,
                        memo: Memo::new(),
                        slots: slots_of(plan, node),
                    },
                    _ => Root::Image(part(node)?),
                };
                (made.label.clone(), root)
            }
            Target::Output(port) => {
                let pack = &plan.outputs[port];
                let Some(Twin::Code(twin)) = twin(&pack.kernel.path) else {
                    return Err(ExecError::NoTwin {
                        kernel: pack.kernel.path.clone(),
                    });
                };
                (
                    format!("output {port}"),
                    Root::Planes {
                        twin,
                        memo: Memo::new(),
                        slot: plan.slot_of(pack.image),
                    },
                )
            }
        };
        Ok(Self { label, fused, root })
    }

    /// Makes the image of a step whose target is one.
    pub fn render(&self, frame: &Frame<'_>, image: &mut Image) {
        let root = match &self.root {
            Root::Image(root) => root,
            Root::Words {
                node,
                twin,
                memo,
                slots,
            } => {
                let node = &frame.plan.nodes[*node];
                let inputs = bind(frame, node, slots, &[], &[]);
                let io = Io {
                    y: 0,
                    width: node.extent.0 as usize,
                    height: 1,
                    facts: &frame.frame.facts,
                    inputs: &inputs,
                    params: &node.params,
                    memo,
                };
                return twin(&io, image.words_mut());
            }
            Root::Planes { .. } => return,
        };
        let length = image.width * image.channels;
        let room = || (self.scratch(frame.plan), vec![0.0; image.width]);
        let bands = image.data.par_chunks_mut(length * BAND);
        bands
            .zip(image.opaque.par_chunks_mut(BAND))
            .enumerate()
            .for_each_init(room, |(scratch, alpha), (band, (rows, opaque))| {
                let rows = rows.chunks_exact_mut(length).zip(opaque);
                for (y, (row, opaque)) in (band * BAND..).zip(rows) {
                    self.evaluate_fused(frame, y, scratch);
                    *opaque = root.store(frame, y, &self.fused, scratch, row, alpha);
                }
            });
    }

    /// Makes the planes of a step whose target is output `port`.
    pub fn pack(&self, frame: &Frame<'_>, port: usize) -> Picture {
        let pack = &frame.plan.outputs[port];
        let (width, height) = pack.extent;
        let mut planes = OwnedPlanes::new(width, height, &pack.format);
        // Bytes of a row of each plane, and how many rows of the picture it stands for.
        let shapes: Vec<(usize, usize)> = (0..pack.format.plane_count())
            .map(|plane| pack.format.plane_extent(plane, width, height))
            .map(|extent| (extent.row_bytes, (height as usize).div_ceil(extent.rows)))
            .collect();
        // The same rows of the picture of all planes together: they are read once.
        let mut bands: Vec<Vec<&mut [u8]>> = Vec::new();
        bands.resize_with((height as usize).div_ceil(BAND), Vec::new);
        for (plane, (row_bytes, step)) in planes.planes_mut().into_iter().zip(&shapes) {
            let parts = plane.chunks_mut(row_bytes * BAND / step);
            for (band, rows) in bands.iter_mut().zip(parts) {
                band.push(rows);
            }
        }
        let packing = || Packing {
            step: self,
            frame,
            pack,
            scratch: self.scratch(frame.plan),
            evaluated: None,
            codes: vec![0.0; width as usize],
        };
        bands
            .into_par_iter()
            .enumerate()
            .for_each_init(packing, |packing, (band, mut planes)| {
                for index in 0..BAND {
                    for (plane, (row_bytes, step)) in shapes.iter().enumerate() {
                        let start = index / step * row_bytes;
                        let row = planes[plane].get_mut(start..start + row_bytes);
                        if let (0, Some(row)) = (index % step, row) {
                            packing.row(plane, (band * BAND + index) / step, row);
                        }
                    }
                }
            });
        Picture::new(width, height, pack.format, pack.color, planes)
    }

    /// A row for each fused node.
    fn scratch(&self, plan: &Plan) -> Vec<Vec<f32>> {
        self.fused
            .iter()
            .map(|part| {
                let node = &plan.nodes[part.node];
                vec![0.0; node.extent.0 as usize * node.storage.channels()]
            })
            .collect()
    }

    fn evaluate_fused(&self, frame: &Frame<'_>, y: usize, scratch: &mut [Vec<f32>]) {
        for (index, part) in self.fused.iter().enumerate() {
            let (before, rest) = scratch.split_at_mut(index);
            part.evaluate(frame, y, &self.fused, before, &mut rest[0]);
        }
    }
}

/// Rows of an output on their way into its planes.
struct Packing<'a> {
    step: &'a Step,
    frame: &'a Frame<'a>,
    pack: &'a Pack,
    scratch: Vec<Vec<f32>>,
    /// The row that `scratch` holds.
    evaluated: Option<usize>,
    codes: Vec<f32>,
}

impl Packing<'_> {
    /// Makes row `y` of a plane.
    fn row(&mut self, plane: usize, y: usize, row: &mut [u8]) {
        let (step, frame, pack) = (self.step, self.frame, self.pack);
        let Root::Planes { twin, memo, slot } = &step.root else {
            return;
        };
        let (width, height) = pack.extent;
        let components = pack.format.used().iter().enumerate();
        for (component, at) in components.filter(|(_, at)| usize::from(at.plane) == plane) {
            let (columns, rows) = pack.format.component_extent(component, width, height);
            let codes = &mut self.codes[..columns as usize];
            let is_alpha = component == pack.format.colour_count();
            let wanted = if is_alpha {
                pack.alpha == AlphaSource::Image
            } else {
                pack.reads_image(component)
            };
            if wanted && self.evaluated != Some(y) {
                step.evaluate_fused(frame, y, &mut self.scratch);
                self.evaluated = Some(y);
            }
            let image = match (slot, step.fused.last()) {
                (Some(slot), _) => Bound::Image(&frame.slots[*slot]),
                (None, Some(last)) => {
                    let channels = frame.plan.nodes[last.node].storage.channels();
                    Bound::Here(Row::new(&self.scratch[step.fused.len() - 1], channels))
                }
                (None, None) => return,
            };
            let io = Io {
                y,
                width: columns as usize,
                height: rows as usize,
                facts: &frame.frame.facts,
                inputs: &[("image", image)],
                params: &pack.params,
                memo,
            };
            if is_alpha {
                alpha_row(frame.frame.picture.as_ref(), pack, &io, codes);
            } else {
                twin(&io, component, codes);
            }
            if pack.dither {
                let key = frame.frame.facts.noise;
                dither(codes, y as u32, component as u32, key);
            }
            write_row(codes, *at, pack.format.depth, row);
        }
    }
}

/// Slot of each input of `node` that is a stored image.
fn slots_of(plan: &Plan, node: NodeId) -> Vec<Option<usize>> {
    let inputs = plan.nodes[node].inputs.iter();
    inputs
        .map(|(_, operand)| match operand {
            Operand::Image(id) => plan.slot_of(*id),
            _ => None,
        })
        .collect()
}

/// What the inputs of `node` are bound to; `rows` holds those of the `fused` nodes evaluated so far.
fn bind<'a>(
    frame: &'a Frame<'_>,
    node: &'a Node,
    slots: &[Option<usize>],
    fused: &[Part],
    rows: &'a [Vec<f32>],
) -> Vec<(&'a str, Bound<'a>)> {
    node.inputs
        .iter()
        .zip(slots)
        .filter_map(|((name, operand), slot)| {
            let bound = match operand {
                Operand::Planes => Bound::Planes(frame.frame.picture.as_ref()?),
                Operand::File(file) => match &frame.files[*file] {
                    Loaded::Image(image) => Bound::Image(image),
                    Loaded::Lut(lut) => Bound::Lut(lut),
                },
                Operand::History(index) => Bound::Image(&frame.histories[*index]),
                Operand::Image(id) => match fused
                    .iter()
                    .take(rows.len())
                    .position(|part| part.node == *id)
                {
                    Some(index) => Bound::Here(Row::new(
                        &rows[index],
                        frame.plan.nodes[*id].storage.channels(),
                    )),
                    None => Bound::Image(&frame.slots[(*slot)?]),
                },
            };
            Some((name.as_str(), bound))
        })
        .collect()
}

impl Part {
    /// Makes row `y`. `rows` holds those of the fused nodes evaluated so far.
    fn make(
        &self,
        frame: &Frame<'_>,
        y: usize,
        fused: &[Part],
        rows: &[Vec<f32>],
        out: &mut Out<'_>,
    ) {
        let node = &frame.plan.nodes[self.node];
        let inputs = bind(frame, node, &self.slots, fused, rows);
        let io = Io {
            y,
            width: node.extent.0 as usize,
            height: node.extent.1 as usize,
            facts: &frame.frame.facts,
            inputs: &inputs,
            params: &node.params,
            memo: &self.memo,
        };
        (self.twin)(&io, out);
    }

    /// Makes row `y`, rounded to its storage format, to be read by the nodes after it.
    fn evaluate(
        &self,
        frame: &Frame<'_>,
        y: usize,
        fused: &[Part],
        rows: &[Vec<f32>],
        out: &mut [f32],
    ) {
        let storage = frame.plan.nodes[self.node].storage;
        let mut made = Out::new(out, storage.channels());
        self.make(frame, y, fused, rows, &mut made);
        if storage == Storage::Rgba16Float {
            round_row(out);
        }
    }

    /// Makes row `y`, rounded to its storage format, of an image. Returns whether it is opaque: then its alpha is not
    /// stored. `alpha` is room for it.
    fn store(
        &self,
        frame: &Frame<'_>,
        y: usize,
        fused: &[Part],
        rows: &[Vec<f32>],
        out: &mut [f32],
        alpha: &mut [f32],
    ) -> bool {
        let storage = frame.plan.nodes[self.node].storage;
        if storage.channels() != 4 {
            self.evaluate(frame, y, fused, rows, out);
            return false;
        }
        let (colour, stored) = out.split_at_mut(3 * alpha.len());
        let mut made = Out::beside_alpha(colour, alpha);
        self.make(frame, y, fused, rows, &mut made);
        let rounds = storage == Storage::Rgba16Float;
        if rounds {
            round_row(colour);
        }
        let opaque = is_opaque(alpha);
        if !opaque {
            stored.copy_from_slice(alpha);
            if rounds {
                round_row(stored);
            }
        }
        opaque
    }
}

/// Whether all of `alpha` is 1.
#[multiversion(targets = "simd")]
fn is_opaque(alpha: &[f32]) -> bool {
    let one = 1.0f32.to_bits();
    alpha
        .iter()
        .fold(0, |bits, value| bits | (value.to_bits() ^ one))
        == 0
}

/// Alpha as code values of the output's depth.
fn alpha_row(source: Option<&Picture>, pack: &Pack, io: &Io<'_>, codes: &mut [f32]) {
    let max = pack.format.max_value() as f32;
    match (pack.alpha, source) {
        (AlphaSource::Source, Some(picture)) if picture.format.alpha => {
            read_row(picture, picture.format.colour_count(), io.y, codes);
            let source_max = picture.format.max_value() as f32;
            if source_max != max {
                codes
                    .iter_mut()
                    .for_each(|code| *code = *code * max / source_max);
            }
        }
        (AlphaSource::Image, _) => match io.here("image").alpha() {
            Some(alpha) => codes
                .iter_mut()
                .zip(alpha)
                .for_each(|(code, alpha)| *code = alpha * max),
            None => codes.fill(max),
        },
        _ => codes.fill(max),
    }
}
