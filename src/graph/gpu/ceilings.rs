//! What a device can do at best: how fast it copies, how fast its simplest kernels read and write, what a dispatch costs.

use std::hint::black_box;
use std::sync::mpsc::channel;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::super::executor::ExecError;
use super::super::plan::Storage;
use super::clock::Timestamps;
use super::context::GpuContext;
use super::image::texture_format;
use super::read_back::map;
use super::wait::never;

/// Each is measured so many times; the fastest counts.
const TRIALS: usize = 5;
/// A buffer's copy is repeated so often within what is timed.
const COPIES: u64 = 4;

/// The fastest that a device did each of these. Rates are in GB/s (10⁹ bytes a second).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ceilings {
    /// `timestamps` of the device, or the processor's `clock`, which counts the submission and the wait, too.
    pub timed_by: String,
    /// Bytes of the buffers that are copied.
    pub buffer_bytes: u64,
    /// From one buffer to another; bytes read and bytes written both count.
    pub buffer_copy: f64,
    /// The side of the square textures, in pixels.
    pub texture_side: u32,
    /// From one rgba32float texture to another; bytes read and bytes written both count.
    pub texture_copy: f64,
    pub formats: Vec<FormatCeilings>,
    /// From memory that the processor writes to the device's own, and back: the device's part.
    pub upload: f64,
    pub readback: f64,
    /// The processor's part: writing that memory, and reading it.
    pub host_write: f64,
    pub host_read: f64,
    /// Dispatches in a row.
    pub dispatches: u32,
    /// Microseconds of a dispatch that does nothing.
    pub dispatch: f64,
    /// Microseconds of a dispatch that waits for the one before, because both write the same word.
    pub dependent_dispatch: f64,
}

/// How fast kernels of one load or one store read and write a texture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormatCeilings {
    pub format: String,
    pub read: f64,
    pub write: f64,
    /// Read and written; bytes of both count.
    pub copy: f64,
}

impl Ceilings {
    /// Measures them with a quarter of a gigabyte, or, where it should be quick, with little.
    ///
    /// # Errors
    /// `OutOfMemory`; `Lost` if the device fails.
    pub fn measure(context: &GpuContext, quick: bool) -> Result<Self, ExecError> {
        let (bytes, side, dispatches) = match quick {
            true => (1 << 20, 128, 100),
            false => (1 << 28, 4096, 1000),
        };
        let limits = context.device.limits();
        let bytes = bytes.min(limits.max_buffer_size);
        let side = side.min(limits.max_texture_dimension_2d);
        let bench = Bench { context };
        let (upload, readback, host_write, host_read) = bench.transfers(bytes)?;
        let formats = [
            (Storage::R32Float, "r32float"),
            (Storage::Rgba16Float, "rgba16float"),
            (Storage::Rgba32Float, "rgba32float"),
        ];
        let formats = formats.map(|(storage, name)| bench.kernels(storage, name, side));
        Ok(Self {
            timed_by: match context.adapter.timestamps {
                true => "timestamps",
                false => "clock",
            }
            .to_owned(),
            buffer_bytes: bytes,
            buffer_copy: bench.buffer_copy(bytes)?,
            texture_side: side,
            texture_copy: bench.texture_copy(side)?,
            formats: formats.into_iter().collect::<Result<_, _>>()?,
            upload,
            readback,
            host_write,
            host_read,
            dispatches,
            dispatch: bench.dispatches(dispatches, false)?,
            dependent_dispatch: bench.dispatches(dispatches, true)?,
        })
    }
}

impl Ceilings {
    /// The fastest copy of all, in GB/s: some devices copy buffers more slowly than their kernels copy images.
    pub fn fastest_copy(&self) -> f64 {
        let kernels = self.formats.iter().map(|format| format.copy);
        kernels.fold(self.buffer_copy, f64::max)
    }
}

/// 10⁹ bytes a second.
fn rate(bytes: u64, seconds: f64) -> f64 {
    bytes as f64 / seconds / 1e9
}

struct Bench<'a> {
    context: &'a GpuContext,
}

