//! Renders tasks of a job.

use serde::Serialize;

use super::super::chunks::ChunkMade;
use super::super::error::Result;
use super::super::event::{Cancel, Event};
use super::again::may_succeed_later;
use super::attempt::AttemptFile;
use super::open::{Purpose, TaskJob};

/// What is there of tasks that were to be rendered.
#[derive(Clone, Debug, Serialize)]
pub struct TasksMade {
    pub tasks: Vec<usize>,
    /// Their chunks, all of them done.
    pub chunks: Vec<ChunkMade>,
    /// How many chunks were done before.
    pub before: usize,
}

/// Renders the `tasks` of `job`. What is done and whole stays: then this takes a moment. Several processes may render the same
/// task at a time: one of them is too many, and does no harm.
///
/// # Errors
/// Those of rendering; `OtherInput` and `OtherPlan` where this machine would render something else. What is done by then
/// stays, and the next attempt goes on from there.
pub fn render_tasks(
    job: &TaskJob,
    tasks: &[usize],
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<TasksMade> {
    let wanted = job.chunks(tasks);
    if let Some(chunks) = job.made(&wanted) {
        return Ok(TasksMade {
            tasks: tasks.to_vec(),
            before: chunks.len(),
            chunks,
        });
    }
    let file = AttemptFile::begin(job.place(), tasks);
    let log = file.log(job.place());
    let mut work = || -> Result<TasksMade> {
        let (prepared, chunking) = job.job(Purpose::Render)?;
        let mut hear = |event: Event| {
            file.hear(&event);
            tell(event);
        };
        let part = prepared.run_part(chunking, (&wanted, &log), &mut hear, cancel)?;
        file.note(&part.report.retries, &part.report.fallbacks);
        Ok(TasksMade {
            tasks: tasks.to_vec(),
            chunks: part.made,
            before: part.before,
        })
    };
    std::thread::scope(|scope| {
        scope.spawn(|| file.beat());
        let made = work();
        let failure = made.as_ref().err();
        file.end(failure.map(|error| (error, may_succeed_later(error, job.place()))));
        made
    })
}
