//! The CPU executor: runs the twins over the same plan as the GPU executor, with rows in parallel.

mod bands;
mod groups;
mod node_rows;
mod pack;
mod run;

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant as Stopwatch;

use rayon::prelude::*;

use super::ResourceData;
use super::executor::{Device, ExecError, Executor, Output, Payload, StepTime, Submission};
use super::external::{External, codes, run_external};
use super::plan::{
    self, OutputPort, OutputRequest, Plan, PlanOptions, Slot, Source, SourcePort, Storage, Target,
    Temporal,
};
use super::state::{self, Carried};
use super::style::Library;
use crate::color::Color;
use crate::color::lut::Lut;
use crate::frame::{Model, Picture, PixelFormat, Subsampling};
use crate::reference::Image;
use crate::reference::fixed_grid::pack_row;
use crate::reference::row::HereRow;
use bands::Bands;
use groups::{Group, assign_slots, groups, measured_anew};
use run::{Frame, Step, StepTarget, place, twin_of};

/// A file of the plan in the form that twins read.
pub(super) enum Resource {
    Image(Image),
    Lut(Lut),
    Table(Arc<[f32]>),
    /// Code outside the graph, which no kernel reads.
    Code,
}

impl Resource {
    pub fn new(content: &ResourceData) -> Result<Self, ExecError> {
        match content {
            ResourceData::Lut(lut) => Ok(Self::Lut(lut.clone())),
            ResourceData::Table(table) => Ok(Self::Table(table.clone())),
            ResourceData::Picture(picture) => unpack(picture).map(Self::Image),
            ResourceData::Code(_) => Ok(Self::Code),
        }
    }
}

/// Runs plans on the CPU: one frame after the other, the rows of each frame in parallel.
pub struct CpuExecutor {
    plan: Plan,
    steps: Vec<Step>,
    /// The steps that run together, in the order in which they run.
    groups: Vec<Bands>,
    /// For each step, the lane that it works in, and the source whose planes it reads.
    lanes: Vec<usize>,
    sources: Vec<usize>,
    /// Ring buffers, one for each pool slot: frame N is at N modulo their number. Empty images where nothing is stored
    /// whole.
    slots: Vec<Vec<Image>>,
    files: Vec<Resource>,
    histories: Vec<Image>,
    /// The code among the files.
    codes: Vec<Option<Arc<dyn External>>>,
    /// The newest decoded pictures of each source, in rings as well.
    pictures: Vec<Vec<Option<Picture>>>,
    spent: Vec<Duration>,
}

impl CpuExecutor {
    /// Prepares `plan`; `files` are the contents of [`Plan::files`]. Fails if a kernel has no twin.
    pub fn new(plan: Plan, files: &[ResourceData]) -> Result<Self, ExecError> {
        let groups = groups(&plan);
        Self::with_groups(plan, files, groups)
    }

    /// As [`Self::new`], but every image is stored whole. Slower, with the same results: for tests.
    pub fn step_by_step(plan: Plan, files: &[ResourceData]) -> Result<Self, ExecError> {
        let groups = (0..plan.steps.len()).map(Group::alone).collect();
        Self::with_groups(plan, files, groups)
    }

    /// Whether some steps of the plan run together.
    pub fn runs_steps_together(&self) -> bool {
        let mut groups = self.groups.iter();
        groups.any(|bands| bands.group.members.len() > 1)
    }

