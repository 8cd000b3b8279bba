//! Writes the frames of an output into one file.

use std::path::PathBuf;
use std::sync::Arc;

use super::error::{RenderError, Result};
use super::pipeline::FrameSink;
use crate::frame::Frame;
use crate::media::{Attached, Carrier, Counts, Header, OutputPlan, Packet, Sink};

/// Encodes frames into the file at `path` and adds the packets of the other streams.
pub(super) struct FileSink<'a> {
    pub path: PathBuf,
    pub plan: &'a OutputPlan,
    pub header: &'a Arc<Header>,
    /// The muxer; `None` before the first picture, which the file header needs.
    pub sink: Option<Sink>,
    /// Frames given to it.
    frames: u64,
    /// Packets that arrived before the first picture.
    pub waiting: Vec<Arc<Packet>>,
    carrier: Carrier,
}

impl<'a> FileSink<'a> {
    pub fn new(
        path: PathBuf,
        plan: &'a OutputPlan,
        header: &'a Arc<Header>,
        carrier: Carrier,
    ) -> Self {
        Self {
            path,
            plan,
            header,
            sink: None,
            frames: 0,
            waiting: Vec::new(),
            carrier,
        }
    }

    fn encode(
        &mut self,
        frame: &Frame,
        attached: Option<&Attached>,
        say: &mut dyn FnMut(String),
    ) -> Result<()> {
        let sink = match &mut self.sink {
            Some(sink) => sink,
            None => {
                let sink = Sink::create(&self.path, self.plan, self.header, &frame.picture)?;
                let sink = self.sink.insert(sink);
                for packet in std::mem::take(&mut self.waiting) {
                    sink.packet(&packet)?;
                }
                sink
            }
        };
        // A still shows the first frame that is made of its frame of the source.
        if self.plan.is_still() && self.frames > 0 {
            return Ok(());
        }
        self.frames += 1;
        sink.frame(frame, attached)?;
        sink.loss().into_iter().for_each(say);
        Ok(())
    }
}

impl FrameSink for FileSink<'_> {
    fn packet(&mut self, packet: &Arc<Packet>) -> Result<()> {
        match &mut self.sink {
            None => self.waiting.push(packet.clone()),
            Some(sink) => sink.packet(packet)?,
        }
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

    fn chunk_end(&mut self, _: usize, _: Option<i64>, _: &mut dyn FnMut(String)) -> Result<()> {
        Ok(())
    }

    fn end(mut self: Box<Self>, say: &mut dyn FnMut(String)) -> Result<Counts> {
        if let Some((frame, attached)) = self.carrier.rest(None) {
            self.encode(&frame, attached.as_ref(), say)?;
        }
        self.carrier.loss().into_iter().for_each(&mut *say);
        match self.sink {
            Some(mut sink) => {
                sink.drain_video()?;
                sink.loss().into_iter().for_each(say);
                Ok(sink.finish()?)
            }
            None => Err(RenderError::Nothing {
                path: self.plan.path.clone(),
            }),
        }
    }
}
