//! Sees that files of a style have changed. It asks the file system, which works on every platform and over networks.

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// Files that are looked at in the folders of styles. A folder with more is not one of a style.
const MOST: usize = 4096;
/// How deep folders are looked into.
const DEPTH: usize = 6;
/// A change is over where nothing changes from one look to the next; so many looks are waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(15);
const MOST_LOOKS: u32 = 20;

/// The state of a file: when it was changed, and its length.
type Stamp = (PathBuf, Option<SystemTime>, u64);

/// Files, and how they were when they were last looked at.
#[derive(Debug, Default)]
pub(super) struct Watched {
    roots: Vec<PathBuf>,
    stamps: Vec<Stamp>,
}

impl Watched {
    /// The files in the folders `roots`, or those files themselves, as they are now.
    pub fn new(roots: Vec<PathBuf>) -> Self {
        let stamps = stamps(&roots);
        Self { roots, stamps }
    }

    /// Whether there is nothing to watch.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Whether a file came, went or changed since this was last asked. Where one did, this returns when nothing changes any
    /// more, so that no file is read while it is written: after a fraction of a second at most.
    pub fn changed(&mut self) -> bool {
        let mut now = stamps(&self.roots);
        let changed = now != self.stamps;
        for _ in 0..if changed { MOST_LOOKS } else { 0 } {
            sleep(BETWEEN_LOOKS);
            let later = stamps(&self.roots);
            if later == now {
                break;
            }
            now = later;
        }
        self.stamps = now;
        changed
    }
}

fn stamps(roots: &[PathBuf]) -> Vec<Stamp> {
    let mut found = Vec::new();
    for root in roots {
        collect(root, 0, &mut found);
    }
    found.sort();
    found
}

fn collect(path: &Path, depth: usize, found: &mut Vec<Stamp>) {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'));
    if found.len() >= MOST || depth > DEPTH || (hidden && depth > 0) {
        return;
    }
    // What cannot be read is as if it were not there; loading says why.
    let Ok(about) = path.metadata() else { return };
    if about.is_file() {
        found.push((path.to_owned(), about.modified().ok(), about.len()));
        return;
    }
    for entry in path.read_dir().into_iter().flatten().flatten() {
        collect(&entry.path(), depth + 1, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_being_written_is_one_change() {
        let folder = tempfile::tempdir().unwrap();
        let kernel = folder.path().join("k.wgsl");
        std::fs::write(&kernel, "before").unwrap();
        let mut watched = Watched::new(vec![folder.path().to_owned()]);
        let written = kernel.clone();
        let (begun, wait) = std::sync::mpsc::channel();
        let writer = std::thread::spawn(move || {
            std::fs::write(&written, "").unwrap();
            begun.send(()).unwrap();
            for length in 1..=8 {
                sleep(BETWEEN_LOOKS / 3);
                std::fs::write(&written, "x".repeat(length)).unwrap();
            }
        });
        wait.recv().unwrap();
        assert!(watched.changed());
        writer.join().unwrap();
        assert!(!watched.changed(), "it was complete");
    }

    #[test]
    fn changes_of_files_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let kernel = folder.path().join("mine").join("k.wgsl");
        std::fs::create_dir(kernel.parent().unwrap()).unwrap();
        std::fs::write(&kernel, "one").unwrap();
        let mut watched = Watched::new(vec![folder.path().to_owned()]);
        assert!(!watched.changed() && !watched.is_empty());
        std::fs::write(&kernel, "other").unwrap();
        assert!(watched.changed());
        assert!(!watched.changed());
        // As editors save: under another name, then renamed.
        let hidden = kernel.with_file_name(".k.wgsl.swp");
        std::fs::write(&hidden, "three").unwrap();
        assert!(!watched.changed(), "hidden files are the editor's own");
        std::fs::rename(&hidden, &kernel).unwrap();
        std::fs::write(kernel.with_file_name("new.wgsl"), "").unwrap();
        assert!(watched.changed());
        std::fs::remove_file(&kernel).unwrap();
        assert!(watched.changed());
    }
}