    fn with_groups(
        mut plan: Plan,
        files: &[ResourceData],
        groups: Vec<Group>,
    ) -> Result<Self, ExecError> {
        assign_slots(&mut plan, groups.iter());
        let steps = plan
            .steps
            .iter()
            .map(|step| Step::new(&plan, step))
            .collect::<Result<Vec<_>, _>>()?;
        let image = |slot: &Slot| {
            let (width, height) = (slot.extent.0 as usize, slot.extent.1 as usize);
            match slot.storage {
                Storage::Rgba16Fixed => Image::fixed(width, height, 4),
                storage => Image::new(width, height, storage.channels()),
            }
        };
        let groups: Vec<Bands> = groups
            .into_iter()
            .map(|group| Bands::new(&plan, group))
            .collect();
        let is_stored = |index: usize| {
            groups.iter().any(|bands| {
                matches!(plan.steps[bands.group.last()].target, Target::Image { slot, .. } if slot == index)
            })
        };
        let ring = |(index, slot): (usize, &Slot)| {
            let made = (0..slot.frames).map(|_| match is_stored(index) {
                true => image(slot),
                false => Image::default(),
            });
            made.collect()
        };
        let slots = plan.slots.iter().enumerate().map(ring).collect();
        let sources = 0..plan.sources.len();
        let pictures = sources.map(|source| vec![None; plan.planes_kept(source) as usize]);
        let pictures = pictures.collect();
        let histories = plan.histories.iter();
        let histories = histories
            .map(|kept| image(&Slot::of(&kept.image)))
            .collect();
        let codes = codes(files);
        let files = files
            .iter()
            .map(Resource::new)
            .collect::<Result<Vec<_>, _>>()?;
        let spent = vec![Duration::ZERO; steps.len()];
        let lanes = plan.steps.iter().map(|step| plan.lane_of(step.target));
        Ok(Self {
            lanes: lanes.collect(),
            sources: plan.steps.iter().map(|step| plan.source_of(step)).collect(),
            plan,
            steps,
            groups,
            slots,
            files,
            histories,
            codes,
            pictures,
            spent,
        })
    }

    /// Fills every pool slot that holds one frame with NaN, or the largest number where there is no NaN, so that tests notice a read before the first write.
    pub fn poison(&mut self) {
        for slot in self
            .slots
            .iter_mut()
            .filter(|ring| ring.len() == 1)
            .flatten()
        {
            slot.data.fill(f32::NAN);
            let (fixed, opaque) = slot.fixed_mut();
            fixed.fill(i16::MAX);
            opaque.fill(false);
        }
    }

    /// Finds again which rows the steps that run together need, where their number depends on parameters that changed.
    fn measure_groups(&mut self) {
        for bands in &mut self.groups {
            let group: Group = measured_anew(&bands.group, &self.plan);
            if group != bands.group {
                *bands = Bands::new(&self.plan, group);
            }
        }
    }

    /// The images of the output ports that have a frame in `work`.
    fn images(&self, work: &Submission) -> Vec<Output> {
        let ports = self.plan.outputs.iter().enumerate();
        let image = |(port, output): (usize, &OutputPort)| {
            let OutputPort::Image(node) = output else {
                return None;
            };
            let ring = &self.slots[self.plan.slot_of(*node)?];
            let instant = work.frame(self.plan.lane_of_port(port))?;
            let image = &ring[place(ring, instant.index)];
            Some(Output {
                port,
                span: instant.span,
                payload: Payload::Image(self.plan.nodes[*node].image, words_of(image)),
            })
        };
        ports.filter_map(image).collect()
    }

    /// Keeps the images that are histories of the next frame.
    fn commit_histories(&mut self, work: &Submission) {
        for (index, history) in self.plan.histories.iter().enumerate() {
            if history.commit >= self.plan.nodes.len() {
                continue;
            }
            let (Some(slot), Some(instant)) = (
                self.plan.slot_of(history.commit),
                work.frame(self.plan.lane_of(Target::Image {
                    node: history.commit,
                    slot: 0,
                })),
            ) else {
                continue;
            };
            let ring = &mut self.slots[slot];
            let place = place(ring, instant.index);
            let others = &self.plan.histories[index + 1..];
            let shared = others.iter().any(|other| other.commit == history.commit);
            if shared
                || ring.len() > 1
                || self
                    .plan
                    .outputs
                    .contains(&OutputPort::Image(history.commit))
            {
                self.histories[index].clone_from(&ring[place]);
            } else {
                // No later step of this frame reads the slot: the next frame writes it before reading it.
                std::mem::swap(&mut self.histories[index], &mut ring[place]);
            }
        }
    }

