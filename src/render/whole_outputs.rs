//! Outputs whose last frame is written: those that passed their check get their names, the others are kept beside them.

use std::path::{Path, PathBuf};

use super::error::{RenderError, Result};
use super::pending_output::PendingOutput;
use super::settings::Existing;

/// An output that is whole.
pub(super) enum WholeOutput {
    /// Under a hidden name.
    Pending(PendingOutput),
    /// Under its own name, which an earlier run gave it.
    InPlace(PathBuf),
}

impl WholeOutput {
    /// Where it lies: a file, or the pattern of an image sequence.
    pub fn path(&self) -> &Path {
        match self {
            Self::Pending(pending) => pending.temporary(),
            Self::InPlace(path) => path,
        }
    }
}

/// The outputs of a job after their check.
#[derive(Default)]
pub(super) struct CheckedOutputs {
    passed: Vec<PendingOutput>,
    /// Those with their own names.
    complete: Vec<PathBuf>,
    /// Names of those that are kept although their check failed.
    unchecked: Vec<PathBuf>,
    /// Of the first check that failed.
    failure: Option<RenderError>,
}

impl CheckedOutputs {
    /// Adds an output and what its check gave. One that failed gets its name at once: a render is never lost to its check.
    pub fn add(&mut self, output: WholeOutput, check: Result<()>) {
        match (output, check) {
            (WholeOutput::Pending(pending), Ok(())) => self.passed.push(pending),
            (WholeOutput::InPlace(path), Ok(())) => self.complete.push(path),
            (output, Err(error)) => {
                self.unchecked.push(match output {
                    WholeOutput::Pending(pending) => pending.keep_unchecked(),
                    WholeOutput::InPlace(path) => path,
                });
                self.failure.get_or_insert(error);
            }
        }
    }

    /// Whether a check failed.
    pub fn failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The final path of each output that passed, and where it lies now.
    pub fn named(&self) -> Vec<(&Path, &Path)> {
        let pending = self
            .passed
            .iter()
            .map(|pending| (pending.path(), pending.temporary()));
        let complete = self
            .complete
            .iter()
            .map(|path| (path.as_path(), path.as_path()));
        complete.chain(pending).collect()
    }

    /// Gives those that passed their names, also where one of them cannot get it.
    ///
    /// # Errors
    /// `Unchecked` where a check failed; else `Exists` and `CannotCreate`, of the first output.
    pub fn commit(self, existing: Existing) -> Result<()> {
        let mut complete = self.complete;
        let mut unnamed = None;
        for pending in self.passed {
            match pending.commit(existing) {
                Ok(path) => complete.push(path),
                Err(error) => {
                    unnamed.get_or_insert(error);
                }
            }
        }
        match (self.failure, unnamed) {
            (None, None) => Ok(()),
            (None, Some(error)) => Err(error),
            (Some(failure), _) => Err(RenderError::Unchecked {
                failure: Box::new(failure),
                complete,
                unchecked: self.unchecked,
            }),
        }
    }
}
