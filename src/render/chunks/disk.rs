//! Room on disks: enough before a job begins, and enough before each segment.

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
    /// End; what is done is kept.
    Fail,
}

/// Between two looks at the disk while waiting.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// For records, and for what others write meanwhile.
const MARGIN: u64 = 64 << 10;

/// Bytes that can still be written to the volume that holds `path`, where the system tells.
pub fn available(path: &Path) -> Option<u64> {
    let place = if path.is_dir() { path } else { folder_of(path) };
    fs4::available_space(place).ok()
}

/// What a job still has to write.
pub(super) struct Need {
    /// A guess at the bytes of all outputs, from their size and encoder.
    pub likely: u64,
    /// Bytes and frames that are done.
    pub done: (u64, u64),
    /// Frames to come.
    pub left: u64,
}

/// A guess may be so many times too high before it refuses.
const DOUBT: u64 = 16;
/// The same for what follows from frames that are done.
const LITTLE_DOUBT: u64 = 2;

impl Need {
    /// Compares it with what is free for segments in `work`, and for outputs in `target`: whether there may be too little,
    /// and whether there surely is.
    pub fn check(&self, work: &Path, target: &Path) -> Option<(RenderError, bool)> {
        let (bytes, frames) = self.done;
        let (segments, doubt) = match frames {
            0 => (self.likely, DOUBT),
            frames => (
                (u128::from(bytes) * u128::from(self.left) / u128::from(frames)) as u64,
                LITTLE_DOUBT,
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
                free < need / doubt,
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

/// Lets a segment begin only when there is room for it.
pub(in super::super) struct Gate {
    place: PathBuf,
    low: LowDisk,
    /// Bytes of the largest chunk so far.
    largest: AtomicU64,
    /// Chunks that are rendered at a time.
    workers: AtomicU64,
    /// Held by who waits for room: one does, and tells of it, for all.
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

    /// So many chunks are rendered at a time, and each takes room.
    pub fn share(&self, workers: usize) {
        self.workers.store(workers as u64, Ordering::Relaxed);
    }

    /// A chunk took so many bytes.
    pub fn learn(&self, bytes: u64) {
        self.largest.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Bytes that must be free: as much as the largest chunk took, and a quarter more, for each worker.
    fn reserve(&self) -> u64 {
        let largest = self.largest.load(Ordering::Relaxed);
        let workers = self.workers.load(Ordering::Relaxed);
        (largest + largest / 4).saturating_mul(workers) + MARGIN
    }

    /// Whether there is room, as far as the system tells.
    pub fn is_open(&self) -> bool {
        available(&self.place).is_none_or(|free| free >= self.reserve())
    }

    /// Waits until there is room.
    ///
    /// # Errors
    /// `LowDisk` where that is asked for, `Cancelled` when somebody asks for an end meanwhile.
    pub fn wait(&self, cancel: &Cancel, say: &mut dyn FnMut(String)) -> Result<()> {
        let _alone = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        wait_for(&self.place, self.reserve(), self.low, cancel, say)
    }
}

/// Waits until `need` bytes are free at `place`.
///
/// # Errors
/// `LowDisk` where that is asked for, `Cancelled` when somebody asks for an end meanwhile.
pub(super) fn wait_for(
    place: &Path,
    need: u64,
    low: LowDisk,
    cancel: &Cancel,
    say: &mut dyn FnMut(String),
) -> Result<()> {
    let mut told = false;
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
        if !std::mem::replace(&mut told, true) {
            say(format!("paused: {too_little}; make room, and it goes on"));
        }
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    if told {
        say("there is room again: going on".to_owned());
    }
    Ok(())
}
