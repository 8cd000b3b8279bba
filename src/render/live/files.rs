//! The files that values of parameters may name: those in the folders of the clip and of the style, and no others.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::error::{RenderError, Result};

/// Endings of look-up tables, pictures and models.
const ENDINGS: [&str; 12] = [
    "cube", "3dl", "csp", "clf", "spi1d", "spi3d", "png", "jpg", "jpeg", "tif", "exr", "onnx",
];
/// More are not listed.
const MOST: usize = 500;

/// Files by the names under which they are chosen.
#[derive(Default)]
pub(super) struct Files(BTreeMap<String, PathBuf>);

impl Files {
    /// The look-up tables, pictures and models in these folders. Of two files of one name, the first is meant.
    pub fn in_folders(folders: impl Iterator<Item = PathBuf>) -> Self {
        let mut files = BTreeMap::new();
        for folder in folders {
            let folder = match folder.as_os_str().is_empty() {
                true => PathBuf::from("."),
                false => folder,
            };
            // A folder that cannot be read offers none.
            let entries = folder.read_dir().into_iter().flatten().flatten();
            for path in entries
                .map(|entry| entry.path())
                .filter(|path| path.is_file())
            {
                let ending = path.extension().unwrap_or_default().to_string_lossy();
                let fits = ENDINGS.contains(&ending.to_ascii_lowercase().as_str());
                let name = path.file_name().unwrap_or_default();
                if fits && files.len() < MOST {
                    let name = name.to_string_lossy().into_owned();
                    files.entry(name).or_insert(path);
                }
            }
        }
        Self(files)
    }

    /// Adds a file by its path.
    pub fn add(&mut self, path: &str) {
        if !path.is_empty() {
            self.0.insert(path.to_owned(), PathBuf::from(path));
        }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// `STYLE.PARAM=VALUE` with the path of the file that its value names, where the parameter is a path (`is_path`).
    ///
    /// # Errors
    /// `Usage` for a file that is not among these, and for a track in a file.
    pub fn resolved(&self, set: &str, is_path: bool) -> Result<String> {
        let Some((param, value)) = set.split_once('=') else {
            return Ok(set.to_owned());
        };
        let value = value.trim();
        if value.starts_with('@') {
            return Err(RenderError::usage(
                format!("{param} names a file with a track, which is not read here"),
                "write the keys themselves, for example 0:0,2s:1",
            ));
        }
        if value.is_empty() || !is_path {
            return Ok(set.to_owned());
        }
        match self.0.get(value) {
            Some(path) => Ok(format!("{param}={}", path.display())),
            None => Err(RenderError::usage(
                format!(
                    "there is no file {value:?} for {param} beside the clip or in the style's folder"
                ),
                "copy it there, or give it with --set when the studio is started",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("Warm.CUBE");
        std::fs::write(&table, "").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        let files = Files::in_folders([folder.path().to_owned()].into_iter());
        assert_eq!(files.names().collect::<Vec<_>>(), ["Warm.CUBE"]);
        let resolved = |set: &str| files.resolved(set, set.starts_with("a.lut="));
        let whole = format!("a.lut={}", table.display());
        assert_eq!(resolved("a.lut=Warm.CUBE").unwrap(), whole);
        assert_eq!(resolved("a.lut=").unwrap(), "a.lut=");
        assert_eq!(resolved("a.amount=0:1,2s:0").unwrap(), "a.amount=0:1,2s:0");
        for wrong in [
            "a.lut=/etc/passwd",
            "a.lut=../Warm.CUBE",
            "a.amount=@/etc/passwd",
        ] {
            assert!(resolved(wrong).is_err(), "{wrong}");
        }
    }
}
