//! Averaging over time.

use serde::{Deserialize, Serialize};

/// How the images of passes that ask for it (`temporal = true`) are averaged over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "mode")]
pub enum Temporal {
    /// Every frame on its own.
    #[default]
    Off,
    /// Exponential moving average: the new frame weighs `alpha`, in 0..1, the average before it the rest.
    Ema { alpha: f32 },
    /// As `Ema` where the source stands still; where it moves the weight rises to 1.
    Adaptive { alpha: f32 },
}

impl Temporal {
    /// Weight of the new frame unless another is asked for.
    pub const ALPHA: f32 = 0.3;
}
