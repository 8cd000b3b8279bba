//! The GPU executor, on wgpu: uploads planes as raw storage buffers, runs one dispatch for each step, reads planes
//! back.

mod adapter;
mod context;
mod frame;
mod link;
mod planes;
mod read_back;
pub mod shader;
mod step;

use std::collections::VecDeque;
use std::sync::Arc;

use rayon::prelude::*;

use super::ResourceData;
use super::cpu::{Resource, check_picture};
use super::executor::{Device, ExecError, Executor, Externals, Output, StepTime, Submission};
use super::external::External;
use super::plan::{Plan, SourcePort, Storage};
use super::state::{self, Carried};
use super::style::Library;
use crate::color::Color;
use crate::frame::Picture;
use crate::reference::common::lut::texels;
pub use adapter::{AdapterFacts, Wanted, adapters, select};
pub use context::{GpuContext, GpuPool, SharedGpu};
use frame::{Frame, place, words_of};
use planes::PlaneLayout;
use step::{GpuImage, Resources, Step};

/// Frames in flight at once: one is read back, one is computed, one is uploaded.
const FRAMES_IN_FLIGHT: usize = 3;

/// Runs plans on a graphics adapter.
pub struct GpuExecutor {
    context: Arc<GpuContext>,
    plan: Plan,
    steps: Vec<Step>,
    frames: Vec<Frame>,
    resources: Resources,
    /// Indices of the frames in flight, oldest first.
    externals: Externals,
    in_flight: VecDeque<usize>,
    submitted: usize,
    /// Number of the newest frame.
    newest: u64,
    /// Seconds spent in each step.
    spent: Vec<f64>,
}

impl GpuExecutor {
    /// Compiles the shaders of `plan` in parallel and uploads `files`, the contents of [`Plan::files`].
    ///
    /// # Errors
    /// `Shader` if a shader does not compile, `TooLarge` if the device cannot hold the plan, `Lost` if the device
    /// fails.
    pub fn new(
        library: &Library,
        plan: Plan,
        files: &[ResourceData],
        context: &Arc<GpuContext>,
    ) -> Result<Self, ExecError> {
        Self::with_frames_in_flight(library, plan, files, context, FRAMES_IN_FLIGHT)
    }

    /// As [`Self::new`], with at most `frames` in flight at once (at least one). Fewer frames need less memory.
    pub fn with_frames_in_flight(
        library: &Library,
        plan: Plan,
        files: &[ResourceData],
        context: &Arc<GpuContext>,
        frames: usize,
    ) -> Result<Self, ExecError> {
        let (device, queue) = (&context.device, &context.queue);
        check_size(&plan, &context.adapter, &device.limits())?;
        let images = files
            .iter()
            .map(|content| {
                Ok(match Resource::new(content)? {
                    Resource::Image(image) => image,
                    Resource::Lut(lut) => texels(&lut),
                })
            })
            .collect::<Result<Vec<_>, ExecError>>()?;
        let resources = Resources::new(device, queue, &plan, &images, frames.max(1));
        let steps = plan
            .steps
            .par_iter()
            .map(|step| Step::new(context, library, &plan, step, &resources))
            .collect::<Result<Vec<_>, _>>()?;
        let timed = context.adapter.timestamps;
        let frames = (0..frames.max(1))
            .map(|_| Frame::new(device, &plan, &resources, timed))
            .collect();
        let spent = vec![0.0; steps.len()];
        let executor = Self {
            context: context.clone(),
            plan,
            steps,
            frames,
            resources,
            externals: Externals::new(),
            in_flight: VecDeque::new(),
            submitted: 0,
            newest: 0,
            spent,
        };
        context.check()?;
        Ok(executor)
    }

    /// Reads back the kept decoder's planes of frame number `frame`.
    fn save_planes(&self, source: usize, frame: usize, bytes: &mut [u8]) -> Result<(), String> {
        let SourcePort { extent, format } = self.plan.sources[source];
        let Some(format) = format else { return Ok(()) };
        let GpuContext { device, queue, .. } = &*self.context;
        let kept = u64::from(self.plan.planes_kept(source));
        let newest = (self.newest + kept - frame as u64) / kept * kept + frame as u64;
        let Some(index) = newest.checked_sub(kept) else {
            return Ok(());
        };
        let planes = &self.resources.planes[source];
        let planes = GpuImage::Words(planes[place(planes, index)].clone());
        let words = read_back::download(device, queue, &planes)?;
        let (width, height) = extent;
        let planes = PlaneLayout::new(&format, extent).read(&words);
        Picture::new(width, height, format, Color::default(), planes).copy_rows(bytes);
        Ok(())
    }

    fn restore_planes(&self, source: usize, frame: usize, bytes: &[u8]) {
        let SourcePort { extent, format } = self.plan.sources[source];
        let Some(format) = format else { return };
        let layout = PlaneLayout::new(&format, extent);
        let picture = Picture::from_rows(extent.0, extent.1, format, Color::default(), bytes);
        let mut words = vec![0; layout.bytes() as usize];
        layout.write(&picture, |at, row| {
            words[at..at + row.len()].copy_from_slice(row)
        });
        // The ring buffer has more entries than kept frames; the frame's number gives the entry.
        let planes = self.resources.planes[source].iter().skip(frame);
        for planes in planes.step_by(self.plan.planes_kept(source) as usize) {
            self.context.queue.write_buffer(planes, 0, &words);
        }
    }

