//! One job at a time on each graphics processor: processes wait for each other instead of fighting for its memory.
//!
//! The lock is that of a file in the folder for temporary files, so the system frees it when its holder ends, however it
//! ends. Jobs of one process share it.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tracing::{info, warn};

use super::error::{RenderError, Result};
use super::event::Cancel;
use crate::graph::gpu::AdapterFacts;

/// A wait looks so often whether the lock is free, and whether somebody asked for an end.
const EVERY: Duration = Duration::from_millis(200);
/// The most characters of a command that are shown.
const SHOWN: usize = 120;

/// The lock of a graphics processor, until the last clone is dropped.
pub(super) type GpuLock = Arc<File>;

/// The locks that this process holds, by their files.
static HELD: Mutex<BTreeMap<PathBuf, Weak<File>>> = Mutex::new(BTreeMap::new());

/// Waits until no other process renders on `adapter`, and keeps others from it. `say` is told who holds it. `None` for
/// software adapters, which have no memory of their own, and where no file can be locked.
///
/// # Errors
/// `Cancelled`.
pub(super) fn hold(
    adapter: &AdapterFacts,
    say: &mut dyn FnMut(String),
    cancel: &Cancel,
) -> Result<Option<GpuLock>> {
    if adapter.software {
        return Ok(None);
    }
    let card = adapter.pci.as_ref().or(adapter.uuid.as_ref());
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let card: String = card.unwrap_or(&adapter.name).chars().map(plain).collect();
    let path = std::env::temp_dir().join(format!("aquatint-gpu-{card}.lock"));
    hold_file(&path, &adapter.name, say, cancel)
}

fn hold_file(
    path: &Path,
    name: &str,
    say: &mut dyn FnMut(String),
    cancel: &Cancel,
) -> Result<Option<GpuLock>> {
    let mut said = false;
    loop {
        match try_hold(path) {
            Ok(Some(lock)) => {
                if said {
                    info!("{name} is free");
                }
                return Ok(Some(lock));
            }
            Ok(None) => {}
            Err(error) => {
                let path = path.display();
                warn!("{path} cannot be locked, so other processes may use {name}, too: {error}");
                return Ok(None);
            }
        }
        if !std::mem::replace(&mut said, true) {
            say(format!(
                "{name} is used by {}: waiting for it; --gpu-share renders beside it",
                holder(path)
            ));
        }
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        std::thread::sleep(EVERY);
    }
}

/// The lock, if it is free or this process has it; `None` where another process has it.
fn try_hold(path: &Path) -> io::Result<Option<GpuLock>> {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(lock) = held.get(path).and_then(Weak::upgrade) {
        return Ok(Some(lock));
    }
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Who holds it is a help, and no condition.
    let _ = name_holder(&file);
    let lock = Arc::new(file);
    held.insert(path.to_owned(), Arc::downgrade(&lock));
    Ok(Some(lock))
}

/// The file, which all users of the machine may lock.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    match options.create_new(true).open(path) {
        Ok(file) => {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let _ = file.set_permissions(std::fs::Permissions::from_mode(0o666));
            }
            Ok(file)
        }
        // Another process made it at the same time.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            File::options().read(true).write(true).open(path)
        }
        Err(error) => Err(error),
    }
}

fn name_holder(mut file: &File) -> io::Result<()> {
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let command: String = words.join(" ").chars().take(SHOWN).collect();
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {} ({command})", std::process::id())
}

/// Who holds the lock, in words.
fn holder(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path).and_then(|mut file| file.read_to_string(&mut text));
    let line = text.lines().next().unwrap_or_default();
    match read {
        Ok(_) if line.starts_with("process ") => line.to_owned(),
        _ => "another process".to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::{Child, Command};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A process that holds the lock, as another aquatint would.
    fn holding(path: &Path) -> Child {
        std::fs::write(path, "process 7 (aquatint a.mp4)").unwrap();
        let script = "exec 9<\"$0\"; flock 9; exec sleep 60";
        let child = Command::new("sh").args(["-c", script]).arg(path).spawn();
        let child = child.unwrap();
        // Until it has it.
        while open(path).unwrap().try_lock().is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    #[test]
    fn a_process_waits_for_another_and_says_for_whom() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gpu.lock");
        let mut child = holding(&path);
        let mut said = Vec::new();
        let reason = Arc::new(AtomicUsize::new(0));
        let cancel = Cancel::new(reason.clone());
        // Who waits may stop.
        let ended = hold_file(
            &path,
            "a card",
            &mut |words| {
                said.push(words);
                reason.store(1, Ordering::Relaxed);
            },
            &cancel,
        );
        assert!(matches!(ended, Err(RenderError::Cancelled)));
        assert_eq!(
            said,
            [
                "a card is used by process 7 (aquatint a.mp4): waiting for it; --gpu-share renders beside it"
            ]
        );
        // A holder that is killed holds nothing.
        let mut kill = Vec::new();
        let lock = hold_file(
            &path,
            "a card",
            &mut |words| {
                kill.push(words);
                child.kill().unwrap();
                child.wait().unwrap();
            },
            &Cancel::default(),
        );
        let lock = lock.unwrap().unwrap();
        assert_eq!(kill.len(), 1, "said once");
        let me = format!("process {} (", std::process::id());
        assert!(holder(&path).starts_with(&me), "{}", holder(&path));
        // Other jobs of this process share it; others do not get it before all are done.
        let again = hold_file(&path, "a card", &mut |_| panic!(), &cancel);
        let again = again.unwrap().unwrap();
        assert!(Arc::ptr_eq(&lock, &again));
        drop(lock);
        assert!(open(&path).unwrap().try_lock().is_err());
        drop(again);
        assert!(open(&path).unwrap().try_lock().is_ok());
    }

    #[test]
    fn where_nothing_can_be_locked_nobody_waits() {
        let path = Path::new("/no such folder/gpu.lock");
        let lock = hold_file(path, "a card", &mut |_| panic!(), &Cancel::default());
        assert!(lock.unwrap().is_none());
    }
}
