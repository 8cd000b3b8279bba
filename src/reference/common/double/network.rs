//! The layers of a network: 3 by 3 convolutions of features that are kept as pairs of 16-bit floats in words, pixel by pixel.
//! Sums run over the outputs of a pixel side by side, so that a vector unit multiplies one input with the weights of all.

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use multiversion::multiversion;
use rayon::prelude::*;

use crate::reference::{Io, Out};

/// Rows that a thread makes without a break.
const BAND: usize = 8;
/// Columns of a part of a row, so that what is read lies in the nearest cache.
const PART: usize = 64;
/// Pixels that are summed side by side.
const PIXELS: usize = 8;
/// Pixels that a 3 by 3 convolution reads.
const TAPS: usize = 9;

/// The numbers of a layer, by what they are multiplied with.
struct Layer<const OUTPUTS: usize> {
    /// For each tap and each input.
    weights: Vec<[f32; OUTPUTS]>,
    bias: [f32; OUTPUTS],
    /// What outputs below 0 are multiplied with.
    slope: [f32; OUTPUTS],
}

impl<const OUTPUTS: usize> Layer<OUTPUTS> {
    /// From the table: for each tap, each four inputs, each four outputs, and each of those inputs, the weights of those
    /// outputs; then what is added; then the slopes, which the last layer has not. Of `inputs` in the table the first `used`
    /// have weights.
    fn new(io: &Io<'_>, inputs: usize, used: usize, is_last: bool) -> Self {
        let table = &io.table("weights")[4 * io.param("offset") as usize..];
        let of_tap = inputs * OUTPUTS;
        let weight = |tap: usize, input: usize, output: usize| {
            let block = (input / 4) * (OUTPUTS / 4) + output / 4;
            table[tap * of_tap + 16 * block + 4 * (input % 4) + output % 4]
        };
        let weights = (0..TAPS).flat_map(|tap| (0..used).map(move |input| (tap, input)));
        let rest = &table[TAPS * of_tap..];
        Self {
            weights: weights
                .map(|(tap, input)| std::array::from_fn(|output| weight(tap, input, output)))
                .collect(),
            bias: std::array::from_fn(|output| rest[output]),
            slope: match is_last {
                true => [1.0; OUTPUTS],
                false => std::array::from_fn(|output| rest[OUTPUTS + output]),
            },
        }
    }
}

/// Three rows of a part of an image, `inputs` values for each pixel, and one pixel more on both sides.
#[derive(Clone, Copy)]
struct Around<'a> {
    rows: [&'a [f32]; 3],
    inputs: usize,
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
fn convolve<const OUTPUTS: usize>(
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
const WIDE: usize = PART + 2;

/// Columns of the part that begins at `from`, of an image of `width`.
fn columns(from: usize, width: usize) -> usize {
    PART.min(width - from)
}

/// Column `x` of a part with a pixel more on both sides, in an image of `width`.
fn clamped(from: usize, x: usize, width: usize) -> usize {
    (from + x).saturating_sub(1).min(width - 1)
}

/// The features of the first layer. `OUTPUTS` is the number of channels.
pub fn first<const OUTPUTS: usize>(io: &Io<'_>, words: &mut [u32]) {
    let layer = io.once(|| Layer::<OUTPUTS>::new(io, 4, 1, false));
    let luma = io.image("luma");
    let read = |from: usize, y: i64, out: &mut [f32]| {
        let row = luma.clamped_row(y).r();
        for (x, value) in out.iter_mut().enumerate() {
            *value = row[clamped(from, x, luma.width)] - 0.5;
        }
    };
    all_rows(&layer, 1, (luma.width, luma.height), read, words);
}

/// The features of a layer whose input has as many as it makes.
pub fn layer<const CHANNELS: usize>(io: &Io<'_>, words: &mut [u32]) {
    let layer = io.once(|| Layer::<CHANNELS>::new(io, CHANNELS, CHANNELS, false));
    let features = Features::<CHANNELS>::of(io, io.param("columns") as usize);
    let size = (features.width, features.height);
    let read = |from: usize, y: i64, out: &mut [f32]| features.read(from, y, out);
    all_rows(&layer, CHANNELS, size, read, words);
}

/// Makes the features of an image of `size` in bands, each in parts. `read` gives a row of a part with a pixel more on
/// both sides.
fn all_rows<const OUTPUTS: usize>(
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
struct Features<'a, const CHANNELS: usize> {
    halves: &'a [f16],
    width: usize,
    height: usize,
}

impl<'a, const CHANNELS: usize> Features<'a, CHANNELS> {
    fn of(io: &Io<'a>, width: usize) -> Self {
        let halves: &[u16] = bytemuck::cast_slice(io.words("features"));
        Self {
            halves: halves.reinterpret_cast(),
            width,
            height: halves.len() / CHANNELS / width,
        }
    }

    /// Row `y`, clamped, of the part from column `from` with a pixel more on both sides.
    fn read(&self, from: usize, y: i64, out: &mut [f32]) {
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

/// What the four pixels of twice the size have more than a bilinear enlargement.
pub fn last<const CHANNELS: usize>(io: &Io<'_>, out: &mut Out<'_>) {
    let layer = io.once(|| Layer::<4>::new(io, CHANNELS, CHANNELS, true));
    let features = Features::<CHANNELS>::of(io, io.width);
    let line = WIDE * CHANNELS;
    io.with_kept(|room: &mut Vec<f32>| {
        room.resize(3 * line, 0.0);
        let mut made = [[0.0; 4]; PART];
        for from in (0..io.width).step_by(PART) {
            for (row, given) in room.chunks_exact_mut(line).enumerate() {
                features.read(from, (io.y + row) as i64 - 1, given);
            }
            let rows = [0, 1, 2].map(|row| &room[row * line..][..line]);
            let inputs = CHANNELS;
            convolve(&layer, Around { rows, inputs }, &mut made);
            let columns = columns(from, io.width);
            for channel in 0..4 {
                let out = &mut out.channel(channel)[from..][..columns];
                for (value, made) in out.iter_mut().zip(&made) {
                    *value = made[channel];
                }
            }
        }
    });
}