impl Bench<'_> {
    /// Seconds of the fastest of several trials of `work`.
    fn fastest(&self, work: impl Fn(&mut wgpu::CommandEncoder)) -> Result<f64, ExecError> {
        let mut least = f64::INFINITY;
        for _ in 0..TRIALS {
            least = least.min(self.once(&work)?);
        }
        Ok(least)
    }

    /// Seconds of `work`, between two timestamps or from its submission to its end.
    fn once(&self, work: impl Fn(&mut wgpu::CommandEncoder)) -> Result<f64, ExecError> {
        let Self { context } = *self;
        let device = &context.device;
        let clock = context.adapter.timestamps.then(|| {
            let mut clock = Timestamps::new(device, 1)?;
            clock.begin(std::iter::once(0));
            Some(clock)
        });
        let clock = clock.flatten();
        let mut encoder = device.create_command_encoder(&Default::default());
        // An empty pass: its timestamp is written when all before it is done.
        let mark = |encoder: &mut wgpu::CommandEncoder, first: bool| {
            encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: None,
                timestamp_writes: clock
                    .as_ref()
                    .and_then(|clock| clock.of_pass(0, first, !first)),
            });
        };
        mark(&mut encoder, true);
        work(&mut encoder);
        mark(&mut encoder, false);
        let (sender, receiver) = channel();
        let staging = clock.as_ref().and_then(|clock| clock.resolve(&mut encoder));
        let begun = Instant::now();
        let submission = context.submit(encoder);
        if let Some(staging) = staging {
            map(staging, wgpu::MapMode::Read, &sender);
        }
        context.wait(&submission, &never())?;
        let mut seconds = [begun.elapsed().as_secs_f64()];
        if let Some(clock) = &clock {
            context.mapped(&receiver)?;
            seconds = [0.0];
            clock.add_to(&mut seconds, context)?;
        }
        // A device may count in steps that are longer than this took.
        Ok(seconds[0].max(1e-9))
    }

    fn buffer(
        &self,
        size: u64,
        usage: wgpu::BufferUsages,
        mapped: bool,
    ) -> Result<wgpu::Buffer, ExecError> {
        self.context.make(|| {
            self.context.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: mapped,
            })
        })
    }

    fn texture(&self, storage: Storage, side: u32) -> Result<wgpu::Texture, ExecError> {
        use wgpu::TextureUsages as Usage;
        let usage =
            Usage::TEXTURE_BINDING | Usage::STORAGE_BINDING | Usage::COPY_SRC | Usage::COPY_DST;
        self.context.make(|| {
            let device = &self.context.device;
            super::image::texture(device, (side, side), texture_format(storage), usage)
        })
    }

    fn buffer_copy(&self, bytes: u64) -> Result<f64, ExecError> {
        use wgpu::BufferUsages as Usage;
        let from = self.buffer(bytes, Usage::COPY_SRC | Usage::COPY_DST, false)?;
        let to = self.buffer(bytes, Usage::COPY_SRC | Usage::COPY_DST, false)?;
        let seconds = self.fastest(|encoder| {
            for _ in 0..COPIES {
                encoder.copy_buffer_to_buffer(&from, 0, &to, 0, bytes);
            }
        })?;
        Ok(rate(2 * COPIES * bytes, seconds))
    }

    fn texture_copy(&self, side: u32) -> Result<f64, ExecError> {
        let from = self.texture(Storage::Rgba32Float, side)?;
        let to = self.texture(Storage::Rgba32Float, side)?;
        let seconds = self.fastest(|encoder| {
            encoder.copy_texture_to_texture(from.as_image_copy(), to.as_image_copy(), from.size());
        })?;
        let bytes = u64::from(side) * u64::from(side) * Storage::Rgba32Float.bytes() as u64;
        Ok(rate(2 * bytes, seconds))
    }

    /// Upload, readback, and the processor's writing and reading.
    fn transfers(&self, bytes: u64) -> Result<(f64, f64, f64, f64), ExecError> {
        use wgpu::BufferUsages as Usage;
        let Self { context } = *self;
        let own = self.buffer(bytes, Usage::COPY_SRC | Usage::COPY_DST, false)?;
        let up = self.buffer(bytes, Usage::MAP_WRITE | Usage::COPY_SRC, true)?;
        let down = self.buffer(bytes, Usage::MAP_READ | Usage::COPY_DST, false)?;
        let lost = |error: wgpu::MapRangeError| context.fail(error.to_string());
        let pattern: Vec<u8> = (0..bytes).map(|at| (at % 251) as u8).collect();
        let mut view = up.get_mapped_range_mut(..).map_err(lost)?;
        let begun = Instant::now();
        view.copy_from_slice(&pattern);
        let host_write = rate(bytes, begun.elapsed().as_secs_f64());
        drop(view);
        up.unmap();
        let upload =
            self.fastest(|encoder| encoder.copy_buffer_to_buffer(&up, 0, &own, 0, bytes))?;
        let readback =
            self.fastest(|encoder| encoder.copy_buffer_to_buffer(&own, 0, &down, 0, bytes))?;
        let (sender, receiver) = channel();
        map(&down, wgpu::MapMode::Read, &sender);
        let encoder = context.device.create_command_encoder(&Default::default());
        context.wait(&context.submit(encoder), &never())?;
        context.mapped(&receiver)?;
        let view = down.get_mapped_range(..).map_err(lost)?;
        let mut back = vec![1; pattern.len()];
        let begun = Instant::now();
        back.copy_from_slice(&view);
        let host_read = rate(bytes, begun.elapsed().as_secs_f64());
        if black_box(&back) != &pattern {
            return Err(context.fail("what was copied to it came back changed".to_owned()));
        }
        Ok((
            rate(bytes, upload),
            rate(bytes, readback),
            host_write,
            host_read,
        ))
    }

    fn pipeline(
        &self,
        source: &str,
        entry: &str,
        layout: Option<&wgpu::BindGroupLayout>,
    ) -> Result<wgpu::ComputePipeline, ExecError> {
        let device = &self.context.device;
        self.context.make(|| {
            let layouts: Vec<_> = layout.into_iter().map(Some).collect();
            let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: None,
                bind_group_layouts: &layouts,
                immediate_size: 0,
            });
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("ceilings"),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            });
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry),
                layout: Some(&layout),
                module: &module,
                entry_point: Some(entry),
                compilation_options: Default::default(),
                cache: None,
            })
        })
    }

    fn group(
        &self,
        entries: &[wgpu::BindGroupLayoutEntry],
        resources: &[wgpu::BindingResource<'_>],
    ) -> Result<(wgpu::BindGroupLayout, wgpu::BindGroup), ExecError> {
        let device = &self.context.device;
        self.context.make(|| {
            let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries,
            });
            let bound = resources.iter().enumerate();
            let bound: Vec<_> = bound
                .map(|(binding, resource)| wgpu::BindGroupEntry {
                    binding: binding as u32,
                    resource: resource.clone(),
                })
                .collect();
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &layout,
                entries: &bound,
            });
            (layout, group)
        })
    }

    /// `name` is the storage's in WGSL.
    fn kernels(
        &self,
        storage: Storage,
        name: &str,
        side: u32,
    ) -> Result<FormatCeilings, ExecError> {
        let format = texture_format(storage);
        let source = format!(
            "@group(0) @binding(0) var image: texture_2d<f32>;
            @group(0) @binding(1) var made: texture_storage_2d<{name}, write>;
            @compute @workgroup_size(16, 16) fn copy(@builtin(global_invocation_id) at: vec3u) {{
                textureStore(made, at.xy, textureLoad(image, at.xy, 0));
            }}
            @compute @workgroup_size(16, 16) fn load(@builtin(global_invocation_id) at: vec3u) {{
                // No value is below 0, which the compiler does not know.
                let value = textureLoad(image, at.xy, 0);
                if (value.r < 0.0) {{ textureStore(made, at.xy, value); }}
            }}
            // Noise in 0..1: devices compress what is alike.
            @compute @workgroup_size(16, 16) fn fill(@builtin(global_invocation_id) at: vec3u) {{
                var word = (at.x * 1597334677u) ^ (at.y * 3812015801u);
                word = (word ^ (word >> 15u)) * 747796405u;
                let words = vec4u(word, word * 3u, word * 5u, word * 7u) >> vec4u(8u);
                textureStore(made, at.xy, vec4f(words) / 16777216.0);
            }}"
        );
        let views = [self.texture(storage, side)?, self.texture(storage, side)?]
            .map(|texture| texture.create_view(&Default::default()));
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty,
            count: None,
        };
        let read = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let written = wgpu::BindingType::StorageTexture {
            access: wgpu::StorageTextureAccess::WriteOnly,
            format,
            view_dimension: wgpu::TextureViewDimension::D2,
        };
        let groups = [[0, 1], [1, 0]].map(|order| {
            self.group(
                &[entry(0, read), entry(1, written)],
                &order.map(|at| wgpu::BindingResource::TextureView(&views[at])),
            )
        });
        let [forth, back] = groups;
        let (forth, back) = (forth?, back?);
        let bytes = u64::from(side) * u64::from(side) * storage.bytes() as u64;
        let of =
            |entry: &str, (layout, group): &(wgpu::BindGroupLayout, wgpu::BindGroup), moved| {
                let pipeline = self.pipeline(&source, entry, Some(layout))?;
                let seconds = self.fastest(|encoder| {
                    let mut pass = encoder.begin_compute_pass(&Default::default());
                    pass.set_pipeline(&pipeline);
                    pass.set_bind_group(0, group, &[]);
                    pass.dispatch_workgroups(side.div_ceil(16), side.div_ceil(16), 1);
                })?;
                Ok::<_, ExecError>(rate(moved, seconds))
            };
        // The image that is written first is what the others read.
        let write = of("fill", &back, bytes)?;
        Ok(FormatCeilings {
            format: name.to_owned(),
            read: of("load", &forth, bytes)?,
            write,
            copy: of("copy", &forth, 2 * bytes)?,
        })
    }

    /// Microseconds of a dispatch among `count` in one pass.
    fn dispatches(&self, count: u32, dependent: bool) -> Result<f64, ExecError> {
        let source = "@group(0) @binding(0) var<storage, read_write> word: array<u32>;
            @compute @workgroup_size(1) fn nothing() {}
            @compute @workgroup_size(1) fn add() { word[0] += 1u; }";
        let word = self.buffer(16, wgpu::BufferUsages::STORAGE, false)?;
        let entry = super::resources::buffer_entry(
            0,
            wgpu::BufferBindingType::Storage { read_only: false },
        );
        let (layout, group) = self.group(&[entry], &[word.as_entire_binding()])?;
        let (name, layout) = match dependent {
            true => ("add", Some(&layout)),
            false => ("nothing", None),
        };
        let pipeline = self.pipeline(source, name, layout)?;
        let seconds = self.fastest(|encoder| {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            if dependent {
                pass.set_bind_group(0, &group, &[]);
            }
            for _ in 0..count {
                pass.dispatch_workgroups(1, 1, 1);
            }
        })?;
        Ok(seconds * 1e6 / f64::from(count))
    }
}
