//! Pictures that are not frames of a film: textures and the like.

use std::path::Path;

use super::error::{MediaError, Result};
use super::source::{Source, SourceEvent};
use crate::frame::Picture;

/// The picture in an image file (or the first of a video), in its own pixel format, not turned by its orientation.
///
/// # Errors
/// As [`Source::open`].
pub fn read_image(path: &Path) -> Result<Picture> {
    let mut source = Source::open(path)?;
    while let Some(event) = source.next_event()? {
        if let SourceEvent::Frame(frame, _) = event {
            return Ok(frame.picture);
        }
    }
    Err(MediaError::not_media(path, "it holds no picture"))
}
