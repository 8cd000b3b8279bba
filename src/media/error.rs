//! Errors of the media layer, with advice for the user.

use std::path::{Path, PathBuf};

pub type Result<T> = std::result::Result<T, MediaError>;

/// The kind of a [`MediaError`]. It decides the exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input is missing or cannot be opened.
    NoInput,
    /// The input holds no picture that can be decoded.
    NotMedia,
    /// An encoder or format is missing, or the container cannot hold a stream.
    Unavailable,
    /// The output cannot be created.
    CannotCreate,
    /// Reading or writing failed.
    Io,
    /// The request is invalid: an unknown option, file extension or codec.
    Usage,
}

/// A failure of the media layer: what failed, which file, why, and what to do ([`Self::advice`]).
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("cannot open the input {}: {why}", path.display())]
    NoInput { path: PathBuf, why: String },
    #[error("no picture can be read from {}: {why}", path.display())]
    NotMedia { path: PathBuf, why: String },
    #[error("the pictures of {} cannot be used: {why}", path.display())]
    UnsupportedPictures { path: PathBuf, why: String },
    #[error("the CMYK picture {} cannot be used: {why}", path.display())]
    UnsupportedInks { path: PathBuf, why: String },
    #[error("the hardware decoder {decoder} cannot decode {}: {why}", path.display())]
    HardwareDecoder {
        path: PathBuf,
        decoder: &'static str,
        why: String,
    },
    #[error("the encoder {encoder} cannot be used for {}: {why}", path.display())]
    Encoder {
        path: PathBuf,
        encoder: String,
        why: String,
        advice: String,
    },
    #[error("{} cannot hold {what}: {why}", path.display())]
    Container {
        path: PathBuf,
        what: String,
        why: String,
        advice: String,
    },
    #[error("cannot create {}: {why}", path.display())]
    CannotCreate { path: PathBuf, why: String },
    #[error("reading {} failed: {why}", path.display())]
    Read { path: PathBuf, why: String },
    /// The process was asked to end while it waited for a pipe.
    #[error("reading {} was ended by a signal", path.display())]
    Ended { path: PathBuf },
    #[error("writing {} failed: {why}", path.display())]
    Write { path: PathBuf, why: String },
    #[error("encoding {} failed: {why}", path.display())]
    Encode { path: PathBuf, why: String },
    #[error("{what}")]
    Usage { what: String, advice: String },
}

impl MediaError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoInput { .. } => ErrorKind::NoInput,
            Self::NotMedia { .. } => ErrorKind::NotMedia,
            Self::UnsupportedPictures { .. }
            | Self::UnsupportedInks { .. }
            | Self::HardwareDecoder { .. }
            | Self::Encoder { .. }
            | Self::Container { .. } => ErrorKind::Unavailable,
            Self::CannotCreate { .. } => ErrorKind::CannotCreate,
            Self::Ended { .. } | Self::Read { .. } | Self::Write { .. } | Self::Encode { .. } => {
                ErrorKind::Io
            }
            Self::Usage { .. } => ErrorKind::Usage,
        }
    }

    /// What the user can do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::NoInput { .. } => "check the name and the read permission of the file".into(),
            Self::NotMedia { .. } => {
                "name a video or an image; `ffprobe FILE` shows what FFmpeg finds in it".into()
            }
            Self::UnsupportedInks { .. } => {
                "convert it to RGB with an image editor; FFmpeg would take its inks for something else"
                    .into()
            }
            Self::UnsupportedPictures { .. } => {
                "convert it first, for example: ffmpeg -i INPUT -c:v ffv1 -pix_fmt yuv444p16 OUTPUT.mkv"
                    .into()
            }
            Self::HardwareDecoder { .. } => {
                "use --decode auto, which goes on with the processor, or --decode software".into()
            }
            Self::CannotCreate { .. } => {
                "check that the folder exists and is writable, or name another one with -o".into()
            }
            Self::Ended { .. } => String::new(),
            Self::Read { .. } => "check the disk or network share that holds the file".into(),
            Self::Write { .. } => "free space on the disk, or name another place with -o".into(),
            Self::Encode { .. } => "try another encoder with --codec".into(),
            Self::Encoder { advice, .. }
            | Self::Container { advice, .. }
            | Self::Usage { advice, .. } => advice.clone(),
        }
    }

    pub(crate) fn not_media(path: &Path, why: impl Into<String>) -> Self {
        Self::NotMedia {
            path: path.into(),
            why: why.into(),
        }
    }

    pub(crate) fn usage(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            advice: advice.into(),
        }
    }

    pub(crate) fn write(path: &Path, why: impl ToString) -> Self {
        Self::Write {
            path: path.into(),
            why: why.to_string(),
        }
    }
}
