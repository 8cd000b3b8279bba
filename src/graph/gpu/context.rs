//! An open device that several sessions share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::executor::ExecError;
use super::AdapterFacts;
use super::wait::{self, PATIENCE, Poll};

/// A device and what its sessions share. Sessions with the same context compile each shader only once. When the device
/// has failed, all its sessions fail; then a new context must be opened.
pub struct GpuContext {
    pub(super) adapter: AdapterFacts,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) poll: Poll,
    /// How long the device may finish nothing before it counts as failed.
    pub(super) patience: Duration,
    /// Submissions that are done.
    finished: Arc<AtomicU64>,
    /// Compiled pipelines by their WGSL, one for each entry point.
    pipelines: Mutex<HashMap<PipelineKey, Pipelines>>,
    failure: Arc<Mutex<Option<Failure>>>,
}

/// What pipelines are made of: the text of their shader, and whether it is trusted.
type PipelineKey = (String, bool);

/// One pipeline for each entry point; `None` until they are compiled.
type Pipelines = Arc<Mutex<Option<Vec<wgpu::ComputePipeline>>>>;

/// How a device failed.
#[derive(Clone, Debug)]
enum Failure {
    Lost(String),
    OutOfMemory(String),
    /// The device was used wrongly.
    Misused(String),
}

impl From<wgpu::Error> for Failure {
    fn from(error: wgpu::Error) -> Self {
        let text = error.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        let words = words.join(" ");
        match error {
            wgpu::Error::OutOfMemory { .. } => Self::OutOfMemory(words),
            wgpu::Error::Validation { .. } => Self::Misused(words),
            wgpu::Error::Internal { .. } => Self::Lost(words),
        }
    }
}

impl GpuContext {
    /// Opens `adapter`.
    ///
    /// # Errors
    /// `Lost` if the driver refuses.
    pub fn open(adapter: &AdapterFacts) -> Result<Arc<Self>, ExecError> {
        Self::open_with(adapter, wait::poll(), PATIENCE)
    }

    /// As [`Self::open`]; the device is polled by `poll`, and counts as failed when it finishes nothing for `patience`.
    pub(super) fn open_with(
        adapter: &AdapterFacts,
        poll: Poll,
        patience: Duration,
    ) -> Result<Arc<Self>, ExecError> {
        let begun = Instant::now();
        let (device, queue) = adapter.open()?;
        let spent = begun.elapsed().as_millis();
        tracing::debug!("{} opened in {spent} ms", adapter.name);
        let failure = Arc::new(Mutex::new(None));
        watch(&device, &failure);
        Ok(Arc::new(Self {
            adapter: adapter.clone(),
            device,
            queue,
            poll,
            patience,
            finished: Arc::default(),
            pipelines: Mutex::default(),
            failure,
        }))
    }

    /// An error if the device has failed.
    pub fn check(&self) -> Result<(), ExecError> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure
            .clone()
            .map_or(Ok(()), |failure| Err(self.error(failure)))
    }

    fn error(&self, failure: Failure) -> ExecError {
        let device = self.adapter.name.clone();
        match failure {
            Failure::Lost(message) => ExecError::Lost { device, message },
            Failure::OutOfMemory(what) => ExecError::OutOfMemory { device, what },
            Failure::Misused(message) => ExecError::Misused { device, message },
        }
    }

    /// Counts the device as failed, and returns the error. Where it has failed before, for the first reason.
    pub(super) fn fail(&self, message: String) -> ExecError {
        keep(&self.failure, Failure::Lost(message.clone()));
        let failed = self.check().err();
        failed.unwrap_or_else(|| self.error(Failure::Lost(message)))
    }

    /// Makes objects of the device.
    ///
    /// # Errors
    /// `OutOfMemory` where its memory does not suffice, which leaves the device as it was; `Misused` where it refuses.
    pub(super) fn make<T>(&self, make: impl FnOnce() -> T) -> Result<T, ExecError> {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let scopes = [OutOfMemory, Validation, Internal].map(|of| self.device.push_error_scope(of));
        let made = make();
        let mut failures = Vec::new();
        for scope in scopes.into_iter().rev() {
            failures.extend(pollster::block_on(scope.pop()).map(Failure::from));
        }
        // What cannot be made for want of memory is invalid wherever it is used: the want is what is told.
        let is_memory = |failure: &Failure| matches!(failure, Failure::OutOfMemory(_));
        let memory = failures.iter().position(is_memory);
        match failures.into_iter().nth(memory.unwrap_or(0)) {
            Some(failure) => Err(self.error(failure)),
            None => Ok(made),
        }
    }

    /// Submits what was encoded.
    pub(super) fn submit(&self, encoder: wgpu::CommandEncoder) -> wgpu::SubmissionIndex {
        let index = self.queue.submit([encoder.finish()]);
        let finished = self.finished.clone();
        self.queue.on_submitted_work_done(move || {
            finished.fetch_add(1, Ordering::Relaxed);
        });
        index
    }

    /// The number of submissions that are done.
    pub(super) fn finished(&self) -> u64 {
        self.finished.load(Ordering::Relaxed)
    }

    /// The pipelines with this key. `make` compiles them if they are not compiled yet; others that want the same wait.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub(super) fn pipelines(
        &self,
        key: PipelineKey,
        make: impl FnOnce() -> Vec<wgpu::ComputePipeline>,
    ) -> Result<Vec<wgpu::ComputePipeline>, ExecError> {
        let entry = {
            let mut known = self
                .pipelines
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            known.entry(key).or_default().clone()
        };
        // The map is not locked here, so that different shaders compile in parallel.
        let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = &*entry {
            return Ok(made.clone());
        }
        Ok(entry.insert(self.make(make)?).clone())
    }
}

