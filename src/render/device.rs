//! Chooses the device that runs a plan.

use tracing::info;

use super::error::Result;
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::{GpuExecutor, GpuOptions, GpuPool, SharedGpu, Wanted, adapters, select};
use crate::graph::plan::Plan;
use crate::graph::style::Library;
use crate::graph::{ExecError, Executor, ResourceData};

/// The device chosen for a plan.
#[derive(Clone, Debug)]
pub enum Choice {
    Gpu(SharedGpu),
    Cpu,
    /// The CPU, with failures that a test asks for.
    #[cfg(test)]
    Faulty(super::tests::Faults),
}

impl Choice {
    /// Chooses a device for `plan`, a GPU from `gpus`. Also returns a warning for the user about the choice, if there is one.
    ///
    /// # Errors
    /// `NoDevice` if the device asked for does not exist, `NoTwin` if the plan needs a GPU and there is none.
    pub(super) fn of(
        wanted: &Wanted,
        plan: &Plan,
        gpus: &GpuPool,
    ) -> Result<(Self, Option<String>)> {
        let choice = match select(wanted)? {
            Some(adapter) => (Self::Gpu(gpus.shared(adapter)), None),
            None => Self::without_gpu(wanted, plan, gpus)?,
        };
        info!("{wanted} device: {}", choice.0);
        Ok(choice)
    }

    fn without_gpu(wanted: &Wanted, plan: &Plan, gpus: &GpuPool) -> Result<(Self, Option<String>)> {
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
            "there is no GPU, and {kernel} has no twin for the processor, as only unchanged built-in kernels have: rendering with {}, which is slow",
            adapter.name
        );
        Ok((Self::Gpu(gpus.shared(adapter)), Some(warning)))
    }

    /// Whether it is a graphics adapter whose work the processor does.
    pub(super) fn is_software(&self) -> bool {
        matches!(self, Self::Gpu(gpu) if gpu.adapter.software)
    }

    /// Makes the executor.
    pub(super) fn executor(
        &self,
        library: &Library,
        plan: Plan,
        files: &[ResourceData],
    ) -> Result<Box<dyn Executor>> {
        self.executor_with(library, plan, files, GpuOptions::default())
    }

    /// Makes the executor; a GPU runs the plan as `options` say.
    pub(super) fn executor_with(
        &self,
        library: &Library,
        plan: Plan,
        files: &[ResourceData],
        options: GpuOptions,
    ) -> Result<Box<dyn Executor>> {
        Ok(match self {
            Self::Gpu(gpu) => Box::new(GpuExecutor::with_options(
                library,
                plan,
                files,
                &gpu.context()?,
                options,
            )?),
            Self::Cpu => Box::new(CpuExecutor::new(plan, files)?),
            #[cfg(test)]
            Self::Faulty(faults) => faults.executor(CpuExecutor::new(plan, files)?),
        })
    }
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gpu(SharedGpu { adapter, .. }) => write!(
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
