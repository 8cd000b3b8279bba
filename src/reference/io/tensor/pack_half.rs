use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use super::tiles::{Tiles, Values};
use crate::reference::Io;

/// A picture as a tensor of 16-bit floats, two in a word, in tiles of an even width.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let (tiles, values) = (Tiles::of(io), Values::of(io));
    let image = io.image("image");
    let (width, height) = tiles.size;
    let channels = values.channels();
    let planar = io.param("planar") > 0.0;
    let halves: &mut [u16] = bytemuck::cast_slice_mut(words);
    let rows = halves.par_chunks_mut(if planar { width } else { width * channels });
    let room = || (vec![0.0; width], vec![f16::ZERO; width]);
    rows.enumerate()
        .for_each_init(room, |(channel, small), (index, out)| {
            let y = if planar {
                index / height / channels * height + index % height
            } else {
                index
            };
            let (row, first) = tiles.row_of(y, image.height);
            for c in 0..channels {
                if planar && c != index / height % channels {
                    continue;
                }
                values.channel(&image.row(row), first, c, channel);
                small.convert_from_f32_slice(channel);
                let step = if planar { 1 } else { channels };
                let places = out
                    .iter_mut()
                    .skip(if planar { 0 } else { c })
                    .step_by(step);
                places
                    .zip(&*small)
                    .for_each(|(out, value)| *out = value.to_bits());
            }
        });
}
