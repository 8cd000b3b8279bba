//! What renders the next attempt where a device fails: itself with less under way, then another, then the processor.

use super::device::Choice;
use super::error::{RenderError, Result};
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::adapters;
use crate::graph::plan::Plan;
use crate::graph::style::Library;
use crate::graph::{Content, Executor};

/// A chunk, or a render in one piece, is tried so often.
pub(super) const ATTEMPTS: usize = 3;

/// The devices of a job, best first.
pub(super) struct Ladder {
    now: Choice,
    /// The device whose frames are compared with those of another one.
    doubted: Option<Choice>,
    /// Devices are taken at their word.
    trusts: bool,
    /// Whether only one frame is under way at a time.
    spare: bool,
}

impl Ladder {
    /// For a job's graph, if it has one.
    pub fn of(plan: Option<&(Plan, Choice)>) -> Option<Self> {
        plan.map(|(_, choice)| Self::new(choice.clone()))
    }

    /// Begins with `choice`.
    pub fn new(choice: Choice) -> Self {
        Self {
            now: choice,
            doubted: None,
            trusts: false,
            spare: false,
        }
    }

    /// Makes the executor ready.
    pub fn executor(
        &self,
        library: &Library,
        plan: &Plan,
        files: &[Content],
    ) -> Result<Box<dyn Executor>> {
        self.now.sparing(library, plan.clone(), files, self.spare)
    }

    /// Steps down after `error`, if it is the device's; says to what.
    pub fn step_down(&mut self, error: &RenderError, plan: &Plan) -> Option<String> {
        let (name, index) = match &self.now {
            _ if !error.is_of_device() => return None,
            Choice::Gpu(adapter) => (adapter.name.clone(), adapter.index),
            #[cfg(test)]
            Choice::Faulty(faults) if faults.of_gpu() => ("a faulty GPU".into(), usize::MAX),
            _ => return None,
        };
        let doubted = matches!(error, RenderError::Suspicious { .. });
        if doubted {
            // What fails without a word will do so again.
            self.doubted = Some(self.now.clone());
        } else if !std::mem::replace(&mut self.spare, true) {
            return Some(format!("{name}, one frame at a time"));
        }
        let other = adapters()
            .into_iter()
            .find(|adapter| !adapter.software && adapter.index > index);
        if let Some(other) = other {
            let words = other.name.clone();
            self.now = Choice::Gpu(Box::new(other));
            return Some(words);
        }
        if CpuExecutor::missing_twins(plan).is_empty() {
            self.now = Choice::Cpu;
            return Some("the processor".to_owned());
        }
        if self.doubted.take().is_some() {
            self.trusts = true;
        }
        None
    }

    /// Whether frames that look as if a device had failed are rendered by another one before they are believed.
    pub fn doubts(&self) -> bool {
        !self.trusts && self.doubted.is_none()
    }

    /// Whether one chunk is rendered to see whether another device makes the same of it.
    pub fn compares(&self) -> bool {
        self.doubted.is_some()
    }

    /// The other device made of the chunk what looks like a failure, too, or it did not. Where it did, that is how the
    /// style draws, and the first device goes on.
    pub fn compared(&mut self, same: bool) {
        if let (Some(first), true) = (self.doubted.take(), same) {
            self.now = first;
            self.trusts = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ExecError;
    use crate::graph::plan::{self, OutputRequest, PlanOptions, Source, StyleUse, Temporal};
    use crate::graph::style::Values;

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
        let format = crate::frame::PixelFormat::planar(
            crate::frame::Model::Yuv,
            crate::frame::Subsampling::S420,
            8,
            false,
        );
        let color = crate::color::Color::default();
        let coding = crate::color::Coding::resolve(&color, &format, 64, 48);
        let source = Source {
            width: 64,
            height: 48,
            coded: Some((format, coding)),
        };
        let request = OutputRequest {
            chain: vec![StyleUse {
                values: Values::defaults(&style.params),
                style,
                strength: 1.0,
            }],
            format,
            color,
            temporal: Temporal::Off,
        };
        let plan = plan::plan(&library, &source, &[request], PlanOptions::default()).unwrap();
        let lost = RenderError::from(ExecError::Lost {
            device: adapter.name.clone(),
            message: "as the test wants it".to_owned(),
        });
        let mut ladder = Ladder::new(Choice::Gpu(Box::new(adapter.clone())));
        assert_eq!(ladder.step_down(&RenderError::Cancelled, &plan), None);
        let first = ladder.step_down(&lost, &plan).unwrap();
        assert!(first.ends_with("one frame at a time"), "{first}");
        let one = ladder.executor(&library, &plan, &[]).unwrap();
        assert_eq!(one.device().executor, "gpu");
        assert_eq!(ladder.step_down(&lost, &plan).unwrap(), "the processor");
        let two = ladder.executor(&library, &plan, &[]).unwrap();
        assert_eq!(two.device().executor, "cpu");
        assert_eq!(ladder.step_down(&lost, &plan), None);
        // Where another device makes the same of it, the first goes on and is believed.
        let suspicious = RenderError::Suspicious {
            device: adapter.name.clone(),
            found: "as the test wants it".to_owned(),
        };
        for (same, then) in [(true, "gpu"), (false, "cpu")] {
            let mut ladder = Ladder::new(Choice::Gpu(Box::new(adapter.clone())));
            assert!(ladder.doubts() && !ladder.compares());
            let other = ladder.step_down(&suspicious, &plan);
            assert_eq!(other.unwrap(), "the processor");
            assert!(!ladder.doubts() && ladder.compares());
            ladder.compared(same);
            assert_eq!((ladder.doubts(), ladder.compares()), (!same, false));
            let executor = ladder.executor(&library, &plan, &[]).unwrap();
            assert_eq!(executor.device().executor, then);
        }
    }
}
