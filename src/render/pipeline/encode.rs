use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::super::chunks::Piece;
use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::failure::At;
use super::{Item, Lane, Note, Times, To, spawn};
use crate::frame::{Picture, Span};
use crate::media::{Counts, Header, Packet, Shape, Sink};

/// What an output got.
pub(in super::super) struct Encoded {
    pub times: Times,
    pub counts: Counts,
    pub seconds: Duration,
}

pub(super) struct Encode<'a> {
    pub index: usize,
    pub lane: &'a Lane<'a>,
    pub header: &'a Arc<Header>,
    pub cancel: &'a Cancel,
    pub at: &'a At,
    pub notes: Sender<Note>,
    pub pieces: Sender<Piece>,
}

/// The file that a lane is at.
#[derive(Default)]
struct Open {
    sink: Option<Sink>,
    shape: Option<Shape>,
    spans: Vec<Span>,
}

/// A segment that is completed while the next one is begun: draining an encoder and waiting for the disk must not keep
/// the graph waiting.
#[derive(Default)]
struct Closing<'scope>(Option<ScopedJoinHandle<'scope, Result<Duration>>>);

impl Closing<'_> {
    /// Waits for the end; gives the time that it took.
    fn join(&mut self) -> Result<Duration> {
        let Some(thread) = self.0.take() else {
            return Ok(Duration::ZERO);
        };
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// As [`Self::join`], where there is nothing to wait for.
    fn poll(&mut self) -> Result<Duration> {
        match &self.0 {
            Some(thread) if thread.is_finished() => self.join(),
            _ => Ok(Duration::ZERO),
        }
    }
}

impl Encode<'_> {
    pub(super) fn run(&self, from_graph: &Receiver<Item>) -> Result<Encoded> {
        std::thread::scope(|scope| self.run_in(scope, from_graph))
    }

    fn run_in<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        from_graph: &Receiver<Item>,
    ) -> Result<Encoded> {
        let mut open = Open::default();
        let mut closing = Closing::default();
        let mut chunk = match &self.lane.to {
            To::Segments(segments) => segments.first,
            To::File(_) => 0,
        };
        // Packets that come before the first picture, which the header needs.
        let mut waiting: Vec<Arc<Packet>> = Vec::new();
        let mut times = Times::default();
        let mut counts = Counts::default();
        let mut seconds = Duration::ZERO;
        for item in from_graph {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            seconds += closing.poll()?;
            let start = Instant::now();
            match item {
                Item::Packets(packets) => match &mut open.sink {
                    None => waiting.extend(packets),
                    Some(sink) => pass_on(sink, &packets)?,
                },
                Item::Frame(frame) => {
                    self.at.set(frame.span);
                    let sink = match &mut open.sink {
                        Some(sink) => sink,
                        None => {
                            // With too little room the segment before may fail: waiting for more must not hide that.
                            if let To::Segments(segments) = &self.lane.to
                                && !segments.gate.is_open()
                            {
                                seconds += closing.join()?;
                            }
                            let first = self.begin(chunk, &frame.picture)?;
                            open.shape = Some(Shape {
                                width: frame.picture.width,
                                height: frame.picture.height,
                                color: frame.picture.color,
                            });
                            let opened = open.sink.insert(first);
                            pass_on(opened, &std::mem::take(&mut waiting))?;
                            opened
                        }
                    };
                    sink.frame(&frame)?;
                    times.push(frame.span);
                    if let To::Segments(_) = self.lane.to {
                        open.spans.push(frame.span);
                    }
                    // The listener may have gone; that is no reason to stop.
                    let _ = self.notes.send(Note::Frame {
                        lane: self.index,
                        span: frame.span,
                    });
                }
                Item::Cut(ended) => {
                    seconds += closing.join()?;
                    let segment = std::mem::take(&mut open);
                    let close = move || self.close(ended, segment);
                    closing = Closing(Some(spawn(scope, "close", close)?));
                    chunk = ended + 1;
                    continue;
                }
                Item::End => {
                    seconds += closing.join()?;
                    let start = Instant::now();
                    match (open.sink, &self.lane.to) {
                        (Some(sink), _) => counts = sink.finish()?,
                        (None, To::Segments(_)) => {}
                        (None, To::File(_)) => {
                            return Err(RenderError::Nothing {
                                path: self.lane.plan.path.clone(),
                            });
                        }
                    }
                    return Ok(Encoded {
                        times,
                        counts,
                        seconds: seconds + start.elapsed(),
                    });
                }
            }
            seconds += start.elapsed();
        }
        Err(RenderError::Stopped)
    }

    /// Completes the segment of a chunk, and hands it on.
    fn close(&self, chunk: usize, open: Open) -> Result<Duration> {
        let start = Instant::now();
        if let Some(sink) = open.sink {
            sink.finish()?;
        }
        if let To::Segments(segments) = &self.lane.to {
            segments.done(&self.pieces, chunk, open.spans, open.shape)?;
        }
        Ok(start.elapsed())
    }

    fn begin(&self, chunk: usize, first: &Picture) -> Result<Sink> {
        let mut say = |words| {
            let _ = self.notes.send(Note::Warning(words));
        };
        let path = match &self.lane.to {
            To::File(path) => path.to_path_buf(),
            To::Segments(segments) => segments.begin(chunk, self.cancel, &mut say)?,
        };
        Ok(Sink::create(&path, self.lane.plan, self.header, first)?)
    }
}

fn pass_on(sink: &mut Sink, packets: &[Arc<Packet>]) -> Result<()> {
    for packet in packets {
        sink.packet(packet)?;
    }
    Ok(())
}
