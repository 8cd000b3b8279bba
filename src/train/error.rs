//! What goes wrong with trained models and trainings.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::render::{Failure, RenderError};

/// A failure: what failed, and what to do about it.
#[derive(Debug, Error)]
pub enum TrainError {
    /// A value of a flag, or a picture, that cannot be used.
    #[error("{what}")]
    Usage { what: String, advice: String },
    /// A file with contents that cannot be used.
    #[error("{}: {why}", path.display())]
    BadFile {
        path: PathBuf,
        why: String,
        advice: String,
    },
    /// A file or folder that cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        path: PathBuf,
        error: std::io::Error,
    },
    /// A file or folder that cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        path: PathBuf,
        error: std::io::Error,
    },
    /// Another process trains a model of this name.
    #[error("{name} is being trained by another process")]
    Busy { name: String },
    /// The network gives something else in an engine than in the trainer.
    #[error("{engine} gives another picture than the trainer: {why}")]
    Engine { engine: String, why: String },
    /// Training went wrong: its numbers grew without limit.
    #[error("the loss at step {step} is {loss}: the training diverged")]
    Diverged { step: u64, loss: f32 },
    /// The user asked to stop.
    #[error("stopped")]
    Cancelled,
    /// Reading pictures failed.
    #[error("{}", .0.summary())]
    Pictures(#[from] RenderError),
}

/// What training gives back.
pub type Result<T> = std::result::Result<T, TrainError>;

impl TrainError {
    pub(super) fn usage(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            advice: advice.into(),
        }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::Read { path, error }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::Write { path, error }
    }

    /// What kind of failure it is.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Usage { .. } => Failure::Usage,
            Self::BadFile { .. } => Failure::BadInput,
            Self::Read { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
                Failure::NoInput
            }
            Self::Read { .. } => Failure::Io,
            Self::Write { .. } => Failure::CannotCreate,
            Self::Busy { .. } => Failure::TryAgain,
            Self::Engine { .. } | Self::Diverged { .. } => Failure::Fault,
            Self::Cancelled => Failure::Cancelled,
            Self::Pictures(error) => error.failure(),
        }
    }

    /// What to do; may be empty.
    pub fn advice(&self) -> String {
        match self {
            Self::Usage { advice, .. } | Self::BadFile { advice, .. } => advice.clone(),
            Self::Read { .. } => "check that it exists and that you may read it".to_owned(),
            Self::Write { .. } => {
                "choose a folder that you may write to with --models-dir, and check that the disk has space".to_owned()
            }
            Self::Busy { .. } => "wait until it has ended, or choose another --name".to_owned(),
            Self::Engine { .. } => {
                "the model was not promoted; please report this with the command".to_owned()
            }
            Self::Diverged { .. } => {
                "the last checkpoint is kept; try another --seed, or more and other pictures".to_owned()
            }
            Self::Cancelled => "the same command goes on from the last checkpoint".to_owned(),
            Self::Pictures(error) => error.advice(),
        }
    }
}
