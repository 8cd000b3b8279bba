//! What belongs to one frame under way: its planes going up, its outputs coming back.

use std::sync::mpsc::{Receiver, channel};

use super::super::executor::{Output, Payload, Submission};
use super::super::plan::{OutputPort, Plan, Storage};
use super::planes::PlaneLayout;
use super::read_back::{Mapped, ReadBack, map};
use super::step::{Resources, Step};
use crate::frame::{Facts, Picture, Span};

/// What an output port is read back through.
enum PortBuffers {
    /// Words that planes are packed into.
    Planes {
        layout: PlaneLayout,
        words: wgpu::Buffer,
        staging: wgpu::Buffer,
        group: wgpu::BindGroup,
    },
    /// The image in this slot.
    Image { slot: usize, read_back: ReadBack },
}

impl PortBuffers {
    fn staging(&self) -> &wgpu::Buffer {
        match self {
            Self::Planes { staging, .. } => staging,
            Self::Image { read_back, .. } => &read_back.staging,
        }
    }
}

/// Timestamps around each step.
struct Timestamps {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

/// Buffers of one frame under way, used again for later frames.
pub(super) struct Frame {
    facts: wgpu::Buffer,
    planes: wgpu::Buffer,
    layout: Option<PlaneLayout>,
    group: wgpu::BindGroup,
    ports: Vec<PortBuffers>,
    timestamps: Option<Timestamps>,
    span: Span,
    submission: Option<wgpu::SubmissionIndex>,
    mapped: Option<Receiver<Mapped>>,
}

impl Frame {
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        plan: &Plan,
        resources: &Resources,
        timed: bool,
    ) -> Self {
        use wgpu::BufferUsages as Usage;
        let buffer = |size: u64, usage: Usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let source = plan.source();
        let layout = source
            .format
            .map(|format| PlaneLayout::new(&format, source.extent));
        let facts = 4 * Facts::default().words().len() as u64;
        let facts = buffer(facts, Usage::UNIFORM | Usage::COPY_DST);
        let planes = buffer(
            layout.as_ref().map_or(16, PlaneLayout::bytes),
            Usage::STORAGE | Usage::COPY_DST,
        );
        let of_planes = buffer(64, Usage::UNIFORM | Usage::COPY_DST);
        let words = layout
            .as_ref()
            .map_or(vec![0; 16], PlaneLayout::planes_layout);
        queue.write_buffer(&of_planes, 0, bytemuck::cast_slice(&words));
        let bind = |layout: &wgpu::BindGroupLayout, buffers: &[&wgpu::Buffer]| {
            let entries: Vec<_> = buffers
                .iter()
                .enumerate()
                .map(|(index, buffer)| wgpu::BindGroupEntry {
                    binding: index as u32,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout,
                entries: &entries,
            })
        };
        let group = bind(&resources.frame_layout, &[&facts, &of_planes, &planes]);
        let ports = plan.outputs.iter().filter_map(|port| match port {
            OutputPort::Frame(pack) => {
                let layout = PlaneLayout::new(&pack.format, pack.extent);
                let words = buffer(layout.bytes(), Usage::STORAGE | Usage::COPY_SRC);
                Some(PortBuffers::Planes {
                    staging: buffer(layout.bytes(), Usage::MAP_READ | Usage::COPY_DST),
                    group: bind(&resources.words_layout, &[&words]),
                    layout,
                    words,
                })
            }
            OutputPort::Image(node) => {
                let slot = plan.slot_of(*node)?;
                let read_back = ReadBack::new(device, &resources.slots[slot]);
                Some(PortBuffers::Image { slot, read_back })
            }
        });
        let count = 2 * plan.steps.len() as u32;
        let timestamps = (timed && count <= wgpu::QUERY_SET_MAX_QUERIES).then(|| Timestamps {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: None,
                ty: wgpu::QueryType::Timestamp,
                count,
            }),
            resolved: buffer(8 * u64::from(count), Usage::QUERY_RESOLVE | Usage::COPY_SRC),
            staging: buffer(8 * u64::from(count), Usage::MAP_READ | Usage::COPY_DST),
        });
        Self {
            facts,
            planes,
            layout,
            group,
            ports: ports.collect(),
            timestamps,
            span: Span::default(),
            submission: None,
            mapped: None,
        }
    }

    /// Whether its steps are timed.
    pub fn timed(&self) -> bool {
        self.timestamps.is_some()
    }

    /// Uploads `frame`, dispatches every step and asks for the outputs.
    pub fn start(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        plan: &Plan,
        steps: &[Step],
        resources: &Resources,
        frame: &Submission,
    ) {
        self.span = frame.span;
        let facts = frame.facts.words();
        queue.write_buffer(&self.facts, 0, bytemuck::cast_slice(&facts));
        if let (Some(layout), Some(picture)) = (&self.layout, &frame.picture)
            && let Some(size) = wgpu::BufferSize::new(layout.bytes())
            && let Some(mut view) = queue.write_buffer_with(&self.planes, 0, size)
        {
            layout.write(picture, |at, row| {
                view.slice(at..at + row.len()).copy_from_slice(row)
            });
        }
        let mut encoder = device.create_command_encoder(&Default::default());
        for (index, step) in steps.iter().enumerate() {
            let index = index as u32;
            let timestamps = self.timestamps.as_ref();
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some(&step.label),
                timestamp_writes: timestamps.map(|timestamps| wgpu::ComputePassTimestampWrites {
                    query_set: &timestamps.queries,
                    beginning_of_pass_write_index: Some(2 * index),
                    end_of_pass_write_index: Some(2 * index + 1),
                }),
            });
            pass.set_bind_group(0, &self.group, &[]);
            pass.set_bind_group(1, &step.group, &[]);
            if let Some(port) = step.port
                && let PortBuffers::Planes { group, .. } = &self.ports[port]
            {
                pass.set_bind_group(2, group, &[]);
            }
            for (pipeline, [x, y]) in &step.pipelines {
                pass.set_pipeline(pipeline);
                pass.dispatch_workgroups(*x, *y, 1);
            }
        }
        for (history, store) in plan.histories.iter().zip(&resources.histories) {
            if let Some(slot) = plan.slot_of(history.commit) {
                store.copy(&resources.slots[slot], &mut encoder);
            }
        }
        for port in &self.ports {
            match port {
                PortBuffers::Planes {
                    layout,
                    words,
                    staging,
                    ..
                } => encoder.copy_buffer_to_buffer(words, 0, staging, 0, layout.bytes()),
                PortBuffers::Image { slot, read_back } => {
                    read_back.copy(&resources.slots[*slot], &mut encoder)
                }
            }
        }
        if let Some(Timestamps {
            queries,
            resolved,
            staging,
        }) = &self.timestamps
        {
            encoder.resolve_query_set(queries, 0..2 * plan.steps.len() as u32, resolved, 0);
            encoder.copy_buffer_to_buffer(resolved, 0, staging, 0, staging.size());
        }
        self.submission = Some(queue.submit([encoder.finish()]));
        let (sender, receiver) = channel();
        let timestamps = self.timestamps.iter().map(|timestamps| &timestamps.staging);
        for buffer in self
            .ports
            .iter()
            .map(PortBuffers::staging)
            .chain(timestamps)
        {
            map(buffer, &sender);
        }
        self.mapped = Some(receiver);
    }

    /// Waits for the frame and takes its outputs; adds the seconds of each step to `spent`. `period` is the length of a
    /// timestamp's tick in seconds. The error is the device's own words.
    pub fn collect(
        &mut self,
        device: &wgpu::Device,
        plan: &Plan,
        period: f64,
        spent: &mut [f64],
    ) -> Result<Vec<Output>, String> {
        let wait = wgpu::PollType::Wait {
            submission_index: self.submission.take(),
            timeout: None,
        };
        device.poll(wait).map_err(|error| error.to_string())?;
        let mapped = self.mapped.take().ok_or("no frame was submitted")?;
        for result in mapped.try_iter() {
            result.map_err(|error| error.to_string())?;
        }
        let mut outputs = Vec::with_capacity(self.ports.len());
        for (port, (buffers, planned)) in self.ports.iter().zip(&plan.outputs).enumerate() {
            let payload = match (buffers, planned) {
                (
                    PortBuffers::Planes {
                        layout, staging, ..
                    },
                    OutputPort::Frame(pack),
                ) => {
                    let bytes = staging.get_mapped_range(..);
                    let bytes = bytes.map_err(|error| error.to_string())?;
                    let planes = layout.read(&bytes);
                    drop(bytes);
                    staging.unmap();
                    let (width, height) = pack.extent;
                    let picture = Picture::new(width, height, pack.format, pack.color, planes);
                    Payload::Picture(picture)
                }
                (buffers, planned) => {
                    let image = plan.nodes[planned.node()].image;
                    let bytes = match buffers {
                        PortBuffers::Image { read_back, .. } => read_back.take()?,
                        PortBuffers::Planes { .. } => Vec::new(),
                    };
                    Payload::Image(image, words_of(image.storage, &bytes))
                }
            };
            outputs.push(Output {
                port,
                span: self.span,
                payload,
            });
        }
        if let Some(Timestamps { staging, .. }) = &self.timestamps {
            let bytes = staging.get_mapped_range(..);
            let bytes = bytes.map_err(|error| error.to_string())?;
            let ticks: Vec<u64> = bytes
                .chunks_exact(8)
                .map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
                .collect();
            for (seconds, pair) in spent.iter_mut().zip(ticks.chunks_exact(2)) {
                *seconds += pair[1].saturating_sub(pair[0]) as f64 * period;
            }
            drop(bytes);
            staging.unmap();
        }
        Ok(outputs)
    }
}

/// Stored pixels as 32-bit words: half floats become single ones.
fn words_of(storage: Storage, bytes: &[u8]) -> Vec<u32> {
    if storage == Storage::Rgba16Float {
        let halves = bytes.chunks_exact(2);
        let single = |half: &[u8]| half::f16::from_le_bytes([half[0], half[1]]).to_f32();
        return halves.map(|half| single(half).to_bits()).collect();
    }
    let words = bytes.as_chunks::<4>().0.iter();
    words.map(|word| u32::from_le_bytes(*word)).collect()
}
