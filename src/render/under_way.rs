//! Outputs that are not there yet.

use std::path::Path;

use super::chunks::unfinished;
use super::naming::folder_of;
use super::work_folder::job_folder;

/// What is said of the file at `path`, which is not there, where a render is making it or has left it unfinished; `None` where
/// nothing tells of one.
pub fn under_way(path: &Path) -> Option<String> {
    let name = path.display();
    if let Some(job) = unfinished(&job_folder(path, None)).into_iter().next() {
        let how_far = format!("{} of {} chunks are done", job.done, job.chunks);
        return Some(match job.running {
            true => format!("{name} is still being rendered: {how_far}"),
            false => format!("the render of {name} is not finished: {how_far}"),
        });
    }
    let hidden = format!(".{}.", path.file_name()?.to_string_lossy());
    let entries = std::fs::read_dir(folder_of(path)).ok()?.flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let partial = names.any(|name| name.starts_with(&hidden) && name.ends_with(".partial"));
    partial.then(|| format!("{name} is still being rendered, or was when a render ended"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_file_tells_of_a_render() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mp4");
        assert_eq!(under_way(&path), None);
        std::fs::write(folder.path().join(".out.mp4.123-abcd.partial"), "").unwrap();
        assert!(under_way(&path).unwrap().contains("still being rendered"));
        assert_eq!(under_way(&folder.path().join("other.mp4")), None);
    }
}
