//! Tracks in files that a value names, `--set cinematic.contrast=@curve.json`, and the rate at which tracks count frames.

use std::path::{Path, absolute};

use super::error::Result;
use crate::frame::Rational;
use crate::graph::style::{Param, StyleError, Track};
use crate::media::{SEQUENCE_RATE, SourceInfo};

/// The frames per second at which tracks count the frames of a source; 0 if they are not known.
pub(super) fn rate(info: &SourceInfo) -> Rational {
    match info.pictures().frame_rate {
        // A photo is a single frame, at time 0.
        rate if rate.num <= 0 && info.is_image => SEQUENCE_RATE,
        rate => rate,
    }
}

/// Reads the track of `param` of `style` in `file`. A relative path begins in the current folder.
///
/// # Errors
/// `Style` for a file that cannot be read or is no track for the parameter.
pub(super) fn read(style: &str, param: &Param, file: &Path) -> Result<Track> {
    let text = std::fs::read_to_string(file).map_err(|source| StyleError::TrackFile {
        path: file.to_owned(),
        source,
    })?;
    let origin = file.display().to_string();
    let track = Track::parse_file(param, style, &origin, &text)?;
    Ok(Track {
        file: Some(absolute(file).unwrap_or_else(|_| file.to_owned())),
        ..track
    })
}
