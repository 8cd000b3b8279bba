//! Reads the folders of an author.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::{Content, File, Library, MANIFEST};
use crate::graph::style::StyleError;

/// How many folders deep a style's folder is searched.
const DEEPEST: usize = 4;

/// Endings of the files that are read as text.
const TEXTS: [&str; 3] = [".wgsl", ".toml", ".cube"];

impl Library {
    /// Adds an author's folder: one style (it holds `style.toml`) or several (its subfolders do).
    ///
    /// # Errors
    /// `Read` for a folder that cannot be read, `NoStyleIn` where there is no manifest. A file in it that cannot be read is an
    /// error of the style that needs it.
    pub fn add_path(&mut self, dir: &Path) -> Result<(), StyleError> {
        let prefix = if dir.join(MANIFEST).is_file() {
            let dir = dir.canonicalize().map_err(|source| StyleError::Read {
                path: dir.to_owned(),
                source,
            })?;
            dir.file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        } else {
            String::new()
        };
        let nothing = || StyleError::NoStyleIn {
            path: dir.to_owned(),
        };
        if dir.is_file() {
            return Err(nothing());
        }
        let mut files = BTreeMap::new();
        read_dir(dir, &prefix, 0, &mut files).map_err(|source| StyleError::Read {
            path: dir.to_owned(),
            source,
        })?;
        let is_manifest = |path: &String| path.rsplit('/').next() == Some(MANIFEST);
        if !files.keys().any(is_manifest) {
            return Err(nothing());
        }
        self.extend(files);
        Ok(())
    }
}

/// Adds the files in `dir` under their paths in the library, which begin with `prefix`.
fn read_dir(
    dir: &Path,
    prefix: &str,
    level: usize,
    files: &mut BTreeMap<String, File>,
) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let inside = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        if path.is_dir() {
            // A folder that may not be entered is no concern of the styles beside it.
            if level < DEEPEST {
                let _ = read_dir(&path, &inside, level + 1, files);
            }
        } else if TEXTS.iter().any(|ending| inside.ends_with(ending)) {
            let content = match std::fs::read_to_string(&path) {
                Ok(text) => Content::of_text(&inside, text),
                Err(error) => Content::Unreadable(match error.kind() {
                    io::ErrorKind::InvalidData => "it is not text in UTF-8".to_owned(),
                    _ => error.to_string(),
                }),
            };
            let origin = path.display().to_string();
            files.insert(inside, File { content, origin });
        }
    }
    Ok(())
}
