//! Averaging over time.

use serde::{Deserialize, Serialize};

/// How images of passes with `temporal = true` are averaged over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "mode")]
pub enum Temporal {
    /// No averaging.
    #[default]
    Off,
    /// Exponential moving average: the new frame has the weight `alpha` (0 to 1), the previous average has 1 − `alpha`.
    Ema { alpha: f32 },
    /// As `Ema` where the source does not move; where it moves, the weight rises to 1.
    Adaptive { alpha: f32 },
    /// As `Ema`, of the previous average moved along the optical flow of the source; where it is not known what was there
    /// before, the weight rises to 1.
    Flow { alpha: f32 },
}

impl Temporal {
    /// Default weight of the new frame.
    pub const ALPHA: f32 = 0.3;
}
