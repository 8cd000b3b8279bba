//! Creates folders for outputs and removes them if the jobs fail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::{RenderError, Result};

/// Folders created for the outputs of jobs, outermost first. They are removed again if all of the jobs fail.
#[derive(Default)]
pub(super) struct NewFolders(Vec<PathBuf>);

/// The created folders, and the number of jobs that will write there.
static MADE: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

fn made() -> MutexGuard<'static, BTreeMap<PathBuf, usize>> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl NewFolders {
    /// Creates the folder at `path` and its parents, unless they exist.
    pub fn create(path: &Path) -> Result<Self> {
        let mut folders = Self::default();
        let named = |folder: &&Path| !folder.as_os_str().is_empty();
        let all: Vec<&Path> = path.ancestors().take_while(named).collect();
        for folder in all.into_iter().rev() {
            let mut made = made();
            match (made.get_mut(folder), folder.is_dir()) {
                // Another job of the batch has created it.
                (Some(users), true) => *users += 1,
                (None, true) => continue,
                (_, false) => {
                    std::fs::create_dir(folder).map_err(|error| RenderError::CannotCreate {
                        path: folder.into(),
                        why: error.to_string(),
                    })?;
                    made.insert(folder.into(), 1);
                }
            }
            folders.0.push(folder.into());
        }
        Ok(folders)
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        let mut made = made();
        for folder in self.0.iter().rev() {
            let Some(users) = made.get_mut(folder) else {
                continue;
            };
            *users -= 1;
            if *users == 0 {
                made.remove(folder);
                // Only empty folders are removed: outputs, and files of other programs, stay.
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}
