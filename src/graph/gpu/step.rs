//! One step: its pipelines, what they are bound to, and how its dispatches are split.

use std::collections::HashMap;

use super::super::executor::{ExecError, Instant};
use super::super::plan::{self, NodeId, Operand, ParamsOf, Plan, Storage, Target};
use super::super::style::Library;
use super::context::GpuContext;
use super::fits::check_bindings;
use super::image::texture_format;
use super::resources::{Bound, Origins, Resources, buffer_entry};
use super::shader::{Binding, ParamsAs, Shader, generate_with};
use super::work::{Grid, Part};

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

/// One dispatch of a step, and how it is split into parts.
pub(super) struct Dispatch {
    pub pipeline: wgpu::ComputePipeline,
    pub grid: Grid,
    /// Seconds that a cell of the grid takes; `None` where that is not known.
    seconds: Option<f64>,
    /// The offsets of the parts in [`Origins`], the parts, and the seconds that one takes.
    pub parts: Vec<(u32, Part)>,
    /// Whether the first frame tells how long it takes. Where parameters change, what one frame takes says nothing of
    /// the next one, and all parts stay as small as they can be.
    measured: bool,
}

impl Dispatch {
    fn new(pipeline: wgpu::ComputePipeline, grid: Grid, measured: bool) -> Self {
        Self {
            pipeline,
            grid,
            seconds: None,
            parts: Vec::new(),
            measured,
        }
    }

    /// Whether its time is to be measured before it can be split well: where it has more than one cell.
    pub fn is_unknown(&self) -> bool {
        self.measured && self.seconds.is_none() && self.grid.cells() > 1
    }

    /// Splits it, now that a cell is known to take `seconds`.
    pub fn know(&mut self, seconds: f64, origins: &Origins) {
        self.seconds = Some(seconds);
        let parts = self.grid.parts_within_budget(seconds);
        self.set_parts(parts, origins);
    }

    /// Seconds that a part is expected to take; 0 where nothing is known.
    pub fn seconds_of(&self, part: &Part) -> f64 {
        self.seconds.unwrap_or(0.0) * f64::from(part.cells)
    }

    fn set_parts(&mut self, parts: Vec<Part>, origins: &Origins) {
        let parts = parts.into_iter();
        self.parts = parts.map(|part| (origins.offset(&part), part)).collect();
    }
}

/// A step that is prepared to be dispatched.
pub(super) struct Step {
    pub label: String,
    pub dispatches: Vec<Dispatch>,
    /// The node that external code makes, and its slot.
    pub external: Option<(NodeId, usize)>,
    /// The lane that it works in.
    pub lane: usize,
    /// The source whose planes it reads.
    pub source: usize,
    layout: wgpu::BindGroupLayout,
    bound: Vec<Bound>,
    /// Bind groups 1 by the places of the images that they bind.
    groups: HashMap<Vec<usize>, wgpu::BindGroup>,
    /// The output that it writes, if any.
    pub port: Option<usize>,
    /// Parameter blocks in uniform buffers, and their owners.
    pub params: Vec<(ParamsOf, wgpu::Buffer)>,
}

/// How the steps of an executor are made.
#[derive(Clone, Copy)]
pub(super) struct StepOptions {
    pub params: ParamsAs,
    /// The most invocations of a dispatch whose time is not known.
    pub most: u32,
}

