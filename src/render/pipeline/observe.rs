//! The stage that measures the source's frames before the graph works on them: scene cuts, noise, and what the outputs
//! are checked against.

use crossbeam_channel::{Receiver, Sender};

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::super::watchdog::{Thumbnail, WatchedSession, thumbnail};
use super::StreamItem;
use super::failure::CurrentFrame;
use crate::frame::{Picture, Span};
use crate::graph::{ObservedAhead, ObserverAhead};

/// What is sent to the graph at once: at most one frame, and what goes with it.
pub(super) struct Batch {
    pub items: Vec<StreamItem>,
    /// What was measured of its frame.
    pub observed: Observed,
}

/// What was measured of a frame.
#[derive(Default)]
pub(super) struct Observed {
    /// For the graph; `None` where it needs nothing.
    pub facts: Option<ObservedAhead>,
    /// For the check of the outputs; `None` where they are not checked.
    pub thumbnail: Option<Thumbnail>,
}

impl From<Vec<StreamItem>> for Batch {
    fn from(items: Vec<StreamItem>) -> Self {
        let observed = Observed::default();
        Self { items, observed }
    }
}

pub(super) struct Observe<'a> {
    ahead: Option<ObserverAhead>,
    thumbnails: bool,
    cancel: &'a Cancel,
    at: &'a CurrentFrame,
}

impl<'a> Observe<'a> {
    /// `None` where there is nothing to measure.
    pub fn new(
        session: Option<&WatchedSession>,
        cancel: &'a Cancel,
        at: &'a CurrentFrame,
    ) -> Option<Self> {
        let WatchedSession { session, watch, .. } = session?;
        let observe = Self {
            ahead: session.observer_ahead(),
            thumbnails: watch.needs_source(),
            cancel,
            at,
        };
        (observe.ahead.is_some() || observe.thumbnails).then_some(observe)
    }

    pub fn run(mut self, from_decoder: &Receiver<Batch>, to_graph: &Sender<Batch>) -> Result<()> {
        for mut batch in from_decoder {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            for item in &batch.items {
                match item {
                    StreamItem::SceneBreak => {
                        if let Some(ahead) = &mut self.ahead {
                            ahead.begin_scene();
                        }
                    }
                    StreamItem::Frame(Some(picture), span) => {
                        batch.observed = self.frame(picture, *span);
                    }
                    _ => {}
                }
            }
            let last = matches!(batch.items.last(), Some(StreamItem::End));
            to_graph.send(batch).map_err(|_| RenderError::Stopped)?;
            if last {
                return Ok(());
            }
        }
        Err(RenderError::Stopped)
    }

    fn frame(&mut self, picture: &Picture, span: Span) -> Observed {
        self.at.set(span);
        let ahead = self.ahead.as_mut();
        Observed {
            facts: ahead.and_then(|ahead| ahead.observe(picture, span)),
            thumbnail: self.thumbnails.then(|| thumbnail(picture)),
        }
    }
}
