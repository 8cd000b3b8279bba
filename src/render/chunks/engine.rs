//! Runs a job in chunks, from the chunks that are finished already to the complete outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use serde::Serialize;
use tracing::{Span, info, info_span};

use super::super::describe::likely_bytes;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::input_hash::InputHash;
use super::super::job::{Job, JobReporter, Progress};
use super::super::naming::folder_of;
use super::super::output_meter::FrameNumbers;
use super::super::report::{Chunks, Report};
use super::super::settings::LowDisk;
use super::super::style_measures::Tallies;
use super::concurrency::{reason_against, workers};
use super::context::ChunkContext;
use super::damage;
use super::disk::Need;
use super::interim_report::{EarlierReport, InterimReport};
use super::job_dir::{JobDir, PARTIAL};
use super::journal::Journal;
use super::plan::{ChunkPlan, Chunking, modified};
use super::record::{FileDigest, Ledger, Record, Segment};
use super::scheduler::ChunkScheduler;
use super::stitch::{Work, stitch};
use crate::media::{Damage, MediaError, ZeroedMemory};

/// Renders `job` in chunks: plans, renders all chunks, and joins them. If it fails, finished chunks are kept, and the error
/// says how many.
pub(in super::super) fn render(
    job: Job,
    chunking: Chunking,
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<Report> {
    let folder = JobDir::lock(&chunking.place)?;
    folder.begin();
    let log = log_in(&folder.log()).entered();
    let log = (info_span!("chunks").entered(), log);
    let chunks = chunking.plan.chunks();
    let resume = job.settings.job.resume;
    let journal = journal(&folder, &job, &chunking.plan);
    let asked = job.settings.job.report.clone();
    let mut engine = Engine::new(job, chunking, &journal, cancel);
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

fn journal<'a>(folder: &'a JobDir, job: &Job, plan: &ChunkPlan) -> Journal<'a> {
    Journal::new(folder, plan, job.outputs.len(), job.settings.job.low_disk)
}

/// Stores the plan of a job for processes that each render a part of it.
///
/// # Errors
/// `Write` if the disk is full or fails.
pub(in super::super) fn store(chunking: &Chunking) -> Result<()> {
    chunking.plan.write(&JobDir::shared(&chunking.place))
}

/// A chunk that is done, for those who look after the process.
#[derive(Clone, Debug, Serialize)]
pub struct ChunkMade {
    pub chunk: usize,
    /// Number of frames of the source.
    pub frames: usize,
    /// Bytes of its segments.
    pub bytes: u64,
    /// SHA-256 of its segments, one for each output; none for an output that has no frames in it.
    pub sha256: Vec<Option<String>>,
}

impl ChunkMade {
    fn of(record: &Record) -> Self {
        let hash = |segment: &Segment| Some(segment.file.as_ref()?.sha256.clone());
        Self {
            chunk: record.chunk,
            frames: record.decoded.len(),
            bytes: record.bytes(),
            sha256: record.segments.iter().map(hash).collect(),
        }
    }
}

/// What one process rendered of a job.
pub(in super::super) struct Part {
    /// The chunks that it was to render, done now.
    pub made: Vec<ChunkMade>,
    /// How many of them were done before.
    pub before: usize,
    pub report: Report,
}

