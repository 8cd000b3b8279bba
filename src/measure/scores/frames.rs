//! The frames of a file, in their order.

use std::path::{Path, PathBuf};

use crate::frame::Frame;
use crate::media::{Reading, Source, SourceEvent, SourceInfo, TimeRange};
use crate::render::{RenderError, Result};

/// The frames of a file, or of a part of it.
pub struct Frames {
    pub path: PathBuf,
    source: Source,
    /// Frames read so far.
    pub read: u64,
}

impl Frames {
    /// Opens `path`; `part` is the part that is read, `None` all of it.
    ///
    /// # Errors
    /// Those of [`Source`].
    pub fn open(path: &Path, reading: Reading, part: Option<TimeRange>) -> Result<Self> {
        let mut source = Source::open_at(path, reading)?;
        if let Some(part) = &part {
            source.select(part)?;
        }
        Ok(Self {
            path: path.to_owned(),
            source,
            read: 0,
        })
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    /// Those of [`Source`].
    pub fn next(&mut self) -> Result<Option<Frame>> {
        loop {
            match self.source.next_event()? {
                Some(SourceEvent::Frame(frame, _)) => {
                    self.read += 1;
                    return Ok(Some(frame));
                }
                Some(SourceEvent::Packet(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// The first frame.
    ///
    /// # Errors
    /// `Nothing` where there is none; those of [`Source`].
    pub fn first(&mut self) -> Result<Frame> {
        self.next()?.ok_or_else(|| RenderError::Nothing {
            path: self.path.clone(),
        })
    }

    pub fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    /// Seconds of a time of this file.
    pub fn seconds(&self, pts: i64) -> f64 {
        self.source.time_base().seconds(pts)
    }

    /// What is said where players turn the pictures of one of two files, or each in another way: they are compared as
    /// they are encoded.
    pub fn turned_beside(&self, other: &Self) -> Option<String> {
        let rotation = |file: &Self| {
            let pictures = file.source.info().pictures();
            pictures.rotation_text().unwrap_or_else(|| "0°".to_owned())
        };
        let (own, its) = (rotation(self), rotation(other));
        (own != its).then(|| {
            format!(
                "players turn the pictures of {} by {own} and those of {} by {its}: they are compared as encoded, not as \
                 shown; turn one of them first, with --style none --rotation apply",
                self.path.display(),
                other.path.display()
            )
        })
    }

    /// The damage that was found, for people.
    pub fn damage(&self) -> Vec<String> {
        let words = self.source.damage().words().into_iter();
        words
            .map(|words| format!("{}: {words}", self.path.display()))
            .collect()
    }
}
