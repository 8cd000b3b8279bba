//! Evaluates a node row by row: what its twin reads, and how its rows are rounded and stored.

use multiversion::multiversion;

use super::Resource;
use super::run::Frame;
use crate::graph::plan::{Node, NodeId, Operand, Plan, Storage};
use crate::reference::row::{Bound, HereRow, Kept, Memo};
use crate::reference::{Image, Io, Out, PixelTwin, Row, fixed_grid, half_grid};

/// A node that is prepared to run.
pub(super) struct NodeRunner {
    pub node: NodeId,
    pub twin: PixelTwin,
    pub memo: Memo,
    /// Pool slot of each input that is a stored image.
    pub slots: Vec<Option<usize>>,
}

/// Row index, and the rows of the fused nodes evaluated before.
#[derive(Clone, Copy)]
pub(super) struct RowContext<'a> {
    pub frame: &'a Frame<'a>,
    pub y: usize,
    pub fused: &'a [NodeRunner],
    /// Rows of the nodes fused into this one, from the first one on.
    pub rows: &'a [Vec<f32>],
    /// Room for row `y` of the node's inputs that [`NodeRunner::make_room`] chose.
    pub here: &'a [Option<HereRow>],
    /// What the node's twin keeps from row to row.
    pub kept: &'a Kept,
}

impl NodeRunner {
    /// Makes room for a row of each input that is stored as fixed-point numbers and read at the own row alone.
    pub fn make_room(&self, frame: &Frame<'_>, here: &mut [Option<HereRow>]) {
        let node = &frame.plan.nodes[self.node];
        let inputs = node.inputs.iter().zip(&self.slots).zip(here);
        for (((name, operand), slot), here) in inputs {
            let image = stored(frame, *operand, *slot).filter(|image| image.is_fixed());
            let reads = node.kernel.inputs.get(name);
            match image.filter(|_| reads.is_some_and(|reads| !reads.elsewhere)) {
                Some(_) => here.get_or_insert_default().clear(),
                None => *here = None,
            }
        }
    }

    /// Computes the row.
    fn make(&self, context: RowContext<'_>, out: &mut Out<'_>) {
        let RowContext { frame, y, .. } = context;
        let node = &frame.plan.nodes[self.node];
        let inputs = bind(context, node, &self.slots);
        let facts = frame.plan.facts_for(node, &frame.instant.facts);
        let io = Io {
            y,
            width: node.image.extent.0 as usize,
            height: node.image.extent.1 as usize,
            facts: &facts,
            inputs: &inputs,
            params: &node.params,
            memo: &self.memo,
            kept: context.kept,
        };
        (self.twin)(&io, out);
    }

    /// Computes the row and rounds it to its storage format, for the nodes that read it.
    pub fn evaluate(&self, context: RowContext<'_>, out: &mut [f32]) {
        let storage = context.frame.plan.nodes[self.node].image.storage;
        let mut made = Out::new(out, storage.channels());
        self.make(context, &mut made);
        round(storage, out);
    }

    /// Computes the row of a stored image and rounds it to its storage format. Returns whether all of it is opaque;
    /// then its alpha is not stored. `alpha` is scratch memory for the alpha row.
    pub fn store(&self, context: RowContext<'_>, out: &mut [f32], alpha: &mut [f32]) -> bool {
        let storage = context.frame.plan.nodes[self.node].image.storage;
        if storage.channels() != 4 {
            self.evaluate(context, out);
            return false;
        }
        let (colour, stored) = out.split_at_mut(3 * alpha.len());
        let mut made = Out::beside_alpha(colour, alpha);
        self.make(context, &mut made);
        round(storage, colour);
        let opaque = is_opaque(alpha);
        if !opaque {
            stored.copy_from_slice(alpha);
            round(storage, stored);
        }
        opaque
    }
}