/// Keeps the first failure.
fn keep(kept: &Mutex<Option<Failure>>, failure: Failure) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.get_or_insert(failure);
}

/// Keeps errors that wgpu reports asynchronously; by default it panics on them.
fn watch(device: &wgpu::Device, failure: &Arc<Mutex<Option<Failure>>>) {
    let errors = failure.clone();
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        keep(&errors, Failure::from(error));
    }));
    let losses = failure.clone();
    device.set_device_lost_callback(move |reason, message| {
        if reason != wgpu::DeviceLostReason::Destroyed {
            keep(&losses, Failure::Lost(format!("device lost: {message}")));
        }
    });
}

/// The adapters that jobs have asked for. All clones share them, so that jobs one after the other open a device once and
/// compile each shader once.
#[derive(Clone, Default)]
pub struct GpuPool(Arc<Mutex<Vec<SharedGpu>>>);

impl GpuPool {
    /// The shared device of `adapter`.
    pub fn shared(&self, adapter: AdapterFacts) -> SharedGpu {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |gpu: &&SharedGpu| {
            (gpu.adapter.index, &gpu.adapter.name) == (adapter.index, &adapter.name)
        };
        if let Some(gpu) = known.iter().find(same) {
            return gpu.clone();
        }
        known.push(SharedGpu::new(adapter));
        known[known.len() - 1].clone()
    }
}

impl std::fmt::Debug for GpuPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_list().entries(known.iter()).finish()
    }
}

/// An adapter that is opened on first use. All clones share the open device.
#[derive(Clone)]
pub struct SharedGpu {
    pub adapter: AdapterFacts,
    context: Arc<Mutex<Option<Arc<GpuContext>>>>,
    open: Open,
}

/// Opens an adapter.
pub(super) type Open =
    Arc<dyn Fn(&AdapterFacts) -> Result<Arc<GpuContext>, ExecError> + Send + Sync>;

impl SharedGpu {
    pub fn new(adapter: AdapterFacts) -> Self {
        Self::opened_by(adapter, Arc::new(GpuContext::open))
    }

    /// As [`Self::new`], opened by `open`.
    pub(super) fn opened_by(adapter: AdapterFacts, open: Open) -> Self {
        Self {
            adapter,
            context: Arc::default(),
            open,
        }
    }

    /// The open device; a new one if the last one has failed.
    ///
    /// # Errors
    /// `Lost` if the driver refuses.
    pub fn context(&self) -> Result<Arc<GpuContext>, ExecError> {
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = context.as_ref().filter(|open| open.check().is_ok()) {
            return Ok(open.clone());
        }
        Ok(context.insert((self.open)(&self.adapter)?).clone())
    }
}

impl std::fmt::Debug for SharedGpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SharedGpu({})", self.adapter.name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::adapters;
    use super::*;

    #[test]
    fn each_failure_says_what_it_is() {
        let Some(adapter) = adapters().into_iter().next_back() else {
            crate::skip::skip(
                "no graphics adapter",
                "install mesa-vulkan-drivers for software Vulkan",
            );
            return;
        };
        let source = || Box::new(std::io::Error::other("as the test wants it"));
        let memory = wgpu::Error::OutOfMemory { source: source() };
        let context = GpuContext::open(&adapter).unwrap();
        let error = context.error(memory.into());
        assert!(matches!(error, ExecError::OutOfMemory { .. }), "{error}");
        assert!(error.to_string().contains("end other programs"), "{error}");
        // More than any device has; the device is as it was.
        let made = context.make(|| {
            context.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: 1 << 60,
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            })
        });
        assert!(matches!(made, Err(ExecError::Misused { .. })), "{made:?}");
        assert!(context.check().is_ok());
        assert_eq!(context.make(|| 3).unwrap(), 3);
    }
}
