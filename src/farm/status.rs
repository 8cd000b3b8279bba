//! How far a job is: read from its folder alone, so that it is the same whatever runs the tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use crate::render::{Attempt, AttemptState, Result, TaskJob, attempts};

/// A task that a process renders.
#[derive(Clone, Debug, Serialize)]
pub struct RunningTask {
    pub task: usize,
    pub host: String,
    pub pid: u32,
    pub device: Option<String>,
    /// Frames that are encoded, and those of all tasks of the process, where that is known.
    pub frame: u64,
    pub frames: Option<u64>,
    pub fps: f64,
    /// Seconds to go.
    pub eta_s: Option<f64>,
}

/// A task that is not done, and whose last attempt ended.
#[derive(Clone, Debug, Serialize)]
pub struct FailedTask {
    pub task: usize,
    pub host: String,
    /// What ended it.
    pub why: String,
    /// Whether another attempt may succeed.
    pub again: bool,
    /// Attempts so far.
    pub attempts: usize,
    pub log: PathBuf,
}

/// How far a job is.
#[derive(Clone, Debug, Serialize)]
pub struct JobStatus {
    pub job: PathBuf,
    pub outputs: Vec<PathBuf>,
    pub tasks: usize,
    /// Number of tasks that are done.
    pub done: usize,
    pub running: Vec<RunningTask>,
    pub failed: Vec<FailedTask>,
    /// Tasks that are not done and that no process renders, the failed ones, too.
    pub missing: Vec<usize>,
    /// Seconds until all are rendered, at the speed of those that render now; none where that is not known.
    pub eta_s: Option<f64>,
}

/// How far `job` is.
///
/// # Errors
/// `NoJob` where its folder cannot be read.
pub fn job_status(job: &TaskJob) -> Result<JobStatus> {
    let done = job.done()?;
    let mut of_task: BTreeMap<usize, Vec<Attempt>> = BTreeMap::new();
    for attempt in attempts(job.place()) {
        for &task in attempt.tasks.iter().filter(|task| !done.contains(task)) {
            of_task.entry(task).or_default().push(attempt.clone());
        }
    }
    let mut running = Vec::new();
    let mut failed = Vec::new();
    let mut speeds: BTreeMap<(String, u32), (f64, u64)> = BTreeMap::new();
    for (&task, attempts) in &of_task {
        let runs = attempts
            .iter()
            .rev()
            .find(|attempt| attempt.state == AttemptState::Running);
        if let Some(attempt) = runs {
            let process = (attempt.host.clone(), attempt.pid);
            speeds.insert(process, (attempt.fps, attempt.frame));
            running.push(RunningTask {
                task,
                host: attempt.host.clone(),
                pid: attempt.pid,
                device: attempt.device.clone(),
                frame: attempt.frame,
                frames: attempt.frames,
                fps: attempt.fps,
                eta_s: attempt.eta_s,
            });
            continue;
        }
        let Some(last) = attempts.last() else {
            continue;
        };
        let (why, again) = match (&last.state, &last.failure) {
            (AttemptState::Failed, Some(why)) => (why.clone(), last.again),
            (AttemptState::Gone, _) => ("killed, or its machine is gone".to_owned(), true),
            // What it made is not there any more, or was changed.
            _ => ("what it made is missing, or was changed".to_owned(), true),
        };
        failed.push(FailedTask {
            task,
            host: last.host.clone(),
            why,
            again,
            attempts: attempts.len(),
            log: job.place().join(&last.log),
        });
    }
    let runs: BTreeSet<usize> = running.iter().map(|task| task.task).collect();
    let missing = (0..job.tasks()).filter(|task| !done.contains(task) && !runs.contains(task));
    let open = (0..job.tasks()).filter(|task| !done.contains(task));
    let frames: f64 = open.map(|task| job.task_frames(task)).sum();
    let speed: f64 = speeds.values().map(|(fps, _)| fps).sum();
    let under_way: u64 = speeds.values().map(|(_, frame)| frame).sum();
    Ok(JobStatus {
        job: job.place().to_owned(),
        outputs: job.outputs(),
        tasks: job.tasks(),
        done: done.len(),
        missing: missing.collect(),
        running,
        failed,
        eta_s: (speed > 0.0).then(|| (frames - under_way as f64).max(0.0) / speed),
    })
}
