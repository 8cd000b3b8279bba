//! `aquatint resume`: what was begun and not finished.

use std::fmt::Write;
use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::args::{Given, Render, Resume};
use super::super::console::Console;
use super::super::problem::{CANNOT_CREATE, NO_INPUT, Problem, TRY_AGAIN, USAGE};
use super::super::signals::Signals;
use super::{print, print_json, render};
use crate::render::{OutputLocation, Unfinished, job_folder, unfinished};

/// What is kept of a command with the job, so that it can be given again.
#[derive(Serialize, Deserialize)]
struct Request {
    /// Where relative paths in it begin.
    directory: PathBuf,
    render: Render,
    given: Given,
}

/// The part of a command that is about one input; none where it cannot be written down.
pub fn request(
    args: &Render,
    given: &Given,
    input: &Path,
    target: &OutputLocation,
) -> Option<Value> {
    let mut render = Render {
        inputs: vec![absolute(input).ok()?],
        also: Vec::new(),
        list: Vec::new(),
        ..args.clone()
    };
    render.long.no_resume = false;
    if target.shared {
        render.report = None;
        // The folder that several inputs share, said so that one input takes it for a folder, too.
        let folder = render.output.map(|folder| folder.join(&target.below));
        render.output = folder.map(|folder| folder.join(""));
    }
    let request = Request {
        directory: std::env::current_dir().ok()?,
        render,
        given: given.clone(),
    };
    serde_json::to_value(request).ok()
}

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
            None => "ended by force".to_owned(),
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
        list.push_str("nothing is unfinished here\n");
    }
    print(&list)?;
    if args.list {
        return Ok(0);
    }
    let mut first_failure = None;
    for job in &jobs {
        let outcome = go_on(job, console, signals);
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

/// The jobs that are meant.
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

/// Gives the job's command again.
fn go_on(job: &Unfinished, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let outputs = job.outputs.join(", ");
    if job.running {
        let what = format!("another process is at {outputs}");
        return Err(Problem::new(
            TRY_AGAIN,
            what,
            "wait until it has ended, or end it",
        ));
    }
    let request = job.request.clone();
    let request: Option<Request> = request.and_then(|value| serde_json::from_value(value).ok());
    let Some(request) = request else {
        return Err(Problem::new(
            USAGE,
            format!("it is not known by which command {outputs} was begun"),
            "give that command again",
        ));
    };
    std::env::set_current_dir(&request.directory).map_err(|error| {
        let folder = request.directory.display();
        let what = format!("cannot go to {folder}, where {outputs} was begun: {error}");
        Problem::new(
            CANNOT_CREATE,
            what,
            "give the command again from another folder",
        )
    })?;
    render::run(&request.render, &request.given, console, signals)
}
