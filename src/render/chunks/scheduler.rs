//! Renders the unfinished chunks of a job with one worker or several at a time.
//!
//! Each worker takes a work unit and has its own decoder, executor and encoders. The boundary between two chunks is
//! checked when both are finished: the frame that followed the first chunk must be the first frame of the second.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, Scope};

use crossbeam_channel::{Sender, unbounded};

use super::super::device_fallback::{ATTEMPTS, DeviceFallback};
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::job::{BY_PROCESSOR, Job, JobReporter, Progress};
use super::super::pipeline::{Note, Outcome, panic_message};
use super::context::ChunkContext;
use super::interim_report::InterimReport;
use crate::graph::Executor;
use crate::media::Decode;

/// Assigns work units to workers and decides what happens after a failure.
pub(super) struct ChunkScheduler<'a> {
    /// Number of work units rendered at a time.
    pub workers: usize,
    job: &'a Job,
    /// The device of the graph, if there is one.
    fallback: Option<DeviceFallback>,
    interim: &'a InterimReport<'a>,
    /// Whether decoding must start at the beginning of the file, whatever the plan says.
    pub from_start: bool,
    attempts: BTreeMap<usize, usize>,
    /// Finished chunks when they were last told.
    told: usize,
}

/// A reason to decode from the beginning of the file: finished chunks may differ from that result.
#[derive(Clone, Copy)]
struct Distrust {
    /// The first chunk that may differ.
    first: usize,
    /// The time at which the difference begins, in ticks of the source.
    pts: i64,
}

/// A message from a worker.
enum Message {
    Note(Note),
    /// The work unit that begins with this chunk has ended.
    Ended(usize, Box<Result<Outcome>>),
}

impl<'a> ChunkScheduler<'a> {
    pub fn new(job: &'a Job, interim: &'a InterimReport<'a>) -> Self {
        let fallback = DeviceFallback::of(job.plan.as_ref());
        let shared = job.settings.job.folder.is_some();
        Self {
            workers: 1,
            job,
            fallback: match shared {
                true => fallback.map(DeviceFallback::staying),
                false => fallback,
            },
            interim,
            from_start: false,
            attempts: BTreeMap::new(),
            told: 0,
        }
    }

    /// Makes the executor of the graph.
    pub fn executor(&self) -> Result<Option<Box<dyn Executor>>> {
        self.job.executor(self.fallback.as_ref())
    }

