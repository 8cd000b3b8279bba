//! Makes finished chunks durable: checks their segments, then records them as finished.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Receiver;
use sha2::{Digest, Sha256};
use tracing::info;

use super::super::error::{RenderError, Result};
use super::super::hex::hex;
use super::super::pipeline::ComputedChunk;
use super::super::settings::LowDisk;
use super::disk::Gate;
use super::job_dir::JobDir;
use super::plan::ChunkPlan;
use super::record::{FileDigest, Ledger, Record, Segment, write_checkpoint};
use crate::frame::Span;
use crate::media::{MediaError, Shape, segment_facts};

/// A part of a chunk is finished.
pub(super) enum ChunkEvent {
    /// The segment of one output is complete and synced to the disk.
    Segment {
        chunk: usize,
        lane: usize,
        spans: Vec<Span>,
        shape: Option<Shape>,
    },
    /// The graph has completed the chunk.
    Computed(Box<ComputedChunk>),
}

/// For each output: times of the frames of its segment, and their shape.
type Segments = BTreeMap<usize, (Vec<Span>, Option<Shape>)>;

#[derive(Default)]
struct Pending {
    segments: Segments,
    computed: Option<Box<ComputedChunk>>,
}

/// The finished chunks of a job, shared by all its workers.
pub(super) struct Journal<'a> {
    pub(super) dir: &'a JobDir,
    pub(super) job: String,
    /// Number of outputs of the job.
    pub(super) lanes: usize,
    pub(super) gate: Gate,
    /// `None` where the folder is shared: there the records are the ledger.
    pub(super) ledger: Option<Mutex<Ledger>>,
    /// Chunks that begin with a scene, so that they do not go on with the state of the chunk before.
    pub(super) scenes: BTreeSet<usize>,
    pub(super) done: Mutex<BTreeMap<usize, Record>>,
}

