//! What can be wrong with a name of a file, with advice for the user.

use std::io;
use std::path::PathBuf;

/// What the functions of [`Roots`](super::Roots) give back.
pub type Result<T> = std::result::Result<T, RootsError>;

/// A failure: with which file, and what to do about it ([`Self::advice`]). `file` is the name as it was given.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// A folder that is to be allowed is not there.
    #[error("cannot allow the folder {}: {source}", path.display())]
    NoFolder { path: PathBuf, source: io::Error },
    /// The name breaks a rule.
    #[error("{file:?} is no name of a file: {why}")]
    BadName { file: String, why: &'static str },
    /// No root has this id.
    #[error("there is no allowed folder {root:?}")]
    UnknownRoot { root: String },
    /// Nothing is there.
    #[error("there is no {file:?}")]
    NotFound { file: String },
    /// A link on the way leads out of the root, nowhere, or to something hidden.
    #[error("{file:?} leads out of its allowed folder")]
    Outside { file: String },
    /// It is a pipe, a socket or a device.
    #[error("{file:?} is neither a file nor a folder")]
    Special { file: String },
    /// A file is needed, and this is a folder.
    #[error("{file:?} is a folder")]
    IsFolder { file: String },
    /// A folder is needed, and this is a file.
    #[error("{file:?} is no folder")]
    NoList { file: String },
    /// Nothing may be written there.
    #[error("{file:?} cannot be written: the folder {root:?} is for reading alone")]
    ReadOnly { file: String, root: String },
    /// Something else is at its place since it was looked at.
    #[error("{file:?} was replaced while it was opened")]
    Changed { file: String },
    /// A place in a list that no list gave.
    #[error("{cursor:?} is no place in a list of files")]
    BadCursor { cursor: String },
    /// The system refuses it.
    #[error("cannot read {file:?}: {source}")]
    Io { file: String, source: io::Error },
}

impl RootsError {
    /// What the user can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoFolder { .. } => "make the folder, or allow another one",
            Self::BadName { .. } => {
                "name it as lists of files do: the allowed folder, then folders and the file, with / between them"
            }
            Self::UnknownRoot { .. } => {
                "choose one of the allowed folders, or allow this one at the start"
            }
            Self::NotFound { .. } => "look at the list of files: it may have been moved or deleted",
            Self::Outside { .. } => "allow the folder that it leads to, or copy the file",
            Self::Special { .. } | Self::IsFolder { .. } => "choose a file",
            Self::NoList { .. } => "choose a folder",
            Self::ReadOnly { .. } => "choose a folder that may be written to",
            Self::Changed { .. } => "try again",
            Self::BadCursor { .. } => "start again at the beginning of the list",
            Self::Io { .. } => "check the permissions of the file and of the folders above it",
        }
    }
}