    /// Renders all unfinished chunks; `ready` is the executor for the first work unit.
    ///
    /// # Errors
    /// The first failure for which another attempt is of no use, once all workers have ended.
    pub fn render(
        &mut self,
        context: &ChunkContext<'_>,
        mut ready: Option<Box<dyn Executor>>,
        cancel: &Cancel,
        reporter: &mut JobReporter<'_>,
        progress: &mut Progress,
    ) -> Result<()> {
        let halt = Arc::new(AtomicBool::new(false));
        let either = cancel.or(&halt);
        let (messages, received) = unbounded();
        let mut busy: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        let mut failure = None;
        let mut reason = self.distrust_reason(context);
        self.told = context.journal.done().len();
        std::thread::scope(|scope| {
            loop {
                // Finished chunks are discarded only when no worker is running.
                if let (Some(reason), true) = (reason, busy.is_empty())
                    && failure.is_none()
                {
                    self.distrust(context, reason, reporter)?;
                }
                if busy.is_empty() && failure.is_none() {
                    reason = None;
                    halt.store(false, Ordering::Relaxed);
                }
                while !halt.load(Ordering::Relaxed) && busy.len() < self.workers {
                    let Some(mut gap) = context.gap(&busy, self.workers > 1) else {
                        break;
                    };
                    if self.cross_checking() {
                        gap.end = gap.start + 1;
                    }
                    let executor = ready
                        .take()
                        .map_or_else(|| self.executor(), |it| Ok(Some(it)));
                    let begun = executor.and_then(|executor| {
                        reporter.report.device = executor.as_ref().map(|it| it.device());
                        self.begin(scope, context, gap.clone(), executor, &either, &messages)
                    });
                    match begun {
                        Ok(chunks) => {
                            progress.begin(&chunks);
                            busy.insert(chunks.start, chunks);
                        }
                        Err(error) => {
                            if let Err(error) = self.after(error, context, gap, reporter) {
                                failure.get_or_insert(error);
                                halt.store(true, Ordering::Relaxed);
                            }
                        }
                    }
                }
                if let Some(chunks) = &mut reporter.report.chunks {
                    chunks.workers = chunks.workers.max(busy.len());
                }
                if busy.is_empty() {
                    break;
                }
                let (first, result) = match received.recv() {
                    Ok(Message::Ended(first, result)) => (first, *result),
                    Ok(Message::Note(note)) => {
                        self.hear(context, note, reporter, progress);
                        continue;
                    }
                    Err(_) => break,
                };
                let chunks = busy.remove(&first).unwrap_or(first..first + 1);
                match result {
                    Ok(outcome) => {
                        reporter.spent(&outcome);
                        self.tell_chunks(context, reporter);
                        let unfinished = {
                            let done = context.journal.done();
                            chunks.clone().find(|chunk| !done.contains_key(chunk))
                        };
                        if let Some(chunk) = unfinished {
                            // It would be rendered again and again.
                            failure.get_or_insert(RenderError::Unfaithful {
                                path: context.outputs[0].plan.path.clone(),
                                why: format!("chunk {} was rendered but not completed", chunk + 1),
                            });
                        }
                        self.cross_check(context, chunks.end - 1, reporter);
                    }
                    Err(RenderError::Cancelled) if halt.load(Ordering::Relaxed) => {}
                    Err(RenderError::BoundaryMismatch { pts }) if !self.from_start => {
                        let first = chunks.start.min(context.plan.at(pts));
                        reason = Some(Distrust { first, pts });
                    }
                    Err(error) => {
                        if let Err(error) = self.after(error, context, chunks, reporter) {
                            failure.get_or_insert(error);
                        }
                    }
                }
                reason = reason.or_else(|| self.distrust_reason(context));
                if failure.is_some() || reason.is_some() {
                    halt.store(true, Ordering::Relaxed);
                }
            }
            failure.map_or(Ok(()), Err)
        })
    }

    /// A reason not to trust finished chunks, or not to render several chunks at a time.
    fn distrust_reason(&self, context: &ChunkContext<'_>) -> Option<Distrust> {
        let first = context.journal.doubtful().or_else(|| {
            let damaged = context.journal.first_damaged()?;
            (self.workers > 1).then_some(damaged + 1)
        })?;
        let pts = context.plan.start(first.min(context.plan.chunks() - 1))?;
        Some(Distrust { first, pts })
    }

    /// Discards chunks whose decoding started in the middle, and continues from the beginning of the file.
    fn distrust(
        &mut self,
        context: &ChunkContext<'_>,
        why: Distrust,
        reporter: &mut JobReporter<'_>,
    ) -> Result<()> {
        self.from_start = true;
        self.workers = 1;
        context.journal.forget_entered(why.first)?;
        reporter.say(format!(
            "the input is damaged at {:.3} s, or decodes differently if decoding starts at a key frame before that: it is decoded from its beginning",
            context.plan.unit.seconds(why.pts)
        ));
        Ok(())
    }

