//! Which executor runs a plan.

use tracing::info;

use super::error::Result;
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::{AdapterFacts, GpuExecutor, Wanted, adapters, select};
use crate::graph::plan::Plan;
use crate::graph::style::Library;
use crate::graph::{Content, ExecError, Executor};

/// The executor chosen for a plan.
#[derive(Clone, Debug)]
pub enum Choice {
    Gpu(Box<AdapterFacts>),
    Cpu,
    /// The processor, failing as a test wants it.
    #[cfg(test)]
    Faulty(super::tests::Faults),
}

impl Choice {
    /// Chooses for `plan`; with it, what the person should know of the choice.
    ///
    /// # Errors
    /// `NoDevice` when what was asked for is not there, `NoTwin` when the plan needs a GPU and there is none.
    pub(super) fn of(wanted: &Wanted, plan: &Plan) -> Result<(Self, Option<String>)> {
        let choice = match select(wanted)? {
            Some(adapter) => (Self::Gpu(Box::new(adapter)), None),
            None => Self::without_gpu(wanted, plan)?,
        };
        info!("{wanted} device: {}", choice.0);
        Ok(choice)
    }

    fn without_gpu(wanted: &Wanted, plan: &Plan) -> Result<(Self, Option<String>)> {
        let missing = CpuExecutor::missing_twins(plan);
        let Some(kernel) = missing.first() else {
            return Ok((Self::Cpu, None));
        };
        let software = if *wanted == Wanted::Auto {
            adapters().into_iter().find(|adapter| adapter.software)
        } else {
            None
        };
        let Some(adapter) = software else {
            return Err(ExecError::NoTwin {
                kernel: (*kernel).to_owned(),
            }
            .into());
        };
        let warning = format!(
            "there is no GPU, and {kernel} has no twin for the processor: rendering with {}, which is slow",
            adapter.name
        );
        Ok((Self::Gpu(Box::new(adapter)), Some(warning)))
    }

    /// Makes the executor ready.
    pub(super) fn executor(
        &self,
        library: &Library,
        plan: Plan,
        files: &[Content],
    ) -> Result<Box<dyn Executor>> {
        self.sparing(library, plan, files, false)
    }

    /// Makes the executor ready; `spare` has it work on one frame at a time.
    pub(super) fn sparing(
        &self,
        library: &Library,
        plan: Plan,
        files: &[Content],
        spare: bool,
    ) -> Result<Box<dyn Executor>> {
        Ok(match self {
            Self::Gpu(adapter) if spare => Box::new(GpuExecutor::with_frames_in_flight(
                library, plan, files, adapter, 1,
            )?),
            Self::Gpu(adapter) => Box::new(GpuExecutor::new(library, plan, files, adapter)?),
            Self::Cpu => Box::new(CpuExecutor::new(library, plan, files)?),
            #[cfg(test)]
            Self::Faulty(faults) => faults.executor(CpuExecutor::new(library, plan, files)?),
        })
    }
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gpu(adapter) => write!(
                f,
                "{} ({}, {})",
                adapter.name, adapter.kind, adapter.backend
            ),
            Self::Cpu => write!(f, "the processor"),
            #[cfg(test)]
            Self::Faulty(_) => write!(f, "a faulty processor"),
        }
    }
}
