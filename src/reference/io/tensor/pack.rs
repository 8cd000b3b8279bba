use rayon::prelude::*;

use super::tiles::{Tiles, Values};
use crate::reference::Io;

/// A picture as a tensor of 32-bit floats, in tiles.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let (tiles, values) = (Tiles::of(io), Values::of(io));
    let image = io.image("image");
    let (width, height) = tiles.size;
    let channels = values.channels();
    let floats: &mut [f32] = bytemuck::cast_slice_mut(words);
    if io.param("planar") > 0.0 {
        let rows = floats.par_chunks_mut(width).enumerate();
        return rows.for_each(|(index, out)| {
            let plane = index / height;
            let y = plane / channels * height + index % height;
            let (row, first) = tiles.row_of(y, image.height);
            values.channel(&image.row(row), first, plane % channels, out);
        });
    }
    let rows = floats.par_chunks_mut(width * channels).enumerate();
    rows.for_each_init(
        || vec![0.0; width],
        |channel, (y, out)| {
            let (row, first) = tiles.row_of(y, image.height);
            for c in 0..channels {
                values.channel(&image.row(row), first, c, channel);
                let pixels = out.chunks_exact_mut(channels);
                pixels
                    .zip(&*channel)
                    .for_each(|(pixel, value)| pixel[c] = *value);
            }
        },
    );
}
