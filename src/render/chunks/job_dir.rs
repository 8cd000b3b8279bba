//! The folder of a job: its plan, ledger and finished segments. One process has it for itself, or several share it, on
//! several machines: then nothing relies on locks, and no file is written by more than one of them, but those that are the
//! same whoever writes them.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use super::super::committed_outputs;
use super::super::error::{RenderError, Result};
use super::super::naming::{folder_of, is_same};
use super::super::process::this_process;
use super::super::removal::{LOCK, clear_last, remove_removed, removed_folder};
use crate::media::MediaError;

const LOG: &str = "log";
/// The folder of what processes tell of themselves; it is there where several render the job.
pub(in super::super) const ATTEMPTS: &str = "attempts";
/// What the name of a chunk's record ends in.
pub(in super::super) const CHUNK_ENDING: &str = ".chunk";
/// What the name of a segment ends in while it is written.
pub(super) const PARTIAL: &str = ".partial";
/// A file that is there where the input is damaged, so that it is decoded from its beginning.
const FROM_START: &str = "from-start";
/// A file that is there when the job is done and its folder was kept.
const DONE: &str = "done";

/// The folder of a job, locked by this process, or shared. The system releases the lock when the process ends, even if it
/// is killed.
#[derive(Debug)]
pub(super) struct JobDir {
    path: PathBuf,
    /// `None` where it is shared.
    lock: Option<File>,
}

impl JobDir {
    /// Creates the folder at `path` if it does not exist, and locks it.
    ///
    /// # Errors
    /// `Busy` if another process has locked it, `CannotCreate` if it cannot be created.
    pub fn lock(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| cannot(path, &error);
        remove_removed(path);
        loop {
            match std::fs::create_dir(path) {
                Ok(()) => sync(folder_of(path)),
                Err(_) if path.is_dir() => {}
                Err(error) => return Err(failed(error)),
            }
            let name = path.join(LOCK);
            let open = File::options().create(true).append(true).open(&name);
            let lock = match open {
                Ok(lock) => lock,
                // The process that had locked it has just finished and removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(failed(error)),
            };
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(RenderError::Busy { path: path.into() });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // The locked file may have been removed in the meantime. A lock on a removed file locks out no other
            // process.
            if is_same(&lock, &name) {
                return Ok(Self {
                    path: path.into(),
                    lock: Some(lock),
                });
            }
        }
    }

    /// The folder at `path`, which other processes use at the same time.
    pub fn shared(path: &Path) -> Self {
        Self {
            path: path.into(),
            lock: None,
        }
    }

