//! The machine that a render runs on: its graphics cards, processor and memory, how they fare while frames are rendered,
//! and what a job does when a card gets hot or its memory runs low.
//!
//! Cards are read through a [`GpuMonitor`]: NVIDIA's library, loaded when the program runs, or a [`Replay`] of a recorded
//! session. A machine without that library is normal: then there are no readings, and nothing is said.

mod cpu;
mod error;
mod gpu;
mod matching;
mod memory;
mod nvml;
mod recording;
mod strain;
mod summary;
mod tier;
mod watch;

pub use cpu::Cpu;
pub use error::HardwareError;
pub use gpu::{GpuFacts, GpuMonitor, GpuNow, GpuReading, PowerLimits, Throttle};
pub use matching::gpu_of;
pub use memory::Memory;
pub use recording::{RecordedGpu, Recording, Replay};
pub use strain::{FRAMES_IN_FLIGHT, power_cap};
pub use summary::{GpuSummary, Range};
pub use tier::{Machine, Tier};
pub use watch::{Watch, WatchedGpu};

use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What reads the cards, or why nothing does.
type Found = Result<Arc<dyn GpuMonitor>, String>;

static MONITOR: OnceLock<Found> = OnceLock::new();

fn found() -> &'static Found {
    MONITOR.get_or_init(|| match nvml::NvmlMonitor::open() {
        Ok(monitor) => Ok(Arc::new(monitor)),
        Err(why) => Err(why),
    })
}

/// What reads the graphics cards of this machine; `None` where nothing does.
pub fn monitor() -> Option<Arc<dyn GpuMonitor>> {
    found().as_ref().ok().cloned()
}

/// Why there are no readings of graphics cards; `None` where there are.
pub fn why_no_monitor() -> Option<&'static str> {
    found().as_ref().err().map(String::as_str)
}

/// Has the recorded session in the file `path` stand for the cards of this machine. The first call of this or of
/// [`monitor`] decides.
///
/// # Errors
/// `Recording` where the file cannot be read or is no recorded session.
pub fn replay(path: &Path) -> Result<(), HardwareError> {
    let replay = Replay::new(Recording::load(path)?);
    let _ = MONITOR.set(Ok(Arc::new(replay)));
    Ok(())
}
