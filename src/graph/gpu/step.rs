//! One dispatch: its pipelines, and the bindings that are the same for every frame.

use super::super::executor::{ExecError, Instant};
use super::super::plan::{
    self, NodeId, NodeKind, Operand, ParamsOf, Plan, Slot, SourcePort, Storage, Target,
};
use super::super::style::Library;
use super::context::GpuContext;
use super::planes::PlaneLayout;
use super::shader::{Binding, generate};
use crate::reference::Image;

/// The GPU storage of an image or of a buffer of words.
pub(super) enum GpuImage {
    Texture(wgpu::Texture, wgpu::TextureView),
    Words(wgpu::Buffer),
}

impl GpuImage {
    fn new(
        device: &wgpu::Device,
        Slot {
            extent, storage, ..
        }: Slot,
    ) -> Self {
        if storage == Storage::Words {
            return Self::Words(device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: 4 * u64::from(extent.0),
                usage: wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::COPY_SRC
                    | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        let usage = wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::STORAGE_BINDING
            | wgpu::TextureUsages::COPY_SRC
            | wgpu::TextureUsages::COPY_DST;
        let made = texture(device, extent, texture_format(storage), usage);
        let view = made.create_view(&Default::default());
        Self::Texture(made, view)
    }

    fn resource(&self) -> wgpu::BindingResource<'_> {
        match self {
            Self::Texture(_, view) => wgpu::BindingResource::TextureView(view),
            Self::Words(buffer) => buffer.as_entire_binding(),
        }
    }

    /// Its storage format.
    pub fn storage(&self) -> Storage {
        match self {
            Self::Words(_) => Storage::Words,
            Self::Texture(texture, _) => match texture.format() {
                wgpu::TextureFormat::Rgba16Float => Storage::Rgba16Float,
                wgpu::TextureFormat::Rgba32Float => Storage::Rgba32Float,
                _ => Storage::R32Float,
            },
        }
    }

    /// Copies `from`, which has the same shape, into this one.
    pub fn copy(&self, from: &Self, encoder: &mut wgpu::CommandEncoder) {
        match (from, self) {
            (Self::Texture(from, _), Self::Texture(to, _)) => {
                encoder.copy_texture_to_texture(from.as_image_copy(), to.as_image_copy(), to.size())
            }
            (Self::Words(from), Self::Words(to)) => {
                encoder.copy_buffer_to_buffer(from, 0, to, 0, to.size())
            }
            _ => {}
        }
    }
}

/// Textures and layouts that steps share.
pub(super) struct Resources {
    /// Ring buffers, one for each pool slot: frame N is at N modulo their number.
    pub slots: Vec<Vec<GpuImage>>,
    /// Ring buffers of the newest frames of the decoder's planes, one for each source.
    pub planes: Vec<Vec<wgpu::Buffer>>,
    /// The layouts of the planes of each source in their buffers, for the shaders that read them.
    pub planes_layouts: Vec<wgpu::Buffer>,
    pub histories: Vec<GpuImage>,
    files: Vec<wgpu::TextureView>,
    /// Layout of bind group 0: the frame's facts, the layout of the planes, the planes.
    pub frame_layout: wgpu::BindGroupLayout,
    /// Layout of bind group 2: the words of an output.
    pub words_layout: wgpu::BindGroupLayout,
}

fn texture_format(storage: Storage) -> wgpu::TextureFormat {
    match storage {
        Storage::R32Float | Storage::Words => wgpu::TextureFormat::R32Float,
        Storage::Rgba16Float => wgpu::TextureFormat::Rgba16Float,
        Storage::Rgba32Float => wgpu::TextureFormat::Rgba32Float,
    }
}

fn buffer_entry(binding: u32, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayoutEntry {
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
    /// Allocates them for `frames` frames in flight.
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        plan: &Plan,
        files: &[Image],
        frames: usize,
    ) -> Self {
        let ring = |slot: &Slot| {
            (0..slot.frames)
                .map(|_| GpuImage::new(device, *slot))
                .collect()
        };
        let slots = plan.slots.iter().map(ring);
        let layout = |source: &SourcePort| {
            let format = source.format.as_ref()?;
            Some(PlaneLayout::new(format, source.extent))
        };
        let layouts: Vec<_> = plan.sources.iter().map(layout).collect();
        let planes = layouts.iter().enumerate().map(|(source, layout)| {
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
        let words = layouts.iter().map(|layout| {
            let words = layout.as_ref().map(PlaneLayout::planes_layout);
            uniform(device, &words.unwrap_or(vec![0; 16]))
        });
        let histories = plan.histories.iter();
        let histories = histories.map(|kept| GpuImage::new(device, Slot::of(&kept.image)));
        let files = files.iter().map(|image| upload(device, queue, image));
        let block = wgpu::BufferBindingType::Uniform;
        let layout = |entries: &[wgpu::BindGroupLayoutEntry]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries,
            })
        };
        Self {
            slots: slots.collect(),
            planes: planes.collect(),
            planes_layouts: words.collect(),
            histories: histories.collect(),
            files: files.collect(),
            frame_layout: layout(&[
                buffer_entry(0, block),
                buffer_entry(1, block),
                buffer_entry(2, wgpu::BufferBindingType::Storage { read_only: true }),
            ]),
            words_layout: layout(&[buffer_entry(
                0,
                wgpu::BufferBindingType::Storage { read_only: false },
            )]),
        }
    }
}