    /// Whether other processes use it at the same time.
    pub fn is_shared(&self) -> bool {
        self.lock.is_none()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The log of all runs of the job.
    pub fn log(&self) -> PathBuf {
        self.path.join(LOG)
    }

    /// Path of the segment of an output in a chunk.
    pub fn segment(&self, chunk: usize, lane: usize) -> PathBuf {
        self.path.join(format!("{chunk:06}.{lane}.nut"))
    }

    /// Path of the segment of an output in a chunk while this process writes it.
    pub fn partial(&self, chunk: usize, lane: usize) -> PathBuf {
        let writer = &this_process().name;
        self.path
            .join(format!("{chunk:06}.{lane}.{writer}{PARTIAL}"))
    }

    /// Gives a complete segment its name.
    ///
    /// # Errors
    /// `Write` if the disk is full or fails.
    pub fn publish(&self, chunk: usize, lane: usize) -> Result<()> {
        let (partial, path) = (self.partial(chunk, lane), self.segment(chunk, lane));
        let renamed = std::fs::rename(partial, &path);
        Ok(renamed.map_err(|error| MediaError::write(&path, error))?)
    }

    /// Path of the record of a chunk.
    pub fn record(&self, chunk: usize) -> PathBuf {
        self.path.join(format!("{chunk:06}{CHUNK_ENDING}"))
    }

    /// Whether the input is to be decoded from its beginning, whatever the plan says.
    pub fn is_decoded_from_start(&self) -> bool {
        self.path.join(FROM_START).exists()
    }

    /// Has all processes that render chunks from now on decode the input from its beginning.
    ///
    /// # Errors
    /// `Write` if the disk is full or fails.
    pub fn decode_from_start(&self) -> Result<()> {
        self.write(FROM_START, b"")
    }

    /// Writes a file completely or not at all, and waits until the file and its name are synced to the disk.
    ///
    /// # Errors
    /// `Write` if the disk is full or fails.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        let write = || {
            let mut file = new_file(".", ".new").tempfile_in(&self.path)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error: io::Error| MediaError::write(&path, error))?;
        sync(&self.path);
        Ok(())
    }

    /// Removes everything except the lock, the log, and the files that `keep` accepts.
    pub fn clear(&self, keep: &dyn Fn(&Path) -> bool) -> Result<()> {
        let failed = |error: io::Error| cannot(&self.path, &error);
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path
                .file_name()
                .is_some_and(|name| name == LOCK || name == LOG)
                || keep(&path)
            {
                continue;
            }
            std::fs::remove_file(&path).map_err(failed)?;
        }
        Ok(())
    }

    /// Whether the job of the folder at `path` is done, and its folder was kept.
    pub fn is_done(path: &Path) -> bool {
        path.join(DONE).exists()
    }

    /// A job begins, or goes on.
    pub fn begin(&self) {
        // Where it was not kept there is no such file.
        let _ = std::fs::remove_file(self.path.join(DONE));
    }

    /// Keeps the folder: the job is done. Its outputs are files like any others from now on.
    ///
    /// # Errors
    /// `Write` when the disk is full or fails.
    pub fn keep(self) -> Result<()> {
        self.write(DONE, b"")?;
        let _ = std::fs::remove_file(self.path.join(committed_outputs::NAME));
        Ok(())
    }

    /// Removes the folder: the job is done. Should that be interrupted, the folder has another name by then, under which
    /// the next job of this output finds it.
    pub fn remove(self) {
        remove_removed(&self.path);
        let removed = removed_folder(&self.path);
        // What cannot be renamed or removed is found, and removed, by the next job of this output.
        let path = match std::fs::rename(&self.path, &removed) {
            Ok(()) => removed,
            Err(_) => self.path.clone(),
        };
        sync(folder_of(&path));
        clear_last(&path);
        sync(folder_of(&path));
        drop(self.lock);
    }
}

/// A file that gets its name later. Others may read it, as far as the process's mask lets them: they may be other users on
/// other machines.
pub(in super::super) fn new_file<'a>(prefix: &'a str, suffix: &'a str) -> Builder<'a, 'a> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(suffix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Syncs the file names in a folder to the disk. File systems that do not support this do not need it.
pub(in super::super) fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn cannot(path: &Path, error: &io::Error) -> RenderError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            MediaError::write(path, error).into()
        }
        _ => RenderError::CannotCreate {
            path: path.into(),
            why: error.to_string(),
        },
    }
}

/// Throws away what is kept of an unfinished job whose folder is `folder`; nothing where there is none.
///
/// # Errors
/// `Busy` where a process is rendering it.
pub fn discard(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        JobDir::lock(folder)?.remove();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::removal::is_locked;
    use super::*;

    #[test]
    fn a_folder_has_one_holder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".clip.mp4.aquatint");
        let held = JobDir::lock(&path).unwrap();
        assert!(is_locked(&path));
        assert!(matches!(JobDir::lock(&path), Err(RenderError::Busy { .. })));
        held.write("a.json", b"1").unwrap();
        held.write("a.json", b"2").unwrap();
        assert_eq!(std::fs::read(path.join("a.json")).unwrap(), b"2");
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 2);
        drop(held);
        assert!(!is_locked(&path));
        JobDir::lock(&path).unwrap().remove();
        assert!(!path.exists());
        // One that was interrupted before is completed.
        std::fs::create_dir(removed_folder(&path)).unwrap();
        std::fs::write(removed_folder(&path).join("a.json"), b"3").unwrap();
        let held = JobDir::lock(&path).unwrap();
        held.write("a.json", b"4").unwrap();
        assert!(!removed_folder(&path).exists());
        held.remove();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
