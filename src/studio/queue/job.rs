//! Renders one job of the queue, and notes what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};
use tracing::error;

use super::super::app::App;
use super::super::problem::Problem;
use super::super::store::{JobRow, Outcome, State, StoreError};
use super::request_of;
use super::running::{Heard, Intent, RunningNow};
use super::view::Progress;
use crate::measure::auto::queue_item;
use crate::render::{
    Event, Existing, Failure, Job, JobOutcome, OutputLocation, Queue, QueueItem, QueueListener,
    RenderError, Result, discard, job_folder,
};

/// How long the note of a result waits where it cannot be written.
const TRIES_AGAIN: Duration = Duration::from_secs(2);

/// Renders the job `id`, which is running by now.
pub fn run(app: &App, id: i64, now: &Arc<RunningNow>) {
    let noted = app.store.get(id).and_then(|job| {
        tell(app, id);
        let ended = render(app, &job, now);
        // What is asked from now on is asked of a job that does not run.
        now.end(|intent| {
            loop {
                match note(app, &job, (now, intent), &ended) {
                    Err(error) if is_passing(&error) && !app.is_ending() => {
                        error!("job {id} cannot be noted yet: {error}");
                        std::thread::sleep(TRIES_AGAIN);
                    }
                    noted => return noted,
                }
            }
        })
    });
    if let Err(error) = noted {
        // It is queued again at the next start.
        error!("job {id} cannot be noted: {error}");
    }
    tell(app, id);
}

/// Whether a result may be noted later: the disk is full, or another process writes.
fn is_passing(error: &StoreError) -> bool {
    matches!(error, StoreError::Full { .. } | StoreError::Busy { .. })
}

/// Tells listeners all of a job.
fn tell(app: &App, id: i64) {
    if let Ok(job) = super::view::job(app, id) {
        app.events.tell("job", &job);
    }
}

/// How a job ended.
enum Ended {
    /// With its report; none where its outputs were there already.
    Done(Option<Value>),
    Failed(RenderError),
    Stopped,
}

fn render(app: &App, job: &JobRow, now: &Arc<RunningNow>) -> Ended {
    let report = app.report_file(job.id);
    // An earlier run ended after it was done, and before that was noted.
    if let Some(known) = read_report(&report) {
        return Ended::Done(Some(known));
    }
    match outcome(app, job, now, &report) {
        Ok(JobOutcome::Rendered(rendered)) => Ended::Done(serde_json::to_value(rendered).ok()),
        Ok(JobOutcome::Skipped) => Ended::Done(None),
        Ok(JobOutcome::NotBegun) => Ended::Stopped,
        Ok(JobOutcome::Failed(error)) | Err(error) => match error.failure() {
            Failure::Cancelled => Ended::Stopped,
            _ => Ended::Failed(error),
        },
    }
}

