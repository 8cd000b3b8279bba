//! What the steps of a plan share: images, planes, files, and the layouts of their bindings.

use std::collections::{BTreeMap, BTreeSet};

use super::super::executor::Instant;
use super::super::plan::{Operand, OutputPort, Plan, Slot, SourcePort, Target};
use super::super::shared::SharedBuffer;
use super::FileContent;
use super::context::GpuContext;
use super::image::{GpuImage, of_file, of_table};
use super::planes::PlaneLayout;
use super::shared::words_of_slot;
use super::work::Part;

/// The images of a pool slot.
struct SlotImages {
    images: Vec<GpuImage>,
    kind: SlotKind,
}

/// The buffers of the images of a pool slot, to be shared, or why they cannot be.
pub(super) type SharedSlot = Result<Vec<SharedBuffer>, String>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum SlotKind {
    /// A ring of the newest frames: frame N is at N modulo their number.
    Ring,
    /// Two images: the one of this number is the frame in work, the other one is the history. They swap after each frame.
    Swapped { now: usize },
}

/// Where a history is.
enum HistoryImage {
    /// In an image of its own. The image that becomes the history is copied into it.
    Copied(GpuImage),
    /// In the other image of this pool slot.
    Swapped(usize),
}

/// The content of a file.
enum GpuFile {
    Texture(wgpu::TextureView),
    Table(wgpu::Buffer),
}

/// The content of a binding of group 1.
pub(super) enum Bound {
    Buffer(wgpu::Buffer),
    /// The image that the step makes, in a pool slot.
    Written(usize),
    /// The image in a pool slot, of the frame at this offset.
    Slot(usize, i32),
    History(usize),
    File(usize),
}

/// Images, buffers and layouts that steps share.
pub(super) struct Resources {
    slots: Vec<SlotImages>,
    /// Of the slots that are shared, until external code takes them over.
    shared: BTreeMap<usize, SharedSlot>,
    histories: Vec<HistoryImage>,
    /// Ring buffers of the newest frames of the decoder's planes, one for each source.
    pub planes: Vec<Vec<wgpu::Buffer>>,
    files: Vec<GpuFile>,
    /// Layout of bind group 0: the frame's facts, the part of the grid, the planes.
    pub frame_layout: wgpu::BindGroupLayout,
    /// Layout of bind group 2: the words of an output.
    pub words_layout: wgpu::BindGroupLayout,
}

/// A binding of a buffer.
pub(super) fn buffer_entry(
    binding: u32,
    ty: wgpu::BufferBindingType,
) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    }
}

