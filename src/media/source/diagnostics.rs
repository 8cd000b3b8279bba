//! Explains why a file cannot be read.

use std::fs::File;
use std::io;
use std::path::Path;

use super::opening::is_read_again;
use crate::media::av::{AvError, Input, ffi, pipe};
use crate::media::error::MediaError;
use crate::media::info::{self, StreamKind};

/// The system's error as text, without its number.
pub(crate) fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// The error for a file at `path` that the system could not read.
pub(crate) fn read_failed(path: &Path, error: &io::Error) -> MediaError {
    match pipe::was_ended(error) {
        true => MediaError::Ended { path: path.into() },
        false => MediaError::Read {
            path: path.into(),
            why: io_reason(error),
        },
    }
}

/// Why a pipe gives no picture where FFmpeg's log says that its MP4 or MOV has no index, or one that it would have to read
/// again; `None` for files, and for all other reasons.
pub(super) fn index_comes_last(path: &Path, log_text: &str) -> Option<&'static str> {
    let no_index = ["moov atom not found", "partial file"];
    let found = !is_read_again(path) && no_index.iter().any(|words| log_text.contains(words));
    found.then_some(
        "it is an MP4 or MOV whose index comes last, so it cannot be read through a pipe: give the file itself, or write it \
         with its index first (ffmpeg -movflags +faststart)",
    )
}

pub(super) fn ffmpeg_reason(error: AvError, log_text: Option<String>) -> String {
    log_text.unwrap_or_else(|| error.to_string())
}

/// The error for a file that FFmpeg did not recognise.
pub(super) fn not_recognised(path: &Path, error: AvError, log_text: Option<String>) -> MediaError {
    let mut start = vec![0; 4096];
    // What came through a pipe cannot be looked at again.
    let read = match is_read_again(path) {
        false => Ok(0),
        true => File::open(path).and_then(|mut f| io::Read::read(&mut f, &mut start)),
    };
    start.truncate(read.unwrap_or(0));
    let printable = |b: &u8| *b >= 0x20 || b"\t\n\r".contains(b);
    let text = !start.is_empty()
        && start.iter().all(printable)
        && match std::str::from_utf8(&start) {
            Ok(_) => true,
            Err(e) => e.valid_up_to() + 4 > start.len(),
        };
    let log_text = ffmpeg_reason(error, log_text);
    let why = if text {
        "it is a text file".into()
    } else if let Some(why) = index_comes_last(path, &log_text) {
        why.into()
    } else if log_text.contains("moov atom not found") {
        "it is an MP4 or MOV file without its index (the recording was interrupted before it was complete)".into()
    } else if error.0 == ffi::AVERROR_INVALIDDATA {
        format!("FFmpeg does not recognise it ({log_text})")
    } else {
        log_text
    };
    MediaError::not_media(path, why)
}

/// Why there is no video stream to decode.
pub(super) fn without_video(input: &Input) -> String {
    // SAFETY: the streams live as long as the input.
    let kinds: Vec<StreamKind> = input
        .streams()
        .iter()
        .map(|&s| unsafe { info::kind(s) })
        .collect();
    if kinds.contains(&StreamKind::Video) {
        "this build of FFmpeg has no decoder for its video stream".into()
    } else if kinds.contains(&StreamKind::Audio) && kinds.contains(&StreamKind::Cover) {
        "it contains only audio and a cover picture".into()
    } else if kinds.contains(&StreamKind::Audio) {
        "it contains only audio".into()
    } else if kinds.contains(&StreamKind::Subtitle) {
        "it contains only subtitles".into()
    } else {
        "it contains no video".into()
    }
}
