//! Tensors of a tile in two halves, for a model that had too little memory for the whole.

use crate::graph::plan::{Call, Tensor};
use crate::reference::io::tensor::blend::pair_of;

/// Pixels that two halves have in common.
const OVERLAP: u32 = 32;
/// The least side of a tile that is cut in two.
const LEAST: u32 = 64;

/// One half: so many pixels from `from` on, of rows or of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Half {
    pub rows: bool,
    pub from: u32,
    pub length: u32,
}

/// The axes of rows and columns of a tensor with pixels, the last two.
fn sides(tensor: &Tensor) -> Option<(u32, u32)> {
    match tensor.shape[..] {
        [.., rows, columns] if tensor.batched => Some((rows, columns)),
        _ => None,
    }
}

/// Pixels of a tensor; 0 where it has none.
pub(super) fn pixels(tensor: &Tensor) -> usize {
    sides(tensor).map_or(0, |(rows, columns)| rows as usize * columns as usize)
}

/// Whether the tensors of `call` can be cut: one picture comes out, rows and columns are the last axes of all pictures,
/// values have 32 bits, and the tile is not small already.
pub(super) fn can(call: &Call) -> bool {
    let mut all = call.inputs.iter().chain(&call.outputs);
    let planar = |tensor: &Tensor| {
        !tensor.batched || tensor.shape.len() >= 3 && tensor.frames_on == 0 && !tensor.half
    };
    let large = |tensor: &Tensor| {
        sides(tensor).is_none_or(|(rows, columns)| rows.max(columns) >= 2 * LEAST)
    };
    call.outputs.len() == 1
        && call.outputs[0].batched
        && all.all(planar)
        && call.inputs.iter().all(large)
}

/// The longer side of the pictures cut in two, in multiples of `multiple` pixels.
pub(super) fn halves(inputs: &[Tensor], multiple: u32) -> [Half; 2] {
    let (rows, columns) = inputs.iter().find_map(sides).unwrap_or((1, 1));
    let whole = rows.max(columns);
    let length = (whole / 2 + OVERLAP / 2)
        .next_multiple_of(multiple.max(1))
        .min(whole);
    [0, whole - length].map(|from| Half {
        rows: rows >= columns,
        from,
        length,
    })
}

impl Half {
    /// The same half of a picture that is `scale` times as wide and high.
    pub fn scaled(self, scale: u32) -> Self {
        Self {
            from: self.from * scale,
            length: self.length * scale,
            ..self
        }
    }

    /// What becomes of a tensor; one without pixels stays as it is.
    pub fn tensor(self, tensor: &Tensor) -> Tensor {
        let mut tensor = tensor.clone();
        if sides(&tensor).is_some() {
            let axis = tensor.shape.len() - if self.rows { 2 } else { 1 };
            tensor.shape[axis] = self.length;
        }
        tensor
    }

    /// The words of this half of a tensor.
    pub fn cut(self, tensor: &Tensor, words: &[u32]) -> Vec<u32> {
        let Some((rows, columns)) = sides(tensor) else {
            return words.to_vec();
        };
        let (columns, from, length) = (columns as usize, self.from as usize, self.length as usize);
        let planes = words.chunks_exact(rows as usize * columns);
        match self.rows {
            true => planes
                .flat_map(|plane| &plane[from * columns..][..length * columns])
                .copied()
                .collect(),
            false => {
                let rows = planes.flat_map(|plane| plane.chunks_exact(columns));
                rows.flat_map(|row| &row[from..][..length])
                    .copied()
                    .collect()
            }
        }
    }
}

/// The output that its two halves make, blended by a raised cosine in the middle of what both have.
pub(super) fn joined(
    halves: &[Half; 2],
    scale: u32,
    output: &Tensor,
    made: &[Vec<u32>],
) -> Vec<u32> {
    let Some((rows, columns)) = sides(output) else {
        return made.concat();
    };
    let (rows, columns) = (rows as usize, columns as usize);
    let planes = output.values() / (rows * columns);
    let [_, second] = halves.map(|half| half.scaled(scale));
    let (length, pitch) = (second.length as usize, second.from as usize);
    let value = |half: usize, plane: usize, y: usize, x: usize| {
        let from = half * pitch;
        let at = match second.rows {
            true => (plane * length + y - from) * columns + x,
            false => (plane * rows + y) * length + x - from,
        };
        f32::from_bits(made[half][at])
    };
    let feather = ((length - pitch.min(length)) as f32).min((OVERLAP * scale) as f32);
    let mut joined = Vec::with_capacity(output.values());
    for plane in 0..planes {
        for y in 0..rows {
            for x in 0..columns {
                let along = if second.rows { y } else { x };
                let pair = pair_of(along, length, pitch.max(1), 2, feather);
                let first = value(pair.first, plane, y, x);
                let mixed = match pair.share > 0.0 {
                    true => first + (value(pair.other, plane, y, x) - first) * pair.share,
                    false => first,
                };
                joined.push(mixed.to_bits());
            }
        }
    }
    joined
}