impl Resources {
    /// Allocates them for `frames` frames in flight; the slots `shared` in memory that can be shared, where that can be had.
    pub fn new(
        context: &GpuContext,
        plan: &Plan,
        files: &[FileContent],
        frames: usize,
        shared: &BTreeSet<usize>,
    ) -> Self {
        let (device, queue) = (&context.device, &context.queue);
        let swapped = swapped(plan);
        let mut given = BTreeMap::new();
        let images = |(index, slot): (usize, &Slot)| {
            let kind = match swapped.contains(&Some(index)) {
                true => SlotKind::Swapped { now: 0 },
                false => SlotKind::Ring,
            };
            let count = if kind == SlotKind::Ring {
                slot.frames
            } else {
                2
            };
            if shared.contains(&index) {
                let (images, buffers) = words_of_slot(context, *slot, count as usize);
                given.insert(index, buffers);
                return SlotImages { images, kind };
            }
            SlotImages {
                images: (0..count).map(|_| GpuImage::new(device, *slot)).collect(),
                kind,
            }
        };
        let slots: Vec<_> = plan.slots.iter().enumerate().map(images).collect();
        let layout = |source: &SourcePort| {
            let format = source.format.as_ref()?;
            Some(PlaneLayout::new(format, source.extent))
        };
        let layouts = plan.sources.iter().map(layout).enumerate();
        let planes = layouts.map(|(source, layout)| {
            let kept = plan.planes_kept(source) as usize;
            let buffer = |_| {
                device.create_buffer(&wgpu::BufferDescriptor {
                    label: None,
                    size: layout.as_ref().map_or(16, PlaneLayout::bytes),
                    usage: wgpu::BufferUsages::STORAGE
                        | wgpu::BufferUsages::COPY_DST
                        | wgpu::BufferUsages::COPY_SRC,
                    mapped_at_creation: false,
                })
            };
            let ring = 0..frames.next_multiple_of(kept);
            ring.map(buffer).collect::<Vec<_>>()
        });
        let histories = plan.histories.iter().zip(&swapped);
        let histories = histories.map(|(kept, swapped)| match swapped {
            Some(slot) => HistoryImage::Swapped(*slot),
            None => HistoryImage::Copied(GpuImage::new(device, Slot::of(&kept.image))),
        });
        let files = files.iter().map(|file| match file {
            FileContent::Texture(image) => GpuFile::Texture(of_file(device, queue, image)),
            FileContent::Table(table) => GpuFile::Table(of_table(device, table)),
        });
        let layout = |entries: &[wgpu::BindGroupLayoutEntry]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries,
            })
        };
        let mut part = buffer_entry(1, wgpu::BufferBindingType::Uniform);
        if let wgpu::BindingType::Buffer {
            has_dynamic_offset,
            min_binding_size,
            ..
        } = &mut part.ty
        {
            *has_dynamic_offset = true;
            *min_binding_size = wgpu::BufferSize::new(PART_BYTES);
        }
        Self {
            slots,
            shared: given,
            planes: planes.collect(),
            histories: histories.collect(),
            files: files.collect(),
            frame_layout: layout(&[
                buffer_entry(0, wgpu::BufferBindingType::Uniform),
                part,
                buffer_entry(2, wgpu::BufferBindingType::Storage { read_only: true }),
            ]),
            words_layout: layout(&[buffer_entry(
                0,
                wgpu::BufferBindingType::Storage { read_only: false },
            )]),
        }
    }

    /// The buffers of the slots that are shared. They are given once.
    pub fn take_shared(&mut self) -> BTreeMap<usize, SharedSlot> {
        std::mem::take(&mut self.shared)
    }

    /// Index of the image in a slot that is written for `instant`.
    pub fn place_written(&self, slot: usize, instant: &Instant) -> usize {
        match self.slots[slot].kind {
            SlotKind::Swapped { now } => now,
            SlotKind::Ring => (instant.index % self.slots[slot].images.len() as u64) as usize,
        }
    }

    /// Index of the image in a slot, of the frame at `offset` from the one that `instant` reads, or the nearest of its
    /// scene.
    pub fn place_read(&self, slot: usize, instant: &Instant, offset: i32) -> usize {
        if let SlotKind::Swapped { now } = self.slots[slot].kind {
            return now;
        }
        let facts = &instant.facts;
        let offset = i64::from(offset);
        let offset = offset.clamp(-i64::from(facts.frames_before), facts.frames_after.into());
        let count = self.slots[slot].images.len() as i64;
        (instant.reads as i64 + offset).rem_euclid(count) as usize
    }

    /// The image in a slot that is written for `instant`.
    pub fn written(&self, slot: usize, instant: &Instant) -> &GpuImage {
        &self.slots[slot].images[self.place_written(slot, instant)]
    }

    /// The image in a slot, of the frame at `offset` from the one that `instant` reads, or the nearest of its scene.
    pub fn image(&self, slot: usize, instant: &Instant, offset: i32) -> &GpuImage {
        &self.slots[slot].images[self.place_read(slot, instant, offset)]
    }

    /// One of the images of a slot.
    pub fn kept(&self, slot: usize, frame: usize) -> &GpuImage {
        &self.slots[slot].images[frame]
    }

    /// A history, as the next frame reads it.
    pub fn history(&self, index: usize) -> &GpuImage {
        match &self.histories[index] {
            HistoryImage::Copied(image) => image,
            HistoryImage::Swapped(slot) => {
                let slot = &self.slots[*slot];
                match slot.kind {
                    SlotKind::Swapped { now } => &slot.images[1 - now],
                    SlotKind::Ring => &slot.images[0],
                }
            }
        }
    }

    /// Index of what is bound among the images that it may be, for this frame.
    pub fn place(&self, bound: &Bound, instant: &Instant) -> usize {
        match bound {
            Bound::Buffer(_) | Bound::File(_) => 0,
            Bound::Written(slot) => self.place_written(*slot, instant),
            Bound::Slot(slot, offset) => self.place_read(*slot, instant, *offset),
            Bound::History(index) => match &self.histories[*index] {
                HistoryImage::Copied(_) => 0,
                HistoryImage::Swapped(slot) => 1 - self.place_written(*slot, instant),
            },
        }
    }

    /// What is bound, for this frame.
    pub fn bound<'a>(&'a self, bound: &'a Bound, instant: &Instant) -> wgpu::BindingResource<'a> {
        match bound {
            Bound::Buffer(buffer) => buffer.as_entire_binding(),
            Bound::History(index) => self.history(*index).resource(),
            Bound::File(file) => match &self.files[*file] {
                GpuFile::Texture(view) => wgpu::BindingResource::TextureView(view),
                GpuFile::Table(buffer) => buffer.as_entire_binding(),
            },
            Bound::Written(slot) => self.written(*slot, instant).resource(),
            Bound::Slot(slot, offset) => self.image(*slot, instant, *offset).resource(),
        }
    }

    /// Makes the histories of the next frame: copies those that have an image of their own. `frame` gives the frame that a
    /// lane works on.
    pub fn commit<'a>(
        &self,
        plan: &Plan,
        frame: impl Fn(usize) -> Option<&'a Instant>,
        encoder: &mut wgpu::CommandEncoder,
    ) {
        for (history, image) in plan.histories.iter().zip(&self.histories) {
            if let HistoryImage::Copied(image) = image
                && let Some(slot) = plan.slot_of(history.commit)
                && let Some(instant) = frame(lane_of(plan, history.commit))
            {
                image.copy(self.written(slot, instant), encoder);
            }
        }
    }

    /// Swaps the images of histories that have become those of the next frame, once the frame is submitted.
    pub fn swap<'a>(&mut self, plan: &Plan, frame: impl Fn(usize) -> Option<&'a Instant>) {
        let mut done = Vec::new();
        for (history, image) in plan.histories.iter().zip(&self.histories) {
            if let HistoryImage::Swapped(slot) = image
                && frame(lane_of(plan, history.commit)).is_some()
                && !done.contains(slot)
            {
                done.push(*slot);
            }
        }
        for slot in done {
            if let SlotKind::Swapped { now } = &mut self.slots[slot].kind {
                *now = 1 - *now;
            }
        }
    }
}

