//! Turns frames before they are encoded.

use std::sync::Arc;

use super::error::Result;
use super::pipeline::FrameSink;
use crate::frame::{Frame, PixelFormat};
use crate::media::{Attached, Counts, OutputPlan, Packet, Turn};

/// A sink that gets the frames turned.
struct TurningSink<'a> {
    turn: Turn,
    /// Of the turned frames.
    format: PixelFormat,
    sink: Box<dyn FrameSink + 'a>,
}

/// The sink, whose frames are turned before if the output's plan says so.
pub(super) fn turning<'a>(sink: impl FrameSink + 'a, plan: &OutputPlan) -> Box<dyn FrameSink + 'a> {
    let sink = Box::new(sink);
    match plan.turned {
        Some(turned) => Box::new(TurningSink {
            turn: turned.turn,
            format: plan.video.format,
            sink,
        }),
        None => sink,
    }
}

impl FrameSink for TurningSink<'_> {
    fn packet(&mut self, packet: &Arc<Packet>) -> Result<()> {
        self.sink.packet(packet)
    }

    fn attached(
        &mut self,
        pts: i64,
        attached: &Arc<Attached>,
        say: &mut dyn FnMut(String),
    ) -> Result<()> {
        self.sink.attached(pts, attached, say)
    }

    fn frame(&mut self, frame: Frame, say: &mut dyn FnMut(String)) -> Result<()> {
        let picture = self.turn.picture(&frame.picture, &self.format);
        self.sink.frame(Frame { picture, ..frame }, say)
    }

    fn chunk_end(
        &mut self,
        chunk: usize,
        next: Option<i64>,
        say: &mut dyn FnMut(String),
    ) -> Result<()> {
        self.sink.chunk_end(chunk, next, say)
    }

    fn end(self: Box<Self>, say: &mut dyn FnMut(String)) -> Result<Counts> {
        self.sink.end(say)
    }
}
