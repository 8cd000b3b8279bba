//! An output under a hidden temporary name, until it is complete.

use std::fs::{File, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::error::{RenderError, Result};
use super::naming::{folder_of, shortened};
use super::settings::Existing;

/// Bytes of the output's name that go into the temporary one: file systems allow 255 in all.
const LONGEST: usize = 200;

/// A file that is removed unless it is [committed](Self::commit).
#[derive(Debug)]
pub(super) struct Partial {
    temporary: TempPath,
    path: PathBuf,
    /// Held while the file is written: what nobody holds any more was left by a process that was killed.
    _lock: File,
}

impl Partial {
    /// An empty file beside `path`: `.NAME.PID-XXXX.partial`.
    pub fn create(path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = shortened(&name, LONGEST);
        let prefix = format!(".{name}.{}-", std::process::id());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".partial").rand_bytes(4);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: the process's mask takes away what it does.
            builder.permissions(Permissions::from_mode(0o666));
        }
        sweep(folder_of(path), &name);
        let file = builder
            .tempfile_in(folder_of(path))
            .map_err(|error| cannot_create(path, &error))?;
        let (file, temporary) = file.into_parts();
        // Where files cannot be locked, nothing is swept either.
        let _ = file.try_lock();
        Ok(Self {
            temporary,
            path: path.into(),
            _lock: file,
        })
    }

    /// Where to write.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Gives the complete file its name.
    pub fn commit(self, existing: Existing) -> Result<PathBuf> {
        let Self {
            temporary,
            path,
            _lock,
        } = self;
        let renamed = match existing {
            Existing::Replace => temporary.persist(&path),
            // Somebody may have made it meanwhile.
            Existing::Refuse | Existing::Skip => match temporary.persist_noclobber(&path) {
                // File systems without hard links cannot do it in one step.
                Err(error)
                    if error.error.kind() != io::ErrorKind::AlreadyExists
                        && path.symlink_metadata().is_err() =>
                {
                    error.path.persist(&path)
                }
                done => done,
            },
        };
        renamed.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => RenderError::Exists { path: path.clone() },
            _ => cannot_create(&path, &error.error),
        })?;
        // The name itself must survive a power cut; file systems that cannot sync a folder do not need it.
        if let Ok(folder) = File::open(folder_of(&path)) {
            let _ = folder.sync_all();
        }
        Ok(path)
    }
}

/// Removes what killed processes have left of the output called `name` in `folder`.
fn sweep(folder: &Path, name: &str) {
    let begin = format!(".{name}.");
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        let middle = file
            .strip_prefix(&begin)
            .and_then(|rest| rest.strip_suffix(".partial"));
        let process = middle.and_then(|middle| middle.split_once('-')?.0.parse::<u32>().ok());
        if let Some(process) = process
            && !is_alive(process)
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a process of that number runs on this machine, as far as can be told.
fn is_alive(process: u32) -> bool {
    let here = Path::new("/proc/self").exists();
    !here || Path::new(&format!("/proc/{process}")).exists()
}

fn cannot_create(path: &Path, error: &io::Error) -> RenderError {
    RenderError::CannotCreate {
        path: path.into(),
        why: match error.kind() {
            io::ErrorKind::NotFound => {
                format!("the folder {} does not exist", folder_of(path).display())
            }
            io::ErrorKind::PermissionDenied => "permission denied".into(),
            _ => error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn nothing_is_left_unless_committed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.mp4");
        let partial = Partial::create(&path).unwrap();
        let name = names(dir.path()).remove(0);
        assert!(
            name.starts_with(&format!(".out.mp4.{}-", std::process::id()))
                && name.ends_with(".partial"),
            "{name}"
        );
        drop(partial);
        assert!(names(dir.path()).is_empty());
        let partial = Partial::create(&path).unwrap();
        std::fs::write(partial.temporary(), "new").unwrap();
        partial.commit(Existing::Refuse).unwrap();
        assert_eq!(names(dir.path()), ["out.mp4"]);
        let other = Partial::create(&path).unwrap();
        assert!(matches!(
            other.commit(Existing::Refuse),
            Err(RenderError::Exists { .. })
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        Partial::create(&path)
            .unwrap()
            .commit(Existing::Replace)
            .unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
        assert_eq!(names(dir.path()), ["out.mp4"]);
    }

    #[test]
    fn what_a_killed_process_left_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.mp4");
        // Numbers of processes do not go as far.
        std::fs::write(dir.path().join(".out.mp4.4294967294-abcd.partial"), "left").unwrap();
        std::fs::write(
            dir.path().join(".other.mp4.4294967294-abcd.partial"),
            "not ours",
        )
        .unwrap();
        let live = Partial::create(&path).unwrap();
        let second = Partial::create(&path).unwrap();
        let left = names(dir.path());
        assert_eq!(
            left.len(),
            if cfg!(target_os = "linux") { 3 } else { 4 },
            "{left:?}"
        );
        assert!(live.temporary().exists() && second.temporary().exists());
    }

    #[test]
    fn long_names_fit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(format!("{}.mp4", "ä".repeat(120)));
        Partial::create(&path).unwrap();
    }
}
