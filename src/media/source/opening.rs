//! From a path to a demuxer: of a file, or of the pictures of a sequence.

use std::fs::File;
use std::path::Path;

use super::reasons::{not_recognised, plain};
use crate::frame::Rational;
use crate::media::av::{Input, ReadError};
use crate::media::error::{MediaError, Result};
use crate::media::log;
use crate::media::sequence::{Pattern, Reel, SequenceInfo};

/// A file, or sequence, whose streams are known.
pub(crate) struct Opened {
    pub input: Input,
    /// In bytes; of a sequence, of all of its files.
    pub size: u64,
    pub sequence: Option<SequenceInfo>,
}

/// Opens the file at `path`, or the image sequence that it is the pattern of, at `rate` frames a second.
///
/// # Errors
/// `NoInput` where there is nothing, `NotMedia` where FFmpeg does not recognise it, `Usage` for a rate where there is no
/// sequence, `Read` when the disk fails.
pub(crate) fn open(path: &Path, rate: Option<Rational>, mark: log::Mark) -> Result<Opened> {
    if let Some(pattern) = Pattern::meant_by(path) {
        return sequence(path, pattern, rate, mark);
    }
    if rate.is_some() {
        return Err(MediaError::usage(
            format!(
                "a frame rate is given, but {} is no image sequence: its times are its own",
                path.display()
            ),
            "leave --input-fps out, or name a sequence such as frame_%04d.png",
        ));
    }
    let no_input = |why: String| MediaError::NoInput {
        path: path.into(),
        why,
    };
    let metadata = std::fs::metadata(path).map_err(|e| no_input(plain(&e)))?;
    if metadata.is_dir() {
        return Err(no_input("it is a folder, not a file".into()));
    }
    let file = File::open(path).map_err(|e| no_input(plain(&e)))?;
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
    let reel = Reel::open(pattern.clone(), rate).map_err(|e| no_input(plain(&e)))?;
    let Some(info) = reel.info() else {
        return Err(no_input(pattern.nothing()));
    };
    let size = reel.size();
    let first = pattern.file(info.first);
    let input =
        Input::open_sequence(reel).map_err(|error| unreadable(path, &first, error, mark))?;
    let input = input.ok_or_else(|| {
        let first = first.display();
        MediaError::not_media(
            path,
            format!("an image sequence is made of pictures, which {first} is not"),
        )
    })?;
    Ok(Opened {
        input,
        size,
        sequence: Some(info),
    })
}

/// Why `file`, by which `path` is read, cannot be read.
fn unreadable(path: &Path, file: &Path, error: ReadError, mark: log::Mark) -> MediaError {
    match error {
        ReadError::Io(error) => MediaError::Read {
            path: path.into(),
            why: plain(&error),
        },
        ReadError::Damaged(error) => not_recognised(file, error, log::since(mark)),
        ReadError::End => MediaError::not_media(path, "the file ends before its first picture"),
    }
}
