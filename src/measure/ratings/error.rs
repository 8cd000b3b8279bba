//! What can go wrong with a file of ratings, with advice for the user.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What the functions of a file of ratings give back.
pub type Result<T> = std::result::Result<T, RatingsError>;

/// A failure: which file, what failed, why, and what to do about it ([`Self::advice`]).
///
/// Of every variant, `path` is the file of ratings, as an absolute path; `why` and `source` are the reason that SQLite
/// or the system gave.
#[derive(Debug, thiserror::Error)]
pub enum RatingsError {
    /// The file, or a folder above it, cannot be created.
    #[error("cannot create {}: {source}", path.display())]
    CannotCreate { path: PathBuf, source: io::Error },
    /// The file is there, but cannot be opened.
    #[error("cannot open {}: {why}", path.display())]
    CannotOpen { path: PathBuf, why: String },
    /// The file is no SQLite database at all.
    #[error("{} holds no ratings: it is not an SQLite database", path.display())]
    NotDatabase { path: PathBuf },
    /// The file is an SQLite database of another program.
    #[error("{} holds no ratings: it is a database of another program", path.display())]
    OtherProgram { path: PathBuf },
    /// A later aquatint wrote the file.
    #[error(
        "{} has version {found} of the format of ratings; this aquatint knows versions up to {known}",
        path.display()
    )]
    Newer {
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// The file is a database of ratings, but parts of it cannot be read.
    #[error("{} is damaged: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    /// Other processes kept the file locked for longer than 5 seconds.
    #[error("{} is in use by another program", path.display())]
    Busy { path: PathBuf },
    /// The file may not be written to.
    #[error("cannot write to {}: {why}", path.display())]
    CannotWrite { path: PathBuf, why: String },
    /// The disk that holds the file has no space left. What was to be written is not there.
    #[error("the disk of {} is full", path.display())]
    Full { path: PathBuf },
    /// The file was deleted, moved or replaced while it was open. What was to be written is not there.
    #[error("{} was deleted, moved or replaced while it was open", path.display())]
    Moved { path: PathBuf },
    /// Reading or writing failed for another reason.
    #[error("reading or writing {} failed: {why}", path.display())]
    Database { path: PathBuf, why: String },
    /// No output of this id is in the file.
    #[error("{} has no output {id}", path.display())]
    UnknownOutput { path: PathBuf, id: i64 },
    /// A value that the file cannot hold. Nothing was written.
    #[error("{} cannot hold {what}", path.display())]
    Invalid {
        path: PathBuf,
        /// The value, and what it was to be.
        what: String,
        /// What to give instead.
        advice: &'static str,
    },
    /// The place that the ratings are exported to cannot be written to.
    #[error("exporting the ratings of {} failed: {source}", path.display())]
    Export { path: PathBuf, source: io::Error },
}

impl RatingsError {
    /// What the user can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::CannotCreate { .. } => {
                "check that the folder may be written to, or name another file"
            }
            Self::CannotOpen { .. } => {
                "check that it is a file that you may read and write, or name another one"
            }
            Self::NotDatabase { .. } | Self::OtherProgram { .. } => {
                "nothing was changed: name another file, or move this one away and a new one is created"
            }
            Self::Newer { .. } => "update aquatint; nothing was changed",
            Self::Damaged { .. } => {
                "put a copy from a backup in its place, with no FILE-wal and FILE-shm beside it; without one, \
                 `sqlite3 FILE .recover | sqlite3 NEW` saves what can be read; moved away, a new one is created"
            }
            Self::Busy { .. } => "try again, or end the other program that has it open",
            Self::CannotWrite { .. } => {
                "check the permissions of the file and of its folder, which is written to as well"
            }
            Self::Full { .. } => "free space on the disk, then try again",
            Self::Moved { .. } => {
                "put it back with its FILE-wal, or start aquatint again: a new file is created if it is gone"
            }
            Self::Database { .. } => {
                "check the disk that holds the file, then try again; keep a copy of the file if it fails again"
            }
            Self::UnknownOutput { .. } => "add the output before it is rated",
            Self::Invalid { advice, .. } => advice,
            Self::Export { .. } => "free space on the disk, or export to another place",
        }
    }

    /// `error` of SQLite as one about the file at `path`.
    pub(super) fn of(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        let why = error.to_string();
        if let rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) = error
        {
            return Self::Damaged { path, why };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotDatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, why },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::CannotWrite { path, why }
            }
            Some(ErrorCode::CannotOpen) => Self::CannotOpen {
                path,
                why: "it is no file, or its permissions forbid it".to_owned(),
            },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::Database { path, why },
        }
    }
}
