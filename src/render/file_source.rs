//! The frames and packets of a file.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::{RenderError, Result};
use super::pipeline::{FrameSource, StreamItem};
use crate::frame::{Picture, Span};
use crate::media::{Damage, Source, SourceEvent};

/// A file being decoded.
pub(super) struct FileSource {
    source: Source,
    /// Whether damage is an error.
    strict: bool,
    /// A decoded frame that is held back because a scene break comes first.
    waiting: Option<(Picture, Span)>,
    spent: Duration,
}

impl FileSource {
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

impl FrameSource for FileSource {
    fn next(&mut self) -> Result<StreamItem> {
        if let Some((picture, span)) = self.waiting.take() {
            return Ok(StreamItem::Frame(Some(picture), span));
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
                StreamItem::SceneBreak
            }
            Some(SourceEvent::Frame(frame, _)) => {
                StreamItem::Frame(Some(frame.picture), frame.span)
            }
            Some(SourceEvent::Packet(packet)) => StreamItem::Packet(Arc::new(packet)),
            None => StreamItem::End,
        })
    }

    fn damage(&self) -> Damage {
        self.source.damage().clone()
    }

    fn spent(&self) -> Duration {
        self.spent
    }
}
