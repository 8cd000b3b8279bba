//! The GPU executor, on wgpu: uploads planes as raw storage buffers, runs one dispatch for each step, reads planes
//! back.

mod adapter;
mod ceilings;
mod clock;
mod context;
#[cfg(test)]
pub(crate) mod faults;
mod fits;
mod frame;
mod identity;
mod image;
mod link;
mod picture_memory;
mod planes;
mod read_back;
mod resources;
pub mod shader;
mod shared;
mod step;
mod upload;
mod wait;
mod work;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use super::ResourceData;
use super::cpu::{Resource, check_picture};
use super::executor::{Device, ExecError, Executor, HostTimes, Output, StepTime, Stop, Submission};
use super::external::codes;
use super::plan::{Plan, SourcePort};
use super::state::{self, Carried};
use super::style::Library;
use crate::color::Color;
use crate::frame::Picture;
use crate::reference::Image;
use crate::reference::common::lut::texels;
pub use adapter::{AdapterFacts, AdapterLimits, Wanted, adapters, select};
pub use ceilings::{Ceilings, FormatCeilings};
pub use context::{GpuContext, GpuPool, SharedGpu};
use fits::check_size;
use frame::{Frame, Shared, place, words_of};
use image::GpuImage;
pub use link::CAPABILITIES;
use picture_memory::SpareBuffers;
use planes::PlaneLayout;
use resources::{Origins, Resources};
use shader::ParamsAs;
use shared::Outside;
use step::{Step, StepOptions};

/// How an executor runs its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpuOptions {
    /// Frames in flight at once, at least one. While the device works on one, the processor writes the next one and
    /// reads the one before. Fewer need less memory.
    pub frames_in_flight: usize,
    /// Whether parameters can be set ([`Executor::set_params`]). Then they are in uniform buffers; else they are constants
    /// of the shaders, which are faster.
    pub live: bool,
    /// Whether the time of each step is measured ([`Executor::step_times`]), where the device can.
    pub timed: bool,
    /// The most invocations of a dispatch whose time is not known yet. The first frame tells how long each dispatch
    /// takes; later ones are split only where they take long.
    pub most_invocations: u32,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self {
            frames_in_flight: 3,
            live: false,
            timed: false,
            most_invocations: 1 << 18,
        }
    }
}

/// What shaders read a file's content from.
pub enum FileContent {
    /// A texture: the pixels of a picture, or a look-up table as `common/lut.wgsl` reads it.
    Texture(Image),
    /// A buffer: a table of numbers.
    Table(Arc<[f32]>),
}

impl FileContent {
    /// Code is read by no shader: it is a pixel without meaning.
    ///
    /// # Errors
    /// Those of unpacking a picture.
    pub fn of(content: &ResourceData) -> Result<Self, ExecError> {
        Ok(match Resource::new(content)? {
            Resource::Image(image) => Self::Texture(image),
            Resource::Lut(lut) => Self::Texture(texels(&lut)),
            Resource::Table(table) => Self::Table(table),
            Resource::Code => Self::Texture(Image::new(1, 1, 1)),
        })
    }
}

/// Runs plans on a graphics adapter.
pub struct GpuExecutor {
    context: Arc<GpuContext>,
    plan: Plan,
    options: GpuOptions,
    steps: Vec<Step>,
    frames: Vec<Frame>,
    resources: Resources,
    origins: Origins,
    stop: Stop,
    /// The code among the files.
    outside: Outside,
    /// Indices of the frames in flight, oldest first.
    in_flight: VecDeque<usize>,
    submitted: usize,
    /// Number of the newest frame.
    newest: u64,
    /// Seconds spent in each step.
    spent: Vec<f64>,
    host: HostTimes,
}

impl GpuExecutor {
    /// Compiles the shaders of `plan` in parallel and uploads `files`, the contents of [`Plan::files`].
    ///
    /// # Errors
    /// `Shader` if a shader does not compile, `TooLarge` if the device cannot hold the plan, `OutOfMemory` if its memory
    /// does not suffice, `Lost` if the device fails.
    pub fn new(
        library: &Library,
        plan: Plan,
        files: &[ResourceData],
        context: &Arc<GpuContext>,
    ) -> Result<Self, ExecError> {
        Self::with_options(library, plan, files, context, GpuOptions::default())
    }

