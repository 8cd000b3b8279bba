//! Detects output frames that indicate a failing device: frames of a single tone, or equal to the previous frame,
//! although the source's frames are not. A device that fails without an error gives such frames. So does NaN, which is
//! packed as zero.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::error::{RenderError, Result};
use super::output_meter::{OutputMeter, OutputMetrics};
use crate::frame::{Picture, Rational, Retiming, Span, border};
use crate::graph::{Output, Payload, Session};

/// Sampling step, in rows and in samples.
const EVERY: usize = 8;
/// Smaller differences, in 255ths, count as neither picture content nor movement.
const VISIBLE: u64 = 6;
/// Number of source frames that are remembered until their outputs arrive.
const REMEMBERED: usize = 64;

/// The number of anomalies found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputAnomalies {
    /// Frames of a single tone where the source has picture content.
    pub flat: u64,
    /// Frames equal to the previous one where the source moves.
    pub repeated: u64,
    /// Time of the first anomaly, in ticks of the source.
    pub first: Option<i64>,
}

/// From this number of anomalies on, they are treated as a device failure.
const MANY: u64 = 3;

impl OutputAnomalies {
    /// Whether there are too many anomalies to be chance.
    pub fn is_grave(&self) -> bool {
        self.flat + self.repeated >= MANY
    }

    /// The anomalies as text; `unit` is the time base of [`Self::first`].
    pub fn words(&self, unit: Rational) -> String {
        let since = self.first.map_or(String::new(), |first| {
            format!(", from {:.3} s on", unit.seconds(first))
        });
        let kinds = [
            (self.flat, "of a single tone"),
            (self.repeated, "the same as the one before"),
        ];
        let kinds = kinds.iter().filter(|(count, _)| *count > 0);
        let kinds: Vec<String> = kinds
            .map(|(count, what)| format!("{count} frames are {what}"))
            .collect();
        format!("{}{since}, where the source's are not", kinds.join(" and "))
    }

