//! The folders that pages may see, and names of files in them: `ROOT/relative/path`.
//!
//! A name is taken apart by strict rules, and then every link on its way is followed: what is found must lie within
//! the folder of its root. A [`Place`] holds a path without links; whoever opens it by [`Place::open`] does not follow
//! a link that was put there in the meantime.

mod error;
mod list;
mod natural;
mod parts;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use error::{Result, RootsError};
pub use list::{Extensions, Kind};

/// An allowed folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The first part of the names of its files: lower-case letters and digits with `-` between them.
    pub id: String,
    /// The name of the folder.
    pub name: String,
    /// The folder, as a canonical path.
    pub path: PathBuf,
    /// Whether outputs may go there.
    pub writable: bool,
    /// Whether uploads go there, which is so for one root.
    pub uploads: bool,
}

/// A file or folder within a root, or one that may be made there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The id of the root.
    pub root: String,
    /// As a canonical path, without any link.
    pub path: PathBuf,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether outputs may go there.
    pub writable: bool,
}

impl Place {
    /// Opens the file for reading.
    ///
    /// # Errors
    /// [`RootsError::Changed`] where the file, or a folder on the way to it, was replaced since the place was resolved;
    /// [`RootsError::Io`] for what the system refuses.
    pub fn open(&self) -> Result<File> {
        let failed = |source| RootsError::Io {
            file: self.path.display().to_string(),
            source,
        };
        let file = File::open(&self.path).map_err(failed)?;
        // A folder on the way may have become a link: what was opened must be what is now there without one.
        let now = fs::canonicalize(&self.path).map_err(failed)?;
        let (opened, there) = (
            file.metadata().map_err(failed)?,
            fs::symlink_metadata(&self.path).map_err(failed)?,
        );
        match now == self.path && is_same(&opened, &there) {
            true => Ok(file),
            false => Err(RootsError::Changed {
                file: self.path.display().to_string(),
            }),
        }
    }
}

#[cfg(unix)]
fn is_same(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    a.file_type() == b.file_type() && a.len() == b.len()
}

/// All allowed folders.
#[derive(Clone, Debug)]
pub struct Roots {
    roots: Vec<Root>,
}

impl Roots {
    /// Allows `folders`, each with whether outputs may go there, and the folder `uploads`, which is writable. All must
    /// be there. A folder that is given twice is allowed once, and is writable if either is.
    ///
    /// Ids follow from the names of the folders, in their order: `videos`, `videos-2`.
    ///
    /// # Errors
    /// [`RootsError::NoFolder`] for one that is not there or no folder.
    pub fn new(folders: Vec<(PathBuf, bool)>, uploads: PathBuf) -> Result<Self> {
        let mut roots: Vec<Root> = Vec::new();
        let mut ids = HashSet::new();
        let given = folders
            .into_iter()
            .map(|(folder, writable)| (folder, writable, false));
        for (folder, writable, uploads) in given.chain([(uploads, true, true)]) {
            let path = canonical_folder(&folder).map_err(|source| RootsError::NoFolder {
                path: folder,
                source,
            })?;
            if let Some(root) = roots.iter_mut().find(|root| root.path == path) {
                root.writable |= writable;
                root.uploads |= uploads;
                continue;
            }
            let name = match path.file_name() {
                Some(name) => name.to_string_lossy().into_owned(),
                None => path.display().to_string(),
            };
            roots.push(Root {
                id: unique(parts::slug(&name), &mut ids),
                name,
                path,
                writable,
                uploads,
            });
        }
        Ok(Self { roots })
    }

    /// All roots, in the order in which they were given.
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// The root where uploads go.
    pub fn uploads(&self) -> Option<&Root> {
        self.roots.iter().find(|root| root.uploads)
    }

    /// The file or folder that is named `file`.
    ///
    /// # Errors
    /// [`RootsError::BadName`] for a name that is none, [`RootsError::UnknownRoot`], [`RootsError::NotFound`];
    /// [`RootsError::Outside`] where a link leads out of the root, or to something hidden; [`RootsError::Special`] for
    /// what is neither a file nor a folder; and [`RootsError::Io`] for what the system refuses.
    pub fn resolve(&self, file: &str) -> Result<Place> {
        let (root, relative) = self.take_apart(file)?;
        self.follow(root, &root.path.join(relative), file)
    }

