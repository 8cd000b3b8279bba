//! The frames and packets of a file.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::{RenderError, Result};
use super::pipeline::{FrameSource, StreamItem};
use crate::media::{Damage, Source, SourceEvent};

/// A file being decoded.
pub(super) struct FileSource {
    source: Source,
    /// Whether damage is an error.
    strict: bool,
    /// Items that come before the next of the file.
    waiting: VecDeque<StreamItem>,
    spent: Duration,
}

impl FileSource {
    pub fn new(source: Source, strict: bool) -> Self {
        Self {
            source,
            strict,
            waiting: VecDeque::new(),
            spent: Duration::ZERO,
        }
    }

    fn path(&self) -> PathBuf {
        self.source.info().path.clone()
    }
}

impl FrameSource for FileSource {
    fn next(&mut self) -> Result<StreamItem> {
        if let Some(item) = self.waiting.pop_front() {
            return Ok(item);
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
            Some(SourceEvent::Frame(frame, facts)) => {
                let attached = facts.attached.into_iter();
                let attached = attached.map(|data| StreamItem::Attached(frame.span.pts, data));
                let scene = facts.changed.then_some(StreamItem::SceneBreak);
                let mut items = scene.into_iter().chain(attached);
                let picture = StreamItem::Frame(Some(frame.picture), frame.span);
                let Some(first) = items.next() else {
                    return Ok(picture);
                };
                self.waiting.extend(items);
                self.waiting.push_back(picture);
                first
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
