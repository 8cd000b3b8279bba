//! Free disk space: checked before a job begins and before each segment.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::naming::folder_of;
use super::super::settings::LowDisk;

/// Time between two checks of the free space while waiting.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// Looks at the disk before it counts as full, while other chunks are under way, and the time between two of them.
const LOOKS_WHILE_RECORDED: u32 = 20;
const BETWEEN_QUICK_LOOKS: Duration = Duration::from_millis(100);
/// For records, and for what others write meanwhile.
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

/// Lets a segment begin only when there is room for its chunk, beside what the chunks under way still have to write.
pub(in super::super) struct Gate {
    place: PathBuf,
    low: LowDisk,
    /// Held by who waits for room: one does, and tells of it, for all.
    waiting: Mutex<()>,
    chunks: Mutex<Chunks>,
    /// Tells the bytes that are free at a place, where the system does.
    free: fn(&Path) -> Option<u64>,
}

/// What is known of the sizes of chunks.
#[derive(Default)]
struct Chunks {
    /// Bytes of the largest chunk so far: its segments, checkpoint and record.
    largest: u64,
    /// Chunks that have begun and are not recorded: some output's segment is written or closing, or the checkpoint is
    /// still to come.
    under_way: BTreeSet<usize>,
}

impl Gate {
    pub fn new(place: &Path, low: LowDisk) -> Self {
        Self {
            place: place.into(),
            low,
            waiting: Mutex::default(),
            chunks: Mutex::default(),
            free: available,
        }
    }

    fn chunks(&self) -> MutexGuard<'_, Chunks> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A chunk is recorded; it took so many bytes.
    pub fn learn(&self, chunk: usize, bytes: u64) {
        let mut chunks = self.chunks();
        chunks.largest = chunks.largest.max(bytes);
        chunks.under_way.remove(&chunk);
    }

    /// These chunks are rendered from their beginning.
    pub fn restart(&self, again: &Range<usize>) {
        self.chunks()
            .under_way
            .retain(|chunk| !again.contains(chunk));
    }

    /// Bytes that must be free so that `chunk` can be completed, and those under way, too: each may become as large as the
    /// largest so far and a quarter more.
    fn need(&self, chunk: usize, chunks: &Chunks) -> u64 {
        let expected = chunks.largest + chunks.largest / 4;
        let begun = chunks.under_way.iter().copied();
        let others = begun.filter(|&other| other != chunk);
        let rest = |chunk| expected.saturating_sub(self.written(chunk));
        others.chain([chunk]).map(rest).sum::<u64>() + MARGIN
    }

    /// Bytes of the files of a chunk.
    fn written(&self, chunk: usize) -> u64 {
        let prefix = format!("{chunk:06}.");
        let entries = std::fs::read_dir(&self.place).into_iter().flatten();
        let files = entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        files
            .filter_map(|entry| Some(entry.metadata().ok()?.len()))
            .sum()
    }

    /// Notes that `chunk` is under way if there is room for it, as far as the system tells; else gives the bytes that are
    /// free and that are needed.
    fn try_begin(&self, chunk: usize) -> std::result::Result<(), (u64, u64)> {
        let mut chunks = self.chunks();
        let need = self.need(chunk, &chunks);
        match (self.free)(&self.place) {
            Some(free) if free < need => Err((free, need)),
            _ => {
                chunks.under_way.insert(chunk);
                Ok(())
            }
        }
    }

    fn others_under_way(&self, chunk: usize) -> bool {
        self.chunks().under_way.iter().any(|&other| other != chunk)
    }

    /// Whether a segment of `chunk` can begin now. Then it counts as under way.
    pub fn begin(&self, chunk: usize) -> bool {
        self.try_begin(chunk).is_ok()
    }

    /// Waits until a segment of `chunk` can begin.
    ///
    /// # Errors
    /// `LowDisk` where that is asked for, `Cancelled` when somebody asks for an end meanwhile.
    pub fn wait(&self, chunk: usize, cancel: &Cancel, say: &mut dyn FnMut(String)) -> Result<()> {
        let _alone = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // A chunk that is complete is recorded in a moment, and then counts with what it really took.
        for _ in 0..LOOKS_WHILE_RECORDED {
            if self.begin(chunk) {
                return Ok(());
            }
            if cancel.requested() || !self.others_under_way(chunk) {
                break;
            }
            std::thread::sleep(BETWEEN_QUICK_LOOKS);
        }
        wait_until(
            &|| self.try_begin(chunk),
            &self.place,
            self.low,
            cancel,
            say,
        )
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
    let has_room = || match available(place) {
        Some(free) if free < need => Err((free, need)),
        _ => Ok(()),
    };
    wait_until(&has_room, place, low, cancel, say)
}

/// Waits until there is room at `place`: until `has_room` no longer gives the bytes that are free and that are needed.
fn wait_until(
    has_room: &dyn Fn() -> std::result::Result<(), (u64, u64)>,
    place: &Path,
    low: LowDisk,
    cancel: &Cancel,
    say: &mut dyn FnMut(String),
) -> Result<()> {
    let mut announced = false;
    while let Err((free, need)) = has_room() {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of the largest chunk so far, and what is reserved for one.
    const LARGEST: u64 = 1_000_000;
    const EXPECTED: u64 = 1_250_000;

    #[test]
    fn what_is_under_way_keeps_its_room() {
        let dir = tempfile::tempdir().unwrap();
        let mut gate = Gate::new(dir.path(), LowDisk::Fail);
        // A disk with room for a chunk and a half.
        gate.free = |_| Some(EXPECTED + EXPECTED / 2 + MARGIN);
        gate.learn(0, LARGEST);
        assert!(gate.begin(1));
        // Another output of the same chunk.
        assert!(gate.begin(1));
        // The segments of chunk 1 are closing: nearly all that they hold is still in their encoders.
        std::fs::write(dir.path().join("000001.0.nut"), [0; 1000]).unwrap();
        std::fs::write(dir.path().join("000001.1.nut"), [0; 2000]).unwrap();
        assert!(!gate.begin(2));
        let waits = gate.wait(2, &Cancel::default(), &mut |words| panic!("{words}"));
        let need = EXPECTED - 3000 + EXPECTED + MARGIN;
        assert!(
            matches!(waits, Err(RenderError::LowDisk { need: told, .. }) if told == need),
            "{waits:?}"
        );
        // Their encoders are empty, and the checkpoint is written.
        let half = vec![0; (EXPECTED / 2) as usize];
        std::fs::write(dir.path().join("000001.checkpoint"), half).unwrap();
        assert!(gate.begin(2));
        gate.restart(&(2..3));
        // Chunk 1 takes less than it might have. That is known once it is recorded, which happens meanwhile.
        let short = vec![0; (EXPECTED / 4) as usize];
        std::fs::write(dir.path().join("000001.checkpoint"), short).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(BETWEEN_QUICK_LOOKS);
                gate.learn(1, EXPECTED / 4);
            });
            let waits = gate.wait(2, &Cancel::default(), &mut |words| panic!("{words}"));
            assert!(waits.is_ok(), "{waits:?}");
        });
        // Chunk 1 is recorded; chunk 2 is not, whichever worker has it.
        assert!(!gate.begin(5));
        gate.restart(&(2..3));
        assert!(gate.begin(5));
    }
}
