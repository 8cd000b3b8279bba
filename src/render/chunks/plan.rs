//! The plan of a job in chunks, stored in its folder: where chunks begin, and the identity of the job.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::super::analysis::Analysis;
use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::hex::hex;
use super::super::job::Job;
use super::super::removal::{PLAN as NAME, is_locked};
use super::super::warm_up::frames_needed_before;
use super::super::work_folder::ENDING;
use super::boundaries::{boundaries, boundaries_by_length};
use super::identity::{Identity, Parts};
use super::interim_report::EarlierReport;
use super::job_dir::{ATTEMPTS, JobDir};
use super::scenes::move_to_scenes;
use crate::frame::Rational;
use crate::graph::plan::Plan;
use crate::media::{MediaError, OutputPlan, index};

/// Version of the files in a job folder.
pub(super) const SCHEMA: u32 = 3;

/// The stored plan of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct ChunkPlan {
    pub schema: u32,
    pub(super) identity: Identity,
    /// Seconds per tick of the cuts.
    pub unit: Rational,
    /// Times at which one chunk ends and the next begins. A chunk includes its start and excludes its end.
    pub cuts: Vec<i64>,
    /// Whether decoding may start at a chunk. Otherwise it starts at the beginning of the file, and finished chunks are
    /// skipped.
    pub seekable: bool,
    /// For each cut, whether the chunk after it can be decoded without earlier frames.
    pub entries: Vec<bool>,
    /// For each cut, the time at which decoding starts so that all frames are known that its first frames depend on.
    #[serde(default)]
    pub warm_starts: Vec<i64>,
    /// For each cut, whether a scene begins there, so that nothing is carried across it. Empty where none was looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenes: Vec<bool>,
    /// Whether no frame depends on all frames of its scene before it.
    #[serde(default)]
    pub independent: bool,
    /// Total number of frames, as far as demuxing tells.
    pub frames: u64,
    /// Threads of each encoder. They are stored because the results of some encoders depend on them.
    pub threads: Vec<usize>,
    pub input: String,
    pub outputs: Vec<String>,
    /// The settings of the request, as the caller gave them.
    pub request: Option<Value>,
    /// Where paths lead on machines that mount them elsewhere: what they begin with, and what takes its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<(String, String)>,
    /// What first passes measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
}

/// A job that is rendered in chunks, and its folder.
pub(in super::super) struct Chunking {
    pub(in super::super) plan: ChunkPlan,
    pub(super) place: PathBuf,
    /// The input, held open because its path may be removed or replaced.
    pub(super) input: File,
    /// When the input was written, as this process found it.
    pub(super) modified: Option<SystemTime>,
}

/// Where a plan has the borders of its chunks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Borders {
    /// At key frames, for one process that renders a chunk after the other.
    Even,
    /// At scene cuts, where frames depend on all frames of their scene before them: for processes that each render a part.
    Apart,
}

impl Chunking {
    /// What first passes of an earlier run of the same job measured.
    pub fn analysis(&self) -> Option<Analysis> {
        self.plan.analysis.clone()
    }

    /// Keeps what first passes measured, for runs that continue this one.
    pub fn keep_analysis(&mut self, analysis: Analysis) {
        self.plan.analysis = Some(analysis);
    }

