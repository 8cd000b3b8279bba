//! Frames around the one that a kernel makes.

use serde::Serialize;

/// Frames around the one a kernel makes, by their offset in frames: 0 is the frame itself. Offsets reach no further than
/// the scene; beyond it they stand for its nearest frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Window {
    pub from: i32,
    pub to: i32,
}

impl Window {
    /// Frames before the frame itself that may be read.
    pub fn before(self) -> u32 {
        self.from.min(0).unsigned_abs()
    }

    /// Frames after it.
    pub fn after(self) -> u32 {
        self.to.max(0).unsigned_abs()
    }

    /// The offsets, in order.
    pub fn offsets(self) -> std::ops::RangeInclusive<i32> {
        self.from..=self.to
    }
}
