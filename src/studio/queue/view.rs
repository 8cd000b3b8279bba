//! Jobs as programs and pages see them.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::moments;
use super::super::problem::Answer;
use super::super::store::{JobRow, State};
use crate::render::request::{RenderRequest, StoredJob};
use crate::render::{AUTO, JobProgress, Preset, RunningJob};

/// A job.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Job {
    /// Its number; a negative one is a job of the command line.
    pub id: i64,
    /// `queued`, `running`, `pausing`, `paused`, `cancelling`, `done`, `failed` or `cancelled`.
    pub state: &'static str,
    /// What it is: `render`.
    pub kind: &'static str,
    /// The input as `ROOT/relative/path`; none where it is outside of all allowed folders.
    pub file: Option<String>,
    /// The name of the input.
    pub name: String,
    #[schema(value_type = Object)]
    pub request: Value,
    pub outputs: Vec<Output>,
    /// A higher one is rendered first.
    pub priority: i32,
    /// Its place in the queue, from 1, while it waits.
    pub position: Option<usize>,
    /// `studio`, `api`, `folder:ID` or `command`.
    pub origin: String,
    /// RFC 3339.
    pub created: String,
    pub started: Option<String>,
    pub ended: Option<String>,
    pub attempts: u32,
    /// How far it is, while it runs.
    pub progress: Option<Progress>,
    pub warnings: Vec<String>,
    /// What was done in another way than asked.
    pub fallbacks: Vec<String>,
    /// Why it failed: a problem.
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    /// Whether it can only be looked at: a job of the command line.
    pub read_only: bool,
    /// The command that renders the same, as a shell reads it.
    pub command: String,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Progress {
    /// `preparing`, `analysing`, `rendering`, `joining` or `verifying`.
    pub stage: String,
    /// Frames that are measured, or encoded.
    pub frame: u64,
    pub frames: Option<u64>,
    /// Frames per second.
    pub fps: f64,
    /// Seconds to go.
    pub eta_s: Option<f64>,
    pub chunks: Option<ChunksDone>,
    pub device: Option<String>,
    /// How the card that renders fares.
    #[schema(value_type = Option<Object>)]
    pub gpu: Option<Value>,
}

/// Finished chunks: what a job goes on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChunksDone {
    pub done: usize,
    pub all: usize,
}

impl Progress {
    /// How far a job is, and how the card that renders it fares.
    pub fn of((progress, gpu): (JobProgress, Option<Value>)) -> Self {
        Self {
            stage: progress.stage,
            frame: progress.frame,
            frames: progress.frames,
            fps: progress.fps,
            eta_s: progress.eta_s,
            chunks: progress.chunks.map(|(done, all)| ChunksDone { done, all }),
            device: progress.device,
            gpu,
        }
    }
}

/// An output of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Output {
    /// Its number, from 0.
    pub n: usize,
    /// `ROOT/relative/path`; none where it is outside of all allowed folders.
    pub file: Option<String>,
    pub name: String,
    /// The style that makes it, as it was asked for; none where the input chooses it.
    pub style: Option<String>,
    /// Where it is there.
    pub bytes: Option<u64>,
    pub exists: bool,
}

/// The job `id`.
pub fn job(app: &App, id: i64) -> Answer<Job> {
    let row = app.store.get(id)?;
    let mut jobs = jobs(app, vec![row])?;
    Ok(jobs.remove(0))
}

/// Jobs as they are in the queue.
pub fn jobs(app: &App, rows: Vec<JobRow>) -> Answer<Vec<Job>> {
    let queue = match rows.iter().any(|row| row.state == State::Queued) {
        true => app.store.queue()?,
        false => Vec::new(),
    };
    let position = |id: i64| Some(1 + queue.iter().position(|queued| *queued == id)?);
    Ok(rows
        .into_iter()
        .map(|row| {
            let position = position(row.id);
            of_row(app, row, position)
        })
        .collect())
}

fn of_row(app: &App, row: JobRow, position: Option<usize>) -> Job {
    let running = app.running.get(row.id);
    let input = Path::new(&row.input);
    let request: Option<RenderRequest> = serde_json::from_value(row.request.clone()).ok();
    let styles = request.as_ref().map(styles_of).unwrap_or_default();
    let mut warnings = row.warnings;
    if let Some(running) = &running {
        warnings.extend(running.warnings());
    }
    Job {
        id: row.id,
        state: row.state.name(),
        kind: "render",
        name: name(input),
        command: request.map_or(String::new(), |request| request.command(input)),
        file: (!row.file.is_empty()).then_some(row.file),
        request: row.request,
        outputs: outputs(
            app,
            &styles,
            row.outputs.iter().map(Path::new),
            row.state == State::Done,
        ),
        priority: row.priority,
        position,
        origin: row.origin,
        created: moments::of_millis(row.created),
        started: row.started.map(moments::of_millis),
        ended: row.ended.map(moments::of_millis),
        attempts: row.attempts,
        progress: running.map(|running| Progress::of(running.progress())),
        warnings,
        fallbacks: row.fallbacks,
        error: row.error,
        read_only: false,
    }
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The styles of a request, one for each output; those of its preset, where it names none itself.
fn styles_of(request: &RenderRequest) -> Vec<String> {
    let preset = request.preset.as_deref().filter(|name| *name != AUTO);
    let preset = preset.and_then(|name| Preset::load(name).ok()?.request.style);
    let list = request.style.clone().or(preset);
    let list = list.iter().flat_map(|list| list.split(','));
    list.map(|style| style.trim().to_owned()).collect()
}

fn outputs<'a>(
    app: &App,
    styles: &[String],
    paths: impl Iterator<Item = &'a Path>,
    is_done: bool,
) -> Vec<Output> {
    let output = |(n, path): (usize, &Path)| {
        // What lies there before is of another job.
        let facts = path.metadata().ok().filter(|_| is_done);
        Output {
            n,
            file: app.name_of(path),
            name: name(path),
            style: styles.get(n).cloned(),
            bytes: facts.as_ref().map(std::fs::Metadata::len),
            exists: facts.is_some(),
        }
    };
    paths.enumerate().map(output).collect()
}

/// The jobs that other processes of this user render.
pub fn others(app: &App) -> Vec<Job> {
    let others = app.running.others();
    others.into_iter().map(|job| of_other(app, job)).collect()
}

fn of_other(app: &App, job: RunningJob) -> Job {
    let stored: Option<StoredJob> = job
        .request
        .clone()
        .and_then(|stored| serde_json::from_value(stored).ok());
    let request = stored.as_ref().map(|stored| &stored.request);
    let styles = request.map(styles_of).unwrap_or_default();
    let started = i64::try_from(job.started).unwrap_or(0) * 1000;
    let hash = job.id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    Job {
        id: -1 - i64::from(hash),
        state: State::Running.name(),
        kind: "render",
        file: app.name_of(&job.input),
        name: name(&job.input),
        command: request.map_or(String::new(), |request| request.command(&job.input)),
        request: request
            .and_then(|request| serde_json::to_value(request).ok())
            .unwrap_or_else(|| json!({})),
        outputs: outputs(
            app,
            &styles,
            job.outputs.iter().map(std::path::PathBuf::as_path),
            false,
        ),
        priority: 0,
        position: None,
        origin: "command".to_owned(),
        created: moments::of_millis(started),
        started: Some(moments::of_millis(started)),
        ended: None,
        attempts: 1,
        progress: Some(Progress::of((job.progress, None))),
        warnings: Vec::new(),
        fallbacks: Vec::new(),
        error: None,
        read_only: true,
    }
}
