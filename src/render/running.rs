//! What the processes of this user render now: a small file for each job, which other processes read.
//!
//! A job's file is `ID.json` in the folder `running` of the user's state; `ID.lock` is locked while the job runs, so that the
//! file of a process that was killed is told from that of a running one.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::debug;

use super::event::Event;
use super::job::Job;
use super::job_progress::{Change, JobProgress};
use crate::folders::state_folder;

/// A job is told again after this time.
const EVERY: Duration = Duration::from_secs(1);

/// A job that some process of this user renders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunningJob {
    /// Tells it from others.
    pub id: String,
    pub pid: u32,
    /// Seconds since 1970.
    pub started: u64,
    pub input: PathBuf,
    pub outputs: Vec<PathBuf>,
    /// The [`StoredJob`](super::StoredJob) as JSON, where it is known.
    pub request: Option<Value>,
    #[serde(flatten)]
    pub progress: JobProgress,
}

/// The file of a job that this process renders. It is removed when this is dropped.
pub(super) struct RunningRecord {
    job: RunningJob,
    file: PathBuf,
    lock: PathBuf,
    /// Locked as long as the job runs.
    _locked: File,
    written: Option<Instant>,
}

impl RunningRecord {
    /// Of `job`, whose own name is `name`. `None` where the file cannot be written: a render needs it for nothing.
    pub fn begin(job: &Job, name: &str) -> Option<Self> {
        let folder = running_folder()?;
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.into());
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let pid = std::process::id();
        let job = RunningJob {
            id: format!("{pid}-{name}"),
            pid,
            started: since.map_or(0, |since| since.as_secs()),
            input: absolute(job.input()),
            outputs: job.outputs().map(absolute).collect(),
            request: job.settings.job.request.clone(),
            progress: JobProgress::begin(),
        };
        match Self::create(&folder, job) {
            Ok(record) => Some(record),
            Err(error) => {
                debug!("other processes are not told of this job: {error}");
                None
            }
        }
    }

    fn create(folder: &Path, job: RunningJob) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let lock = folder.join(format!("{}.lock", job.id));
        let locked = File::create(&lock)?;
        locked.lock()?;
        let mut record = Self {
            file: folder.join(format!("{}.json", job.id)),
            job,
            lock,
            _locked: locked,
            written: None,
        };
        record.write()?;
        Ok(record)
    }

    fn write(&mut self) -> std::io::Result<()> {
        let new = self.file.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(&self.job)?)?;
        std::fs::rename(&new, &self.file)?;
        self.written = Some(Instant::now());
        Ok(())
    }

    /// Takes in what happened.
    pub fn hear(&mut self, event: &Event) {
        let due = match self.job.progress.hear(event) {
            Change::Nothing => return,
            Change::Little => self.written.is_none_or(|at| at.elapsed() >= EVERY),
            Change::Much => true,
        };
        if due && let Err(error) = self.write() {
            debug!("other processes are not told how far this job is: {error}");
        }
    }
}

impl Drop for RunningRecord {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next who reads it.
        let _ = std::fs::remove_file(&self.file);
        let _ = std::fs::remove_file(&self.lock);
    }
}

fn running_folder() -> Option<PathBuf> {
    Some(state_folder()?.join("running"))
}

/// The jobs that processes of this user render now, this one's too, the earliest first.
pub fn running_jobs() -> Vec<RunningJob> {
    running_folder().map_or(Vec::new(), |folder| jobs_in(&folder))
}

fn jobs_in(folder: &Path) -> Vec<RunningJob> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let mut jobs: Vec<RunningJob> = files.filter_map(|file| alive(&file)).collect();
    jobs.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    jobs
}

/// The job at `file`, if its process still runs. What a killed process left is removed.
fn alive(file: &Path) -> Option<RunningJob> {
    let lock = file.with_extension("lock");
    let runs = match File::open(&lock).map(|file| file.try_lock_shared()) {
        Ok(Ok(())) => false,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(_) => return None,
        Ok(Err(TryLockError::WouldBlock)) => true,
        Ok(Err(TryLockError::Error(_))) => return None,
    };
    if !runs {
        let _ = std::fs::remove_file(file);
        let _ = std::fs::remove_file(&lock);
        return None;
    }
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_job_is_seen_and_a_killed_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let job = |id: &str| RunningJob {
            id: id.to_owned(),
            pid: 1,
            started: 5,
            input: "/a.mp4".into(),
            outputs: vec!["/b.mp4".into()],
            request: None,
            progress: JobProgress::begin(),
        };
        let mut record = RunningRecord::create(folder.path(), job("1-a")).unwrap();
        record.hear(&Event::Progress {
            frame: 3,
            frames: Some(9),
            fps: 1.5,
            eta_s: Some(4.0),
            output: "/b.mp4".into(),
            input: "/a.mp4".into(),
            gpu: None,
        });
        let seen = jobs_in(folder.path());
        assert_eq!(seen.len(), 1);
        let first = &seen[0].progress;
        assert_eq!((first.stage.as_str(), first.frame), ("rendering", 3));
        // As a process leaves it that is killed: nobody holds the lock.
        std::fs::write(folder.path().join("2-b.lock"), "").unwrap();
        let left = serde_json::to_vec(&job("2-b")).unwrap();
        std::fs::write(folder.path().join("2-b.json"), left).unwrap();
        assert_eq!(jobs_in(folder.path()).len(), 1);
        drop(record);
        assert_eq!(jobs_in(folder.path()), []);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
