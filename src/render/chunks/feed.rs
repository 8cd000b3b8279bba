//! The frames of some chunks of a file, with a mark where each chunk ends.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::{RenderError, Result};
use super::super::feed::{Cut, Fed, Feed, FileFeed};
use super::damage::since;
use super::folder::hex;
use super::plan::ChunkPlan;
use crate::frame::{Picture, Span};
use crate::media::Damage;

/// The first frame of a chunk, as seen from the chunk before: whoever begins there must meet the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Seam {
    pub pts: i64,
    /// SHA-256 over the samples of its picture.
    pub sha256: String,
}

impl Seam {
    pub fn of(picture: &Picture, span: Span) -> Self {
        let mut digest = Sha256::new();
        for plane in 0..picture.format.plane_count() {
            let extent = picture
                .format
                .plane_extent(plane, picture.width, picture.height);
            for row in 0..extent.rows {
                digest.update(picture.row(plane, row));
            }
        }
        Self {
            pts: span.pts,
            sha256: hex(&digest.finalize()),
        }
    }
}

/// The frames of some chunks.
pub(super) struct ChunkFeed {
    inner: FileFeed,
    /// The chunk that is read.
    chunk: usize,
    end: usize,
    /// Where each of the chunks ends.
    cuts: Vec<Option<i64>>,
    /// Frames before it are passed over.
    from: Option<i64>,
    /// What the first frame must be.
    expected: Option<Seam>,
    /// Whether `inner` does not begin at the file's start.
    entered: bool,
    waiting: Option<(Picture, Span)>,
    /// The first frame met since the chunk before.
    begins: Option<Seam>,
    /// What the chunk held so far.
    decoded: Vec<Span>,
    damage: Damage,
    over: bool,
}

impl ChunkFeed {
    /// Over `inner`, which begins with the `chunks`, or before that at the file's start unless it was `entered`. The first
    /// frame must be `expected`, where that is known.
    pub fn new(
        inner: FileFeed,
        plan: &ChunkPlan,
        chunks: Range<usize>,
        expected: Option<Seam>,
        entered: bool,
    ) -> Self {
        let Range { start: first, end } = chunks;
        Self {
            inner,
            chunk: first,
            end,
            cuts: (first..end).map(|chunk| plan.start(chunk + 1)).collect(),
            from: plan.start(first),
            expected,
            entered,
            waiting: None,
            begins: None,
            decoded: Vec::new(),
            damage: Damage::default(),
            over: false,
        }
    }

    /// Where the chunk that is read ends.
    fn cut(&self) -> Option<i64> {
        let passed = self.cuts.len().checked_sub(self.end - self.chunk)?;
        self.cuts.get(passed).copied().flatten()
    }

    /// Ends the chunk; `next` is the frame after it.
    fn end_chunk(&mut self, next: Option<Seam>) -> Fed {
        let so_far = self.inner.damage();
        let cut = Cut {
            chunk: self.chunk,
            decoded: std::mem::take(&mut self.decoded),
            damage: since(&so_far, &self.damage),
            entered: self.entered,
            begins: std::mem::replace(&mut self.begins, next.clone()),
            next,
        };
        self.damage = so_far;
        self.chunk += 1;
        Fed::Cut(Box::new(cut))
    }

    /// The first frame of all: where the source was entered it must be the one that was met when the chunk before ended.
    fn check(&mut self, picture: &Picture, span: Span) -> Result<()> {
        // What was passed over was counted by whoever rendered it.
        self.damage = self.inner.damage();
        let met = Seam::of(picture, span);
        if let Some(expected) = self.expected.take()
            && self.entered
            && met != expected
        {
            return Err(RenderError::Seam { pts: expected.pts });
        }
        self.begins = Some(met);
        Ok(())
    }
}

impl Feed for ChunkFeed {
    fn next(&mut self) -> Result<Option<Fed>> {
        loop {
            if self.chunk == self.end {
                return Ok(None);
            }
            let (picture, span) = match self.waiting.take() {
                Some(frame) => frame,
                None if self.over => return Ok(Some(self.end_chunk(None))),
                None => match self.inner.next()? {
                    Some(Fed::Frame(Some(picture), span)) => {
                        // How a decoder covers up damage depends on all it has seen before.
                        if self.entered && self.inner.damage().any() {
                            return Err(RenderError::Seam { pts: span.pts });
                        }
                        if self.from.is_some_and(|from| span.pts < from) {
                            continue;
                        }
                        if self.from.take().is_some() {
                            self.check(&picture, span)?;
                        }
                        (picture, span)
                    }
                    // What was passed over is not carried on from.
                    Some(Fed::Break) if self.from.is_none() => return Ok(Some(Fed::Break)),
                    Some(_) => continue,
                    None => {
                        self.over = true;
                        continue;
                    }
                },
            };
            if self.cut().is_some_and(|cut| span.pts >= cut) {
                let seam = Seam::of(&picture, span);
                self.waiting = Some((picture, span));
                return Ok(Some(self.end_chunk(Some(seam))));
            }
            self.decoded.push(span);
            return Ok(Some(Fed::Frame(Some(picture), span)));
        }
    }

    fn damage(&self) -> Damage {
        self.inner.damage()
    }

    fn spent(&self) -> Duration {
        self.inner.spent()
    }
}
