//! One process joins a job at a time. Its file says so as long as the process writes it again, so that a process that was
//! killed stands in nobody's way for long.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::chunks::new_file;
use super::super::error::{RenderError, Result};
use super::super::process::{is_alive, this_process};
use super::attempt::time_of_volume;
use crate::media::MediaError;

const NAME: &str = "stitch.lease";
/// A lease that was not renewed for so long has no holder.
const STALE: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    host: String,
    pid: u32,
    name: String,
}

/// The right to join a job, held by this process until it is dropped.
pub(super) struct Lease {
    path: PathBuf,
    end: Option<(std::sync::mpsc::Sender<()>, std::thread::JoinHandle<()>)>,
}

impl Lease {
    /// Takes it for the job in the folder `job`.
    ///
    /// # Errors
    /// `Busy` where another process has it, `Write` where the folder cannot be written to.
    pub fn take(job: &Path) -> Result<Self> {
        let path = job.join(NAME);
        let this = this_process();
        let own = serde_json::to_vec(&Holder {
            host: this.host.clone(),
            pid: this.pid,
            name: this.name.clone(),
        })
        .unwrap_or_default();
        let failed = |error| RenderError::from(MediaError::write(&path, error));
        for first in [true, false] {
            // It has its content as soon as it has its name, which one process can give it.
            let mut file = new_file(".", ".lease").tempfile_in(job).map_err(failed)?;
            file.write_all(&own).map_err(failed)?;
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(Self::renewed(path, own)),
                Err(error) if error.error.kind() != ErrorKind::AlreadyExists => {
                    return Err(failed(error.error));
                }
                Err(_) if first && !is_held(&path, job) => {
                    // Who renames it has it to himself: two that find it stale do not both remove a new one.
                    let stale = job.join(format!("{NAME}.{}", this.name));
                    if std::fs::rename(&path, &stale).is_ok() {
                        let _ = std::fs::remove_file(stale);
                    }
                }
                Err(_) => break,
            }
        }
        Err(RenderError::Busy { path: job.into() })
    }

    fn renewed(path: PathBuf, own: Vec<u8>) -> Self {
        let (sender, ended) = std::sync::mpsc::channel::<()>();
        let file = path.clone();
        let renew = move || {
            while ended.recv_timeout(EVERY) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                // What cannot be written now is written the next time.
                let _ = File::options()
                    .write(true)
                    .open(&file)
                    .and_then(|mut file| file.write_all(&own));
            }
        };
        let thread = std::thread::Builder::new()
            .name("lease".to_owned())
            .spawn(renew);
        Self {
            path,
            end: thread.ok().map(|thread| (sender, thread)),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.end.take() {
            drop(sender);
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether a process still has the lease at `path`.
fn is_held(path: &Path, job: &Path) -> bool {
    let renewed = path.metadata().and_then(|facts| facts.modified());
    let Ok(renewed) = renewed else {
        return false;
    };
    let holder = std::fs::read(path).unwrap_or_default();
    let holder: Option<Holder> = serde_json::from_slice(&holder).ok();
    if let Some(holder) = holder
        && holder.host == this_process().host
    {
        return is_alive(holder.pid);
    }
    let now = time_of_volume(job).unwrap_or_else(std::time::SystemTime::now);
    now.duration_since(renewed).unwrap_or_default() <= STALE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_has_it_until_it_is_gone() {
        let job = tempfile::tempdir().unwrap();
        let lease = Lease::take(job.path()).unwrap();
        assert!(matches!(
            Lease::take(job.path()),
            Err(RenderError::Busy { .. })
        ));
        drop(lease);
        assert_eq!(std::fs::read_dir(job.path()).unwrap().count(), 0);
        // As a process of this machine leaves it that is killed.
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let mut holder = Holder {
            host: this_process().host.clone(),
            pid: child.id(),
            name: "gone".to_owned(),
        };
        let path = job.path().join(NAME);
        std::fs::write(&path, serde_json::to_vec(&holder).unwrap()).unwrap();
        drop(Lease::take(job.path()).unwrap());
        // Of a process of another machine, only time tells.
        holder.host = "another".to_owned();
        std::fs::write(&path, serde_json::to_vec(&holder).unwrap()).unwrap();
        assert!(matches!(
            Lease::take(job.path()),
            Err(RenderError::Busy { .. })
        ));
        let long_ago = std::time::SystemTime::now() - 2 * STALE;
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
        drop(Lease::take(job.path()).unwrap());
    }
}
