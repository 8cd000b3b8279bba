//! An output under a hidden temporary name until it is complete; an image sequence in a hidden folder.

use std::fs::{File, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{TempDir, TempPath};

use super::error::{RenderError, Result};
use super::naming::{folder_of, pattern_of_pictures, shortened};
use super::settings::Existing;
use crate::frame::Picture;
use crate::media::{Pattern, write_png};

/// At most this many bytes of the output's name are part of the temporary name: file systems allow 255.
const LONGEST: usize = 200;

/// A file, or a folder with an image sequence, that is removed unless it is [committed](Self::commit).
#[derive(Debug)]
pub(super) struct PendingOutput {
    temporary: Temporary,
    path: PathBuf,
    /// Locked while the output is written: a temporary file without a lock was left by a killed process.
    _lock: File,
}

#[derive(Debug)]
enum Temporary {
    File(TempPath),
    /// A folder, and the pattern of the pictures in it.
    Pictures(TempDir, PathBuf),
}

/// Writes `picture`, gray or RGB, to `path` as PNG: under that name there is all of it, or what was there before.
///
/// # Errors
/// `CannotCreate` and `Exists` for the file; those of [`write_png`].
pub fn write_picture(path: &Path, picture: &Picture, existing: Existing) -> Result<()> {
    let pending = PendingOutput::create(path)?;
    write_png(pending.temporary(), path, picture)?;
    pending.commit(existing)?;
    Ok(())
}

impl PendingOutput {
    /// An empty file beside `path`, `.NAME.PID-XXXX.partial`; where `path` is the pattern of an image sequence, a folder.
    pub fn create(path: &Path) -> Result<Self> {
        let file_name = path.file_name().unwrap_or_default();
        let name = file_name.to_string_lossy();
        let name = shortened(&name, LONGEST);
        let prefix = format!(".{name}.{}-", std::process::id());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".partial").rand_bytes(4);
        let folder = folder_of(path);
        sweep(folder, name);
        let mut create = || {
            if pattern_of_pictures(path).is_some() {
                let inner = builder.tempdir_in(folder)?;
                let pattern = inner.path().join(file_name);
                let lock = File::open(inner.path())?;
                return Ok((lock, Temporary::Pictures(inner, pattern)));
            }
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                // As any new file: the process's mask takes away what it does.
                builder.permissions(Permissions::from_mode(0o666));
            }
            let (file, temporary) = builder.tempfile_in(folder)?.into_parts();
            Ok((file, Temporary::File(temporary)))
        };
        let (lock, temporary) = create().map_err(|error| cannot_create(path, &error))?;
        // On file systems without locks, nothing is removed by `sweep` either.
        let _ = lock.try_lock();
        Ok(Self {
            temporary,
            path: path.into(),
            _lock: lock,
        })
    }

    /// Where to write: a file, or the pattern of an image sequence.
    pub fn temporary(&self) -> &Path {
        match &self.temporary {
            Temporary::File(file) => file,
            Temporary::Pictures(_, pattern) => pattern,
        }
    }

    /// Its final path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives an output that is whole, but not known to be right, a name of its own, `STEM.unchecked.EXT`, or with a number
    /// where that exists. Nothing is replaced. Where it cannot get such a name, it keeps its hidden one. Gives its path.
    pub fn keep_unchecked(self) -> PathBuf {
        let Self {
            temporary,
            path,
            _lock,
        } = self;
        let names = (1..).map(|number| unchecked(&path, number));
        match temporary {
            Temporary::File(mut file) => {
                let hidden = file.to_path_buf();
                for name in names {
                    file = match file.persist_noclobber(&name) {
                        Ok(()) => return name,
                        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                            error.path
                        }
                        // File systems without hard links cannot do this in one step.
                        Err(error) if name.symlink_metadata().is_err() => {
                            match error.path.persist(&name) {
                                Ok(()) => return name,
                                Err(error) => return kept(error.path, hidden),
                            }
                        }
                        Err(error) => return kept(error.path, hidden),
                    };
                }
                hidden
            }
            Temporary::Pictures(inner, pattern) => {
                let free = |name: &PathBuf| {
                    let numbers = Pattern::of(name).map(|pattern| pattern.numbers());
                    numbers.is_some_and(|numbers| numbers.is_ok_and(|numbers| numbers.is_empty()))
                };
                let name = names.take(MOST_NAMES).find(free);
                match name.filter(|name| commit_pictures(&pattern, name, Existing::Refuse).is_ok())
                {
                    Some(name) => name,
                    None => inner.keep().join(path.file_name().unwrap_or_default()),
                }
            }
        }
    }

    /// Gives the complete output its name. An image sequence replaces all files of the one before.
    pub fn commit(self, existing: Existing) -> Result<PathBuf> {
        let Self {
            temporary,
            path,
            _lock,
        } = self;
        match temporary {
            Temporary::File(file) => persist(file, &path, existing)?,
            Temporary::Pictures(_inner, pattern) => commit_pictures(&pattern, &path, existing)?,
        }
        // The new name must survive a power failure; file systems that cannot sync a folder do not need it.
        if let Ok(folder) = File::open(folder_of(&path)) {
            let _ = folder.sync_all();
        }
        Ok(path)
    }
}

