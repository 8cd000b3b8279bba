//! The list of outputs that a job has committed. If the process is killed between the first rename and the end of the
//! job, some outputs are already in place.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Name of the list in the job folder.
pub(super) const NAME: &str = "committed.json";

/// A complete output file, identified by size and inode so that renaming does not matter.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Committed {
    /// Its file name after the rename.
    output: String,
    bytes: u64,
    /// The inode, which does not change when the file is renamed.
    inode: u64,
}

impl Committed {
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

/// The content of the list for `files`: pairs of an output's final path and its complete file.
///
/// # Errors
/// If the size and inode of a file cannot be read.
pub(super) fn describe(files: &[(&Path, &Path)]) -> std::io::Result<Vec<u8>> {
    let committed = files
        .iter()
        .map(|(output, file)| Committed::of(output, file));
    let committed: Vec<Committed> = committed.collect::<std::io::Result<_>>()?;
    Ok(serde_json::to_vec_pretty(&committed)?)
}

/// Whether the output at `path` was made by the job whose folder is `work`.
pub(super) fn is_ours(work: &Path, path: &Path) -> bool {
    let read = || {
        let committed: Vec<Committed> =
            serde_json::from_slice(&std::fs::read(work.join(NAME)).ok()?).ok()?;
        let found = Committed::of(path, path).ok()?;
        Some(committed.contains(&found))
    };
    read().unwrap_or(false)
}
