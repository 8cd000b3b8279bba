//! Which failures of a task are worth another try, by the same machine or another.

use std::path::Path;

use super::super::error::{Failure, RenderError};
use super::super::naming::folder_of;
use crate::media::MediaError;

/// Whether a task of the job in the folder `job` that ended with `error` may succeed when it is run again: the device was
/// lost, somebody asked for an end, not all tasks are done yet, a volume is full or not mounted.
pub fn may_succeed_later(error: &RenderError, job: &Path) -> bool {
    let is_gone = |path: &Path| !folder_of(path).is_dir();
    match error {
        RenderError::CurrentFrame { source, .. } => may_succeed_later(source, job),
        RenderError::Unfinished { failure, .. } => may_succeed_later(failure, job),
        RenderError::Cancelled | RenderError::Interrupted { .. } => true,
        RenderError::LowDisk { .. } | RenderError::Media(MediaError::Write { .. }) => true,
        RenderError::NoJob { path, .. } => is_gone(path),
        RenderError::Media(MediaError::NoInput { path, .. }) => is_gone(path) || !job.is_dir(),
        RenderError::CannotCreate { path, .. } => is_gone(path),
        error => error.failure() == Failure::TryAgain,
    }
}
