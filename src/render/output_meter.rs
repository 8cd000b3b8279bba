//! Numbers of the frames of outputs, measured before they are encoded (`--metrics`).

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::frame::{Picture, Rational, Retiming, Span, border};
use crate::graph::plan::Plan;
use crate::graph::scene::Observer;
use crate::metrics::{Meter, Metric, Metrics, Plane, Statistics, Values, changes, statistics};

/// Frames of the source that are kept until what is made of them has come.
const REMEMBERED: usize = 64;

/// What is measured of outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputMetrics {
    pub metrics: Metrics,
    /// Every which frame is measured.
    pub every: NonZeroU64,
}

impl OutputMetrics {
    /// `metrics` of every frame.
    pub fn all_frames(metrics: Metrics) -> Self {
        Self {
            metrics,
            every: NonZeroU64::MIN,
        }
    }
}

/// Measures the outputs of a session against the frames of the source that they show.
pub(super) struct OutputMeter {
    wanted: OutputMetrics,
    /// Frames of the source a second; 0/1 where that is not known.
    rate: Rational,
    /// For each port, how the times of its outputs follow from the source's.
    retimings: Vec<Vec<Retiming>>,
    /// The newest frames of the source by time, and whether a scene begins with each.
    source: BTreeMap<i64, (Picture, bool)>,
    observer: Observer,
    ports: HashMap<usize, Port>,
    measured: FrameNumbers,
}

struct Port {
    meter: Meter,
    frames: u64,
    /// Time of the frame of the source that was shown last.
    shown: i64,
}

impl OutputMeter {
    /// Measures what `wanted` says of the pictures that `plan` puts out, of a source of `rate` frames a second.
    pub fn new(mut wanted: OutputMetrics, plan: &Plan, rate: Rational) -> Self {
        if wanted.every.get() > 1 {
            wanted.metrics.take_out_what_needs_all();
        }
        let ports = 0..plan.outputs.len();
        let retimings = ports.map(|port| plan.retimings(plan.clock_of_port(port)));
        Self {
            wanted,
            rate,
            retimings: retimings.collect(),
            source: BTreeMap::new(),
            observer: Observer::default(),
            ports: HashMap::new(),
            measured: FrameNumbers::default(),
        }
    }

    /// A frame of the source, before all outputs that are made of it.
    pub fn source(&mut self, picture: Picture, span: Span) {
        let first = self.source.is_empty() && self.ports.is_empty();
        let cut = self.observer.observe(&picture).cut && !first;
        self.source.insert(span.pts, (picture, cut));
        if self.source.len() > REMEMBERED {
            self.source.pop_first();
        }
    }

    /// A picture that is put out at `port`.
    pub fn output(&mut self, port: usize, picture: &Picture, span: Span) {
        let stages = &self.retimings[port];
        let mut sources = self.source.iter().rev();
        let shown = sources.find(|(pts, _)| border(stages, **pts) <= span.pts);
        let Some((&pts, (source, _))) = shown else {
            return;
        };
        let state = self.ports.entry(port).or_insert_with(|| Port {
            meter: Meter::new(self.wanted.metrics.clone(), self.rate),
            frames: 0,
            shown: i64::MIN,
        });
        let since = (
            std::ops::Bound::Excluded(state.shown),
            std::ops::Bound::Included(pts),
        );
        let begins = pts > state.shown && self.source.range(since).any(|(_, (_, cut))| *cut);
        if begins {
            state.meter.cut();
        }
        state.shown = pts;
        let number = state.frames;
        state.frames += 1;
        if number.is_multiple_of(self.wanted.every.get()) {
            let numbers = state
                .meter
                .frame((picture, &Plane::luma(picture)), Some(source));
            let frame = MeasuredFrame {
                pts: span.pts,
                values: stored(&numbers.values),
                reference: stored(&numbers.reference),
            };
            self.measured.0.entry(port).or_default().push(frame);
        }
        // Every port shows the frames of the source in their order.
        if let Some(oldest) = self.ports.values().map(|state| state.shown).min() {
            self.source = self.source.split_off(&oldest);
        }
    }

    /// The numbers since the last call.
    pub fn take(&mut self) -> FrameNumbers {
        std::mem::take(&mut self.measured)
    }
}

/// Numbers of frames by port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FrameNumbers(BTreeMap<usize, Vec<MeasuredFrame>>);

/// Numbers of a frame, as bits: exact, whatever they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MeasuredFrame {
    pts: i64,
    values: Vec<(Metric, Option<u64>)>,
    reference: Vec<(Metric, Option<u64>)>,
}

fn stored(values: &Values) -> Vec<(Metric, Option<u64>)> {
    let pairs = values.0.iter();
    pairs
        .map(|(metric, value)| (*metric, value.map(f64::to_bits)))
        .collect()
}

fn restored(stored: &[(Metric, Option<u64>)]) -> Values {
    let pairs = stored.iter();
    Values(
        pairs
            .map(|(metric, bits)| (*metric, bits.map(f64::from_bits)))
            .collect(),
    )
}

impl FrameNumbers {
    /// Adds the frames of the part that comes next.
    pub fn merge(&mut self, other: &Self) {
        for (port, frames) in &other.0 {
            self.0.entry(*port).or_default().extend_from_slice(frames);
        }
    }

    /// What was measured at `port`; `time_base` is that of its frames. `None` where no frame was measured.
    pub fn report(&self, port: usize, time_base: Rational) -> Option<MetricsReport> {
        let frames: Vec<(u64, f64, Values, Values)> = (0..)
            .zip(self.0.get(&port)?)
            .map(|(number, frame)| {
                let time = time_base.seconds(frame.pts);
                (
                    number,
                    time,
                    restored(&frame.values),
                    restored(&frame.reference),
                )
            })
            .collect();
        let own = statistics(frames.iter().map(|frame| (frame.0, frame.1, &frame.2)));
        let source = statistics(frames.iter().map(|frame| (frame.0, frame.1, &frame.3)));
        Some(MetricsReport {
            frames: frames.len() as u64,
            changes: changes(&own, &source),
            metrics: own,
            source_metrics: source,
        })
    }
}

/// Numbers of the frames of an output, before they were encoded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricsReport {
    /// Frames that were measured.
    pub frames: u64,
    /// What each metric comes to, alone or against the source.
    pub metrics: BTreeMap<Metric, Statistics>,
    /// The source's own.
    pub source_metrics: BTreeMap<Metric, Statistics>,
    /// What changed, for people: `noise −65 %`.
    pub changes: Vec<String>,
}

impl MetricsReport {
    /// The means, in words.
    pub fn words(&self) -> String {
        let numbers = self.metrics.values();
        let numbers = numbers.map(|found| format!("{} {}", found.title, found.mean_in_words()));
        let numbers: Vec<String> = numbers.collect();
        let numbers = numbers.join(", ");
        match self.changes.as_slice() {
            [] => numbers,
            changes => format!("{numbers}; against the source {}", changes.join(", ")),
        }
    }
}
