//! What a finished chunk is: the times of its frames, its segments by size and hash, and what is carried on from it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::Result;
use super::super::watchdog::Suspicion;
use super::feed::Seam;
use super::folder::{JobFolder, hex};
use super::plan::SCHEMA;
use crate::frame::Span;
use crate::graph::scene::Observer;
use crate::media::{Damage, MediaError, Shape, segment_facts};

const LEDGER: &str = "ledger.json";
/// Speed over size: a record is small, and a memory is mostly noise.
const COMPRESSION: i32 = 1;

/// Everything carried from frame to frame, as it stands between two chunks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Memory {
    /// The executor's, in a format of its own.
    pub executor: Vec<u8>,
    /// What is remembered of the source's frames.
    pub observer: Observer,
}

impl Memory {
    /// Whether nothing is carried.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Writes the length of the observer's part, that part, and the executor's.
    fn put(&self, out: &mut impl Write) -> io::Result<()> {
        let observer = serde_json::to_vec(&self.observer)?;
        out.write_all(&(observer.len() as u64).to_le_bytes())?;
        out.write_all(&observer)?;
        out.write_all(&self.executor)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (observer, executor) = rest.split_at_checked(length)?;
        Some(Self {
            executor: executor.to_vec(),
            observer: serde_json::from_slice(observer).ok()?,
        })
    }
}

/// A file of the job folder by size and hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub bytes: u64,
    pub sha256: String,
}

impl Stored {
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        let mut bytes = 0;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    digest.update(&buffer[..count]);
                    bytes += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            bytes,
            sha256: hex(&digest.finalize()),
        })
    }

    /// Whether the file at `path` is this one.
    pub fn is(&self, path: &Path) -> bool {
        // The size first: it costs nothing.
        path.metadata().is_ok_and(|facts| facts.len() == self.bytes)
            && Self::of(path).is_ok_and(|found| found == *self)
    }
}

/// An output's part of a chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Segment {
    /// When each frame that was encoded is shown, in ticks of the source's video stream.
    pub spans: Vec<Span>,
    /// None where there were no frames.
    pub file: Option<Stored>,
    pub shape: Option<Shape>,
    /// Packets by which decoding runs ahead of showing.
    pub reorder: usize,
}

/// A finished chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub job: String,
    pub chunk: usize,
    /// When each frame that was decoded is shown.
    pub decoded: Vec<Span>,
    pub damage: Damage,
    /// Whether decoding began at it, or at a chunk shortly before, rather than at the file's start.
    pub entered: bool,
    /// The first frame met, in it or after it; unknown where it is the first of all.
    pub begins: Option<Seam>,
    /// The first frame of the next chunk.
    pub next: Option<Seam>,
    /// For each output.
    pub segments: Vec<Segment>,
    /// What is carried on; none where nothing is.
    pub memory: Option<Stored>,
    /// Frames that look as if the device had failed.
    pub suspicion: Suspicion,
}

impl Record {
    /// The record of `chunk`, if it is whole and of `job`, and all it speaks of is there and unchanged. Else why not.
    pub fn trusted(
        folder: &JobFolder,
        job: &str,
        chunk: usize,
        noted: Option<&Stored>,
    ) -> std::result::Result<Self, String> {
        let path = folder.record(chunk);
        if let Some(noted) = noted
            && !noted.is(&path)
        {
            return Err("its record is not the one that the ledger speaks of".into());
        }
        let bytes =
            std::fs::read(&path).map_err(|error| format!("its record cannot be read: {error}"))?;
        let text = zstd::decode_all(bytes.as_slice())
            .map_err(|error| format!("its record is damaged: {error}"))?;
        let record: Self = serde_json::from_slice(&text)
            .map_err(|error| format!("its record is damaged: {error}"))?;
        if record.job != job || record.chunk != chunk {
            return Err("its record is of another job".into());
        }
        for (lane, segment) in record.segments.iter().enumerate() {
            let Some(file) = &segment.file else { continue };
            let path = folder.segment(chunk, lane);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !file.is(&path) {
                return Err(format!("{name} is missing or was changed"));
            }
            let facts = segment_facts(&path).map_err(|error| error.to_string())?;
            if facts.packets != segment.spans.len() as u64 {
                return Err(format!(
                    "{name} holds {} frames of {}",
                    facts.packets,
                    segment.spans.len()
                ));
            }
        }
        Ok(record)
    }

    /// Writes the record; gives what the ledger notes of it.
    pub fn write(&self, folder: &JobFolder) -> Result<Stored> {
        let path = folder.record(self.chunk);
        let failed = |error: io::Error| MediaError::write(&path, error);
        let text = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        let bytes = compressed(|out| out.write_all(&text)).map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        folder.write(&name, &bytes)?;
        Ok(Stored::of(&path).map_err(failed)?)
    }

