//! How a signal stands for light, for passes that work in light.

use serde::Serialize;

/// The curve from signal to light that a stream is shown by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transfer {
    /// Light is this power of the signal.
    Power(f32),
    /// Perceptual quantizer (SMPTE ST 2084).
    Pq,
    /// Hybrid log-gamma (Recommendation ITU-R BT.2100); light is the scene's.
    Hlg,
}

impl Transfer {
    /// The number that `shaders/common/transfer.wgsl` knows it by.
    pub fn number(self) -> f32 {
        match self {
            Transfer::Power(_) => 0.0,
            Transfer::Pq => 1.0,
            Transfer::Hlg => 2.0,
        }
    }

    /// By TransferCharacteristics (H.273 table 3). Camera curves are shown by BT.1886, a power of 2.4, and so is what
    /// says nothing; sRGB by 2.2, which it is near everywhere but in deep shadows. Logarithmic and unknown curves are
    /// taken for 2.4.
    pub fn of(code: u8) -> Self {
        match code {
            4 | 13 => Self::Power(2.2),
            5 => Self::Power(2.8),
            8 => Self::Power(1.0),
            16 => Self::Pq,
            17 => Self::Power(2.6),
            18 => Self::Hlg,
            _ => Self::Power(2.4),
        }
    }

    /// The power of a signal that light goes by about reference white: doubling the light multiplies the signal by
    /// 2^(1/gamma).
    pub fn gamma(self) -> f32 {
        match self {
            Self::Power(gamma) => gamma,
            // Between a tenth of reference white and white: 0.38 to 0.58.
            Self::Pq => 5.4,
            // A square root, and the display's own 1.2.
            Self::Hlg => 2.4,
        }
    }
}
