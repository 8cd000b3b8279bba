//! Plans a job for processes that each render a part of it.

use std::path::Path;

use serde::Serialize;

use super::super::chunks::{ChunkPlan, Chunking, store};
use super::super::describe::likely_bytes;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::job::Job;
use super::super::queue::QueueItem;
use super::super::request::StoredJob;
use super::open::{ATTEMPTS, LOGS, PLAN};
use super::paths::{PathMap, placed, stored, whole};
use crate::graph::plan::Plan;
use crate::graph::style::Library;

/// A task of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct TaskFacts {
    pub task: usize,
    /// Its first and last chunk.
    pub chunks: [usize; 2],
    /// When its first frame is shown, in seconds of the file; 0 for the first task.
    pub start_s: f64,
    /// Why its frames do not depend on a frame before it, but for those that are rendered before it: `file` where it begins
    /// with the file, `scene` where a scene begins, `frames` where each frame depends on a known number of earlier ones.
    pub begins: &'static str,
    /// Seconds of the source before it that are rendered first, because its first frames depend on them.
    pub preroll_s: f64,
}

/// What was planned.
#[derive(Clone, Debug, Serialize)]
pub struct TaskPlan {
    /// The folder of the job.
    pub job: String,
    pub tasks: Vec<TaskFacts>,
    pub chunks: usize,
    /// Frames of the source, as far as its index tells.
    pub frames: u64,
    pub input: String,
    pub outputs: Vec<String>,
    /// What must render it; empty where the planes bypass the graph.
    pub device: String,
    /// Threads of the encoder of each output.
    pub threads: Vec<usize>,
    /// Bytes of all outputs, estimated from their size and encoder. The folder takes as much, too, until it is joined.
    pub likely_bytes: u64,
    /// What people should know.
    pub notes: Vec<String>,
}

/// Plans the job of `item`, whose styles are in `library`, in the folder `place`: it is made, or is empty, or holds the plan of
/// the same job already. First passes are made now. Each path that `maps` name is looked for on other machines as they say.
///
/// # Errors
/// As for rendering it; `Usage` where it cannot be rendered in parts, or the folder holds something else.
pub fn plan_tasks(
    library: &Library,
    item: &QueueItem,
    place: &Path,
    maps: &[PathMap],
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<TaskPlan> {
    let place = &whole(place);
    let known = earlier(place)?;
    if item.settings.still.is_some() {
        return Err(RenderError::usage(
            "one frame is not rendered in parts",
            "leave --frame out, or use `aquatint render`",
        ));
    }
    if item.settings.job.check_executors.is_some() {
        return Err(RenderError::usage(
            "--check-executors compares devices before a render in one process, and a plan has none",
            "render a part with `aquatint render --check-executors N` first, and plan without it",
        ));
    }
    let mut settings = item.settings.clone();
    settings.job.folder = Some(place.clone());
    let mut job = Job::prepare(library, &settings, &item.input, &item.output)?;
    let mut chunking = Chunking::apart(&mut job, cancel)?;
    if let Some(analysis) = job.analyse(tell, cancel)? {
        chunking.keep_analysis(analysis);
    }
    chunking.plan.maps = maps
        .iter()
        .map(|map| [&map.from, &map.to].map(|path| path.to_string_lossy().into_owned()))
        .map(|[from, to]| (from, to))
        .collect();
    name_places(&mut chunking.plan, library, place, maps)?;
    match known {
        Some(known) if known.digest() == chunking.plan.digest() => {}
        Some(_) => {
            return Err(RenderError::usage(
                format!("{} holds the plan of another job", place.display()),
                "name another folder with --job, or remove that one",
            ));
        }
        None => {
            for folder in [place.clone(), place.join(ATTEMPTS), place.join(LOGS)] {
                std::fs::create_dir_all(&folder).map_err(|error| RenderError::CannotCreate {
                    path: folder.clone(),
                    why: error.to_string(),
                })?;
            }
            store(&chunking)?;
        }
    }
    Ok(facts(&job, &chunking.plan, place))
}

/// The plan that is in the folder `place` already; `None` where there is no such folder, or it is empty.
fn earlier(place: &Path) -> Result<Option<ChunkPlan>> {
    if place.join(PLAN).exists() {
        let other = || RenderError::NoJob {
            path: place.into(),
            why: "its plan is from another version of aquatint".to_owned(),
        };
        return ChunkPlan::read(place).ok_or_else(other).map(Some);
    }
    let is_used = std::fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_some());
    match is_used || place.is_file() {
        true => Err(RenderError::usage(
            format!("{} is not empty, and no job", place.display()),
            "name a folder with --job that is not there yet: it is removed when the output is complete",
        )),
        false => Ok(None),
    }
}

