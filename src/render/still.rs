//! Single frames of a render request, and short parts of it, each frame as it is in the whole render.
//!
//! What a frame depends on is the frames of its scene before it: at a cut, histories are empty and windows end. So the
//! input is decoded from its start, cuts are looked for as the whole render does, and the graph runs from the scene's
//! first frame on.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use super::error::{RenderError, Result};
use super::event::Cancel;
use super::file_source::FileSource;
use super::pipeline::{FrameSource, StreamItem};
use super::request::Time;
use super::settings::Settings;
use crate::frame::{Span, border};
use crate::graph::plan::{Plan, Timing};
use crate::graph::scene::Observer;
use crate::graph::{Executor, Output, Session};
use crate::media::{Damage, MediaError, Source, TimeRange};

/// Which frame of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// By its number; the first frame has the number 0.
    Frame(u64),
    /// The frame at this time after the start, or the next one.
    Time(Time),
}

/// A frame that was looked for in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FoundFrame {
    /// Time, in ticks of the video stream.
    pub span: Span,
    /// Its number, from 0.
    pub number: u64,
    /// Time of the input's first frame.
    pub first: i64,
    /// Time of the last cut up to it; `None` where there is none since the input's start.
    cut: Option<i64>,
}

/// Decodes `input` from its start up to the frame at `moment`.
///
/// # Errors
/// `Usage` where the input ends before it; those of reading the input.
pub(super) fn find(
    input: &Path,
    settings: &Settings,
    moment: Moment,
    cancel: &Cancel,
) -> Result<FoundFrame> {
    let mut source = Source::open_at(input, settings.reading())?;
    source.pictures_only();
    let from = match moment {
        Moment::Frame(_) => i64::MIN,
        Moment::Time(time) => {
            let range = TimeRange {
                start: time.seconds(),
                end: None,
            };
            let start = source.info().start.unwrap_or(0.0);
            range.ticks(source.time_base(), start).start
        }
    };
    let mut source = FileSource::new(source, settings.strict);
    let mut observer = Observer::default();
    let mut first = None;
    let mut cut = None;
    let mut number = 0;
    loop {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        match source.next()? {
            StreamItem::SceneBreak => observer.begin_scene(),
            StreamItem::Frame(Some(picture), span) => {
                let first = *first.get_or_insert(span.pts);
                if observer.observe(&picture).cut {
                    cut = Some(span.pts);
                }
                let reached = match moment {
                    Moment::Frame(wanted) => number == wanted,
                    Moment::Time(_) => span.pts >= from,
                };
                if reached {
                    return Ok(FoundFrame {
                        span,
                        number,
                        first,
                        cut,
                    });
                }
                number += 1;
            }
            StreamItem::End => return Err(not_there(input, moment, number)),
            StreamItem::Frame(None, _)
            | StreamItem::Attached(..)
            | StreamItem::Packet(_)
            | StreamItem::ChunkEnd(_) => {}
        }
    }
}

/// Time of the first frame of `input`, in ticks of the video stream; `None` if it has none.
///
/// # Errors
/// Those of reading the input.
pub(super) fn first_time(input: &Path, settings: &Settings) -> Result<Option<i64>> {
    let mut source = Source::open_at(input, settings.reading())?;
    source.pictures_only();
    let mut source = FileSource::new(source, false);
    loop {
        match source.next()? {
            StreamItem::Frame(Some(_), span) => return Ok(Some(span.pts)),
            StreamItem::End => return Ok(None),
            _ => {}
        }
    }
}

fn not_there(input: &Path, moment: Moment, frames: u64) -> RenderError {
    let input = input.display();
    match moment {
        Moment::Frame(number) => RenderError::usage(
            format!("{input} has no frame {number}: it has {frames} frames"),
            format!("choose a --frame from 0 to {}", frames.saturating_sub(1)),
        ),
        Moment::Time(time) => RenderError::usage(
            format!("{input} has no frame at or after {time} s"),
            "choose an earlier --start",
        ),
    }
}

