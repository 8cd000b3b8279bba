//! Writes the frames of an output as segments: one file per chunk, with video only.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::Sender;

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::pipeline::FrameSink;
use super::disk::Gate;
use super::job_dir::JobDir;
use super::journal::ChunkEvent;
use crate::frame::{Frame, Span};
use crate::media::{Attached, Carrier, Counts, Header, OutputPlan, Packet, Shape, Sink};

/// Encodes each chunk of an output into a segment and reports complete segments to the journal.
pub(super) struct SegmentSink<'a> {
    pub dir: &'a JobDir,
    pub gate: &'a Gate,
    pub plan: &'a OutputPlan,
    pub header: &'a Arc<Header>,
    pub cancel: &'a Cancel,
    pub journal: Sender<ChunkEvent>,
    pub lane: usize,
    /// The chunk that the current frames belong to.
    pub chunk: usize,
    pub segment: Segment,
    pub carrier: Carrier,
    pub closing: Closing,
}

/// The segment that is being written.
#[derive(Default)]
pub(super) struct Segment {
    sink: Option<Sink>,
    shape: Option<Shape>,
    spans: Vec<Span>,
}

/// The previous segment. It is completed on a thread of its own, because draining an encoder and syncing to the disk
/// would delay the graph.
#[derive(Default)]
pub(super) struct Closing(Option<JoinHandle<Result<Closed>>>);

/// What is told of a complete segment: the event for the journal, and a warning for the user.
type Closed = (ChunkEvent, Option<String>);

impl Closing {
    /// Waits until it is complete; does nothing if there is none.
    fn join(&mut self) -> Result<Option<Closed>> {
        let Some(thread) = self.0.take() else {
            return Ok(None);
        };
        let closed = thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        closed.map(Some)
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        // After an error: waits, so that no thread outlives its job.
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

impl SegmentSink<'_> {
    /// Waits for the previous segment and reports it.
    fn close_before(&mut self, say: &mut dyn FnMut(String)) -> Result<()> {
        match self.closing.join()? {
            Some((event, warning)) => {
                warning.into_iter().for_each(say);
                self.journal.send(event).map_err(|_| RenderError::Stopped)
            }
            None => Ok(()),
        }
    }
}

impl FrameSink for SegmentSink<'_> {
    fn packet(&mut self, _: &Arc<Packet>) -> Result<()> {
        // Packets of other streams are read again when the segments are joined.
        Ok(())
    }

    fn attached(
        &mut self,
        pts: i64,
        attached: &Arc<Attached>,
        say: &mut dyn FnMut(String),
    ) -> Result<()> {
        self.plan.lost(attached).into_iter().for_each(say);
        self.carrier.attach(pts, attached.clone());
        Ok(())
    }

    fn frame(&mut self, frame: Frame, say: &mut dyn FnMut(String)) -> Result<()> {
        for (frame, attached) in self.carrier.frame(frame) {
            self.encode(&frame, attached.as_ref(), say)?;
        }
        Ok(())
    }

    fn chunk_end(
        &mut self,
        chunk: usize,
        next: Option<i64>,
        say: &mut dyn FnMut(String),
    ) -> Result<()> {
        if let Some((frame, attached)) = self.carrier.rest(next) {
            self.encode(&frame, attached.as_ref(), say)?;
        }
        self.carrier.loss().into_iter().for_each(&mut *say);
        self.close_before(say)?;
        self.begin_to_close(chunk)
    }

    fn end(mut self: Box<Self>, say: &mut dyn FnMut(String)) -> Result<Counts> {
        self.close_before(say)?;
        Ok(Counts::default())
    }
}

impl SegmentSink<'_> {
    fn encode(
        &mut self,
        frame: &Frame,
        attached: Option<&Attached>,
        say: &mut dyn FnMut(String),
    ) -> Result<()> {
        let is_closed = |thread: &JoinHandle<_>| thread.is_finished();
        if self.closing.0.as_ref().is_some_and(is_closed) {
            self.close_before(say)?;
        }
        let sink = match &mut self.segment.sink {
            Some(sink) => sink,
            None => {
                if !self.gate.begin(self.chunk) {
                    // The segment before may fail: waiting for room must not hide that.
                    self.close_before(say)?;
                    self.gate.wait(self.chunk, self.cancel, say)?;
                }
                let path = self.dir.partial(self.chunk, self.lane);
                self.segment.shape = Some(Shape {
                    width: frame.picture.width,
                    height: frame.picture.height,
                    color: frame.picture.color,
                });
                let sink = Sink::create(&path, self.plan, self.header, &frame.picture)?;
                self.segment.sink.insert(sink)
            }
        };
        sink.frame(frame, attached)?;
        self.segment.spans.push(frame.span);
        Ok(())
    }

    /// Completes the segment of `chunk` on a thread of its own.
    fn begin_to_close(&mut self, chunk: usize) -> Result<()> {
        let Segment { sink, shape, spans } = std::mem::take(&mut self.segment);
        let lane = self.lane;
        // The log lines of the thread are attributed to its job.
        let job = tracing::Span::current();
        let close = move || {
            job.in_scope(|| {
                let mut warning = None;
                if let Some(mut sink) = sink {
                    sink.drain_video()?;
                    warning = sink.loss();
                    sink.finish()?;
                }
                let event = ChunkEvent::Segment {
                    chunk,
                    lane,
                    spans,
                    shape,
                };
                Ok((event, warning))
            })
        };
        let thread = Builder::new().name("close".to_owned()).spawn(close);
        self.closing = Closing(Some(thread.map_err(RenderError::NoThread)?));
        self.chunk = chunk + 1;
        Ok(())
    }
}