    /// Decides whether `job` is rendered in chunks: if it is longer than one chunk and supports it. If an earlier run
    /// has stored a plan, that plan is continued.
    ///
    /// # Errors
    /// `OtherJob` if the earlier run was a different job, `Busy` if another process is rendering it, and errors when
    /// reading the input.
    pub fn of(job: &mut Job, cancel: &Cancel) -> Result<Option<Self>> {
        let options = job.settings.job.clone();
        let Some(first) = job.outputs.first() else {
            return Ok(None);
        };
        let place = options.folder_of(&first.plan.path);
        let (Some(seconds), None) = (options.chunk, whole_because(job)) else {
            return Ok(None);
        };
        let info = &job.input.info;
        let unit = info.video().time_base;
        let (_, length) = info.rendered();
        if length.is_some_and(|length| unit.seconds(length) <= f64::from(seconds)) {
            return Ok(None);
        }
        if is_locked(&place) {
            return Err(RenderError::Busy { path: place });
        }
        let kept = if options.resume && place.join(NAME).exists() {
            let other = || RenderError::OtherJob {
                output: first.plan.path.clone(),
                differences: vec!["its plan is from another version of aquatint".to_owned()],
            };
            Some(ChunkPlan::read(&place).ok_or_else(other)?)
        } else {
            None
        };
        let opened = Opened::of(job)?;
        let threads = kept
            .as_ref()
            .map_or_else(Vec::new, |kept| kept.threads.clone());
        let pinned = Pinned::of(job, threads);
        let identity = pinned.identity(job, &opened)?;
        let kept = match kept {
            // What is left of a job that is done stands in the way of no other.
            Some(kept) if kept.identity != identity && JobDir::is_done(&place) => {
                let path = place.join(NAME);
                std::fs::remove_file(&path).map_err(|error| MediaError::write(&path, error))?;
                None
            }
            kept => kept,
        };
        let plan = match kept {
            Some(kept) if kept.identity == identity => kept,
            Some(kept) => {
                return Err(RenderError::OtherJob {
                    output: first.plan.path.clone(),
                    differences: kept.identity.differences(&identity),
                });
            }
            None => {
                let threads = pinned.threads.clone();
                let how = (seconds, Borders::Even);
                let made = ChunkPlan::make(job, how, (identity, threads), cancel)?;
                if made.cuts.is_empty() {
                    return Ok(None);
                }
                made
            }
        };
        pinned.apply(job);
        Ok(Some(opened.chunking(plan, place)))
    }

    /// Plans `job` for processes that each render a part of it, in the folder that its settings name.
    ///
    /// # Errors
    /// `Usage` where it cannot be rendered in chunks; errors when reading the input.
    pub fn apart(job: &mut Job, cancel: &Cancel) -> Result<Self> {
        let Some(first) = job.outputs.first() else {
            return Err(RenderError::usage(
                "there is nothing to render: every output exists",
                "leave --skip-existing out, or use -y to replace them",
            ));
        };
        let place = job.settings.job.folder_of(&first.plan.path);
        if let Some(why) = whole_because(job) {
            return Err(RenderError::usage(
                format!(
                    "{} cannot be rendered in parts: {why}",
                    job.input.info.path.display()
                ),
                "`aquatint render` renders it in one piece",
            ));
        }
        let Some(seconds) = job.settings.job.chunk else {
            return Err(RenderError::usage(
                "--chunk none is one piece, and a plan is of parts",
                "leave it out, or give the length of a chunk in seconds",
            ));
        };
        job.know_start()?;
        let opened = Opened::of(job)?;
        let pinned = Pinned::of(job, Vec::new());
        let identity = pinned.identity(job, &opened)?;
        let how = (seconds, Borders::Apart);
        let plan = ChunkPlan::make(job, how, (identity, pinned.threads.clone()), cancel)?;
        pinned.apply(job);
        Ok(opened.chunking(plan, place))
    }

    /// Takes up `plan`, which another process has made, for a part of the same job.
    ///
    /// # Errors
    /// `OtherInput` if the input is another one than that of the plan, `OtherPlan` if anything else differs; errors when
    /// reading the input.
    pub fn taken_up(job: &mut Job, plan: ChunkPlan) -> Result<Self> {
        let place = job.outputs.first().map_or_else(PathBuf::new, |first| {
            job.settings.job.folder_of(&first.plan.path)
        });
        job.know_start()?;
        let opened = Opened::of(job)?;
        let pinned = Pinned::of(job, plan.threads.clone());
        let identity = pinned.identity(job, &opened)?;
        if plan.identity != identity {
            let differences = plan.identity.differences(&identity);
            return Err(match plan.identity.input == identity.input {
                true => RenderError::OtherPlan { place, differences },
                false => RenderError::OtherInput {
                    path: job.input.info.path.clone(),
                    differences,
                },
            });
        }
        pinned.apply(job);
        Ok(opened.chunking(plan, place))
    }
}

