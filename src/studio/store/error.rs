//! What can go wrong with the queue's file, with advice for the user.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::State;

/// What the functions of a [`Store`](super::Store) give back.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A failure: what failed, with what, and what to do about it ([`Self::advice`]). Nothing was changed.
///
/// `path` is the queue's file, as an absolute path; `why` and `source` are the reason that SQLite or the system gave.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file, or a folder above it, cannot be created.
    #[error("cannot create {}: {source}", path.display())]
    CannotCreate { path: PathBuf, source: io::Error },
    /// The file is there, but cannot be opened.
    #[error("cannot open {}: {why}", path.display())]
    CannotOpen { path: PathBuf, why: String },
    /// The file is an SQLite database of another program.
    #[error("{} holds no queue: it is a database of another program", path.display())]
    OtherProgram { path: PathBuf },
    /// A later aquatint wrote the file.
    #[error(
        "{} has version {found} of the format of the queue; this aquatint knows versions up to {known}",
        path.display()
    )]
    Newer {
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// Parts of the file cannot be read.
    #[error("{} is damaged: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    /// The file is damaged, and cannot be moved away to make place for a new one.
    #[error("{} is damaged, and cannot be moved away: {source}", path.display())]
    CannotSetAside { path: PathBuf, source: io::Error },
    /// Another process kept the file locked for longer than 5 seconds.
    #[error("{} is in use by another program", path.display())]
    Busy { path: PathBuf },
    /// The file may not be written to.
    #[error("cannot write to {}: {why}", path.display())]
    CannotWrite { path: PathBuf, why: String },
    /// The disk that holds the file has no space left.
    #[error("the disk of {} is full", path.display())]
    Full { path: PathBuf },
    /// Reading or writing failed for another reason.
    #[error("reading or writing {} failed: {why}", path.display())]
    Database { path: PathBuf, why: String },
    /// No job of this id is in the queue or its history.
    #[error("there is no job {id}")]
    UnknownJob { id: i64 },
    /// No watched folder has this id.
    #[error("there is no watched folder {id}")]
    UnknownWatch { id: i64 },
    /// A job of this state never goes over to that one.
    #[error("job {id} is {from} and cannot become {to}")]
    Refused { id: i64, from: State, to: State },
    /// Only a job that waits has a place in the queue.
    #[error("job {id} is {state} and does not wait in the queue")]
    NotWaiting { id: i64, state: State },
    /// Only a job that ended can be taken out of the history, or be tried again.
    #[error("job {id} is {state} and has not ended")]
    NotEnded { id: i64, state: State },
    /// The key of the request was used for another request.
    #[error("the idempotency key {key:?} was used for another request")]
    KeyReused { key: String },
    /// A value that the file cannot hold.
    #[error("the queue cannot hold {what}")]
    Invalid {
        /// The value, and what it was to be.
        what: String,
        /// What to give instead.
        advice: &'static str,
    },
}

impl StoreError {
    /// What the user can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::CannotCreate { .. } => {
                "check that the folder may be written to, or name another one"
            }
            Self::CannotOpen { .. } => "check that it is a file that you may read and write",
            Self::OtherProgram { .. } => {
                "nothing was changed: move the file away, and a new one is made"
            }
            Self::Newer { .. } => {
                "update aquatint; nothing was changed. Or move the file away: a new one is made, with an empty queue"
            }
            Self::Damaged { .. } => {
                "start the studio again: the damaged file is moved aside and a new one is made"
            }
            Self::CannotSetAside { .. } => {
                "move the file away yourself; a new one is made at the next start"
            }
            Self::Busy { .. } => "try again, or end the other program that has it open",
            Self::CannotWrite { .. } => {
                "check the permissions of the file and of its folder, which is written to as well"
            }
            Self::Full { .. } => "free space on the disk, then try again; nothing was changed",
            Self::Database { .. } => "check the disk that holds the file, then try again",
            Self::UnknownJob { .. } => "look at the list of jobs: it may have been removed",
            Self::UnknownWatch { .. } => "look at the list of watched folders",
            Self::Refused { .. } => "look at the job again: its state may have changed",
            Self::NotWaiting { .. } => "only jobs that are queued or paused can be moved",
            Self::NotEnded { .. } => "cancel the job first, or wait until it ends",
            Self::KeyReused { .. } => "send each request with a key of its own",
            Self::Invalid { advice, .. } => advice,
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
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, why }
            }
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

/// What ends a transaction: a failure of SQLite, which does not know the file yet, or one of ours.
#[derive(Debug)]
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl Failure {
    /// As a failure of the file at `path`.
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Sqlite(error) => StoreError::of(path, error),
            Self::Store(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
