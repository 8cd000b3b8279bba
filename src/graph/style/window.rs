//! Windows: the frames around the current one that a kernel reads.

use serde::Serialize;

/// The frames of a window, by their offset in frames from the current one (0). A window does not reach beyond the
/// scene: an offset outside stands for the nearest frame of the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Window {
    pub from: i32,
    pub to: i32,
}

impl Window {
    /// Earlier frames that may be read.
    pub fn before(self) -> u32 {
        self.from.min(0).unsigned_abs()
    }

    /// Later frames that may be read.
    pub fn after(self) -> u32 {
        self.to.max(0).unsigned_abs()
    }

    /// The offsets, in ascending order.
    pub fn offsets(self) -> std::ops::RangeInclusive<i32> {
        self.from..=self.to
    }
}
