//! Measures the frames of a session before they are pushed, on another thread than the one that pushes them.

use super::scene::{Observation, Observer};
use crate::frame::{Picture, Span};

/// Measures the frames that a session will be given, in their order. [`Session::observer_ahead`](super::Session::observer_ahead)
/// makes it.
pub struct ObserverAhead {
    observer: Observer,
    /// Frames up to this time are in the session's checkpoint: it does not measure them.
    resumed: Option<i64>,
}

/// What was measured of a frame, for [`Session::begin_observed`](super::Session::begin_observed).
pub struct ObservedAhead {
    pub(super) observation: Observation,
    /// The observer as it is after this frame: it may have gone further by now, and a checkpoint needs this one.
    pub(super) observer: Observer,
}

impl ObserverAhead {
    pub(super) fn new(observer: Observer, resumed: Option<i64>) -> Self {
        Self { observer, resumed }
    }

    /// Makes a scene begin with the next frame, even if it looks like the previous one. The session is told, too, when
    /// it comes to that frame.
    pub fn begin_scene(&mut self) {
        self.observer.begin_scene();
    }

    /// Measures the next frame; `None` where the session skips it.
    pub fn observe(&mut self, picture: &Picture, span: Span) -> Option<ObservedAhead> {
        if self.resumed.is_some_and(|last| span.pts <= last) {
            return None;
        }
        Some(ObservedAhead {
            observation: self.observer.observe(picture),
            observer: self.observer.clone(),
        })
    }
}
