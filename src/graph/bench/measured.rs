//! What was measured, and how it is printed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::{Device, HostTimes};
use super::median;

/// The measurement of one dispatch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepMeasured {
    pub label: String,
    /// Its kernels in the order they run: the fused ones, then its own.
    pub kernels: Vec<String>,
    /// Median time over the frames; `None` on devices that cannot time a pass.
    pub milliseconds: Option<f64>,
    /// The time that 95 of 100 frames do not exceed.
    pub p95: Option<f64>,
    /// Bytes read and written per frame, computed from the plan ([`traffic`](crate::graph::plan::traffic)).
    pub read: usize,
    pub written: usize,
}

/// The result of a bench.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    pub device: Device,
    pub width: u32,
    pub height: u32,
    pub pixel_format: String,
    pub styles: Vec<String>,
    pub frames: usize,
    /// Median time from one frame to the next.
    pub milliseconds: f64,
    pub frames_per_second: f64,
    /// Bytes per frame.
    pub read: usize,
    pub written: usize,
    /// The processor's part, where another device does the work.
    pub host: Option<HostMeasured>,
    pub steps: Vec<StepMeasured>,
}

/// Milliseconds of the processor per frame, as [`HostTimes`] has them: medians over the frames.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostMeasured {
    pub copy_in: f64,
    pub encode: f64,
    pub wait: f64,
    pub copy_out: f64,
}

impl HostMeasured {
    /// Of the times of single frames; `None` without any.
    pub(super) fn of(frames: &[HostTimes]) -> Option<Self> {
        let of = |part: fn(&HostTimes) -> f64| {
            median(frames.iter().map(|frame| part(frame) * 1e3).collect())
        };
        Some(Self {
            copy_in: of(|frame| frame.copy_in)?,
            encode: of(|frame| frame.encode)?,
            wait: of(|frame| frame.wait)?,
            copy_out: of(|frame| frame.copy_out)?,
        })
    }
}

/// A table for people: a line for each pass, and one for the frame.
impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: usize| bytes as f64 / 1e6;
        writeln!(
            f,
            "{}, {}x{} {}, {} ({}), median of {} frames\n\n       ms   MB read  MB written  pass",
            self.styles.join(","),
            self.width,
            self.height,
            self.pixel_format,
            self.device.name,
            self.device.executor,
            self.frames
        )?;
        for step in &self.steps {
            let time = step
                .milliseconds
                .map_or("-".to_owned(), |time| format!("{time:.3}"));
            writeln!(
                f,
                "{time:>9} {:>9.1} {:>11.1}  {}  [{}]",
                megabytes(step.read),
                megabytes(step.written),
                step.label,
                step.kernels.join(" + ")
            )?;
        }
        writeln!(
            f,
            "{:>9.3} {:>9.1} {:>11.1}  a frame: {:.1} frames/s, {:.2} GB/s",
            self.milliseconds,
            megabytes(self.read),
            megabytes(self.written),
            self.frames_per_second,
            megabytes(self.read + self.written) / self.milliseconds
        )
    }
}
