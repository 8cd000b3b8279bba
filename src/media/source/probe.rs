//! What a file holds, without keeping it open.

use std::path::Path;

use super::Source;
use crate::frame::Rational;
use crate::media::error::Result;
use crate::media::info::SourceInfo;

/// What the file at `path` holds. The first picture is decoded, so that what is said of it is true.
///
/// # Errors
/// As [`Source::open`]: a missing file, a folder, a file without a picture that can be decoded.
pub fn probe(path: &Path) -> Result<SourceInfo> {
    probe_at(path, None)
}

/// As [`probe`], of an image sequence at `rate` frames a second.
///
/// # Errors
/// As [`Source::open_at`].
pub fn probe_at(path: &Path, rate: Option<Rational>) -> Result<SourceInfo> {
    Ok(Source::open_at(path, rate)?.info().clone())
}
