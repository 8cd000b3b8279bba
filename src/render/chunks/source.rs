//! The frames of consecutive chunks of a file, with a mark at the end of each chunk.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::super::error::{RenderError, Result};
use super::super::file_source::FileSource;
use super::super::pipeline::{BoundaryFrame, ChunkEnd, FrameSource, StreamItem};
use super::damage::since;
use super::plan::ChunkPlan;
use crate::frame::{Picture, Span};
use crate::media::{Attached, Damage};

/// The frames of consecutive chunks.
pub(super) struct ChunkSource {
    inner: FileSource,
    /// The chunk that is being read.
    chunk: usize,
    end: usize,
    /// The times at which the chunks end.
    cuts: Vec<Option<i64>>,
    /// Frames before this time are skipped.
    from: Option<i64>,
    /// Of the skipped frames, those from this time on are still passed on because later frames depend on them. They
    /// belong to no chunk.
    warm_from: Option<i64>,
    /// Number of frames after the last chunk that are passed on because earlier frames look ahead to them.
    after: u32,
    /// The frame that must come first.
    expected: Option<BoundaryFrame>,
    /// Whether `inner` starts in the middle of the file.
    entered: bool,
    waiting: Option<(Picture, Span)>,
    /// The times from the first frame on at which the plan has a scene begin, the earliest last.
    scenes: Vec<i64>,
    /// The data of the next picture.
    attached: Option<(i64, Arc<Attached>)>,
    /// The first frame since the chunk before.
    begins: Option<BoundaryFrame>,
    /// The frames of the current chunk so far.
    decoded: Vec<Span>,
    damage: Damage,
    over: bool,
}

impl ChunkSource {
    /// Reads `chunks` from `inner`, which starts shortly before them if `entered`, and otherwise at the start of the
    /// file. The first frame must be `expected` if that is known.
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
            scenes: scenes(plan, plan.start(first)),
            attached: None,
            begins: None,
            decoded: Vec::new(),
            damage: Damage::default(),
            over: false,
        }
    }

    /// Adds the frames around the chunks that their frames depend on: earlier ones if `warm`, and `after` later ones.
    pub fn with_context(mut self, plan: &ChunkPlan, warm: bool, after: u32) -> Self {
        self.warm_from = plan.warm_start(self.chunk).filter(|_| warm);
        self.after = after;
        self
    }

    /// The time at which the current chunk ends.
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

    /// Checks the first frame. If decoding started in the middle, it must be the frame that followed the chunk before.
    fn check(&mut self, picture: &Picture, span: Span) -> Result<()> {
        // Damage in skipped frames was already counted by the run that rendered them.
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

/// The times from `from` on at which the plan has a scene begin, the earliest last.
fn scenes(plan: &ChunkPlan, from: Option<i64>) -> Vec<i64> {
    let later = |scene: &i64| from.is_none_or(|from| *scene >= from);
    let mut scenes: Vec<i64> = plan.scene_starts().filter(later).collect();
    scenes.reverse();
    scenes
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
                        // How a decoder conceals damage depends on all earlier frames.
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
                    // A scene break among skipped frames is passed on only if earlier frames are passed on too.
                    StreamItem::SceneBreak if self.from.is_none() || self.warm_from.is_some() => {
                        return Ok(StreamItem::SceneBreak);
                    }
                    StreamItem::Attached(pts, attached) => {
                        self.attached = Some((pts, attached));
                        continue;
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
            let mut begins = false;
            while self.scenes.last().is_some_and(|scene| *scene <= span.pts) {
                begins |= self.scenes.pop() == Some(span.pts);
            }
            if begins {
                self.waiting = Some((picture, span));
                return Ok(StreamItem::SceneBreak);
            }
            if done {
                self.after -= 1;
                return Ok(StreamItem::Frame(Some(picture), span));
            }
            if self.cut().is_some_and(|cut| span.pts >= cut) {
                let next = BoundaryFrame::of(&picture, span);
                self.waiting = Some((picture, span));
                return Ok(self.end_chunk(Some(next)));
            }
            // Only pictures of the chunk pass their data on, and each once.
            if let Some((pts, attached)) = self.attached.take().filter(|(pts, _)| *pts == span.pts)
            {
                self.waiting = Some((picture, span));
                return Ok(StreamItem::Attached(pts, attached));
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
