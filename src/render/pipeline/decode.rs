use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::feed::{Fed, Feed};
use super::failure::At;
use super::{Batch, Times};
use crate::media::Damage;

/// Packets are handed on with the frame after them, or when there are this many.
const PACKETS_TOGETHER: usize = 64;

/// What decoding gave.
pub(in super::super) struct Decoded {
    pub times: Times,
    pub damage: Damage,
    pub seconds: Duration,
}

pub(super) fn decode(
    mut feed: Box<dyn Feed>,
    to_graph: &Sender<Batch>,
    cancel: &Cancel,
    at: &At,
) -> Result<Decoded> {
    let stopped = |_| RenderError::Stopped;
    let mut times = Times::default();
    let mut batch = Batch::default();
    loop {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        match feed.next()? {
            Some(Fed::Packet(packet)) => {
                batch.packets.push(Arc::new(packet));
                if batch.packets.len() < PACKETS_TOGETHER {
                    continue;
                }
            }
            Some(Fed::Frame(picture, span)) => {
                at.set(span);
                times.push(span);
                batch.frame = Some((picture, span));
            }
            Some(Fed::Break) => {
                batch.begins_scene = true;
                continue;
            }
            Some(Fed::Cut(cut)) => batch.cut = Some(cut),
            None => batch.last = true,
        }
        let last = batch.last;
        to_graph.send(std::mem::take(&mut batch)).map_err(stopped)?;
        if last {
            return Ok(Decoded {
                times,
                damage: feed.damage(),
                seconds: feed.spent(),
            });
        }
    }
}
