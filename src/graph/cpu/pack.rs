//! Packs an image into the planes of an output.

use rayon::prelude::*;

use super::run::{BAND, Frame, Step, StepTarget};
use crate::frame::{OwnedPlanes, Picture};
use crate::graph::plan::{AlphaSource, Pack};
use crate::reference::io::samples::{dither, read_row, write_row};
use crate::reference::row::Bound;
use crate::reference::{Io, Row};

impl Step {
    /// Makes the planes of a step whose target is output `port`.
    pub fn pack(&self, frame: &Frame<'_>, port: usize) -> Picture {
        let pack = frame.plan.pack(port);
        let (width, height) = pack.extent;
        let mut planes = OwnedPlanes::new(width, height, &pack.format);
        // For each plane: bytes per row, and how many picture rows one plane row covers.
        let shapes: Vec<(usize, usize)> = (0..pack.format.plane_count())
            .map(|plane| pack.format.plane_extent(plane, width, height))
            .map(|extent| (extent.row_bytes, (height as usize).div_ceil(extent.rows)))
            .collect();
        // Work in bands that cover the same picture rows in all planes, so that each row is read once.
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
}

/// The rows of an output while they are packed into its planes.
struct Packing<'a> {
    step: &'a Step,
    frame: &'a Frame<'a>,
    pack: &'a Pack,
    scratch: Vec<Vec<f32>>,
    /// The row that is in `scratch`.
    evaluated: Option<usize>,
    codes: Vec<f32>,
}

impl Packing<'_> {
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
                step.evaluate_fused(frame, y, &mut self.scratch);
                self.evaluated = Some(y);
            }
            let image = match (slot, step.fused.last()) {
                (Some(slot), _) => Bound::Image(frame.image(*slot)),
                (None, Some(last)) => {
                    let channels = frame.plan.nodes[last.node].image.storage.channels();
                    Bound::Here(Row::new(&self.scratch[step.fused.len() - 1], channels))
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
            };
            if is_alpha {
                alpha_row(frame.picture, pack, &io, codes);
            } else {
                twin(&io, component, codes);
            }
            if pack.dither {
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