    /// Bytes of its segments.
    pub fn bytes(&self) -> u64 {
        let files = self
            .segments
            .iter()
            .filter_map(|segment| segment.file.as_ref());
        files.map(|file| file.bytes).sum()
    }
}

/// What `put` writes, compressed.
fn compressed(
    put: impl FnOnce(&mut zstd::Encoder<'_, Vec<u8>>) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), COMPRESSION)?;
    encoder.include_checksum(true)?;
    put(&mut encoder)?;
    encoder.finish()
}

fn memory_name(chunk: usize) -> String {
    format!("{chunk:06}.memory")
}

/// Only the newest memory is needed, unless a segment is damaged: of the older ones that are larger than this, every
/// 16th is kept.
const LARGE: u64 = 1 << 20;
const KEPT: usize = 16;

impl Memory {
    /// Writes it as what is carried on from `chunk`.
    pub(super) fn write(&self, folder: &JobFolder, chunk: usize) -> Result<Option<Stored>> {
        if self.is_empty() {
            return Ok(None);
        }
        let name = memory_name(chunk);
        let path = folder.path().join(&name);
        let failed = |error: io::Error| MediaError::write(&path, error);
        let bytes = compressed(|out| self.put(out)).map_err(failed)?;
        folder.write(&name, &bytes)?;
        let stored = Stored::of(&path).map_err(failed)?;
        let old = chunk.checked_sub(2).filter(|old| old % KEPT != KEPT - 1);
        if let (Some(old), true) = (old, stored.bytes > LARGE) {
            let _ = std::fs::remove_file(folder.path().join(memory_name(old)));
        }
        Ok(Some(stored))
    }

    /// What was carried on from the chunk of `record`; none where it is gone or damaged.
    pub(super) fn read(folder: &JobFolder, record: &Record) -> Option<Self> {
        let Some(stored) = &record.memory else {
            return Some(Self::default());
        };
        let path = folder.path().join(memory_name(record.chunk));
        if !stored.is(&path) {
            return None;
        }
        Self::from_bytes(&zstd::decode_all(File::open(path).ok()?).ok()?)
    }
}

/// Which chunks are done. It can be made anew from the records; it is what a person looks at, and what shows that a
/// record is the newest one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    pub schema: u32,
    pub job: String,
    pub chunks: BTreeMap<usize, Stored>,
}

impl Ledger {
    pub fn new(job: &str) -> Self {
        Self {
            schema: SCHEMA,
            job: job.to_owned(),
            chunks: BTreeMap::new(),
        }
    }

    /// Whether there is a ledger, whole or not.
    pub fn exists(folder: &JobFolder) -> bool {
        folder.path().join(LEDGER).exists()
    }

    /// The ledger in `folder` if it is whole and of `job`.
    pub fn read(folder: &JobFolder, job: &str) -> Option<Self> {
        let bytes = std::fs::read(folder.path().join(LEDGER)).ok()?;
        let ledger: Self = serde_json::from_slice(&bytes).ok()?;
        (ledger.schema == SCHEMA && ledger.job == job).then_some(ledger)
    }

    pub fn write(&self, folder: &JobFolder) -> Result<()> {
        let text = serde_json::to_vec_pretty(self);
        let path = folder.path().join(LEDGER);
        folder.write(
            LEDGER,
            &text.map_err(|error| MediaError::write(&path, error))?,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_comes_back_as_it_went() {
        let dir = tempfile::tempdir().unwrap();
        let folder = JobFolder::hold(&dir.path().join("job")).unwrap();
        let mut record = Record {
            job: "job".into(),
            chunk: 3,
            decoded: Vec::new(),
            damage: Damage::default(),
            entered: false,
            begins: None,
            next: None,
            segments: Vec::new(),
            memory: None,
            suspicion: Suspicion::default(),
        };
        assert_eq!(Memory::read(&folder, &record), Some(Memory::default()));
        let memory = Memory {
            executor: vec![1, 2, 3],
            observer: Observer::default(),
        };
        record.memory = memory.write(&folder, 3).unwrap();
        assert_eq!(Memory::read(&folder, &record), Some(memory));
        std::fs::write(folder.path().join(memory_name(3)), b"damaged").unwrap();
        assert_eq!(Memory::read(&folder, &record), None);
        // A record is trusted as itself only.
        let stored = record.write(&folder).unwrap();
        assert_eq!(
            Record::trusted(&folder, "job", 3, Some(&stored)),
            Ok(record)
        );
        for (job, noted) in [
            ("other", None),
            ("job", Some(Stored { bytes: 1, ..stored })),
        ] {
            assert!(Record::trusted(&folder, job, 3, noted.as_ref()).is_err());
        }
    }
}
