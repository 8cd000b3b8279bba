//! How far a job is, from its events: for those who look at it from outside.

use serde::{Deserialize, Serialize};

use super::event::Event;

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobProgress {
    /// What is done now: `preparing`, `analysing`, `rendering`, `joining` or `verifying`.
    pub stage: String,
    /// Frames that are measured, or encoded.
    pub frame: u64,
    pub frames: Option<u64>,
    /// Frames per second.
    pub fps: f64,
    /// Seconds to go.
    pub eta_s: Option<f64>,
    /// Finished chunks, and all of them; none of a job in one piece.
    pub chunks: Option<(usize, usize)>,
    /// What renders it.
    pub device: Option<String>,
}

impl JobProgress {
    /// Of a job that has just been given.
    pub fn begin() -> Self {
        Self {
            stage: "preparing".to_owned(),
            ..Self::default()
        }
    }

    /// Takes in what happened; what that changes.
    pub fn hear(&mut self, event: &Event) -> Change {
        let stage = match event {
            Event::Start { device, frames, .. } => {
                self.device = device.as_ref().map(|device| device.name.clone());
                self.frames = *frames;
                "preparing"
            }
            Event::Analyse {
                frame,
                frames,
                fps,
                eta_s,
                ..
            } => {
                self.at((*frame, *frames), *fps, *eta_s);
                "analysing"
            }
            Event::Progress {
                frame,
                frames,
                fps,
                eta_s,
                ..
            } => {
                self.at((*frame, *frames), *fps, *eta_s);
                "rendering"
            }
            Event::Resume { done, chunks, .. } | Event::Chunk { done, chunks, .. } => {
                self.chunks = Some((*done, *chunks));
                return Change::Much;
            }
            Event::Stitch { .. } => "joining",
            Event::Verify { .. } => "verifying",
            _ => return Change::Nothing,
        };
        if self.stage == stage {
            return Change::Little;
        }
        stage.clone_into(&mut self.stage);
        Change::Much
    }

    fn at(&mut self, (frame, frames): (u64, Option<u64>), fps: f64, eta_s: Option<f64>) {
        (self.frame, self.frames) = (frame, frames);
        (self.fps, self.eta_s) = (fps, eta_s);
    }
}

/// What an event changes of how far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Nothing,
    /// Some frames more: to be told now and then.
    Little,
    /// Another stage, or a finished chunk: to be told at once.
    Much,
}
