//! Chooses the device for the next attempt after a failure: the same with one frame in flight, then the next GPU, or the
//! CPU if there is none.

use super::device::Choice;
use super::error::{RenderError, Result};
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::{GpuOptions, SharedGpu, adapters};
use crate::graph::plan::Plan;
use crate::graph::style::Library;
use crate::graph::{Executor, ResourceData};

/// Number of attempts for a chunk, or for a render in a single pass, where there is no other device to try.
pub(super) const ATTEMPTS: usize = 3;

/// The current device of a job and the state of the fallback.
pub(super) struct DeviceFallback {
    now: Choice,
    /// The device whose output is being compared with that of another device.
    suspect: Option<Choice>,
    /// Whether the output is accepted without a check from now on.
    trusts: bool,
    /// Whether only one frame is in flight at a time.
    one_frame: bool,
    /// Whether no other device is tried.
    stays: bool,
}

impl DeviceFallback {
    /// For the graph of a job; `None` if there is no graph.
    pub fn of(plan: Option<&(Plan, Choice)>) -> Option<Self> {
        plan.map(|(_, choice)| Self::new(choice.clone()))
    }

    /// Starts with `choice`.
    pub fn new(choice: Choice) -> Self {
        Self {
            now: choice,
            suspect: None,
            trusts: false,
            one_frame: false,
            stays: false,
        }
    }

    /// Tries no other device: other processes render parts of the same job on one like this.
    pub fn staying(self) -> Self {
        Self {
            stays: true,
            ..self
        }
    }

    /// Makes the executor.
    pub fn executor(
        &self,
        library: &Library,
        plan: &Plan,
        files: &[ResourceData],
    ) -> Result<Box<dyn Executor>> {
        let mut options = GpuOptions::default();
        if self.one_frame {
            options.frames_in_flight = 1;
        }
        self.now
            .executor_with(library, plan.clone(), files, options)
    }

    /// Selects the next device if `error` is a device failure, and returns its name.
    pub fn step_down(&mut self, error: &RenderError, plan: &Plan) -> Option<String> {
        let (name, failed) = match &self.now {
            _ if !error.is_of_device() => return None,
            Choice::Gpu(gpu) => (gpu.adapter.name.clone(), Some(gpu.adapter.clone())),
            #[cfg(test)]
            Choice::Faulty(faults) if faults.of_gpu() => ("a faulty GPU".into(), None),
            _ => return None,
        };
        if self.stays {
            let one_frame =
                error.may_pass_with_one_frame() && !std::mem::replace(&mut self.one_frame, true);
            return one_frame.then(|| format!("{name}, one frame at a time"));
        }
        if matches!(error, RenderError::Suspicious { .. }) {
            // A device that fails without an error would fail again in the same way.
            self.suspect = Some(self.now.clone());
        } else if error.may_pass_with_one_frame() && !std::mem::replace(&mut self.one_frame, true) {
            return Some(format!("{name}, one frame at a time"));
        }
        // The same card may be listed again, by another driver.
        let other = failed.and_then(|failed| {
            let mut others = adapters().into_iter();
            others.find(|adapter| {
                !adapter.software && adapter.index > failed.index && !adapter.is_card_of(&failed)
            })
        });
        if let Some(other) = other {
            let name = other.name.clone();
            self.now = Choice::Gpu(SharedGpu::new(other));
            return Some(name);
        }
        if CpuExecutor::missing_twins(plan).is_empty() {
            self.now = Choice::Cpu;
            return Some("the processor".to_owned());
        }
        if self.suspect.take().is_some() {
            self.trusts = true;
        }
        None
    }

    /// Whether output with anomalies must be rendered on another device before it is accepted.
    pub fn check_output(&self) -> bool {
        !self.trusts && !self.stays && self.suspect.is_none()
    }

    /// Whether a single chunk is being rendered on another device to compare the results.
    pub fn cross_checking(&self) -> bool {
        self.suspect.is_some()
    }

    /// The other device has rendered the chunk. `same`: its output has the same anomalies, so the style makes them, and
    /// the first device continues.
    pub fn cross_checked(&mut self, same: bool) {
        if let (Some(first), true) = (self.suspect.take(), same) {
            self.now = first;
            self.trusts = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Model, PixelFormat, Subsampling};
    use crate::graph::ExecError;
    use crate::graph::plan::{self, OutputRequest, PlanOptions, Source, StyleUse, Temporal};

    #[test]
    fn a_device_that_fails_is_given_up_for_the_processor() {
        let Some(adapter) = adapters().into_iter().next_back() else {
            crate::skip::skip(
                "no graphics adapter",
                "install mesa-vulkan-drivers for software Vulkan",
            );
            return;
        };
        let library = Library::built_in();
        let style = library.load("pencil").unwrap();
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
        let color = crate::color::Color::default();
        let coding = crate::color::Coding::resolve(&color, &format, 64, 48);
        let source = Source {
            width: 64,
            height: 48,
            coded: Some((format, coding)),
            time_base: crate::frame::Rational::new(1, 25),
            rate: crate::frame::Rational::new(25, 1),
            start: 0,
            interlaced: Default::default(),
        };
        let request = OutputRequest {
            chain: vec![StyleUse::new(style)],
            format,
            color,
            temporal: Temporal::Off,
        };
        let plan = plan::plan(&library, &source, &[request], PlanOptions::default()).unwrap();
        let lost = RenderError::from(ExecError::Lost {
            device: adapter.name.clone(),
            message: "as the test wants it".to_owned(),
        });
        let mut fallback = DeviceFallback::new(Choice::Gpu(SharedGpu::new(adapter.clone())));
        assert_eq!(fallback.step_down(&RenderError::Cancelled, &plan), None);
        let first = fallback.step_down(&lost, &plan).unwrap();
        assert!(first.ends_with("one frame at a time"), "{first}");
        let one = fallback.executor(&library, &plan, &[]).unwrap();
        assert_eq!(one.device().executor, "gpu");
        assert_eq!(fallback.step_down(&lost, &plan).unwrap(), "the processor");
        let two = fallback.executor(&library, &plan, &[]).unwrap();
        assert_eq!(two.device().executor, "cpu");
        assert_eq!(fallback.step_down(&lost, &plan), None);
        // If another device gives the same result, the first device continues and its output is trusted.
        let suspicious = RenderError::Suspicious {
            device: adapter.name.clone(),
            found: "as the test wants it".to_owned(),
        };
        for (same, then) in [(true, "gpu"), (false, "cpu")] {
            let mut fallback = DeviceFallback::new(Choice::Gpu(SharedGpu::new(adapter.clone())));
            assert!(fallback.check_output() && !fallback.cross_checking());
            let other = fallback.step_down(&suspicious, &plan);
            assert_eq!(other.unwrap(), "the processor");
            assert!(!fallback.check_output() && fallback.cross_checking());
            fallback.cross_checked(same);
            assert_eq!(
                (fallback.check_output(), fallback.cross_checking()),
                (!same, false)
            );
            let executor = fallback.executor(&library, &plan, &[]).unwrap();
            assert_eq!(executor.device().executor, then);
        }
    }
}
