//! Removes the folder of a job that is done, so that a process killed meanwhile leaves what the next one recognises.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::committed_outputs;

/// The file that one process locks while it works in a job's folder.
pub(super) const LOCK: &str = "lock";
/// The plan of the job.
pub(super) const PLAN: &str = "plan.json";
/// What is removed last, in this order.
const LAST: [&str; 3] = [PLAN, committed_outputs::NAME, LOCK];
/// What the name of a job's folder ends in while it is removed, after its usual name.
const REMOVED: &str = ".removed";

/// Whether a process has locked the folder at `path`.
pub(super) fn is_locked(path: &Path) -> bool {
    File::open(path.join(LOCK))
        .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Where the folder at `path` goes to be removed.
pub(super) fn removed_folder(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(REMOVED);
    path.with_file_name(name)
}

/// Removes a folder of a job that is done; last what says which job that was.
pub(super) fn clear_last(folder: &Path) {
    let is_last = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        LAST.iter().any(|last| name == *last)
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if !is_last(&entry.path()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    for name in LAST {
        let _ = std::fs::remove_file(folder.join(name));
    }
    let _ = std::fs::remove_dir(folder);
}

/// Completes the removal of the folder of the job at `path`, where a process was ended in the middle of it.
pub(super) fn remove_removed(path: &Path) {
    let removed = removed_folder(path);
    if removed.is_dir() && !is_locked(&removed) {
        clear_last(&removed);
    }
}

/// The folder of the job at `path` whose removal was interrupted: that job was done.
pub(super) fn interrupted_removal(path: &Path) -> Option<PathBuf> {
    Some(removed_folder(path)).filter(|removed| removed.is_dir() && !is_locked(removed))
}

/// Whether the job that put the output at `path` in place, for which `request` asked in a folder at `place`, is done, and was
/// interrupted when it removed that folder.
pub(super) fn was_done(place: &Path, request: Option<&Value>, path: &Path) -> bool {
    let Some(removed) = interrupted_removal(place) else {
        return false;
    };
    let plan = std::fs::read(removed.join(PLAN)).unwrap_or_default();
    let plan: Value = serde_json::from_slice(&plan).unwrap_or_default();
    request.is_some()
        && plan.get("request") == request
        && committed_outputs::is_ours(&removed, path)
}
