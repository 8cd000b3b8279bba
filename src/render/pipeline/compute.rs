//! The stage that runs the graph.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::watchdog::{OutputAnomalies, WatchedSession};
use super::failure::CurrentFrame;
use super::{ChunkEnd, StreamItem};
use crate::frame::{Picture, PixelFormat, Span};
use crate::graph::{Checkpoint, Output, StepTime};
use crate::media::relayout;

/// A chunk that has passed the graph.
pub struct ComputedChunk {
    pub end: Arc<ChunkEnd>,
    /// The state that the next chunk continues from; `None` where frames of it were pushed already.
    pub checkpoint: Option<Checkpoint>,
    /// What was found in its outputs.
    pub anomalies: OutputAnomalies,
    /// What cuts depend on before its first frame, and before the frame after its last; `None` where the plan does not
    /// ask for cuts, and where the session continued from a checkpoint.
    pub cut_states: (Option<Vec<u8>>, Option<Vec<u8>>),
}

/// Takes each chunk that has passed the graph.
pub type OnChunkEnd<'a> = Box<dyn FnMut(ComputedChunk) -> Result<()> + Send + 'a>;

/// Where the pictures of a lane come from.
#[derive(Clone, Copy)]
pub(super) enum LaneInput {
    /// A port of the graph's plan.
    Port(usize),
    /// The decoder, in this layout.
    Decoder(PixelFormat),
}

/// What the graph did.
pub struct Computed {
    pub seconds: Duration,
    /// Time of each step.
    pub step_times: Vec<StepTime>,
    /// What was found in the outputs since the last chunk's end.
    pub anomalies: OutputAnomalies,
}

/// A chunk whose frames have all been pushed, and whose last outputs need more frames.
struct Ending {
    end: Arc<ChunkEnd>,
    frames: u32,
    cut_states: (Option<Vec<u8>>, Option<Vec<u8>>),
}

pub(super) struct Compute<'a> {
    pub session: Option<WatchedSession>,
    /// For each lane.
    inputs: Vec<LaneInput>,
    lanes: Vec<Sender<Vec<StreamItem>>>,
    cancel: &'a Cancel,
    at: &'a CurrentFrame,
    on_chunk_end: OnChunkEnd<'a>,
    /// Times of the frames that are put out: the others are there for what these depend on.
    wanted: Range<i64>,
    ending: VecDeque<Ending>,
    /// Of the chunk that frames are pushed for, once its first has come.
    cut_state: Option<Option<Vec<u8>>>,
    seconds: Duration,
}

impl<'a> Compute<'a> {
    pub fn new(
        session: Option<WatchedSession>,
        lanes: Vec<(LaneInput, Sender<Vec<StreamItem>>)>,
        cancel: &'a Cancel,
        at: &'a CurrentFrame,
        on_chunk_end: OnChunkEnd<'a>,
        wanted: Range<i64>,
    ) -> Self {
        let (inputs, lanes) = lanes.into_iter().unzip();
        Self {
            session,
            inputs,
            lanes,
            cancel,
            at,
            on_chunk_end,
            wanted,
            ending: VecDeque::new(),
            cut_state: None,
            seconds: Duration::ZERO,
        }
    }

    pub fn run(mut self, from_decoder: &Receiver<Vec<StreamItem>>) -> Result<Computed> {
        for batch in from_decoder {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            let is_packet = |item: &StreamItem| matches!(item, StreamItem::Packet(_));
            let (packets, rest): (Vec<_>, Vec<_>) = batch.into_iter().partition(is_packet);
            if !packets.is_empty() {
                self.to_lanes(|_| true, packets)?;
            }
            for item in rest {
                match item {
                    StreamItem::Frame(picture, span) => self.frame(picture, span)?,
                    StreamItem::SceneBreak => {
                        if let Some(session) = &mut self.session {
                            session.begin_scene();
                        }
                    }
                    StreamItem::ChunkEnd(end) => self.chunk_end(end)?,
                    StreamItem::Packet(_) => {}
                    StreamItem::End => {
                        self.finish()?;
                        self.to_lanes(|_| true, vec![StreamItem::End])?;
                        let session = self.session.as_mut();
                        return Ok(Computed {
                            seconds: self.seconds,
                            anomalies: session.map(|s| s.take_anomalies()).unwrap_or_default(),
                            step_times: self.session.map_or(Vec::new(), |s| s.step_times()),
                        });
                    }
                }
            }
        }
        Err(RenderError::Stopped)
    }

