//! Runs a job in chunks, from the chunks that are finished already to the complete outputs.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tracing::{Span, info, info_span};

use super::super::describe::likely_bytes;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::job::{Job, JobReporter, Progress};
use super::super::naming::folder_of;
use super::super::output_meter::FrameNumbers;
use super::super::report::{Chunks, Report};
use super::super::settings::LowDisk;
use super::super::style_measures::Tallies;
use super::concurrency::{reason_against, workers};
use super::context::ChunkContext;
use super::damage;
use super::disk::{Gate, Need};
use super::identity::Input;
use super::interim_report::{EarlierReport, InterimReport};
use super::job_dir::JobDir;
use super::journal::Journal;
use super::plan::{ChunkPlan, Chunking};
use super::record::{FileDigest, Ledger, Record};
use super::scheduler::ChunkScheduler;
use super::stitch::{Work, stitch};
use crate::media::{Damage, MediaError, ZeroedMemory};

/// Renders `job` in chunks. If it fails, finished chunks are kept, and the error says how many.
pub(in super::super) fn render(
    job: Job,
    chunking: Chunking,
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<Report> {
    let folder = JobDir::lock(&chunking.place)?;
    folder.begin();
    let log = log_in(&folder).entered();
    let log = (info_span!("chunks").entered(), log);
    let chunks = chunking.plan.chunks();
    let encoders = job
        .outputs
        .iter()
        .map(|output| output.plan.video.encoder.as_str());
    let _zeroed = ZeroedMemory::for_encoders(encoders);
    let resume = job.settings.job.resume;
    let journal = Journal {
        dir: &folder,
        job: chunking.plan.digest(),
        lanes: job.outputs.len(),
        gate: Gate::new(folder.path(), job.settings.job.low_disk),
        ledger: Mutex::new(Ledger::new(&chunking.plan.digest())),
        done: Mutex::default(),
    };
    let asked = job.settings.job.report.clone();
    let mut engine = Engine {
        interim: InterimReport::new(&folder),
        journal: &journal,
        plan: chunking.plan,
        input: chunking.input,
        job,
        cancel,
    };
    let report = engine
        .begin(resume)
        .and_then(|warnings| engine.go(warnings, tell))
        .and_then(|report| report.hand_over(asked.as_deref()));
    let done = journal.done().len();
    let error = match report {
        Ok(report) => {
            drop(log);
            match report
                .chunks
                .as_ref()
                .and_then(|chunks| chunks.kept.as_ref())
            {
                Some(_) => folder.keep()?,
                None => folder.remove(),
            }
            return Ok(report);
        }
        Err(error) => error,
    };
    if done == 0 {
        drop(log);
        folder.remove();
        return Err(error);
    }
    let error = match error {
        RenderError::Cancelled => RenderError::Interrupted { done, chunks },
        failure => RenderError::Unfinished {
            failure: Box::new(failure),
            done,
            chunks,
        },
    };
    info!("ended with {done} of {chunks} chunks done: {error}");
    engine.interim.ended(&error);
    Err(error)
}

/// Inside this span, log lines also go to the log in the job folder.
fn log_in(folder: &JobDir) -> Span {
    // A path that is not UTF-8 has no log.
    let path = folder.log();
    path.to_str().map_or_else(
        Span::none,
        |file| info_span!(target: "job_log", "log", file),
    )
}

struct Engine<'a> {
    interim: InterimReport<'a>,
    journal: &'a Journal<'a>,
    plan: ChunkPlan,
    /// The input, held open from the beginning.
    input: File,
    job: Job,
    cancel: &'a Cancel,
}

/// Warnings collected before the event listener exists.
type Warnings = Vec<String>;

