//! Drives a job in chunks: from what is done already to the outputs.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use super::super::describe::likely_bytes;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::feed::FileFeed;
use super::super::job::{Job, Progress, Session};
use super::super::ladder::Ladder;
use super::super::naming::{folder_of, is_same};
use super::super::pipeline::{self, Lane, Note, Outcome, Run, To};
use super::super::report::{Chunks, Report};
use super::damage;
use super::disk::{Gate, LowDisk, Need};
use super::feed::ChunkFeed;
use super::folder::JobFolder;
use super::identity::Input;
use super::keeper::Book;
use super::plan::{ChunkPlan, Chunking};
use super::record::{Ledger, Memory, Record, Stored};
use super::segments::Segments;
use super::stitch::{Work, stitch};
use crate::graph::Executor;
use crate::media::{Damage, MediaError, OutputPlan, Source, ZeroedMemory};

/// A chunk is tried so often.
const ATTEMPTS: usize = 3;

/// Renders `job` in chunks. Whatever ends it, what is done is kept, and noted in the error.
pub(in super::super) fn render(
    job: Job,
    chunking: Chunking,
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<Report> {
    let folder = JobFolder::hold(&chunking.place)?;
    let chunks = chunking.plan.chunks();
    let encoders = job
        .outputs
        .iter()
        .map(|output| output.plan.video.encoder.as_str());
    let _zeroed = ZeroedMemory::for_encoders(encoders);
    let resume = job.settings.job.resume;
    let book = Book {
        folder: &folder,
        job: chunking.plan.digest(),
        lanes: job.outputs.len(),
        gate: Gate::new(folder.path(), job.settings.job.low_disk),
        ledger: Mutex::new(Ledger::new(&chunking.plan.digest())),
        done: Mutex::default(),
    };
    let mut engine = Engine {
        book: &book,
        plan: chunking.plan,
        input: chunking.input,
        ladder: job
            .plan
            .as_ref()
            .map(|(_, choice)| Ladder::new(choice.clone())),
        job,
        cancel,
        from_start: false,
    };
    let report = engine
        .begin(resume)
        .and_then(|words| engine.go(words, tell));
    let done = book.done().len();
    let error = match report {
        Ok(report) => {
            folder.remove();
            return Ok(report);
        }
        Err(error) => error,
    };
    if done == 0 {
        folder.remove();
        return Err(error);
    }
    Err(match error {
        RenderError::Cancelled => RenderError::Interrupted { done, chunks },
        failure => RenderError::Unfinished {
            failure: Box::new(failure),
            done,
            chunks,
        },
    })
}

struct Engine<'a> {
    book: &'a Book<'a>,
    plan: ChunkPlan,
    /// The input, held open from the beginning.
    input: File,
    job: Job,
    /// What runs the graph, where there is one.
    ladder: Option<Ladder>,
    cancel: &'a Cancel,
    /// Decoding begins at the file's start, whatever was planned.
    from_start: bool,
}

/// What is to be said once somebody listens.
type Words = Vec<String>;

