//! Renders what is not done of a job, by one worker or by several at a time.
//!
//! Each worker takes a stretch of chunks and has a decoder, an executor and encoders of its own. What joins the chunks is
//! checked when both neighbours are done: the frame that one met after its end must be the one that the next began with.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, Scope};

use crossbeam_channel::{Sender, unbounded};

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::job::{Job, Progress, Session};
use super::super::ladder::{ATTEMPTS, Ladder};
use super::super::pipeline::{Note, Outcome, words_of};
use super::kept::Kept;
use super::site::Site;
use crate::graph::Executor;

/// Those who render a job's chunks, and what went wrong so far.
pub(super) struct Crew<'a> {
    /// Stretches that are rendered at a time.
    pub workers: usize,
    job: &'a Job,
    /// What runs the graph, where there is one.
    ladder: Option<Ladder>,
    kept: &'a Kept<'a>,
    /// Decoding begins at the file's start, whatever was planned.
    from_start: bool,
    attempts: BTreeMap<usize, usize>,
}

/// Why chunks that are done may not be what decoding from the file's beginning gives.
#[derive(Clone, Copy)]
struct Doubt {
    /// The first of them.
    first: usize,
    /// The time that it is about.
    pts: i64,
}

/// From a worker.
enum Word {
    Note(Note),
    /// The stretch that begins with this chunk is over.
    Ended(usize, Box<Result<Outcome>>),
}

impl<'a> Crew<'a> {
    pub fn new(job: &'a Job, kept: &'a Kept<'a>) -> Self {
        Self {
            workers: 1,
            job,
            ladder: Ladder::of(job.plan.as_ref()),
            kept,
            from_start: false,
            attempts: BTreeMap::new(),
        }
    }

    /// Makes ready what runs the graph.
    pub fn executor(&self) -> Result<Option<Box<dyn Executor>>> {
        self.job.executor(self.ladder.as_ref())
    }

    /// Renders all that is not done; `ready` runs the graph of the first stretch.
    ///
    /// # Errors
    /// The first failure that trying again does not help, once all workers have ended.
    pub fn render(
        &mut self,
        site: &Site<'_>,
        mut ready: Option<Box<dyn Executor>>,
        cancel: &Cancel,
        session: &mut Session<'_>,
        progress: &mut Progress,
    ) -> Result<()> {
        let halt = Arc::new(AtomicBool::new(false));
        let either = cancel.or(&halt);
        let (words, heard) = unbounded();
        let mut busy: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        let mut failure = None;
        let mut doubt = self.doubt(site);
        std::thread::scope(|scope| {
            loop {
                // Those who are at work must have stopped before anything is taken back.
                if let (Some(doubt), true) = (doubt, busy.is_empty())
                    && failure.is_none()
                {
                    self.distrust(site, doubt, session)?;
                }
                if busy.is_empty() && failure.is_none() {
                    doubt = None;
                    halt.store(false, Ordering::Relaxed);
                }
                while !halt.load(Ordering::Relaxed) && busy.len() < self.workers {
                    let Some(mut gap) = site.gap(&busy, self.workers > 1) else {
                        break;
                    };
                    if self.compares() {
                        gap.end = gap.start + 1;
                    }
                    let executor = ready
                        .take()
                        .map_or_else(|| self.executor(), |it| Ok(Some(it)));
                    let begun = executor.and_then(|executor| {
                        session.report.device = executor.as_ref().map(|it| it.device());
                        self.begin(scope, site, gap.clone(), executor, &either, &words)
                    });
                    match begun {
                        Ok(chunks) => {
                            progress.begin(&chunks);
                            busy.insert(chunks.start, chunks);
                        }
                        Err(error) => {
                            if let Err(error) = self.after(error, site, gap, session) {
                                failure.get_or_insert(error);
                                halt.store(true, Ordering::Relaxed);
                            }
                        }
                    }
                }
                if let Some(chunks) = &mut session.report.chunks {
                    chunks.workers = chunks.workers.max(busy.len());
                }
                if busy.is_empty() {
                    break;
                }
                let (first, result) = match heard.recv() {
                    Ok(Word::Ended(first, result)) => (first, *result),
                    Ok(Word::Note(note)) => {
                        self.hear(site, note, session, progress);
                        continue;
                    }
                    Err(_) => break,
                };
                let chunks = busy.remove(&first).unwrap_or(first..first + 1);
                match result {
                    Ok(outcome) => {
                        session.spent(&outcome);
                        self.compare(site, chunks.end - 1, session);
                    }
                    Err(RenderError::Cancelled) if halt.load(Ordering::Relaxed) => {}
                    Err(RenderError::Seam { pts }) if !self.from_start => {
                        let first = chunks.start.min(site.plan.at(pts));
                        doubt = Some(Doubt { first, pts });
                    }
                    Err(error) => {
                        if let Err(error) = self.after(error, site, chunks, session) {
                            failure.get_or_insert(error);
                        }
                    }
                }
                doubt = doubt.or_else(|| self.doubt(site));
                if failure.is_some() || doubt.is_some() {
                    halt.store(true, Ordering::Relaxed);
                }
            }
            failure.map_or(Ok(()), Err)
        })
    }

