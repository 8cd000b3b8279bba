//! Pictures in a page.

use super::Embedded;
use crate::frame::Picture;
use crate::render::{Result, jpeg};

/// The largest width of a picture in a page, in pixels.
const WIDEST: u32 = 960;

/// `picture` as a JPEG picture for a page: at its own size, or a whole number of times smaller.
///
/// # Errors
/// Where FFmpeg cannot encode it, or no temporary file can be written.
pub fn embedded(picture: &Picture) -> Result<Embedded> {
    Ok(Embedded::new(
        "image/jpeg",
        jpeg(picture, (WIDEST, u32::MAX))?,
    ))
}
