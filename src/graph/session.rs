//! A session runs one stream of frames through one plan. It owns all state that is carried from frame to frame.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::executor::{Device, ExecError, Executor, Instant, Output, StepTime, Submission};
use super::plan::{ClockId, Derived, Plan, Timing};
use super::scene::{Observation, Observer};
use super::timeline::Timeline;
use crate::frame::{Facts, Pace, Picture, Rational, Span, end_of};
use crate::reference::common::hash::pcg3d;

/// Runs the frames of a stream through a plan, in order.
pub struct Session {
    executor: Box<dyn Executor>,
    observer: Observer,
    /// One for each clock of the plan.
    timelines: Vec<Timeline>,
    /// PTS of the stream's start; `None` until the first frame, which then is the start.
    start: Option<i64>,
    seed: u32,
    /// Time of the last frame that the checkpoint already holds. Frames up to it are skipped.
    resumed: Option<i64>,
}

/// A frame of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct SeenFrame {
    index: u64,
    reads: u64,
    span: Span,
    observation: Observation,
    phase: f32,
    fields: u32,
    scene: u32,
}

/// All state that is carried between two frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// The executor's state, in the format of `state.rs`.
    executor: Vec<u8>,
    observer: Observer,
    /// The frames still in work of each clock, oldest first.
    frames: Vec<Vec<SeenFrame>>,
}

impl Session {
    /// Starts a stream on `executor`. `start` is the PTS of the stream's start; `None` takes the first frame's. `seed` is
    /// the seed of noise and grain.
    pub fn new(executor: Box<dyn Executor>, start: Option<i64>, seed: u32) -> Self {
        let clocks = executor.plan().clocks.iter();
        let timelines = clocks.map(|clock| Timeline::new(clock.depth, clock.behind));
        Self {
            timelines: timelines.collect(),
            executor,
            observer: Observer::default(),
            start,
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
        self.push_all(vec![picture], span)
    }

    /// As [`Self::push`], with a picture of each source of the plan, all shown at `span`. Scenes are those of the first.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_all(
        &mut self,
        pictures: Vec<Option<Picture>>,
        span: Span,
    ) -> Result<Vec<Output>, ExecError> {
        self.start.get_or_insert(span.pts);
        if self.resumed.is_some_and(|last| span.pts <= last) {
            return Ok(Vec::new());
        }
        let picture = pictures.first().and_then(Option::as_ref);
        let observed = picture.filter(|_| self.plan().observed.any());
        let observation = observed.map(|picture| self.observer.observe(picture));
        let observation = observation.unwrap_or_default();
        let fields = picture.map_or_else(Default::default, |picture| picture.field_order);
        let index = self.timelines[0].next_index();
        let seen = SeenFrame {
            index,
            reads: index,
            span,
            observation,
            phase: 0.0,
            fields: fields.number(),
            scene: self.last_scene(0) + u32::from(observation.cut),
        };
        let frame = self.instant(0, &seen);
        self.timelines[0].push(frame);
        let mut outputs = self.submit(0, None, pictures)?;
        self.derive_from(0, &mut outputs)?;
        Ok(outputs)
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
        // A clock comes after the one that it follows from.
        for clock in 0..self.timelines.len() {
            while self.step_past_end(clock, &mut outputs)? {}
        }
        outputs.extend(self.executor.drain()?);
        Ok(outputs)
    }

    /// Goes one frame of `clock` past its last one; whether there was work left. Clocks that follow from it go on as far
    /// as they would have with a frame, so that all outputs of a frame of the source come together.
    fn step_past_end(
        &mut self,
        clock: ClockId,
        outputs: &mut Vec<Output>,
    ) -> Result<bool, ExecError> {
        if !self.timelines[clock].step_past_end() {
            return Ok(false);
        }
        outputs.extend(self.submit(clock, None, Vec::new())?);
        for next in self.following(clock) {
            let Some(derived) = self.plan().clocks[next].derived else {
                continue;
            };
            if self.timelines[clock].at(derived.wait).is_some() {
                self.derive(next, &derived, outputs)?;
            } else if let Pace::Times(times) = derived.resampling.pace {
                for _ in 0..times {
                    self.step_past_end(next, outputs)?;
                }
            }
        }
        Ok(true)
    }

    /// The clocks that follow from `of`.
    fn following(&self, of: ClockId) -> Vec<ClockId> {
        let clocks = self.plan().clocks.iter().enumerate();
        let follows = clocks.filter(|(_, clock)| clock.derived.is_some_and(|from| from.of == of));
        follows.map(|(clock, _)| clock).collect()
    }

    /// Has the lanes of `clock` work on its newest frames. `read` is the frame that the newest one is made of, with the
    /// limits of its scene.
    fn submit(
        &mut self,
        clock: ClockId,
        read: Option<&Instant>,
        pictures: Vec<Option<Picture>>,
    ) -> Result<Vec<Output>, ExecError> {
        let timeline = &self.timelines[clock];
        let frames = self.plan().lanes.iter().map(|lane| {
            let frame = timeline.at(lane.delay).filter(|_| lane.clock == clock)?;
            if lane.reads == clock {
                return Some(Instant {
                    reads: frame.index,
                    ..frame
                });
            }
            // Its windows look at the frames around the one that it is made of.
            let read = read?;
            Some(Instant {
                facts: Facts {
                    frames_before: read.facts.frames_before,
                    frames_after: read.facts.frames_after,
                    ..frame.facts
                },
                ..frame
            })
        });
        let frames: Vec<_> = frames.collect();
        if frames.iter().all(Option::is_none) {
            return Ok(Vec::new());
        }
        self.executor.submit(Submission { pictures, frames })
    }

