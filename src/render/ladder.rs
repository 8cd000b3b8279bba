//! What renders the next attempt where a device fails: itself with less under way, then another, then the processor.

use super::device::Choice;
use super::error::{RenderError, Result};
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::adapters;
use crate::graph::plan::Plan;
use crate::graph::style::Library;
use crate::graph::{Content, ExecError, Executor};

/// The devices of a job, best first.
pub(super) struct Ladder {
    now: Choice,
    /// Whether only one frame is under way at a time.
    spare: bool,
}

impl Ladder {
    /// Begins with `choice`.
    pub fn new(choice: Choice) -> Self {
        Self {
            now: choice,
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
        let failed = match self.now.clone() {
            Choice::Gpu(adapter) if is_of_device(error) => adapter,
            _ => return None,
        };
        if !std::mem::replace(&mut self.spare, true) {
            return Some(format!("{}, one frame at a time", failed.name));
        }
        let other = adapters()
            .into_iter()
            .find(|adapter| !adapter.software && adapter.index > failed.index);
        if let Some(other) = other {
            let words = other.name.clone();
            self.now = Choice::Gpu(Box::new(other));
            return Some(words);
        }
        if CpuExecutor::missing_twins(plan).is_empty() {
            self.now = Choice::Cpu;
            return Some("the processor".to_owned());
        }
        None
    }
}

fn is_of_device(error: &RenderError) -> bool {
    match error {
        RenderError::At { source, .. } => is_of_device(source),
        RenderError::Exec(ExecError::Lost { .. } | ExecError::TooLarge { .. }) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::plan::{self, OutputRequest, PlanOptions, Source, StyleUse, Temporal};
    use crate::graph::style::Values;

    #[test]
    fn a_device_that_fails_is_given_up_for_the_processor() {
        let Some(adapter) = adapters().into_iter().next_back() else {
            tracing::warn!("skipped: there is no adapter");
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
        let mut ladder = Ladder::new(Choice::Gpu(Box::new(adapter)));
        assert_eq!(ladder.step_down(&RenderError::Cancelled, &plan), None);
        let first = ladder.step_down(&lost, &plan).unwrap();
        assert!(first.ends_with("one frame at a time"), "{first}");
        let one = ladder.executor(&library, &plan, &[]).unwrap();
        assert_eq!(one.device().executor, "gpu");
        assert_eq!(ladder.step_down(&lost, &plan).unwrap(), "the processor");
        let two = ladder.executor(&library, &plan, &[]).unwrap();
        assert_eq!(two.device().executor, "cpu");
        assert_eq!(ladder.step_down(&lost, &plan), None);
    }
}