/// Why `job` is rendered in one piece however long it is; `None` where it can be rendered in chunks.
fn whole_because(job: &Job) -> Option<String> {
    let info = &job.input.info;
    if job.input.generated {
        return Some("its pictures are generated".to_owned());
    }
    if info.is_image {
        return Some("it consists of pictures".to_owned());
    }
    let pieces = job.outputs.iter().find_map(|output| {
        let why = output.plan.in_one_piece()?;
        Some(format!("of {}, {why}", output.plan.path.display()))
    });
    let no_file = || (!info.path.is_file()).then(|| "it is no file".to_owned());
    pieces.or_else(no_file)
}

/// The input of a job, held open.
struct Opened {
    input: File,
    modified: Option<SystemTime>,
}

impl Opened {
    fn of(job: &Job) -> Result<Self> {
        let path = &job.input.info.path;
        let input = File::open(path).map_err(|error| MediaError::NoInput {
            path: path.clone(),
            why: error.to_string(),
        })?;
        let modified = modified(&input);
        Ok(Self { input, modified })
    }

    fn chunking(self, plan: ChunkPlan, place: PathBuf) -> Chunking {
        Chunking {
            plan,
            place,
            input: self.input,
            modified: self.modified,
        }
    }
}

/// When `file` was written; `None` where the system does not tell.
pub(super) fn modified(file: &File) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

/// The outputs of a job with encoders that give the same bytes in every process.
struct Pinned {
    threads: Vec<usize>,
    outputs: Vec<OutputPlan>,
}

impl Pinned {
    /// Of `job`, with so many threads for each encoder, or, if these are not of its outputs, as many as this machine would
    /// use.
    fn of(job: &Job, threads: Vec<usize>) -> Self {
        let plans = || job.outputs.iter().map(|output| &output.plan);
        let threads = match threads.len() == job.outputs.len() {
            true => threads,
            false => plans()
                .map(|plan| pinned_threads(&plan.video.encoder))
                .collect(),
        };
        let pinned = |(plan, threads): (&OutputPlan, &usize)| {
            let mut plan = plan.clone();
            plan.video.pin(*threads);
            plan
        };
        Self {
            outputs: plans().zip(&threads).map(pinned).collect(),
            threads,
        }
    }

    fn identity(&self, job: &Job, opened: &Opened) -> Result<Identity> {
        let plan = job.plan.as_ref();
        let parts = Parts {
            info: &job.input.info,
            settings: &job.settings,
            library: &job.library,
            plan: plan.map(|(plan, _)| plan),
            measures: &job.measures,
            device: plan.map_or(String::new(), |(_, choice)| job.device_in_words(choice)),
            outputs: self.outputs.iter().collect(),
        };
        Identity::of(&parts, &opened.input)
    }

    fn apply(self, job: &mut Job) {
        for (output, pinned) in job.outputs.iter_mut().zip(self.outputs) {
            output.plan = pinned;
        }
    }
}

/// Number of threads for an encoder: the number it would choose itself. It is fixed because the results of some
/// encoders depend on it.
fn pinned_threads(encoder: &str) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    match encoder {
        // x264's own rule. For x265, the number of frames encoded in parallel.
        "libx264" | "libx264rgb" => (cores * 3 / 2).min(128),
        "libx265" => [4, 8, 16, 32].iter().filter(|&&many| cores >= many).count() + 1,
        _ => cores.min(16),
    }
}