    /// Has the clocks that follow from `of` make their frames of its frame that has become ready for them.
    fn derive_from(&mut self, of: ClockId, outputs: &mut Vec<Output>) -> Result<(), ExecError> {
        for clock in self.following(of) {
            if let Some(derived) = self.plan().clocks[clock].derived {
                self.derive(clock, &derived, outputs)?;
            }
        }
        Ok(())
    }

    /// Makes the frames of `clock` of the frame that has become ready for it.
    fn derive(
        &mut self,
        clock: ClockId,
        derived: &Derived,
        outputs: &mut Vec<Output>,
    ) -> Result<(), ExecError> {
        for seen in self.made_of_ready(clock, derived) {
            let read = self.timelines[derived.of].at(derived.wait);
            let frame = self.instant(clock, &seen);
            self.timelines[clock].push(frame);
            outputs.extend(self.submit(clock, read.as_ref(), Vec::new())?);
            self.derive_from(clock, outputs)?;
        }
        Ok(())
    }

    /// The frames of `clock` that the frame that is ready makes.
    fn made_of_ready(&self, clock: ClockId, derived: &Derived) -> Vec<SeenFrame> {
        let from = &self.timelines[derived.of];
        let Some(read) = from.at(derived.wait) else {
            return Vec::new();
        };
        let pts = |frame: &Instant| frame.span.pts;
        let (before, next) = from.around(derived.wait);
        let end = end_of(read.span, next.map(pts), before.map(pts));
        let start = self.start_of(derived.of);
        let frames = derived.resampling.frames(read.span.pts..end, start);
        let first = self.timelines[clock].next_index();
        let last = self.last_scene(clock);
        let seen = (first..).zip(frames).map(|(index, made)| SeenFrame {
            index,
            reads: read.index,
            span: made.span,
            observation: Observation {
                // Of the frames that begin a scene, one may have been left out.
                cut: index == first && (read.scene != last || first == 0 && read.facts.cut),
                noise_level: read.facts.noise_level,
            },
            phase: made.phase,
            fields: read.facts.fields,
            scene: read.scene,
        });
        seen.collect()
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
            reads: frame.reads,
            span: frame.span,
            observation: Observation {
                cut: frame.facts.cut,
                noise_level: frame.facts.noise_level,
            },
            phase: frame.facts.phase,
            fields: frame.facts.fields,
            scene: frame.scene,
        };
        let clocks = self.timelines.iter().filter(|_| carries);
        let frames = clocks.map(|timeline| timeline.frames().map(seen).collect());
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
        if let Some(last) = checkpoint.frames.first().and_then(|frames| frames.last()) {
            self.resumed = Some(last.span.pts);
            self.start.get_or_insert(last.span.pts);
        }
        if !checkpoint.frames.is_empty() && checkpoint.frames.len() != self.timelines.len() {
            return Err(ExecError::State {
                why: "it has frames of other clocks".to_owned(),
            });
        }
        for (clock, frames) in checkpoint.frames.iter().enumerate() {
            let frames = frames.iter().map(|frame| self.instant(clock, frame));
            let frames = frames.collect();
            self.timelines[clock].restore(frames);
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

    /// The scene of the newest frame of `clock`.
    fn last_scene(&self, clock: ClockId) -> u32 {
        let newest = self.timelines[clock].frames().last();
        newest.map_or(0, |newest| newest.scene)
    }

    /// The stream's start in ticks of `clock`.
    fn start_of(&self, clock: ClockId) -> i64 {
        let start = self.start.unwrap_or_default();
        let stages = self.plan().resamplings(clock).into_iter();
        stages.fold(start, |start, stage| start.saturating_mul(stage.factor()))
    }

    /// The facts of a frame of `clock`. Noise depends only on the seed and the frame's time, so any part of a video can
    /// be rendered separately.
    fn instant(&self, clock: ClockId, seen: &SeenFrame) -> Instant {
        let time_base: Rational = self.plan().clocks[clock].time_base;
        let ticks = seen.span.pts.saturating_sub(self.start_of(clock));
        let Observation { cut, noise_level } = seen.observation;
        Instant {
            index: seen.index,
            reads: seen.reads,
            scene: seen.scene,
            span: seen.span,
            facts: Facts {
                time: time_base.seconds(ticks) as f32,
                phase: seen.phase,
                fields: seen.fields,
                seed: self.seed,
                noise: pcg3d([self.seed, ticks as u32, (ticks >> 32) as u32])[0],
                cut,
                noise_level,
                history_valid: seen.index > 0 && !cut,
                // The timeline sets these for the frame of each node.
                frames_before: 0,
                frames_after: 0,
            },
            seconds: time_base.nearest_seconds(ticks),
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