/// The lane that makes `node`.
fn lane_of(plan: &Plan, node: usize) -> usize {
    plan.lane_of(Target::Image { node, slot: 0 })
}

/// For each history, the pool slot whose two images are by turns the frame in work and the history; `None` where the
/// history is copied: where the slot keeps several frames anyway, or where a frame of another lane would find the images
/// swapped or not yet swapped.
fn swapped(plan: &Plan) -> Vec<Option<usize>> {
    let swappable = |history: &super::super::plan::History| {
        let slot = plan.slot_of(history.commit)?;
        let lane = lane_of(plan, history.commit);
        if plan.slots[slot] != Slot::of(&history.image) {
            return None;
        }
        let in_slot = |node: usize| plan.slot_of(node) == Some(slot);
        let kept = |operand: &Operand| match *operand {
            Operand::Image(node) | Operand::Window(node, _) => in_slot(node),
            Operand::History(index) => plan
                .histories
                .get(index)
                .is_some_and(|kept| in_slot(kept.commit)),
            Operand::Planes(_) | Operand::File(_) => false,
        };
        let uses = |step: &&super::super::plan::Step| {
            let makes = matches!(step.target, Target::Image { slot: made, .. } if made == slot);
            makes || plan.step_inputs(step).iter().any(kept)
        };
        let mut users = plan.steps.iter().filter(uses);
        let mut ports = plan.outputs.iter().enumerate();
        let same_lane = users.all(|step| plan.lane_of(step.target) == lane)
            && ports.all(|(port, output)| match output {
                OutputPort::Image(node) if in_slot(*node) => plan.lane_of_port(port) == lane,
                _ => true,
            });
        same_lane.then_some(slot)
    };
    plan.histories.iter().map(swappable).collect()
}

