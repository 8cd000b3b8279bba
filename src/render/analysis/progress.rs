//! How far a first pass is.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::super::event::Event;

/// Least time between two events.
const BETWEEN_EVENTS: Duration = Duration::from_millis(100);

/// Counts frames that are read and not rendered, for events that tell how far it is.
pub struct AnalysisProgress {
    input: PathBuf,
    /// Frames to come, if that is known.
    frames: Option<u64>,
    done: u64,
    started: Instant,
    told: Option<Instant>,
}

impl AnalysisProgress {
    pub fn new(input: PathBuf, frames: Option<u64>) -> Self {
        Self {
            input,
            frames,
            done: 0,
            started: Instant::now(),
            told: None,
        }
    }

    /// Another frame was measured; at times there is something to tell.
    pub fn frame(&mut self) -> Option<Event> {
        self.done += 1;
        let due = self.told.is_none_or(|at| at.elapsed() >= BETWEEN_EVENTS);
        due.then(|| self.event())
    }

    /// The event that tells how far it is.
    pub fn event(&mut self) -> Event {
        self.told = Some(Instant::now());
        let elapsed = self.started.elapsed().as_secs_f64();
        let fps = self.done as f64 / elapsed.max(1e-6);
        let left = self.frames.and_then(|all| all.checked_sub(self.done));
        Event::Analyse {
            frame: self.done,
            frames: self.frames,
            fps,
            eta_s: left.map(|left| left as f64 / fps),
            input: self.input.clone(),
        }
    }
}
