//! `aquatint resume`: continues renders that were not finished.

use std::fmt::Write;
use std::path::{PathBuf, absolute};

use super::super::args::Resume;
use super::super::console::Console;
use super::super::problem::{NO_INPUT, Problem, TRY_AGAIN, USAGE};
use super::super::signals::Signals;
use super::{print, print_json, render};
use crate::render::{StoredJob, Unfinished, job_folder, unfinished};

pub fn run(args: &Resume, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let jobs = find(args)?;
    if args.json {
        print_json(&jobs)?;
        return Ok(0);
    }
    let mut list = String::new();
    for job in &jobs {
        let state = match &job.failure {
            _ if job.running => "being rendered".to_owned(),
            Some(failure) => format!("ended: {failure}"),
            None => "killed".to_owned(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            list,
            "{}: {} of {} chunks are done (from {}); {state}",
            job.outputs.join(", "),
            job.done,
            job.chunks,
            job.input
        );
    }
    if jobs.is_empty() {
        list.push_str("there are no unfinished renders here\n");
    }
    print(&list)?;
    if args.list {
        return Ok(0);
    }
    let mut first_failure = None;
    for job in &jobs {
        let outcome = resume(job, console, signals);
        match outcome {
            Ok(0) => {}
            Ok(code) => {
                first_failure.get_or_insert(code);
            }
            Err(problem) => {
                console.problem(&problem);
                first_failure.get_or_insert(problem.code);
            }
        }
        if signals.problem().is_some() {
            break;
        }
    }
    Ok(first_failure.unwrap_or(0))
}

/// The unfinished jobs of the outputs and folders that were named.
fn find(args: &Resume) -> Result<Vec<Unfinished>, Problem> {
    let here = [args.work_dir.clone().unwrap_or_else(|| PathBuf::from("."))];
    let places = if args.outputs.is_empty() {
        &here[..]
    } else {
        &args.outputs
    };
    let mut jobs = Vec::new();
    for place in places {
        let place = absolute(place).unwrap_or_else(|_| place.clone());
        let named = !place.is_dir();
        let folder = if named {
            let work_dir = args.work_dir.as_deref().map(absolute).transpose();
            job_folder(&place, work_dir.unwrap_or_default().as_deref())
        } else {
            place.clone()
        };
        let found = unfinished(&folder);
        if named && found.is_empty() {
            return Err(Problem::new(
                NO_INPUT,
                format!("there is no unfinished render of {}", place.display()),
                "`aquatint resume --list FOLDER` shows what there is",
            ));
        }
        jobs.extend(found);
    }
    Ok(jobs)
}

/// Continues a job.
fn resume(job: &Unfinished, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let outputs = job.outputs.join(", ");
    if job.running {
        let what = format!("another process is rendering {outputs}");
        return Err(Problem::new(
            TRY_AGAIN,
            what,
            "wait until it has ended, or stop it",
        ));
    }
    let stored = job.request.clone();
    let stored: Option<StoredJob> = stored.and_then(|value| serde_json::from_value(value).ok());
    match stored {
        Some(stored) => render::resume(stored, console, signals),
        None => Err(Problem::new(
            USAGE,
            format!(
                "the command that rendered {outputs} is not known, or is from another version of aquatint"
            ),
            "give that command again",
        )),
    }
}