impl ChunkPlan {
    /// Chooses where chunks begin, of about so many seconds each; without cuts, one chunk is enough.
    fn make(
        job: &mut Job,
        (seconds, borders): (u32, Borders),
        (identity, threads): (Identity, Vec<usize>),
        cancel: &Cancel,
    ) -> Result<Self> {
        let info = &job.input.info;
        let unit = info.video().time_base;
        let mut index = index(info, &|| cancel.requested())?;
        if let Some(part) = &info.part {
            index
                .packets
                .retain(|packet| part.range.contains(&packet.pts));
        }
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        let seekable = index.without_time == 0 && index.unreadable == 0;
        if !index.holes.is_empty() {
            let video = info.video_stream;
            if index.without_time == 0 {
                // The file states a length that counts the holes.
                job.input.info.streams[video].frames = Some(index.packets.len() as u64);
            }
            let closed = job.settings.close_gaps;
            let words = index.holes.iter().map(|hole| hole.words(closed));
            job.warnings.extend(words);
        }
        let info = &job.input.info;
        let mut cuts = if index.without_time == 0 {
            boundaries(&index, unit, seconds)
        } else {
            let (start, length) = info.rendered();
            let length = unit.seconds(length.unwrap_or(0));
            boundaries_by_length(start, length, unit, seconds)
        };
        let graph = job.plan.as_ref().map(|(plan, _)| plan);
        let independent = graph.is_none_or(|plan| plan.timing().before.is_some());
        let mut scenes = Vec::new();
        let across = graph.is_some_and(Plan::goes_across_cuts);
        if borders == Borders::Apart && !independent && !across && seekable {
            scenes = move_to_scenes(&mut cuts, job, cancel)?;
        }
        let key = |cut: &i64| {
            let found = index.packets.binary_search_by_key(cut, |packet| packet.pts);
            found.is_ok_and(|at| index.packets[at].key)
        };
        let warmup = graph.and_then(frames_needed_before);
        let warmup = warmup.unwrap_or(0) as usize;
        let warm_start = |cut: &i64| {
            let found = index.packets.partition_point(|packet| packet.pts < *cut);
            let first = index.packets.get(found.saturating_sub(warmup));
            first.map_or(*cut, |packet| packet.pts.min(*cut))
        };
        let warm_starts = cuts.iter().map(warm_start).collect();
        let info = &job.input.info;
        let enters = |cut| seekable && info.is_seekable() && key(cut);
        let entries = cuts.iter().map(enters).collect();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        Ok(Self {
            schema: SCHEMA,
            identity,
            unit,
            entries,
            warm_starts,
            cuts,
            scenes,
            independent,
            seekable,
            frames: index.packets.len() as u64 + index.without_time,
            threads,
            input: text(&info.path),
            outputs: job.outputs().map(text).collect(),
            request: job.settings.job.request.clone(),
            maps: Vec::new(),
            analysis: None,
        })
    }

    /// Whether a scene begins with `chunk`, so that it is rendered as if it were the first.
    pub fn begins_scene(&self, chunk: usize) -> bool {
        let cut = chunk.checked_sub(1);
        cut.is_some_and(|cut| self.scenes.get(cut) == Some(&true))
    }

    /// The times at which the plan has a scene begin.
    pub fn scene_starts(&self) -> impl Iterator<Item = i64> {
        let cuts = self.cuts.iter().zip(&self.scenes);
        cuts.filter(|(_, begins)| **begins).map(|(cut, _)| *cut)
    }

    /// The chunks of each task: a task can be rendered without any other.
    pub fn tasks(&self) -> Vec<Range<usize>> {
        let mut tasks: Vec<Range<usize>> = Vec::new();
        for chunk in 0..self.chunks() {
            match tasks.last_mut() {
                Some(last) if !self.independent && !self.begins_scene(chunk) => last.end += 1,
                _ => tasks.push(chunk..chunk + 1),
            }
        }
        tasks
    }

    /// The device that renders it, in words; empty where none does.
    pub fn device(&self) -> &str {
        &self.identity.device
    }

