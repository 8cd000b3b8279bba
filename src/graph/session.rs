//! A session runs one stream of frames through one plan. It owns all state that is carried from frame to frame.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::executor::{Device, ExecError, Executor, Instant, Output, StepTime, Submission};
use super::plan::{Plan, Timing};
use super::scene::{Observation, Observer};
use super::timeline::Timeline;
use crate::frame::{Facts, Picture, Rational, Span};
use crate::reference::common::hash::pcg3d;

/// The time axis of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Seconds per tick.
    pub time_base: Rational,
    /// PTS of the stream's start; `None` uses the first frame's PTS.
    pub start: Option<i64>,
}

/// Runs the frames of a stream through a plan, in order.
pub struct Session {
    executor: Box<dyn Executor>,
    observer: Observer,
    timeline: Timeline,
    clock: Clock,
    seed: u32,
    /// Time of the last frame that the checkpoint already holds. Frames up to it are skipped.
    resumed: Option<i64>,
}

/// A frame of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct SeenFrame {
    index: u64,
    span: Span,
    observation: Observation,
}

/// All state that is carried between two frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// The executor's state, in the format of `state.rs`.
    executor: Vec<u8>,
    observer: Observer,
    /// The frames still in work, oldest first.
    frames: Vec<SeenFrame>,
}

impl Session {
    /// Starts a stream on `executor`. `seed` is the seed of noise and grain.
    pub fn new(executor: Box<dyn Executor>, clock: Clock, seed: u32) -> Self {
        let plan = executor.plan();
        let timeline = Timeline::new(plan.latency, plan.look_behind());
        Self {
            executor,
            observer: Observer::default(),
            timeline,
            clock,
            seed,
            resumed: None,
        }
    }

    /// The device that it runs on.
    pub fn device(&self) -> Device {
        self.executor.device()
    }

    /// The plan it runs.
    pub fn plan(&self) -> &Plan {
        self.executor.plan()
    }

    /// Time spent in each step; empty if it cannot be measured.
    pub fn step_times(&self) -> Vec<StepTime> {
        self.executor.step_times()
    }

    /// Makes a scene begin with the next frame, even if it looks like the previous one.
    pub fn begin_scene(&mut self) {
        self.observer.begin_scene();
    }

    /// Whether it continues from a checkpoint.
    pub fn is_resumed(&self) -> bool {
        self.resumed.is_some()
    }

    /// Pushes the next frame, shown at `span`; `picture` is `None` for a generator. Returns the outputs that are ready,
    /// in order.
    ///
    /// # Errors
    /// `WrongPicture` if the plan was made for other pictures; `Lost` if the device fails.
    pub fn push(&mut self, picture: Option<Picture>, span: Span) -> Result<Vec<Output>, ExecError> {
        let start = *self.clock.start.get_or_insert(span.pts);
        if self.resumed.is_some_and(|last| span.pts <= last) {
            return Ok(Vec::new());
        }
        let observed = picture.as_ref().filter(|_| self.plan().observed.any());
        let observation = observed.map(|picture| self.observer.observe(picture));
        let seen = SeenFrame {
            index: self.timeline.next_index(),
            span,
            observation: observation.unwrap_or_default(),
        };
        self.timeline.push(self.instant(&seen, start));
        let frames = self.timeline.by_delay();
        self.executor.submit(Submission { picture, frames })
    }

