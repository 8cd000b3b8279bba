//! The GPU executor, on wgpu: planes go up as raw storage buffers, every step is a dispatch, planes come back.

mod adapter;
mod frame;
mod history;
mod link;
pub mod shader;
mod step;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::Content;
use super::cpu::{Loaded, check_picture};
use super::executor::{Device, ExecError, Executor, Output, Submission, Timing};
use super::plan::{Plan, Storage};
use super::state;
use super::style::Library;
use crate::reference::common::lut::texels;
pub use adapter::{AdapterFacts, Wanted, adapters, select};
use frame::Frame;
use step::{Resources, Step};

/// Frames under way at once: while one is read back, the next is computed and a third goes up.
const FRAMES_IN_FLIGHT: usize = 3;

/// Runs plans on a graphics adapter.
pub struct GpuExecutor {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    plan: Plan,
    steps: Vec<Step>,
    frames: Vec<Frame>,
    resources: Resources,
    /// The histories hold a frame.
    carried: bool,
    /// Indices of the frames under way, oldest first.
    under_way: VecDeque<usize>,
    submitted: usize,
    /// Seconds spent in each step.
    spent: Vec<f64>,
    failure: Arc<Mutex<Option<String>>>,
}

impl GpuExecutor {
    /// Opens `adapter`, compiles the shaders of `plan` in parallel, and uploads `files`, the contents of [`Plan::files`].
    pub fn new(
        library: &Library,
        plan: Plan,
        files: &[Content],
        adapter: &AdapterFacts,
    ) -> Result<Self, ExecError> {
        Self::with_frames_in_flight(library, plan, files, adapter, FRAMES_IN_FLIGHT)
    }

    /// As [`Self::new`], with at most `frames` under way at once (at least one): fewer need less memory.
    pub fn with_frames_in_flight(
        library: &Library,
        plan: Plan,
        files: &[Content],
        adapter: &AdapterFacts,
        frames: usize,
    ) -> Result<Self, ExecError> {
        let (device, queue) = adapter.open()?;
        let failure = Arc::new(Mutex::new(None));
        watch(&device, &failure);
        check_size(&plan, adapter, &device.limits())?;
        let images = files
            .iter()
            .map(|content| {
                Ok(match Loaded::new(library, content)? {
                    Loaded::Image(image) => image,
                    Loaded::Lut(lut) => texels(&lut),
                })
            })
            .collect::<Result<Vec<_>, ExecError>>()?;
        let resources = Resources::new(&device, &queue, &plan, &images);
        let steps = plan
            .steps
            .par_iter()
            .map(|step| Step::new(&device, library, &plan, step, &resources))
            .collect::<Result<Vec<_>, _>>()?;
        let timed = adapter.timestamps;
        let frames = (0..frames.max(1))
            .map(|_| Frame::new(&device, &queue, &plan, &resources, timed))
            .collect();
        let spent = vec![0.0; steps.len()];
        let executor = Self {
            name: adapter.name.clone(),
            device,
            queue,
            plan,
            steps,
            frames,
            resources,
            carried: false,
            under_way: VecDeque::new(),
            submitted: 0,
            spent,
            failure,
        };
        executor.check()?;
        Ok(executor)
    }

    /// The error wgpu reported on the side, if any.
    fn check(&self) -> Result<(), ExecError> {
        match self
            .failure
            .lock()
            .ok()
            .and_then(|mut failure| failure.take())
        {
            Some(message) => Err(ExecError::Lost {
                device: self.name.clone(),
                message,
            }),
            None => Ok(()),
        }
    }

    /// Waits for the oldest frame under way and takes its outputs.
    fn collect(&mut self) -> Result<Vec<Output>, ExecError> {
        let Some(index) = self.under_way.pop_front() else {
            return Ok(Vec::new());
        };
        let period = f64::from(self.queue.get_timestamp_period()) * 1e-9;
        let collected =
            self.frames[index].collect(&self.device, &self.plan, period, &mut self.spent);
        self.check()?;
        collected.map_err(|message| ExecError::Lost {
            device: self.name.clone(),
            message,
        })
    }
}