    /// Number of chunks.
    pub fn chunks(&self) -> usize {
        self.cuts.len() + 1
    }

    /// The time at which a chunk begins; `None` for the first one, which begins with the file.
    pub fn start(&self, chunk: usize) -> Option<i64> {
        self.cuts.get(chunk.checked_sub(1)?).copied()
    }

    /// The time at which decoding starts for `chunk`; earlier frames are not needed.
    pub fn warm_start(&self, chunk: usize) -> Option<i64> {
        let start = self.start(chunk)?;
        Some(
            self.warm_starts
                .get(chunk - 1)
                .map_or(start, |warm| start.min(*warm)),
        )
    }

    /// The chunk that contains the time `pts`.
    pub fn at(&self, pts: i64) -> usize {
        self.cuts.partition_point(|&cut| cut <= pts)
    }

    /// Whether `chunk` can be rendered without the chunks before it and without extra decoding.
    pub fn is_entry(&self, chunk: usize) -> bool {
        chunk
            .checked_sub(1)
            .is_none_or(|cut| self.entries.get(cut) == Some(&true))
    }

    /// A digest that is stored in the records of this job. Records with another digest are not used.
    pub fn digest(&self) -> String {
        let what = serde_json::to_vec(&(
            &self.schema,
            &self.identity,
            &self.unit,
            &self.cuts,
            &self.scenes,
            self.seekable,
        ));
        let mut digest = Sha256::new_with_prefix(what.unwrap_or_default());
        if let Some(analysis) = &self.analysis {
            digest.update(serde_json::to_vec(analysis).unwrap_or_default());
        }
        hex(&digest.finalize())
    }

    /// The plan in a job folder; `None` if there is none or it cannot be read.
    pub fn read(folder: &Path) -> Option<Self> {
        let bytes = std::fs::read(folder.join(NAME)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// # Errors
    /// `Write` if the disk is full or fails.
    pub(super) fn write(&self, folder: &JobDir) -> Result<()> {
        let mut text =
            serde_json::to_vec_pretty(self).map_err(|error| RenderError::CannotCreate {
                path: folder.path().into(),
                why: error.to_string(),
            })?;
        text.push(b'\n');
        folder.write(NAME, &text)
    }
}

/// An unfinished job.
#[derive(Clone, Debug, Serialize)]
pub struct Unfinished {
    pub folder: PathBuf,
    pub input: String,
    pub outputs: Vec<String>,
    /// Number of finished chunks, and of all chunks.
    pub done: usize,
    pub chunks: usize,
    /// Whether a process is rendering it.
    pub running: bool,
    /// The error that ended it; `None` if it was killed or is running.
    pub failure: Option<String>,
    /// The settings of the request, as the caller gave them.
    pub request: Option<Value>,
}

/// The unfinished jobs whose folders are in `place`; or the job whose folder `place` is.
pub fn unfinished(place: &Path) -> Vec<Unfinished> {
    let is_job = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().ends_with(ENDING))
    };
    let mut folders: Vec<PathBuf> = if is_job(&place.to_owned()) {
        vec![place.to_owned()]
    } else {
        let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(is_job).collect()
    };
    folders.sort();
    let job = |folder: PathBuf| {
        // One that several processes render is no render of one, to be resumed.
        if JobDir::is_done(&folder) || folder.join(ATTEMPTS).is_dir() {
            return None;
        }
        let plan = ChunkPlan::read(&folder)?;
        let records = std::fs::read_dir(&folder).ok()?.flatten();
        let done = records.filter(|entry| entry.path().extension().is_some_and(|e| e == "chunk"));
        let running = is_locked(&folder);
        Some(Unfinished {
            done: done.count(),
            chunks: plan.chunks(),
            running,
            failure: EarlierReport::read(&folder).failure.filter(|_| !running),
            input: plan.input,
            outputs: plan.outputs,
            request: plan.request,
            folder,
        })
    };
    folders.into_iter().filter_map(job).collect()
}