    /// Starts a worker for `gap` and returns the chunks that it renders.
    fn begin<'scope, 'env>(
        &self,
        scope: &'scope Scope<'scope, 'env>,
        context: &'scope ChunkContext<'scope>,
        gap: Range<usize>,
        executor: Option<Box<dyn Executor>>,
        cancel: &Cancel,
        messages: &Sender<Message>,
    ) -> Result<Range<usize>> {
        let check_output = self
            .fallback
            .as_ref()
            .is_some_and(DeviceFallback::check_output);
        let unit = context.work_unit(gap, self.from_start, check_output)?;
        let chunks = unit.chunks.clone();
        let (messages, cancel) = (messages.clone(), cancel.clone());
        let job = tracing::Span::current();
        Builder::new()
            .name("chunks".to_owned())
            .spawn_scoped(scope, move || {
                let first = unit.chunks.start;
                let note = |note| {
                    let _ = messages.send(Message::Note(note));
                };
                let work = || job.in_scope(|| context.render(unit, executor, &cancel, note));
                let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                    Err(RenderError::Panicked {
                        stage: "chunks",
                        message: panic_message(panic.as_ref()),
                    })
                });
                let _ = messages.send(Message::Ended(first, Box::new(result)));
            })
            .map_err(RenderError::NoThread)?;
        Ok(chunks)
    }

    /// After a failure of a worker at `chunks`: allows another attempt, or returns the error.
    fn after(
        &mut self,
        error: RenderError,
        context: &ChunkContext<'_>,
        chunks: Range<usize>,
        reporter: &mut JobReporter<'_>,
    ) -> Result<()> {
        let chunk = {
            let done = context.journal.done();
            let mut chunks = chunks.clone();
            chunks.find(|chunk| !done.contains_key(chunk))
        };
        let chunk = chunk.unwrap_or(chunks.start);
        let tried = self.attempts.entry(chunk).or_insert(0);
        *tried += 1;
        let decoder = error.is_of_decoder() && context.settings.decode == Decode::Auto;
        if !(decoder || error.may_pass()) {
            return Err(error);
        }
        let tried = *tried;
        let device = match (&mut self.fallback, context.graph) {
            _ if decoder => {
                context.by_processor.store(true, Ordering::Relaxed);
                reporter.report.input.decoder = None;
                Some(BY_PROCESSOR.to_owned())
            }
            (Some(fallback), Some(plan)) => fallback.step_down(&error, plan),
            _ => None,
        };
        // Each device is tried, however many there are.
        if tried >= ATTEMPTS && device.is_none() {
            return Err(error);
        }
        reporter.again(&format!("chunk {}", chunk + 1), &error, device);
        self.interim.save(&reporter.report);
        Ok(())
    }

    /// Whether a single chunk is being rendered on another device to compare the results.
    fn cross_checking(&self) -> bool {
        self.fallback
            .as_ref()
            .is_some_and(DeviceFallback::cross_checking)
    }

    /// That chunk is finished: decides whether the first device had failed.
    fn cross_check(
        &mut self,
        context: &ChunkContext<'_>,
        chunk: usize,
        reporter: &mut JobReporter<'_>,
    ) {
        let Some(fallback) = self
            .fallback
            .as_mut()
            .filter(|fallback| fallback.cross_checking())
        else {
            return;
        };
        let done = context.journal.done();
        let same = done
            .get(&chunk)
            .is_some_and(|record| record.anomalies.is_grave());
        fallback.cross_checked(same);
        if same {
            reporter.say(
                "another device gives the same picture: the style makes it, no device has failed"
                    .to_owned(),
            );
        }
    }

    /// Tells how many chunks are finished, where that changed.
    fn tell_chunks(&mut self, context: &ChunkContext<'_>, reporter: &mut JobReporter<'_>) {
        let done = context.journal.done().len();
        if done > self.told {
            reporter.tell(Event::Chunk {
                done,
                chunks: context.plan.chunks(),
                input: context.info.path.clone(),
            });
        }
        self.told = done;
    }

    fn hear(
        &mut self,
        context: &ChunkContext<'_>,
        note: Note,
        reporter: &mut JobReporter<'_>,
        progress: &mut Progress,
    ) {
        match note {
            Note::Frame { lane, span } => {
                let unit = context.outputs[lane].plan.frame_shape().time_base;
                let chunk = context.plan.at(unit.rescale(span.pts, context.plan.unit));
                if let Some(event) = progress.event(lane, chunk, span) {
                    reporter.tell(event);
                }
                self.tell_chunks(context, reporter);
            }
            Note::Warning(words) => {
                reporter.say(words);
                self.interim.save(&reporter.report);
            }
        }
    }
}