impl Step {
    pub fn new(
        context: &GpuContext,
        library: &Library,
        plan: &Plan,
        step: &plan::Step,
        resources: &Resources,
        options: StepOptions,
    ) -> Result<Self, ExecError> {
        if let Target::Image { node, slot } = step.target
            && plan.nodes[node].is_external()
        {
            return Ok(Self::external(&context.device, plan, node, slot));
        }
        let shader = generate_with(library, plan, step, options.params)?;
        let (layout, bound, params) = bindings(context, plan, step, &shader)?;
        let port = match step.target {
            Target::Output(port) => Some(port),
            Target::Image { .. } => None,
        };
        let mut layouts = vec![Some(&resources.frame_layout), Some(&layout)];
        if port.is_some() {
            layouts.push(Some(&resources.words_layout));
        }
        let pipelines = compile(context, &shader, &layouts)?;
        // Where a parameter follows a track, or may be set, the time changes with it.
        let measured = params.is_empty();
        let grids = shader.grids.iter().zip(&shader.workgroups);
        let dispatches = pipelines.into_iter().zip(grids);
        let dispatches = dispatches.map(|(pipeline, (size, workgroup))| {
            let grid = Grid::new(*size, *workgroup, options.most);
            Dispatch::new(pipeline, grid, measured)
        });
        Ok(Self {
            external: None,
            lane: plan.lane_of(step.target),
            source: plan.source_of(step),
            dispatches: dispatches.collect(),
            layout,
            bound,
            groups: HashMap::new(),
            port,
            params,
            label: shader.label,
        })
    }

    /// A step that external code runs.
    fn external(device: &wgpu::Device, plan: &Plan, node: NodeId, slot: usize) -> Self {
        Self {
            label: plan.nodes[node].label.clone(),
            dispatches: Vec::new(),
            external: Some((node, slot)),
            lane: plan.lane_of(Target::Image { node, slot }),
            source: 0,
            layout: device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries: &[],
            }),
            bound: Vec::new(),
            groups: HashMap::new(),
            port: None,
            params: Vec::new(),
        }
    }

    /// All parts that its dispatches may have.
    pub fn cells(&self) -> impl Iterator<Item = Part> {
        let grids = self.dispatches.iter().map(|dispatch| dispatch.grid);
        grids.flat_map(|grid| grid.parts(1))
    }

    /// Splits its dispatches into the smallest parts, until their time is known.
    pub fn split(&mut self, origins: &Origins) {
        for dispatch in &mut self.dispatches {
            let parts = dispatch.grid.parts(1);
            dispatch.set_parts(parts, origins);
        }
    }

    /// Bind group 1 for a frame.
    pub fn group(
        &mut self,
        device: &wgpu::Device,
        resources: &Resources,
        instant: &Instant,
    ) -> wgpu::BindGroup {
        let bound = self.bound.iter();
        let places: Vec<usize> = bound.map(|bound| resources.place(bound, instant)).collect();
        let made = self.groups.entry(places).or_insert_with(|| {
            let entries = self.bound.iter().enumerate();
            let entries: Vec<_> = entries
                .map(|(binding, bound)| wgpu::BindGroupEntry {
                    binding: binding as u32,
                    resource: resources.bound(bound, instant),
                })
                .collect();
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(&self.label),
                layout: &self.layout,
                entries: &entries,
            })
        });
        made.clone()
    }

    /// Its parameter blocks of these nodes.
    pub fn params_of(&self, nodes: &[NodeId]) -> impl Iterator<Item = &(ParamsOf, wgpu::Buffer)> {
        let of = |of: &ParamsOf| matches!(of, ParamsOf::Node(node) if nodes.contains(node));
        self.params.iter().filter(move |(owner, _)| of(owner))
    }

    /// Uses the parameter values of `plan` for the frames submitted from now on.
    pub fn set_params(&self, queue: &wgpu::Queue, plan: &Plan) {
        for (of, buffer) in &self.params {
            queue.write_buffer(buffer, 0, bytemuck::cast_slice(&plan.param_words(*of)));
        }
    }
}

/// The layout of bind group 1, what is bound in it, and the parameter blocks.
type Bindings = (
    wgpu::BindGroupLayout,
    Vec<Bound>,
    Vec<(ParamsOf, wgpu::Buffer)>,
);

