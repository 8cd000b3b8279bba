//! An open device that several sessions share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::executor::ExecError;
use super::AdapterFacts;

/// A device and what its sessions share. Sessions with the same context compile each shader only once. When the device
/// has failed, all its sessions fail; then a new context must be opened.
pub struct GpuContext {
    pub(super) adapter: AdapterFacts,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    /// Compiled pipelines by their WGSL, one for each entry point.
    pipelines: Mutex<HashMap<String, Vec<wgpu::ComputePipeline>>>,
    failure: Arc<Mutex<Option<String>>>,
}

impl GpuContext {
    /// Opens `adapter`.
    ///
    /// # Errors
    /// `Lost` if the driver refuses.
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

    /// `Lost` if the device has failed.
    pub fn check(&self) -> Result<(), ExecError> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure
            .clone()
            .map_or(Ok(()), |message| Err(self.lost(message)))
    }

    /// The error for a device failure with this message.
    pub(super) fn lost(&self, message: String) -> ExecError {
        ExecError::Lost {
            device: self.adapter.name.clone(),
            message,
        }
    }

    /// The pipelines of the shader `wgsl`. `make` compiles them if they are not compiled yet.
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
        // The lock is not held here, so that shaders compile in parallel.
        let made = make();
        known().insert(wgsl.to_owned(), made.clone());
        made
    }
}

/// Stores errors that wgpu reports asynchronously; by default it panics on them.
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
}

impl SharedGpu {
    pub fn new(adapter: AdapterFacts) -> Self {
        Self {
            adapter,
            context: Arc::default(),
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
        Ok(context.insert(GpuContext::open(&self.adapter)?).clone())
    }
}

impl std::fmt::Debug for SharedGpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SharedGpu({})", self.adapter.name)
    }
}
