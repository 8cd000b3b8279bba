//! What an image is: its size, storage, colour meaning and clock.

use serde::Serialize;

use super::ClockId;
use crate::color::Transfer;
use crate::graph::style::Space;

/// Steps in 1 of [`Storage::Rgba16Fixed`]. `reference::fixed_grid` has the same number.
pub(in crate::graph) const FIXED_STEPS: f32 = 16384.0;

/// Storage of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// One channel, 32-bit float.
    R32Float,
    /// Four channels of 16-bit floats, for sources of 8 bits.
    Rgba16Float,
    /// Four channels of 16-bit fixed-point numbers from -2 to 2, for averages over time of what a style declares as a
    /// signal (`reference::fixed_grid`).
    Rgba16Fixed,
    /// Four channels of 32-bit floats, for sources of more than 8 bits and for images that accumulate over frames.
    Rgba32Float,
    /// A buffer of 32-bit words. Its extent is the number of words by 1.
    Words,
}

impl Storage {
    /// Number of channels.
    pub fn channels(self) -> usize {
        match self {
            Storage::R32Float | Storage::Words => 1,
            Storage::Rgba16Float | Storage::Rgba16Fixed | Storage::Rgba32Float => 4,
        }
    }

    /// Bytes per pixel on a GPU.
    pub fn bytes(self) -> usize {
        match self {
            Storage::R32Float | Storage::Words => 4,
            Storage::Rgba16Float | Storage::Rgba16Fixed => 8,
            Storage::Rgba32Float => 16,
        }
    }
}

/// What the values of an image mean as colour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ColorState {
    /// Encoded signal or linear light.
    pub space: Space,
    /// The transfer characteristics: signal to light.
    pub transfer: Transfer,
    /// Weights K_R and K_B of red and blue in luma (ITU-T H.273, table 4).
    pub kr: f32,
    pub kb: f32,
    /// Whether it is the unpacked YUV or gray picture of this source; then luma can be read from the decoder's planes.
    pub coded: Option<usize>,
}

impl Default for ColorState {
    /// The meaning for a source that says nothing: BT.1886 light, BT.601 luma.
    fn default() -> Self {
        Self {
            space: Space::Coded,
            transfer: Transfer::Power(2.4),
            kr: 0.299,
            kb: 0.114,
            coded: None,
        }
    }
}

/// Description of an image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ImageDesc {
    /// Width and height in pixels; for a buffer, the number of words and 1.
    pub extent: (u32, u32),
    pub storage: Storage,
    pub color: ColorState,
    /// The clock that it has frames on.
    pub clock: ClockId,
}

impl ImageDesc {
    /// An image of `extent` on the source's clock, whose colour meaning does not matter.
    pub fn new(extent: (u32, u32), storage: Storage) -> Self {
        Self {
            extent,
            storage,
            color: ColorState::default(),
            clock: 0,
        }
    }

    /// Size in bytes on a GPU.
    pub fn bytes(&self) -> usize {
        self.extent.0 as usize * self.extent.1 as usize * self.storage.bytes()
    }
}
