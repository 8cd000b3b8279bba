//! The resources of one frame in flight: its upload, its dispatches and the readback of its outputs.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant as Moment;

use super::super::executor::{ExecError, HostTimes, Instant, Output, Payload, Stop, Submission};
use super::super::external::run_external;
use super::super::plan::{NodeId, OutputPort, Pack, Plan, SourcePort, Storage};
use super::clock::Timestamps;
use super::context::GpuContext;
use super::picture_memory::{MappedPlanes, SpareBuffers};
use super::planes::PlaneLayout;
use super::read_back::{Mapped, ReadBack, download, map, upload};
use super::resources::{Origins, Resources};
use super::shared::Outside;
use super::step::Step;
use super::upload::Upload;
use crate::frame::{Facts, Picture, Span};
use crate::reference::fixed_grid::STEPS;

/// Seconds of work after which what was encoded is submitted, so that a device that works is told from one that hangs.
const SUBMITTED_SECONDS: f64 = 1.0;

/// The buffers that an output port is read back through.
enum PortBuffers {
    /// The words that planes are packed into.
    Planes {
        layout: PlaneLayout,
        words: wgpu::Buffer,
        group: wgpu::BindGroup,
        spare: SpareBuffers,
        /// What the frame in work is read back through.
        staging: Option<wgpu::Buffer>,
    },
    /// The pool slot of the image.
    Image { slot: usize, read_back: ReadBack },
}

/// What all frames of an executor work with.
pub(super) struct Shared<'a> {
    pub context: &'a GpuContext,
    pub plan: &'a Plan,
    pub resources: &'a Resources,
    pub origins: &'a Origins,
    pub stop: &'a Stop,
}

/// Buffers of one frame in flight. They are used again for later frames.
pub(super) struct Frame {
    /// The facts of the frame in work, by lane.
    facts: Vec<wgpu::Buffer>,
    /// The layout of each source's planes.
    layouts: Vec<Option<PlaneLayout>>,
    upload: Upload,
    /// Bind groups 0 by lane, source and place of its planes.
    groups: HashMap<(usize, usize, usize), wgpu::BindGroup>,
    ports: Vec<PortBuffers>,
    timestamps: Option<Timestamps>,
    /// For each port, the time of the frame that comes out; `None` where none does.
    spans: Vec<Option<Span>>,
    submission: Option<wgpu::SubmissionIndex>,
    mappings: (Sender<Mapped>, Receiver<Mapped>),
    /// How many mappings are under way.
    mapping: usize,
}

