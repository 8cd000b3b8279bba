//! Path of the folder of a job in chunks.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::error::{RenderError, Result};
use super::hex::hex;
use super::naming::{folder_of, shortened};

/// Suffix of job folder names.
pub(super) const ENDING: &str = ".aquatint";
/// The most bytes of the output's name that are used in the folder's name, because file systems allow 255 bytes in all.
const LONGEST: usize = 200;

/// An empty folder that is removed when it is dropped.
///
/// # Errors
/// `CannotCreate`.
pub fn temporary_folder() -> Result<TempDir> {
    tempfile::tempdir().map_err(|error| RenderError::CannotCreate {
        path: std::env::temp_dir(),
        why: error.to_string(),
    })
}

/// The folder of the job whose first output is `output`: hidden beside the output, or in `work_dir`.
pub fn job_folder(output: &Path, work_dir: Option<&Path>) -> PathBuf {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    let short = shortened(&name, LONGEST);
    // If the name was shortened, or the folder is in `work_dir`, a hash of the output's path makes it unique.
    let path = std::path::absolute(output).unwrap_or_else(|_| output.into());
    let digest = hex(&Sha256::digest(path.as_os_str().as_encoded_bytes())[..4]);
    match work_dir {
        Some(folder) => folder.join(format!("{short}.{digest}{ENDING}")),
        None if short.len() == name.len() => folder_of(output).join(format!(".{name}{ENDING}")),
        None => folder_of(output).join(format!(".{short}.{digest}{ENDING}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_folder_lies_hidden_beside_its_output() {
        let folder = job_folder(Path::new("/a/clip.mp4"), None);
        assert_eq!(folder, Path::new("/a/.clip.mp4.aquatint"));
    }

    #[test]
    fn folders_elsewhere_are_told_apart() {
        let work = Path::new("/work");
        let (a, b) = (
            job_folder(Path::new("/a/x.mp4"), Some(work)),
            job_folder(Path::new("/b/x.mp4"), Some(work)),
        );
        assert_ne!(a, b);
        assert!(a.starts_with(work));
        let long = "ä".repeat(120) + ".mp4";
        let name = job_folder(Path::new(&long), None);
        assert!(name.file_name().unwrap().len() < 255);
    }
}
