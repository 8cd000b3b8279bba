//! The stage that runs the graph.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::output_meter::FrameNumbers;
use super::super::style_measures::Tallies;
use super::super::watchdog::OutputAnomalies;
use super::failure::CurrentFrame;
use super::hand_out::{Handed, Lanes};
use super::observe::{Batch, Observed};
use super::relief::Relief;
use super::{ChunkEnd, StreamItem};
use crate::frame::{Picture, PixelFormat, Retiming, Span, border};
use crate::graph::{Checkpoint, ExecError, Output, Session, StepTime};

/// A chunk whose frames have been pushed and whose outputs from the graph are complete.
pub struct ComputedChunk {
    pub end: Arc<ChunkEnd>,
    /// The checkpoint that the next chunk continues from; `None` if frames of the next chunk had to be pushed first.
    pub checkpoint: Option<Checkpoint>,
    /// Anomalies found in its outputs. This and what was measured is added when its outputs are handed out.
    pub anomalies: OutputAnomalies,
    /// What was measured of its frames.
    pub measured: Tallies,
    /// Numbers of its outputs.
    pub numbers: FrameNumbers,
    /// The state that scene cuts depend on: before the chunk's first frame, and before the first frame after it. `None`
    /// if the plan needs no scene cuts; the first is also `None` if the session continued from a checkpoint.
    pub cut_states: (Option<Vec<u8>>, Option<Vec<u8>>),
}

/// Called for each chunk when its outputs are complete.
pub type OnChunkEnd<'a> = Box<dyn FnMut(ComputedChunk) -> Result<()> + Send + 'a>;

/// The source of a lane's pictures.
#[derive(Clone, Copy)]
pub(super) enum LaneInput {
    /// A port of the graph's plan.
    Port(usize),
    /// The decoder's pictures, converted to this memory layout.
    Decoder(PixelFormat),
}

/// The result of this stage.
pub struct Computed {
    pub seconds: Duration,
    /// Time spent in each step.
    pub step_times: Vec<StepTime>,
}

/// A chunk whose frames have all been pushed, but whose last outputs still need later frames.
struct Ending {
    end: Arc<ChunkEnd>,
    frames: u32,
    cut_states: (Option<Vec<u8>>, Option<Vec<u8>>),
}

pub(super) struct Compute<'a> {
    session: Option<Session>,
    to_hand_out: Sender<Handed>,
    /// Whether there are lanes that bypass the graph.
    bypassed: bool,
    /// Whether outputs are measured, against the frames of the source.
    measures: bool,
    cancel: &'a Cancel,
    at: &'a CurrentFrame,
    /// For each port of the plan, how its times follow from the source's.
    retimings: Vec<Vec<Retiming>>,
    /// Times of the frames that are put out, in ticks of the source. Other frames are pushed only because these depend
    /// on them.
    wanted: Range<i64>,
    ending: VecDeque<Ending>,
    /// The state that scene cuts depend on before the first frame of the current chunk; the outer `None` until that
    /// frame is pushed.
    cut_state: Option<Option<Vec<u8>>>,
    seconds: Duration,
    /// What spares the card that runs the graph, where it is watched.
    relief: Option<Relief<'a>>,
}

impl<'a> Compute<'a> {
    pub fn new(
        mut session: Option<Session>,
        (to_hand_out, bypassed, measures): (Sender<Handed>, bool, bool),
        cancel: &'a Cancel,
        at: &'a CurrentFrame,
        wanted: Range<i64>,
        relief: Option<Relief<'a>>,
    ) -> Self {
        if let Some(session) = &mut session {
            let cancel = cancel.clone();
            session.stop_when(Arc::new(move || cancel.requested()));
        }
        let plan = session.as_ref().map(|session| session.plan());
        let retimings = plan.map_or(Vec::new(), |plan| {
            let ports = 0..plan.outputs.len();
            ports
                .map(|port| plan.retimings(plan.clock_of_port(port)))
                .collect()
        });
        Self {
            retimings,
            session,
            to_hand_out,
            bypassed,
            measures,
            cancel,
            at,
            wanted,
            ending: VecDeque::new(),
            cut_state: None,
            seconds: Duration::ZERO,
            relief,
        }
    }

