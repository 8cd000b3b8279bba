//! The plan of a job in chunks, stored in its folder: where chunks begin, and the identity of the job.

use std::fs::File;
use std::path::{Path, PathBuf};

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
use super::super::work_folder::{ENDING, job_folder};
use super::boundaries::{boundaries, boundaries_by_length};
use super::identity::{Identity, Parts};
use super::interim_report::EarlierReport;
use super::job_dir::JobDir;
use crate::frame::Rational;
use crate::media::{MediaError, OutputPlan, index};

/// Version of the files in a job folder.
pub(super) const SCHEMA: u32 = 2;

/// The stored plan of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChunkPlan {
    pub schema: u32,
    pub identity: Identity,
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
    /// Total number of frames, as far as demuxing tells.
    pub frames: u64,
    /// Threads of each encoder. They are stored because the results of some encoders depend on them.
    pub threads: Vec<usize>,
    pub input: String,
    pub outputs: Vec<String>,
    /// The settings of the request, as the caller gave them.
    pub request: Option<Value>,
    /// What first passes measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
}

/// A job that is rendered in chunks, and its folder.
pub(in super::super) struct Chunking {
    pub(super) plan: ChunkPlan,
    pub(super) place: PathBuf,
    /// The input, held open because its path may be removed or replaced.
    pub(super) input: File,
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
        let place = job_folder(&first.plan.path, options.work_dir.as_deref());
        let (Some(seconds), false) = (options.chunk, job.input.generated) else {
            return Ok(None);
        };
        let pieces = job
            .outputs
            .iter()
            .find_map(|output| output.plan.in_one_piece());
        let info = &job.input.info;
        let unit = info.video().time_base;
        let (_, length) = info.rendered();
        let long = length.is_none_or(|length| unit.seconds(length) > f64::from(seconds));
        if pieces.is_some() || info.is_image || !long || !info.path.is_file() {
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
        let input = File::open(&info.path).map_err(|error| MediaError::NoInput {
            path: info.path.clone(),
            why: error.to_string(),
        })?;
        let threads: Vec<usize> = match &kept {
            Some(kept) if kept.threads.len() == job.outputs.len() => kept.threads.clone(),
            _ => job
                .outputs
                .iter()
                .map(|output| threads(&output.plan.video.encoder))
                .collect(),
        };
        let mut outputs: Vec<OutputPlan> = job
            .outputs
            .iter()
            .map(|output| output.plan.clone())
            .collect();
        for (output, threads) in outputs.iter_mut().zip(&threads) {
            if !output.video.options.iter().any(|(key, _)| key == "threads") {
                output
                    .video
                    .options
                    .push(("threads".into(), threads.to_string()));
            }
        }
        let parts = Parts {
            info,
            settings: &job.settings,
            library: &job.library,
            plan: job.plan.as_ref().map(|(plan, _)| plan),
            measures: &job.measures,
            device: job
                .plan
                .as_ref()
                .map_or(String::new(), |(_, choice)| choice.to_string()),
            outputs: outputs.iter().collect(),
        };
        let identity = Identity::of(&parts, &input)?;
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
                let made = ChunkPlan::make(job, seconds, identity, threads, cancel)?;
                match made {
                    Some(plan) => plan,
                    None => return Ok(None),
                }
            }
        };
        for (output, pinned) in job.outputs.iter_mut().zip(outputs) {
            output.plan = pinned;
        }
        Ok(Some(Self { plan, place, input }))
    }
}

/// Number of threads for an encoder: the number it would choose itself. It is fixed because the results of some
/// encoders depend on it.
fn threads(encoder: &str) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    match encoder {
        // x264's own rule. For x265, the number of frames encoded in parallel.
        "libx264" | "libx264rgb" => (cores * 3 / 2).min(128),
        "libx265" => [4, 8, 16, 32].iter().filter(|&&many| cores >= many).count() + 1,
        _ => cores.min(16),
    }
}

impl ChunkPlan {
    /// Chooses where chunks begin; `None` if one chunk is enough.
    fn make(
        job: &mut Job,
        seconds: u32,
        identity: Identity,
        threads: Vec<usize>,
        cancel: &Cancel,
    ) -> Result<Option<Self>> {
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
        let cuts = if index.without_time == 0 {
            boundaries(&index, unit, seconds)
        } else {
            let (start, length) = info.rendered();
            let length = unit.seconds(length.unwrap_or(0));
            boundaries_by_length(start, length, unit, seconds)
        };
        let key = |cut: &i64| {
            let found = index.packets.binary_search_by_key(cut, |packet| packet.pts);
            found.is_ok_and(|at| index.packets[at].key)
        };
        let warmup = job.plan.as_ref();
        let warmup = warmup.and_then(|(plan, _)| frames_needed_before(plan));
        let warmup = warmup.unwrap_or(0) as usize;
        let warm_start = |cut: &i64| {
            let found = index.packets.partition_point(|packet| packet.pts < *cut);
            let first = index.packets.get(found.saturating_sub(warmup));
            first.map_or(*cut, |packet| packet.pts.min(*cut))
        };
        let warm_starts = cuts.iter().map(warm_start).collect();
        let enters = |cut| seekable && info.is_seekable() && key(cut);
        let entries = cuts.iter().map(enters).collect();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        Ok((!cuts.is_empty()).then(|| Self {
            schema: SCHEMA,
            identity,
            unit,
            entries,
            warm_starts,
            cuts,
            seekable,
            frames: index.packets.len() as u64 + index.without_time,
            threads,
            input: text(&info.path),
            outputs: job.outputs().map(text).collect(),
            request: job.settings.job.request.clone(),
            analysis: None,
        }))
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
    pub fn write(&self, folder: &JobDir) -> Result<()> {
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
        if JobDir::is_done(&folder) {
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
