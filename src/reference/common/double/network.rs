//! The sums of a network's layers: 3 by 3 convolutions of features that are kept as pairs of 16-bit floats in words, pixel by pixel.
//! Sums run over the outputs of a pixel side by side, so that a vector unit multiplies one input with the weights of all.

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use multiversion::multiversion;
use rayon::prelude::*;

use super::layer::Layer;
use crate::reference::Io;

/// Rows that a thread makes without a break.
const BAND: usize = 8;
/// Columns of a part of a row, so that what is read lies in the nearest cache.
pub const PART: usize = 64;
/// Pixels that are summed side by side.
const PIXELS: usize = 8;
/// Pixels that a 3 by 3 convolution reads.
pub const TAPS: usize = 9;

/// Three rows of a part of an image, `inputs` values for each pixel, and one pixel more on both sides.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub rows: [&'a [f32]; 3],
    pub inputs: usize,
}

/// Sums of `PIXELS` pixels from column `x` of `around`.
#[inline(always)]
fn sums<const OUTPUTS: usize>(
    layer: &Layer<OUTPUTS>,
    around: Around<'_>,
    x: usize,
) -> [[f32; OUTPUTS]; PIXELS] {
    let mut sums = [layer.bias; PIXELS];
    let inputs = around.inputs;
    for tap in 0..TAPS {
        let values = &around.rows[tap / 3][(x + tap % 3) * inputs..][..PIXELS * inputs];
        let weights = &layer.weights[tap * inputs..][..inputs];
        for (input, weights) in weights.iter().enumerate() {
            for pixel in 0..PIXELS {
                let value = values[pixel * inputs + input];
                for output in 0..OUTPUTS {
                    sums[pixel][output] += value * weights[output];
                }
            }
        }
    }
    sums
}

/// The features of a part of a row: `made` has all outputs of its pixels, one pixel after the other.
#[multiversion(targets = "simd")]
pub fn convolve<const OUTPUTS: usize>(
    layer: &Layer<OUTPUTS>,
    around: Around<'_>,
    made: &mut [[f32; OUTPUTS]],
) {
    for (index, pixels) in made.chunks_exact_mut(PIXELS).enumerate() {
        let sums = sums(layer, around, index * PIXELS);
        for (pixel, sums) in pixels.iter_mut().zip(sums) {
            for output in 0..OUTPUTS {
                let value = sums[output];
                pixel[output] = match value > 0.0 {
                    true => value,
                    false => value * layer.slope[output],
                };
            }
        }
    }
}

/// Values of the pixels of a part of a row, with a pixel more on both sides, and as many more as whole blocks need.
pub const WIDE: usize = PART + 2;

/// Columns of the part that begins at `from`, of an image of `width`.
pub fn columns(from: usize, width: usize) -> usize {
    PART.min(width - from)
}

/// Column `x` of a part with a pixel more on both sides, in an image of `width`.
pub fn clamped(from: usize, x: usize, width: usize) -> usize {
    (from + x).saturating_sub(1).min(width - 1)
}

/// Makes the features of an image of `size` in bands, each in parts. `read` gives a row of a part with a pixel more on
/// both sides.
pub fn all_rows<const OUTPUTS: usize>(
    layer: &Layer<OUTPUTS>,
    inputs: usize,
    (width, height): (usize, usize),
    read: impl Fn(usize, i64, &mut [f32]) + Sync,
    words: &mut [u32],
) {
    let halves: &mut [u16] = bytemuck::cast_slice_mut(words);
    let line = WIDE * inputs;
    let room = || (vec![0.0; (BAND + 2) * line], [[0.0; OUTPUTS]; PART]);
    let bands = halves.par_chunks_mut(BAND * width * OUTPUTS).enumerate();
    bands.for_each_init(room, |(given, made), (band, out)| {
        let top = band * BAND;
        let rows = BAND.min(height - top);
        for from in (0..width).step_by(PART) {
            for (row, given) in given.chunks_exact_mut(line).take(rows + 2).enumerate() {
                read(from, (top + row) as i64 - 1, given);
            }
            for row in 0..rows {
                let rows = [0, 1, 2].map(|offset| &given[(row + offset) * line..][..line]);
                convolve(layer, Around { rows, inputs }, made);
                let columns = columns(from, width);
                let out = &mut out[(row * width + from) * OUTPUTS..][..columns * OUTPUTS];
                let made = made[..columns].as_flattened();
                out.reinterpret_cast_mut::<f16>()
                    .convert_from_f32_slice(made);
            }
        }
    });
}

/// Features of an image, as they are kept.
pub struct Features<'a, const CHANNELS: usize> {
    halves: &'a [f16],
    pub width: usize,
    pub height: usize,
}

impl<'a, const CHANNELS: usize> Features<'a, CHANNELS> {
    pub fn of(io: &Io<'a>, width: usize) -> Self {
        let halves: &[u16] = bytemuck::cast_slice(io.words("features"));
        Self {
            halves: halves.reinterpret_cast(),
            width,
            height: halves.len() / CHANNELS / width,
        }
    }

    /// Row `y`, clamped, of the part from column `from` with a pixel more on both sides.
    pub fn read(&self, from: usize, y: i64, out: &mut [f32]) {
        let y = y.clamp(0, self.height as i64 - 1) as usize;
        let row = &self.halves[y * self.width * CHANNELS..][..self.width * CHANNELS];
        let first = clamped(from, 0, self.width);
        let before = usize::from(from == 0);
        let within = (WIDE - before).min(self.width - first);
        let (start, rest) = out.split_at_mut(before * CHANNELS);
        let (inside, end) = rest.split_at_mut(within * CHANNELS);
        row[first * CHANNELS..][..within * CHANNELS].convert_to_f32_slice(inside);
        start.copy_from_slice(&inside[..start.len()]);
        let last = &inside[inside.len() - CHANNELS..];
        end.chunks_exact_mut(CHANNELS)
            .for_each(|pixel| pixel.copy_from_slice(last));
    }
}
