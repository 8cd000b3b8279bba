//! Renders chunks: what every worker of a job needs, and what one of them does.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;

use super::super::error::Result;
use super::super::event::Cancel;
use super::super::feed::FileFeed;
use super::super::job::Output;
use super::super::naming::is_same;
use super::super::pipeline::{self, Lane, Note, Outcome, Run, To};
use super::super::settings::Settings;
use super::feed::{ChunkFeed, Seam};
use super::keeper::Book;
use super::plan::ChunkPlan;
use super::record::{Memory, Record};
use super::segments::Segments;
use crate::graph::Executor;
use crate::graph::plan::Plan;
use crate::media::{Header, MediaError, OutputPlan, Source, SourceInfo};

/// A job as all its workers see it.
pub(super) struct Site<'a> {
    pub book: &'a Book<'a>,
    pub plan: &'a ChunkPlan,
    /// The input, held open from the beginning.
    pub input: &'a File,
    pub info: &'a SourceInfo,
    pub header: &'a std::sync::Arc<Header>,
    pub outputs: &'a [Output],
    pub settings: &'a Settings,
    /// The graph's plan, where there is one.
    pub graph: Option<&'a Plan>,
}

/// Chunks that are rendered in one go, and what they go on from.
pub(super) struct Stretch {
    pub chunks: Range<usize>,
    memory: Memory,
    /// Its first frame, where the chunk before has met it.
    expected: Option<Seam>,
    /// Whether the source is entered at the first chunk; else it is decoded from its beginning.
    enter: bool,
    /// Time of the stream's start.
    start: Option<i64>,
    /// Whether frames that look as if a graphics processor had failed end it.
    doubt: bool,
}

impl Site<'_> {
    /// Whether nothing is carried from a chunk to the next.
    pub fn is_independent(&self) -> bool {
        self.graph.is_none_or(|plan| plan.warmup() == Some(0))
    }

    /// The first chunks that are neither done nor among the `taken`, up to one that is. Where they are `shared` out, up
    /// to one that another worker may as well begin with.
    pub fn gap(&self, taken: &BTreeMap<usize, Range<usize>>, shared: bool) -> Option<Range<usize>> {
        let done = self.book.done();
        let is_free = |chunk: &usize| {
            !done.contains_key(chunk) && !taken.values().any(|taken| taken.contains(chunk))
        };
        let first = (0..self.plan.chunks()).find(is_free)?;
        let goes_on = |chunk: &usize| is_free(chunk) && !(shared && self.plan.is_entry(*chunk));
        let end = (first + 1..self.plan.chunks()).find(|chunk| !goes_on(chunk));
        Some(first..end.unwrap_or(self.plan.chunks()))
    }

    /// What rendering `gap` takes. It begins at an earlier chunk where what was carried on to the gap is gone: those that
    /// are rendered again count as not done from now on.
    /// With `doubt`, frames that look as if a graphics processor had failed end it.
    pub fn stretch(&self, gap: Range<usize>, from_start: bool, doubt: bool) -> Result<Stretch> {
        let (first, memory) = self.begin_for(gap.start);
        for chunk in first..gap.start {
            self.book.forget(chunk)?;
        }
        let done = self.book.done();
        let before = first.checked_sub(1).and_then(|before| done.get(&before));
        let met = done.get(&0).and_then(|record| record.decoded.first());
        let damaged = |(_, record): (&usize, &Record)| record.damage.any();
        Ok(Stretch {
            chunks: first..gap.end,
            memory,
            expected: before.and_then(|record| record.next.clone()),
            // Damage leaves traces in the decoder that a key frame need not wipe out.
            enter: first > 0
                && self.plan.seekable
                && !from_start
                && !done.range(..first).any(damaged),
            start: self.info.video().start.or(met.map(|span| span.pts)),
            doubt,
        })
    }

    /// Where rendering must begin so that chunk `gap` comes out as it would have, and what it goes on from: at the chunk
    /// itself, unless what was carried on to it is gone.
    fn begin_for(&self, gap: usize) -> (usize, Memory) {
        if self.is_independent() {
            return (gap, Memory::default());
        }
        let done = self.book.done();
        let known = (0..gap).rev().find_map(|before| {
            let memory = Memory::read(self.book.folder, done.get(&before)?)?;
            Some((before + 1, memory))
        });
        known.unwrap_or_default()
    }

    /// Renders a stretch.
    pub fn render(
        &self,
        stretch: Stretch,
        executor: Option<Box<dyn Executor>>,
        cancel: &Cancel,
        note: impl FnMut(Note),
    ) -> Result<Outcome> {
        let source = self.source(&stretch)?;
        let Stretch {
            chunks,
            memory,
            expected,
            enter,
            start,
            doubt,
        } = stretch;
        // What looks like damage may come from entering: then it is decoded from the beginning before it is judged.
        let feed = FileFeed::new(source, self.settings.strict && !enter);
        let feed = ChunkFeed::new(feed, self.plan, chunks.clone(), expected, enter);
        let plans: Vec<OutputPlan> = self
            .outputs
            .iter()
            .map(|output| output.plan.segment())
            .collect();
        let lanes = self.outputs.iter().zip(&plans).enumerate();
        let lanes = lanes.map(|(lane, (output, plan))| Lane {
            plan,
            to: To::Segments(Segments {
                folder: self.book.folder,
                lane,
                first: chunks.start,
                gate: &self.book.gate,
            }),
            port: output.port,
        });
        let run = Run {
            feed: Box::new(feed),
            executor,
            header: self.header,
            lanes: lanes.collect(),
            time_base: self.info.video().time_base,
            start,
            seed: self.settings.seed,
            observed: self.graph.is_some_and(|plan| plan.observed),
            cancel,
            book: Some(self.book),
            memory,
            doubt,
        };
        pipeline::run(run, note)
    }

    /// The input, where the stretch begins to decode.
    fn source(&self, stretch: &Stretch) -> Result<Source> {
        let path = &self.info.path;
        if !is_same(self.input, path) {
            return Err(MediaError::NoInput {
                path: path.clone(),
                why: "it is no longer there, or another file took its name".into(),
            }
            .into());
        }
        let mut source = Source::open(path)?;
        source.pictures_only();
        let all = match &self.info.part {
            Some(part) => part.range.clone(),
            None => i64::MIN..i64::MAX,
        };
        match self.plan.start(stretch.chunks.start) {
            Some(start) if stretch.enter => source.range(start..all.end)?,
            Some(_) => source.range(i64::MIN..all.end)?,
            None => source.range(all)?,
        }
        Ok(source)
    }
}
