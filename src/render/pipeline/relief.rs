//! Spares the graphics card that runs the graph: no frame begins while it is too hot, and fewer are in flight where its
//! memory runs low. The pictures stay the same.

use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::super::error::{RenderError, Result};
use super::super::event::Cancel;
use super::Note;
use crate::hardware::{FRAMES_IN_FLIGHT, WatchedGpu};

/// While it waits, it looks this often whether the card is cool enough and whether it is to stop.
const LOOK: Duration = Duration::from_millis(20);

pub(super) struct Relief<'a> {
    gpu: WatchedGpu,
    cancel: &'a Cancel,
    notes: Sender<Note>,
    /// Frames that may be in flight, as the session was told last.
    frames: usize,
}

impl<'a> Relief<'a> {
    /// For `gpu`; what a person should know goes to `notes`.
    pub fn new(gpu: WatchedGpu, cancel: &'a Cancel, notes: Sender<Note>) -> Self {
        Self {
            gpu,
            cancel,
            notes,
            frames: FRAMES_IN_FLIGHT,
        }
    }

    fn say(&self) {
        for words in self.gpu.take_words() {
            // It is not an error if the listener has ended.
            let _ = self.notes.send(Note::Warning(words));
        }
    }

    /// Waits while the card is too hot.
    ///
    /// # Errors
    /// `Cancelled`.
    pub fn wait(&self) -> Result<()> {
        self.say();
        if !self.gpu.is_paused() {
            return Ok(());
        }
        let begun = Instant::now();
        while self.gpu.is_paused() {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            std::thread::sleep(LOOK);
            self.say();
        }
        self.gpu.waited(begun.elapsed());
        Ok(())
    }

    /// The number of frames that may be in flight from now on, where it has become smaller.
    pub fn fewer_frames(&mut self) -> Option<usize> {
        let frames = self.gpu.frames_in_flight();
        (frames < self.frames).then(|| {
            self.frames = frames;
            frames
        })
    }
}
