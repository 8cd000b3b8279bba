//! A session runs one stream of frames through one plan. It owns all state that is carried from frame to frame.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::ahead::{ObservedAhead, ObserverAhead};
use super::executor::{
    Device, ExecError, Executor, HostTimes, Instant, Output, StepTime, Stop, Submission,
};
use super::plan::{Clock, ClockId, Derived, Plan, Timing};
use super::scene::{Observation, Observer};
use super::timeline::Timeline;
use crate::frame::{Facts, Picture, Rational, Retimed, Span, end_of, in_ticks_of};
use crate::reference::common::hash::pcg3d;

/// Runs the frames of a stream through a plan, in order.
pub struct Session {
    executor: Box<dyn Executor>,
    observer: Observer,
    /// One for each clock of the plan.
    timelines: Vec<Timeline>,
    /// PTS of the stream's start; `None` until the first frame, which then is the start.
    start: Option<i64>,
    /// The time from which frames at the output's rate count; `None` is the stream's start.
    origin: Option<i64>,
    /// PTS from which times and frames count for kernels, where that is not the stream's start. Tracks count from the start.
    facts_from: Option<i64>,
    seed: u32,
    /// Time of the last frame that the checkpoint already holds. Frames up to it are skipped.
    resumed: Option<i64>,
    /// Frames of other clocks that are still to be made of frames that have become ready; the last are made first.
    makings: Vec<Making>,
    stage: Stage,
}

/// A frame that frames of another clock are made of.
#[derive(Clone, Copy)]
struct Read {
    /// With the limits of its scene.
    frame: Instant,
    /// Frames before and after it that windows across cuts may read.
    across_cuts: (u32, u32),
}

/// The frames that one frame makes on another clock.
struct Making {
    clock: ClockId,
    read: Read,
    frames: Box<dyn Iterator<Item = Retimed> + Send>,
}

