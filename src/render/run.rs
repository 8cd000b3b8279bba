//! Runs a job: in one piece, or in chunks.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};
use tracing::{error, info_span};

use super::check_executors::check_executors;
use super::chunks::{self, Chunking, EarlierReport};
use super::device::Choice;
use super::error::{Failure, RenderError, Result};
use super::event::{Cancel, Event};
use super::gpu_lock;
use super::hex::hex;
use super::job::Job;
use super::naming::pattern_of_pictures;
use super::new_folders::NewFolders;
use super::pipeline::panic_message;
use super::report::Report;
use super::running::RunningRecord;
use super::single_pass;

impl Job {
    /// Renders. On any failure nothing is left under the outputs' names, unless all frames are written and only the check of
    /// an output failed: then the outputs are kept, and the error names them. What a long job has done by then is kept in a
    /// hidden folder beside them, and the same job goes on from there; of a short one nothing is left.
    ///
    /// # Errors
    /// The first failure of any stage, naming the frame where it is about one.
    pub fn run(self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        let _job = info_span!("job", id = self.id()).entered();
        let traces = Traces::of(&self);
        let mut record = RunningRecord::begin(&self, &self.id());
        let mut tell = |event: Event| {
            if let Some(record) = &mut record {
                record.hear(&event);
            }
            tell(event);
        };
        let report = unless_it_panics("main", || self.render(&mut tell, cancel));
        let report = report.map_err(|error| match error.failure() {
            Failure::Fault if !error.names_its_outputs() => traces.fault(error),
            _ => error,
        });
        if let Err(error) = &report {
            error!(target: "console", "{error}");
        }
        report
    }

    /// Renders the chunks `wanted` of it, in a folder that other processes use, too. Log lines also go to the file `log`.
    ///
    /// # Errors
    /// The first failure of any stage. What is done by then stays.
    pub(super) fn run_part(
        self,
        chunking: Chunking,
        (wanted, log): (&BTreeSet<usize>, &Path),
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<chunks::Part> {
        let _job = info_span!("job", id = self.id()).entered();
        unless_it_panics("main", || {
            let mut job = self;
            job.watch = job.plan.as_ref().and_then(|(_, choice)| choice.watch());
            let _gpu = job.hold_gpu(tell, cancel)?;
            if let Some(analysis) = chunking.analysis() {
                job.apply(&analysis)?;
            }
            chunks::render_part(job, chunking, wanted, log, tell, cancel)
        })
    }

    /// Joins the chunks of it, which other processes have rendered. Log lines also go to the file `log`.
    ///
    /// # Errors
    /// As [`Self::run`]; `Incomplete` and `FromStart`.
    pub(super) fn run_join(
        self,
        chunking: Chunking,
        (earlier, log): (EarlierReport, &Path),
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Report> {
        let _job = info_span!("job", id = self.id()).entered();
        unless_it_panics("main", || {
            let mut job = self;
            let _folders = match &job.folder {
                Some(folder) => NewFolders::create(folder)?,
                None => NewFolders::default(),
            };
            if let Some(analysis) = chunking.analysis() {
                job.apply(&analysis)?;
            }
            chunks::join(job, chunking, log, earlier, tell, cancel)
        })
    }

    /// Tells this job from others, in the log: the same for the same input and outputs.
    fn id(&self) -> String {
        let mut digest = Sha256::new();
        for path in self.outputs().chain([self.input()]) {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        hex(&digest.finalize()[..4])
    }

    /// Waits for other processes that use its GPU, unless it is to share it.
    fn hold_gpu(
        &self,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Option<gpu_lock::GpuLock>> {
        let Some((_, Choice::Gpu(gpu))) = &self.plan else {
            return Ok(None);
        };
        if self.settings.job.gpu_share || self.outputs.is_empty() {
            return Ok(None);
        }
        let mut say = |message| {
            tell(Event::Warning {
                message,
                input: self.input().to_owned(),
            })
        };
        gpu_lock::hold(&gpu.adapter, &mut say, cancel)
    }

    fn render(mut self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        let _folders = match &self.folder {
            Some(folder) if !self.outputs.is_empty() => NewFolders::create(folder)?,
            _ => NewFolders::default(),
        };
        if let Some(newest) = &self.settings.job.newest {
            newest.turned(self.turn_to_upright());
        }
        self.watch = self.plan.as_ref().and_then(|(_, choice)| choice.watch());
        let _gpu = self.hold_gpu(tell, cancel)?;
        let mut chunking = Chunking::of(&mut self, cancel)?;
        let known = chunking.as_ref().and_then(Chunking::analysis);
        let analysis = match known {
            Some(known) => Some(known),
            None => self.analyse(tell, cancel)?,
        };
        if let Some(analysis) = analysis {
            self.apply(&analysis)?;
            if let Some(chunking) = &mut chunking {
                chunking.keep_analysis(analysis);
            }
        }
        if let Some(frames) = self.settings.job.check_executors
            && !self.outputs.is_empty()
        {
            self.executor_check = Some(check_executors(&self, frames, cancel)?);
        }
        match chunking {
            Some(chunking) => chunks::render(self, chunking, tell, cancel),
            None => single_pass::render(self, tell, cancel),
        }
    }
}

/// What `work` gives; where it panics, the error that says so of this `stage`.
pub(super) fn unless_it_panics<T>(
    stage: &'static str,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(RenderError::Panicked {
            stage,
            message: panic_message(panic.as_ref()),
        })
    })
}

/// What tells whether a job wrote its outputs.
struct Traces {
    /// The outputs, and what was there under their names before.
    before: Vec<(PathBuf, Option<Trace>)>,
    /// The folder of what is done of a long job.
    folder: Option<PathBuf>,
}

/// When a file was written, and its bytes.
type Trace = (Option<SystemTime>, u64);

impl Traces {
    fn of(job: &Job) -> Self {
        let before = job.outputs().map(|path| (path.to_owned(), trace(path)));
        let options = &job.settings.job;
        Self {
            before: before.collect(),
            folder: job.outputs().next().map(|path| options.folder_of(path)),
        }
    }

    /// The error of a job that a fault of the program ended: it says what there is of the outputs.
    fn fault(self, failure: RenderError) -> RenderError {
        // An output gets its name when it is complete.
        let complete = self.before.into_iter().filter_map(|(path, before)| {
            let now = trace(&path);
            (now.is_some() && now != before).then_some(path)
        });
        RenderError::Fault {
            failure: Box::new(failure),
            complete: complete.collect(),
            kept: self.folder.filter(|folder| folder.is_dir()),
        }
    }
}

/// What is there under the name of an output: the file, or the first of a sequence.
fn trace(path: &Path) -> Option<Trace> {
    let file = match pattern_of_pictures(path) {
        Some(pattern) => pattern.file(*pattern.numbers().ok()?.first()?),
        None => path.to_owned(),
    };
    let facts = file.metadata().ok()?;
    Some((facts.modified().ok(), facts.len()))
}
