//! Where the pictures of a job come from: a file, or a generator.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::chunks::Seam;
use super::error::{RenderError, Result};
use crate::frame::{Picture, Span};
use crate::media::{Damage, Packet, Source, SourceEvent};

/// What a feed gives, in order.
pub(super) enum Fed {
    /// A frame to render; without a picture where the graph generates it.
    Frame(Option<Picture>, Span),
    /// The next frame has nothing to do with those before: what is carried from frame to frame begins anew.
    Break,
    /// A packet of another stream.
    Packet(Packet),
    /// A chunk ends here.
    Cut(Box<Cut>),
}

/// The end of a chunk, and what the decoder knows of it.
pub(super) struct Cut {
    pub chunk: usize,
    /// When each of its frames is shown.
    pub decoded: Vec<Span>,
    /// Damage met in it.
    pub damage: Damage,
    /// Whether decoding began at it, or at a chunk shortly before, rather than at the file's start.
    pub entered: bool,
    /// The first frame met, in it or after it; unknown where it is the first of all.
    pub begins: Option<Seam>,
    /// The frame after it.
    pub next: Option<Seam>,
}

/// A sequence of frames and packets.
pub(super) trait Feed: Send {
    /// The next frame or packet; `None` at the end.
    fn next(&mut self) -> Result<Option<Fed>>;

    /// Damage met so far.
    fn damage(&self) -> Damage {
        Damage::default()
    }

    /// Time spent.
    fn spent(&self) -> Duration;
}

/// A file being decoded.
pub(super) struct FileFeed {
    source: Source,
    strict: bool,
    /// A frame that comes after a break.
    waiting: Option<(Picture, Span)>,
    spent: Duration,
}

impl FileFeed {
    pub fn new(source: Source, strict: bool) -> Self {
        Self {
            source,
            strict,
            waiting: None,
            spent: Duration::ZERO,
        }
    }

    fn path(&self) -> PathBuf {
        self.source.info().path.clone()
    }
}

impl Feed for FileFeed {
    fn next(&mut self) -> Result<Option<Fed>> {
        if let Some((picture, span)) = self.waiting.take() {
            return Ok(Some(Fed::Frame(Some(picture), span)));
        }
        let start = Instant::now();
        let next = self.source.next_event();
        self.spent += start.elapsed();
        let next = next?;
        if self.strict && self.source.damage().any() {
            return Err(RenderError::Damaged {
                path: self.path(),
                words: self.source.damage().words(),
            });
        }
        Ok(match next {
            Some(SourceEvent::Frame(frame, facts)) if facts.changed => {
                self.waiting = Some((frame.picture, frame.span));
                Some(Fed::Break)
            }
            Some(SourceEvent::Frame(frame, _)) => Some(Fed::Frame(Some(frame.picture), frame.span)),
            Some(SourceEvent::Packet(packet)) => Some(Fed::Packet(packet)),
            None => None,
        })
    }

    fn damage(&self) -> Damage {
        self.source.damage().clone()
    }

    fn spent(&self) -> Duration {
        self.spent
    }
}
