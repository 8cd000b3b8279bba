//! What a process tells of itself while it renders tasks: a file of its own, written again every few seconds. The file stays
//! when the process has ended, and says how.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tracing::debug;

use super::super::error::RenderError;
use super::super::event::Event;
use super::super::process::{is_alive, this_process};
use super::open::{ATTEMPTS, LOGS};

/// Time between two beats.
const EVERY: Duration = Duration::from_secs(5);
/// A process that has not been heard of for so long is gone.
const STALE: Duration = Duration::from_secs(60);

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttemptState {
    Running,
    Done,
    Failed,
    /// It was running when it was last heard of, and is not any more.
    Gone,
}

/// A process that renders tasks, or did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    pub tasks: Vec<usize>,
    pub host: String,
    pub pid: u32,
    /// What renders them.
    pub device: Option<String>,
    /// Seconds since 1970, by the clock of its machine.
    pub started: u64,
    /// Seconds that it has taken so far.
    pub seconds: f64,
    pub state: AttemptState,
    /// Frames of an output that are encoded, and those of all its tasks, where that is known.
    pub frame: u64,
    pub frames: Option<u64>,
    /// Frames per second.
    pub fps: f64,
    /// Seconds to go.
    pub eta_s: Option<f64>,
    /// Its log, in the folder of the job.
    pub log: PathBuf,
    /// Why it failed.
    pub failure: Option<String>,
    /// Whether another attempt may succeed.
    pub again: bool,
    pub warnings: Vec<String>,
    pub retries: Vec<String>,
    pub fallbacks: Vec<String>,
}

/// The file of an attempt of this process.
pub(super) struct AttemptFile {
    path: PathBuf,
    attempt: Mutex<Attempt>,
    ended: Mutex<bool>,
    end: Condvar,
    begun: std::time::Instant,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AttemptFile {
    /// Of this process at `tasks` of the job in the folder `job`.
    pub fn begin(job: &Path, tasks: &[usize]) -> Self {
        let this = this_process();
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let first = tasks.first().copied().unwrap_or_default();
        let name = format!("{first:06}.{}", this.name);
        let file = Self {
            path: job.join(ATTEMPTS).join(format!("{name}.json")),
            attempt: Mutex::new(Attempt {
                tasks: tasks.to_vec(),
                host: this.host.clone(),
                pid: this.pid,
                device: None,
                started: since.map_or(0, |since| since.as_secs()),
                seconds: 0.0,
                state: AttemptState::Running,
                frame: 0,
                frames: None,
                fps: 0.0,
                eta_s: None,
                log: Path::new(LOGS).join(format!("{name}.log")),
                failure: None,
                again: false,
                warnings: Vec::new(),
                retries: Vec::new(),
                fallbacks: Vec::new(),
            }),
            ended: Mutex::new(false),
            end: Condvar::new(),
            begun: std::time::Instant::now(),
        };
        file.write();
        file
    }

    /// The log of the attempt, in the folder `job`.
    pub fn log(&self, job: &Path) -> PathBuf {
        job.join(&lock(&self.attempt).log)
    }

    /// The log of joining the job in the folder `job`.
    pub fn join_log(job: &Path) -> PathBuf {
        let name = format!("stitch.{}.log", this_process().name);
        job.join(LOGS).join(name)
    }

    /// Writes the file again and again until [`Self::end`].
    pub fn beat(&self) {
        let mut ended = lock(&self.ended);
        while !*ended {
            let waited = self.end.wait_timeout(ended, EVERY);
            ended = waited.unwrap_or_else(PoisonError::into_inner).0;
            if !*ended {
                self.write();
            }
        }
    }

    /// Takes in what happened.
    pub fn hear(&self, event: &Event) {
        let mut attempt = lock(&self.attempt);
        match event {
            Event::Start { device, frames, .. } => {
                attempt.device = device.as_ref().map(|device| device.name.clone());
                attempt.frames = *frames;
            }
            Event::Progress {
                frame,
                frames,
                fps,
                eta_s,
                ..
            } => {
                (attempt.frame, attempt.frames) = (*frame, *frames);
                (attempt.fps, attempt.eta_s) = (*fps, *eta_s);
            }
            Event::Warning { message, .. } => attempt.warnings.push(message.clone()),
            _ => {}
        }
    }

    /// Notes what it had to do again, and in another way.
    pub fn note(&self, retries: &[String], fallbacks: &[String]) {
        let mut attempt = lock(&self.attempt);
        attempt.retries = retries.to_vec();
        attempt.fallbacks = fallbacks.to_vec();
    }

    /// The attempt has ended; with an error, and whether another one may succeed.
    pub fn end(&self, failure: Option<(&RenderError, bool)>) {
        {
            let mut attempt = lock(&self.attempt);
            attempt.state = match failure {
                Some(_) => AttemptState::Failed,
                None => AttemptState::Done,
            };
            attempt.eta_s = None;
            attempt.failure = failure.map(|(error, _)| error.summary());
            attempt.again = failure.is_some_and(|(_, again)| again);
        }
        *lock(&self.ended) = true;
        self.end.notify_all();
        self.write();
    }

    /// It is not an error if this fails: the tasks do not depend on it.
    fn write(&self) {
        let mut attempt = lock(&self.attempt);
        attempt.seconds = self.begun.elapsed().as_secs_f64();
        let text = serde_json::to_vec(&*attempt).unwrap_or_default();
        let new = self.path.with_extension("new");
        let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &self.path));
        if let Err(error) = written {
            debug!("{} is not written: {error}", self.path.display());
        }
    }
}

/// The processes that have rendered tasks of the job in the folder `job`, or do, and how long ago each was heard of, the
/// earliest first. Times are those of the volume that holds the folder: clocks of machines may differ.
pub fn attempts(job: &Path) -> Vec<Attempt> {
    let folder = job.join(ATTEMPTS);
    let now = time_of_volume(&folder).unwrap_or_else(SystemTime::now);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let read = |path: PathBuf| -> Option<(SystemTime, Attempt)> {
        if path.extension().is_none_or(|ending| ending != "json") {
            return None;
        }
        let heard = path.metadata().and_then(|facts| facts.modified()).ok()?;
        let mut attempt: Attempt = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        let silent = now.duration_since(heard).unwrap_or_default();
        let is_here = attempt.host == this_process().host;
        if attempt.state == AttemptState::Running
            && (silent > STALE || (is_here && !is_alive(attempt.pid)))
        {
            attempt.state = AttemptState::Gone;
        }
        Some((heard, attempt))
    };
    let mut all: Vec<(SystemTime, Attempt)> =
        entries.filter_map(|entry| read(entry.path())).collect();
    all.sort_by_key(|(heard, _)| *heard);
    all.into_iter().map(|(_, attempt)| attempt).collect()
}

/// What time it is for the volume that holds `folder`; `None` where nothing can be written there.
pub(super) fn time_of_volume(folder: &Path) -> Option<SystemTime> {
    let mut probe = tempfile::Builder::new()
        .prefix(".now")
        .tempfile_in(folder)
        .ok()?;
    probe.write_all(b"now").ok()?;
    probe.as_file().metadata().ok()?.modified().ok()
}