impl Engine<'_> {
    /// Finds the finished chunks and removes everything else from the job folder.
    fn begin(&mut self, resume: bool) -> Result<Warnings> {
        let mut warnings = Vec::new();
        let folder = self.journal.dir;
        if !resume || ChunkPlan::read(folder.path()).is_none() {
            folder.clear(&|_| false)?;
            self.plan.write(folder)?;
            return Ok(warnings);
        }
        let job = &self.journal.job;
        let ledger = Ledger::read(folder, job);
        if ledger.is_none() && Ledger::exists(folder) {
            warnings.push(
                "the ledger of finished chunks is damaged: every chunk is checked".to_owned(),
            );
        }
        for chunk in 0..self.plan.chunks() {
            let path = folder.record(chunk);
            if !path.exists() {
                continue;
            }
            let noted = ledger.as_ref().and_then(|ledger| ledger.chunks.get(&chunk));
            match Record::trusted(folder, job, chunk, noted).and_then(|record| {
                let stored = FileDigest::of(&path).map_err(|error| error.to_string())?;
                Ok((record, stored))
            }) {
                Ok((record, stored)) => self.journal.know(record, stored),
                Err(why) => warnings.push(format!("chunk {} is rendered again: {why}", chunk + 1)),
            }
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
        }
        let done = self.journal.done();
        let kept = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let number = name
                .split('.')
                .next()
                .and_then(|digits| digits.parse().ok());
            let of_done = number.is_some_and(|chunk: usize| done.contains_key(&chunk));
            name.ends_with(".json") || of_done
        };
        folder.clear(&kept)?;
        Ok(warnings)
    }

    fn go(&mut self, warnings: Warnings, tell: &mut dyn FnMut(Event)) -> Result<Report> {
        let compiling = Instant::now();
        let context = ChunkContext {
            journal: self.journal,
            plan: &self.plan,
            input: &self.input,
            info: &self.job.input.info,
            header: &self.job.input.header,
            outputs: &self.job.outputs,
            settings: &self.job.settings,
            origin: self.job.origin,
            graph: self.job.plan.as_ref().map(|(plan, _)| plan),
            gpu: self.job.gpu(),
            by_processor: AtomicBool::new(false),
        };
        let choice = self.job.plan.as_ref().map(|(_, choice)| choice);
        let mut scheduler = ChunkScheduler::new(&self.job, &self.interim);
        let executor = scheduler.executor();
        let spent = compiling.elapsed();
        let device = match &executor {
            Ok(Some(executor)) => Some(executor.device()),
            _ => None,
        };
        let mut reporter = JobReporter::begin(&self.job, device, tell);
        if let Some(plan) = context.graph {
            reporter.compiled(plan.steps.len(), spent);
        }
        let chunks = self.plan.chunks();
        let resumed = self.journal.done().len();
        if resumed > 0 {
            reporter.tell(Event::Resume {
                done: resumed,
                chunks,
                input: context.info.path.clone(),
            });
        }
        reporter.tell(Event::Chunk {
            done: resumed,
            chunks,
            input: context.info.path.clone(),
        });
        EarlierReport::read(self.journal.dir.path()).add_to(&mut reporter.report);
        warnings
            .into_iter()
            .for_each(|warning| reporter.say(warning));
        let options = &self.job.settings.job;
        match reason_against(&context, choice) {
            None => scheduler.workers = workers(&context, options.workers, options.jobs),
            Some(why) => reporter.one_by_one(why),
        }
        reporter.report.chunks = Some(Chunks {
            chunks,
            resumed,
            ..Chunks::default()
        });
        let before = self.frames_done();
        self.check_room(before.values().sum(), &mut reporter)?;
        self.interim.save(&reporter.report);
        let mut progress = Progress::new(&self.job.input.info, &self.job.outputs)
            .going_on(before, self.plan.frames)
            .watching(self.job.gpu());
        // If the executor could not be made, the scheduler tries again as it does after a failed chunk.
        let executor = executor.ok().flatten();
        scheduler.render(
            &context,
            executor,
            self.cancel,
            &mut reporter,
            &mut progress,
        )?;
        for event in progress.last() {
            reporter.tell(event);
        }
        self.end(reporter)
    }

    /// Warns if there may be too little room for the remaining frames, and fails if there surely is too little.
    fn check_room(&self, frames: u64, reporter: &mut JobReporter<'_>) -> Result<()> {
        let Job {
            input,
            outputs,
            settings,
            ..
        } = &self.job;
        let written: u64 = self.journal.done().values().map(Record::bytes).sum();
        let left = self.plan.frames.saturating_sub(frames);
        let need = Need {
            likely: outputs
                .iter()
                .map(|output| likely_bytes(&input.info, &output.plan))
                .sum(),
            done: (written, frames),
            left,
        };
        let Some(first) = outputs.first() else {
            return Ok(());
        };
        let low = need.check(self.journal.dir.path(), folder_of(&first.plan.path));
        match low {
            Some((error, true)) if settings.job.low_disk == LowDisk::Fail => Err(error),
            Some((error, _)) => {
                reporter.say(format!("{error}"));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Number of frames of each finished chunk.
    fn frames_done(&self) -> BTreeMap<usize, u64> {
        let frames = |(&chunk, record): (&usize, &Record)| (chunk, record.decoded.len() as u64);
        self.journal.done().iter().map(frames).collect()
    }

    /// Joins the segments into the outputs.
    fn end(&mut self, mut reporter: JobReporter<'_>) -> Result<Report> {
        let done = self.journal.done();
        let records: Vec<&Record> = done.values().collect();
        let outputs = std::mem::take(&mut self.job.outputs);
        let path = self.job.input.info.path.clone();
        let unchanged = || {
            let now = Input::of(&self.input);
            match now {
                Ok(now) if now == self.plan.identity.input => Ok(()),
                Ok(_) => Err(RenderError::Damaged {
                    path: path.clone(),
                    words: vec!["it was changed while it was rendered".to_owned()],
                }),
                Err(error) => Err(MediaError::Read {
                    path: path.clone(),
                    why: error.to_string(),
                }
                .into()),
            }
        };
        let work = Work {
            dir: self.journal.dir,
            header: &self.job.input.header,
            input: &self.input,
            settings: &self.job.settings,
            origin: self.job.origin,
            cancel: self.cancel,
        };
        let decoded = stitch(&work, outputs, &records, unchanged, &mut reporter)?;
        let mut measured = Tallies::default();
        let mut numbers = FrameNumbers::default();
        for record in &records {
            reporter.report.anomalies.add(&record.anomalies);
            measured.merge(&record.measured);
            numbers.merge(&record.numbers);
        }
        reporter.measured(&self.job.measures, &measured);
        reporter.metrics(&self.job.ports(), &numbers);
        let none = Damage::default();
        let damage = records
            .iter()
            .fold(none, |all, record| damage::sum(all, &record.damage));
        if let (Some(chunks), true) = (
            &mut reporter.report.chunks,
            self.job.settings.job.keep_chunks,
        ) {
            chunks.kept = Some(self.journal.dir.path().to_owned());
        }
        reporter.end(&decoded, damage)
    }
}
