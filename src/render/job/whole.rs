//! A job in one piece: everything goes straight into the outputs, under hidden temporary names.

use std::time::Instant;

use super::super::chunks::Memory;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::partial::Partial;
use super::super::pipeline::{self, Lane, Note, Run, To};
use super::super::report::Report;
use super::{Job, Progress, Session};

/// Renders. On any failure nothing is left, neither under the outputs' names nor hidden.
pub(super) fn render(mut job: Job, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
    let compiling = Instant::now();
    let steps = job.plan.as_ref().map(|(plan, _)| plan.steps.len());
    let observed = job.plan.as_ref().is_some_and(|(plan, _)| plan.observed);
    let executor = match job.plan.take() {
        Some((plan, choice)) => Some(choice.executor(&job.library, plan, &job.files)?),
        None => None,
    };
    let spent = compiling.elapsed();
    let device = executor.as_ref().map(|executor| executor.device());
    let mut session = Session::begin(&job, device, tell);
    if let Some(steps) = steps {
        session.compiled(steps, spent);
    }
    let Job {
        origin,
        outputs,
        settings,
        ..
    } = job;
    if outputs.is_empty() {
        return Ok(session.report);
    }
    session.one_by_one("it is rendered in one piece");
    let partials: Vec<Partial> = outputs
        .iter()
        .map(|output| Partial::create(&output.plan.path))
        .collect::<Result<_>>()?;
    let mut progress = Progress::new(&origin.info, &outputs);
    let outcome = pipeline::run(
        Run {
            feed: origin.feed,
            executor,
            header: &origin.header,
            lanes: outputs
                .iter()
                .zip(&partials)
                .map(|(output, partial)| Lane {
                    plan: &output.plan,
                    to: To::File(partial.temporary()),
                    port: output.port,
                })
                .collect(),
            time_base: origin.info.video().time_base,
            start: origin.info.video().start,
            seed: settings.seed,
            observed,
            cancel,
            book: None,
            memory: Memory::default(),
        },
        |note| match note {
            Note::Frame { lane, span } => {
                if let Some(event) = progress.event(lane, span) {
                    session.tell(event);
                }
            }
            Note::Warning(words) => session.say(words),
        },
    )?;
    for event in progress.last() {
        session.tell(event);
    }
    session.spent(&outcome);
    let decoded = outcome.decoded.times;
    for ((output, partial), encoded) in outputs.into_iter().zip(&partials).zip(&outcome.encoded) {
        session.check(output, partial.temporary(), &decoded, encoded)?;
    }
    if cancel.requested() {
        return Err(RenderError::Cancelled);
    }
    for partial in partials {
        partial.commit(settings.existing)?;
    }
    Ok(session.end(&decoded, outcome.decoded.damage))
}
