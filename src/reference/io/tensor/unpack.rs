use half::f16;

use super::blend::{Pair, pair_of};
use crate::reference::{Io, Out};

/// A tensor that holds a picture in tiles.
struct Tensor<'a> {
    words: &'a [u32],
    half: bool,
    size: (usize, usize),
    pitch: (usize, usize),
    columns: usize,
    channels: usize,
    planar: bool,
}

impl Tensor<'_> {
    fn value(&self, i: usize) -> f32 {
        if self.half {
            let halves: &[u16] = bytemuck::cast_slice(self.words);
            return f16::from_bits(halves[i]).to_f32();
        }
        f32::from_bits(self.words[i])
    }

    /// Pixels `from` and on of row `y` of the picture, channel `c`, as tile `column` of row `row` of the tiles has them.
    fn read(
        &self,
        (column, row): (usize, usize),
        (from, y): (usize, usize),
        c: usize,
        out: &mut [f32],
    ) {
        let tile = row * self.columns + column;
        let y = y - row * self.pitch.1;
        let x = from - column * self.pitch.0;
        let (width, height) = self.size;
        if !self.planar {
            let first = ((tile * height + y) * width + x) * self.channels + c;
            let places = (first..).step_by(self.channels);
            return out
                .iter_mut()
                .zip(places)
                .for_each(|(out, i)| *out = self.value(i));
        }
        let first = ((tile * self.channels + c) * height + y) * width + x;
        if self.half {
            let places = first..;
            return out
                .iter_mut()
                .zip(places)
                .for_each(|(out, i)| *out = self.value(i));
        }
        let floats: &[f32] = bytemuck::cast_slice(self.words);
        out.copy_from_slice(&floats[first..][..out.len()]);
    }
}

/// Which tiles the pixels of a row come from, and the first and the last pixel of each run of the same ones.
struct Across {
    pairs: Vec<Pair>,
    runs: Vec<(usize, usize)>,
}

impl Across {
    fn new(pairs: impl Iterator<Item = Pair>) -> Self {
        let pairs: Vec<Pair> = pairs.collect();
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (x, pair) in pairs.iter().enumerate() {
            match runs.last_mut() {
                Some((from, to)) if pairs[*from].same_tiles(pair) => *to = x + 1,
                _ => runs.push((x, x + 1)),
            }
        }
        Self { pairs, runs }
    }
}

impl Pair {
    fn same_tiles(&self, other: &Self) -> bool {
        (self.first, self.other) == (other.first, other.other)
    }
}

/// Rows that a thread works with.
#[derive(Default)]
struct Rooms {
    upper: Vec<f32>,
    lower: Vec<f32>,
    other: Vec<f32>,
}

/// A tensor that holds a picture in tiles, as that picture; tiles are blended where they overlap.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let whole = |name: &str| (io.param(name) as usize).max(1);
    let tensor = Tensor {
        words: io.words("tensor"),
        half: io.param("half") > 0.0,
        size: (whole("tile_w"), whole("tile_h")),
        pitch: (whole("pitch_x"), whole("pitch_y")),
        columns: whole("columns"),
        channels: if io.param("channels") < 2.0 { 1 } else { 3 },
        planar: io.param("planar") > 0.0,
    };
    let (feather_x, feather_y) = (io.param("feather_x"), io.param("feather_y"));
    let (columns, rows) = (tensor.columns, whole("rows"));
    let pair = |x| pair_of(x, tensor.size.0, tensor.pitch.0, columns, feather_x);
    let across = io.once(|| Across::new((0..io.width).map(pair)));
    let y = pair_of(io.y, tensor.size.1, tensor.pitch.1, rows, feather_y);
    let bgr = io.param("bgr") > 0.0;
    io.with_kept(|rooms: &mut Rooms| {
        let Rooms {
            upper,
            lower,
            other,
        } = rooms;
        for room in [&mut *upper, &mut *lower, &mut *other] {
            room.resize(io.width, 0.0);
        }
        for c in 0..tensor.channels {
            let color = if bgr { tensor.channels - 1 - c } else { c };
            whole_row(&tensor, &across, y.first, io.y, c, upper, other);
            if y.share > 0.0 {
                whole_row(&tensor, &across, y.other, io.y, c, lower, other);
                let both = upper.iter_mut().zip(&*lower);
                both.for_each(|(a, b)| *a += (b - *a) * y.share);
            }
            let name = ["r", "g", "b"][color];
            let scale = io.param(&format!("scale_{name}"));
            let bias = io.param(&format!("bias_{name}"));
            let stored = out.channel(color).iter_mut().zip(&*upper);
            stored.for_each(|(out, value)| *out = value * scale + bias);
        }
    });
    if out.channels() == 4 {
        if tensor.channels == 1 {
            let [r, g, b, _] = out.rgba();
            g.copy_from_slice(r);
            b.copy_from_slice(r);
        }
        out.channel(3).fill(1.0);
    }
}

/// Row `y` of the picture, channel `c`, from one row of tiles.
fn whole_row(
    tensor: &Tensor<'_>,
    across: &Across,
    row: usize,
    y: usize,
    c: usize,
    out: &mut [f32],
    room: &mut [f32],
) {
    for &(from, to) in &across.runs {
        let Pair { first, other, .. } = across.pairs[from];
        let out = &mut out[from..to];
        tensor.read((first, row), (from, y), c, out);
        if first != other {
            let room = &mut room[from..to];
            tensor.read((other, row), (from, y), c, room);
            let pairs = &across.pairs[from..to];
            let all = out.iter_mut().zip(room).zip(pairs);
            all.for_each(|((a, b), pair)| *a += (*b - *a) * pair.share);
        }
    }
}
