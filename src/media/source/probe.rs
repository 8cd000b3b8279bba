//! Describes a file without keeping it open.

use std::path::Path;

use super::Source;
use crate::frame::Rational;
use crate::media::error::Result;
use crate::media::info::SourceInfo;

/// The description of the file at `path`. Decodes the first picture, because its properties may differ from the
/// header's.
///
/// # Errors
/// As [`Source::open`].
pub fn probe(path: &Path) -> Result<SourceInfo> {
    probe_at(path, None)
}

/// As [`probe`], for an image sequence at `rate` frames per second.
///
/// # Errors
/// As [`Source::open_at`].
pub fn probe_at(path: &Path, rate: Option<Rational>) -> Result<SourceInfo> {
    Ok(Source::open_at(path, rate)?.info().clone())
}
