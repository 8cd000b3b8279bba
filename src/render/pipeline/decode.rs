//! The stage that decodes.

use std::ops::Range;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::failure::CurrentFrame;
use super::observe::Batch;
use super::{FrameSource, StreamItem, Times};
use crate::frame::Retimer;
use crate::media::Damage;

/// Packets are passed on together with the next frame, or when this many are waiting.
const PACKETS_TOGETHER: usize = 64;

/// The result of decoding.
pub struct Decoded {
    /// Of the frames that are put out.
    pub times: Times,
    /// For each lane, what its retimings make of these.
    pub expected: Vec<Times>,
    pub damage: Damage,
    pub seconds: Duration,
}

/// Reads `source` to its end. Each message to the graph holds at most one frame, so that the channel bounds memory.
/// The times of the result are those in `wanted`; `lanes` make those of each lane.
pub(super) fn decode(
    mut source: Box<dyn FrameSource>,
    to_graph: &Sender<Batch>,
    cancel: &Cancel,
    at: &CurrentFrame,
    wanted: &Range<i64>,
    mut lanes: Vec<Retimer>,
) -> Result<Decoded> {
    let mut times = Times::default();
    let mut expected = vec![Times::default(); lanes.len()];
    let mut batch = Vec::new();
    loop {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        let item = source.next()?;
        let last = matches!(item, StreamItem::End);
        let waits = match &item {
            StreamItem::Packet(_) => batch.len() + 1 < PACKETS_TOGETHER,
            StreamItem::SceneBreak | StreamItem::Attached(..) => true,
            StreamItem::Frame(_, span) => {
                at.set(*span);
                if wanted.contains(&span.pts) {
                    times.push(*span);
                    for (lane, expected) in lanes.iter_mut().zip(&mut expected) {
                        expected.extend(lane.push(*span));
                    }
                }
                false
            }
            StreamItem::ChunkEnd(_) | StreamItem::End => false,
        };
        batch.push(item);
        if !waits {
            let sent = to_graph.send(std::mem::take(&mut batch).into());
            sent.map_err(|_| RenderError::Stopped)?;
        }
        if last {
            for (lane, expected) in lanes.iter_mut().zip(&mut expected) {
                expected.extend(lane.finish());
            }
            return Ok(Decoded {
                times,
                expected,
                damage: source.damage(),
                seconds: source.spent(),
            });
        }
    }
}