fn bindings(
    context: &GpuContext,
    plan: &Plan,
    step: &plan::Step,
    shader: &Shader,
) -> Result<Bindings, ExecError> {
    check_bindings(plan, &shader.label, &shader.bindings, context)?;
    let mut entries = Vec::new();
    let mut bound = Vec::new();
    let mut params = Vec::new();
    let slot = |node: NodeId| {
        plan.slot_of(node).ok_or_else(|| ExecError::Shader {
            step: shader.label.clone(),
            message: format!("node {node} is read, but it is not stored"),
        })
    };
    let written = match step.target {
        Target::Image { slot, .. } => slot,
        Target::Output(_) => 0,
    };
    for (index, binding) in shader.bindings.iter().enumerate() {
        let number = index as u32;
        let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
        let image = |ty| wgpu::BindGroupLayoutEntry {
            binding: number,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty,
            count: None,
        };
        entries.push(match binding {
            Binding::Written(storage) => image(wgpu::BindingType::StorageTexture {
                access: wgpu::StorageTextureAccess::WriteOnly,
                format: texture_format(*storage),
                view_dimension: wgpu::TextureViewDimension::D2,
            }),
            Binding::Texture(operand) => image(wgpu::BindingType::Texture {
                sample_type: match plan.storage_of(*operand) {
                    Some(Storage::Rgba16Fixed) => wgpu::TextureSampleType::Sint,
                    _ => wgpu::TextureSampleType::Float { filterable: false },
                },
                view_dimension: wgpu::TextureViewDimension::D2,
                multisampled: false,
            }),
            Binding::Words(_) | Binding::Table(_) => buffer_entry(number, storage(true)),
            Binding::WrittenWords => buffer_entry(number, storage(false)),
            Binding::Params(_) => buffer_entry(number, wgpu::BufferBindingType::Uniform),
        });
        bound.push(match binding {
            Binding::Params(of) => {
                let words = plan.param_words(*of);
                let buffer = context.make(|| uniform(&context.device, &words))?;
                params.push((*of, buffer.clone()));
                Bound::Buffer(buffer)
            }
            Binding::Written(_) | Binding::WrittenWords => Bound::Written(written),
            Binding::Table(file) => Bound::File(*file),
            Binding::Texture(operand) | Binding::Words(operand) => match *operand {
                Operand::Image(node) => Bound::Slot(slot(node)?, 0),
                Operand::Window(node, window) => Bound::Slot(slot(node)?, window.from),
                Operand::History(index) => Bound::History(index),
                Operand::File(file) => Bound::File(file),
                Operand::Planes(_) => continue,
            },
        });
    }
    let layout = context.make(|| {
        let descriptor = wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        };
        context.device.create_bind_group_layout(&descriptor)
    })?;
    Ok((layout, bound, params))
}

/// Compiles the pipelines of a shader, one for each entry point.
fn compile(
    context: &GpuContext,
    shader: &Shader,
    layouts: &[Option<&wgpu::BindGroupLayout>],
) -> Result<Vec<wgpu::ComputePipeline>, ExecError> {
    let device = &context.device;
    let key = (shader.wgsl.clone(), shader.built_in);
    context.pipelines(key, || {
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: layouts,
            immediate_size: 0,
        });
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(&shader.label),
            source: wgpu::ShaderSource::Wgsl(shader.wgsl.as_str().into()),
        };
        let module = match shader.built_in {
            true => trusted(device, descriptor),
            false => device.create_shader_module(descriptor),
        };
        let pipeline = |entry: &String| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(&shader.label),
                layout: Some(&layout),
                module: &module,
                entry_point: Some(entry),
                compilation_options: wgpu::PipelineCompilationOptions {
                    // Built-in kernels write workgroup memory before they read it. An author's own may not.
                    zero_initialize_workgroup_memory: !shader.built_in,
                    ..Default::default()
                },
                cache: None,
            })
        };
        shader.entries.iter().map(pipeline).collect()
    })
}

/// The module of a built-in shader, without the guards that wgpu puts around every loop and every division, which keep
/// drivers from unrolling loops.
fn trusted(
    device: &wgpu::Device,
    descriptor: wgpu::ShaderModuleDescriptor<'_>,
) -> wgpu::ShaderModule {
    let mut checks = wgpu::ShaderRuntimeChecks::checked();
    checks.force_loop_bounding = false;
    checks.int_div_checks = false;
    // SAFETY: built-in kernels are run against their twins over extreme parameters, so their loops end and they divide
    // by no zero. An author's own kernel, and one that was changed, never comes here.
    unsafe { device.create_shader_module_trusted(descriptor, checks) }
}