/// Renders the chunks `wanted` of a job whose folder other processes use, too, but those that are done. Log lines also go to
/// the file `log`.
pub(in super::super) fn render_part(
    job: Job,
    chunking: Chunking,
    wanted: &BTreeSet<usize>,
    log: &Path,
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<Part> {
    let folder = JobDir::shared(&chunking.place);
    let log = log_in(log).entered();
    let _log = (info_span!("chunks").entered(), log);
    let journal = journal(&folder, &job, &chunking.plan);
    let mut engine = Engine::new(job, chunking, &journal, cancel);
    let mut warnings = Vec::new();
    engine.find_done(wanted.iter().copied(), None, &mut warnings)?;
    let before = journal.done().len();
    let report = engine.part(wanted, warnings, tell);
    let done = journal.done().len();
    let report = report.map_err(|error| match error {
        RenderError::Cancelled if done > 0 => RenderError::Interrupted {
            done,
            chunks: wanted.len(),
        },
        error => error,
    })?;
    let made = journal.done().values().map(ChunkMade::of).collect();
    Ok(Part {
        made,
        before,
        report,
    })
}

/// What is done of the chunks of `plan`, each of which must have been rendered for it, in the folder at `place`.
pub(in super::super) fn done_of(
    place: &Path,
    plan: &ChunkPlan,
    wanted: &BTreeSet<usize>,
) -> Option<Vec<ChunkMade>> {
    let (folder, job) = (JobDir::shared(place), plan.digest());
    let records = wanted
        .iter()
        .map(|&chunk| Record::trusted(&folder, &job, chunk, None));
    let records: std::result::Result<Vec<Record>, String> = records.collect();
    Some(records.ok()?.iter().map(ChunkMade::of).collect())
}

/// Joins the chunks of a job, which other processes have rendered. The folder stays.
///
/// # Errors
/// `Incomplete` where chunks are missing, `FromStart` where some cannot be trusted; they are removed then. Else those of the
/// end of a render.
pub(in super::super) fn join(
    job: Job,
    chunking: Chunking,
    log: &Path,
    earlier: EarlierReport,
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<Report> {
    let folder = JobDir::shared(&chunking.place);
    let log = log_in(log).entered();
    let _log = (info_span!("chunks").entered(), log);
    let journal = journal(&folder, &job, &chunking.plan);
    let asked = job.settings.job.report.clone();
    let mut engine = Engine::new(job, chunking, &journal, cancel);
    let mut warnings = Vec::new();
    engine.find_done(0..engine.plan.chunks(), None, &mut warnings)?;
    engine.complete(&warnings)?;
    engine.trust()?;
    let mut reporter = JobReporter::begin(&engine.job, None, tell);
    earlier.add_to(&mut reporter.report);
    let chunks = engine.plan.chunks();
    reporter.report.chunks = Some(Chunks {
        chunks,
        resumed: chunks,
        ..Chunks::default()
    });
    engine.end(reporter)?.hand_over(asked.as_deref())
}

/// Inside this span, log lines also go to the file at `path`.
fn log_in(path: &Path) -> Span {
    // A path that is not UTF-8 has no log.
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
    /// When the input was written, as this process found it.
    modified: Option<SystemTime>,
    job: Job,
    cancel: &'a Cancel,
    _zeroed: Option<ZeroedMemory>,
}

/// Warnings collected before the event listener exists.
type Warnings = Vec<String>;

impl<'a> Engine<'a> {
    fn new(job: Job, chunking: Chunking, journal: &'a Journal<'a>, cancel: &'a Cancel) -> Self {
        let encoders = job
            .outputs
            .iter()
            .map(|output| output.plan.video.encoder.as_str());
        Self {
            interim: InterimReport::new(journal.dir),
            _zeroed: ZeroedMemory::for_encoders(encoders),
            journal,
            plan: chunking.plan,
            input: chunking.input,
            modified: chunking.modified,
            job,
            cancel,
        }
    }

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
        self.find_done(0..self.plan.chunks(), ledger.as_ref(), &mut warnings)?;
        let done = self.journal.done();
        let kept = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let number = name
                .split('.')
                .next()
                .and_then(|digits| digits.parse().ok());
            let of_done = number.is_some_and(|chunk: usize| done.contains_key(&chunk));
            name.ends_with(".json") || (of_done && !name.ends_with(PARTIAL))
        };
        folder.clear(&kept)?;
        Ok(warnings)
    }

    /// Finds those of `wanted` that are finished, by this process before or by others. `ledger` is what this one noted of them.
    fn find_done(
        &self,
        wanted: impl IntoIterator<Item = usize>,
        ledger: Option<&Ledger>,
        warnings: &mut Warnings,
    ) -> Result<()> {
        let folder = self.journal.dir;
        for chunk in wanted {
            let path = folder.record(chunk);
            if !path.exists() {
                continue;
            }
            let noted = ledger.and_then(|ledger| ledger.chunks.get(&chunk));
            match Record::trusted(folder, &self.journal.job, chunk, noted).and_then(|record| {
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
        Ok(())
    }

    /// That all chunks are done. What is there of others, and cannot be used, is removed.
    fn complete(&self, why: &[String]) -> Result<()> {
        let done = self.journal.done();
        let tasks = self.plan.tasks();
        let is_missing = |task: &Range<usize>| task.clone().any(|chunk| !done.contains_key(&chunk));
        let missing: Vec<usize> = tasks
            .iter()
            .enumerate()
            .filter(|(_, task)| is_missing(task))
            .map(|(number, _)| number)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        for words in why {
            info!("{words}");
        }
        for chunk in (0..self.plan.chunks()).filter(|chunk| !done.contains_key(chunk)) {
            let _ = std::fs::remove_file(self.journal.dir.record(chunk));
        }
        Err(RenderError::Incomplete {
            place: self.journal.dir.path().to_owned(),
            missing,
            tasks: tasks.len(),
        })
    }

    /// That each chunk begins as the one before it ended. Where one does not, the chunks from there on are to be rendered
    /// again, and decoded from the beginning of the file.
    fn trust(&self) -> Result<()> {
        let Some(first) = self.journal.doubtful() else {
            return Ok(());
        };
        self.journal.dir.decode_from_start()?;
        self.journal.forget_entered(first)?;
        let start = self.plan.start(first).unwrap_or_default();
        Err(RenderError::FromStart {
            place: self.journal.dir.path().to_owned(),
            seconds: self.plan.unit.seconds(start),
        })
    }

    /// Renders all chunks and joins them.
    fn go(&mut self, warnings: Warnings, tell: &mut dyn FnMut(Event)) -> Result<Report> {
        let reporter = self.chunks(None, warnings, tell)?;
        self.end(reporter)
    }

    /// Renders the chunks `wanted`.
    fn part(
        &mut self,
        wanted: &BTreeSet<usize>,
        warnings: Warnings,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Report> {
        Ok(self.chunks(Some(wanted), warnings, tell)?.report)
    }

    /// Renders the chunks `wanted`, or all, but those that are done.
    fn chunks<'t>(
        &mut self,
        wanted: Option<&BTreeSet<usize>>,
        warnings: Warnings,
        tell: &'t mut dyn FnMut(Event),
    ) -> Result<JobReporter<'t>> {
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
            wanted,
            by_processor: AtomicBool::new(false),
        };
        let choice = self.job.plan.as_ref().map(|(_, choice)| choice);
        let mut scheduler = ChunkScheduler::new(&self.job, &self.interim);
        scheduler.from_start = self.journal.dir.is_decoded_from_start();
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
        let chunks = wanted.map_or(self.plan.chunks(), BTreeSet::len);
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
        if !self.journal.dir.is_shared() {
            EarlierReport::read(self.journal.dir.path()).add_to(&mut reporter.report);
        }
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
        if wanted.is_none() {
            self.check_room(before.values().sum(), &mut reporter)?;
        }
        self.interim.save(&reporter.report);
        let mut progress = Progress::new(&self.job.input.info, &self.job.outputs)
            .going_on(before, self.frames_of(wanted))
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
        Ok(reporter)
    }

    /// Number of frames of the chunks `wanted`, or of all: of a part, by its share of the time.
    fn frames_of(&self, wanted: Option<&BTreeSet<usize>>) -> u64 {
        let Some(wanted) = wanted else {
            return self.plan.frames;
        };
        let (start, length) = self.job.input.info.rendered();
        let span = |chunk: usize| {
            let from = self.plan.start(chunk).unwrap_or(start);
            let to = self.plan.start(chunk + 1);
            let to = to.or(length.map(|length| start.saturating_add(length)));
            to.unwrap_or(from).saturating_sub(from).max(0) as f64
        };
        let all: f64 = (0..self.plan.chunks()).map(span).sum();
        let part: f64 = wanted.iter().copied().map(span).sum();
        (self.plan.frames as f64 * part / all.max(1.0)).round() as u64
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
            let now = InputHash::of(&self.input);
            let untouched = modified(&self.input) == self.modified;
            match now {
                Ok(now) if now == self.plan.identity.input && untouched => Ok(()),
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