    /// What speaks against chunks that are done, or against rendering several at a time.
    fn doubt(&self, site: &Site<'_>) -> Option<Doubt> {
        let first = site.book.doubtful().or_else(|| {
            let damaged = site.book.first_damaged()?;
            (self.workers > 1).then_some(damaged + 1)
        })?;
        let pts = site.plan.start(first.min(site.plan.chunks() - 1))?;
        Some(Doubt { first, pts })
    }

    /// Takes back what was decoded from the middle, and goes on from the file's beginning.
    fn distrust(&mut self, site: &Site<'_>, doubt: Doubt, session: &mut Session<'_>) -> Result<()> {
        self.from_start = true;
        self.workers = 1;
        site.book.forget_entered(doubt.first)?;
        session.say(format!(
            "the input is damaged at {:.3} s, or decodes otherwise when it is entered before: it is decoded from its beginning",
            site.plan.unit.seconds(doubt.pts)
        ));
        Ok(())
    }

    /// Sends a worker to the gap; gives the chunks that it renders.
    fn begin<'scope, 'env>(
        &self,
        scope: &'scope Scope<'scope, 'env>,
        site: &'scope Site<'scope>,
        gap: Range<usize>,
        executor: Option<Box<dyn Executor>>,
        cancel: &Cancel,
        words: &Sender<Word>,
    ) -> Result<Range<usize>> {
        let doubt = self.ladder.as_ref().is_some_and(Ladder::doubts);
        let stretch = site.stretch(gap, self.from_start, doubt)?;
        let chunks = stretch.chunks.clone();
        let (words, cancel) = (words.clone(), cancel.clone());
        let job = tracing::Span::current();
        Builder::new()
            .name("chunks".to_owned())
            .spawn_scoped(scope, move || {
                let first = stretch.chunks.start;
                let note = |note| {
                    let _ = words.send(Word::Note(note));
                };
                let work = || job.in_scope(|| site.render(stretch, executor, &cancel, note));
                let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                    Err(RenderError::Panicked {
                        stage: "chunks",
                        message: words_of(panic.as_ref()),
                    })
                });
                let _ = words.send(Word::Ended(first, Box::new(result)));
            })
            .map_err(RenderError::NoThread)?;
        Ok(chunks)
    }

    /// What the failure of a worker at `chunks` leads to: another attempt, or the end.
    fn after(
        &mut self,
        error: RenderError,
        site: &Site<'_>,
        chunks: Range<usize>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let chunk = {
            let done = site.book.done();
            let mut chunks = chunks.clone();
            chunks.find(|chunk| !done.contains_key(chunk))
        };
        let chunk = chunk.unwrap_or(chunks.start);
        let tried = self.attempts.entry(chunk).or_insert(0);
        *tried += 1;
        if !error.may_pass() || *tried == ATTEMPTS {
            return Err(error);
        }
        let device = match (&mut self.ladder, site.graph) {
            (Some(ladder), Some(plan)) => ladder.step_down(&error, plan),
            _ => None,
        };
        session.again(&format!("chunk {}", chunk + 1), &error, device);
        self.kept.keep(&session.report);
        Ok(())
    }

    /// Whether one chunk is rendered to see whether another device makes the same of it.
    fn compares(&self) -> bool {
        self.ladder.as_ref().is_some_and(Ladder::compares)
    }

    /// Where that chunk is done: had the first device failed?
    fn compare(&mut self, site: &Site<'_>, chunk: usize, session: &mut Session<'_>) {
        let Some(ladder) = self.ladder.as_mut().filter(|ladder| ladder.compares()) else {
            return;
        };
        let done = site.book.done();
        let same = done
            .get(&chunk)
            .is_some_and(|record| record.suspicion.is_grave());
        ladder.compared(same);
        if same {
            session.say("another device makes the same of it: that is the style".to_owned());
        }
    }

    fn hear(
        &self,
        site: &Site<'_>,
        note: Note,
        session: &mut Session<'_>,
        progress: &mut Progress,
    ) {
        match note {
            Note::Frame { lane, span } => {
                let chunk = site.plan.at(span.pts);
                if let Some(event) = progress.event(lane, chunk, span) {
                    session.tell(event);
                }
            }
            Note::Warning(words) => {
                session.say(words);
                self.kept.keep(&session.report);
            }
        }
    }
}
