//! A job in one piece: everything goes straight into the outputs, under hidden temporary names. Where the device fails
//! it is begun anew, with less under way or on another.

use std::fs::File;
use std::time::Instant;

use super::super::chunks::Memory;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::feed::{Feed, FileFeed};
use super::super::ladder::{ATTEMPTS, Ladder};
use super::super::naming::is_same;
use super::super::pending_output::PendingOutput;
use super::super::pipeline::{self, Lane, Note, Outcome, Run, To};
use super::super::report::Report;
use super::{Job, Progress, Session, open};
use crate::graph::Executor;
use crate::media::MediaError;

/// Renders. On any failure nothing is left, neither under the outputs' names nor hidden.
pub(super) fn render(mut job: Job, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
    let compiling = Instant::now();
    let mut ladder = Ladder::of(job.plan.as_ref());
    let mut executor = job.executor(ladder.as_ref());
    let spent = compiling.elapsed();
    let mut session = Session::begin(&job, device(&executor), tell);
    if let Some((plan, _)) = &job.plan {
        session.compiled(plan.steps.len(), spent);
    }
    if job.outputs.is_empty() {
        return Ok(session.report);
    }
    session.one_by_one("it is rendered in one piece");
    // Should it be read again, another file may have taken its name.
    let input = File::open(job.input()).ok();
    let mut attempt = 1;
    let (outcome, partials) = loop {
        session.report.device = device(&executor);
        let feed = job.origin.feed.take();
        let done = match (executor, feed) {
            (Ok(executor), Some(feed)) => once(&job, feed, executor, &mut session, cancel),
            (Err(error), _) => Err(error),
            (_, None) => Err(RenderError::Stopped),
        };
        let error = match done {
            Ok(done) => break done,
            Err(error) => error,
        };
        if !error.is_of_device() || attempt == ATTEMPTS {
            return Err(error);
        }
        let Some(feed) = again(&job, input.as_ref())? else {
            return Err(error);
        };
        job.origin.feed = Some(feed);
        attempt += 1;
        let device = match (&mut ladder, &job.plan) {
            (Some(ladder), Some((plan, _))) => ladder.step_down(&error, plan),
            _ => None,
        };
        session.again("the render", &error, device);
        executor = job.executor(ladder.as_ref());
    };
    session.spent(&outcome);
    let decoded = outcome.decoded.times;
    let outputs = job.outputs.into_iter().zip(&partials);
    for ((output, partial), encoded) in outputs.zip(&outcome.encoded) {
        session.check(output, partial.temporary(), &decoded, encoded)?;
    }
    if cancel.requested() {
        return Err(RenderError::Cancelled);
    }
    for partial in partials {
        partial.commit(job.settings.existing)?;
    }
    let report = session.end(&decoded, outcome.decoded.damage);
    report.hand_over(job.settings.job.report.as_deref())
}

fn device(executor: &Result<Option<Box<dyn Executor>>>) -> Option<crate::graph::Device> {
    match executor {
        Ok(Some(executor)) => Some(executor.device()),
        _ => None,
    }
}

/// One attempt at all of it.
fn once(
    job: &Job,
    feed: Box<dyn Feed>,
    executor: Option<Box<dyn Executor>>,
    session: &mut Session<'_>,
    cancel: &Cancel,
) -> Result<(Outcome, Vec<PendingOutput>)> {
    let Job {
        origin,
        outputs,
        settings,
        ..
    } = job;
    let partials: Vec<PendingOutput> = outputs
        .iter()
        .map(|output| PendingOutput::create(&output.plan.path))
        .collect::<Result<_>>()?;
    let lanes = outputs.iter().zip(&partials);
    let lanes = lanes.map(|(output, partial)| Lane {
        plan: &output.plan,
        to: To::File(partial.temporary()),
        port: output.port,
    });
    let run = Run {
        feed,
        executor,
        header: &origin.header,
        lanes: lanes.collect(),
        time_base: origin.info.video().time_base,
        start: origin.info.video().start,
        seed: settings.seed,
        observed: job.plan.as_ref().is_some_and(|(plan, _)| plan.observed),
        cancel,
        book: None,
        memory: Memory::default(),
        // Another device may take long for all of it, and this may be the style.
        doubt: false,
    };
    let mut progress = Progress::new(&origin.info, outputs);
    let outcome = pipeline::run(run, |note| match note {
        Note::Frame { lane, span } => {
            if let Some(event) = progress.event(lane, 0, span) {
                session.tell(event);
            }
        }
        Note::Warning(words) => session.say(words),
    })?;
    for event in progress.last() {
        session.tell(event);
    }
    Ok((outcome, partials))
}

/// The input from its beginning; none where it comes once: through a pipe, or generated.
fn again(job: &Job, input: Option<&File>) -> Result<Option<Box<dyn Feed>>> {
    let path = job.input();
    let Some(input) = input.filter(|_| path.is_file() && !job.origin.generated) else {
        return Ok(None);
    };
    if !is_same(input, path) {
        return Err(MediaError::NoInput {
            path: path.into(),
            why: "it is no longer there, or another file took its name".into(),
        }
        .into());
    }
    let source = open(path, &job.settings)?;
    let feed = FileFeed::new(source, job.settings.strict);
    Ok(Some(Box::new(feed)))
}
