//! Speed and time to go.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::super::event::Event;
use super::Output;
use crate::frame::Span;
use crate::media::SourceInfo;

/// Speed and time to go, from times of frames over the source's duration.
pub(in super::super) struct Progress {
    started: Instant,
    input: PathBuf,
    paths: Vec<PathBuf>,
    frames: Option<u64>,
    time_base: crate::frame::Rational,
    start: f64,
    duration: Option<f64>,
    /// Frames, and share of the whole, that were there before.
    before: (u64, f64),
    told: HashMap<usize, (Instant, u64)>,
    latest: HashMap<usize, (u64, f64)>,
}

/// Two events of one output are at least this far apart.
const BETWEEN_EVENTS: Duration = Duration::from_millis(100);

impl Progress {
    pub fn new(info: &SourceInfo, outputs: &[Output]) -> Self {
        let video = info.video();
        let (start, length) = info.rendered();
        let length = length.map(|ticks| video.time_base.seconds(ticks));
        Self {
            started: Instant::now(),
            input: info.path.clone(),
            paths: outputs
                .iter()
                .map(|output| output.plan.path.clone())
                .collect(),
            frames: video.frames,
            time_base: video.time_base,
            start: video.time_base.seconds(start),
            duration: length.filter(|&seconds| seconds > 0.0),
            before: (0, 0.0),
            told: HashMap::new(),
            latest: HashMap::new(),
        }
    }

    /// Takes it that `done` of `frames` frames were there before.
    pub fn going_on(mut self, done: u64, frames: u64) -> Self {
        self.frames = Some(frames);
        self.before = (done, done as f64 / frames.max(1) as f64);
        self.duration = None;
        self
    }

    /// A frame of output `lane` was encoded.
    pub fn event(&mut self, lane: usize, span: Span) -> Option<Event> {
        let end = self
            .time_base
            .seconds(span.pts.saturating_add(span.duration));
        let latest = self.latest.entry(lane).or_insert((self.before.0, end));
        *latest = (latest.0 + 1, end);
        let due = self
            .told
            .get(&lane)
            .is_none_or(|(at, _)| at.elapsed() >= BETWEEN_EVENTS);
        due.then(|| self.tell(lane))
    }

    /// What has not been told when the last frame is encoded.
    pub fn last(&mut self) -> Vec<Event> {
        let untold = |progress: &Self, lane: &usize| {
            progress.told.get(lane).map(|told| told.1)
                != progress.latest.get(lane).map(|latest| latest.0)
        };
        let mut lanes: Vec<usize> = self.latest.keys().copied().collect();
        lanes.sort_unstable();
        lanes.retain(|lane| untold(self, lane));
        lanes.into_iter().map(|lane| self.tell(lane)).collect()
    }

    fn tell(&mut self, lane: usize) -> Event {
        let (frame, end) = self.latest.get(&lane).copied().unwrap_or((0, self.start));
        self.told.insert(lane, (Instant::now(), frame));
        let elapsed = self.started.elapsed().as_secs_f64();
        let done = match (self.duration, self.frames) {
            (Some(duration), _) => Some((end - self.start) / duration),
            (None, Some(frames)) if frames > 0 => Some(frame as f64 / frames as f64),
            _ => None,
        };
        let here = done.map(|done| done.clamp(0.0, 1.0) - self.before.1);
        Event::Progress {
            frame,
            frames: self.frames,
            fps: (frame - self.before.0) as f64 / elapsed.max(1e-6),
            eta_s: here
                .filter(|&here| here > 0.0)
                .map(|here| elapsed * (1.0 - self.before.1 - here) / here),
            input: self.input.clone(),
            output: self.paths.get(lane).cloned().unwrap_or_default(),
        }
    }
}