/// Bytes of the origin of a part.
const PART_BYTES: u64 = 16;

/// The origins of all parts that dispatches may have, in a buffer; a dispatch is told its origin by an offset.
pub(super) struct Origins {
    buffer: wgpu::Buffer,
    offsets: BTreeMap<(u32, u32), u32>,
}

impl Origins {
    /// With the origins of these parts.
    pub fn new(device: &wgpu::Device, parts: impl Iterator<Item = Part>) -> Self {
        let stride = device.limits().min_uniform_buffer_offset_alignment;
        let mut offsets: BTreeMap<(u32, u32), u32> = parts.map(|part| (part.origin, 0)).collect();
        offsets.insert((0, 0), 0);
        for (index, offset) in offsets.values_mut().enumerate() {
            *offset = index as u32 * stride;
        }
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: u64::from(stride) * offsets.len() as u64,
            usage: wgpu::BufferUsages::UNIFORM,
            mapped_at_creation: true,
        });
        if let Ok(mut view) = buffer.get_mapped_range_mut(..) {
            for (&(x, y), offset) in &offsets {
                let at = *offset as usize;
                view.slice(at..at + PART_BYTES as usize)
                    .copy_from_slice(bytemuck::cast_slice(&[x, y, 0, 0]));
            }
        }
        buffer.unmap();
        Self { buffer, offsets }
    }

    /// The offset that tells `part` its origin.
    pub fn offset(&self, part: &Part) -> u32 {
        self.offsets.get(&part.origin).copied().unwrap_or(0)
    }

    /// The binding that offsets count in.
    pub fn resource(&self) -> wgpu::BindingResource<'_> {
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &self.buffer,
            offset: 0,
            size: wgpu::BufferSize::new(PART_BYTES),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{Coding, Color};
    use crate::frame::{Model, PixelFormat, Rational, Subsampling};
    use crate::graph::plan::{
        OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan as planned,
    };
    use crate::graph::style::Library;

    #[test]
    fn no_built_in_style_copies_its_histories() {
        let library = Library::built_in();
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
        let coding = Coding::resolve(&Color::default(), &format, 64, 48);
        let source = Source {
            width: 64,
            height: 48,
            coded: Some((format, coding)),
            time_base: Rational::new(1, 25),
            rate: Rational::new(25, 1),
            start: 0,
            interlaced: Default::default(),
        };
        for name in ["pencil", "cartoon", "comic", "cinematic"] {
            let style = library.load(name).unwrap();
            let request = OutputRequest {
                chain: vec![StyleUse::new(style)],
                format,
                color: Color::default(),
                temporal: Temporal::Adaptive { alpha: 0.3 },
            };
            let options = PlanOptions::default();
            let plan = planned(&library, &source, &[request], options).unwrap();
            let swapped = swapped(&plan);
            assert!(!swapped.is_empty());
            for (history, slot) in plan.histories.iter().zip(swapped) {
                assert!(slot.is_some(), "{} of {name} is copied", history.label);
            }
        }
    }
}
