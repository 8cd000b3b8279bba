//! Speed and time to go.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::super::event::Event;
use super::Output;
use crate::frame::{Rational, Span};
use crate::hardware::WatchedGpu;
use crate::media::SourceInfo;

/// Speed and time to go, from times of frames over the source's duration.
pub(in super::super) struct Progress {
    started: Instant,
    input: PathBuf,
    outputs: Vec<OutputKnown>,
    /// Frames of the source.
    frames: Option<u64>,
    start: f64,
    duration: Option<f64>,
    /// Frames of each chunk that were there before.
    before: BTreeMap<usize, u64>,
    /// For each output, what was told of it last.
    told: HashMap<usize, (Instant, u64)>,
    lanes: BTreeMap<usize, OutputLane>,
    /// The card that renders, where it is watched.
    gpu: Option<WatchedGpu>,
}

/// What is known of an output before it is rendered.
struct OutputKnown {
    path: PathBuf,
    /// Time base of its frames.
    time_base: Rational,
    /// Frames that it has for each of the source.
    each: f64,
}

/// How far an output is.
#[derive(Default)]
struct OutputLane {
    /// Frames of each chunk that were encoded.
    encoded: BTreeMap<usize, u64>,
    /// End of the last one, in seconds.
    end: f64,
}

impl OutputLane {
    fn frames(&self) -> u64 {
        self.encoded.values().sum()
    }
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
            outputs: outputs
                .iter()
                .map(|output| OutputKnown {
                    path: output.plan.path.clone(),
                    time_base: output.plan.frame_shape().time_base,
                    each: output.plan.frames_each(info),
                })
                .collect(),
            frames: video.frames,
            start: video.time_base.seconds(start),
            duration: length.filter(|&seconds| seconds > 0.0),
            before: BTreeMap::new(),
            told: HashMap::new(),
            lanes: BTreeMap::new(),
            gpu: None,
        }
    }

    /// Tells how the card that renders fares, too, where it is watched.
    pub fn watching(mut self, gpu: Option<WatchedGpu>) -> Self {
        self.gpu = gpu;
        self
    }

    /// Takes it that frames of some chunks, of `frames` in all, were there before.
    pub fn going_on(mut self, before: BTreeMap<usize, u64>, frames: u64) -> Self {
        self.frames = Some(frames);
        self.before = before;
        self.duration = None;
        self
    }

    /// Rendering `chunks` begins: what there was of them counts no more.
    pub fn begin(&mut self, chunks: &Range<usize>) {
        self.before.retain(|chunk, _| !chunks.contains(chunk));
        for lane in self.lanes.values_mut() {
            lane.encoded.retain(|chunk, _| !chunks.contains(chunk));
        }
    }

    /// A frame of `chunk` was encoded for output `lane`.
    pub fn event(&mut self, lane: usize, chunk: usize, span: Span) -> Option<Event> {
        let known = self.lanes.entry(lane).or_default();
        *known.encoded.entry(chunk).or_default() += 1;
        let end = span.pts.saturating_add(span.duration);
        known.end = self.outputs[lane].time_base.seconds(end);
        let due = self
            .told
            .get(&lane)
            .is_none_or(|(at, _)| at.elapsed() >= BETWEEN_EVENTS);
        due.then(|| self.tell(lane))
    }

    /// What has not been told when the last frame is encoded.
    pub fn last(&mut self) -> Vec<Event> {
        let untold = |(lane, known): (&usize, &OutputLane)| {
            let frame = self.before(*lane) + known.frames();
            (self.told.get(lane).map(|told| told.1) != Some(frame)).then_some(*lane)
        };
        let lanes: Vec<usize> = self.lanes.iter().filter_map(untold).collect();
        lanes.into_iter().map(|lane| self.tell(lane)).collect()
    }

    /// Frames of an output that were there before.
    fn before(&self, lane: usize) -> u64 {
        let frames = self.before.values().sum::<u64>() as f64;
        (frames * self.outputs[lane].each).round() as u64
    }

    fn tell(&mut self, lane: usize) -> Event {
        let before = self.before(lane);
        let all = self
            .frames
            .map(|frames| (frames as f64 * self.outputs[lane].each).round() as u64);
        let known = self.lanes.get(&lane);
        let here = known.map_or(0, OutputLane::frames);
        let end = known.map_or(self.start, |known| known.end);
        let frame = before + here;
        self.told.insert(lane, (Instant::now(), frame));
        let elapsed = self.started.elapsed().as_secs_f64();
        let share = |count: u64| {
            let frames = all.filter(|&frames| frames > 0);
            frames.map(|frames| count as f64 / frames as f64)
        };
        let done = match self.duration {
            _ if all == Some(frame) => Some(1.0),
            Some(duration) => Some((end - self.start) / duration),
            None => share(frame),
        };
        let before = share(before).unwrap_or(0.0);
        let now = done.map(|done| done.clamp(0.0, 1.0) - before);
        Event::Progress {
            frame,
            // It is counted from the rate where that differs from the source's.
            frames: all.map(|all| all.max(frame)),
            fps: here as f64 / elapsed.max(1e-6),
            eta_s: now
                .filter(|&now| now > 0.0)
                .map(|now| elapsed * (1.0 - before - now) / now),
            input: self.input.clone(),
            output: self.outputs[lane].path.clone(),
            gpu: self.gpu.as_ref().and_then(WatchedGpu::now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rendered_again_counts_once() {
        let mut progress = Progress {
            started: Instant::now(),
            input: "in".into(),
            outputs: vec![OutputKnown {
                path: "out".into(),
                time_base: Rational::new(1, 25),
                each: 1.0,
            }],
            frames: None,
            start: 0.0,
            duration: None,
            before: BTreeMap::new(),
            told: HashMap::new(),
            lanes: BTreeMap::new(),
            gpu: None,
        }
        .going_on(BTreeMap::from([(0, 10), (2, 10)]), 40);
        let mut render = |chunks: Range<usize>, frames: &[(usize, i64)]| {
            progress.begin(&chunks);
            for &(chunk, pts) in frames {
                let _ = progress.event(0, chunk, Span { pts, duration: 1 });
            }
            match progress.tell(0) {
                Event::Progress { frame, frames, .. } => (frame, frames),
                _ => (0, None),
            }
        };
        assert_eq!(render(1..2, &[(1, 10), (1, 11)]), (22, Some(40)));
        // It failed, and is rendered again; then so is one that was there before.
        assert_eq!(render(1..2, &[(1, 10), (1, 11), (1, 12)]), (23, Some(40)));
        assert_eq!(render(2..4, &[(2, 20), (3, 30)]), (15, Some(40)));
    }
}