fn read_report(file: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// Where the outputs of a job go.
pub fn location(job: &JobRow) -> OutputLocation {
    serde_json::from_value(job.output.clone()).unwrap_or_default()
}

fn outcome(app: &App, job: &JobRow, now: &Arc<RunningNow>, report: &Path) -> Result<JobOutcome> {
    let mut request = request_of(app, job)?;
    if request.device.is_none() {
        request.device = super::settings::read(&app.store)
            .ok()
            .and_then(|settings| settings.device);
    }
    let library = crate::measure::auto::without_choices(&request).library()?;
    let output = location(job);
    let listener = Listener { app, now };
    let cancel = now.cancel();
    let mut item = queue_item(
        (&request, &library),
        (Path::new(&job.input), &output),
        true,
        &mut |event| listener.event(event),
        &cancel,
    )?;
    item.settings.job.newest = Some(now.newest.clone());
    item.settings.job.report = Some(report.to_owned());
    if item.settings.existing == Existing::Refuse && wrote(job) {
        item.settings.existing = Existing::Replace;
    }
    let items: [QueueItem; 1] = [item];
    let queue = Queue::new(&library, &items, Some(report), 1);
    let outcomes = queue.run(&listener, &cancel);
    Ok(outcomes.into_iter().next().unwrap_or(JobOutcome::NotBegun))
}

/// Whether an earlier run of this attempt, which ended without being noted, wrote what lies under the names of its outputs: it
/// would have been refused to begin otherwise.
fn wrote(job: &JobRow) -> bool {
    let started = job.started.and_then(|at| u64::try_from(at).ok());
    let Some(started) = started.map(Duration::from_millis) else {
        return false;
    };
    let since = |path: &String| {
        let changed = std::fs::metadata(path).and_then(|facts| facts.modified());
        let since = changed.ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(since >= started)
    };
    let there: Vec<bool> = job.outputs.iter().filter_map(since).collect();
    !there.is_empty() && there.into_iter().all(|later| later)
}

/// Notes how a job ended.
fn note(
    app: &App,
    job: &JobRow,
    (now, intent): (&RunningNow, Intent),
    ended: &Ended,
) -> super::super::store::Result<()> {
    let busy = [State::Running, State::Pausing, State::Cancelling];
    match ended {
        Ended::Done(report) => {
            let (outcome, words) = match report {
                Some(report) => (told_by(report.clone()), "done"),
                None => (Outcome::default(), "its outputs were there already"),
            };
            let outputs = outputs_of(&outcome);
            if !outputs.is_empty() {
                app.store.set_outputs(job.id, &outputs)?;
            }
            app.store.set_result(job.id, State::Done, &outcome, words)?;
            // What it says is in the queue now.
            let _ = std::fs::remove_file(app.report_file(job.id));
        }
        Ended::Failed(error) => {
            let problem = Problem::of(error);
            let words = problem.title.clone();
            let outcome = Outcome {
                error: serde_json::to_value(&problem).ok(),
                warnings: now.warnings(),
                ..Outcome::default()
            };
            app.store
                .set_result(job.id, State::Failed, &outcome, &words)?;
        }
        Ended::Stopped => {
            let (to, words) = match intent {
                Intent::Pause | Intent::PauseNow => (State::Paused, "paused"),
                Intent::Cancel { .. } => (State::Cancelled, "cancelled"),
                Intent::GoOn if app.is_ending() => (
                    State::Queued,
                    "the studio ended; it goes on at the next start",
                ),
                // It was resumed after it had been stopped.
                Intent::GoOn => (State::Queued, "stopped, and resumed at once"),
            };
            if intent == (Intent::Cancel { keep: false }) {
                throw_away(app, job);
            }
            app.store.set_state(job.id, &busy, to, words)?;
        }
    }
    Ok(())
}

/// What is noted of a report beside it.
fn told_by(report: Value) -> Outcome {
    let lines = |key: &str| {
        let lines = report.get(key).and_then(Value::as_array);
        let lines = lines.into_iter().flatten().filter_map(Value::as_str);
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let fallbacks = [lines("fallbacks"), lines("degradations")].concat();
    let mut warnings = lines("warnings");
    warnings.retain(|words| !fallbacks.contains(words));
    Outcome {
        report: Some(report),
        warnings,
        fallbacks,
        ..Outcome::default()
    }
}

/// The outputs that a report names, as absolute paths.
fn outputs_of(outcome: &Outcome) -> Vec<String> {
    let report = outcome.report.as_ref();
    let outputs = report.and_then(|report| report.get("outputs")?.as_array());
    let paths = outputs.into_iter().flatten();
    let paths = paths.filter_map(|output| output.get("path")?.as_str());
    paths.map(str::to_owned).collect()
}

/// Throws away the finished chunks of a job, where it has begun, and no other one is to write the same output.
pub fn throw_away(app: &App, job: &JobRow) {
    let other = job
        .outputs
        .first()
        .map(|first| app.store.writer_of(first, Some(job.id)));
    if job.started.is_none() || !matches!(other, None | Some(Ok(None))) {
        return;
    }
    let work_dir = job.request.get("work_dir").and_then(Value::as_str);
    let work_dir = work_dir.map(PathBuf::from);
    if let Some(first) = job.outputs.first() {
        let folder = job_folder(Path::new(first), work_dir.as_deref());
        if let Err(error) = discard(&folder) {
            error!("{} is left: {error}", folder.display());
        }
    }
}

struct Listener<'a> {
    app: &'a App,
    now: &'a Arc<RunningNow>,
}

impl QueueListener for Listener<'_> {
    fn prepared(&self, job: &Job) {
        let outputs = job.outputs().map(|path| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
            path.to_string_lossy().into_owned()
        });
        let outputs: Vec<String> = outputs.collect();
        if outputs.is_empty() {
            return;
        }
        if let Err(error) = self.app.store.set_outputs(self.now.id, &outputs) {
            error!("the outputs of job {} are not noted: {error}", self.now.id);
        }
        tell(self.app, self.now.id);
    }

    fn event(&self, event: Event) {
        match self.now.hear(&event) {
            Heard::Nothing => {}
            Heard::Facts => tell(self.app, self.now.id),
            Heard::Progress => {
                let mut progress = json!(Progress::of(self.now.progress()));
                progress["id"] = json!(self.now.id);
                self.app.events.tell_progress("progress", &progress);
            }
        }
    }

    fn ended(&self, _index: usize, _outcome: &JobOutcome) {}
}
