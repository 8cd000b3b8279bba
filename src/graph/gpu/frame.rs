//! What belongs to one frame under way: its planes going up, its outputs coming back.

use std::sync::mpsc::{Receiver, channel};

use super::super::executor::{Output, Submission};
use super::super::plan::Plan;
use super::step::{Resources, Step};
use crate::frame::{OwnedPlanes, Picture, PixelFormat, Span};

/// Where the planes of a picture lie in a buffer of 32-bit words: plane after plane, each row a whole number of words.
#[derive(Clone, Debug)]
pub(super) struct PlanesPlace {
    format: PixelFormat,
    extent: (u32, u32),
    /// Of each plane: its first word, words a row, bytes of samples a row, rows.
    planes: Vec<[u32; 4]>,
}

impl PlanesPlace {
    pub fn new(format: &PixelFormat, extent: (u32, u32)) -> Self {
        let mut planes = Vec::new();
        let mut base = 0;
        for plane in 0..format.plane_count() {
            let size = format.plane_extent(plane, extent.0, extent.1);
            let words = size.row_bytes.div_ceil(4) as u32;
            planes.push([base, words, size.row_bytes as u32, size.rows as u32]);
            base += words * size.rows as u32;
        }
        Self {
            format: *format,
            extent,
            planes,
        }
    }

    /// Size of the buffer.
    pub fn bytes(&self) -> u64 {
        self.planes.last().map_or(16, |[base, words, _, rows]| {
            4 * u64::from(base + words * rows)
        })
    }

    /// Words a row and rows of plane `plane`.
    pub fn words_of(&self, plane: usize) -> (u32, u32) {
        (self.planes[plane][1], self.planes[plane][3])
    }

    /// For the shader that writes: a vector for each of four planes.
    pub fn output_layout(&self) -> Vec<u32> {
        let mut words: Vec<u32> = self.planes.iter().flatten().copied().collect();
        words.resize(16, 0);
        words
    }

    /// For the shaders that read: base, words a row, columns and rows of each of four components.
    fn planes_layout(&self) -> Vec<u32> {
        let mut words = Vec::with_capacity(16);
        for (index, component) in self.format.used().iter().enumerate() {
            let [base, stride, ..] = self.planes[usize::from(component.plane)];
            let (columns, rows) = self
                .format
                .component_extent(index, self.extent.0, self.extent.1);
            words.extend([base, stride, columns, rows]);
        }
        words.resize(16, 0);
        words
    }

    fn write(&self, picture: &Picture, mut row: impl FnMut(usize, &[u8])) {
        for (plane, [base, words, _, rows]) in self.planes.iter().enumerate() {
            for y in 0..*rows {
                row(
                    4 * (base + y * words) as usize,
                    picture.row(plane, y as usize),
                );
            }
        }
    }

    fn read(&self, bytes: &[u8]) -> OwnedPlanes {
        let mut planes = OwnedPlanes::new(self.extent.0, self.extent.1, &self.format);
        for (plane, [base, words, row_bytes, rows]) in self.planes.iter().enumerate() {
            let (row_bytes, out) = (*row_bytes as usize, planes.plane_mut(plane));
            for y in 0..*rows as usize {
                let start = 4 * (*base as usize + y * *words as usize);
                out[y * row_bytes..(y + 1) * row_bytes]
                    .copy_from_slice(&bytes[start..start + row_bytes]);
            }
        }
        planes
    }
}

/// An output's words, and the buffer they are read back through.
struct OutputWords {
    place: PlanesPlace,
    words: wgpu::Buffer,
    staging: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// Timestamps around each step.
struct Clock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

/// Buffers of one frame under way, used again for later frames.
pub(super) struct Frame {
    facts: wgpu::Buffer,
    planes: wgpu::Buffer,
    place: Option<PlanesPlace>,
    group: wgpu::BindGroup,
    outputs: Vec<OutputWords>,
    clock: Option<Clock>,
    span: Span,
    submission: Option<wgpu::SubmissionIndex>,
    mapped: Option<Receiver<Result<(), wgpu::BufferAsyncError>>>,
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
        let place = plan
            .source_format
            .map(|format| PlanesPlace::new(&format, plan.extent));
        let facts = buffer(32, Usage::UNIFORM | Usage::COPY_DST);
        let planes = buffer(
            place.as_ref().map_or(16, PlanesPlace::bytes),
            Usage::STORAGE | Usage::COPY_DST,
        );
        let layout = buffer(64, Usage::UNIFORM | Usage::COPY_DST);
        let words = place
            .as_ref()
            .map_or(vec![0; 16], PlanesPlace::planes_layout);
        queue.write_buffer(&layout, 0, bytemuck::cast_slice(&words));
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
        let group = bind(&resources.frame_layout, &[&facts, &layout, &planes]);
        let outputs = plan.outputs.iter().map(|output| {
            let place = PlanesPlace::new(&output.format, output.extent);
            let words = buffer(place.bytes(), Usage::STORAGE | Usage::COPY_SRC);
            let staging = buffer(place.bytes(), Usage::MAP_READ | Usage::COPY_DST);
            let group = bind(&resources.words_layout, &[&words]);
            OutputWords {
                place,
                words,
                staging,
                group,
            }
        });
        let count = 2 * plan.steps.len() as u32;
        let clock = (timed && count <= wgpu::QUERY_SET_MAX_QUERIES).then(|| Clock {
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
            place,
            group,
            outputs: outputs.collect(),
            clock,
            span: Span::default(),
            submission: None,
            mapped: None,
        }
    }