impl Executor for GpuExecutor {
    fn device(&self) -> Device {
        Device {
            name: self.name.clone(),
            executor: "gpu",
        }
    }

    fn submit(&mut self, mut frame: Submission) -> Result<Vec<Output>, ExecError> {
        check_picture(&self.plan, frame.picture.as_ref())?;
        frame.facts.history_valid = self.carried && !frame.facts.cut;
        self.carried = true;
        let ready = if self.under_way.len() == self.frames.len() {
            self.collect()?
        } else {
            Vec::new()
        };
        let index = self.submitted % self.frames.len();
        self.frames[index].start(
            &self.device,
            &self.queue,
            &self.plan,
            &self.steps,
            &self.resources,
            &frame,
        );
        self.under_way.push_back(index);
        self.submitted += 1;
        self.check()?;
        Ok(ready)
    }

    fn flush(&mut self) -> Result<Vec<Output>, ExecError> {
        let mut outputs = Vec::new();
        while !self.under_way.is_empty() {
            outputs.extend(self.collect()?);
        }
        Ok(outputs)
    }

    fn save(&mut self) -> Result<Vec<u8>, ExecError> {
        let state = state::write(&self.plan, self.carried, |index, bytes| {
            let store = &self.resources.histories[index];
            let values = history::download(&self.device, &self.queue, store)?;
            bytes.copy_from_slice(&values);
            Ok(())
        });
        let state = state.map_err(|message: String| ExecError::Lost {
            device: self.name.clone(),
            message,
        })?;
        self.check()?;
        Ok(state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError> {
        let (carried, images) = state::read(&self.plan, state)?;
        for (store, bytes) in self.resources.histories.iter().zip(&images) {
            history::upload(&self.queue, store, bytes);
        }
        self.carried = carried;
        self.check()
    }

    fn timings(&self) -> Vec<Timing> {
        if self.frames.iter().all(|frame| !frame.timed()) {
            return Vec::new();
        }
        let timing = |(step, seconds): (&Step, &f64)| Timing {
            step: step.label.clone(),
            seconds: *seconds,
        };
        self.steps.iter().zip(&self.spent).map(timing).collect()
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

/// Whether the images and buffers of `plan` fit the adapter.
fn check_size(plan: &Plan, adapter: &AdapterFacts, limits: &wgpu::Limits) -> Result<(), ExecError> {
    let too_large = |what: String| {
        Err(ExecError::TooLarge {
            device: adapter.name.clone(),
            what,
        })
    };
    let side = limits.max_texture_dimension_2d;
    let binding = limits.max_storage_buffer_binding_size;
    let buffers = plan
        .slots
        .iter()
        .filter(|slot| slot.storage == Storage::Words);
    if let Some(slot) = buffers.max_by_key(|slot| slot.extent.0)
        && 4 * u64::from(slot.extent.0) > binding
    {
        return too_large(format!("{} words, at most {}", slot.extent.0, binding / 4));
    }
    let extents = plan
        .slots
        .iter()
        .filter(|slot| slot.storage != Storage::Words)
        .map(|slot| slot.extent)
        .chain([plan.extent]);
    if let Some((width, height)) = extents
        .into_iter()
        .find(|(width, height)| *width > side || *height > side)
    {
        return too_large(format!("{width}x{height} pixels, at most {side}x{side}"));
    }
    let formats = plan
        .source_format
        .iter()
        .chain(plan.outputs.iter().map(|output| &output.format));
    for format in formats {
        let bytes = frame::PlanesPlace::new(format, plan.extent).bytes();
        if bytes > limits.max_storage_buffer_binding_size {
            let most = limits.max_storage_buffer_binding_size;
            return too_large(format!("{bytes} bytes of planes, at most {most}"));
        }
    }
    Ok(())
}