impl FoundFrame {
    /// Where the graph must begin so that the frame comes out as in the whole render; `None` is the input's start.
    fn begin(&self, plan: &Plan) -> Begin {
        if plan.timing().before == Timing::NONE.before && !plan.observed.any() {
            return Begin::At(self.span.pts);
        }
        match self.cut {
            // Without observing, the graph is told of no cuts.
            Some(cut) if plan.observed.any() => Begin::AtCut(cut),
            _ => Begin::AtStart,
        }
    }
}

/// Where the graph begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    AtStart,
    /// At the frame at this time, with which a scene begins.
    AtCut(i64),
    /// At the frame at this time.
    At(i64),
}

/// Frames of a file around those that are wanted.
pub(super) struct FramesAround {
    /// Read one after the other.
    files: VecDeque<FileSource>,
    begin: Begin,
    begun: bool,
    /// Whether packets of other streams are handed on, too.
    packets: bool,
    /// Ends so many frames after the frame at this time; `None` at the end of the files.
    until: Option<(i64, u32)>,
    waiting: Option<StreamItem>,
    spent: Duration,
}

impl FramesAround {
    /// What the frame `found` depends on in `plan`, then the frame, then the frames after it that it depends on.
    /// Without a plan only the frame.
    ///
    /// # Errors
    /// Those of reading the input.
    pub fn exact(
        input: &Path,
        settings: &Settings,
        plan: Option<&Plan>,
        found: &FoundFrame,
    ) -> Result<Self> {
        let source = Source::open_at(input, settings.reading())?;
        let begin = plan.map_or(Begin::At(found.span.pts), |plan| found.begin(plan));
        let after = plan.map_or(0, |plan| plan.timing().after);
        Ok(Self {
            until: Some((found.span.pts, after)),
            ..Self::of(settings, source, begin)
        })
    }

    /// As [`Self::exact`], from the frame at `pts`, with only the frames from `from` on before it.
    ///
    /// # Errors
    /// Those of reading the input.
    pub fn near(
        input: &Path,
        settings: &Settings,
        plan: Option<&Plan>,
        (from, pts): (i64, i64),
    ) -> Result<Self> {
        let mut source = Source::open_at(input, settings.reading())?;
        source.pictures_only();
        source.seek(from)?;
        let after = plan.map_or(0, |plan| plan.timing().after);
        Ok(Self {
            until: Some((pts, after)),
            ..Self::of(settings, source, Begin::At(from))
        })
    }

    /// What the first frame of `part`, which is `found`, depends on in `plan`; then all of `part`.
    ///
    /// # Errors
    /// Those of reading the input.
    pub fn exact_part(
        input: &Path,
        settings: &Settings,
        plan: Option<&Plan>,
        found: &FoundFrame,
        part: Source,
    ) -> Result<Self> {
        let mut around = Self::exact(input, settings, plan, found)?;
        let mut source = Source::open_at(input, settings.reading())?;
        source.pictures_only();
        source.range(i64::MIN..found.span.pts)?;
        around.files = VecDeque::from([
            FileSource::new(source, settings.strict),
            FileSource::new(part, settings.strict),
        ]);
        around.packets = true;
        around.until = None;
        Ok(around)
    }

    /// The frames from `from` to `pts`, where `part` begins; then all of `part`.
    ///
    /// # Errors
    /// Those of reading the input.
    pub fn near_part(
        input: &Path,
        settings: &Settings,
        (from, pts): (i64, i64),
        part: Source,
    ) -> Result<Self> {
        let mut source = Source::open_at(input, settings.reading())?;
        source.pictures_only();
        source.range(from..pts)?;
        let mut around = Self::of(settings, source, Begin::At(from));
        around
            .files
            .push_back(FileSource::new(part, settings.strict));
        around.packets = true;
        Ok(around)
    }

    fn of(settings: &Settings, mut source: Source, begin: Begin) -> Self {
        source.pictures_only();
        Self {
            files: VecDeque::from([FileSource::new(source, settings.strict)]),
            begin,
            begun: false,
            packets: false,
            until: None,
            waiting: None,
            spent: Duration::ZERO,
        }
    }

