//! Renders a job in a single pass: frames go straight into the outputs, which have hidden temporary names until they
//! are complete. If the device fails, the job is rendered again with fewer frames in flight or on another device.

use std::fs::File;
use std::time::Instant;

use super::device_fallback::{ATTEMPTS, DeviceFallback};
use super::error::{RenderError, Result};
use super::event::{Cancel, Event};
use super::file_sink::FileSink;
use super::file_source::FileSource;
use super::job::{BY_PROCESSOR, Job, JobReporter, Progress, open};
use super::naming::is_same;
use super::pending_output::PendingOutput;
use super::pipeline::{self, FrameSource, Note, Outcome, OutputLane, Run};
use super::report::Report;
use super::turning_sink::turning;
use super::watchdog::WatchedSession;
use super::whole_outputs::{CheckedOutputs, WholeOutput};
use crate::graph::{Executor, Session};
use crate::media::{Decode, MediaError};

/// Renders. After a failure no files are left, neither outputs nor temporary files, unless only the check of an output
/// failed.
pub(super) fn render(mut job: Job, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
    let compiling = Instant::now();
    let mut fallback = DeviceFallback::of(job.plan.as_ref());
    let mut executor = job.executor(fallback.as_ref());
    let spent = compiling.elapsed();
    let mut reporter = JobReporter::begin(&job, device(&executor), tell);
    if let Some((plan, _)) = &job.plan {
        reporter.compiled(plan.steps.len(), spent);
    }
    if job.outputs.is_empty() {
        return Ok(reporter.report);
    }
    reporter.one_by_one("it is rendered in one piece");
    if job.settings.job.keep_chunks {
        reporter.say("there are no chunks to keep: it is rendered in one piece".to_owned());
    }
    // Should it be read again, another file may have taken its name.
    let again_possible = job.input().is_file();
    let input = again_possible
        .then(|| File::open(job.input()).ok())
        .flatten();
    let mut attempt = 1;
    let (outcome, partials) = loop {
        reporter.report.device = device(&executor);
        let source = job.input.source.take();
        let done = match (executor, source) {
            (Ok(executor), Some(source)) => once(&job, source, executor, &mut reporter, cancel),
            (Err(error), _) => Err(error),
            (_, None) => Err(RenderError::Stopped),
        };
        let error = match done {
            Ok(done) => break done,
            Err(error) => error,
        };
        // Whatever failed, the processor decodes the next time.
        let decoder = error.is_of_decoder() && job.settings.decode == Decode::Auto;
        if !(decoder || error.is_of_device()) {
            return Err(error);
        }
        let device = match (&mut fallback, &job.plan) {
            _ if decoder => Some(BY_PROCESSOR.to_owned()),
            (Some(fallback), Some((plan, _))) => fallback.step_down(&error, plan),
            _ => None,
        };
        // Each device is tried, however many there are.
        if attempt >= ATTEMPTS && device.is_none() {
            return Err(error);
        }
        let Some(source) = again(&job, input.as_ref())? else {
            return Err(error);
        };
        job.input.source = Some(source);
        job.input.info.decoder = None;
        reporter.report.input.decoder = None;
        attempt += 1;
        reporter.again("the render", &error, device);
        executor = job.executor(fallback.as_ref());
    };
    reporter.spent(&outcome);
    let decoded = outcome.decoded.times;
    let ports = job.ports();
    let outputs = job.outputs.into_iter().zip(partials);
    let made = outcome.encoded.iter().zip(&outcome.decoded.expected);
    let mut checked = CheckedOutputs::default();
    for ((output, partial), (encoded, expected)) in outputs.zip(made) {
        let check = reporter.check(output, partial.temporary(), &decoded, expected, encoded);
        checked.add(WholeOutput::Pending(partial), check);
    }
    reporter.measured(&job.measures, &outcome.handed_out.measured);
    reporter.metrics(&ports, &outcome.handed_out.numbers);
    if cancel.requested() && !checked.failed() {
        return Err(RenderError::Cancelled);
    }
    checked.commit(job.settings.existing)?;
    let report = reporter.end(&decoded, outcome.decoded.damage)?;
    report.hand_over(job.settings.job.report.as_deref())
}

fn device(executor: &Result<Option<Box<dyn Executor>>>) -> Option<crate::graph::Device> {
    match executor {
        Ok(Some(executor)) => Some(executor.device()),
        _ => None,
    }
}

/// One attempt at the whole render.
fn once(
    job: &Job,
    source: Box<dyn FrameSource>,
    executor: Option<Box<dyn Executor>>,
    reporter: &mut JobReporter<'_>,
    cancel: &Cancel,
) -> Result<(Outcome, Vec<PendingOutput>)> {
    let Job {
        input,
        outputs,
        settings,
        ..
    } = job;
    let partials: Vec<PendingOutput> = outputs
        .iter()
        .map(|output| PendingOutput::create(&output.plan.path))
        .collect::<Result<_>>()?;
    let lanes = outputs.iter().zip(&partials);
    let lanes = lanes.map(|(output, partial)| OutputLane {
        sink: turning(
            FileSink::new(
                partial.temporary().into(),
                &output.plan,
                &input.header,
                output.carrier(input.info.video().time_base),
            ),
            &output.plan,
        ),
        format: output.plan.frame_format(),
        port: output.port,
        retimings: output.retimings.clone(),
    });
    let (time_base, start) = (input.info.video().time_base, input.info.video().start);
    let session = executor.map(|executor| {
        let session = Session::new(executor, start, settings.seed).with_origin(job.origin);
        // The output is not checked: rendering all of it on another device may take long, and the style may be the
        // cause.
        WatchedSession::new(session, time_base, false).measured(
            settings.job.metrics.as_ref(),
            input.info.pictures().frame_rate,
        )
    });
    let run = Run {
        source,
        session,
        lanes: lanes.collect(),
        time_base,
        start: job.origin.or(start),
        cancel,
        on_chunk_end: Box::new(|_| Ok(())),
        wanted: job.wanted.clone().unwrap_or(i64::MIN..i64::MAX),
        gpu: job.gpu(),
        newest: settings.job.newest.clone(),
    };
    let mut progress = Progress::new(&input.info, outputs).watching(job.gpu());
    let outcome = pipeline::run(run, |note| match note {
        Note::Frame { lane, span } => {
            if let Some(event) = progress.event(lane, 0, span) {
                reporter.tell(event);
            }
        }
        Note::Warning(words) => reporter.say(words),
    })?;
    for event in progress.last() {
        reporter.tell(event);
    }
    Ok((outcome, partials))
}

/// The input from its beginning; none where it comes once: through a pipe, or generated, or with the frames around a part.
fn again(job: &Job, input: Option<&File>) -> Result<Option<Box<dyn FrameSource>>> {
    let path = job.input();
    let Some(input) =
        input.filter(|_| path.is_file() && !job.input.generated && job.wanted.is_none())
    else {
        return Ok(None);
    };
    if !is_same(input, path) {
        return Err(MediaError::NoInput {
            path: path.into(),
            why: "it was removed, or replaced by another file".into(),
        }
        .into());
    }
    let source = open(path, &job.settings)?;
    let source = FileSource::new(source, job.settings.strict);
    Ok(Some(Box::new(source)))
}
