//! The CPU executor: the twins, row-parallel, over the same plan as the GPU's.

mod node_rows;
mod pack;
mod run;

use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::ResourceData;
use super::executor::{Device, ExecError, Executor, Output, Payload, StepTime, Submission};
use super::plan::{
    self, OutputPort, OutputRequest, Plan, PlanOptions, Slot, Source, Target, Temporal,
};
use super::state;
use super::style::{Library, StyleError};
use crate::color::lut::Lut;
use crate::frame::{Facts, Model, Picture, PixelFormat, Subsampling};
use crate::reference::{Image, twin};
use run::{Frame, Step};

/// A file of the plan as twins read it.
pub(super) enum Resource {
    Image(Image),
    Lut(Lut),
}

impl Resource {
    pub fn new(library: &Library, content: &ResourceData) -> Result<Self, ExecError> {
        match content {
            ResourceData::Lut(lut) => Ok(Self::Lut(lut.clone())),
            ResourceData::Picture(picture) => {
                unpack(library, picture)
                    .map(Self::Image)
                    .map_err(|error| ExecError::Shader {
                        step: "io/unpack".to_owned(),
                        message: error.to_string(),
                    })
            }
        }
    }
}

/// Runs plans on the processor, all frames one after the other, the rows of each in parallel.
pub struct CpuExecutor {
    plan: Plan,
    steps: Vec<Step>,
    slots: Vec<Image>,
    files: Vec<Resource>,
    histories: Vec<Image>,
    /// The histories hold a frame.
    carried: bool,
    spent: Vec<Duration>,
}

impl CpuExecutor {
    /// Prepares `plan`; `files` are the contents of [`Plan::files`]. Errors when a kernel has no twin.
    pub fn new(library: &Library, plan: Plan, files: &[ResourceData]) -> Result<Self, ExecError> {
        let steps = plan
            .steps
            .iter()
            .map(|step| Step::new(&plan, step))
            .collect::<Result<Vec<_>, _>>()?;
        let image = |slot: &Slot| {
            let (width, height) = slot.extent;
            Image::new(width as usize, height as usize, slot.storage.channels())
        };
        let slots = plan.slots.iter().map(image).collect();
        let histories = plan.histories.iter();
        let histories = histories
            .map(|kept| image(&Slot::of(&kept.image)))
            .collect();
        let files = files
            .iter()
            .map(|content| Resource::new(library, content))
            .collect::<Result<Vec<_>, _>>()?;
        let spent = vec![Duration::ZERO; steps.len()];
        Ok(Self {
            plan,
            steps,
            slots,
            files,
            histories,
            carried: false,
            spent,
        })
    }

    /// Fills every pool slot with NaN, so that a read before a write shows. For tests.
    pub fn poison(&mut self) {
        for slot in &mut self.slots {
            slot.data.fill(f32::NAN);
            slot.opaque.fill(false);
        }
    }

    /// Kernels of `plan` that have no twin.
    pub fn missing_twins(plan: &Plan) -> Vec<&str> {
        plan.kernel_paths()
            .into_iter()
            .filter(|path| twin(path).is_none())
            .collect()
    }
}

