//! How external code is called at a node: the tensors that it is given and makes.

use serde::Serialize;

/// A tensor of one tile, or a scalar that all tiles share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tensor {
    pub name: String,
    /// Its axes after the one of the batch; of a scalar none.
    pub shape: Vec<u32>,
    /// 16-bit floats, two in a word.
    pub half: bool,
    /// Frames of a window, which follow each other along the axis `frames_on` of `shape`. The shape is that of one frame.
    pub frames: u32,
    pub frames_on: usize,
    /// Whether there is one for each tile, on the axis of the batch.
    pub batched: bool,
}

impl Tensor {
    /// Values of one tile and one frame.
    pub fn values(&self) -> usize {
        self.shape.iter().map(|axis| *axis as usize).product()
    }

    /// Width and height of a tile's picture; `None` for numbers.
    pub fn size(&self) -> Option<[u32; 2]> {
        match self.shape[..] {
            [height, width, _] if self.batched && self.frames_on == 2 => Some([width, height]),
            [.., height, width] if self.batched => Some([width, height]),
            _ => None,
        }
    }

    /// Words of one tile and one frame.
    pub fn words(&self) -> usize {
        let values = self.values();
        if self.half {
            values.div_ceil(2)
        } else {
            values
        }
    }
}

/// What external code is given at a node, and what it makes, both as buffers of words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Parts of the picture, each run by itself: entries of the batch.
    pub tiles: u32,
    /// In the order of the node's inputs.
    pub inputs: Vec<Tensor>,
    /// What it makes, one after the other.
    pub outputs: Vec<Tensor>,
}
