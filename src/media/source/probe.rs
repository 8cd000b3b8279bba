//! Describes a file without keeping it open.

use std::path::Path;

use super::Source;
use crate::media::error::Result;
use crate::media::info::SourceInfo;
use crate::media::reading::Reading;

/// The description of the file at `path`. Decodes the first picture, because its properties may differ from the
/// header's.
///
/// # Errors
/// As [`Source::open`].
pub fn probe(path: &Path) -> Result<SourceInfo> {
    probe_at(path, Reading::default())
}

/// As [`probe`], read as `reading` says.
///
/// # Errors
/// As [`Source::open_at`].
pub fn probe_at(path: &Path, reading: Reading) -> Result<SourceInfo> {
    Ok(Source::open_at(path, reading)?.info().clone())
}
