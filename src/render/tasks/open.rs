//! Takes up a job that another process has planned.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::super::chunks::{CHUNK_ENDING, ChunkMade, ChunkPlan, Chunking, done_of};
use super::super::error::{RenderError, Result};
use super::super::job::Job;
use super::super::request::StoredJob;
use super::super::settings::{Existing, LowDisk};
use super::paths::{PathMap, found, placed, whole};

pub(super) use super::super::chunks::ATTEMPTS;
pub(super) use super::super::removal::PLAN;

/// The folder of logs.
pub(super) const LOGS: &str = "logs";

/// A job that several processes render.
pub struct TaskJob {
    place: PathBuf,
    pub(super) plan: ChunkPlan,
    tasks: Vec<Range<usize>>,
    maps: Vec<PathMap>,
}

/// What a process does with a job.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Render,
    Join,
}

impl TaskJob {
    /// The job in the folder `place`.
    ///
    /// # Errors
    /// `NoJob` where there is none, or one of another version of aquatint.
    pub fn open(place: &Path) -> Result<Self> {
        let no_job = |why: &str| RenderError::NoJob {
            path: place.into(),
            why: why.to_owned(),
        };
        let path = place.join(PLAN);
        if !path.exists() {
            return Err(no_job(match place.is_dir() {
                true => "it holds no plan",
                false => "there is no such folder",
            }));
        }
        let plan = ChunkPlan::read(place)
            .ok_or_else(|| no_job("its plan cannot be read, or is from another version"))?;
        let maps = plan.maps.iter().map(|(from, to)| PathMap {
            from: from.into(),
            to: to.into(),
        });
        Ok(Self {
            maps: maps.collect(),
            tasks: plan.tasks(),
            place: whole(place),
            plan,
        })
    }

    /// Its folder: a whole path.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Number of tasks.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// Its input, as it lies on this machine.
    pub fn input(&self) -> PathBuf {
        self.found(Path::new(&self.plan.input))
    }

    /// Its outputs, as they lie on this machine.
    pub fn outputs(&self) -> Vec<PathBuf> {
        let outputs = self.plan.outputs.iter();
        outputs.map(|path| self.found(Path::new(path))).collect()
    }

    /// The device that must render it; empty where none is needed.
    pub fn device(&self) -> &str {
        self.plan.device()
    }

    /// Whether a graphics processor renders it.
    pub fn is_on_gpu(&self) -> bool {
        !matches!(self.device(), "" | "the processor")
    }

    /// Frames of the source in a task, by its share of the chunks.
    pub fn task_frames(&self, task: usize) -> f64 {
        let chunks = self.tasks.get(task).map_or(0, |chunks| chunks.len());
        self.plan.frames as f64 * chunks as f64 / self.plan.chunks() as f64
    }

    /// The tasks whose chunks all have records, by their names alone.
    ///
    /// # Errors
    /// `NoJob` where the folder cannot be read.
    pub fn done(&self) -> Result<BTreeSet<usize>> {
        let entries = std::fs::read_dir(&self.place).map_err(|error| RenderError::NoJob {
            path: self.place.clone(),
            why: error.to_string(),
        })?;
        let chunk = |entry: std::io::Result<std::fs::DirEntry>| {
            let name = entry.ok()?.file_name();
            let number = name.to_str()?.strip_suffix(CHUNK_ENDING)?;
            number.parse::<usize>().ok()
        };
        let chunks: BTreeSet<usize> = entries.filter_map(chunk).collect();
        let tasks = self.tasks.iter().enumerate();
        let done = tasks.filter(|(_, task)| (*task).clone().all(|chunk| chunks.contains(&chunk)));
        Ok(done.map(|(number, _)| number).collect())
    }

    /// The tasks that are not [done](Self::done).
    ///
    /// # Errors
    /// As [`Self::done`].
    pub fn missing(&self) -> Result<Vec<usize>> {
        let done = self.done()?;
        let missing = (0..self.tasks()).filter(|task| !done.contains(task));
        Ok(missing.collect())
    }

    /// The chunks of these tasks.
    pub(super) fn chunks(&self, tasks: &[usize]) -> BTreeSet<usize> {
        let ranges = tasks.iter().filter_map(|&task| self.tasks.get(task));
        ranges.cloned().flatten().collect()
    }

    /// What is done of `chunks`, if that is all of it, and whole.
    pub(super) fn made(&self, chunks: &BTreeSet<usize>) -> Option<Vec<ChunkMade>> {
        done_of(&self.place, &self.plan, chunks)
    }

    fn found(&self, path: &Path) -> PathBuf {
        found(path, &self.place, &self.maps)
    }

    /// The job of the plan on this machine.
    ///
    /// # Errors
    /// Those of preparing it; `OtherInput` and `OtherPlan`.
    pub(super) fn job(&self, purpose: Purpose) -> Result<(Job, Chunking)> {
        let no_job = || RenderError::NoJob {
            path: self.place.clone(),
            why: "its request cannot be read, or is from another version".to_owned(),
        };
        let stored = self.plan.request.clone().ok_or_else(no_job)?;
        let stored: StoredJob = serde_json::from_value(stored).map_err(|_| no_job())?;
        let place = |path: &Path| self.found(path);
        let library = stored.request.with_style_paths(&place).library()?;
        let request = stored.request.with_paths(&library, &place);
        let library = request.library()?;
        let mut settings = request.settings(&library)?;
        settings.job.folder = Some(self.place.clone());
        settings.job.measures = stored.measures;
        // Another machine may have room.
        settings.job.low_disk = LowDisk::Fail;
        match purpose {
            // It writes no output.
            Purpose::Render => settings.existing = Existing::Replace,
            Purpose::Join => settings.job.rendered_on = Some(self.device().to_owned()),
        }
        let mut output = stored.output.clone();
        output.out = output.out.as_deref().map(|out| placed(out, place));
        let mut job = Job::prepare(&library, &settings, &place(&stored.input), &output)?;
        let chunking = Chunking::taken_up(&mut job, self.plan.clone())?;
        Ok((job, chunking))
    }
}