impl Engine<'_> {
    /// Finds what is done, and makes the folder hold that and nothing else.
    fn begin(&mut self, resume: bool) -> Result<Words> {
        let mut words = Vec::new();
        let folder = self.book.folder;
        if !resume || ChunkPlan::read(folder.path()).is_none() {
            folder.clear(&|_| false)?;
            self.plan.write(folder)?;
            return Ok(words);
        }
        let job = &self.book.job;
        let ledger = Ledger::read(folder, job);
        if ledger.is_none() && Ledger::exists(folder) {
            words
                .push("the ledger of what is done is damaged: every chunk is looked at".to_owned());
        }
        for chunk in 0..self.plan.chunks() {
            let path = folder.record(chunk);
            if !path.exists() {
                continue;
            }
            let noted = ledger.as_ref().and_then(|ledger| ledger.chunks.get(&chunk));
            match Record::trusted(folder, job, chunk, noted).and_then(|record| {
                let stored = Stored::of(&path).map_err(|error| error.to_string())?;
                Ok((record, stored))
            }) {
                Ok((record, stored)) => self.book.know(record, stored),
                Err(why) => words.push(format!("chunk {} is rendered again: {why}", chunk + 1)),
            }
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
        }
        let done = self.book.done();
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
        Ok(words)
    }

    fn go(&mut self, words: Words, tell: &mut dyn FnMut(Event)) -> Result<Report> {
        let compiling = Instant::now();
        let mut executor = self.executor()?;
        let spent = compiling.elapsed();
        let steps = self.job.plan.as_ref().map(|(plan, _)| plan.steps.len());
        let device = executor.as_ref().map(|executor| executor.device());
        let mut session = Session::begin(&self.job, device, tell);
        if let Some(steps) = steps {
            session.compiled(steps, spent);
        }
        let chunks = self.plan.chunks();
        let resumed = self.book.done().len();
        if resumed > 0 {
            session.tell(Event::Resume {
                done: resumed,
                chunks,
            });
        }
        words.into_iter().for_each(|words| session.say(words));
        session.report.chunks = Some(Chunks {
            chunks,
            resumed,
            retries: Vec::new(),
        });
        let before = self.frames_done();
        self.check_room(before, &mut session)?;
        let mut progress = Progress::new(&self.job.origin.info, &self.job.outputs)
            .going_on(before, self.plan.frames);
        let mut attempts: BTreeMap<usize, usize> = BTreeMap::new();
        while let Some(gap) = self.gap() {
            let ready = match executor.take() {
                Some(ready) => Ok(Some(ready)),
                None => self.executor(),
            };
            let outcome = ready.and_then(|ready| {
                self.run(gap, ready, |note| match note {
                    Note::Frame { lane, span } => {
                        if let Some(event) = progress.event(lane, span) {
                            session.tell(event);
                        }
                    }
                    Note::Warning(words) => session.say(words),
                })
            });
            match outcome {
                Ok(outcome) => session.spent(&outcome),
                Err(error) => self.after(error, &mut attempts, &mut session)?,
            }
        }
        for event in progress.last() {
            session.tell(event);
        }
        self.end(session)
    }

    /// Warns of too little room for what is to come, and refuses where there is far too little.
    fn check_room(&self, frames: u64, session: &mut Session<'_>) -> Result<()> {
        let Job {
            origin,
            outputs,
            settings,
            ..
        } = &self.job;
        let written: u64 = self.book.done().values().map(Record::bytes).sum();
        let left = self.plan.frames.saturating_sub(frames);
        let need = Need {
            likely: outputs
                .iter()
                .map(|output| likely_bytes(&origin.info, &output.plan))
                .sum(),
            done: (written, frames),
            left,
        };
        let Some(first) = outputs.first() else {
            return Ok(());
        };
        let low = need.check(self.book.folder.path(), folder_of(&first.plan.path));
        match low {
            Some((words, true)) if settings.job.low_disk == LowDisk::Fail => Err(words),
            Some((words, _)) => {
                session.say(format!("{words}"));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The first chunk that is not done.
    fn gap(&self) -> Option<usize> {
        let done = self.book.done();
        (0..self.plan.chunks()).find(|chunk| !done.contains_key(chunk))
    }

    fn frames_done(&self) -> u64 {
        let frames = |record: &Record| record.decoded.len() as u64;
        self.book.done().values().map(frames).sum()
    }

    fn executor(&self) -> Result<Option<Box<dyn Executor>>> {
        match (&self.job.plan, &self.ladder) {
            (Some((plan, _)), Some(ladder)) => {
                let executor = ladder.executor(&self.job.library, plan, &self.job.files)?;
                Ok(Some(executor))
            }
            _ => Ok(None),
        }
    }

    /// What a failure leads to: another attempt, or the end.
    fn after(
        &mut self,
        error: RenderError,
        attempts: &mut BTreeMap<usize, usize>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        if let (RenderError::Seam { pts }, false) = (&error, self.from_start) {
            self.from_start = true;
            session.say(format!(
                "the input is damaged at {:.3} s, or decodes otherwise when it is entered before: it is decoded from its beginning",
                self.plan.unit.seconds(*pts)
            ));
            return Ok(());
        }
        let chunk = self.gap().unwrap_or_default();
        let tried = attempts.entry(chunk).or_insert(0);
        *tried += 1;
        if !error.may_pass() || *tried == ATTEMPTS {
            return Err(error);
        }
        let mut words = format!("chunk {} is tried again: {}", chunk + 1, error.summary());
        if let (Some(ladder), Some((plan, _))) = (&mut self.ladder, &self.job.plan)
            && let Some(device) = ladder.step_down(&error, plan)
        {
            words.push_str(&format!("; now on {device}"));
            session.report.fallbacks.push(words.clone());
        }
        if let Some(chunks) = &mut session.report.chunks {
            chunks.retries.push(words.clone());
        }
        session.say(words);
        Ok(())
    }

    /// Renders from `gap` to the next chunk that is done, or to the end.
    fn run(
        &self,
        gap: usize,
        executor: Option<Box<dyn Executor>>,
        note: impl FnMut(Note),
    ) -> Result<Outcome> {
        let Job {
            origin,
            outputs,
            settings,
            ..
        } = &self.job;
        let (first, memory) = self.begin_for(gap);
        for chunk in first..gap {
            self.book.forget(chunk)?;
        }
        let (end, expected, beginning) = {
            let done = self.book.done();
            let before = first.checked_sub(1).and_then(|before| done.get(&before));
            let met = done.get(&0).and_then(|record| record.decoded.first());
            (
                done.keys().copied().find(|&chunk| chunk > gap),
                before.and_then(|record| record.next.clone()),
                met.map(|span| span.pts),
            )
        };
        let end = end.unwrap_or(self.plan.chunks());
        let (source, entered) = self.source(first)?;
        let feed = FileFeed::new(source, settings.strict);
        let feed = ChunkFeed::new(feed, &self.plan, first, end, expected, entered);
        let plans: Vec<OutputPlan> = outputs.iter().map(|output| output.plan.segment()).collect();
        let lanes = outputs.iter().zip(&plans).enumerate();
        let lanes = lanes.map(|(lane, (output, plan))| Lane {
            plan,
            to: To::Segments(Segments {
                folder: self.book.folder,
                lane,
                first,
                gate: &self.book.gate,
            }),
            port: output.port,
        });
        let run = Run {
            feed: Box::new(feed),
            executor,
            header: &origin.header,
            lanes: lanes.collect(),
            time_base: origin.info.video().time_base,
            start: origin.info.video().start.or(beginning),
            seed: settings.seed,
            observed: self
                .job
                .plan
                .as_ref()
                .is_some_and(|(plan, _)| plan.observed),
            cancel: self.cancel,
            book: Some(self.book),
            memory,
        };
        pipeline::run(run, note)
    }

    /// Where rendering must begin so that chunk `gap` comes out as it would have, and what it goes on from: at the chunk
    /// itself, unless what was carried on to it is gone.
    fn begin_for(&self, gap: usize) -> (usize, Memory) {
        let done = self.book.done();
        let known = (0..gap).rev().find_map(|before| {
            let memory = Memory::read(self.book.folder, done.get(&before)?)?;
            Some((before + 1, memory))
        });
        known.unwrap_or_default()
    }

    /// The input, at the start of chunk `first` or at its own, and whether it was entered there.
    fn source(&self, first: usize) -> Result<(Source, bool)> {
        let path = &self.job.origin.info.path;
        if !is_same(&self.input, path) {
            return Err(MediaError::NoInput {
                path: path.clone(),
                why: "it is no longer there, or another file took its name".into(),
            }
            .into());
        }
        let mut source = Source::open(path)?;
        let damaged = |(_, record): (&usize, &Record)| record.damage.any();
        // Damage leaves traces in the decoder that a key frame need not wipe out.
        let enter =
            self.plan.seekable && !self.from_start && !self.book.done().range(..first).any(damaged);
        source.pictures_only();
        let all = match &self.job.origin.info.part {
            Some(part) => part.range.clone(),
            None => i64::MIN..i64::MAX,
        };
        match self.plan.start(first) {
            Some(start) if enter => source.range(start..all.end)?,
            Some(_) => source.range(i64::MIN..all.end)?,
            None => source.range(all)?,
        }
        Ok((source, enter && first > 0))
    }

    /// Puts the outputs together.
    fn end(&mut self, mut session: Session<'_>) -> Result<Report> {
        let done = self.book.done();
        let records: Vec<&Record> = done.values().collect();
        let outputs = std::mem::take(&mut self.job.outputs);
        let path = self.job.origin.info.path.clone();
        let unchanged = || {
            let now = Input::of(&self.input);
            match now {
                Ok(now) if now == self.plan.identity.input => Ok(()),
                Ok(_) => Err(RenderError::Damaged {
                    path: path.clone(),
                    words: vec!["it was written to while it was rendered".to_owned()],
                }),
                Err(error) => Err(MediaError::Read {
                    path: path.clone(),
                    why: error.to_string(),
                }
                .into()),
            }
        };
        let work = Work {
            folder: self.book.folder,
            header: &self.job.origin.header,
            input: &self.input,
            settings: &self.job.settings,
            cancel: self.cancel,
        };
        let decoded = stitch(&work, outputs, &records, unchanged, &mut session)?;
        let none = Damage::default();
        let damage = records
            .iter()
            .fold(none, |all, record| damage::sum(all, &record.damage));
        Ok(session.end(&decoded, damage))
    }
}