    pub fn run(mut self, from_decoder: &Receiver<Batch>) -> Result<Computed> {
        for Batch {
            items,
            mut observed,
        } in from_decoder
        {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            let is_packet = |item: &StreamItem| {
                matches!(item, StreamItem::Packet(_) | StreamItem::Attached(..))
            };
            let wanted = |item: &StreamItem| match item {
                StreamItem::Attached(pts, _) => self.wanted.contains(pts),
                _ => true,
            };
            let items = items.into_iter().filter(wanted);
            let (packets, rest): (Vec<_>, Vec<_>) = items.partition(is_packet);
            if !packets.is_empty() {
                self.to_lanes(Lanes::All, packets)?;
            }
            for item in rest {
                match item {
                    StreamItem::Frame(picture, span) => {
                        self.frame(picture, span, std::mem::take(&mut observed))?;
                    }
                    StreamItem::SceneBreak => {
                        if let Some(session) = &mut self.session {
                            session.begin_scene();
                        }
                    }
                    StreamItem::ChunkEnd(end) => self.chunk_end(end)?,
                    StreamItem::Packet(_) | StreamItem::Attached(..) => {}
                    StreamItem::End => {
                        self.finish()?;
                        self.to_lanes(Lanes::All, vec![StreamItem::End])?;
                        return Ok(Computed {
                            seconds: self.seconds,
                            step_times: self.session.map_or(Vec::new(), |s| s.step_times()),
                        });
                    }
                }
            }
        }
        Err(RenderError::Stopped)
    }

    fn frame(&mut self, picture: Option<Picture>, span: Span, observed: Observed) -> Result<()> {
        self.at.set(span);
        let wanted = self.wanted.contains(&span.pts);
        if wanted && self.cut_state.is_none() {
            let new = self.session.as_ref().filter(|s| !s.is_resumed());
            self.cut_state = Some(new.and_then(|s| s.cut_state()));
        }
        if let (true, Some(picture)) = (wanted && self.bypassed, &picture) {
            self.hand(Handed::Decoded(picture.clone(), span))?;
        }
        let measured = picture.clone().filter(|_| self.measures);
        if observed.thumbnail.is_some() || measured.is_some() {
            self.hand(Handed::Source {
                thumbnail: observed.thumbnail,
                measured,
                span,
            })?;
        }
        self.spare_the_card()?;
        let facts = observed.facts;
        self.run_session(|session| session.begin_observed(vec![picture], span, facts))?;
        self.make_the_rest()?;
        self.ending
            .iter_mut()
            .for_each(|ending| ending.frames = ending.frames.saturating_sub(1));
        while self.ending.front().is_some_and(|ending| ending.frames == 0) {
            self.complete_chunk(true)?;
        }
        Ok(())
    }

    /// Waits while the card is too hot, and lowers the number of frames in flight where its memory runs low.
    fn spare_the_card(&mut self) -> Result<()> {
        let Some(relief) = &mut self.relief else {
            return Ok(());
        };
        relief.wait()?;
        match relief.fewer_frames() {
            Some(frames) => self.run_session(|session| session.keep_in_flight(frames)),
            None => Ok(()),
        }
    }

