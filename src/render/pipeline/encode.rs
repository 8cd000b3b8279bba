//! The stage that passes the frames of one output to its sink.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::failure::CurrentFrame;
use super::{FrameSink, Note, StreamItem, Times};
use crate::frame::Frame;
use crate::media::Counts;

/// The result of one output.
pub struct Encoded {
    pub times: Times,
    pub counts: Counts,
    pub seconds: Duration,
}

pub(super) struct Encode<'a> {
    /// The index of the lane.
    pub lane: usize,
    pub cancel: &'a Cancel,
    pub at: &'a CurrentFrame,
    pub notes: Sender<Note>,
}

impl Encode<'_> {
    pub fn run(
        &self,
        mut sink: Box<dyn FrameSink + '_>,
        from_graph: &Receiver<Vec<StreamItem>>,
    ) -> Result<Encoded> {
        let mut seconds = Duration::ZERO;
        let mut times = Times::default();
        // It is not an error if the listener has ended.
        let note = |note| {
            let _ = self.notes.send(note);
        };
        let mut say = |warning| note(Note::Warning(warning));
        for item in from_graph.iter().flatten() {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            let start = Instant::now();
            match item {
                StreamItem::Packet(packet) => sink.packet(&packet)?,
                StreamItem::Attached(pts, attached) => {
                    sink.attached(pts, &attached, &mut say)?;
                }
                StreamItem::Frame(picture, span) => {
                    self.at.set(span);
                    if let Some(picture) = picture {
                        sink.frame(Frame { picture, span }, &mut say)?;
                        times.push(span);
                    }
                    let lane = self.lane;
                    note(Note::Frame { lane, span });
                }
                StreamItem::SceneBreak => {}
                StreamItem::ChunkEnd(end) => {
                    let next = end.next.as_ref().map(|next| next.pts);
                    sink.chunk_end(end.chunk, next, &mut say)?;
                }
                StreamItem::End => {
                    let counts = sink.end(&mut say)?;
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
}
