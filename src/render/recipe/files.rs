//! Files that a recipe names.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::error::{RenderError, Result};
use super::super::hex::hex;
use crate::media::MediaError;

/// A file that a recipe names: a look-up table, a picture, a track, a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeFile {
    /// Its name without folders.
    pub name: String,
    /// Of its bytes.
    pub sha256: String,
}

impl RecipeFile {
    /// That of the file at `path`.
    ///
    /// # Errors
    /// `Media` where it cannot be read.
    pub fn of(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| MediaError::Read {
            path: path.into(),
            why: error.to_string(),
        })?;
        Ok(Self {
            name: name_of(path),
            sha256: hex(&Sha256::digest(bytes)),
        })
    }

    /// Where it lies: in the first of `folders` that has a file of its name and content, else in the first that has one of its
    /// name. Also returns whether it has that content.
    ///
    /// # Errors
    /// `Usage` where no folder has one.
    pub fn find(&self, folders: &[&Path]) -> Result<(PathBuf, bool)> {
        let places = folders.iter().map(|folder| folder.join(&self.name));
        let there: Vec<PathBuf> = places.filter(|path| path.is_file()).collect();
        let same = |path: &&PathBuf| Self::of(path).is_ok_and(|found| found.sha256 == self.sha256);
        match (there.iter().find(same), there.first()) {
            (Some(path), _) => Ok((path.clone(), true)),
            (None, Some(path)) => Ok((path.clone(), false)),
            (None, None) => {
                let folders: Vec<String> = folders
                    .iter()
                    .map(|folder| folder.display().to_string())
                    .collect();
                Err(RenderError::usage(
                    format!(
                        "the recipe names the file {} (SHA-256 {}), which is not in {}",
                        self.name,
                        self.sha256,
                        folders.join(", ")
                    ),
                    "name the folder that has it with --files",
                ))
            }
        }
    }
}

/// The name of a file without its folders.
pub fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