    /// Adds the anomalies of another part.
    pub fn add(&mut self, other: &Self) {
        self.flat += other.flat;
        self.repeated += other.repeated;
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Subsampled luma of a picture, in 255ths.
pub(super) type Thumbnail = Vec<u8>;

/// The thumbnail of `picture`.
pub(super) fn thumbnail(picture: &Picture) -> Thumbnail {
    // The luma component; for RGB, green.
    let index = usize::from(picture.format.model == crate::frame::Model::Rgb);
    let (width, height) = (picture.width as usize, picture.height as usize);
    let surplus = picture.format.code_depth() - 8;
    let mut seen = Vec::with_capacity((width / EVERY + 1) * (height / EVERY + 1));
    for y in (0..height).step_by(EVERY) {
        let row = picture.component_row(index, y);
        seen.extend(
            (0..width)
                .step_by(EVERY)
                .map(|x| (row.at(x) >> surplus) as u8),
        );
    }
    seen
}

/// Largest value minus smallest value.
fn contrast(thumbnail: &Thumbnail) -> u64 {
    let (low, high) = (thumbnail.iter().min(), thumbnail.iter().max());
    u64::from(high.unwrap_or(&0) - low.unwrap_or(&0))
}

/// Mean absolute difference.
fn movement(a: &Thumbnail, b: &Thumbnail) -> u64 {
    let sum: u64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum / a.len().max(1) as u64
}

/// A session, and what checks its outputs against their source.
pub(super) struct WatchedSession {
    pub session: Session,
    pub watch: OutputWatch,
    /// What measures its outputs, where that was asked for.
    pub meter: Option<OutputMeter>,
}

impl WatchedSession {
    /// Checks the outputs of all ports of `session`. With `check_output`, too many anomalies of a GPU are an error.
    pub fn new(session: Session, time_base: Rational, check_output: bool) -> Self {
        let plan = session.plan();
        let watched = plan.outputs.iter().enumerate().map(|(index, port)| {
            // An image port gives numbers, which may well be the same for every frame.
            port.pack()
                .map(|_| plan.retimings(plan.clock_of_port(index)))
        });
        let device = session.device();
        let watch = OutputWatch {
            watchdog: Watchdog::default(),
            watched: watched.collect(),
            gpu: (check_output && device.executor == "gpu").then_some(device.name),
            time_base,
        };
        Self {
            session,
            watch,
            meter: None,
        }
    }

    /// The same session, whose outputs are measured as `metrics` says; `rate` is that of the source.
    pub fn measured(self, metrics: Option<&OutputMetrics>, rate: Rational) -> Self {
        let plan = self.session.plan();
        let meter = metrics.map(|metrics| OutputMeter::new(metrics.clone(), plan, rate));
        Self { meter, ..self }
    }
}

/// Checks the outputs of a session against their source.
pub(super) struct OutputWatch {
    watchdog: Watchdog,
    /// For each port, how the times of its outputs follow from the source's; `None` if they are not checked.
    watched: Vec<Option<Vec<Retiming>>>,
    /// The name of the GPU, where too many anomalies end the run with an error, because it may have failed.
    gpu: Option<String>,
    time_base: Rational,
}

impl OutputWatch {
    /// Whether it needs the thumbnails of the source's frames.
    pub fn needs_source(&self) -> bool {
        self.watched.iter().any(Option::is_some)
    }

    /// A frame of the source, before all outputs that are made of it.
    pub fn source(&mut self, source: Thumbnail, span: Span) {
        self.watchdog.source(source, span);
    }

    /// An output.
    ///
    /// # Errors
    /// `Suspicious` if there are too many anomalies and they are checked.
    pub fn output(&mut self, output: &Output) -> Result<()> {
        if let (Some(stages), Payload::Picture(picture)) =
            (&self.watched[output.port], &output.payload)
        {
            self.watchdog
                .output(output.port, picture, output.span, stages);
        }
        match &self.gpu {
            Some(device) if self.watchdog.found.is_grave() => Err(RenderError::Suspicious {
                device: device.clone(),
                found: self.watchdog.found.words(self.time_base),
            }),
            _ => Ok(()),
        }
    }

    /// Returns the anomalies found since the last call.
    pub fn take_anomalies(&mut self) -> OutputAnomalies {
        std::mem::take(&mut self.watchdog.found)
    }
}

/// Compares outputs with their source.
#[derive(Default)]
struct Watchdog {
    /// The newest frames of the source, by time.
    source: BTreeMap<i64, Thumbnail>,
    /// For each port, its last output, and the time of the source's frame that it shows.
    last_output: HashMap<usize, (Thumbnail, i64)>,
    found: OutputAnomalies,
}

impl Watchdog {
    /// A frame is pushed into the graph.
    fn source(&mut self, source: Thumbnail, span: Span) {
        self.source.insert(span.pts, source);
        if self.source.len() > REMEMBERED {
            self.source.pop_first();
        }
    }

    /// A frame is put out at `port`; `stages` make its times of the source's.
    fn output(&mut self, port: usize, picture: &Picture, span: Span, stages: &[Retiming]) {
        let mut sources = self.source.iter().rev();
        let shown = sources.find(|(pts, _)| border(stages, **pts) <= span.pts);
        let Some((&pts, shown)) = shown else {
            return;
        };
        let now = thumbnail(picture);
        let flat = contrast(&now) == 0 && contrast(shown) >= 4 * VISIBLE;
        // A frame may well be shown twice where the rate is higher than the source's, and others left out where it is
        // lower.
        let moves = |before: &i64| {
            let before = self.source.get(before);
            before.is_some_and(|before| movement(before, shown) >= VISIBLE)
        };
        let same = |(last, before): &(Thumbnail, i64)| *last == now && moves(before);
        let repeated = !flat && self.last_output.get(&port).is_some_and(same);
        self.last_output.insert(port, (now, pts));
        self.found.flat += u64::from(flat);
        self.found.repeated += u64::from(repeated);
        if flat || repeated {
            self.found.first.get_or_insert(pts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;
    use crate::frame::{Model, OwnedPlanes, Pace, PixelFormat, Subsampling};

    fn picture(depth: u8, sample: impl Fn(usize) -> u16) -> Picture {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, depth, false);
        let mut planes = OwnedPlanes::new(64, 48, &format);
        let luma = planes.plane_mut(0);
        for at in 0..64 * 48 {
            if depth == 8 {
                luma[at] = sample(at) as u8;
            } else {
                luma[2 * at..2 * at + 2]
                    .copy_from_slice(&(sample(at) << (depth - 8)).to_le_bytes());
            }
        }
        Picture::new(64, 48, format, Color::default(), planes)
    }

    #[test]
    fn what_no_style_makes_is_found() {
        for depth in [8, 10] {
            let scene =
                |shift: usize| picture(depth, move |at| ((at % 64 + shift) * 3 % 256) as u16);
            let black = picture(depth, |_| 16);
            let mut dog = Watchdog::default();
            let mut frame = |pts: i64, source: &Picture, output: &Picture| {
                let span = Span { pts, duration: 1 };
                dog.source(thumbnail(source), span);
                dog.output(0, output, span, &[]);
                dog.found
            };
            let nothing = OutputAnomalies::default();
            assert_eq!(frame(0, &scene(0), &scene(0)), nothing);
            assert_eq!(frame(1, &scene(20), &scene(20)), nothing);
            // The source is black or does not move, so the output may be so too.
            assert_eq!(frame(2, &black, &black), nothing);
            assert_eq!(frame(3, &scene(7), &scene(7)), nothing);
            assert_eq!(frame(4, &scene(7), &scene(7)), nothing);
            let found = frame(5, &scene(40), &black);
            assert_eq!((found.flat, found.repeated, found.first), (1, 0, Some(5)));
            frame(6, &scene(0), &scene(0));
            let found = frame(7, &scene(20), &scene(0));
            assert_eq!((found.flat, found.repeated), (1, 1));
        }
    }

    #[test]
    fn a_lower_rate_repeats_nothing() {
        // A scene that flashes with every frame, of which every second frame is shown.
        let (bright, dark) = (
            picture(8, |at| (at % 200) as u16),
            picture(8, |at| (at % 64) as u16),
        );
        let half = Retiming::new(Pace::Rate(Rational::new(25, 1)), Rational::new(1, 50)).unwrap();
        let mut dog = Watchdog::default();
        for pts in 0..20 {
            let shown = if pts % 2 == 0 { &bright } else { &dark };
            let span = Span { pts, duration: 1 };
            dog.source(thumbnail(shown), span);
            if pts % 2 == 0 {
                dog.output(0, shown, span, std::slice::from_ref(&half));
            }
        }
        assert_eq!(dog.found, OutputAnomalies::default());
    }
}
