//! The record of a finished chunk: times of its frames, size and hash of its segments, and the checkpoint after it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::Result;
use super::super::hex::hex;
use super::super::output_meter::FrameNumbers;
use super::super::pipeline::BoundaryFrame;
use super::super::style_measures::Tallies;
use super::super::watchdog::OutputAnomalies;
use super::job_dir::JobDir;
use super::plan::SCHEMA;
use crate::frame::Span;
use crate::graph::Checkpoint;
use crate::media::{Damage, MediaError, Shape, segment_facts};

const LEDGER: &str = "ledger.json";
/// A fast level: a record is small, and a checkpoint is mostly noise, which does not compress well.
const COMPRESSION: i32 = 1;

/// Size and hash of a file in the job folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileDigest {
    pub bytes: u64,
    pub sha256: String,
}

impl FileDigest {
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

    /// Whether the file at `path` has this size and hash.
    pub fn is(&self, path: &Path) -> bool {
        // The size is compared first because that is fast.
        path.metadata().is_ok_and(|facts| facts.len() == self.bytes)
            && Self::of(path).is_ok_and(|found| found == *self)
    }
}

/// The part of a chunk that belongs to one output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Segment {
    /// Times of the encoded frames, in ticks of the output's frames.
    pub spans: Vec<Span>,
    /// `None` if there were no frames.
    pub file: Option<FileDigest>,
    pub shape: Option<Shape>,
    /// By how many packets decode order runs ahead of display order.
    pub reorder: usize,
}

/// The record of a finished chunk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub job: String,
    pub chunk: usize,
    /// Times of the decoded frames.
    pub decoded: Vec<Span>,
    pub damage: Damage,
    /// Whether decoding began at this chunk or shortly before it, not at the start of the file.
    pub entered: bool,
    /// The first decoded frame at or after its start; `None` if this chunk is the first of the file.
    pub begins: Option<BoundaryFrame>,
    /// The first frame of the next chunk.
    pub next: Option<BoundaryFrame>,
    /// One entry for each output.
    pub segments: Vec<Segment>,
    /// Digests of the state that scene cuts depend on, before its first frame and after its last one; `None` if the
    /// plan needs no scene cuts.
    pub cut_states: [Option<String>; 2],
    /// Whether the next chunk can continue from this one.
    pub continues: bool,
    /// The checkpoint after the chunk; `None` if the plan carries nothing.
    pub checkpoint: Option<FileDigest>,
    /// Output frames that suggest a failing device.
    pub anomalies: OutputAnomalies,
    /// What its styles measured of its frames.
    #[serde(default)]
    pub measured: Tallies,
    /// Numbers of its outputs.
    #[serde(default)]
    pub numbers: FrameNumbers,
}

impl Record {
    /// The record of `chunk` if it is undamaged, belongs to `job`, and its segments are present and unchanged. The
    /// error says why it is not usable.
    pub fn trusted(
        folder: &JobDir,
        job: &str,
        chunk: usize,
        noted: Option<&FileDigest>,
    ) -> std::result::Result<Self, String> {
        let path = folder.record(chunk);
        if let Some(noted) = noted
            && !noted.is(&path)
        {
            return Err("its record differs from the one in the ledger".into());
        }
        let bytes =
            std::fs::read(&path).map_err(|error| format!("its record cannot be read: {error}"))?;
        let text = zstd::decode_all(bytes.as_slice())
            .map_err(|error| format!("its record is damaged: {error}"))?;
        let record: Self = serde_json::from_slice(&text)
            .map_err(|error| format!("its record is damaged: {error}"))?;
        if record.job != job || record.chunk != chunk {
            return Err("its record belongs to another job".into());
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
                    "{name} holds {} of {} frames",
                    facts.packets,
                    segment.spans.len()
                ));
            }
        }
        Ok(record)
    }

    /// Writes the record and returns its size and hash for the ledger.
    pub fn write(&self, folder: &JobDir) -> Result<FileDigest> {
        let path = folder.record(self.chunk);
        let failed = |error: io::Error| MediaError::write(&path, error);
        let text = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        let bytes = compressed(|out| out.write_all(&text)).map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        folder.write(&name, &bytes)?;
        Ok(FileDigest::of(&path).map_err(failed)?)
    }

    /// Bytes of its segments.
    pub fn bytes(&self) -> u64 {
        let files = self
            .segments
            .iter()
            .filter_map(|segment| segment.file.as_ref());
        files.map(|file| file.bytes).sum()
    }

    /// Bytes of its segments, its checkpoint, and itself as it is `stored`.
    pub fn bytes_in_all(&self, stored: &FileDigest) -> u64 {
        let checkpoint = self.checkpoint.as_ref().map_or(0, |file| file.bytes);
        self.bytes() + checkpoint + stored.bytes
    }
}

