//! `gpu.json`: what was measured on a graphics adapter. Times are in milliseconds, sizes in bytes, rates in GB/s (10⁹ bytes
//! a second), unless a field says otherwise.

use aquatint::graph::bench::{HostMeasured, StepMeasured};
use aquatint::graph::gpu::{AdapterFacts, AdapterLimits, Ceilings};
use serde::{Deserialize, Serialize};

use crate::kernels::Kernels;

/// The form of this file. A report is made only of files of the same form.
pub const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub struct GpuFile {
    pub format: u32,
    /// The version of aquatint.
    pub version: String,
    /// Whether sizes were tiny: that shows that all works, and no speed.
    pub quick: bool,
    /// Threads of the processor.
    pub threads: usize,
    pub adapter: Adapter,
    pub ceilings: Ceilings,
    pub runs: Vec<Run>,
    pub in_flight: Vec<InFlight>,
    pub determinism: Vec<Repeated>,
    /// What the kernel tests found, where they ran.
    pub kernels: Option<Kernels>,
    /// What could not be measured.
    pub failures: Vec<Failure>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Adapter {
    pub name: String,
    pub kind: String,
    pub backend: String,
    pub driver: String,
    pub software: bool,
    pub pci: Option<String>,
    pub uuid: Option<String>,
    pub memory: Option<u64>,
    pub limits: AdapterLimits,
}

impl From<&AdapterFacts> for Adapter {
    fn from(facts: &AdapterFacts) -> Self {
        Self {
            name: facts.name.clone(),
            kind: facts.kind.to_owned(),
            backend: facts.backend.clone(),
            driver: facts.driver.clone(),
            software: facts.software,
            pci: facts.pci.clone(),
            uuid: facts.uuid.clone(),
            memory: facts.memory,
            limits: facts.limits(),
        }
    }
}

/// A style on pictures of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub style: String,
    pub width: u32,
    pub height: u32,
    /// Bits of a sample.
    pub depth: u8,
    /// off, ema, flow or adaptive.
    pub temporal: String,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            style,
            width,
            height,
            depth,
            temporal,
        } = self;
        write!(f, "{style}, {width}x{height}, {depth} bits, {temporal}")
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Run {
    pub case: Case,
    /// Frames measured.
    pub frames: usize,
    /// Until an executor is ready on a device just opened, and until a second one is ready on it, whose pipelines are
    /// known.
    pub pipelines_cold: f64,
    pub pipelines_warm: f64,
    /// Median from one frame to the next, with frames in flight as in a render.
    pub milliseconds: f64,
    pub frames_per_second: f64,
    /// The sum of the medians of its dispatches; `None` on a device without timestamps.
    pub device_milliseconds: Option<f64>,
    /// Bytes that a frame reads and writes, as the plan tells them.
    pub read: usize,
    pub written: usize,
    /// These bytes in the device's time, as a share of the rate of the fastest copy.
    pub copy_share: Option<f64>,
    pub host: Option<HostMeasured>,
    pub steps: Vec<StepRun>,
}

/// One step: a dispatch, or the dispatches of the phases of a compute kernel.
#[derive(Debug, Serialize, Deserialize)]
pub struct StepRun {
    #[serde(flatten)]
    pub measured: StepMeasured,
    /// Its bytes in its time, as a share of the rate of the fastest copy.
    pub copy_share: Option<f64>,
}

/// The speed with so many frames in flight.
#[derive(Debug, Serialize, Deserialize)]
pub struct InFlight {
    pub case: Case,
    pub frames_in_flight: usize,
    pub frames_per_second: f64,
}

/// Two runs over the same pictures.
#[derive(Debug, Serialize, Deserialize)]
pub struct Repeated {
    pub case: Case,
    pub frames: usize,
    /// Whether all samples were equal.
    pub equal: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Failure {
    pub what: String,
    pub why: String,
}
