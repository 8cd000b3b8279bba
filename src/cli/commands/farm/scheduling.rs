//! `aquatint submit` and `aquatint cancel`.

use std::num::NonZeroUsize;

use super::super::super::args::{CancelJob, Submit};
use super::super::super::console::Console;
use super::super::super::problem::{IO, Problem, UNAVAILABLE, USAGE};
use super::super::print;
use crate::farm::{self, Engine, FarmError, Request, Volume, job_status};
use crate::render::{TaskJob, in_ranges};

/// Gives the tasks of a job that are missing to a scheduler.
pub fn submit(args: &Submit, console: &Console) -> Result<u8, Problem> {
    let job = TaskJob::open(&args.job)?;
    let status = job_status(&job)?;
    if status.missing.is_empty() && status.done < status.tasks {
        let running: Vec<usize> = status.running.iter().map(|task| task.task).collect();
        return print(&format!(
            "nothing is missing: {} run\n",
            in_ranges(&running)
        ))
        .map(|()| 0);
    }
    if status.missing.is_empty() {
        return print(&format!(
            "all tasks are done: `aquatint stitch {}` joins them\n",
            args.job.display()
        ))
        .map(|()| 0);
    }
    let engine = Engine::from(args.scheduler);
    let request = Request {
        parallel: args.parallel.map(NonZeroUsize::get),
        program: args.program.clone(),
        time_limit: args.time_limit.clone(),
        cpus: args.cpus.map(NonZeroUsize::get),
        image: args.image.clone(),
        volume: args.volume.as_deref().map(volume_of).transpose()?,
        ..Request::new(&job, status.missing)
    };
    refuse_what_has_no_meaning(args, engine)?;
    let here = std::env::current_exe().unwrap_or_else(|_| "aquatint".into());
    let files = farm::prepare(engine, &request, &here.to_string_lossy())?;
    if args.dry_run {
        print(&files.text(job.place()))?;
        return Ok(0);
    }
    if let Some(out) = &args.out {
        std::fs::write(out, files.main()).map_err(|error| {
            Problem::new(
                IO,
                format!("{} cannot be written: {error}", out.display()),
                "",
            )
        })?;
        return Ok(0);
    }
    let tasks = in_ranges(&request.missing);
    console.remark(&format!("{}: tasks {tasks}", engine.name()));
    match farm::submit(engine, &files, job.place())? {
        Some(submitted) if submitted.ids.is_empty() => {}
        Some(submitted) => print(&(submitted.ids.join("\n") + "\n"))?,
        None => console.remark(&format!(
            "what {} is given is in {}; `aquatint help farm` says where to put it",
            engine.name(),
            job.place().join("farm").display()
        )),
    }
    Ok(0)
}

/// Refuses flags that the scheduler has no use for.
fn refuse_what_has_no_meaning(args: &Submit, engine: Engine) -> Result<(), Problem> {
    use Engine::{Kubernetes, OpenJd, Shell, Slurm};
    let flags = [
        (
            args.parallel.is_some(),
            "--parallel",
            &[Shell, Slurm, Kubernetes][..],
        ),
        (
            args.program.is_some(),
            "--program",
            &[Shell, Slurm, OpenJd, Kubernetes],
        ),
        (args.time_limit.is_some(), "--time-limit", &[Slurm]),
        (args.cpus.is_some(), "--cpus", &[Slurm, OpenJd, Kubernetes]),
        (args.image.is_some(), "--image", &[Kubernetes]),
        (args.volume.is_some(), "--volume", &[Kubernetes]),
    ];
    let unused = flags
        .into_iter()
        .find(|(given, _, engines)| *given && !engines.contains(&engine));
    match unused {
        Some((_, flag, _)) => Err(Problem::new(
            USAGE,
            format!("{flag} means nothing for {}", engine.name()),
            "leave it out, or write it into what `--out FILE` gives",
        )),
        None => Ok(()),
    }
}

fn volume_of(text: &str) -> Result<Volume, Problem> {
    let volume = text.split_once(':').map(|(claim, path)| Volume {
        claim: claim.to_owned(),
        path: path.into(),
    });
    let is_whole = |volume: &Volume| !volume.claim.is_empty() && volume.path.is_absolute();
    volume.filter(is_whole).ok_or_else(|| {
        Problem::new(
            USAGE,
            format!("--volume {text} is no claim and path"),
            "write --volume CLAIM:PATH, for example films:/mnt/films",
        )
    })
}

/// Takes back what was submitted.
pub fn cancel(args: &CancelJob, console: &Console) -> Result<u8, Problem> {
    let job = TaskJob::open(&args.job)?;
    let cancelled = farm::cancel(job.place())?;
    if cancelled.is_empty() {
        console.remark("nothing of this job is in a queue that aquatint knows of");
    }
    for jobs in cancelled {
        print(&format!("{}: {}\n", jobs.scheduler, jobs.ids.join(" ")))?;
    }
    Ok(0)
}

impl From<FarmError> for Problem {
    fn from(error: FarmError) -> Self {
        let what = error.to_string();
        match error {
            FarmError::Usage { advice, .. } => Self::new(USAGE, what, advice),
            FarmError::Write { .. } => Self::new(
                IO,
                what,
                "check that there is room, and that it may be written to",
            ),
            FarmError::NoClient { program, .. } => Self::new(
                UNAVAILABLE,
                what,
                format!("run this where {program} is, or submit the files by hand"),
            ),
            FarmError::Client { .. } => Self::new(
                UNAVAILABLE,
                what,
                "its files are in JOB/farm: correct them, and submit them by hand, or try again",
            ),
            FarmError::Job(error) => error.into(),
        }
    }
}