/// Numbers of names that are tried for the pictures of an unchecked sequence.
const MOST_NAMES: usize = 1000;

/// The hidden file, which is not removed any more.
fn kept(file: TempPath, hidden: PathBuf) -> PathBuf {
    file.keep().unwrap_or(hidden)
}

/// The name of an unchecked output at `path`; `number` tells several apart.
fn unchecked(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default();
    let text = stem.to_string_lossy();
    let mut name = match text.len() > LONGEST {
        true => shortened(&text, LONGEST).into(),
        false => stem.to_owned(),
    };
    name.push(".unchecked");
    if number > 1 {
        name.push(format!("-{number}"));
    }
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Gives a complete file its name.
fn persist(temporary: TempPath, path: &Path, existing: Existing) -> Result<()> {
    let renamed = match existing {
        Existing::Replace => temporary.persist(path),
        // Another process may have created it in the meantime.
        Existing::Refuse | Existing::Skip => match temporary.persist_noclobber(path) {
            // File systems without hard links cannot do this in one step.
            Err(error)
                if error.error.kind() != io::ErrorKind::AlreadyExists
                    && path.symlink_metadata().is_err() =>
            {
                error.path.persist(path)
            }
            done => done,
        },
    };
    renamed.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => RenderError::Exists { path: path.into() },
        _ => cannot_create(path, &error.error),
    })
}

/// Moves the pictures of the pattern `from` to that of `to`.
fn commit_pictures(from: &Path, to: &Path, existing: Existing) -> Result<()> {
    let (Some(from), Some(pattern)) = (Pattern::of(from), Pattern::of(to)) else {
        return Err(RenderError::Nothing { path: to.into() });
    };
    let numbers = |pattern: &Pattern| {
        let numbers = pattern.numbers();
        numbers.map_err(|error| cannot_create(to, &error))
    };
    let (new, old) = (numbers(&from)?, numbers(&pattern)?);
    if let (Some(&number), false) = (old.first(), existing == Existing::Replace) {
        return Err(RenderError::Exists {
            path: pattern.file(number),
        });
    }
    for (count, &number) in new.iter().enumerate() {
        let file = TempPath::try_from_path(from.file(number));
        let file = file.map_err(|error| cannot_create(to, &error));
        let moved = file.and_then(|file| persist(file, &pattern.file(number), existing));
        if let Err(error) = moved {
            // All files or none, unless files of the old sequence were already replaced.
            if existing != Existing::Replace {
                for &number in &new[..count] {
                    let _ = std::fs::remove_file(pattern.file(number));
                }
            }
            return Err(error);
        }
    }
    for number in old {
        if new.binary_search(&number).is_err() {
            std::fs::remove_file(pattern.file(number))
                .map_err(|error| cannot_create(to, &error))?;
        }
    }
    Ok(())
}

/// Removes temporary files of the output `name` in `folder` that killed processes have left.
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
            let _ = match entry.path().is_dir() {
                true => std::fs::remove_dir_all(entry.path()),
                false => std::fs::remove_file(entry.path()),
            };
        }
    }
}

