//! `aquatint chunk` and `aquatint stitch`.

use std::path::Path;

use super::super::super::args::{Chunk, Stitch};
use super::super::super::console::Console;
use super::super::super::problem::{Problem, TRY_AGAIN};
use super::super::super::signals::Signals;
use super::super::print;
use crate::render::{
    ChunkMade, RenderError, TaskJob, TasksMade, in_ranges, join_tasks, may_succeed_later,
    render_tasks, task_numbers,
};

/// Renders tasks, and prints what was made.
pub fn chunk(args: &Chunk, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let problem = |error: RenderError| problem_of(&error, &args.job, signals);
    let job = TaskJob::open(&args.job).map_err(problem)?;
    let tasks = numbers(args, job.tasks()).map_err(problem)?;
    let mut tell = |event| console.event(&event);
    let made = render_tasks(&job, &tasks, &mut tell, &signals.cancel());
    console.ended(&job.input());
    print(&words(&made.map_err(problem)?))?;
    Ok(0)
}

/// The tasks that were named.
fn numbers(args: &Chunk, tasks: usize) -> Result<Vec<usize>, RenderError> {
    let Some(among) = &args.among else {
        return task_numbers(&args.tasks, tasks);
    };
    let among = task_numbers(among, tasks)?;
    let places = task_numbers(&args.tasks, among.len())?;
    Ok(places.into_iter().map(|place| among[place]).collect())
}

fn words(made: &TasksMade) -> String {
    let line = |chunk: &ChunkMade| {
        let hashes = chunk.sha256.iter().flatten();
        let hashes: String = hashes.map(|hash| format!(" sha256:{hash}")).collect();
        format!(
            "chunk {}: {} frames, {} bytes{hashes}\n",
            chunk.chunk, chunk.frames, chunk.bytes
        )
    };
    let chunks: String = made.chunks.iter().map(line).collect();
    let before = match made.before {
        0 => String::new(),
        before => format!(", {before} of {} chunks before", made.chunks.len()),
    };
    format!("{chunks}task {} is done{before}\n", in_ranges(&made.tasks))
}

/// Joins the tasks of a job.
pub fn stitch(args: &Stitch, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let problem = |error: RenderError| problem_of(&error, &args.job, signals);
    let job = TaskJob::open(&args.job).map_err(problem)?;
    let mut tell = |event| console.event(&event);
    let report = join_tasks(&job, args.keep_chunks, &mut tell, &signals.cancel());
    console.ended(&job.input());
    report.map_err(problem)?;
    Ok(0)
}

/// The problem for `error`; its exit code says whether another try, here or elsewhere, may help.
fn problem_of(error: &RenderError, job: &Path, signals: &Signals) -> Problem {
    let mut problem = signals.problem_of(error);
    let stopped = matches!(
        error,
        RenderError::Cancelled | RenderError::Interrupted { .. }
    );
    if matches!(error, RenderError::Cancelled) && problem.code == TRY_AGAIN {
        problem.what = "terminated: what was done before stays".to_owned();
    }
    // Whoever stopped it knows; Ctrl-C has a code of its own.
    if !stopped && may_succeed_later(error, job) {
        problem.code = TRY_AGAIN;
    }
    problem
}
