//! `aquatint status` and `aquatint logs`.

use std::fmt::Write as _;
use std::path::Path;

use super::super::super::args::{Logs, Status};
use super::super::super::problem::{NO_INPUT, Problem};
use super::super::{print, print_json};
use crate::farm::{JobStatus, job_status};
use crate::render::{TaskJob, attempts, in_ranges, task_numbers};

/// The most failed tasks that are listed; JSON has all.
const LISTED: usize = 20;

/// Says how far a job is.
pub fn status(args: &Status) -> Result<u8, Problem> {
    let job = TaskJob::open(&args.job)?;
    let status = job_status(&job)?;
    match args.json {
        true => print_json(&status)?,
        false => print(&words(&status, &args.job))?,
    }
    Ok(0)
}

fn words(status: &JobStatus, job: &Path) -> String {
    let outputs: Vec<String> = status
        .outputs
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let mut text = format!(
        "{}: {} of {} tasks are done\n",
        outputs.join(", "),
        status.done,
        status.tasks
    );
    // Writing to a string does not fail.
    for task in &status.running {
        let of = task
            .frames
            .map_or(String::new(), |frames| format!(" of {frames}"));
        let _ = writeln!(
            text,
            "running  task {} on {} ({}): frame {}{of}, {:.1} fps",
            task.task,
            task.host,
            task.device.as_deref().unwrap_or("starting"),
            task.frame,
            task.fps
        );
    }
    for task in status.failed.iter().take(LISTED) {
        let _ = writeln!(
            text,
            "failed   task {} on {}, attempt {}: {}{}",
            task.task,
            task.host,
            task.attempts,
            task.why,
            match task.again {
                true => "; may succeed when it is tried again",
                false => "",
            }
        );
    }
    if status.failed.len() > LISTED {
        let _ = writeln!(text, "         and {} more", status.failed.len() - LISTED);
    }
    if !status.missing.is_empty() {
        let _ = writeln!(text, "missing  {}", in_ranges(&status.missing));
    }
    if let Some(eta) = status.eta_s {
        let _ = writeln!(
            text,
            "left     about {:.0} min at this speed",
            (eta / 60.0).ceil()
        );
    }
    if status.done == status.tasks {
        let _ = writeln!(
            text,
            "all are rendered: `aquatint stitch {}` joins them",
            job.display()
        );
    }
    text
}

/// Prints the logs of a task, the earliest first.
pub fn logs(args: &Logs) -> Result<u8, Problem> {
    let job = TaskJob::open(&args.job)?;
    task_numbers(&args.task.to_string(), job.tasks())?;
    let all = attempts(job.place());
    let of_task: Vec<_> = all
        .iter()
        .filter(|attempt| attempt.tasks.contains(&args.task))
        .collect();
    if of_task.is_empty() {
        return Err(Problem::new(
            NO_INPUT,
            format!("no process has begun task {}", args.task),
            "`aquatint status JOB` says how far the job is",
        ));
    }
    let mut text = String::new();
    for attempt in of_task {
        let path = job.place().join(&attempt.log);
        let _ = writeln!(text, "# {}", path.display());
        match std::fs::read_to_string(&path) {
            Ok(log) => text.push_str(&log),
            Err(error) => {
                let _ = writeln!(text, "it cannot be read: {error}");
            }
        }
        if let Some(failure) = &attempt.failure {
            let _ = writeln!(text, "ended: {failure}");
        }
    }
    print(&text)?;
    Ok(0)
}
