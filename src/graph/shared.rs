//! Memory of a graphics card that the graph shares with external code which works on the same card: what one of them
//! writes, the other one reads, and nothing is copied through the processor's memory.

use std::any::Any;
use std::sync::Arc;

use super::executor::Instant;
use super::plan::{Call, ImageDesc};

/// What the system knows shared memory by.
#[cfg(not(windows))]
pub type MemoryHandle = std::os::fd::OwnedFd;
/// What the system knows shared memory by.
#[cfg(windows)]
pub type MemoryHandle = std::os::windows::io::OwnedHandle;

/// A buffer of words in the memory of a card. It lies at the beginning of an allocation that holds nothing else (Vulkan
/// calls it a dedicated one).
#[derive(Debug)]
pub struct SharedBuffer {
    pub handle: MemoryHandle,
    /// Bytes of the buffer.
    pub bytes: u64,
    /// Bytes of the allocation, at least as many.
    pub allocated: u64,
}

/// A shared buffer as the code took it over ([`SharesMemory::import`]).
pub type Imported = Arc<dyn Any + Send + Sync>;

/// The image of a node in shared memory.
#[derive(Clone, Copy)]
pub struct SharedImage<'a> {
    pub image: ImageDesc,
    pub memory: &'a Imported,
}

/// What external code is given for one frame, as [`Given`](super::Given), in shared memory.
pub struct GivenShared<'a> {
    pub instant: &'a Instant,
    /// The tensors that the images hold and that it makes.
    pub call: &'a Call,
    /// In the order of the node's inputs; a window gives one image for each of its frames.
    pub inputs: &'a [SharedImage<'a>],
    /// What it makes.
    pub made: SharedImage<'a>,
}

/// External code that can work on tensors in the memory of a card.
pub trait SharesMemory {
    /// The UUID of the card that it works on: 32 hexadecimal digits, dashes and `GPU-` as they come. `None` where it cannot
    /// work on shared memory, or not with this call. It is asked before each frame.
    fn card(&self, call: &Call) -> Option<String>;

    /// Takes over a buffer in the memory of that card, once for each buffer. What comes back lives as long as the executor.
    /// The memory lives until both sides have let go of it.
    fn import(&self, buffer: SharedBuffer) -> Result<Imported, String>;

    /// As [`External::run`](super::External::run), in shared memory. All work of the graph that was submitted before is
    /// done; its own work is done when it returns. After an error the frame goes the ordinary way, as do all later ones.
    fn run_shared(&self, given: &GivenShared<'_>) -> Result<(), String>;

    /// Is told why its tensors are not shared, and go through the processor's memory.
    fn not_shared(&self, why: &str);
}
