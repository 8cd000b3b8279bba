//! The resources of one frame in flight: its upload, its dispatches and the readback of its outputs.

use std::sync::mpsc::{Receiver, channel};

use super::super::executor::{
    ExecError, Externals, Instant, Output, Payload, Submission, run_external,
};
use super::super::plan::{OutputPort, Plan, SourcePort, Storage, Target};
use super::context::GpuContext;
use super::planes::PlaneLayout;
use super::read_back::{Mapped, ReadBack, download, map, upload};
use super::step::{Resources, Step};
use crate::frame::{Facts, Picture, Span};

/// The buffers that an output port is read back through.
enum PortBuffers {
    /// The words that planes are packed into.
    Planes {
        layout: PlaneLayout,
        words: wgpu::Buffer,
        staging: wgpu::Buffer,
        group: wgpu::BindGroup,
    },
    /// The pool slot of the image.
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

/// Timestamps before and after each step.
struct Timestamps {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

/// Buffers of one frame in flight. They are reused for later frames.
pub(super) struct Frame {
    /// The facts of the frame in work, by lane.
    facts: Vec<wgpu::Buffer>,
    /// The layout of each source's planes.
    layouts: Vec<Option<PlaneLayout>>,
    ports: Vec<PortBuffers>,
    timestamps: Option<Timestamps>,
    /// The steps whose timestamps can be read, in the order of their queries.
    timed_steps: Vec<usize>,
    /// For each port, the time of the frame that comes out; `None` where none does.
    spans: Vec<Option<Span>>,
    submission: Option<wgpu::SubmissionIndex>,
    mapped: Option<Receiver<Mapped>>,
}

impl Frame {
    pub fn new(device: &wgpu::Device, plan: &Plan, resources: &Resources, timed: bool) -> Self {
        use wgpu::BufferUsages as Usage;
        let buffer = |size: u64, usage: Usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let layout = |source: &SourcePort| {
            let format = source.format.as_ref()?;
            Some(PlaneLayout::new(format, source.extent))
        };
        let layouts = plan.sources.iter().map(layout).collect();
        let bytes = 4 * Facts::default().words().len() as u64;
        let facts = plan
            .lanes
            .iter()
            .map(|_| buffer(bytes, Usage::UNIFORM | Usage::COPY_DST));
        let ports = plan.outputs.iter().filter_map(|port| match port {
            OutputPort::Frame(pack) => {
                let layout = PlaneLayout::new(&pack.format, pack.extent);
                let words = buffer(layout.bytes(), Usage::STORAGE | Usage::COPY_SRC);
                Some(PortBuffers::Planes {
                    staging: buffer(layout.bytes(), Usage::MAP_READ | Usage::COPY_DST),
                    group: bind(device, &resources.words_layout, &[&words]),
                    layout,
                    words,
                })
            }
            OutputPort::Image(node) => {
                let slot = plan.slot_of(*node)?;
                let read_back = ReadBack::new(device, &resources.slots[slot][0]);
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
            facts: facts.collect(),
            layouts,
            ports: ports.collect(),
            timestamps,
            timed_steps: Vec::new(),
            spans: Vec::new(),
            submission: None,
            mapped: None,
        }
    }

    /// Whether its steps are timed.
    pub fn timed(&self) -> bool {
        self.timestamps.is_some()
    }

    /// Uploads new data, dispatches the steps that have a frame to work on, and requests the readback of the outputs.
    pub fn start(
        &mut self,
        context: &GpuContext,
        plan: &Plan,
        steps: &[Step],
        resources: &Resources,
        externals: &mut Externals,
        work: &Submission,
    ) -> Result<(), ExecError> {
        let GpuContext { device, queue, .. } = context;
        let outs = (0..plan.outputs.len()).map(|port| work.frame(plan.lane_of_port(port)));
        let outs: Vec<Option<&Instant>> = outs.collect();
        self.spans = outs.iter().map(|out| out.map(|out| out.span)).collect();
        let planes = |source: usize, instant: &Instant| {
            let ring = &resources.planes[source];
            &ring[place(ring, instant.reads)]
        };
        for (source, layout) in self.layouts.iter().enumerate() {
            if let (Some(layout), Some(picture), Some(newest)) =
                (layout, work.picture(source), work.newest())
                && let Some(size) = wgpu::BufferSize::new(layout.bytes())
                && let Some(mut view) = queue.write_buffer_with(planes(source, newest), 0, size)
            {
                layout.write(picture, |at, row| {
                    view.slice(at..at + row.len()).copy_from_slice(row)
                });
            }
        }
        // For each lane, one for each source.
        let group = |(facts, instant): (&wgpu::Buffer, &Option<Instant>)| {
            let instant = instant.as_ref()?;
            queue.write_buffer(facts, 0, bytemuck::cast_slice(&instant.facts.words()));
            let of_source = |(source, layout)| {
                let buffers = [facts, layout, planes(source, instant)];
                bind(device, &resources.frame_layout, &buffers)
            };
            let layouts = resources.planes_layouts.iter().enumerate();
            Some(layouts.map(of_source).collect::<Vec<_>>())
        };
        let groups: Vec<_> = self.facts.iter().zip(&work.frames).map(group).collect();
        // Timestamps that were not written must not be resolved.
        let runs = |step: &Step| step.external.is_none() && work.frame(step.lane).is_some();
        self.timed_steps = (0..steps.len())
            .filter(|index| runs(&steps[*index]))
            .collect();
        let timestamps = self
            .timestamps
            .as_ref()
            .filter(|_| !self.timed_steps.is_empty());
        let mut timed = 0;
        let mut encoder = device.create_command_encoder(&Default::default());
        for step in steps {
            let (Some(instant), Some(Some(groups))) =
                (work.frame(step.lane), groups.get(step.lane))
            else {
                continue;
            };
            if let Some((node, slot)) = step.external {
                // A barrier: the steps before it are submitted, and waited for when their images are read back.
                let before = std::mem::replace(
                    &mut encoder,
                    device.create_command_encoder(&Default::default()),
                );
                queue.submit([before.finish()]);
                let read = |id, offset| {
                    let Some(slot) = plan.slot_of(id) else {
                        return Ok(Vec::new());
                    };
                    let image = resources.image(slot, instant, offset);
                    let bytes = download(device, queue, image).map_err(|why| context.lost(why))?;
                    Ok(words_of(image.storage(), &bytes))
                };
                let words = run_external(externals, plan, &plan.nodes[node], instant, read)?;
                let image = resources.written(slot, instant);
                upload(queue, image, bytemuck::cast_slice(&words));
                continue;
            }
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some(&step.label),
                timestamp_writes: timestamps.map(|timestamps| wgpu::ComputePassTimestampWrites {
                    query_set: &timestamps.queries,
                    beginning_of_pass_write_index: Some(2 * timed),
                    end_of_pass_write_index: Some(2 * timed + 1),
                }),
            });
            timed += 1;
            pass.set_bind_group(0, &groups[step.source], &[]);
            pass.set_bind_group(1, &step.group(device, resources, instant), &[]);
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
        for (history, image) in plan.histories.iter().zip(&resources.histories) {
            if let Some(slot) = plan.slot_of(history.commit)
                && let Some(instant) = work.frame(plan.lane_of(Target::Image {
                    node: history.commit,
                    slot,
                }))
            {
                let ring = &resources.slots[slot];
                image.copy(&ring[place(ring, instant.index)], &mut encoder);
            }
        }
        for (port, out) in self.ports.iter().zip(&outs) {
            let Some(instant) = out else { continue };
            match port {
                PortBuffers::Planes {
                    layout,
                    words,
                    staging,
                    ..
                } => encoder.copy_buffer_to_buffer(words, 0, staging, 0, layout.bytes()),
                PortBuffers::Image { slot, read_back } => {
                    let ring = &resources.slots[*slot];
                    read_back.copy(&ring[place(ring, instant.index)], &mut encoder)
                }
            }
        }
        if let Some(Timestamps {
            queries,
            resolved,
            staging,
        }) = timestamps
        {
            encoder.resolve_query_set(queries, 0..2 * timed, resolved, 0);
            encoder.copy_buffer_to_buffer(resolved, 0, staging, 0, 16 * u64::from(timed));
        }
        self.submission = Some(queue.submit([encoder.finish()]));
        let (sender, receiver) = channel();
        let timestamps = timestamps.iter().map(|timestamps| &timestamps.staging);
        let ports = self.ports.iter().zip(&outs);
        let ports = ports.filter_map(|(port, out)| out.map(|_| port.staging()));
        for buffer in ports.chain(timestamps) {
            map(buffer, &sender);
        }
        self.mapped = Some(receiver);
        Ok(())
    }

    /// Waits for the frame and takes its outputs; adds the seconds of each step to `spent`. `period` is one timestamp
    /// tick in seconds. The error is the device's message.
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
        let ports = self.ports.iter().zip(&plan.outputs).enumerate();
        for ((port, (buffers, planned)), span) in ports.zip(&self.spans) {
            let Some(span) = *span else { continue };
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
                span,
                payload,
            });
        }
        let timestamps = self
            .timestamps
            .as_ref()
            .filter(|_| !self.timed_steps.is_empty());
        if let Some(Timestamps { staging, .. }) = timestamps {
            let bytes = staging.get_mapped_range(..);
            let bytes = bytes.map_err(|error| error.to_string())?;
            let ticks: Vec<u64> = bytes
                .chunks_exact(8)
                .map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
                .collect();
            for (step, pair) in self.timed_steps.iter().zip(ticks.chunks_exact(2)) {
                spent[*step] += pair[1].saturating_sub(pair[0]) as f64 * period;
            }
            drop(bytes);
            staging.unmap();
        }
        Ok(outputs)
    }
}

/// A bind group in which each binding is a whole buffer.
fn bind(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    buffers: &[&wgpu::Buffer],
) -> wgpu::BindGroup {
    let entries = buffers.iter().enumerate();
    let entries: Vec<_> = entries
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
}

/// The index of a frame in a ring buffer.
pub(super) fn place<T>(ring: &[T], index: u64) -> usize {
    (index % ring.len() as u64) as usize
}

/// Stored pixels as 32-bit words; half floats become single floats.
pub(super) fn words_of(storage: Storage, bytes: &[u8]) -> Vec<u32> {
    if storage == Storage::Rgba16Float {
        let halves = bytes.chunks_exact(2);
        let single = |half: &[u8]| half::f16::from_le_bytes([half[0], half[1]]).to_f32();
        return halves.map(|half| single(half).to_bits()).collect();
    }
    let words = bytes.as_chunks::<4>().0.iter();
    words.map(|word| u32::from_le_bytes(*word)).collect()
}