    /// Waits for the frames in flight on the device and returns their outputs. More frames may follow.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn drain(&mut self) -> Result<Vec<Output>, ExecError> {
        self.executor.drain()
    }

    /// Ends the stream and returns all remaining outputs. Windows that look beyond the end see the last frame.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn finish(&mut self) -> Result<Vec<Output>, ExecError> {
        let mut outputs = Vec::new();
        while self.timeline.step_past_end() {
            let frames = self.timeline.by_delay();
            let picture = None;
            outputs.extend(self.executor.submit(Submission { picture, frames })?);
        }
        outputs.extend(self.executor.drain()?);
        Ok(outputs)
    }

    /// The state that scene cuts depend on, before the next frame; `None` if the plan needs no scene cuts.
    pub fn cut_state(&self) -> Option<Vec<u8>> {
        let asked = self.plan().observed.cuts;
        // Serializing cannot fail: the state consists of plain numbers.
        asked.then(|| serde_json::to_vec(&self.observer.cut_state()).unwrap_or_default())
    }

    /// A checkpoint: the state that the next frame needs.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn checkpoint(&mut self) -> Result<Checkpoint, ExecError> {
        let plan = self.plan();
        let carries = plan.timing() != Timing::NONE || plan.observed.any();
        let seen = |frame: &Instant| SeenFrame {
            index: frame.index,
            span: frame.span,
            observation: Observation {
                cut: frame.facts.cut,
                noise_level: frame.facts.noise_level,
            },
        };
        let frames = self.timeline.frames().filter(|_| carries).map(seen);
        Ok(Checkpoint {
            frames: frames.collect(),
            executor: self.executor.save()?,
            observer: self.observer.clone(),
        })
    }

    /// Continues from a checkpoint of a session with the same plan. An empty checkpoint changes nothing.
    ///
    /// # Errors
    /// `State` if it belongs to another plan; `Lost` if the device fails.
    pub fn restore(&mut self, checkpoint: Checkpoint) -> Result<(), ExecError> {
        self.observer = checkpoint.observer;
        if let Some(last) = checkpoint.frames.last() {
            self.resumed = Some(last.span.pts);
            let start = self.clock.start.unwrap_or(last.span.pts);
            let frames = checkpoint.frames.iter();
            let frames = frames.map(|frame| self.instant(frame, start)).collect();
            self.timeline.restore(frames);
        }
        if checkpoint.executor.is_empty() {
            return Ok(());
        }
        self.executor.restore(&checkpoint.executor)
    }

    /// Uses the parameter values of `plan` from the next frame on. Nothing is compiled again.
    ///
    /// # Errors
    /// `OtherStructure` if the values change which passes run or the size of an image; that needs a new session.
    pub fn set_params(&mut self, plan: &Plan) -> Result<(), ExecError> {
        if !plan.has_structure_of(self.plan()) {
            return Err(ExecError::OtherStructure);
        }
        self.executor.set_params(plan)
    }

    /// The facts of a frame of the stream that begins at `start`. Noise depends only on the seed and the frame's time,
    /// so any part of a video can be rendered separately.
    fn instant(&self, seen: &SeenFrame, start: i64) -> Instant {
        let ticks = seen.span.pts.saturating_sub(start);
        let Observation { cut, noise_level } = seen.observation;
        Instant {
            index: seen.index,
            span: seen.span,
            facts: Facts {
                time: self.clock.time_base.seconds(ticks) as f32,
                seed: self.seed,
                noise: pcg3d([self.seed, ticks as u32, (ticks >> 32) as u32])[0],
                cut,
                noise_level,
                history_valid: seen.index > 0 && !cut,
                // The timeline sets these for the frame of each node.
                frames_before: 0,
                frames_after: 0,
            },
            seconds: self.clock.time_base.nearest_seconds(ticks),
        }
    }
}

impl Checkpoint {
    /// Whether it holds no state.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Writes the length of the session's part (64 bits, little-endian), that part as JSON, and the executor's state.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let own = serde_json::to_vec(&(&self.observer, &self.frames))?;
        out.write_all(&(own.len() as u64).to_le_bytes())?;
        out.write_all(&own)?;
        out.write_all(&self.executor)
    }

    /// Reads what [`Self::write`] wrote; `None` if it is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (own, executor) = rest.split_at_checked(length)?;
        let (observer, frames) = serde_json::from_slice(own).ok()?;
        Some(Self {
            executor: executor.to_vec(),
            observer,
            frames,
        })
    }
}