impl Resources {
    /// The image in a slot that is written for `instant`.
    pub fn written(&self, slot: usize, instant: &Instant) -> &GpuImage {
        let ring = &self.slots[slot];
        &ring[(instant.index % ring.len() as u64) as usize]
    }

    /// The image in a slot, of the frame at `offset` from the one that `instant` reads, or the nearest of its scene.
    pub fn image(&self, slot: usize, instant: &Instant, offset: i32) -> &GpuImage {
        let facts = &instant.facts;
        let offset = i64::from(offset);
        let offset = offset.clamp(-i64::from(facts.frames_before), facts.frames_after.into());
        let ring = &self.slots[slot];
        let at = (instant.reads as i64 + offset).rem_euclid(ring.len() as i64);
        &ring[at as usize]
    }
}

fn texture(
    device: &wgpu::Device,
    (width, height): (u32, u32),
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

/// The picture of an image file as a texture of single floats.
fn upload(device: &wgpu::Device, queue: &wgpu::Queue, image: &Image) -> wgpu::TextureView {
    let extent = (image.width as u32, image.height as u32);
    let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST;
    let made = texture(device, extent, wgpu::TextureFormat::Rgba32Float, usage);
    let mut pixels = Vec::with_capacity(image.width * image.height * 4);
    for y in 0..image.height {
        let row = image.row(y);
        for x in 0..image.width {
            pixels.extend((0..4).map(|channel| row.channel(channel)[x]));
        }
    }
    queue.write_texture(
        made.as_image_copy(),
        bytemuck::cast_slice(&pixels),
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(extent.0 * 16),
            rows_per_image: None,
        },
        wgpu::Extent3d {
            width: extent.0,
            height: extent.1,
            depth_or_array_layers: 1,
        },
    );
    made.create_view(&Default::default())
}

/// A uniform block that holds `words`.
fn uniform(device: &wgpu::Device, words: &[u32]) -> wgpu::Buffer {
    // At least one vector long, as a uniform block must be.
    let mut padded = words.to_vec();
    padded.resize(words.len().next_multiple_of(4).max(4), 0);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: 4 * padded.len() as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: true,
    });
    if let Ok(mut view) = buffer.get_mapped_range_mut(..) {
        view.copy_from_slice(bytemuck::cast_slice(&padded));
    }
    buffer.unmap();
    buffer
}

/// The content of a binding of group 1.
enum Bound {
    Buffer(wgpu::Buffer),
    /// The image that the step makes, in a pool slot.
    Written(usize),
    /// The image in a pool slot, of the frame at this offset.
    Slot(usize, i32),
    History(usize),
    File(usize),
}

/// A step that is prepared to be dispatched.
pub(super) struct Step {
    pub label: String,
    /// The pipelines, and the number of workgroups of each dispatch.
    pub pipelines: Vec<(wgpu::ComputePipeline, [u32; 2])>,
    /// The node that external code makes, and its slot.
    pub external: Option<(NodeId, usize)>,
    /// The lane that it works in.
    pub lane: usize,
    /// The source whose planes it reads.
    pub source: usize,
    /// Bind group 1, if it is the same for every frame.
    group: Option<wgpu::BindGroup>,
    layout: wgpu::BindGroupLayout,
    bound: Vec<Bound>,
    /// The output that it writes, if any.
    pub port: Option<usize>,
    /// Parameter blocks and their owners.
    params: Vec<(ParamsOf, wgpu::Buffer)>,
}

