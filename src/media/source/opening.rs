//! Opens the demuxer of a file or of an image sequence.

use std::path::Path;

use super::diagnostics::{io_reason, not_recognised, read_failed};
use crate::frame::Rational;
use crate::media::av::{Input, ReadError, pipe};
use crate::media::error::{MediaError, Result};
use crate::media::log;
use crate::media::sequence::{Pattern, SequenceInfo, SequenceReader};

/// An open file or image sequence; its streams are known.
pub(crate) struct Opened {
    pub input: Input,
    /// Size in bytes; for an image sequence, of all its files.
    pub size: u64,
    pub sequence: Option<SequenceInfo>,
}

/// Opens the file or image sequence at `path`. `rate` is in frames per second, for a sequence only.
///
/// # Errors
/// `NoInput` if there is nothing, `NotMedia` if FFmpeg does not recognise it, `Usage` if a rate is given for a file
/// that is not an image sequence, `Read` if the disk fails.
pub(crate) fn open(path: &Path, rate: Option<Rational>, mark: log::Mark) -> Result<Opened> {
    if let Some(pattern) = Pattern::meant_by(path) {
        return sequence(path, pattern, rate, mark);
    }
    if rate.is_some() {
        return Err(MediaError::usage(
            format!(
                "a frame rate is given, but {} is not an image sequence: it has its own times",
                path.display()
            ),
            "leave out --input-fps, or name an image sequence such as frame_%04d.png",
        ));
    }
    let no_input = |why: String| MediaError::NoInput {
        path: path.into(),
        why,
    };
    let metadata = std::fs::metadata(path).map_err(|e| {
        no_input(match path == Path::new("-") {
            true => "only `aquatint render` reads standard input".to_owned(),
            false => io_reason(&e),
        })
    })?;
    if metadata.is_dir() {
        return Err(no_input("it is a folder, not a file".into()));
    }
    let file = pipe::open(path).map_err(|e| no_input(io_reason(&e)))?;
    if metadata.is_file() && metadata.len() == 0 {
        return Err(MediaError::not_media(
            path,
            "the file is empty (zero bytes)",
        ));
    }
    Ok(Opened {
        input: Input::open(file).map_err(|error| unreadable(path, path, error, mark))?,
        size: metadata.len(),
        sequence: None,
    })
}

fn sequence(
    path: &Path,
    pattern: Pattern,
    rate: Option<Rational>,
    mark: log::Mark,
) -> Result<Opened> {
    let no_input = |why: String| MediaError::NoInput {
        path: path.into(),
        why,
    };
    let reader =
        SequenceReader::open(pattern.clone(), rate).map_err(|e| no_input(io_reason(&e)))?;
    let Some(info) = reader.info() else {
        return Err(no_input(pattern.no_match()));
    };
    let size = reader.size();
    let first = pattern.file(info.first);
    let input =
        Input::open_sequence(reader).map_err(|error| unreadable(path, &first, error, mark))?;
    let input = input.ok_or_else(|| {
        let first = first.display();
        MediaError::not_media(
            path,
            format!("an image sequence must be made of pictures, but {first} is not a picture"),
        )
    })?;
    Ok(Opened {
        input,
        size,
        sequence: Some(info),
    })
}

/// Whether the input at `path` can be read more than once, as a pipe cannot.
pub fn is_read_again(path: &Path) -> bool {
    path.is_file() || Pattern::meant_by(path).is_some()
}

/// That the input at `path` can be read more than once, which `what` needs.
///
/// # Errors
/// `Usage` for a pipe.
pub fn needs_reading_again(path: &Path, what: &str) -> Result<()> {
    // What is missing is said when it is opened.
    match is_read_again(path) || path.metadata().is_err() || path.is_dir() {
        true => Ok(()),
        false => Err(MediaError::usage(
            format!(
                "{} is a pipe, which is read once, but {what}",
                path.display()
            ),
            "write it to a file first, and name that",
        )),
    }
}

/// The error for `file`, which belongs to the input `path`.
fn unreadable(path: &Path, file: &Path, error: ReadError, mark: log::Mark) -> MediaError {
    match error {
        ReadError::Io(error) => read_failed(path, &error),
        ReadError::Damaged(error) => not_recognised(file, error, log::since(mark)),
        ReadError::End => MediaError::not_media(path, "the file ends before its first picture"),
    }
}
