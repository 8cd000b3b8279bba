//! Packs an image into the planes of an output.

use super::run::{Frame, Room, Step, StepTarget};
use crate::frame::{OwnedPlanes, Picture, PixelFormat};
use crate::graph::plan::{AlphaSource, Pack};
use crate::reference::io::samples::{dither, read_row, write_row};
use crate::reference::row::{Bound, Kept};
use crate::reference::{Io, Row};

/// The shape of a plane: bytes of a row, and how many rows of the picture one row covers.
pub(super) struct PlaneShape {
    row_bytes: usize,
    covers: usize,
}

/// The shapes of the planes of `format`.
pub(super) fn plane_shapes(format: &PixelFormat, (width, height): (u32, u32)) -> Vec<PlaneShape> {
    let planes = 0..format.plane_count();
    let extents = planes.map(|plane| format.plane_extent(plane, width, height));
    extents
        .map(|extent| PlaneShape {
            row_bytes: extent.row_bytes,
            covers: (height as usize).div_ceil(extent.rows),
        })
        .collect()
}

/// The planes cut into parts that cover the same `rows` of the picture, an even number.
pub(super) fn parts<'a>(
    planes: &'a mut OwnedPlanes,
    shapes: &[PlaneShape],
    rows: usize,
) -> Vec<Vec<&'a mut [u8]>> {
    let mut parts: Vec<Vec<&mut [u8]>> = Vec::new();
    for (plane, shape) in planes.planes_mut().into_iter().zip(shapes) {
        let cut = plane.chunks_mut(shape.row_bytes * rows / shape.covers);
        for (index, part) in cut.enumerate() {
            if index == parts.len() {
                parts.push(Vec::new());
            }
            parts[index].push(part);
        }
    }
    parts
}

/// Some rows of an output while they are packed into its planes.
pub(super) struct Packing<'a> {
    pub step: &'a Step,
    pub frame: &'a Frame<'a>,
    pub pack: &'a Pack,
    pub room: &'a mut Room,
    /// Room for a row of code values.
    pub codes: &'a mut [f32],
    /// The row that is in `room`.
    pub evaluated: Option<usize>,
}

impl Packing<'_> {
    /// Packs row `y` of the picture, and the rows of chroma that begin with it, into parts of the planes that begin with
    /// row `first`.
    pub fn rows(&mut self, y: usize, first: usize, shapes: &[PlaneShape], parts: &mut [&mut [u8]]) {
        for (plane, (shape, part)) in shapes.iter().zip(parts).enumerate() {
            let start = (y - first) / shape.covers * shape.row_bytes;
            let row = part.get_mut(start..start + shape.row_bytes);
            if let (0, Some(row)) = (y % shape.covers, row) {
                self.row(plane, y / shape.covers, row);
            }
        }
    }

    /// Packs row `y` of a plane.
    fn row(&mut self, plane: usize, y: usize, row: &mut [u8]) {
        let (step, frame, pack) = (self.step, self.frame, self.pack);
        let StepTarget::Planes { twin, memo, slot } = &step.root else {
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
                step.evaluate_fused(frame, y, self.room);
                self.evaluated = Some(y);
            }
            let image = match (slot, step.fused.last()) {
                (Some(slot), _) => Bound::Image(frame.image(pack.image, *slot)),
                (None, Some(last)) => {
                    let channels = frame.plan.nodes[last.node].image.storage.channels();
                    Bound::Here(Row::new(&self.room.rows[step.fused.len() - 1], channels))
                }
                (None, None) => return,
            };
            let io = Io {
                y,
                width: columns as usize,
                height: rows as usize,
                facts: &frame.instant.facts,
                inputs: &[("image", image)],
                params: &pack.params,
                memo,
                kept: &Kept::default(),
            };
            if is_alpha {
                alpha_row(frame.picture, pack, &io, codes);
            } else {
                twin(&io, component, codes);
            }
            if pack.dither && !is_alpha {
                let key = frame.instant.facts.noise;
                dither(codes, y as u32, component as u32, key);
            }
            write_row(codes, *at, pack.format.depth, row);
        }
    }
}

/// Alpha as code values at the output's depth.
fn alpha_row(source: Option<&Picture>, pack: &Pack, io: &Io<'_>, codes: &mut [f32]) {
    let max = pack.format.one();
    match (pack.alpha, source) {
        (AlphaSource::Source, Some(picture)) if picture.format.alpha => {
            read_row(picture, picture.format.colour_count(), io.y, codes);
            let source_max = picture.format.one();
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
