//! The frames of some chunks of a file, with a mark where each chunk ends.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::super::error::{RenderError, Result};
use super::super::file_source::FileSource;
use super::super::pipeline::{BoundaryFrame, ChunkEnd, FrameSource, StreamItem};
use super::damage::since;
use super::plan::ChunkPlan;
use crate::frame::{Picture, Span};
use crate::media::Damage;

/// The frames of some chunks.
pub(super) struct ChunkSource {
    inner: FileSource,
    /// The chunk that is read.
    chunk: usize,
    end: usize,
    /// Where each of the chunks ends.
    cuts: Vec<Option<i64>>,
    /// Frames before it are passed over.
    from: Option<i64>,
    /// Of those, frames from this time on are given for what comes after them, and belong to no chunk.
    warm_from: Option<i64>,
    /// Frames after the last chunk that are given for what comes before them.
    after: u32,
    /// What the first frame must be.
    expected: Option<BoundaryFrame>,
    /// Whether `inner` does not begin at the file's start.
    entered: bool,
    waiting: Option<(Picture, Span)>,
    /// The first frame met since the chunk before.
    begins: Option<BoundaryFrame>,
    /// What the chunk held so far.
    decoded: Vec<Span>,
    damage: Damage,
    over: bool,
}

impl ChunkSource {
    /// Over `inner`, which begins with the `chunks`, or before that at the file's start unless it was `entered`. The first
    /// frame must be `expected`, where that is known.
    pub fn new(
        inner: FileSource,
        plan: &ChunkPlan,
        chunks: Range<usize>,
        expected: Option<BoundaryFrame>,
        entered: bool,
    ) -> Self {
        let Range { start: first, end } = chunks;
        Self {
            inner,
            chunk: first,
            end,
            cuts: (first..end).map(|chunk| plan.start(chunk + 1)).collect(),
            from: plan.start(first),
            warm_from: None,
            after: 0,
            expected,
            entered,
            waiting: None,
            begins: None,
            decoded: Vec::new(),
            damage: Damage::default(),
            over: false,
        }
    }

    /// With the frames around the chunks that theirs depend on: those before, where `warm`, and `after` more.
    pub fn with_context(mut self, plan: &ChunkPlan, warm: bool, after: u32) -> Self {
        self.warm_from = plan.warm_start(self.chunk).filter(|_| warm);
        self.after = after;
        self
    }

    /// Where the chunk that is read ends.
    fn cut(&self) -> Option<i64> {
        let passed = self.cuts.len().checked_sub(self.end - self.chunk)?;
        self.cuts.get(passed).copied().flatten()
    }

    /// Ends the chunk; `next` is the frame after it.
    fn end_chunk(&mut self, next: Option<BoundaryFrame>) -> StreamItem {
        let so_far = self.inner.damage();
        let end = ChunkEnd {
            chunk: self.chunk,
            decoded: std::mem::take(&mut self.decoded),
            damage: since(&so_far, &self.damage),
            entered: self.entered,
            begins: std::mem::replace(&mut self.begins, next.clone()),
            next,
        };
        self.damage = so_far;
        self.chunk += 1;
        StreamItem::ChunkEnd(Arc::new(end))
    }

    /// The first frame of all: where the source was entered it must be the one that was met when the chunk before ended.
    fn check(&mut self, picture: &Picture, span: Span) -> Result<()> {
        // What was passed over was counted by whoever rendered it.
        self.damage = self.inner.damage();
        let met = BoundaryFrame::of(picture, span);
        if let Some(expected) = self.expected.take()
            && self.entered
            && met != expected
        {
            return Err(RenderError::BoundaryMismatch { pts: expected.pts });
        }
        self.begins = Some(met);
        Ok(())
    }
}

impl FrameSource for ChunkSource {
    fn next(&mut self) -> Result<StreamItem> {
        loop {
            let done = self.chunk == self.end;
            if done && (self.over || self.after == 0) {
                return Ok(StreamItem::End);
            }
            let (picture, span) = match self.waiting.take() {
                Some(frame) => frame,
                None if self.over => return Ok(self.end_chunk(None)),
                None => match self.inner.next()? {
                    StreamItem::Frame(Some(picture), span) => {
                        // How a decoder covers up damage depends on all it has seen before.
                        if self.entered && self.inner.damage().any() {
                            return Err(RenderError::BoundaryMismatch { pts: span.pts });
                        }
                        if self.from.is_some_and(|from| span.pts < from) {
                            if self.warm_from.is_some_and(|warm| span.pts >= warm) {
                                return Ok(StreamItem::Frame(Some(picture), span));
                            }
                            continue;
                        }
                        if self.from.take().is_some() {
                            self.check(&picture, span)?;
                        }
                        (picture, span)
                    }
                    // What was passed over is not carried on from.
                    StreamItem::SceneBreak if self.from.is_none() || self.warm_from.is_some() => {
                        return Ok(StreamItem::SceneBreak);
                    }
                    StreamItem::End => {
                        self.over = true;
                        if done {
                            return Ok(StreamItem::End);
                        }
                        continue;
                    }
                    _ => continue,
                },
            };
            if done {
                self.after -= 1;
                return Ok(StreamItem::Frame(Some(picture), span));
            }
            if self.cut().is_some_and(|cut| span.pts >= cut) {
                let next = BoundaryFrame::of(&picture, span);
                self.waiting = Some((picture, span));
                return Ok(self.end_chunk(Some(next)));
            }
            self.decoded.push(span);
            return Ok(StreamItem::Frame(Some(picture), span));
        }
    }

    fn damage(&self) -> Damage {
        self.inner.damage()
    }

    fn spent(&self) -> Duration {
        self.inner.spent()
    }
}