/// The bytes that `put` writes, compressed with zstd.
fn compressed(
    put: impl FnOnce(&mut zstd::Encoder<'_, Vec<u8>>) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), COMPRESSION)?;
    encoder.include_checksum(true)?;
    put(&mut encoder)?;
    encoder.finish()
}

fn checkpoint_name(chunk: usize) -> String {
    format!("{chunk:06}.checkpoint")
}

/// Usually only the newest checkpoint is needed; an older one is needed only if a segment is damaged. Of older
/// checkpoints above this size in bytes, only every 16th is kept.
const LARGE: u64 = 1 << 20;
const KEPT: usize = 16;

/// Writes the checkpoint after `chunk`; `None` if the plan carries nothing.
pub(super) fn write_checkpoint(
    checkpoint: &Checkpoint,
    dir: &JobDir,
    chunk: usize,
) -> Result<Option<FileDigest>> {
    if checkpoint.is_empty() {
        return Ok(None);
    }
    let name = checkpoint_name(chunk);
    let path = dir.path().join(&name);
    let failed = |error: io::Error| MediaError::write(&path, error);
    let bytes = compressed(|out| checkpoint.write(out)).map_err(failed)?;
    dir.write(&name, &bytes)?;
    let digest = FileDigest::of(&path).map_err(failed)?;
    let old = chunk.checked_sub(2).filter(|old| old % KEPT != KEPT - 1);
    if let (Some(old), true) = (old, digest.bytes > LARGE) {
        let _ = std::fs::remove_file(dir.path().join(checkpoint_name(old)));
    }
    Ok(Some(digest))
}

/// The checkpoint after the chunk of `record`; `None` if it is missing or damaged.
pub(super) fn read_checkpoint(dir: &JobDir, record: &Record) -> Option<Checkpoint> {
    let Some(digest) = &record.checkpoint else {
        return record.continues.then(Checkpoint::default);
    };
    let path = dir.path().join(checkpoint_name(record.chunk));
    if !digest.is(&path) {
        return None;
    }
    Checkpoint::from_bytes(&zstd::decode_all(File::open(path).ok()?).ok()?)
}

/// The list of finished chunks. It can be rebuilt from the records. It is readable by people, and its hashes show
/// whether a record is the newest one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    pub schema: u32,
    pub job: String,
    pub chunks: BTreeMap<usize, FileDigest>,
}

impl Ledger {
    pub fn new(job: &str) -> Self {
        Self {
            schema: SCHEMA,
            job: job.to_owned(),
            chunks: BTreeMap::new(),
        }
    }

    /// Whether there is a ledger file, damaged or not.
    pub fn exists(folder: &JobDir) -> bool {
        folder.path().join(LEDGER).exists()
    }

    /// The ledger in `folder` if it is undamaged and belongs to `job`.
    pub fn read(folder: &JobDir, job: &str) -> Option<Self> {
        let bytes = std::fs::read(folder.path().join(LEDGER)).ok()?;
        let ledger: Self = serde_json::from_slice(&bytes).ok()?;
        (ledger.schema == SCHEMA && ledger.job == job).then_some(ledger)
    }

    pub fn write(&self, folder: &JobDir) -> Result<()> {
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
    use crate::graph::scene::Observer;

    #[test]
    fn a_checkpoint_is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let folder = JobDir::lock(&dir.path().join("job")).unwrap();
        let mut record = Record {
            job: "job".into(),
            chunk: 3,
            decoded: Vec::new(),
            damage: Damage::default(),
            entered: false,
            begins: None,
            next: None,
            segments: Vec::new(),
            cut_states: [None, None],
            continues: true,
            checkpoint: None,
            anomalies: OutputAnomalies::default(),
            measured: Tallies::default(),
            numbers: FrameNumbers::default(),
        };
        assert_eq!(
            read_checkpoint(&folder, &record),
            Some(Checkpoint::default())
        );
        let frames: [(); 0] = [];
        let session = serde_json::to_vec(&(Observer::default(), frames)).unwrap();
        let mut bytes = (session.len() as u64).to_le_bytes().to_vec();
        bytes.extend(session);
        bytes.extend([1, 2, 3]);
        let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
        record.checkpoint = write_checkpoint(&checkpoint, &folder, 3).unwrap();
        assert_eq!(read_checkpoint(&folder, &record), Some(checkpoint));
        std::fs::write(folder.path().join(checkpoint_name(3)), b"damaged").unwrap();
        assert_eq!(read_checkpoint(&folder, &record), None);
        // A record is accepted only for its own job and chunk.
        let stored = record.write(&folder).unwrap();
        assert_eq!(
            Record::trusted(&folder, "job", 3, Some(&stored)),
            Ok(record)
        );
        for (job, noted) in [
            ("other", None),
            ("job", Some(FileDigest { bytes: 1, ..stored })),
        ] {
            assert!(Record::trusted(&folder, job, 3, noted.as_ref()).is_err());
        }
    }
}
