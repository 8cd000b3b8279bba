//! Spares the graphics card that runs the graph: no frame begins while it is too hot, and fewer are in flight where its
//! memory runs low. The pictures stay the same.

use crossbeam_channel::Sender;

use super::super::error::Result;
use super::super::event::Cancel;
use super::super::relief::wait_while_hot;
use super::Note;
use crate::hardware::{FRAMES_IN_FLIGHT, WatchedGpu};

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

    /// Waits while the card is too hot.
    ///
    /// # Errors
    /// `Cancelled`.
    pub fn wait(&self) -> Result<()> {
        wait_while_hot(&self.gpu, self.cancel, |words| {
            // It is not an error if the listener has ended.
            let _ = self.notes.send(Note::Warning(words));
        })
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