impl Step {
    pub fn new(
        context: &GpuContext,
        library: &Library,
        plan: &Plan,
        step: &plan::Step,
        resources: &Resources,
    ) -> Result<Self, ExecError> {
        let device = &context.device;
        if let Target::Image { node, slot } = step.target
            && plan.nodes[node].kind == NodeKind::External
        {
            return Ok(Self::external(device, plan, node, slot));
        }
        let shader = generate(library, plan, step)?;
        let port = match step.target {
            Target::Output(port) => Some(port),
            Target::Image { .. } => None,
        };
        let packed = port.map(|port| plan.pack(port));
        let planes = packed.map(|pack| PlaneLayout::new(&pack.format, pack.extent));
        let mut entries = Vec::new();
        let mut buffers = Vec::new();
        for (index, binding) in shader.bindings.iter().enumerate() {
            let number = index as u32;
            entries.push(match binding {
                Binding::Written(storage) => wgpu::BindGroupLayoutEntry {
                    binding: number,
                    visibility: wgpu::ShaderStages::COMPUTE,
                    ty: wgpu::BindingType::StorageTexture {
                        access: wgpu::StorageTextureAccess::WriteOnly,
                        format: texture_format(*storage),
                        view_dimension: wgpu::TextureViewDimension::D2,
                    },
                    count: None,
                },
                Binding::Texture(_) => wgpu::BindGroupLayoutEntry {
                    binding: number,
                    visibility: wgpu::ShaderStages::COMPUTE,
                    ty: wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: false },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                    count: None,
                },
                Binding::Words(_) => {
                    buffer_entry(number, wgpu::BufferBindingType::Storage { read_only: true })
                }
                Binding::WrittenWords => buffer_entry(
                    number,
                    wgpu::BufferBindingType::Storage { read_only: false },
                ),
                Binding::Params(_) | Binding::OutputLayout => {
                    buffer_entry(number, wgpu::BufferBindingType::Uniform)
                }
            });
            buffers.push(match (binding, &planes) {
                (Binding::Params(of), _) => Some(uniform(device, &plan.param_words(*of))),
                (Binding::OutputLayout, Some(planes)) => {
                    Some(uniform(device, &planes.output_layout()))
                }
                _ => None,
            });
        }
        let own_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        });
        let mut bound = Vec::new();
        for (binding, buffer) in shader.bindings.iter().zip(&buffers) {
            let slot = |node: NodeId| {
                plan.slot_of(node).ok_or_else(|| ExecError::Shader {
                    step: shader.label.clone(),
                    message: format!("node {node} is read, but it is not stored"),
                })
            };
            bound.push(match (binding, buffer) {
                (_, Some(buffer)) => Bound::Buffer(buffer.clone()),
                (Binding::Written(_) | Binding::WrittenWords, _) => match step.target {
                    Target::Image { slot, .. } => Bound::Written(slot),
                    Target::Output(_) => continue,
                },
                (Binding::Texture(operand) | Binding::Words(operand), _) => match *operand {
                    Operand::Image(node) => Bound::Slot(slot(node)?, 0),
                    Operand::Window(node, window) => Bound::Slot(slot(node)?, window.from),
                    Operand::History(index) => Bound::History(index),
                    Operand::File(file) => Bound::File(file),
                    Operand::Planes(_) => continue,
                },
                _ => continue,
            });
        }
        let mut layouts = vec![Some(&resources.frame_layout), Some(&own_layout)];
        if port.is_some() {
            layouts.push(Some(&resources.words_layout));
        }
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &layouts,
            immediate_size: 0,
        });
        let pipelines = context.pipelines(&shader.wgsl, || {
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(&shader.label),
                source: wgpu::ShaderSource::Wgsl(shader.wgsl.as_str().into()),
            });
            let pipeline = |entry: &String| {
                device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                    label: Some(&shader.label),
                    layout: Some(&layout),
                    module: &module,
                    entry_point: Some(entry),
                    compilation_options: wgpu::PipelineCompilationOptions {
                        // Tiles are written before they are read. An author's own workgroup memory may not be.
                        zero_initialize_workgroup_memory: !plan
                            .step_kernels(step)
                            .all(|kernel| kernel.twin.is_some()),
                        ..Default::default()
                    },
                    cache: None,
                })
            };
            shader.entries.iter().map(pipeline).collect()
        });
        let grid = |index: usize| match (step.target, &planes) {
            (Target::Image { node, .. }, _) => match plan.nodes[node].phases().get(index) {
                Some(phase) => phase.over,
                None => plan.nodes[node].image.extent,
            },
            (_, Some(planes)) => planes.words_of(index),
            _ => (1, 1),
        };
        let groups = |index: usize| {
            let ((width, height), (columns, rows)) = (grid(index), shader.workgroups[index]);
            [width.div_ceil(columns), height.div_ceil(rows)]
        };
        let pipelines = pipelines.into_iter().enumerate();
        let params = shader.bindings.iter().zip(buffers);
        let mut step = Self {
            external: None,
            lane: plan.lane_of(step.target),
            source: plan.source_of(step),
            group: None,
            layout: own_layout,
            bound,
            pipelines: pipelines
                .map(|(index, pipeline)| (pipeline, groups(index)))
                .collect(),
            port,
            params: params
                .filter_map(|(binding, buffer)| match binding {
                    Binding::Params(of) => Some((*of, buffer?)),
                    _ => None,
                })
                .collect(),
            label: shader.label,
        };
        let moves = |bound: &Bound| matches!(bound, Bound::Slot(slot, _) | Bound::Written(slot) if resources.slots[*slot].len() > 1);
        if !step.bound.iter().any(moves) {
            step.group = Some(step.bind(device, resources, &Instant::default()));
        }
        Ok(step)
    }

    /// A step that external code runs.
    fn external(device: &wgpu::Device, plan: &Plan, node: NodeId, slot: usize) -> Self {
        Self {
            label: plan.nodes[node].label.clone(),
            pipelines: Vec::new(),
            external: Some((node, slot)),
            lane: plan.lane_of(Target::Image { node, slot }),
            source: 0,
            group: None,
            layout: device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries: &[],
            }),
            bound: Vec::new(),
            port: None,
            params: Vec::new(),
        }
    }

    /// Bind group 1 for a frame.
    pub fn group(
        &self,
        device: &wgpu::Device,
        resources: &Resources,
        instant: &Instant,
    ) -> wgpu::BindGroup {
        let group = self.group.clone();
        group.unwrap_or_else(|| self.bind(device, resources, instant))
    }

    fn bind(
        &self,
        device: &wgpu::Device,
        resources: &Resources,
        instant: &Instant,
    ) -> wgpu::BindGroup {
        let bound = self.bound.iter().enumerate().map(|(binding, bound)| {
            let resource = match bound {
                Bound::Buffer(buffer) => buffer.as_entire_binding(),
                Bound::History(index) => resources.histories[*index].resource(),
                Bound::File(file) => wgpu::BindingResource::TextureView(&resources.files[*file]),
                Bound::Written(slot) => resources.written(*slot, instant).resource(),
                Bound::Slot(slot, offset) => resources.image(*slot, instant, *offset).resource(),
            };
            wgpu::BindGroupEntry {
                binding: binding as u32,
                resource,
            }
        });
        let entries: Vec<_> = bound.collect();
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(&self.label),
            layout: &self.layout,
            entries: &entries,
        })
    }

    /// As [`Self::set_params`], of these nodes alone.
    pub fn set_params_of(&self, queue: &wgpu::Queue, plan: &Plan, nodes: &[NodeId]) {
        for (of, buffer) in &self.params {
            if matches!(of, ParamsOf::Node(node) if nodes.contains(node)) {
                queue.write_buffer(buffer, 0, bytemuck::cast_slice(&plan.param_words(*of)));
            }
        }
    }

    /// Uses the parameter values of `plan` for the frames submitted from now on.
    pub fn set_params(&self, queue: &wgpu::Queue, plan: &Plan) {
        for (of, buffer) in &self.params {
            queue.write_buffer(buffer, 0, bytemuck::cast_slice(&plan.param_words(*of)));
        }
    }
}
