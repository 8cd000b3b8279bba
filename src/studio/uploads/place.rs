//! Giving a file its name without replacing another one.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::name::numbered;

/// The most names that are tried.
const TRIES: u32 = 10_000;

/// Moves the file at `part` to a free name like `name` in `folder`, on the same disk, and gives its path.
pub(super) fn place(part: &Path, folder: &Path, name: &str) -> io::Result<PathBuf> {
    for number in 1..=TRIES {
        let path = folder.join(numbered(name, number));
        match fs::hard_link(part, &path) {
            Ok(()) => {
                // Both names are the same file. A process that ends before this leaves that to the next start.
                let _ = fs::remove_file(part);
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
            // Some disks know no second names.
            Err(_) => match reserve_and_rename(part, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
                placed => return placed.map(|()| path),
            },
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("{TRIES} names like {name:?} are taken"),
    ))
}

/// Takes the name by an empty file, which is then replaced.
fn reserve_and_rename(part: &Path, path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?;
    fs::rename(part, path).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// Whether the file at `part` has got another name already.
#[cfg(unix)]
pub(super) fn has_two_names(part: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::symlink_metadata(part).is_ok_and(|facts| facts.nlink() > 1)
}

/// Whether the file at `part` has got another name already: not known here. At worst, a file is there under two names
/// until the upload expires.
#[cfg(not(unix))]
pub(super) fn has_two_names(_part: &Path) -> bool {
    false
}

/// Writes names of files in `folder` to the disk.
#[cfg(unix)]
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Names are written by the system in its time.
#[cfg(not(unix))]
pub(super) fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_reserved_where_there_are_no_links() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("part"), "new").unwrap();
        fs::write(path("a.mp4"), "old").unwrap();
        let taken = reserve_and_rename(&path("part"), &path("a.mp4")).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(path("a.mp4")).unwrap(), b"old");
        reserve_and_rename(&path("part"), &path("b.mp4")).unwrap();
        assert_eq!(fs::read(path("b.mp4")).unwrap(), b"new");
        assert!(reserve_and_rename(&path("missing"), &path("c.mp4")).is_err());
        assert!(!path("c.mp4").exists());
    }
}
