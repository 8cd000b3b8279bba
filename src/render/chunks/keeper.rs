//! Makes finished chunks durable: looks at their segments again, then notes them as done.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Receiver;
use tracing::info;

use super::super::error::{RenderError, Result};
use super::super::feed::Cut;
use super::super::watchdog::Suspicion;
use super::disk::Gate;
use super::folder::JobFolder;
use super::record::{Ledger, Memory, Record, Segment, Stored};
use crate::frame::Span;
use crate::media::{MediaError, Shape, segment_facts};

/// A part of a chunk that is done.
pub(in super::super) enum Piece {
    /// An output's segment is complete and on the disk.
    Segment {
        chunk: usize,
        lane: usize,
        spans: Vec<Span>,
        shape: Option<Shape>,
    },
    /// The graph has passed the chunk's end.
    End {
        cut: Box<Cut>,
        memory: Memory,
        suspicion: Suspicion,
    },
}

#[derive(Default)]
struct Pending {
    segments: BTreeMap<usize, (Vec<Span>, Option<Shape>)>,
    end: Option<(Box<Cut>, Memory, Suspicion)>,
}

/// The chunks of a job that are done, shared by all who render them.
pub(in super::super) struct Book<'a> {
    pub(super) folder: &'a JobFolder,
    pub(super) job: String,
    /// Outputs of the job.
    pub(super) lanes: usize,
    pub(super) gate: Gate,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) done: Mutex<BTreeMap<usize, Record>>,
}

impl Book<'_> {
    /// The chunks that are done.
    pub(super) fn done(&self) -> MutexGuard<'_, BTreeMap<usize, Record>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a chunk that an earlier run has done.
    pub(super) fn know(&self, record: Record, stored: Stored) {
        self.gate.learn(record.bytes());
        self.ledger().chunks.insert(record.chunk, stored);
        self.done().insert(record.chunk, record);
    }

    /// Takes a chunk for not done any more.
    pub(super) fn forget(&self, chunk: usize) -> Result<()> {
        self.done().remove(&chunk);
        let mut ledger = self.ledger();
        if ledger.chunks.remove(&chunk).is_some() {
            ledger.write(self.folder)?;
            let _ = std::fs::remove_file(self.folder.record(chunk));
        }
        Ok(())
    }

    /// Forgets the chunks from `first` on whose source was entered for them.
    pub(super) fn forget_entered(&self, first: usize) -> Result<()> {
        let entered: Vec<usize> = {
            let done = self.done();
            let later = done.range(first..).filter(|(_, record)| record.entered);
            later.map(|(chunk, _)| *chunk).collect()
        };
        entered.into_iter().try_for_each(|chunk| self.forget(chunk))
    }

    /// The first chunk whose source is damaged.
    pub(super) fn first_damaged(&self) -> Option<usize> {
        let done = self.done();
        let mut damaged = done.iter().filter(|(_, record)| record.damage.any());
        damaged.next().map(|(chunk, _)| *chunk)
    }

    /// From which chunk on those whose source was entered for them cannot be trusted, if there are any: damage before
    /// them may have left traces in the decoder, or they do not begin with the frame that the chunk before ended at.
    pub(super) fn doubtful(&self) -> Option<usize> {
        let damaged = self.first_damaged();
        let done = self.done();
        let after_damage = damaged.map(|damaged| damaged + 1);
        let torn = done.iter().find_map(|(chunk, record)| {
            let before = done.get(&chunk.checked_sub(1)?)?;
            (before.next != record.begins).then_some(if record.entered { *chunk } else { 0 })
        });
        let entered = |first: &usize| done.range(first..).any(|(_, record)| record.entered);
        [after_damage, torn]
            .into_iter()
            .flatten()
            .filter(entered)
            .min()
    }

    /// Takes pieces until there are no more.
    pub fn keep(&self, pieces: &Receiver<Piece>) -> Result<()> {
        let mut pending: BTreeMap<usize, Pending> = BTreeMap::new();
        for piece in pieces {
            let chunk = match piece {
                Piece::Segment {
                    chunk,
                    lane,
                    spans,
                    shape,
                } => {
                    let known = pending.entry(chunk).or_default();
                    known.segments.insert(lane, (spans, shape));
                    chunk
                }
                Piece::End {
                    cut,
                    memory,
                    suspicion,
                } => {
                    let chunk = cut.chunk;
                    pending.entry(chunk).or_default().end = Some((cut, memory, suspicion));
                    chunk
                }
            };
            let whole = pending
                .get(&chunk)
                .is_some_and(|known| known.end.is_some() && known.segments.len() == self.lanes);
            if whole && let Some(known) = pending.remove(&chunk) {
                self.seal(chunk, known)?;
            }
        }
        Ok(())
    }

    fn seal(&self, chunk: usize, known: Pending) -> Result<()> {
        let Some((cut, memory, suspicion)) = known.end else {
            return Ok(());
        };
        let mut segments = Vec::new();
        for (lane, (spans, shape)) in known.segments {
            segments.push(self.segment(chunk, lane, spans, shape)?);
        }
        let record = Record {
            job: self.job.clone(),
            chunk,
            decoded: cut.decoded,
            damage: cut.damage,
            entered: cut.entered,
            begins: cut.begins,
            next: cut.next,
            segments,
            memory: memory.write(self.folder, chunk)?,
            suspicion,
        };
        let stored = record.write(self.folder)?;
        let mut ledger = self.ledger();
        ledger.chunks.insert(chunk, stored);
        ledger.write(self.folder)?;
        drop(ledger);
        info!(
            "chunk {chunk} is done: {} frames, {} bytes",
            record.decoded.len(),
            record.bytes()
        );
        self.gate.learn(record.bytes());
        self.done().insert(chunk, record);
        Ok(())
    }

    /// Looks at a segment again.
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
        let path = self.folder.segment(chunk, lane);
        let facts = segment_facts(&path)?;
        if facts.packets != spans.len() as u64 {
            return Err(RenderError::Unfaithful {
                why: format!(
                    "its encoder made {} packets of {} frames, so it cannot be rendered in chunks (--chunk none)",
                    facts.packets,
                    spans.len()
                ),
                path,
            });
        }
        let stored = Stored::of(&path).map_err(|error| MediaError::Read {
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