    /// As [`Self::new`], run as `options` say.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_options(
        library: &Library,
        plan: Plan,
        files: &[ResourceData],
        context: &Arc<GpuContext>,
        options: GpuOptions,
    ) -> Result<Self, ExecError> {
        context.check()?;
        let begun = Instant::now();
        // A tile is compiled for how far a kernel reads, which parameters that are set may change.
        let plan = match options.live {
            true => plan.without_tiles(),
            false => plan,
        };
        let count = options.frames_in_flight.max(1);
        let contents = files.iter().map(FileContent::of);
        let contents = contents.collect::<Result<Vec<_>, _>>()?;
        check_size(&plan, &contents, count, context)?;
        let codes = codes(files);
        let shared = shared::slots(context, &plan, &codes);
        let mut resources =
            context.make(|| Resources::new(context, &plan, &contents, count, &shared))?;
        let outside = Outside::new(codes, &plan, &mut resources);
        let how = StepOptions {
            params: match options.live {
                true => ParamsAs::Uniforms,
                false => ParamsAs::Constants,
            },
            most: options.most_invocations.max(1),
        };
        let compiling = Instant::now();
        let mut steps = plan
            .steps
            .par_iter()
            .map(|step| Step::new(context, library, &plan, step, &resources, how))
            .collect::<Result<Vec<_>, _>>()?;
        let compiled = compiling.elapsed();
        let cells = steps.iter().flat_map(Step::cells);
        let origins = context.make(|| Origins::new(&context.device, cells))?;
        for step in &mut steps {
            step.split(&origins);
        }
        let spare: Vec<_> = plan.outputs.iter().map(|_| SpareBuffers::new()).collect();
        let timed = options.timed && context.adapter.timestamps;
        let frames = context.make(|| {
            let frame = |_| Frame::new(context, &plan, &resources, &steps, &spare, timed);
            (0..count).map(frame).collect::<Vec<_>>()
        })?;
        let spent = vec![0.0; steps.len()];
        let executor = Self {
            context: context.clone(),
            plan,
            options,
            steps,
            frames,
            resources,
            origins,
            stop: wait::never(),
            outside,
            in_flight: VecDeque::new(),
            submitted: 0,
            newest: 0,
            spent,
            host: HostTimes::default(),
        };
        context.check()?;
        tracing::debug!(
            "shaders of {} passes compiled in {} ms, memory made in {} ms",
            executor.steps.len(),
            compiled.as_millis(),
            (begun.elapsed() - compiled).as_millis()
        );
        Ok(executor)
    }

    /// Reads back the kept decoder's planes of frame number `frame`.
    fn save_planes(&self, source: usize, frame: usize, bytes: &mut [u8]) -> Result<(), ExecError> {
        let SourcePort { extent, format } = self.plan.sources[source];
        let Some(format) = format else { return Ok(()) };
        let kept = u64::from(self.plan.planes_kept(source));
        let newest = (self.newest + kept - frame as u64) / kept * kept + frame as u64;
        let Some(index) = newest.checked_sub(kept) else {
            return Ok(());
        };
        let planes = &self.resources.planes[source];
        let planes = GpuImage::Words(planes[place(planes, index)].clone());
        let words = read_back::download(&self.context, &planes, &self.stop)?;
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
        let shared = Shared {
            context: &self.context,
            plan: &self.plan,
            resources: &self.resources,
            origins: &self.origins,
            stop: &self.stop,
        };
        let outputs = self.frames[index].collect(&shared, &mut self.spent, &mut self.host)?;
        self.context.check()?;
        Ok(outputs)
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
        // Frames in flight keep their values: new ones take effect between submissions.
        let changed = self.plan.follow_tracks(seconds);
        let index = self.submitted % self.frames.len();
        let shared = Shared {
            context: &self.context,
            plan: &self.plan,
            resources: &self.resources,
            origins: &self.origins,
            stop: &self.stop,
        };
        let frame = &mut self.frames[index];
        frame.start(
            &shared,
            &mut self.steps,
            &mut self.outside,
            &changed,
            &work,
            &mut self.host,
        )?;
        self.resources.swap(&self.plan, |lane| work.frame(lane));
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

    fn keep_in_flight(&mut self, frames: usize) -> Result<Vec<Output>, ExecError> {
        if frames.max(1) >= self.frames.len() {
            return Ok(Vec::new());
        }
        let outputs = self.drain()?;
        // Their buffers are freed.
        self.frames.truncate(frames.max(1));
        self.submitted = 0;
        Ok(outputs)
    }

    fn save(&mut self) -> Result<Vec<u8>, ExecError> {
        let state = state::write(&self.plan, |carried, bytes| {
            let image = match carried {
                Carried::History(index) => self.resources.history(index),
                Carried::Kept { slot, frame } => self.resources.kept(slot, frame),
                Carried::Planes { source, frame } => {
                    return self.save_planes(source, frame, bytes);
                }
            };
            let values = read_back::download(&self.context, image, &self.stop)?;
            let words = words_of(image.storage(), &values);
            bytes.copy_from_slice(bytemuck::cast_slice(&words));
            Ok(())
        })?;
        self.context.check()?;
        Ok(state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError> {
        for (carried, bytes) in state::read(&self.plan, state)? {
            let image = match carried {
                Carried::History(index) => self.resources.history(index),
                Carried::Kept { slot, frame } => self.resources.kept(slot, frame),
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
        if !self.options.live {
            return Err(ExecError::NotLive);
        }
        for step in &self.steps {
            step.set_params(&self.context.queue, plan);
        }
        let mut plan = plan.clone().without_tiles();
        // The images are those that were made for the slots of the first plan.
        plan.slots.clone_from(&self.plan.slots);
        for (step, own) in plan.steps.iter_mut().zip(&self.plan.steps) {
            step.target = own.target;
        }
        self.plan = plan;
        self.context.check()
    }

    fn stop_when(&mut self, stop: Stop) {
        self.stop = stop;
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

    fn host_times(&self) -> Option<HostTimes> {
        Some(self.host)
    }
}
