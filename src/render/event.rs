//! Events that a job reports while it runs, and requests to stop it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde::Serialize;

use super::check_executors::ExecutorCheck;
use super::output_meter::MetricsReport;
use crate::graph::Device;
use crate::hardware::GpuNow;

/// Something that happened in a job.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    Start {
        input: PathBuf,
        outputs: Vec<PathBuf>,
        device: Option<Device>,
        /// Number of frames to render, if it is known.
        frames: Option<u64>,
    },
    /// The number of chunks that an earlier run has finished.
    Resume {
        done: usize,
        chunks: usize,
        input: PathBuf,
    },
    /// The CPU and a GPU gave nearly the same for the first frames.
    Executors {
        #[serde(flatten)]
        check: ExecutorCheck,
        input: PathBuf,
    },
    /// The plan is ready to run.
    Compile {
        steps: usize,
        seconds: f64,
        input: PathBuf,
    },
    /// The encoder that was chosen for an output, where that was left to the program.
    Encoder {
        output: PathBuf,
        encoder: String,
        message: String,
        input: PathBuf,
    },
    /// A choice that the input decided.
    Choice {
        message: String,
        input: PathBuf,
    },
    /// What runs a neural model, or what running it needs.
    Engine {
        message: String,
        input: PathBuf,
    },
    /// A frame was measured, before the first one is rendered.
    Analyse {
        frame: u64,
        frames: Option<u64>,
        fps: f64,
        eta_s: Option<f64>,
        input: PathBuf,
    },
    /// The numbers of an output (`--metrics`).
    Metrics {
        metrics: MetricsReport,
        output: PathBuf,
        input: PathBuf,
    },
    /// A frame was encoded.
    Progress {
        frame: u64,
        frames: Option<u64>,
        fps: f64,
        eta_s: Option<f64>,
        output: PathBuf,
        input: PathBuf,
        /// How the card that renders fares, where it can be read.
        #[serde(skip_serializing_if = "Option::is_none")]
        gpu: Option<GpuNow>,
    },
    /// This many chunks are finished and kept: the job can go on from there. Told when a job in chunks begins, and when
    /// another one is finished.
    Chunk {
        done: usize,
        chunks: usize,
        input: PathBuf,
    },
    /// All frames are encoded, and the segments of this number of chunks have been added to the output.
    Stitch {
        done: usize,
        chunks: usize,
        output: PathBuf,
        input: PathBuf,
    },
    /// The output is complete and is now compared with the source.
    Verify {
        output: PathBuf,
        input: PathBuf,
    },
    Warning {
        message: String,
        input: PathBuf,
    },
    Done {
        input: PathBuf,
        outputs: Vec<PathBuf>,
        frames: u64,
        seconds: f64,
        device: Option<Device>,
    },
}

impl Event {
    /// The input of the job that the event belongs to.
    pub fn input(&self) -> &Path {
        match self {
            Self::Start { input, .. }
            | Self::Resume { input, .. }
            | Self::Executors { input, .. }
            | Self::Compile { input, .. }
            | Self::Encoder { input, .. }
            | Self::Choice { input, .. }
            | Self::Engine { input, .. }
            | Self::Analyse { input, .. }
            | Self::Metrics { input, .. }
            | Self::Progress { input, .. }
            | Self::Chunk { input, .. }
            | Self::Stitch { input, .. }
            | Self::Verify { input, .. }
            | Self::Warning { input, .. }
            | Self::Done { input, .. } => input,
        }
    }
}

/// A request to stop, for example from a signal handler or a window. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    reason: Arc<AtomicUsize>,
    halt: Arc<AtomicBool>,
}

impl Cancel {
    /// Jobs stop when `reason` is not zero. The caller defines the meaning of other values.
    pub fn new(reason: Arc<AtomicUsize>) -> Self {
        Self {
            reason,
            halt: Arc::default(),
        }
    }

    /// Whether jobs should stop.
    pub fn requested(&self) -> bool {
        self.reason.load(Ordering::Relaxed) != 0 || self.halt.load(Ordering::Relaxed)
    }

    /// A request for a part of a job, which `halt` can stop too.
    pub(super) fn or(&self, halt: &Arc<AtomicBool>) -> Self {
        Self {
            reason: self.reason.clone(),
            halt: halt.clone(),
        }
    }
}
