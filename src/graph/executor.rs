//! The interface of all executors: frames in, outputs out, in order.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::plan::{ImageDesc, Plan};
use crate::frame::{Facts, Picture, Span};

/// Number and time of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Instant {
    /// Its number on its clock, from 0.
    pub index: u64,
    /// The number of the frame that it reads, on the clock of the images that it reads. It is another one only where they
    /// have another clock.
    pub reads: u64,
    /// The number of scene cuts up to it.
    pub scene: u32,
    /// When it is shown, in ticks of its clock.
    pub span: Span,
    /// When the first frame of its scene is shown, in ticks of its clock.
    pub began: i64,
    pub facts: Facts,
    /// The time that tracks are read at: seconds from the source's first frame, the float nearest to the exact time.
    pub seconds: f64,
}

/// Work for an executor: frames of one clock, the newest one and the older ones that nodes with a delay work on.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The decoded picture of the newest frame of each source; `None` for a generator, and where there is no new one.
    pub pictures: Vec<Option<Picture>>,
    /// The frame that the nodes of each lane work on, by its index in [`Plan::lanes`]; `None` where they have none.
    pub frames: Vec<Option<Instant>>,
}

impl Submission {
    /// The new picture of a source, by its index in [`Plan::sources`].
    pub fn picture(&self, source: usize) -> Option<&Picture> {
        self.pictures.get(source)?.as_ref()
    }

    /// One frame of one source, for a plan without look-ahead.
    pub fn single(picture: Option<Picture>, frame: Instant) -> Self {
        Self {
            pictures: vec![picture],
            frames: vec![Some(frame)],
        }
    }

    /// The frame that the nodes of this lane work on.
    pub fn frame(&self, lane: usize) -> Option<&Instant> {
        self.frames.get(lane)?.as_ref()
    }

    /// The newest frame of the source, if it is new.
    pub fn newest(&self) -> Option<&Instant> {
        self.frame(0)
    }
}

/// The output of port `port` of the plan for one frame.
#[derive(Clone, Debug)]
pub struct Output {
    pub port: usize,
    /// When it is shown, in ticks of the port's clock.
    pub span: Span,
    pub payload: Payload,
}

/// The data of an output.
#[derive(Clone, Debug)]
pub enum Payload {
    Picture(Picture),
    /// An image as it is stored: 32-bit words, pixel by pixel, with the channels of a pixel side by side. The words are
    /// bits of floats, except in a buffer of words.
    Image(ImageDesc, Vec<u32>),
}

impl Output {
    /// The picture, for a port of coded planes.
    pub fn picture(self) -> Option<Picture> {
        match self.payload {
            Payload::Picture(picture) => Some(picture),
            Payload::Image(..) => None,
        }
    }
}

/// The device that a plan runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The adapter's or processor's name.
    pub name: String,
    /// `gpu` or `cpu`.
    pub executor: &'static str,
}

/// Time spent in one step, over all frames.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepTime {
    pub step: String,
    pub seconds: f64,
}

impl StepTime {
    /// Makes it from a measured duration.
    pub fn new(step: impl Into<String>, spent: Duration) -> Self {
        Self {
            step: step.into(),
            seconds: spent.as_secs_f64(),
        }
    }
}

/// Seconds that the processor spent on a device's behalf, over all frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct HostTimes {
    /// Writing pictures, facts and parameters into memory that the device copies from.
    pub copy_in: f64,
    /// Recording and submitting the device's work.
    pub encode: f64,
    /// Waiting for the device.
    pub wait: f64,
    /// Taking outputs from memory that the device copied to. A picture stays there until it is used.
    pub copy_out: f64,
}

/// Whether somebody asked for an end. An executor looks at it while it waits for its device.
pub type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

/// Runs a plan frame by frame. [`Session`](super::Session) drives it.
pub trait Executor: Send {
    /// The device that it runs on.
    fn device(&self) -> Device;

    /// The plan it runs.
    fn plan(&self) -> &Plan;

    /// Submits work and returns the outputs that are ready, in order. There may be none, one or several.
    fn submit(&mut self, frame: Submission) -> Result<Vec<Output>, ExecError>;

    /// Waits for the frames in flight on the device and returns their outputs.
    fn drain(&mut self) -> Result<Vec<Output>, ExecError>;

    /// Has at most `frames` frames in flight from now on (at least one), and returns the outputs of those that it waited for. An
    /// executor that never has more does nothing.
    fn keep_in_flight(&mut self, _frames: usize) -> Result<Vec<Output>, ExecError> {
        Ok(Vec::new())
    }

    /// The state (histories) after all frames submitted so far, in the format of `state.rs`. It is empty if the plan
    /// carries nothing.
    fn save(&mut self) -> Result<Vec<u8>, ExecError>;

    /// Continues from the state that [`Executor::save`] returned on an executor of the same plan.
    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError>;

    /// Uses the parameter values of `plan` from the next frame on. `plan` must have the structure of [`Self::plan`]
    /// ([`Plan::has_structure_of`]); [`Session::set_params`](super::Session::set_params) checks it.
    ///
    /// # Errors
    /// `NotLive` on a GPU where the executor was not made for it; `Lost` if the device fails.
    fn set_params(&mut self, plan: &Plan) -> Result<(), ExecError>;

    /// Has a wait for the device end with [`ExecError::Stopped`] as soon as `stop` gives true. An executor that never waits
    /// ignores it.
    fn stop_when(&mut self, stop: Stop) {
        let _ = stop;
    }

    /// Time spent by step; empty where it is not measured.
    fn step_times(&self) -> Vec<StepTime>;

    /// Time that the processor spent on the device's behalf; `None` where the processor is the device.
    fn host_times(&self) -> Option<HostTimes> {
        None
    }
}

/// What can go wrong when a plan is prepared or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    #[error(
        "kernel {kernel} has no twin, so the cpu executor cannot run it: only built-in kernels have one, as long as nothing in them and in what they import is changed\n  use --device with a GPU or with llvmpipe"
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
    #[error(
        "{device} has too little free memory: {what}\n  end other programs that use it, or try a smaller --size, or --device cpu"
    )]
    OutOfMemory { device: String, what: String },
    /// The program used the device in a way that is not allowed.
    #[error(
        "{device} was used in a way that it does not allow: {message}\n  this is a fault of aquatint: please report it with the input and the command; until then try --device cpu"
    )]
    Misused { device: String, message: String },
    #[error(
        "the parameters of this session are constants of its shaders\n  make a live session where they are to be set"
    )]
    NotLive,
    #[error("stopped while waiting for {device}")]
    Stopped { device: String },
    #[error("the saved state does not belong to this plan: {why}")]
    State { why: String },
    #[error("a {got} picture was given to a plan for {planned}")]
    WrongPicture { got: String, planned: String },
    #[error("{name} failed: {why}")]
    External { name: String, why: String },
    #[error(
        "these parameters change which passes run or how large their images are\n  make a new session with the new plan"
    )]
    OtherStructure,
}