impl<'a> Journal<'a> {
    /// The records of the finished chunks.
    pub(super) fn done(&self) -> MutexGuard<'_, BTreeMap<usize, Record>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> Option<MutexGuard<'_, Ledger>> {
        let ledger = self.ledger.as_ref()?;
        Some(ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A journal of the job with the digest `job` in `dir`, which has no finished chunk yet.
    pub fn new(dir: &'a JobDir, plan: &ChunkPlan, lanes: usize, low_disk: LowDisk) -> Self {
        let job = plan.digest();
        let chunks = 0..plan.chunks();
        Self {
            dir,
            lanes,
            gate: Gate::new(dir.path(), low_disk),
            ledger: (!dir.is_shared()).then(|| Mutex::new(Ledger::new(&job))),
            scenes: chunks.filter(|&chunk| plan.begins_scene(chunk)).collect(),
            done: Mutex::default(),
            job,
        }
    }

    /// Adds a chunk that an earlier run finished.
    pub(super) fn know(&self, record: Record, stored: FileDigest) {
        self.gate.learn(record.chunk, record.bytes_in_all(&stored));
        if let Some(mut ledger) = self.ledger() {
            ledger.chunks.insert(record.chunk, stored);
        }
        self.done().insert(record.chunk, record);
    }

    /// Marks a chunk as not finished.
    pub(super) fn forget(&self, chunk: usize) -> Result<()> {
        if self.done().remove(&chunk).is_none() {
            return Ok(());
        }
        if let Some(mut ledger) = self.ledger() {
            ledger.chunks.remove(&chunk);
            ledger.write(self.dir)?;
        }
        let _ = std::fs::remove_file(self.dir.record(chunk));
        Ok(())
    }

    /// Marks the chunks from `first` on as not finished if decoding began at or near them, not at the start of the
    /// file.
    pub(super) fn forget_entered(&self, first: usize) -> Result<()> {
        let entered: Vec<usize> = {
            let done = self.done();
            let later = done.range(first..).filter(|(_, record)| record.entered);
            later.map(|(chunk, _)| *chunk).collect()
        };
        entered.into_iter().try_for_each(|chunk| self.forget(chunk))
    }

    /// The first chunk with damage in its source.
    pub(super) fn first_damaged(&self) -> Option<usize> {
        let done = self.done();
        let mut damaged = done.iter().filter(|(_, record)| record.damage.any());
        damaged.next().map(|(chunk, _)| *chunk)
    }

    /// The first of the chunks that cannot be trusted because decoding did not begin at the start of the file, if there
    /// are any. Either damage before them may still affect the decoder, or the chunk does not begin with the frame that
    /// followed the chunk before.
    pub(super) fn doubtful(&self) -> Option<usize> {
        let damaged = self.first_damaged();
        let done = self.done();
        let after_damage = damaged.map(|damaged| damaged + 1);
        let torn = done.iter().find_map(|(chunk, record)| {
            let before = done.get(&chunk.checked_sub(1)?)?;
            let cuts = (&before.cut_states[1], &record.cut_states[0]);
            let joins = before.next == record.begins
                && !matches!(cuts, (Some(end), Some(begin)) if end != begin);
            (!joins).then_some(if record.entered { *chunk } else { 0 })
        });
        let entered = |first: &usize| done.range(first..).any(|(_, record)| record.entered);
        [after_damage, torn]
            .into_iter()
            .flatten()
            .filter(entered)
            .min()
    }

    /// Handles events until the channel is closed.
    pub fn run(&self, events: &Receiver<ChunkEvent>) -> Result<()> {
        let mut pending: BTreeMap<usize, Pending> = BTreeMap::new();
        for event in events {
            let chunk = match event {
                ChunkEvent::Segment {
                    chunk,
                    lane,
                    spans,
                    shape,
                } => {
                    let known = pending.entry(chunk).or_default();
                    known.segments.insert(lane, (spans, shape));
                    chunk
                }
                ChunkEvent::Computed(computed) => {
                    let chunk = computed.end.chunk;
                    pending.entry(chunk).or_default().computed = Some(computed);
                    chunk
                }
            };
            let whole = pending.get(&chunk).is_some_and(|known| {
                known.computed.is_some() && known.segments.len() == self.lanes
            });
            if whole && let Some(known) = pending.remove(&chunk) {
                self.commit(chunk, known)?;
            }
        }
        Ok(())
    }

    fn commit(&self, chunk: usize, known: Pending) -> Result<()> {
        let Some(computed) = known.computed else {
            return Ok(());
        };
        let ComputedChunk {
            end,
            checkpoint,
            anomalies,
            measured,
            numbers,
            cut_states,
        } = *computed;
        let end = Arc::unwrap_or_clone(end);
        if self.dir.is_shared() && self.is_done_elsewhere(chunk, &known.segments) {
            return Ok(());
        }
        let mut segments = Vec::new();
        for (lane, (spans, shape)) in known.segments {
            segments.push(self.segment(chunk, lane, spans, shape)?);
        }
        for (lane, segment) in segments.iter().enumerate() {
            if segment.file.is_some() {
                self.dir.publish(chunk, lane)?;
            }
        }
        let [before, after] =
            [cut_states.0, cut_states.1].map(|state| Some(hex(&Sha256::digest(state?))));
        // What the chunk before looked like does not matter at the beginning of a scene.
        let before = before.filter(|_| !self.scenes.contains(&chunk));
        let record = Record {
            job: self.job.clone(),
            chunk,
            decoded: end.decoded,
            damage: end.damage,
            entered: end.entered,
            begins: end.begins,
            next: end.next,
            segments,
            continues: checkpoint.is_some(),
            cut_states: [before, after],
            checkpoint: write_checkpoint(&checkpoint.unwrap_or_default(), self.dir, chunk)?,
            anomalies,
            measured,
            numbers,
        };
        let stored = record.write(self.dir)?;
        let bytes = record.bytes_in_all(&stored);
        if let Some(mut ledger) = self.ledger() {
            ledger.chunks.insert(chunk, stored);
            ledger.write(self.dir)?;
        }
        info!(
            "chunk {chunk} is done: {} frames, {} bytes",
            record.decoded.len(),
            record.bytes()
        );
        self.gate.learn(chunk, bytes);
        self.done().insert(chunk, record);
        Ok(())
    }

    /// Whether another process has recorded `chunk` meanwhile. Then its segments stay, and those of this process go.
    fn is_done_elsewhere(&self, chunk: usize, ours: &Segments) -> bool {
        let Ok(record) = Record::trusted(self.dir, &self.job, chunk, None) else {
            return false;
        };
        for lane in ours.keys() {
            // It goes with the folder, else.
            let _ = std::fs::remove_file(self.dir.partial(chunk, *lane));
        }
        info!("chunk {chunk} was rendered by another process meanwhile");
        self.gate.learn(chunk, record.bytes());
        self.done().insert(chunk, record);
        true
    }

    /// Checks a finished segment, which does not have its name yet.
    fn segment(
        &self,
        chunk: usize,
        lane: usize,
        spans: Vec<Span>,
        shape: Option<Shape>,
    ) -> Result<Segment> {
        if shape.is_none() {
            return Ok(Segment {
                spans,
                file: None,
                shape,
                reorder: 0,
            });
        }
        let path = self.dir.partial(chunk, lane);
        let facts = segment_facts(&path)?;
        if facts.packets != spans.len() as u64 {
            return Err(RenderError::Unfaithful {
                why: format!(
                    "its encoder made {} packets for {} frames, so it cannot be rendered in chunks (--chunk none)",
                    facts.packets,
                    spans.len()
                ),
                path,
            });
        }
        let stored = FileDigest::of(&path).map_err(|error| MediaError::Read {
            path,
            why: error.to_string(),
        })?;
        Ok(Segment {
            spans,
            file: Some(stored),
            shape,
            reorder: facts.reorder,
        })
    }
}
