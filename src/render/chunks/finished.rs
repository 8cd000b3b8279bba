//! Which outputs a job has given their names to already, for the moment between the first and its end.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::error::Result;
use super::folder::JobFolder;
use crate::media::MediaError;

const NAME: &str = "finished.json";

/// A complete output, wherever it is called what.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Finished {
    /// Its file name once it is in place.
    output: String,
    bytes: u64,
    /// What stays when a file is renamed.
    inode: u64,
}

impl Finished {
    fn of(output: &Path, file: &Path) -> std::io::Result<Self> {
        let facts = file.metadata()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&facts);
        #[cfg(not(unix))]
        let inode = 0;
        let name = output.file_name().unwrap_or_default();
        Ok(Self {
            output: name.to_string_lossy().into_owned(),
            bytes: facts.len(),
            inode,
        })
    }
}

/// Notes that `files` are about to become the outputs they stand beside.
pub(super) fn write(folder: &JobFolder, files: &[(&Path, &Path)]) -> Result<()> {
    let path = folder.path().join(NAME);
    let finished: std::io::Result<Vec<Finished>> = files
        .iter()
        .map(|(output, file)| Finished::of(output, file))
        .collect();
    let text = finished.and_then(|finished| Ok(serde_json::to_vec_pretty(&finished)?));
    folder.write(
        NAME,
        &text.map_err(|error| MediaError::write(&path, error))?,
    )
}

/// Whether the output at `path` was put there by the job whose folder is `work`.
pub(in super::super) fn is_ours(work: &Path, path: &Path) -> bool {
    let read = || {
        let finished: Vec<Finished> =
            serde_json::from_slice(&std::fs::read(work.join(NAME)).ok()?).ok()?;
        let found = Finished::of(path, path).ok()?;
        Some(finished.contains(&found))
    };
    read().unwrap_or(false)
}
