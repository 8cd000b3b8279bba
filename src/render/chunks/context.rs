//! Renders work units: the data that all workers of a job share, and what one worker does with a unit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::bounded;

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::file_source::FileSource;
use super::super::job::Output;
use super::super::naming::is_same;
use super::super::pipeline::{self, BoundaryFrame, Note, Outcome, OutputLane, Run, spawn};
use super::super::settings::Settings;
use super::super::turning_sink::turning;
use super::super::watchdog::WatchedSession;
use super::journal::{ChunkEvent, Journal};
use super::plan::ChunkPlan;
use super::record::{Record, read_checkpoint};
use super::segment_sink::SegmentSink;
use super::source::ChunkSource;
use crate::graph::plan::Plan;
use crate::graph::{Checkpoint, Executor, Session};
use crate::hardware::WatchedGpu;
use crate::media::{Decode, Header, MediaError, OutputPlan, Source, SourceInfo};

/// Events of finished chunks that may wait for the journal.
const EVENTS_AHEAD: usize = 4;

/// The data of a job that all its workers share.
pub(super) struct ChunkContext<'a> {
    pub journal: &'a Journal<'a>,
    pub plan: &'a ChunkPlan,
    /// The input, held open from the beginning.
    pub input: &'a File,
    pub info: &'a SourceInfo,
    pub header: &'a std::sync::Arc<Header>,
    pub outputs: &'a [Output],
    pub settings: &'a Settings,
    /// The time from which frames at the output's rate count, where that is not the stream's start.
    pub origin: Option<i64>,
    /// The graph's plan, where there is one.
    pub graph: Option<&'a Plan>,
    /// The card that renders, where it is watched.
    pub gpu: Option<WatchedGpu>,
    /// The chunks that this process is to render; `None` is all.
    pub wanted: Option<&'a BTreeSet<usize>>,
    /// Whether a hardware decoder has failed, and the processor decodes from now on.
    pub by_processor: AtomicBool,
}

/// Chunks that one worker renders in order, and the state that they continue from.
pub(super) struct WorkUnit {
    pub chunks: Range<usize>,
    checkpoint: Checkpoint,
    /// Its first frame, if the chunk before it has recorded it.
    expected: Option<BoundaryFrame>,
    /// Whether decoding starts at the first chunk; otherwise it starts at the beginning of the source.
    enter: bool,
    /// Time of the stream's start.
    start: Option<i64>,
    /// Whether too many anomalies in the output of a GPU end the unit with an error.
    check_output: bool,
}