impl Executor for CpuExecutor {
    fn device(&self) -> Device {
        Device {
            name: processor_name(),
            executor: "cpu",
        }
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn submit(&mut self, mut frame: Submission) -> Result<Vec<Output>, ExecError> {
        check_picture(&self.plan, frame.picture.as_ref())?;
        frame.facts.history_valid = self.carried && !frame.facts.cut;
        let mut outputs = Vec::with_capacity(self.plan.outputs.len());
        for (index, step) in self.steps.iter().enumerate() {
            let start = Instant::now();
            match self.plan.steps[index].target {
                Target::Image { slot, .. } => {
                    // The image being written is no input of its own step.
                    let mut made = std::mem::take(&mut self.slots[slot]);
                    let context = Frame {
                        plan: &self.plan,
                        slots: &self.slots,
                        files: &self.files,
                        histories: &self.histories,
                        frame: &frame,
                    };
                    step.render(&context, &mut made);
                    self.slots[slot] = made;
                }
                Target::Output(port) => {
                    let context = Frame {
                        plan: &self.plan,
                        slots: &self.slots,
                        files: &self.files,
                        histories: &self.histories,
                        frame: &frame,
                    };
                    outputs.push(Output {
                        port,
                        span: frame.span,
                        payload: Payload::Picture(step.pack(&context, port)),
                    });
                }
            }
            self.spent[index] += start.elapsed();
        }
        for (port, output) in self.plan.outputs.iter().enumerate() {
            if let OutputPort::Image(node) = output
                && let Some(slot) = self.plan.slot_of(*node)
            {
                outputs.push(Output {
                    port,
                    span: frame.span,
                    payload: Payload::Image(
                        self.plan.nodes[*node].image,
                        words_of(&self.slots[slot]),
                    ),
                });
            }
        }
        for (index, history) in self.plan.histories.iter().enumerate() {
            let Some(slot) = self.plan.slot_of(history.commit) else {
                continue;
            };
            let others = &self.plan.histories[index + 1..];
            if others.iter().any(|other| other.commit == history.commit) {
                self.histories[index].clone_from(&self.slots[slot]);
            } else {
                // Nobody reads the slot any more: it is written anew before it is read in the next frame.
                std::mem::swap(&mut self.histories[index], &mut self.slots[slot]);
            }
        }
        self.carried = true;
        outputs.sort_by_key(|output| output.port);
        Ok(outputs)
    }

    fn drain(&mut self) -> Result<Vec<Output>, ExecError> {
        Ok(Vec::new())
    }

    fn save(&mut self) -> Result<Vec<u8>, ExecError> {
        state::write(&self.plan, self.carried, |index, bytes| {
            interleave(&self.histories[index], bytes);
            Ok(())
        })
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError> {
        let (carried, images) = state::read(&self.plan, state)?;
        for (history, bytes) in self.histories.iter_mut().zip(&images) {
            take_interleaved(history, bytes);
        }
        self.carried = carried;
        Ok(())
    }

    fn set_params(&mut self, plan: &Plan) -> Result<(), ExecError> {
        let steps = plan.steps.iter().map(|step| Step::new(plan, step));
        self.steps = steps.collect::<Result<_, _>>()?;
        self.plan = plan.clone();
        Ok(())
    }

    fn step_times(&self) -> Vec<StepTime> {
        let steps = self.plan.steps.iter().zip(&self.spent);
        steps
            .map(|(step, spent)| StepTime::new(self.plan.step_label(step), *spent))
            .collect()
    }
}

/// The values of `image`, pixel after pixel, as 32-bit words.
fn words_of(image: &Image) -> Vec<u32> {
    let mut words = vec![0; image.width * image.height * image.channels];
    interleave(image, bytemuck::cast_slice_mut(&mut words));
    words
}

/// Fills `bytes` with the values of `image`, pixel after pixel.
fn interleave(image: &Image, bytes: &mut [u8]) {
    let pixel = 4 * image.channels;
    let rows = bytes.par_chunks_exact_mut(pixel * image.width);
    rows.enumerate().for_each(|(y, bytes)| {
        let row = image.row(y);
        for channel in 0..image.channels {
            let values = row.channel(channel);
            for (pixel, value) in bytes.chunks_exact_mut(pixel).zip(values) {
                pixel[4 * channel..][..4].copy_from_slice(&value.to_le_bytes());
            }
        }
    });
}

/// Fills `image` from values pixel after pixel.
fn take_interleaved(image: &mut Image, bytes: &[u8]) {
    let (width, channels) = (image.width, image.channels);
    image.opaque.fill(false);
    let rows = image.data.par_chunks_exact_mut(width * channels);
    let bytes = bytes.par_chunks_exact(4 * width * channels);
    rows.zip(bytes).for_each(|(row, bytes)| {
        for (channel, row) in row.chunks_exact_mut(width).enumerate() {
            for (value, pixel) in row.iter_mut().zip(bytes.chunks_exact(4 * channels)) {
                let bytes = pixel[4 * channel..].first_chunk().copied();
                *value = f32::from_le_bytes(bytes.unwrap_or_default());
            }
        }
    });
}

/// Whether `picture` is what `plan` was made for.
pub(super) fn check_picture(plan: &Plan, picture: Option<&Picture>) -> Result<(), ExecError> {
    let describe = |format: Option<PixelFormat>, (width, height): (u32, u32)| {
        format.map_or_else(
            || "missing".to_owned(),
            |format| format!("{width}x{height} {format}"),
        )
    };
    let source = plan.source();
    let fits = match (picture, source.format) {
        (Some(picture), Some(format)) => {
            picture.format == format && (picture.width, picture.height) == source.extent
        }
        (_, None) => true,
        (None, Some(_)) => false,
    };
    if fits {
        return Ok(());
    }
    let got = picture.map_or((None, (0, 0)), |picture| {
        (Some(picture.format), (picture.width, picture.height))
    });
    Err(ExecError::WrongPicture {
        got: describe(got.0, got.1),
        planned: describe(source.format, source.extent),
    })
}

/// A picture as an R'G'B'A image, in single floats whatever its depth.
fn unpack(library: &Library, picture: &Picture) -> Result<Image, StyleError> {
    // Only the unpacking is wanted; a plan needs an output to be made for.
    let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 16, false);
    let request = OutputRequest {
        chain: Vec::new(),
        format,
        color: picture.color,
        temporal: Temporal::Off,
    };
    let plan = plan::plan(
        library,
        &Source::of(picture),
        &[request],
        PlanOptions {
            fuse: false,
            ..PlanOptions::default()
        },
    )?;
    let mut image = Image::new(picture.width as usize, picture.height as usize, 4);
    if let Ok(step) = Step::new(&plan, &plan.steps[0]) {
        let frame = Submission {
            picture: Some(picture.clone()),
            span: Default::default(),
            facts: Facts::default(),
        };
        step.render(
            &Frame {
                plan: &plan,
                slots: &[],
                files: &[],
                histories: &[],
                frame: &frame,
            },
            &mut image,
        );
    }
    Ok(image)
}

/// The processor's model, where the system tells.
fn processor_name() -> String {
    let model = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
    let threads = rayon::current_num_threads();
    format!(
        "{}, {threads} threads",
        model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
    )
}
