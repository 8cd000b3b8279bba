//! What can go wrong with an upload, with advice for the user.

use std::io;
use std::path::PathBuf;

/// What the functions of [`Uploads`](super::Uploads) give back.
pub type Result<T> = std::result::Result<T, UploadsError>;

/// A failure, and what to do about it ([`Self::advice`]). Sizes are in bytes.
#[derive(Debug, thiserror::Error)]
pub enum UploadsError {
    /// A file without a byte.
    #[error("a file without contents cannot be uploaded")]
    Empty,
    /// More than an upload may have.
    #[error("the file has {bytes} bytes, and an upload may have {limit}")]
    TooLarge { bytes: u64, limit: u64 },
    /// More than the disk has left, with what other uploads need.
    #[error("the file has {bytes} bytes, and the disk of uploads has room for {free}")]
    NoRoom { bytes: u64, free: u64 },
    /// No upload has this id.
    #[error("there is no such upload")]
    Unknown,
    /// Another thread works on it.
    #[error("the upload is being written to by another request")]
    Busy,
    /// What was sent does not follow what is there.
    #[error("the upload goes on at byte {right}, not {offset}")]
    WrongOffset {
        offset: u64,
        /// Where it goes on.
        right: u64,
    },
    /// More was sent than was announced.
    #[error("the upload was to have {bytes} bytes, and these go on to {end}")]
    TooMuch { end: u64, bytes: u64 },
    /// Not all is there.
    #[error("{offset} of {bytes} bytes of the upload are there")]
    Incomplete { offset: u64, bytes: u64 },
    /// The system refuses it.
    #[error("cannot write uploads in {}: {source}", folder.display())]
    Io { folder: PathBuf, source: io::Error },
}

impl UploadsError {
    /// What the user can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Empty => "choose another file",
            Self::TooLarge { .. } => {
                "put the file into an allowed folder of the machine yourself, or raise the limit of uploads"
            }
            Self::NoRoom { .. } => "free space on the disk, or wait until other uploads have ended",
            Self::Unknown => "begin the upload again: it has ended, or was left alone for too long",
            Self::Busy => {
                "wait until the other request has ended, then ask where the upload goes on"
            }
            Self::WrongOffset { .. } => "go on at the byte that is told",
            Self::TooMuch { .. } => {
                "begin the upload again, with the right size: the file may have changed"
            }
            Self::Incomplete { .. } => "send the rest",
            Self::Io { .. } => {
                "check that the disk has room and the folder may be written to, then go on with the upload"
            }
        }
    }
}