    /// All frames of a chunk have been pushed. Its outputs are complete when the frames that they look ahead to have
    /// been pushed too.
    fn chunk_end(&mut self, end: Arc<ChunkEnd>) -> Result<()> {
        self.to_lanes(Lanes::OfDecoder, vec![StreamItem::ChunkEnd(end.clone())])?;
        let after = self.session.as_ref().map_or(0, |s| s.plan().timing().after);
        if end.next.is_none() {
            self.finish()?;
        }
        let now = self.session.as_ref().and_then(|s| s.cut_state());
        let began = self
            .cut_state
            .replace(now.clone())
            .unwrap_or_else(|| now.clone());
        self.ending.push_back(Ending {
            end,
            frames: after,
            cut_states: (began, now),
        });
        if after == 0
            || self
                .ending
                .back()
                .is_some_and(|last| last.end.next.is_none())
        {
            self.complete_chunk(after == 0)?;
        }
        Ok(())
    }

    /// The end of the stream: puts out all remaining outputs.
    fn finish(&mut self) -> Result<()> {
        if let Some(session) = &mut self.session {
            session.end();
        }
        self.make_the_rest()?;
        // Of chunks before, the last frames may have made no output.
        while self.ending.front().is_some() {
            self.complete_chunk(false)?;
        }
        Ok(())
    }

    /// Makes what can be made without a further frame of the source, and passes it on piece by piece.
    fn make_the_rest(&mut self) -> Result<()> {
        let mut more = self.session.is_some();
        while more {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            self.spare_the_card()?;
            self.run_session(|session| {
                let outputs = session.advance()?;
                more = outputs.is_some();
                Ok(outputs.unwrap_or_default())
            })?;
        }
        Ok(())
    }

    /// Completes the first chunk in `ending`; its last output has been put out or is in flight on the device. `exact`:
    /// no more frames were pushed than its outputs needed, so the checkpoint can be used by the next chunk.
    fn complete_chunk(&mut self, exact: bool) -> Result<()> {
        self.run_session(Session::drain)?;
        let Some(Ending {
            end, cut_states, ..
        }) = self.ending.pop_front()
        else {
            return Ok(());
        };
        let start = Instant::now();
        // After the last frame no checkpoint is needed.
        let checkpoint = match &mut self.session {
            Some(session) if end.next.is_some() => match exact {
                true => Some(session.checkpoint()?),
                false => None,
            },
            _ => Some(Checkpoint::default()),
        };
        self.seconds += start.elapsed();
        self.hand(Handed::Chunk(Box::new(ComputedChunk {
            end,
            checkpoint,
            anomalies: OutputAnomalies::default(),
            measured: Tallies::default(),
            numbers: FrameNumbers::default(),
            cut_states,
        })))
    }

    /// Runs `work` on the session, if there is one, and hands over its outputs.
    fn run_session(
        &mut self,
        work: impl FnOnce(&mut Session) -> std::result::Result<Vec<Output>, ExecError>,
    ) -> Result<()> {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let start = Instant::now();
        let outputs = work(session)?;
        self.seconds += start.elapsed();
        for output in outputs {
            // At the end of the stream, an output of the next chunk shows that all outputs of this chunk are complete.
            let begins = |ending: &Ending| ending.end.next.as_ref().map(|next| next.pts);
            while let Some(begin) = self.ending.front().and_then(begins)
                && output.span.pts >= self.at_port(output.port, begin)
            {
                self.complete_chunk(false)?;
            }
            let [from, to] =
                [self.wanted.start, self.wanted.end].map(|pts| self.at_port(output.port, pts));
            let wanted = (from..to).contains(&output.span.pts);
            self.hand(Handed::Output { output, wanted })?;
        }
        Ok(())
    }

    /// The earliest time at `port` of what is made of the source's frames from `pts` on.
    fn at_port(&self, port: usize, pts: i64) -> i64 {
        border(&self.retimings[port], pts)
    }

    fn to_lanes(&self, which: Lanes, items: Vec<StreamItem>) -> Result<()> {
        self.hand(Handed::Items(which, items))
    }

    fn hand(&self, handed: Handed) -> Result<()> {
        let sent = self.to_hand_out.send(handed);
        sent.map_err(|_| RenderError::Stopped)
    }
}