    /// Where a file named `file` may be written, which need not be there. Its folder must be.
    ///
    /// # Errors
    /// As of [`Self::resolve`]; [`RootsError::ReadOnly`] for a root that is not writable, [`RootsError::IsFolder`] for
    /// the name of a folder; and [`RootsError::Outside`] also for a link that leads nowhere.
    pub fn resolve_new(&self, file: &str) -> Result<Place> {
        let (root, _) = self.take_apart(file)?;
        let Some((folder, name)) = file.rsplit_once('/') else {
            return Err(RootsError::IsFolder { file: file.into() });
        };
        let folder = self.resolve(folder)?;
        let path = folder.path.join(name);
        let place = match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_folder => Place {
                path,
                is_folder: false,
                ..folder
            },
            // A link that leads nowhere would make a file anywhere.
            Ok(found) if found.is_symlink() && !path.exists() => {
                return Err(RootsError::Outside { file: file.into() });
            }
            _ => self.follow(root, &path, file)?,
        };
        if place.is_folder {
            return Err(RootsError::IsFolder { file: file.into() });
        }
        match place.writable {
            true => Ok(place),
            false => Err(RootsError::ReadOnly {
                file: file.into(),
                root: root.id.clone(),
            }),
        }
    }

    /// The name of the file or folder at `path`, a canonical path, if it lies in a root; in the innermost one, where a
    /// root lies in another. What is hidden, or has no name in Unicode, has none.
    pub fn name_of(&self, path: &Path) -> Option<String> {
        let root = self.innermost(path)?;
        let mut name = root.id.clone();
        for part in path.strip_prefix(&root.path).ok()? {
            name.push('/');
            name.push_str(part.to_str()?);
        }
        parts::check(&name).ok()?;
        Some(name)
    }

    /// The root of the name `file`, and the path within it.
    fn take_apart<'a>(&self, file: &'a str) -> Result<(&Root, PathBuf)> {
        let mut parts = parts::check(file)
            .map_err(|why| RootsError::BadName {
                file: file.chars().take(80).collect(),
                why,
            })?
            .split('/');
        let id: &'a str = parts.next().unwrap_or_default();
        let root = self.roots.iter().find(|root| root.id == id);
        let root = root.ok_or_else(|| RootsError::UnknownRoot { root: id.into() })?;
        Ok((root, parts.collect()))
    }

    /// What is at `path` after all links, which must be within `root`.
    fn follow(&self, root: &Root, path: &Path, file: &str) -> Result<Place> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                RootsError::NotFound { file: file.into() }
            }
            _ => RootsError::Io {
                file: file.into(),
                source,
            },
        };
        let path = fs::canonicalize(path).map_err(failed)?;
        let relative = path.strip_prefix(&root.path);
        if !relative.is_ok_and(|relative| relative.iter().all(parts::is_shown)) {
            return Err(RootsError::Outside { file: file.into() });
        }
        let kind = fs::symlink_metadata(&path).map_err(failed)?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            return Err(RootsError::Special { file: file.into() });
        }
        // A root within another one is written to only if both may be.
        let inner = self.innermost(&path).is_some_and(|root| root.writable);
        Ok(Place {
            root: root.id.clone(),
            path,
            is_folder: kind.is_dir(),
            writable: root.writable && inner,
        })
    }

    fn innermost(&self, path: &Path) -> Option<&Root> {
        let around = self
            .roots
            .iter()
            .filter(|root| path.starts_with(&root.path));
        around.max_by_key(|root| root.path.components().count())
    }
}

fn canonical_folder(folder: &Path) -> io::Result<PathBuf> {
    let path = fs::canonicalize(folder)?;
    match path.is_dir() {
        true => Ok(path),
        false => Err(io::ErrorKind::NotADirectory.into()),
    }
}

/// `id`, or with the first number that makes it differ from all others.
fn unique(id: String, others: &mut HashSet<String>) -> String {
    let mut found = id.clone();
    let mut number = 2;
    while !others.insert(found.clone()) {
        found = format!("{id}-{number}");
        number += 1;
    }
    found
}