/// Whether a process with this number runs on this machine; true where that is not known.
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
        let partial = PendingOutput::create(&path).unwrap();
        let name = names(dir.path()).remove(0);
        assert!(
            name.starts_with(&format!(".out.mp4.{}-", std::process::id()))
                && name.ends_with(".partial"),
            "{name}"
        );
        drop(partial);
        assert!(names(dir.path()).is_empty());
        let partial = PendingOutput::create(&path).unwrap();
        std::fs::write(partial.temporary(), "new").unwrap();
        partial.commit(Existing::Refuse).unwrap();
        assert_eq!(names(dir.path()), ["out.mp4"]);
        let other = PendingOutput::create(&path).unwrap();
        assert!(matches!(
            other.commit(Existing::Refuse),
            Err(RenderError::Exists { .. })
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        PendingOutput::create(&path)
            .unwrap()
            .commit(Existing::Replace)
            .unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
        assert_eq!(names(dir.path()), ["out.mp4"]);
    }

    #[test]
    fn an_unchecked_output_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        for (path, kept) in [
            ("out.mp4", ["out.unchecked.mp4", "out.unchecked-2.mp4"]),
            (
                "p_%02d.png",
                ["p_%02d.unchecked.png", "p_%02d.unchecked-2.png"],
            ),
        ] {
            let path = dir.path().join(path);
            for kept in kept {
                let partial = PendingOutput::create(&path).unwrap();
                let file = match Pattern::of(partial.temporary()) {
                    Some(pattern) => pattern.file(7),
                    None => partial.temporary().to_owned(),
                };
                std::fs::write(file, kept).unwrap();
                assert_eq!(partial.keep_unchecked(), dir.path().join(kept));
            }
        }
        let mut left = names(dir.path());
        left.sort();
        let expected = [
            "out.unchecked-2.mp4",
            "out.unchecked.mp4",
            "p_07.unchecked-2.png",
            "p_07.unchecked.png",
        ];
        assert_eq!(left, expected);
    }

    #[test]
    fn pictures_replace_all_of_those_that_were_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p_%02d.png");
        let write = |numbers: &[u64]| {
            let partial = PendingOutput::create(&path).unwrap();
            let pattern = Pattern::of(partial.temporary()).unwrap();
            for &number in numbers {
                std::fs::write(pattern.file(number), number.to_string()).unwrap();
            }
            partial
        };
        let sorted = || {
            let mut names = names(dir.path());
            names.sort();
            names
        };
        drop(write(&[1, 2]));
        assert!(sorted().is_empty());
        write(&[1, 2, 3]).commit(Existing::Refuse).unwrap();
        assert_eq!(sorted(), ["p_01.png", "p_02.png", "p_03.png"]);
        // A file of another process, with a number that our sequence does not have.
        let refused = write(&[7]).commit(Existing::Refuse);
        assert!(matches!(refused, Err(RenderError::Exists { .. })));
        assert_eq!(sorted(), ["p_01.png", "p_02.png", "p_03.png"]);
        std::fs::write(dir.path().join("p_3.png"), "another name").unwrap();
        write(&[2, 3]).commit(Existing::Replace).unwrap();
        assert_eq!(sorted(), ["p_02.png", "p_03.png", "p_3.png"]);
        assert_eq!(std::fs::read(dir.path().join("p_02.png")).unwrap(), b"2");
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
        let pictures = dir.path().join(".p_%d.png.4294967294-abcd.partial");
        std::fs::create_dir(&pictures).unwrap();
        std::fs::write(pictures.join("p_1.png"), "left").unwrap();
        drop(PendingOutput::create(&dir.path().join("p_%d.png")).unwrap());
        assert_eq!(pictures.exists(), !cfg!(target_os = "linux"));
        let live = PendingOutput::create(&path).unwrap();
        let second = PendingOutput::create(&path).unwrap();
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
        for _ in 0..2 {
            let kept = PendingOutput::create(&path).unwrap().keep_unchecked();
            let name = kept.file_name().unwrap().to_string_lossy().into_owned();
            assert!(
                name.starts_with("ää") && name.contains(".unchecked"),
                "{name}"
            );
            assert!(kept.exists());
        }
        assert_eq!(names(dir.path()).len(), 2);
    }
}