    /// Whether its steps are timed.
    pub fn timed(&self) -> bool {
        self.clock.is_some()
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
        let facts = [
            frame.facts.time.to_bits(),
            frame.facts.seed,
            frame.facts.noise,
            u32::from(frame.facts.cut),
            u32::from(frame.facts.history_valid),
            frame.facts.noise_level.to_bits(),
            0,
            0,
        ];
        queue.write_buffer(&self.facts, 0, bytemuck::cast_slice(&facts));
        if let (Some(place), Some(picture)) = (&self.place, &frame.picture)
            && let Some(size) = wgpu::BufferSize::new(place.bytes())
            && let Some(mut view) = queue.write_buffer_with(&self.planes, 0, size)
        {
            place.write(picture, |at, row| {
                view.slice(at..at + row.len()).copy_from_slice(row)
            });
        }
        let mut encoder = device.create_command_encoder(&Default::default());
        for (index, step) in steps.iter().enumerate() {
            let index = index as u32;
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some(&step.label),
                timestamp_writes: self.clock.as_ref().map(|clock| {
                    wgpu::ComputePassTimestampWrites {
                        query_set: &clock.queries,
                        beginning_of_pass_write_index: Some(2 * index),
                        end_of_pass_write_index: Some(2 * index + 1),
                    }
                }),
            });
            pass.set_bind_group(0, &self.group, &[]);
            pass.set_bind_group(1, &step.group, &[]);
            if let Some(port) = step.port {
                pass.set_bind_group(2, &self.outputs[port].group, &[]);
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
        for output in &self.outputs {
            encoder.copy_buffer_to_buffer(
                &output.words,
                0,
                &output.staging,
                0,
                output.place.bytes(),
            );
        }
        if let Some(clock) = &self.clock {
            let count = 2 * plan.steps.len() as u32;
            encoder.resolve_query_set(&clock.queries, 0..count, &clock.resolved, 0);
            encoder.copy_buffer_to_buffer(
                &clock.resolved,
                0,
                &clock.staging,
                0,
                8 * u64::from(count),
            );
        }
        self.submission = Some(queue.submit([encoder.finish()]));
        let (sender, receiver) = channel();
        let buffers = self.outputs.iter().map(|output| &output.staging);
        for buffer in buffers.chain(self.clock.iter().map(|clock| &clock.staging)) {
            let sender = sender.clone();
            buffer.map_async(wgpu::MapMode::Read, .., move |result| {
                let _ = sender.send(result);
            });
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
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for (port, output) in self.outputs.iter().enumerate() {
            let bytes = output
                .staging
                .get_mapped_range(..)
                .map_err(|error| error.to_string())?;
            let planes = output.place.read(&bytes);
            drop(bytes);
            output.staging.unmap();
            let (pack, (width, height)) = (&plan.outputs[port], output.place.extent);
            let picture = Picture::new(width, height, pack.format, pack.color, planes);
            outputs.push(Output {
                port,
                span: self.span,
                picture,
            });
        }
        if let Some(clock) = &self.clock {
            let bytes = clock
                .staging
                .get_mapped_range(..)
                .map_err(|error| error.to_string())?;
            let ticks: Vec<u64> = bytes
                .chunks_exact(8)
                .map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
                .collect();
            for (seconds, pair) in spent.iter_mut().zip(ticks.chunks_exact(2)) {
                *seconds += pair[1].saturating_sub(pair[0]) as f64 * period;
            }
            drop(bytes);
            clock.staging.unmap();
        }
        Ok(outputs)
    }
}