/// Names all files of the job as other machines find them.
fn name_places(
    plan: &mut ChunkPlan,
    library: &Library,
    place: &Path,
    maps: &[PathMap],
) -> Result<()> {
    let of = |path: &Path| stored(&whole(path), place, maps);
    let no_text = || {
        RenderError::usage(
            "the plan cannot be stored: a path is no Unicode",
            "rename it",
        )
    };
    let request = plan.request.take().ok_or_else(no_text)?;
    let job: StoredJob = serde_json::from_value(request).map_err(|_| no_text())?;
    let mut output = job.output.clone();
    output.out = output.out.as_deref().map(|out| placed(out, of));
    let job = StoredJob {
        input: of(&job.input),
        output,
        request: job.request.with_paths(library, &of),
        asked: None,
        measures: job.measures,
    };
    plan.request = Some(job.to_json().ok_or_else(no_text)?);
    for path in plan.outputs.iter_mut().chain([&mut plan.input]) {
        *path = of(Path::new(path)).to_string_lossy().into_owned();
    }
    Ok(())
}

fn facts(job: &Job, plan: &ChunkPlan, place: &Path) -> TaskPlan {
    let tasks = plan.tasks();
    let seconds = |ticks: i64| plan.unit.seconds(ticks);
    let task = |(number, chunks): (usize, &std::ops::Range<usize>)| {
        let start = plan.start(chunks.start);
        let warm = plan.warm_start(chunks.start);
        TaskFacts {
            task: number,
            chunks: [chunks.start, chunks.end - 1],
            start_s: start.map_or(0.0, seconds),
            begins: match (start, plan.begins_scene(chunks.start)) {
                (None, _) => "file",
                (_, true) => "scene",
                (_, false) => "frames",
            },
            preroll_s: match (start, warm) {
                (Some(start), Some(warm)) => seconds(start - warm),
                _ => 0.0,
            },
        }
    };
    let bytes = job
        .outputs
        .iter()
        .map(|output| likely_bytes(&job.input.info, &output.plan));
    let mut notes = job.warnings.clone();
    let graph = job.plan.as_ref().map(|(graph, _)| graph);
    if !plan.independent && graph.is_some_and(Plan::goes_across_cuts) {
        notes.push(
            "each frame depends on all before it, across scene cuts, too: there is one task"
                .to_owned(),
        );
    } else if !plan.independent {
        let cuts = plan.cuts.len();
        let scenes = plan.scene_starts().count();
        notes.push(format!(
            "each frame depends on those of its scene before it: {scenes} of {cuts} borders lie at scene cuts, and the chunks between them are rendered one after the other{}",
            match scenes < cuts {
                true => "; with --temporal off, most styles need no such order",
                false => "",
            }
        ));
    }
    if !plan.seekable {
        notes.push(
            "the input can be decoded from its beginning only: every task decodes all before it"
                .to_owned(),
        );
    }
    TaskPlan {
        job: place.to_string_lossy().into_owned(),
        tasks: tasks.iter().enumerate().map(task).collect(),
        chunks: plan.chunks(),
        frames: plan.frames,
        input: plan.input.clone(),
        outputs: plan.outputs.clone(),
        device: plan.device().to_owned(),
        threads: plan.threads.clone(),
        likely_bytes: bytes.sum(),
        notes,
    }
}