    /// Waits for the oldest frame in flight and takes its outputs.
    fn collect(&mut self) -> Result<Vec<Output>, ExecError> {
        let Some(index) = self.in_flight.pop_front() else {
            return Ok(Vec::new());
        };
        let period = f64::from(self.context.queue.get_timestamp_period()) * 1e-9;
        let device = &self.context.device;
        let collected = self.frames[index].collect(device, &self.plan, period, &mut self.spent);
        self.context.check()?;
        collected.map_err(|message| self.context.lost(message))
    }
}

impl Executor for GpuExecutor {
    fn device(&self) -> Device {
        Device {
            name: self.context.adapter.name.clone(),
            executor: "gpu",
        }
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn submit(&mut self, work: Submission) -> Result<Vec<Output>, ExecError> {
        if let Some(newest) = work.newest() {
            for source in 0..self.plan.sources.len() {
                check_picture(&self.plan, source, work.picture(source))?;
            }
            self.newest = newest.index;
        }
        let ready = if self.in_flight.len() == self.frames.len() {
            self.collect()?
        } else {
            Vec::new()
        };
        let seconds = |lane| work.frame(lane).map(|instant| instant.seconds);
        let changed = self.plan.follow_tracks(seconds);
        if !changed.is_empty() {
            // Frames in flight keep their values: writes take effect between submissions.
            for step in &self.steps {
                step.set_params_of(&self.context.queue, &self.plan, &changed);
            }
        }
        let index = self.submitted % self.frames.len();
        self.frames[index].start(
            &self.context,
            &self.plan,
            &self.steps,
            &self.resources,
            &mut self.externals,
            &work,
        )?;
        self.in_flight.push_back(index);
        self.submitted += 1;
        self.context.check()?;
        Ok(ready)
    }

    fn drain(&mut self) -> Result<Vec<Output>, ExecError> {
        let mut outputs = Vec::new();
        while !self.in_flight.is_empty() {
            outputs.extend(self.collect()?);
        }
        Ok(outputs)
    }

    fn save(&mut self) -> Result<Vec<u8>, ExecError> {
        let state = state::write(&self.plan, |carried, bytes| {
            let image = match carried {
                Carried::History(index) => &self.resources.histories[index],
                Carried::Kept { slot, frame } => &self.resources.slots[slot][frame],
                Carried::Planes { source, frame } => {
                    return self.save_planes(source, frame, bytes);
                }
            };
            let GpuContext { device, queue, .. } = &*self.context;
            let values = read_back::download(device, queue, image)?;
            let words = words_of(image.storage(), &values);
            bytes.copy_from_slice(bytemuck::cast_slice(&words));
            Ok(())
        });
        let state = state.map_err(|message| self.context.lost(message))?;
        self.context.check()?;
        Ok(state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError> {
        for (carried, bytes) in state::read(&self.plan, state)? {
            let image = match carried {
                Carried::History(index) => &self.resources.histories[index],
                Carried::Kept { slot, frame } => &self.resources.slots[slot][frame],
                Carried::Planes { source, frame } => {
                    self.restore_planes(source, frame, bytes);
                    continue;
                }
            };
            read_back::upload(&self.context.queue, image, bytes);
        }
        let sources = 0..self.plan.sources.len();
        let kept = sources.map(|source| self.plan.planes_kept(source)).max();
        self.newest = u64::from(kept.unwrap_or(1)) - 1;
        self.context.check()
    }

    fn set_params(&mut self, plan: &Plan) -> Result<(), ExecError> {
        // Tiles are compiled for how far a kernel reads, which these values may change.
        let kept = |plan: &Plan| {
            plan.nodes
                .iter()
                .map(|node| node.tiles.clone())
                .collect::<Vec<_>>()
        };
        let own = self.plan.clone().without_tiles();
        if own != self.plan && kept(plan) != kept(&self.plan) {
            return Err(ExecError::OtherStructure);
        }
        for step in &self.steps {
            step.set_params(&self.context.queue, plan);
        }
        self.plan = match own == self.plan {
            true => plan.clone().without_tiles(),
            false => plan.clone(),
        };
        self.context.check()
    }

    fn set_external(&mut self, name: &str, external: Box<dyn External>) {
        self.externals.insert(name.to_owned(), external);
    }

    fn step_times(&self) -> Vec<StepTime> {
        if self.frames.iter().all(|frame| !frame.timed()) {
            return Vec::new();
        }
        let timing = |(step, seconds): (&Step, &f64)| StepTime {
            step: step.label.clone(),
            seconds: *seconds,
        };
        self.steps.iter().zip(&self.spent).map(timing).collect()
    }
}

/// Checks that the images and buffers of `plan` fit the adapter.
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
        .chain(plan.sources.iter().map(|source| source.extent));
    if let Some((width, height)) = extents
        .into_iter()
        .find(|(width, height)| *width > side || *height > side)
    {
        return too_large(format!("{width}x{height} pixels, at most {side}x{side}"));
    }
    let sources = plan.sources.iter();
    let sources = sources.filter_map(|source| Some((source.format?, source.extent)));
    for (format, extent) in sources.chain(plan.packs().map(|pack| (pack.format, pack.extent))) {
        let bytes = PlaneLayout::new(&format, extent).bytes();
        if bytes > limits.max_storage_buffer_binding_size {
            let most = limits.max_storage_buffer_binding_size;
            return too_large(format!("{bytes} bytes of planes, at most {most}"));
        }
    }
    Ok(())
}
