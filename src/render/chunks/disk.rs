//! Free disk space: checked before a job begins and before each segment.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::naming::folder_of;

/// What to do when there is too little room for the next chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LowDisk {
    /// Wait until there is more.
    #[default]
    Pause,
    /// Stop; finished chunks are kept.
    Fail,
}

/// Time between two checks of the free space while waiting.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// Extra bytes that must stay free, for records and for other programs.
const MARGIN: u64 = 64 << 10;

/// Bytes that can still be written to the volume of `path`; `None` if the system does not tell.
pub fn available(path: &Path) -> Option<u64> {
    let place = if path.is_dir() { path } else { folder_of(path) };
    fs4::available_space(place).ok()
}

/// The bytes that a job still has to write.
pub(super) struct Need {
    /// Estimated size of all outputs in bytes, from the picture size and the encoder.
    pub likely: u64,
    /// Bytes and frames of the finished chunks.
    pub done: (u64, u64),
    /// Number of frames still to render.
    pub left: u64,
}

/// Without finished frames the estimate may be this factor too high, so less room than this share of it is an error.
const GUESS_TOLERANCE: u64 = 16;
/// The same factor for an estimate from finished frames.
const RATE_TOLERANCE: u64 = 2;

impl Need {
    /// Compares it with the free space for segments in `work` and for outputs in `target`. Returns an error if the room
    /// may be too small, and whether it surely is.
    pub fn check(&self, work: &Path, target: &Path) -> Option<(RenderError, bool)> {
        let (bytes, frames) = self.done;
        let (segments, tolerance) = match frames {
            0 => (self.likely, GUESS_TOLERANCE),
            frames => (
                (u128::from(bytes) * u128::from(self.left) / u128::from(frames)) as u64,
                RATE_TOLERANCE,
            ),
        };
        let outputs = segments.saturating_add(bytes);
        let needs = if same_volume(work, target) {
            vec![(work, segments.saturating_add(outputs))]
        } else {
            vec![(work, segments), (target, outputs)]
        };
        needs.into_iter().find_map(|(path, need)| {
            let free = available(path)?;
            let path = path.to_owned();
            (free < need).then_some((
                RenderError::LowDisk { path, free, need },
                free < need / tolerance,
            ))
        })
    }
}

fn same_volume(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        matches!((a.metadata(), b.metadata()), (Ok(a), Ok(b)) if a.dev() == b.dev())
    }
    #[cfg(not(unix))]
    {
        let _ = (a, b);
        true
    }
}

/// Lets a segment begin only if there is room for it.
pub(in super::super) struct Gate {
    place: PathBuf,
    low: LowDisk,
    /// Bytes of the largest chunk so far.
    largest: AtomicU64,
    /// Number of chunks rendered at a time.
    workers: AtomicU64,
    /// Held while a worker waits for room, so that only one worker waits and warns.
    waiting: Mutex<()>,
}

impl Gate {
    pub fn new(place: &Path, low: LowDisk) -> Self {
        Self {
            place: place.into(),
            low,
            largest: AtomicU64::new(0),
            workers: AtomicU64::new(1),
            waiting: Mutex::default(),
        }
    }

    /// Sets the number of chunks rendered at a time. Each needs room.
    pub fn share(&self, workers: usize) {
        self.workers.store(workers as u64, Ordering::Relaxed);
    }

    /// Records the size of a finished chunk in bytes.
    pub fn learn(&self, bytes: u64) {
        self.largest.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Bytes that must be free: for each worker, the size of the largest chunk plus a quarter.
    fn reserve(&self) -> u64 {
        let largest = self.largest.load(Ordering::Relaxed);
        let workers = self.workers.load(Ordering::Relaxed);
        (largest + largest / 4).saturating_mul(workers) + MARGIN
    }

    /// Whether there is enough room; `true` if the system does not tell.
    pub fn is_open(&self) -> bool {
        available(&self.place).is_none_or(|free| free >= self.reserve())
    }

    /// Waits until there is room.
    ///
    /// # Errors
    /// `LowDisk` if the job should stop on low disk space, `Cancelled` if it was cancelled while waiting.
    pub fn wait(&self, cancel: &Cancel, say: &mut dyn FnMut(String)) -> Result<()> {
        let _alone = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        wait_for(&self.place, self.reserve(), self.low, cancel, say)
    }
}

/// Waits until `need` bytes are free at `place`.
///
/// # Errors
/// `LowDisk` if the job should stop on low disk space, `Cancelled` if it was cancelled while waiting.
pub(super) fn wait_for(
    place: &Path,
    need: u64,
    low: LowDisk,
    cancel: &Cancel,
    say: &mut dyn FnMut(String),
) -> Result<()> {
    let mut announced = false;
    loop {
        let free = match available(place) {
            Some(free) if free < need => free,
            _ => break,
        };
        let too_little = RenderError::LowDisk {
            path: place.into(),
            free,
            need,
        };
        if low == LowDisk::Fail {
            return Err(too_little);
        }
        if !std::mem::replace(&mut announced, true) {
            say(format!(
                "paused: {too_little}; make room, and rendering continues"
            ));
        }
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    if announced {
        say("there is room again: rendering continues".to_owned());
    }
    Ok(())
}
