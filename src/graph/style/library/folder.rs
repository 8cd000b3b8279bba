//! Reads the folders and archives of an author.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::{Content, File, Library, MANIFEST, NO_TEXT, archive, is_text, refused_name};
use crate::graph::style::StyleError;

/// How many folders deep an author's folder or archive is read.
const DEEPEST: usize = 4;

/// Where a comparison with golden pictures leaves what differs, in the folder of a style.
const REPORT: &str = "golden/report/";

/// Whether the file at `path`, which begins in the folder or archive that is read, can belong to a style. Hidden files and
/// what macOS puts beside files do not, nor do reports on golden pictures and what lies deeper than [`DEEPEST`]. The path of
/// a folder ends in `/`.
pub(super) fn is_read(path: &str) -> bool {
    let hidden = |part: &str| part.starts_with('.') || part == "__MACOSX";
    let report = path.starts_with(REPORT) || path.contains(&format!("/{REPORT}"));
    path.matches('/').count() <= DEEPEST && !path.split('/').any(hidden) && !report
}

impl Library {
    /// Adds an author's folder, or a `.zip` of it: one style (it holds `style.toml`) or several (its subfolders do).
    ///
    /// # Errors
    /// `Read` for a folder or archive that cannot be read, `NoStyleIn` where there is no manifest. A file that cannot be
    /// read is an error of the style that needs it.
    pub fn add_path(&mut self, path: &Path) -> Result<(), StyleError> {
        let files = files_of(path)?;
        self.extend(files);
        Ok(())
    }

    /// As [`Self::add_path`], for a folder or archive of one style; its name.
    ///
    /// # Errors
    /// As [`Self::add_path`], and `SeveralStylesIn` where there are several.
    pub fn add_style(&mut self, path: &Path) -> Result<String, StyleError> {
        let files = files_of(path)?;
        let folders = files.keys();
        let folders = folders.filter_map(|file| file.strip_suffix(MANIFEST)?.strip_suffix('/'));
        let mut names: Vec<&str> = folders.filter(|name| !name.contains('/')).collect();
        let name = match (names.pop(), names.is_empty()) {
            (Some(name), true) => name.to_owned(),
            (Some(last), false) => {
                names.push(last);
                return Err(StyleError::SeveralStylesIn {
                    path: path.to_owned(),
                    names: names.into_iter().map(str::to_owned).collect(),
                });
            }
            (None, _) => {
                return Err(StyleError::NoStyleIn {
                    path: path.to_owned(),
                });
            }
        };
        self.extend(files);
        if refused_name(&name).is_some() {
            // It could not be chosen by its name.
            self.load(&name)?;
        }
        Ok(name)
    }
}

/// Whether there is a manifest in the folder or archive.
pub(super) fn has_styles(path: &Path) -> Result<bool, StyleError> {
    match files_of(path) {
        Ok(_) => Ok(true),
        Err(StyleError::NoStyleIn { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The files of a folder or archive, by path in the library.
fn files_of(path: &Path) -> Result<BTreeMap<String, File>, StyleError> {
    let unread = |source| StyleError::Read {
        path: path.to_owned(),
        source,
    };
    let nothing = || StyleError::NoStyleIn {
        path: path.to_owned(),
    };
    let files = if path.is_file() && archive::is_archive(path) {
        archive::read(path).map_err(unread)?
    } else if path.is_file() {
        return Err(nothing());
    } else {
        let mut files = BTreeMap::new();
        let prefix = match path.join(MANIFEST).is_file() {
            true => format!("{}/", folder_name(&path.canonicalize().map_err(unread)?)),
            false => String::new(),
        };
        read_dir(path, "", &prefix, &mut files).map_err(unread)?;
        files
    };
    let is_manifest = |path: &String| path.rsplit('/').next() == Some(MANIFEST);
    if !files.keys().any(is_manifest) {
        return Err(nothing());
    }
    Ok(files)
}

fn folder_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Adds the files in `dir`, whose path in the author's folder is `within`, empty or with a `/` at its end. Their paths in
/// the library begin with `prefix`.
fn read_dir(
    dir: &Path,
    within: &str,
    prefix: &str,
    files: &mut BTreeMap<String, File>,
) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = format!("{within}{}", folder_name(&path));
        if path.is_dir() {
            let folder = format!("{name}/");
            // A folder that may not be entered is no concern of the styles beside it.
            if is_read(&folder) {
                let _ = read_dir(&path, &folder, prefix, files);
            }
        } else if is_read(&name) && path.is_file() {
            let inside = format!("{prefix}{name}");
            let content = match is_text(&inside).then(|| std::fs::read_to_string(&path)) {
                None => Content::OnDisk(path.clone()),
                Some(Ok(text)) => Content::of_text(&inside, text),
                Some(Err(error)) => Content::Unreadable(match error.kind() {
                    io::ErrorKind::InvalidData => NO_TEXT.to_owned(),
                    _ => error.to_string(),
                }),
            };
            let origin = path.display().to_string();
            files.insert(inside, File { content, origin });
        }
    }
    Ok(())
}