    /// The kernels of `plan` that have no twin.
    pub fn missing_twins(plan: &Plan) -> Vec<&str> {
        let made = plan.nodes.iter();
        let made = made.filter(|node| !node.is_external());
        let kernels = made.map(|node| &node.kernel);
        let mut missing: Vec<&str> = kernels
            .chain(plan.packs().map(|pack| &pack.kernel))
            .filter(|kernel| twin_of(kernel).is_none())
            .map(|kernel| kernel.path.as_str())
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
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

    fn submit(&mut self, work: Submission) -> Result<Vec<Output>, ExecError> {
        if let Some(newest) = work.newest() {
            for (source, ring) in self.pictures.iter_mut().enumerate() {
                check_picture(&self.plan, source, work.picture(source))?;
                let place = place(ring, newest.index);
                ring[place] = work.picture(source).cloned();
            }
        }
        let seconds = |lane| work.frame(lane).map(|instant| instant.seconds);
        let changed = self.plan.follow_tracks(seconds);
        if !changed.is_empty() {
            for step in &mut self.steps {
                step.forget(&changed);
            }
            self.measure_groups();
        }
        let mut outputs = Vec::with_capacity(self.plan.outputs.len());
        for bands in &self.groups {
            let last = bands.group.last();
            let target = self.plan.steps[last].target;
            let Some(instant) = work.frame(self.lanes[last]) else {
                continue;
            };
            let start = Stopwatch::now();
            // A step never reads the image it writes.
            let mut made = match target {
                Target::Image { slot, .. } => {
                    let ring = &mut self.slots[slot];
                    let place = place(ring, instant.index);
                    Some((slot, place, std::mem::take(&mut ring[place])))
                }
                Target::Output(_) => None,
            };
            let frames = bands.group.members.iter().map(|member| {
                let pictures = &self.pictures[self.sources[member.step]];
                Frame {
                    plan: &self.plan,
                    slots: &self.slots,
                    strips: &[],
                    files: &self.files,
                    histories: &self.histories,
                    instant,
                    picture: pictures[place(pictures, instant.reads)].as_ref(),
                }
            });
            let frames: Vec<Frame> = frames.collect();
            let frame = &frames[frames.len() - 1];
            match (&mut made, target, &self.steps[last].root) {
                (Some((.., image)), Target::Image { node, .. }, StepTarget::External) => {
                    let node = &self.plan.nodes[node];
                    let read = |id, offset| {
                        let slot = self.plan.slot_of(id);
                        Ok(slot.map_or(Vec::new(), |slot| {
                            words_of(frame.frames(slot).image(offset))
                        }))
                    };
                    let run = run_external(&self.codes, &self.plan, node, instant, read);
                    take_interleaved(image, bytemuck::cast_slice(&run?));
                }
                (Some((.., image)), _, StepTarget::Words { .. }) => {
                    self.steps[last].words(frame, image)
                }
                (Some((.., image)), ..) => bands.image(&self.steps, &frames, image),
                (None, Target::Output(port), _) => outputs.push(Output {
                    port,
                    span: instant.span,
                    payload: Payload::Picture(bands.picture(&self.steps, &frames, port)),
                }),
                (None, Target::Image { .. }, _) => {}
            }
            if let Some((slot, place, image)) = made {
                self.slots[slot][place] = image;
            }
            let spent = start.elapsed();
            for (member, share) in bands.group.members.iter().zip(bands.shares()) {
                let only = bands.group.members.len() == 1;
                self.spent[member.step] += if only { spent } else { spent.mul_f64(share) };
            }
        }
        outputs.extend(self.images(&work));
        self.commit_histories(&work);
        outputs.sort_by_key(|output| output.port);
        Ok(outputs)
    }

    fn drain(&mut self) -> Result<Vec<Output>, ExecError> {
        Ok(Vec::new())
    }

    fn save(&mut self) -> Result<Vec<u8>, ExecError> {
        state::write(&self.plan, |carried, bytes| {
            match carried {
                Carried::History(index) => interleave(&self.histories[index], bytes),
                Carried::Kept { slot, frame } => interleave(&self.slots[slot][frame], bytes),
                Carried::Planes { source, frame } => {
                    if let Some(picture) = &self.pictures[source][frame] {
                        picture.copy_rows(bytes);
                    }
                }
            }
            Ok(())
        })
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError> {
        for (carried, bytes) in state::read(&self.plan, state)? {
            match carried {
                Carried::History(index) => take_interleaved(&mut self.histories[index], bytes),
                Carried::Kept { slot, frame } => {
                    take_interleaved(&mut self.slots[slot][frame], bytes)
                }
                Carried::Planes { source, frame } => {
                    let SourcePort { extent, format } = self.plan.sources[source];
                    self.pictures[source][frame] = format.map(|format| {
                        let (width, height) = extent;
                        Picture::from_rows(width, height, format, Color::default(), bytes)
                    });
                }
            }
        }
        Ok(())
    }

    fn set_params(&mut self, plan: &Plan) -> Result<(), ExecError> {
        let mut plan = plan.clone();
        assign_slots(&mut plan, self.groups.iter().map(|bands| &bands.group));
        let steps = plan.steps.iter().map(|step| Step::new(&plan, step));
        self.steps = steps.collect::<Result<_, _>>()?;
        self.plan = plan;
        self.measure_groups();
        Ok(())
    }

    fn step_times(&self) -> Vec<StepTime> {
        let steps = self.plan.steps.iter().zip(&self.spent);
        steps
            .map(|(step, spent)| StepTime::new(self.plan.step_label(step), *spent))
            .collect()
    }
}

/// The values of `image`, pixel by pixel, as 32-bit words.
fn words_of(image: &Image) -> Vec<u32> {
    let mut words = vec![0; image.width * image.height * image.channels];
    interleave(image, bytemuck::cast_slice_mut(&mut words));
    words
}

/// Fills `bytes` with the values of `image`, pixel by pixel.
fn interleave(image: &Image, bytes: &mut [u8]) {
    let pixel = 4 * image.channels;
    let rows = bytes.par_chunks_exact_mut(pixel * image.width);
    rows.enumerate().for_each(|(y, bytes)| {
        // What is unpacked here is not kept: nobody else reads it.
        let room = HereRow::default();
        let row = match image.is_fixed() {
            true => image.here(y, &room),
            false => image.row(y),
        };
        for channel in 0..image.channels {
            let values = row.channel(channel);
            for (pixel, value) in bytes.chunks_exact_mut(pixel).zip(values) {
                pixel[4 * channel..][..4].copy_from_slice(&value.to_le_bytes());
            }
        }
    });
}

/// Fills `image` from values, pixel by pixel.
fn take_interleaved(image: &mut Image, bytes: &[u8]) {
    let (width, channels) = (image.width, image.channels);
    let length = width * channels;
    image.opaque.fill(false);
    let take = |row: &mut [f32], bytes: &[u8]| {
        for (channel, row) in row.chunks_exact_mut(width).enumerate() {
            for (value, pixel) in row.iter_mut().zip(bytes.chunks_exact(4 * channels)) {
                let bytes = pixel[4 * channel..].first_chunk().copied();
                *value = f32::from_le_bytes(bytes.unwrap_or_default());
            }
        }
    };
    let bytes = bytes.par_chunks_exact(4 * length);
    if !image.is_fixed() {
        let rows = image.data.par_chunks_exact_mut(length).zip(bytes);
        return rows.for_each(|(row, bytes)| take(row, bytes));
    }
    let (fixed, _) = image.fixed_mut();
    let rows = fixed.par_chunks_exact_mut(length).zip(bytes);
    rows.for_each(|(row, bytes)| {
        let mut values = vec![0.0; length];
        take(&mut values, bytes);
        pack_row(&values, row);
    });
}

/// Whether `picture` has the format and size that `plan` was made for, of that source.
pub(super) fn check_picture(
    plan: &Plan,
    source: usize,
    picture: Option<&Picture>,
) -> Result<(), ExecError> {
    let describe = |format: Option<PixelFormat>, (width, height): (u32, u32)| {
        format.map_or_else(
            || "missing".to_owned(),
            |format| format!("{width}x{height} {format}"),
        )
    };
    let source = &plan.sources[source];
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

/// A picture as an R'G'B'A image of single floats, whatever its depth. The built-in kernels do it, on every device.
fn unpack(picture: &Picture) -> Result<Image, ExecError> {
    // Only unpacking is used, but a plan needs an output.
    let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 16, false);
    let request = OutputRequest {
        chain: Vec::new(),
        format,
        color: picture.color,
        temporal: Temporal::Off,
    };
    let plan = plan::plan(
        &Library::built_in(),
        &Source::of(picture),
        &[request],
        PlanOptions {
            fuse: false,
            ..PlanOptions::default()
        },
    )
    .map_err(|error| ExecError::Shader {
        step: "io/unpack".to_owned(),
        message: error.to_string(),
    })?;
    let mut image = Image::new(picture.width as usize, picture.height as usize, 4);
    let frame = Frame {
        plan: &plan,
        slots: &[],
        strips: &[],
        files: &[],
        histories: &[],
        instant: &Default::default(),
        picture: Some(picture),
    };
    let steps = [Step::new(&plan, &plan.steps[0])?];
    Bands::new(&plan, Group::alone(0)).image(&steps, &[frame], &mut image);
    Ok(image)
}

/// The processor's model name, if the system provides it.
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