impl NodeRunner {
    /// Computes the row of an image that is stored as fixed-point numbers. Returns whether all of it is opaque; then its
    /// alpha is not stored. `made` and `alpha` are scratch memory.
    pub fn store_fixed(
        &self,
        context: RowContext<'_>,
        row: &mut [i16],
        made: &mut [f32],
        alpha: &mut [f32],
    ) -> bool {
        let (colour, stored_alpha) = row.split_at_mut(3 * alpha.len());
        let made = &mut made[..colour.len()];
        let mut out = Out::beside_steps(made, alpha, colour);
        self.make(context, &mut out);
        if !out.is_in_steps() {
            fixed_grid::pack_row(made, colour);
        }
        let opaque = is_opaque(alpha);
        if !opaque {
            fixed_grid::pack_row(alpha, stored_alpha);
        }
        opaque
    }
}

/// Rounds values to those that `storage` can hold.
fn round(storage: Storage, row: &mut [f32]) {
    match storage {
        Storage::Rgba16Float => half_grid::round_row(row),
        Storage::Rgba16Fixed => fixed_grid::round_row(row),
        Storage::R32Float | Storage::Rgba32Float | Storage::Words => {}
    }
}

/// The one image that `operand` reads; `None` where it is no stored image.
fn stored<'a>(frame: &Frame<'a>, operand: Operand, slot: Option<usize>) -> Option<&'a Image> {
    match operand {
        Operand::History(index) => Some(&frame.histories[index]),
        Operand::Image(id) => Some(frame.image(id, slot?)),
        _ => None,
    }
}

/// Pool slot of each input of `node` that is a stored image.
pub(super) fn slots_of(plan: &Plan, node: NodeId) -> Vec<Option<usize>> {
    let inputs = plan.nodes[node].inputs.iter();
    inputs
        .map(|(_, operand)| match operand {
            Operand::Image(id) | Operand::Window(id, _) => plan.slot_of(*id),
            _ => None,
        })
        .collect()
}

/// The data that the inputs of `node` are bound to.
pub(super) fn bind<'a>(
    context: RowContext<'a>,
    node: &'a Node,
    slots: &[Option<usize>],
) -> Vec<(&'a str, Bound<'a>)> {
    let RowContext {
        frame,
        y,
        fused,
        rows,
        here,
        ..
    } = context;
    let inputs = node.inputs.iter().zip(slots).enumerate();
    inputs
        .filter_map(|(index, ((name, operand), slot))| {
            if let Some(Some(here)) = here.get(index) {
                let image = stored(frame, *operand, *slot)?;
                let row = image.here(y.min(image.height.saturating_sub(1)), here);
                return Some((name.as_str(), Bound::Here(row)));
            }
            let bound = match operand {
                Operand::Planes(_) => Bound::Planes(frame.picture?),
                Operand::File(file) => match &frame.files[*file] {
                    Resource::Image(image) => Bound::Image(image),
                    Resource::Lut(lut) => Bound::Lut(lut),
                    Resource::Table(table) => Bound::Table(table),
                    Resource::Code => return None,
                },
                Operand::History(index) => Bound::Image(&frame.histories[*index]),
                Operand::Window(..) => Bound::Frames(frame.frames((*slot)?)),
                Operand::Image(id) => match fused
                    .iter()
                    .take(rows.len())
                    .position(|part| part.node == *id)
                {
                    Some(index) => Bound::Here(Row::new(
                        &rows[index],
                        frame.plan.nodes[*id].image.storage.channels(),
                    )),
                    None => Bound::Image(frame.image(*id, (*slot)?)),
                },
            };
            Some((name.as_str(), bound))
        })
        .collect()
}

/// Whether all values of `alpha` are 1.
#[multiversion(targets = "simd")]
fn is_opaque(alpha: &[f32]) -> bool {
    let one = 1.0f32.to_bits();
    alpha
        .iter()
        .fold(0, |bits, value| bits | (value.to_bits() ^ one))
        == 0
}

#[cfg(test)]
mod tests {
    use crate::graph::plan::image::FIXED_STEPS;
    use crate::reference::fixed_grid::STEPS;

    /// Plans know nothing of twins: the number stands in both.
    #[test]
    fn plans_and_twins_count_the_same_steps() {
        assert_eq!(FIXED_STEPS, STEPS);
    }
}
