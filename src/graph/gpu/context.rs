//! An open device, shared by the sessions that run on it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::executor::ExecError;
use super::AdapterFacts;

/// A device with what may be shared on it. Sessions that hold the same context compile each shader once. Once the device
/// has failed, all of them fail: open another.
pub struct GpuContext {
    pub(super) adapter: AdapterFacts,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    /// Compiled pipelines by their WGSL, an entry point each.
    pipelines: Mutex<HashMap<String, Vec<wgpu::ComputePipeline>>>,
    failure: Arc<Mutex<Option<String>>>,
}

impl GpuContext {
    /// Opens `adapter`.
    ///
    /// # Errors
    /// `Lost` where its driver refuses.
    pub fn open(adapter: &AdapterFacts) -> Result<Arc<Self>, ExecError> {
        let (device, queue) = adapter.open()?;
        let failure = Arc::new(Mutex::new(None));
        watch(&device, &failure);
        Ok(Arc::new(Self {
            adapter: adapter.clone(),
            device,
            queue,
            pipelines: Mutex::default(),
            failure,
        }))
    }

    /// `Lost`, where the device has failed.
    pub fn check(&self) -> Result<(), ExecError> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure
            .clone()
            .map_or(Ok(()), |message| Err(self.lost(message)))
    }

    /// The error for a failure that the device describes by `message`.
    pub(super) fn lost(&self, message: String) -> ExecError {
        ExecError::Lost {
            device: self.adapter.name.clone(),
            message,
        }
    }

    /// The pipelines of the shader `wgsl`, by `make` where they are not compiled yet.
    pub(super) fn pipelines(
        &self,
        wgsl: &str,
        make: impl FnOnce() -> Vec<wgpu::ComputePipeline>,
    ) -> Vec<wgpu::ComputePipeline> {
        let known = || {
            self.pipelines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(pipelines) = known().get(wgsl) {
            return pipelines.clone();
        }
        // Not under the lock: shaders compile in parallel.
        let made = make();
        known().insert(wgsl.to_owned(), made.clone());
        made
    }
}

/// Keeps what wgpu reports outside of calls: by default it panics.
fn watch(device: &wgpu::Device, failure: &Arc<Mutex<Option<String>>>) {
    let keep = |failure: &Arc<Mutex<Option<String>>>, message: String| {
        if let Ok(mut kept) = failure.lock() {
            kept.get_or_insert(message);
        }
    };
    let errors = failure.clone();
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        keep(&errors, error.to_string())
    }));
    let losses = failure.clone();
    device.set_device_lost_callback(move |reason, message| {
        if reason != wgpu::DeviceLostReason::Destroyed {
            keep(&losses, format!("device lost: {message}"));
        }
    });
}

/// An adapter that is opened when it is first needed. All clones share what was opened.
#[derive(Clone)]
pub struct SharedGpu {
    pub adapter: AdapterFacts,
    context: Arc<Mutex<Option<Arc<GpuContext>>>>,
}

impl SharedGpu {
    pub fn new(adapter: AdapterFacts) -> Self {
        Self {
            adapter,
            context: Arc::default(),
        }
    }

    /// The open device; a new one where the last has failed.
    ///
    /// # Errors
    /// `Lost` where its driver refuses.
    pub fn context(&self) -> Result<Arc<GpuContext>, ExecError> {
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = context.as_ref().filter(|open| open.check().is_ok()) {
            return Ok(open.clone());
        }
        Ok(context.insert(GpuContext::open(&self.adapter)?).clone())
    }
}

impl std::fmt::Debug for SharedGpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SharedGpu({})", self.adapter.name)
    }
}