/// How far a stream is.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Running,
    /// No frame follows.
    Ended,
    /// All that was in flight is out.
    Drained,
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
    /// Frames of its scene before it, and when the first one is shown.
    age: u32,
    began: i64,
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
            origin: None,
            facts_from: None,
            seed,
            resumed: None,
            makings: Vec::new(),
            stage: Stage::Running,
        }
    }

    /// Begins another stream on the same executor, whose first frame is the next one that is pushed: with no history, and
    /// with a scene of its own. `start` is as for [`Self::new`]. Outputs of frames that are still in flight are dropped.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn restart(&mut self, start: Option<i64>) -> Result<(), ExecError> {
        self.executor.drain()?;
        let clocks = self.executor.plan().clocks.iter();
        let timelines = clocks.map(|clock| Timeline::new(clock.depth, clock.behind));
        self.timelines = timelines.collect();
        self.observer = Observer::default();
        self.start = start;
        self.resumed = None;
        self.makings.clear();
        self.stage = Stage::Running;
        Ok(())
    }

    /// Renders one frame, shown at `span`, as if it were the first of the stream, but for parameters that follow tracks: they have
    /// their values at its time. What was in flight is dropped.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn alone(&mut self, picture: Picture, span: Span) -> Result<Vec<Output>, ExecError> {
        let start = self.start;
        self.restart(start)?;
        self.facts_from = Some(span.pts);
        let mut outputs = self.push(Some(picture), span)?;
        outputs.extend(self.finish()?);
        Ok(outputs)
    }

    /// Has frames at the output's rate count from `origin`, in ticks of the source; `None` is the stream's start.
    pub fn with_origin(mut self, origin: Option<i64>) -> Self {
        self.origin = origin;
        self
    }

    /// The device that it runs on.
    pub fn device(&self) -> Device {
        self.executor.device()
    }

    /// The plan it runs.
    pub fn plan(&self) -> &Plan {
        self.executor.plan()
    }

    /// Has waits for the device end with an error as soon as `stop` gives true.
    pub fn stop_when(&mut self, stop: Stop) {
        self.executor.stop_when(stop);
    }

    /// Time spent in each step; empty if it is not measured.
    pub fn step_times(&self) -> Vec<StepTime> {
        self.executor.step_times()
    }

    /// Time that the processor spent on the device's behalf; `None` where the processor is the device.
    pub fn host_times(&self) -> Option<HostTimes> {
        self.executor.host_times()
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
        let mut outputs = self.begin(pictures, span)?;
        while let Some(more) = self.advance()? {
            outputs.extend(more);
        }
        Ok(outputs)
    }

    /// As [`Self::push_all`], but of the frames of other clocks that can be made now none is made yet: [`Self::advance`] makes
    /// them one by one, however many they are.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn begin(
        &mut self,
        pictures: Vec<Option<Picture>>,
        span: Span,
    ) -> Result<Vec<Output>, ExecError> {
        self.begin_observed(pictures, span, None)
    }

    /// What measures the frames to come on another thread, so that [`Self::begin_observed`] need not; `None` if the plan
    /// uses nothing that is measured. It must see all frames that are pushed from now on, and all begins of scenes.
    pub fn observer_ahead(&self) -> Option<ObserverAhead> {
        let measures = self.plan().observed.any();
        measures.then(|| ObserverAhead::new(self.observer.clone(), self.resumed))
    }

    /// As [`Self::begin`], with what [`Self::observer_ahead`] has measured of this frame. What is `None` is measured here.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn begin_observed(
        &mut self,
        pictures: Vec<Option<Picture>>,
        span: Span,
        observed: Option<ObservedAhead>,
    ) -> Result<Vec<Output>, ExecError> {
        self.start.get_or_insert(span.pts);
        if self.resumed.is_some_and(|last| span.pts <= last) {
            return Ok(Vec::new());
        }
        let picture = pictures.first().and_then(Option::as_ref);
        let observation = match (observed, picture) {
            (Some(observed), _) => {
                self.observer = observed.observer;
                observed.observation
            }
            (None, Some(picture)) if self.plan().observed.any() => self.observer.observe(picture),
            (None, _) => Observation::default(),
        };
        let fields = picture.map_or_else(Default::default, |picture| picture.field_order);
        let index = self.timelines[0].next_index();
        let (age, began) = self.in_scene(0, observation.cut, span);
        let seen = SeenFrame {
            index,
            reads: index,
            span,
            observation,
            phase: 0.0,
            fields: fields.number(),
            scene: self.last_scene(0) + u32::from(observation.cut),
            age,
            began,
        };
        let frame = self.instant(0, &seen);
        self.timelines[0].push(frame);
        let outputs = self.submit(0, None, pictures)?;
        self.make_of(0);
        Ok(outputs)
    }

    /// Makes the next frame that can be made without a further frame of the source, and returns the outputs that are ready.
    /// `None` if there is none, and after [`Self::end`] when all is done.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn advance(&mut self) -> Result<Option<Vec<Output>>, ExecError> {
        while let Some(making) = self.makings.last_mut() {
            let (clock, read) = (making.clock, making.read);
            let Some(made) = making.frames.next() else {
                self.makings.pop();
                continue;
            };
            let seen = self.seen(clock, &read.frame, &made);
            let frame = self.instant(clock, &seen);
            self.timelines[clock].push(frame);
            let outputs = self.submit(clock, Some(&read), Vec::new())?;
            self.make_of(clock);
            return Ok(Some(outputs));
        }
        if self.stage == Stage::Ended {
            // A clock comes after the one that it follows from.
            for clock in 0..self.timelines.len() {
                let mut outputs = Vec::new();
                if self.step_past_end(clock, &mut outputs)? {
                    return Ok(Some(outputs));
                }
            }
            self.stage = Stage::Drained;
            return self.executor.drain().map(Some);
        }
        Ok(None)
    }

    /// Ends the stream: [`Self::advance`] makes what remains. Windows that look beyond the end see the last frame.
    pub fn end(&mut self) {
        if self.stage == Stage::Running {
            self.stage = Stage::Ended;
        }
    }

    /// Waits for the frames in flight on the device and returns their outputs. More frames may follow.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn drain(&mut self) -> Result<Vec<Output>, ExecError> {
        self.executor.drain()
    }

    /// Has at most `frames` frames in flight on the device from now on. Returns the outputs of those that it waited for.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn keep_in_flight(&mut self, frames: usize) -> Result<Vec<Output>, ExecError> {
        self.executor.keep_in_flight(frames)
    }

    /// Ends the stream and returns all remaining outputs.
    ///
    /// # Errors
    /// `Lost` if the device fails.
    pub fn finish(&mut self) -> Result<Vec<Output>, ExecError> {
        self.end();
        let mut outputs = Vec::new();
        while let Some(more) = self.advance()? {
            outputs.extend(more);
        }
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
        for (next, derived) in self.following(clock) {
            if !self.timelines[clock].is_over(derived.wait) {
                self.make(next, &derived);
            } else {
                // Clocks whose frames are no fixed number for each go one on, too.
                for _ in 0..derived.retiming.pace.times().unwrap_or(1) {
                    self.step_past_end(next, outputs)?;
                }
            }
        }
        Ok(true)
    }

    /// The clocks that follow from `of`.
    fn following(&self, of: ClockId) -> Vec<(ClockId, Derived)> {
        let clocks = self.plan().clocks.iter().enumerate();
        let derived =
            clocks.filter_map(|(clock, described)| Some((clock, described.derived.clone()?)));
        derived.filter(|(_, derived)| derived.of == of).collect()
    }

    /// Has the lanes of `clock` work on its newest frames. `read` is the frame that the newest one is made of.
    fn submit(
        &mut self,
        clock: ClockId,
        read: Option<&Read>,
        pictures: Vec<Option<Picture>>,
    ) -> Result<Vec<Output>, ExecError> {
        let timeline = &self.timelines[clock];
        let frames = self.plan().lanes.iter().map(|lane| {
            let frame = timeline
                .at(lane.delay, lane.across_cuts)
                .filter(|_| lane.clock == clock)?;
            if lane.reads == clock {
                return Some(Instant {
                    reads: frame.index,
                    ..frame
                });
            }
            // Its windows look at the frames around the one that it is made of.
            let read = read?;
            let in_scene = &read.frame.facts;
            let (frames_before, frames_after) = match lane.across_cuts {
                true => read.across_cuts,
                false => (in_scene.frames_before, in_scene.frames_after),
            };
            Some(Instant {
                facts: Facts {
                    frames_before,
                    frames_after,
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
    fn make_of(&mut self, of: ClockId) {
        // The last that are added are made first.
        for (clock, derived) in self.following(of).into_iter().rev() {
            self.make(clock, &derived);
        }
    }

    /// Has `clock` make its frames of the frame that has become ready for it, if there is one.
    fn make(&mut self, clock: ClockId, derived: &Derived) {
        let from = &self.timelines[derived.of];
        let at = |across_cuts| from.at(derived.wait, across_cuts);
        let (Some(read), Some(Instant { facts, .. })) = (at(false), at(true)) else {
            return;
        };
        let pts = |frame: &Instant| frame.span.pts;
        let (before, next) = from.around(derived.wait);
        let end = end_of(read.span, next.map(pts), before.map(pts));
        let origin = self.origin.or(self.start).unwrap_or_default();
        let origin = self.on_clock(derived.of, origin);
        let frames = derived
            .retiming
            .frames(read.span.pts..end, next.is_none(), origin);
        self.makings.push(Making {
            clock,
            read: Read {
                frame: read,
                across_cuts: (facts.frames_before, facts.frames_after),
            },
            frames: Box::new(frames),
        });
    }

    /// The next frame of `clock`, made of `read`.
    fn seen(&self, clock: ClockId, read: &Instant, made: &Retimed) -> SeenFrame {
        let index = self.timelines[clock].next_index();
        // Of the frames that begin a scene, one may have been left out.
        let cut = read.scene != self.last_scene(clock);
        let (age, began) = self.in_scene(clock, cut, made.span);
        SeenFrame {
            index,
            reads: read.index,
            span: made.span,
            observation: Observation {
                cut,
                noise_level: read.facts.noise_level,
            },
            phase: made.phase,
            fields: read.facts.fields,
            scene: read.scene,
            age,
            began,
        }
    }

    /// How many frames of its scene are before the next frame of `clock`, shown at `span`, and when the first one is shown.
    fn in_scene(&self, clock: ClockId, cut: bool, span: Span) -> (u32, i64) {
        let newest = self.timelines[clock].frames().last();
        match newest.filter(|_| !cut) {
            Some(newest) => (newest.facts.age.saturating_add(1), newest.began),
            None => (0, span.pts),
        }
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
            age: frame.facts.age,
            began: frame.began,
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

    /// A time of the source in ticks of `clock`.
    fn on_clock(&self, clock: ClockId, pts: i64) -> i64 {
        in_ticks_of(&self.plan().retimings(clock), pts)
    }

    /// The facts of a frame of `clock`. Noise depends only on the seed and the frame's time, so any part of a video can
    /// be rendered separately.
    fn instant(&self, clock: ClockId, seen: &SeenFrame) -> Instant {
        let Clock {
            time_base, rate, ..
        } = self.plan().clocks[clock];
        let since = |from: i64| seen.span.pts.saturating_sub(self.on_clock(clock, from));
        let start = self.start.unwrap_or_default();
        let ticks = since(self.facts_from.unwrap_or(start));
        let Observation { cut, noise_level } = seen.observation;
        Instant {
            index: seen.index,
            reads: seen.reads,
            scene: seen.scene,
            span: seen.span,
            began: seen.began,
            facts: Facts {
                time: time_base.nearest_seconds(ticks) as f32,
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
                fps: rate.to_f64() as f32,
                frame: number_at(time_base, ticks, rate),
                age: seen.age,
                time_in_scene: time_base.nearest_seconds(seen.span.pts.saturating_sub(seen.began))
                    as f32,
                // Each node has its own.
                scale: 0.0,
            },
            seconds: time_base.nearest_seconds(since(start)),
        }
    }
}

/// The number of the frame at `ticks` after the stream's start, at so many frames per second: the nearest, at least 0.
fn number_at(time_base: Rational, ticks: i64, rate: Rational) -> u32 {
    let frame = Rational::new(rate.den, rate.num);
    u32::try_from(time_base.rescale(ticks, frame).max(0)).unwrap_or(u32::MAX)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_numbered_by_its_time() {
        let film = Rational::new(24000, 1001);
        let millis = Rational::new(1, 1000);
        // Times of film as Matroska rounds them.
        for (number, ticks) in [
            (0, 0),
            (1, 42),
            (2, 83),
            (3, 125),
            (1000, 41708),
            (86314, 3_600_013),
        ] {
            assert_eq!(number_at(millis, ticks, film), number, "{ticks} ms");
        }
        assert_eq!(number_at(millis, -40, film), 0, "before the stream's start");
        assert_eq!(number_at(millis, 4000, Rational::new(0, 1)), 0, "no rate");
        assert_eq!(number_at(Rational::new(0, 1), 7, film), 0, "no times");
        assert_eq!(number_at(Rational::new(1, 1), i64::MAX, film), u32::MAX);
    }
}