impl ChunkContext<'_> {
    /// Whether a frame depends on a known number of earlier frames, so that a chunk can be rendered without the chunks
    /// before it.
    pub fn is_independent(&self) -> bool {
        self.graph.is_none_or(|plan| plan.timing().before.is_some())
    }

    /// The first run of chunks that are neither finished nor among the `taken`. It ends before the next chunk at which the
    /// plan has a scene begin, so that each of these begins as if it were the first, whoever renders it; if `shared`, also
    /// before the next chunk at which another worker can start.
    pub fn gap(&self, taken: &BTreeMap<usize, Range<usize>>, shared: bool) -> Option<Range<usize>> {
        let done = self.journal.done();
        let is_free = |chunk: &usize| {
            !done.contains_key(chunk)
                && self.wanted.is_none_or(|wanted| wanted.contains(chunk))
                && !taken.values().any(|taken| taken.contains(chunk))
        };
        let first = (0..self.plan.chunks()).find(is_free)?;
        let goes_on = |chunk: &usize| {
            is_free(chunk)
                && !self.plan.begins_scene(*chunk)
                && !(shared && self.plan.is_entry(*chunk))
        };
        let end = (first + 1..self.plan.chunks()).find(|chunk| !goes_on(chunk));
        Some(first..end.unwrap_or(self.plan.chunks()))
    }

    /// The work unit that renders `gap`. It starts at an earlier chunk if the checkpoint before `gap` is missing; the
    /// chunks that are rendered again are marked as not finished. With `check_output`, too many anomalies in the output
    /// of a GPU end the unit with an error.
    pub fn work_unit(
        &self,
        gap: Range<usize>,
        from_start: bool,
        check_output: bool,
    ) -> Result<WorkUnit> {
        let (first, checkpoint) = self.begin_for(gap.start);
        for chunk in first..gap.start {
            self.journal.forget(chunk)?;
        }
        let done = self.journal.done();
        let before = first.checked_sub(1).and_then(|before| done.get(&before));
        let met = done.get(&0).and_then(|record| record.decoded.first());
        let damaged = |(_, record): (&usize, &Record)| record.damage.any();
        Ok(WorkUnit {
            chunks: first..gap.end,
            checkpoint,
            expected: before.and_then(|record| record.next.clone()),
            // Damage can affect the decoder even after the next key frame.
            enter: first > 0
                && self.plan.seekable
                && !from_start
                && !done.range(..first).any(damaged),
            start: self.info.video().start.or(met.map(|span| span.pts)),
            check_output,
        })
    }

    /// The chunk at which rendering must start to give the right result for chunk `gap`, and the checkpoint to continue
    /// from. It is `gap` itself unless the checkpoint before it is missing.
    fn begin_for(&self, gap: usize) -> (usize, Checkpoint) {
        if self.is_independent() {
            return (gap, Checkpoint::default());
        }
        let done = self.journal.done();
        let known = (1..=gap).rev().find_map(|chunk| {
            if self.plan.begins_scene(chunk) {
                return Some((chunk, Checkpoint::default()));
            }
            let checkpoint = read_checkpoint(self.journal.dir, done.get(&(chunk - 1))?)?;
            Some((chunk, checkpoint))
        });
        known.unwrap_or_default()
    }

    /// Renders a work unit.
    pub fn render(
        &self,
        unit: WorkUnit,
        executor: Option<Box<dyn Executor>>,
        cancel: &Cancel,
        note: impl FnMut(Note),
    ) -> Result<Outcome> {
        self.journal.gate.restart(&unit.chunks);
        let source = self.source(&unit)?;
        let WorkUnit {
            chunks,
            checkpoint,
            expected,
            enter,
            start,
            check_output,
        } = unit;
        // Apparent damage may be caused by starting in the middle. Then the source is first decoded from its beginning,
        // and only that result is judged.
        let source = FileSource::new(source, self.settings.strict && !enter);
        // A unit that continues from a checkpoint needs no earlier frames.
        let warm = checkpoint.is_empty();
        let after = self.graph.map_or(0, |plan| plan.timing().after);
        let source = ChunkSource::new(source, self.plan, chunks.clone(), expected, enter);
        let source = source.with_context(self.plan, warm, after);
        let [from, to] = [chunks.start, chunks.end].map(|chunk| self.plan.start(chunk));
        let wanted = from.unwrap_or(i64::MIN)..to.unwrap_or(i64::MAX);
        let time_base = self.info.video().time_base;
        let session = executor.map(|executor| -> Result<WatchedSession> {
            let session = Session::new(executor, start, self.settings.seed);
            let mut session = session.with_origin(self.origin);
            session.restore(checkpoint)?;
            let watched = WatchedSession::new(session, time_base, check_output);
            Ok(watched.measured(
                self.settings.job.metrics.as_ref(),
                self.info.pictures().frame_rate,
            ))
        });
        let plans: Vec<OutputPlan> = self
            .outputs
            .iter()
            .map(|output| output.plan.segment())
            .collect();
        let (to_journal, events) = bounded(EVENTS_AHEAD);
        let lanes = self.outputs.iter().zip(&plans).enumerate();
        let lanes = lanes.map(|(lane, (output, plan))| OutputLane {
            format: plan.frame_format(),
            port: output.port,
            retimings: output.retimings.clone(),
            sink: turning(
                SegmentSink {
                    dir: self.journal.dir,
                    gate: &self.journal.gate,
                    plan,
                    header: self.header,
                    cancel,
                    journal: to_journal.clone(),
                    lane,
                    chunk: chunks.start,
                    segment: Default::default(),
                    carrier: output.carrier(time_base),
                    closing: Default::default(),
                },
                plan,
            ),
        });
        let lanes = lanes.collect();
        let run = Run {
            source: Box::new(source),
            session: session.transpose()?,
            lanes,
            time_base,
            start: self.origin.or(start),
            cancel,
            on_chunk_end: Box::new(move |chunk| {
                let event = ChunkEvent::Computed(Box::new(chunk));
                to_journal.send(event).map_err(|_| RenderError::Stopped)
            }),
            wanted,
            gpu: self.gpu.clone(),
            newest: self.settings.job.newest.clone(),
        };
        std::thread::scope(|scope| {
            let journal = spawn(scope, "journal", move || self.journal.run(&events))?;
            let outcome = pipeline::run(run, note);
            let recorded = journal.join().unwrap_or_else(|panic| resume_unwind(panic));
            match (outcome, recorded) {
                // The pipeline stopped because the journal failed.
                (Err(RenderError::Stopped), Err(error)) => Err(error),
                (outcome, recorded) => recorded.and(outcome),
            }
        })
    }

    /// The input, positioned where decoding starts for the work unit.
    fn source(&self, unit: &WorkUnit) -> Result<Source> {
        let path = &self.info.path;
        if !is_same(self.input, path) {
            return Err(MediaError::NoInput {
                path: path.clone(),
                why: "it was removed, or replaced by another file".into(),
            }
            .into());
        }
        let spared = self.gpu.as_ref().is_some_and(WatchedGpu::is_to_be_spared);
        let mut reading = self.info.reading;
        if spared || self.by_processor.load(Ordering::Relaxed) {
            reading.decode = Decode::Software;
        }
        let mut source = Source::open_at(path, reading)?;
        source.pictures_only();
        let all = match &self.info.part {
            Some(part) => part.range.clone(),
            None => i64::MIN..i64::MAX,
        };
        match self.plan.warm_start(unit.chunks.start) {
            Some(start) if unit.enter => source.range(start..all.end)?,
            Some(_) => source.range(i64::MIN..all.end)?,
            None => source.range(all)?,
        }
        Ok(source)
    }
}