    /// What is handed on of a frame: a scene break first, where a scene begins with it.
    fn frame(&mut self, frame: StreamItem, span: Span) -> Option<StreamItem> {
        let from = match self.begin {
            Begin::AtStart => i64::MIN,
            Begin::At(from) | Begin::AtCut(from) => from,
        };
        if span.pts < from {
            return None;
        }
        if let Some((pts, after)) = &mut self.until
            && span.pts > *pts
        {
            if *after == 0 {
                return Some(StreamItem::End);
            }
            *after -= 1;
        }
        let first = !std::mem::replace(&mut self.begun, true);
        if first && matches!(self.begin, Begin::AtCut(_)) {
            self.waiting = Some(frame);
            return Some(StreamItem::SceneBreak);
        }
        Some(frame)
    }
}

impl FrameSource for FramesAround {
    fn next(&mut self) -> Result<StreamItem> {
        if let Some(frame) = self.waiting.take() {
            return Ok(frame);
        }
        loop {
            let last = self.files.len() == 1;
            let Some(file) = self.files.front_mut() else {
                return Ok(StreamItem::End);
            };
            match file.next()? {
                StreamItem::Frame(picture, span) => {
                    if let Some(item) = self.frame(StreamItem::Frame(picture, span), span) {
                        return Ok(item);
                    }
                }
                StreamItem::End => {
                    if last {
                        return Ok(StreamItem::End);
                    }
                    self.spent += file.spent();
                    self.files.pop_front();
                }
                StreamItem::Attached(..) | StreamItem::Packet(_) if !self.packets => {}
                StreamItem::SceneBreak if !self.begun => {}
                item => return Ok(item),
            }
        }
    }

    /// Of the file that is read last.
    fn damage(&self) -> Damage {
        let last = self.files.back();
        last.map_or_else(Damage::default, FrameSource::damage)
    }

    fn spent(&self) -> Duration {
        let now = self
            .files
            .front()
            .map_or(Duration::ZERO, |file| file.spent());
        self.spent + now
    }
}

/// What comes out of all ports of the executor's plan for the frame `found` of `input`.
///
/// # Errors
/// Those of reading the input and of the device.
pub(super) fn still(
    input: &Path,
    settings: &Settings,
    executor: Box<dyn Executor>,
    found: &FoundFrame,
    cancel: &Cancel,
) -> Result<Vec<Output>> {
    let plan = executor.plan().clone();
    let mut frames = FramesAround::exact(input, settings, Some(&plan), found)?;
    let source = crate::media::probe_at(input, settings.reading())?;
    let start = source.video().start.or(Some(found.first));
    let mut session = Session::new(executor, start, settings.seed);
    let begins: Vec<i64> = (0..plan.outputs.len())
        .map(|port| {
            let stages = plan.retimings(plan.clock_of_port(port));
            border(&stages, found.span.pts)
        })
        .collect();
    // Of each port the first frame that is made of it.
    let keep = |outputs: &mut Vec<Output>, ready: Vec<Output>| {
        for output in ready {
            let known = outputs.iter().any(|known| known.port == output.port);
            if output.span.pts >= begins[output.port] && !known {
                outputs.push(output);
            }
        }
    };
    let mut outputs: Vec<Output> = Vec::new();
    loop {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        let ready = match frames.next()? {
            StreamItem::SceneBreak => {
                session.begin_scene();
                continue;
            }
            StreamItem::Frame(picture, span) => session.push(picture, span)?,
            StreamItem::End => {
                keep(&mut outputs, session.finish()?);
                break;
            }
            StreamItem::Attached(..) | StreamItem::Packet(_) | StreamItem::ChunkEnd(_) => continue,
        };
        keep(&mut outputs, ready);
    }
    if outputs.len() != plan.outputs.len() {
        return Err(MediaError::Read {
            path: input.into(),
            why: format!("frame {} was not decoded again", found.number),
        }
        .into());
    }
    outputs.sort_by_key(|output| output.port);
    Ok(outputs)
}
