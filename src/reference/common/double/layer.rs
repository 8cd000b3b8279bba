//! The layers of a network, and the twins of their kernels.

use super::network::{Around, Features, PART, TAPS, WIDE, all_rows, clamped, columns, convolve};
use crate::reference::{Io, Out};

/// The numbers of a layer, by what they are multiplied with.
pub struct Layer<const OUTPUTS: usize> {
    /// For each tap and each input.
    pub weights: Vec<[f32; OUTPUTS]>,
    pub bias: [f32; OUTPUTS],
    /// What outputs below 0 are multiplied with.
    pub slope: [f32; OUTPUTS],
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