    fn frame(&mut self, picture: Option<Picture>, span: Span) -> Result<()> {
        self.at.set(span);
        let wanted = self.wanted.contains(&span.pts);
        if wanted && self.cut_state.is_none() {
            let new = self.session.as_ref().filter(|s| !s.is_resumed());
            self.cut_state = Some(new.and_then(|s| s.cut_state()));
        }
        for (lane, input) in self.lanes.iter().zip(&self.inputs) {
            if let (true, LaneInput::Decoder(format), Some(picture)) = (wanted, input, &picture) {
                // Formats that differ in more than layout are refused before.
                let picture = relayout(picture, format).unwrap_or_else(|| picture.clone());
                send(lane, vec![StreamItem::Frame(Some(picture), span)])?;
            }
        }
        self.run_session(|session| session.push(picture, span))?;
        self.ending
            .iter_mut()
            .for_each(|ending| ending.frames = ending.frames.saturating_sub(1));
        while self.ending.front().is_some_and(|ending| ending.frames == 0) {
            self.complete_chunk(true)?;
        }
        Ok(())
    }

    /// The frames of a chunk have all been pushed. Its outputs are complete when those that look ahead have come.
    fn chunk_end(&mut self, end: Arc<ChunkEnd>) -> Result<()> {
        let from_decoder = |input: &LaneInput| matches!(input, LaneInput::Decoder(_));
        self.to_lanes(from_decoder, vec![StreamItem::ChunkEnd(end.clone())])?;
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

    /// The stream is over: brings out all that is left.
    fn finish(&mut self) -> Result<()> {
        self.run_session(WatchedSession::finish)
    }

    /// The last output of the first chunk that is ending has left, or is under way on the device. `exact` says that no
    /// more frames were pushed than its outputs needed, so that the state can be continued from.
    fn complete_chunk(&mut self, exact: bool) -> Result<()> {
        self.run_session(WatchedSession::drain)?;
        let Some(Ending {
            end, cut_states, ..
        }) = self.ending.pop_front()
        else {
            return Ok(());
        };
        let start = Instant::now();
        // Nothing continues after the last frame.
        let checkpoint = match &mut self.session {
            Some(session) if end.next.is_some() => match exact {
                true => Some(session.checkpoint()?),
                false => None,
            },
            _ => Some(Checkpoint::default()),
        };
        self.seconds += start.elapsed();
        let from_graph = |input: &LaneInput| matches!(input, LaneInput::Port(_));
        self.to_lanes(from_graph, vec![StreamItem::ChunkEnd(end.clone())])?;
        let session = self.session.as_mut();
        let anomalies = session.map(|s| s.take_anomalies()).unwrap_or_default();
        (self.on_chunk_end)(ComputedChunk {
            end,
            checkpoint,
            anomalies,
            cut_states,
        })
    }

    /// Does `work` on the session, where there is one, and hands its outputs on.
    fn run_session(
        &mut self,
        work: impl FnOnce(&mut WatchedSession) -> Result<Vec<Output>>,
    ) -> Result<()> {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let start = Instant::now();
        let outputs = work(session)?;
        self.seconds += start.elapsed();
        for output in outputs {
            // At the stream's end a chunk may end whose outputs looked ahead to it.
            let begins = |ending: &Ending| ending.end.next.as_ref().map(|next| next.pts);
            while let Some(begin) = self.ending.front().and_then(begins)
                && output.span.pts >= begin
            {
                self.complete_chunk(false)?;
            }
            if !self.wanted.contains(&output.span.pts) {
                continue;
            }
            let of_port =
                |input: &LaneInput| matches!(input, LaneInput::Port(port) if *port == output.port);
            if let Some(lane) = self.inputs.iter().position(of_port) {
                let span = output.span;
                let frame = StreamItem::Frame(output.picture(), span);
                send(&self.lanes[lane], vec![frame])?;
            }
        }
        Ok(())
    }

    fn to_lanes(&self, which: impl Fn(&LaneInput) -> bool, items: Vec<StreamItem>) -> Result<()> {
        let lanes = self.lanes.iter().zip(&self.inputs);
        for (lane, _) in lanes.filter(|(_, input)| which(input)) {
            send(lane, items.clone())?;
        }
        Ok(())
    }
}

fn send(lane: &Sender<Vec<StreamItem>>, items: Vec<StreamItem>) -> Result<()> {
    lane.send(items).map_err(|_| RenderError::Stopped)
}
