//! Reads single pictures, such as textures.

use std::path::Path;

use super::error::{MediaError, Result};
use super::source::{Source, SourceEvent};
use crate::frame::Picture;

/// The picture of an image file (or the first of a video), in the pixel format of the file. Its EXIF orientation is not
/// applied.
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
    Err(MediaError::not_media(path, "it contains no picture"))
}
