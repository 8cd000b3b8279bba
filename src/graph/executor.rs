//! What every executor does: frames in, outputs out, in order.

use std::time::Duration;

use serde::Serialize;

use super::scene::Observation;
use crate::frame::{Picture, Span};
pub use crate::reference::Facts;
use crate::reference::common::hash::pcg3d;

/// A frame for an executor.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The decoded picture; none for a generator.
    pub picture: Option<Picture>,
    pub span: Span,
    pub facts: Facts,
}

impl Submission {
    /// A frame shown at `span`, `since_start` ticks and `seconds` after the stream's start. The noise of a frame depends
    /// on the seed and on its time alone, so that any part of a video can be rendered on its own.
    pub fn new(
        picture: Option<Picture>,
        span: Span,
        since_start: i64,
        seconds: f64,
        seed: u32,
    ) -> Self {
        let noise = pcg3d([seed, since_start as u32, (since_start >> 32) as u32])[0];
        Self {
            picture,
            span,
            facts: Facts {
                time: seconds as f32,
                seed,
                noise,
                ..Facts::default()
            },
        }
    }

    /// With what was observed of the picture.
    pub fn observed(mut self, observation: Observation) -> Self {
        self.facts.cut = observation.cut;
        self.facts.noise_level = observation.noise_level;
        self
    }
}

/// A picture made for output `port` of the plan.
#[derive(Clone, Debug)]
pub struct Output {
    pub port: usize,
    pub span: Span,
    pub picture: Picture,
}

/// Where a plan runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The adapter's or processor's name.
    pub name: String,
    /// `gpu` or `cpu`.
    pub executor: &'static str,
}

/// Time spent in one step, over all frames.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timing {
    pub step: String,
    pub seconds: f64,
}

impl Timing {
    /// From a measured duration.
    pub fn new(step: impl Into<String>, spent: Duration) -> Self {
        Self {
            step: step.into(),
            seconds: spent.as_secs_f64(),
        }
    }
}

/// Runs a plan, frame after frame.
pub trait Executor: Send {
    /// Where it runs.
    fn device(&self) -> Device;

    /// Hands over one frame; returns whatever outputs are ready, in order. One frame may yield none yet, or several.
    fn submit(&mut self, frame: Submission) -> Result<Vec<Output>, ExecError>;

    /// Returns the outputs still under way, after the last frame.
    fn flush(&mut self) -> Result<Vec<Output>, ExecError>;

    /// What is carried from frame to frame (histories), as it stands after every frame submitted so far, in a format of
    /// its own. Empty where the plan carries nothing.
    fn save(&mut self) -> Result<Vec<u8>, ExecError>;

    /// Goes on from what [`Executor::save`] returned on an executor of the same plan.
    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError>;

    /// Time spent by step; empty where it cannot be measured.
    fn timings(&self) -> Vec<Timing>;
}

/// What can go wrong when a plan is prepared or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    #[error(
        "kernel {kernel} has no twin, so the cpu executor cannot run it\n  use --device with a GPU or with llvmpipe"
    )]
    NoTwin { kernel: String },
    #[error("the shader of {step} does not compile: {message}")]
    Shader { step: String, message: String },
    #[error("no device {wanted:?}\n  {available}")]
    NoDevice { wanted: String, available: String },
    #[error("{device} cannot hold this picture: {what}\n  try --device cpu")]
    TooLarge { device: String, what: String },
    #[error("the device {device} failed: {message}\n  try again, or with --device cpu")]
    Lost { device: String, message: String },
    #[error("the saved state does not belong to this plan: {why}")]
    State { why: String },
    #[error("a {got} picture was given to a plan for {planned}")]
    WrongPicture { got: String, planned: String },
}
