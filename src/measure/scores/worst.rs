//! Pictures of the worst frames, kept while a video is measured.

use super::FrameScores;
use crate::frame::Picture;
use crate::metrics::{APART, Better, Metric, Metrics, WORST};

/// The metrics that may say which frames are the worst, the first that is measured does.
const JUDGES: [Metric; 9] = [
    Metric::Ssim,
    Metric::MsSsim,
    Metric::Ssimulacra2,
    Metric::Psnr,
    Metric::Gmsd,
    Metric::Butteraugli,
    Metric::Flicker,
    Metric::Blockiness,
    Metric::Noise,
];

/// The worst frames so far, the worst first.
#[derive(Debug)]
pub struct WorstFrames {
    /// What says which frames are the worst; none where nothing that is measured does.
    pub metric: Option<Metric>,
    pub frames: Vec<WorstFrame>,
}

/// A frame with its pictures.
#[derive(Debug)]
pub struct WorstFrame {
    pub frame: u64,
    /// Seconds.
    pub time: f64,
    pub value: f64,
    pub picture: Picture,
    /// The frame of the reference beside it.
    pub reference: Option<Picture>,
}

impl WorstFrames {
    /// Of the frames that are measured by `metrics`.
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            metric: JUDGES.into_iter().find(|metric| metrics.has(*metric)),
            frames: Vec::new(),
        }
    }

    /// Keeps the frame if it is one of the worst.
    pub fn frame(&mut self, scores: &FrameScores, picture: &Picture, reference: Option<&Picture>) {
        let Some(metric) = self.metric else { return };
        let value = scores.numbers.values.get(metric);
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return;
        };
        let badness = |value: f64| match metric.about().better {
            Better::Higher => -value,
            _ => value,
        };
        let near = |kept: &WorstFrame| (kept.time - scores.time).abs() < APART;
        let better_than = |kept: &WorstFrame| badness(kept.value) >= badness(value);
        if self
            .frames
            .iter()
            .any(|kept| near(kept) && better_than(kept))
        {
            return;
        }
        let full = self.frames.len() >= WORST && !self.frames.iter().any(near);
        if full && self.frames.last().is_some_and(better_than) {
            return;
        }
        self.frames.retain(|kept| !near(kept));
        self.frames.push(WorstFrame {
            frame: scores.frame,
            time: scores.time,
            value,
            picture: picture.clone(),
            reference: reference.cloned(),
        });
        self.frames
            .sort_by(|a, b| badness(b.value).total_cmp(&badness(a.value)));
        self.frames.truncate(WORST);
    }
}