impl Frame {
    /// `spare` has the buffers that each port is read back through.
    pub fn new(
        context: &GpuContext,
        plan: &Plan,
        resources: &Resources,
        steps: &[Step],
        spare: &[SpareBuffers],
        timed: bool,
    ) -> Self {
        use wgpu::BufferUsages as Usage;
        let device = &context.device;
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
        let layouts: Vec<_> = plan.sources.iter().map(layout).collect();
        let bytes = facts_bytes();
        let facts = plan
            .lanes
            .iter()
            .map(|_| buffer(bytes, Usage::UNIFORM | Usage::COPY_DST));
        let ports = plan.outputs.iter().zip(spare);
        let ports = ports.filter_map(|(port, spare)| match port {
            OutputPort::Frame(pack) => {
                let layout = PlaneLayout::new(&pack.format, pack.extent);
                let words = buffer(layout.bytes(), Usage::STORAGE | Usage::COPY_SRC);
                let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: None,
                    layout: &resources.words_layout,
                    entries: &[wgpu::BindGroupEntry {
                        binding: 0,
                        resource: words.as_entire_binding(),
                    }],
                });
                Some(PortBuffers::Planes {
                    layout,
                    words,
                    group,
                    spare: spare.clone(),
                    staging: None,
                })
            }
            OutputPort::Image(node) => {
                let slot = plan.slot_of(*node)?;
                let read_back = ReadBack::new(device, resources.kept(slot, 0));
                Some(PortBuffers::Image { slot, read_back })
            }
        });
        // Only what follows tracks is in uniform buffers, or all of it, for the sake of those that are set.
        let params = steps.iter().flat_map(|step| &step.params);
        let params = params.map(|(_, buffer)| Upload::room(buffer.size()));
        let planes = layouts.iter().flatten();
        let planes = planes.map(|layout| Upload::room(layout.bytes()));
        let lanes = plan.lanes.len() as u64 * Upload::room(bytes);
        let timestamps = || Timestamps::new(device, plan.steps.len());
        Self {
            facts: facts.collect(),
            upload: Upload::new(device, planes.chain(params).sum::<u64>() + lanes),
            layouts,
            groups: HashMap::new(),
            ports: ports.collect(),
            timestamps: timed.then(timestamps).flatten(),
            spans: Vec::new(),
            submission: None,
            mappings: channel(),
            mapping: 0,
        }
    }

    /// Whether its steps are timed.
    pub fn timed(&self) -> bool {
        self.timestamps.is_some()
    }

    /// Uploads new data, dispatches the steps that have a frame to work on, and requests the readback of the outputs.
    /// `changed` are the nodes whose parameters changed. Adds what the processor spent to `host`.
    ///
    /// # Errors
    /// Those of external code; `Lost` if the device fails; `OutOfMemory`; `Stopped`.
    pub fn start(
        &mut self,
        shared: &Shared<'_>,
        steps: &mut [Step],
        outside: &mut Outside,
        changed: &[NodeId],
        work: &Submission,
        host: &mut HostTimes,
    ) -> Result<(), ExecError> {
        let begun = Moment::now();
        let copied = host.copy_in;
        let started = self.submit(shared, steps, outside, changed, work, host);
        host.encode += begun.elapsed().as_secs_f64() - (host.copy_in - copied);
        if started.is_err() {
            // The old one may be in the device's hands, and nothing maps it again.
            self.upload = self.upload.another(&shared.context.device);
        }
        started
    }

    fn submit(
        &mut self,
        shared: &Shared<'_>,
        steps: &mut [Step],
        outside: &mut Outside,
        changed: &[NodeId],
        work: &Submission,
        host: &mut HostTimes,
    ) -> Result<(), ExecError> {
        let Shared {
            context,
            plan,
            resources,
            ..
        } = *shared;
        let outs = (0..plan.outputs.len()).map(|port| work.frame(plan.lane_of_port(port)));
        let outs: Vec<Option<&Instant>> = outs.collect();
        self.spans = outs.iter().map(|out| out.map(|out| out.span)).collect();
        let mut encoder = context.device.create_command_encoder(&Default::default());
        let begun = Moment::now();
        self.send(shared, steps, changed, work, &mut encoder)?;
        host.copy_in += begun.elapsed().as_secs_f64();
        self.make_groups(shared, work);
        if let Some(timestamps) = &mut self.timestamps {
            let runs = |step: &Step| step.external.is_none() && work.frame(step.lane).is_some();
            let indices = 0..steps.len();
            timestamps.begin(indices.filter(|index| runs(&steps[*index])));
        }
        let mut encoding = Encoding {
            shared,
            encoder,
            seconds: 0.0,
        };
        for (index, step) in steps.iter_mut().enumerate() {
            let Some(instant) = work.frame(step.lane) else {
                continue;
            };
            match step.external {
                Some((node, slot)) => encoding.run_external(outside, node, slot, instant)?,
                None => self.run(&mut encoding, index, step, instant)?,
            }
        }
        let mut encoder = encoding.encoder;
        resources.commit(plan, |lane| work.frame(lane), &mut encoder);
        for (port, out) in self.ports.iter_mut().zip(&outs) {
            let Some(instant) = out else { continue };
            match port {
                PortBuffers::Planes {
                    layout,
                    words,
                    spare,
                    staging,
                    ..
                } => {
                    let bytes = layout.bytes();
                    let buffer = context.make(|| spare.take(&context.device, bytes))?;
                    encoder.copy_buffer_to_buffer(words, 0, &buffer, 0, bytes);
                    *staging = Some(buffer);
                }
                PortBuffers::Image { slot, read_back } => {
                    read_back.copy(resources.written(*slot, instant), &mut encoder)
                }
            }
        }
        let clock = self.timestamps.as_ref();
        let clock = clock.and_then(|timestamps| timestamps.resolve(&mut encoder));
        self.submission = Some(context.submit(encoder));
        let ports = self.ports.iter().zip(&outs);
        let ports = ports.filter_map(|(port, out)| match (port, out) {
            (_, None) => None,
            (PortBuffers::Planes { staging, .. }, _) => staging.as_ref(),
            (PortBuffers::Image { read_back, .. }, _) => Some(&read_back.staging),
        });
        let (sender, _) = &self.mappings;
        self.mapping = 1;
        map(self.upload.buffer(), wgpu::MapMode::Write, sender);
        for buffer in ports.chain(clock) {
            map(buffer, wgpu::MapMode::Read, sender);
            self.mapping += 1;
        }
        Ok(())
    }

    /// Sends planes, facts and changed parameters to the device.
    fn send(
        &mut self,
        shared: &Shared<'_>,
        steps: &[Step],
        changed: &[NodeId],
        work: &Submission,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), ExecError> {
        let Shared {
            context,
            plan,
            resources,
            ..
        } = *shared;
        let mut writing = self.upload.write(context)?;
        for (source, layout) in self.layouts.iter().enumerate() {
            if let (Some(layout), Some(picture), Some(newest)) =
                (layout, work.picture(source), work.newest())
            {
                let ring = &resources.planes[source];
                let planes = &ring[place(ring, newest.index)];
                writing.planes(planes, layout, picture);
            }
        }
        for (facts, instant) in self.facts.iter().zip(&work.frames) {
            if let Some(instant) = instant {
                writing.words(facts, &instant.facts.words());
            }
        }
        for step in steps {
            for (of, buffer) in step.params_of(changed) {
                writing.words(buffer, &plan.param_words(*of));
            }
        }
        writing.copy(encoder);
        Ok(())
    }

    /// Makes the bind groups 0 that this frame needs and that no frame needed before.
    fn make_groups(&mut self, shared: &Shared<'_>, work: &Submission) {
        let resources = shared.resources;
        for (lane, instant) in work.frames.iter().enumerate() {
            let Some(instant) = instant else { continue };
            for (source, ring) in resources.planes.iter().enumerate() {
                let at = place(ring, instant.reads);
                self.groups.entry((lane, source, at)).or_insert_with(|| {
                    let resources = [
                        self.facts[lane].as_entire_binding(),
                        shared.origins.resource(),
                        ring[at].as_entire_binding(),
                    ];
                    let entries = resources.into_iter().zip(0..);
                    let entries: Vec<_> = entries
                        .map(|(resource, binding)| wgpu::BindGroupEntry { binding, resource })
                        .collect();
                    shared
                        .context
                        .device
                        .create_bind_group(&wgpu::BindGroupDescriptor {
                            label: None,
                            layout: &shared.resources.frame_layout,
                            entries: &entries,
                        })
                });
            }
        }
    }

    /// Dispatches a step.
    fn run(
        &self,
        encoding: &mut Encoding<'_>,
        index: usize,
        step: &mut Step,
        instant: &Instant,
    ) -> Result<(), ExecError> {
        let Shared {
            context, resources, ..
        } = *encoding.shared;
        let ring = &resources.planes[step.source];
        let frame = (step.lane, step.source, place(ring, instant.reads));
        let Some(frame) = self.groups.get(&frame) else {
            return Ok(());
        };
        let own = step.group(&context.device, resources, instant);
        let words = step.port.and_then(|port| match &self.ports[port] {
            PortBuffers::Planes { group, .. } => Some(group),
            PortBuffers::Image { .. } => None,
        });
        let groups = [Some(frame), Some(&own), words];
        let count = step.dispatches.len();
        for at in 0..count {
            let (first, last) = (at == 0, at + 1 == count);
            let pass = Pass {
                label: &step.label,
                groups,
                timestamps: self.timestamps.as_ref().map(|clock| (clock, index)),
            };
            let dispatch = &mut step.dispatches[at];
            if dispatch.is_unknown() {
                let seconds = encoding.measure(&pass, dispatch, (first, last))?;
                dispatch.know(seconds, encoding.shared.origins);
            } else {
                encoding.dispatch(&pass, dispatch, (first, last));
            }
        }
        Ok(())
    }

    /// Waits for the frame and takes its outputs; adds the seconds of each step to `spent`, and what the processor spent to
    /// `host`.
    pub fn collect(
        &mut self,
        shared: &Shared<'_>,
        spent: &mut [f64],
        host: &mut HostTimes,
    ) -> Result<Vec<Output>, ExecError> {
        let Shared {
            context,
            plan,
            stop,
            ..
        } = *shared;
        let Some(submission) = self.submission.take() else {
            return Ok(Vec::new());
        };
        let begun = Moment::now();
        context.wait(&submission, stop)?;
        for _ in 0..std::mem::take(&mut self.mapping) {
            context.mapped(&self.mappings.1)?;
        }
        let waited = begun.elapsed().as_secs_f64();
        host.wait += waited;
        let mut outputs = Vec::with_capacity(self.ports.len());
        let ports = self.ports.iter_mut().zip(&plan.outputs).enumerate();
        for ((port, (buffers, planned)), span) in ports.zip(&self.spans) {
            let Some(span) = *span else { continue };
            let payload = match (buffers, planned) {
                (
                    PortBuffers::Planes {
                        layout,
                        staging,
                        spare,
                        ..
                    },
                    OutputPort::Frame(pack),
                ) => {
                    let Some(buffer) = staging.take() else {
                        continue;
                    };
                    let planes = MappedPlanes::new(buffer, layout, &pack.format, spare);
                    let planes = planes.map_err(|error| context.fail(error.to_string()))?;
                    Payload::Picture(picture_of(pack, planes))
                }
                (buffers, planned) => {
                    let image = plan.nodes[planned.node()].image;
                    let bytes = match buffers {
                        PortBuffers::Image { read_back, .. } => read_back.take(context)?,
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
        if let Some(timestamps) = &self.timestamps {
            timestamps.add_to(spent, context)?;
        }
        host.copy_out += begun.elapsed().as_secs_f64() - waited;
        Ok(outputs)
    }
}

/// The picture of an output whose planes are mapped.
fn picture_of(pack: &Pack, planes: MappedPlanes) -> Picture {
    let (width, height) = pack.extent;
    Picture {
        width,
        height,
        format: pack.format,
        color: pack.color,
        field_order: Default::default(),
        planes: Arc::new(planes),
    }
}

/// Bytes of a frame's facts.
fn facts_bytes() -> u64 {
    4 * Facts::default().words().len() as u64
}

/// The passes of one step.
struct Pass<'a> {
    label: &'a str,
    groups: [Option<&'a wgpu::BindGroup>; 3],
    /// The timestamps of the frame, and the index of the step.
    timestamps: Option<(&'a Timestamps, usize)>,
}

/// A frame that is being encoded.
struct Encoding<'a> {
    shared: &'a Shared<'a>,
    encoder: wgpu::CommandEncoder,
    /// Seconds that what was encoded since the last submission is expected to take.
    seconds: f64,
}

impl Encoding<'_> {
    /// Submits what was encoded.
    fn flush(&mut self) -> wgpu::SubmissionIndex {
        let context = self.shared.context;
        let next = context.device.create_command_encoder(&Default::default());
        self.seconds = 0.0;
        context.submit(std::mem::replace(&mut self.encoder, next))
    }

    /// Submits what was encoded, and waits for it; the seconds that it took.
    fn finish(&mut self) -> Result<f64, ExecError> {
        let begun = Moment::now();
        let submission = self.flush();
        self.shared.context.wait(&submission, self.shared.stop)?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// Encodes these parts of a dispatch. `of_step`: whether they are the first and the last of their step.
    fn encode(
        &mut self,
        pass: &Pass<'_>,
        pipeline: &wgpu::ComputePipeline,
        parts: &[(u32, super::work::Part)],
        (first, last): (bool, bool),
    ) {
        let timestamps = pass.timestamps;
        let mut encoded = self
            .encoder
            .begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some(pass.label),
                timestamp_writes: timestamps
                    .and_then(|(clock, step)| clock.of_pass(step, first, last)),
            });
        encoded.set_pipeline(pipeline);
        let [frame, own, words] = pass.groups;
        encoded.set_bind_group(1, own, &[]);
        if words.is_some() {
            encoded.set_bind_group(2, words, &[]);
        }
        for (offset, part) in parts {
            encoded.set_bind_group(0, frame, &[*offset]);
            encoded.dispatch_workgroups(part.groups.0, part.groups.1, 1);
        }
    }

    /// Encodes a dispatch. What would take long altogether is submitted in between.
    fn dispatch(
        &mut self,
        pass: &Pass<'_>,
        dispatch: &super::step::Dispatch,
        (first, last): (bool, bool),
    ) {
        let mut from = 0;
        let mut seconds = self.seconds;
        let parts = &dispatch.parts;
        for (at, (_, part)) in parts.iter().enumerate() {
            seconds += dispatch.seconds_of(part);
            let ends = at + 1 == parts.len();
            if seconds >= SUBMITTED_SECONDS || ends {
                let edges = (first && from == 0, last && ends);
                self.encode(pass, &dispatch.pipeline, &parts[from..=at], edges);
                from = at + 1;
                self.seconds = seconds;
                if seconds >= SUBMITTED_SECONDS {
                    self.flush();
                    seconds = 0.0;
                }
            }
        }
    }

    /// Runs a dispatch bit by bit, and returns the seconds that a cell of its grid takes. The first cell alone: it may
    /// take long, and a driver may compile before it.
    fn measure(
        &mut self,
        pass: &Pass<'_>,
        dispatch: &super::step::Dispatch,
        (first, last): (bool, bool),
    ) -> Result<f64, ExecError> {
        self.finish()?;
        let parts = &dispatch.parts;
        let (mut from, mut count) = (0, 1);
        let mut least = f64::INFINITY;
        while from < parts.len() {
            let to = (from + count).min(parts.len());
            let edges = (first && from == 0, last && to == parts.len());
            self.encode(pass, &dispatch.pipeline, &parts[from..to], edges);
            let each = self.finish()? / (to - from) as f64;
            least = least.min(each);
            count = (SUBMITTED_SECONDS / 4.0 / least.max(1e-6)).max(1.0) as usize;
            from = to;
        }
        Ok(least)
    }

    /// Runs external code, after the steps before it: in the memory of the card, or on what is read back of it.
    fn run_external(
        &mut self,
        outside: &mut Outside,
        node: NodeId,
        slot: usize,
        instant: &Instant,
    ) -> Result<(), ExecError> {
        let submission = self.flush();
        let Shared {
            context,
            plan,
            resources,
            stop,
            ..
        } = *self.shared;
        if outside.shares(plan, node) {
            // The code knows nothing of what this device has in work.
            context.wait(&submission, stop)?;
            if outside.run_shared(plan, resources, (node, slot), instant) {
                return Ok(());
            }
        }
        let read = |id, offset| {
            let Some(slot) = plan.slot_of(id) else {
                return Ok(Vec::new());
            };
            let image = resources.image(slot, instant, offset);
            let bytes = download(context, image, stop)?;
            Ok(words_of(image.storage(), &bytes))
        };
        let words = run_external(&outside.codes, plan, &plan.nodes[node], instant, read)?;
        let image = resources.written(slot, instant);
        upload(&context.queue, image, bytemuck::cast_slice(&words));
        Ok(())
    }
}

/// The index of a frame in a ring buffer.
pub(super) fn place<T>(ring: &[T], index: u64) -> usize {
    (index % ring.len() as u64) as usize
}

/// Stored pixels as 32-bit words; half floats and fixed-point numbers become single floats.
pub(super) fn words_of(storage: Storage, bytes: &[u8]) -> Vec<u32> {
    let small = bytes.as_chunks::<2>().0.iter();
    let single: fn(&[u8; 2]) -> f32 = match storage {
        Storage::Rgba16Float => |half| half::f16::from_le_bytes(*half).to_f32(),
        Storage::Rgba16Fixed => |steps| f32::from(i16::from_le_bytes(*steps)) / STEPS,
        _ => {
            let words = bytes.as_chunks::<4>().0.iter();
            return words.map(|word| u32::from_le_bytes(*word)).collect();
        }
    };
    small.map(|bytes| single(bytes).to_bits()).collect()
}
