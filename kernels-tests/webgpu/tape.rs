//! Everything that WebGPU needs to run a plan without this program: shaders, bindings, contents and dispatches.

use std::cell::RefCell;

use aquatint::frame::{Facts, OwnedPlanes, Picture, PixelFormat};
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::gpu::FileContent;
use aquatint::graph::gpu::shader::{Binding, ParamsAs, generate_with};
use aquatint::graph::plan::{ImageDesc, NodeId, Operand, OutputPort, Plan, Storage, Target};
use aquatint::graph::style::Library;
use aquatint::graph::{
    Device, ExecError, Executor, Instant, Output, Payload, ResourceData, StepTime, Submission,
};
use serde::Serialize;

/// A part of the tape's data: its first byte, and its length.
type Part = (usize, usize);

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Resource {
    Texture {
        format: &'static str,
        extent: (u32, u32),
        content: Option<Part>,
    },
    /// A size in bytes.
    Buffer { size: usize, content: Option<Part> },
}

#[derive(Serialize)]
struct Step {
    label: String,
    wgsl: String,
    entries: Vec<String>,
    /// Workgroups of each entry.
    groups: Vec<(u32, u32)>,
    /// How each binding of each bind group is used.
    layout: [Vec<&'static str>; 3],
}

#[derive(Default, Serialize)]
struct Frame {
    /// A buffer, and what it holds from this frame on.
    writes: Vec<(usize, Part)>,
    /// A step, and the resources of each bind group.
    steps: Vec<(usize, [Vec<usize>; 3])>,
    /// Histories: from and to.
    copies: Vec<(usize, usize)>,
    /// Buffers to be read after the frame.
    reads: Vec<usize>,
}

/// A plan, its contents and its frames.
#[derive(Default, Serialize)]
pub struct Tape {
    resources: Vec<Resource>,
    steps: Vec<Step>,
    frames: Vec<Frame>,
    #[serde(skip)]
    pub data: Vec<u8>,
    /// What the twins made of the frames, in the order of the buffers that are read.
    #[serde(skip)]
    pub made: Vec<Payload>,
}

thread_local! {
    static TAPE: RefCell<Option<Tape>> = const { RefCell::new(None) };
}

/// What `run` had an executor of [`On::Recorded`](crate::support::On) do.
pub fn recorded(run: impl FnOnce()) -> Tape {
    run();
    TAPE.take().expect("nothing was recorded")
}

impl Tape {
    /// Fills workgroup memory with garbage before each entry; the number of shaders that have any.
    pub fn spoil(&mut self) -> usize {
        let mut count = 0;
        for step in &mut self.steps {
            if let Some(wgsl) = spoilt(&step.wgsl) {
                step.wgsl = wgsl;
                count += 1;
            }
        }
        count
    }

    fn content(&mut self, bytes: &[u8]) -> Part {
        let start = self.data.len();
        self.data.extend(bytes);
        // Each part begins at a whole word.
        self.data.resize(self.data.len().next_multiple_of(4), 0);
        (start, bytes.len())
    }

    fn add(&mut self, resource: Resource) -> usize {
        self.resources.push(resource);
        self.resources.len() - 1
    }

    fn buffer(&mut self, words: usize, content: Option<&[u32]>) -> usize {
        let content = content.map(|words| self.content(&bytes_of(words)));
        let size = 4 * words.next_multiple_of(4).max(4);
        self.add(Resource::Buffer { size, content })
    }

    fn image(&mut self, extent: (u32, u32), storage: Storage) -> usize {
        match format_of(storage) {
            None => self.buffer(extent.0 as usize, None),
            Some(format) => self.add(Resource::Texture {
                format,
                extent,
                content: None,
            }),
        }
    }
}

/// A shader whose entries begin with garbage in workgroup memory; `None` where it has none.
fn spoilt(wgsl: &str) -> Option<String> {
    let mut fill = String::new();
    for declared in wgsl.split("var<workgroup>").skip(1) {
        let (declared, _) = declared.split_once(';')?;
        let (name, kind) = declared.split_once(':')?;
        let (name, kind) = (name.trim(), kind.trim());
        fill += &match kind
            .strip_prefix("array<")
            .and_then(|kind| kind.strip_suffix('>'))
        {
            Some(of) => {
                let (kind, count) = of.rsplit_once(',')?;
                let one = garbage(&format!("{name}[i]"), kind.trim());
                format!("for (var i = 0; i < {}; i++) {{ {one} }}\n", count.trim())
            }
            None => garbage(name, kind),
        };
    }
    if fill.is_empty() {
        return None;
    }
    let mut text = String::new();
    let mut rest = wgsl;
    while let Some(entry) = rest.find("@compute") {
        let body = entry + rest[entry..].find('{')? + 1;
        text += &rest[..body];
        text += &format!("\n{fill}workgroupBarrier();\n");
        rest = &rest[body..];
    }
    Some(text + rest)
}

/// The statement that puts garbage into a variable of this type.
fn garbage(name: &str, kind: &str) -> String {
    match kind {
        "i32" | "u32" => format!("{name} = 987654321;"),
        _ if kind.starts_with("atomic") => format!("atomicStore(&{name}, 987654321u);"),
        _ => format!("{name} = {kind}(1e30);"),
    }
}

fn bytes_of(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The name of a texture's format; `None` of words.
fn format_of(storage: Storage) -> Option<&'static str> {
    Some(match storage {
        Storage::R32Float => "r32float",
        Storage::Rgba16Float => "rgba16float",
        Storage::Rgba16Fixed => "rgba16sint",
        Storage::Rgba32Float => "rgba32float",
        Storage::Words => return None,
    })
}

/// Calls `row` with the place in the buffer, in bytes, of each row of each plane: plane after plane, each row a whole
/// number of words.
fn rows(
    format: &PixelFormat,
    extent: (u32, u32),
    mut row: impl FnMut(usize, usize, usize, usize),
) -> usize {
    let mut at = 0;
    for plane in 0..format.plane_count() {
        let size = format.plane_extent(plane, extent.0, extent.1);
        for y in 0..size.rows {
            row(plane, y, at, size.row_bytes);
            at += size.row_bytes.next_multiple_of(4);
        }
    }
    at
}

/// The planes of a picture as shaders read and write them.
pub fn words_of_planes(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let extent = (picture.width, picture.height);
    rows(&picture.format, extent, |plane, y, at, _| {
        bytes.resize(at, 0);
        bytes.extend(picture.row(plane, y));
    });
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// The picture, shaped as `like`, that a packing shader wrote.
pub fn picture_of(bytes: &[u8], like: &Picture) -> Picture {
    let Picture {
        width,
        height,
        format,
        color,
        ..
    } = *like;
    let mut planes = OwnedPlanes::new(width, height, &format);
    rows(&format, (width, height), |plane, y, at, length| {
        planes.plane_mut(plane)[y * length..(y + 1) * length]
            .copy_from_slice(&bytes[at..at + length]);
    });
    Picture::new(width, height, format, color, planes)
}

/// Runs a plan on the twins, and keeps what WebGPU needs to run it, too.
pub struct Recorder {
    executor: CpuExecutor,
    /// As given: the twins have images in other slots.
    plan: Plan,
    tape: Tape,
    bindings: Vec<Vec<Binding>>,
    /// The images of each pool slot: frame N is at N modulo their number.
    slots: Vec<Vec<usize>>,
    histories: Vec<usize>,
    files: Vec<usize>,
    params: Vec<Vec<usize>>,
    planes: Vec<Vec<usize>>,
    facts: Vec<usize>,
    /// Where the part of the grid begins: at 0.
    origin: usize,
    ports: Vec<Option<usize>>,
}

impl Recorder {
    pub fn new(library: &Library, plan: Plan, files: &[ResourceData]) -> Self {
        let mut executor = CpuExecutor::new(plan.clone(), files).unwrap();
        executor.poison();
        let mut tape = Tape::default();
        let file = |tape: &mut Tape, content: &ResourceData| {
            let image = match FileContent::of(content).unwrap() {
                FileContent::Texture(image) => image,
                FileContent::Table(table) => {
                    let words: Vec<u32> = table.iter().map(|number| number.to_bits()).collect();
                    let content = Some(tape.content(&bytes_of(&words)));
                    return tape.add(Resource::Buffer {
                        size: 4 * words.len(),
                        content,
                    });
                }
            };
            let mut words = Vec::new();
            for y in 0..image.height {
                let row = image.row(y);
                for x in 0..image.width {
                    words.extend((0..4).map(|channel| row.channel(channel)[x].to_bits()));
                }
            }
            let content = Some(tape.content(&bytes_of(&words)));
            tape.add(Resource::Texture {
                format: "rgba32float",
                extent: (image.width as u32, image.height as u32),
                content,
            })
        };
        let files: Vec<usize> = files
            .iter()
            .map(|content| file(&mut tape, content))
            .collect();
        let slots = plan.slots.iter().map(|slot| {
            let frames = 0..slot.frames;
            frames
                .map(|_| tape.image(slot.extent, slot.storage))
                .collect()
        });
        let slots = slots.collect();
        let histories = plan.histories.iter();
        let histories = histories.map(|kept| tape.image(kept.image.extent, kept.image.storage));
        let histories = histories.collect();
        let sources = plan.sources.iter().enumerate();
        let planes = sources.map(|(source, port)| {
            let bytes = port
                .format
                .map_or(16, |format| rows(&format, port.extent, |_, _, _, _| ()));
            let kept = 0..plan.planes_kept(source);
            kept.map(|_| tape.buffer(bytes / 4, None)).collect()
        });
        let planes = planes.collect();
        let words = Facts::default().words().len();
        let facts = plan.lanes.iter().map(|_| tape.buffer(words, None));
        let facts = facts.collect();
        let origin = tape.buffer(4, None);
        let ports = plan.outputs.iter().map(|port| match port {
            OutputPort::Frame(pack) => {
                let bytes = rows(&pack.format, pack.extent, |_, _, _, _| ());
                Some(tape.buffer(bytes / 4, None))
            }
            OutputPort::Image(_) => None,
        });
        let ports = ports.collect();
        let (mut bindings, mut params) = (Vec::new(), Vec::new());
        for step in &plan.steps {
            let shader = generate_with(library, &plan, step, ParamsAs::Constants).unwrap();
            let mut own = Vec::new();
            for binding in &shader.bindings {
                if let Binding::Params(of) = binding {
                    let words = plan.param_words(*of);
                    own.push(tape.buffer(words.len(), Some(&words)));
                }
            }
            params.push(own);
            let used = shader.bindings.iter().map(|binding| match binding {
                Binding::Written(storage) => format_of(*storage).unwrap(),
                Binding::WrittenWords => "storage",
                Binding::Params(_) => "uniform",
                Binding::Texture(read) => match plan.storage_of(*read) {
                    Some(Storage::Rgba16Fixed) => "texture of integers",
                    _ => "texture",
                },
                Binding::Words(_) | Binding::Table(_) => "read-only-storage",
            });
            let grids = shader.grids.iter().zip(&shader.workgroups);
            let groups =
                grids.map(|((columns, rows), (x, y))| (columns.div_ceil(*x), rows.div_ceil(*y)));
            let output = matches!(step.target, Target::Output(_));
            tape.steps.push(Step {
                groups: groups.collect(),
                layout: [
                    vec!["uniform", "uniform", "read-only-storage"],
                    used.collect(),
                    if output { vec!["storage"] } else { vec![] },
                ],
                label: shader.label,
                wgsl: shader.wgsl,
                entries: shader.entries,
            });
            bindings.push(shader.bindings);
        }
        Self {
            executor,
            plan,
            tape,
            bindings,
            slots,
            histories,
            files,
            params,
            planes,
            facts,
            origin,
            ports,
        }
    }

    fn written(&self, slot: usize, instant: &Instant) -> usize {
        self.slots[slot][place(&self.slots[slot], instant.index)]
    }

    /// The image of `node`, of the frame at `offset` from the one that `instant` reads, or the nearest of its scene.
    fn read(&self, node: NodeId, offset: i32, instant: &Instant) -> usize {
        let slot = &self.slots[self.plan().slot_of(node).unwrap()];
        let (before, after) = (instant.facts.frames_before, instant.facts.frames_after);
        let offset = i64::from(offset).clamp(-i64::from(before), after.into());
        slot[(instant.reads as i64 + offset).rem_euclid(slot.len() as i64) as usize]
    }

    /// The resources that a step is bound to for `instant`.
    fn bound(&self, index: usize, instant: &Instant) -> [Vec<usize>; 3] {
        let plan = self.plan();
        let step = &plan.steps[index];
        let planes = &self.planes[plan.source_of(step)];
        let frame = vec![
            self.facts[plan.lane_of(step.target)],
            self.origin,
            planes[place(planes, instant.reads)],
        ];
        let mut params = self.params[index].iter();
        let own = self.bindings[index].iter().map(|binding| match binding {
            Binding::Params(_) => *params.next().unwrap(),
            Binding::Written(_) | Binding::WrittenWords => match step.target {
                Target::Image { slot, .. } => self.written(slot, instant),
                Target::Output(_) => panic!("an output is written as words"),
            },
            Binding::Table(file) => self.files[*file],
            Binding::Texture(operand) | Binding::Words(operand) => match *operand {
                Operand::Image(node) => self.read(node, 0, instant),
                Operand::Window(node, window) => self.read(node, window.from, instant),
                Operand::History(index) => self.histories[index],
                Operand::File(file) => self.files[file],
                Operand::Planes(_) => panic!("planes are bound for the frame"),
            },
        });
        let own = own.collect();
        let port = match step.target {
            Target::Output(port) => self.ports[port].into_iter().collect(),
            Target::Image { .. } => Vec::new(),
        };
        [frame, own, port]
    }
}

fn place<T>(ring: &[T], index: u64) -> usize {
    (index % ring.len() as u64) as usize
}

impl Executor for Recorder {
    fn device(&self) -> Device {
        self.executor.device()
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn submit(&mut self, work: Submission) -> Result<Vec<Output>, ExecError> {
        let plan = self.plan().clone();
        let mut frame = Frame::default();
        for source in 0..plan.sources.len() {
            if let (Some(picture), Some(newest)) = (work.picture(source), work.newest()) {
                let part = self.tape.content(&words_of_planes(picture));
                let ring = &self.planes[source];
                frame.writes.push((ring[place(ring, newest.index)], part));
            }
        }
        for (lane, instant) in work.frames.iter().enumerate() {
            if let Some(instant) = instant {
                let part = self.tape.content(&bytes_of(&instant.facts.words()));
                frame.writes.push((self.facts[lane], part));
            }
        }
        for (index, step) in plan.steps.iter().enumerate() {
            if let Some(instant) = work.frame(plan.lane_of(step.target)) {
                frame.steps.push((index, self.bound(index, instant)));
            }
        }
        for (history, to) in plan.histories.iter().zip(&self.histories) {
            if let Some(slot) = plan.slot_of(history.commit) {
                let lane = plan.lane_of(Target::Image {
                    node: history.commit,
                    slot,
                });
                if let Some(instant) = work.frame(lane) {
                    frame.copies.push((self.written(slot, instant), *to));
                }
            }
        }
        for (port, output) in plan.outputs.iter().enumerate() {
            let Some(instant) = work.frame(plan.lane_of_port(port)) else {
                continue;
            };
            frame.reads.push(match (output, self.ports[port]) {
                (OutputPort::Frame(_), Some(words)) => words,
                (OutputPort::Image(node), _) => {
                    assert_eq!(plan.nodes[*node].image.storage, Storage::Words);
                    self.written(plan.slot_of(*node).unwrap(), instant)
                }
                (OutputPort::Frame(_), None) => panic!("a port of planes has words"),
            });
        }
        self.tape.frames.push(frame);
        let outputs = self.executor.submit(work)?;
        let made = outputs.iter().map(|output| output.payload.clone());
        self.tape.made.extend(made);
        Ok(outputs)
    }

    fn drain(&mut self) -> Result<Vec<Output>, ExecError> {
        let outputs = self.executor.drain()?;
        assert!(outputs.is_empty(), "the twins are never behind");
        Ok(outputs)
    }

    fn save(&mut self) -> Result<Vec<u8>, ExecError> {
        self.executor.save()
    }

    /// Of a plan that carries buffers of words alone.
    fn restore(&mut self, state: &[u8]) -> Result<(), ExecError> {
        self.executor.restore(state)?;
        let mut rest = state.get(8..).unwrap_or_default();
        let mut take = |length: usize| {
            let (taken, left) = rest.split_at(length);
            rest = left;
            taken
        };
        let histories: Vec<ImageDesc> = self
            .plan()
            .histories
            .iter()
            .map(|kept| kept.image)
            .collect();
        for (image, resource) in histories.into_iter().zip(self.histories.clone()) {
            assert_eq!(image.storage, Storage::Words);
            let length = u32::from_le_bytes(take(4).try_into().unwrap());
            take(length as usize);
            let length = u64::from_le_bytes(take(8).try_into().unwrap());
            let part = self.tape.content(take(length as usize));
            match &mut self.tape.resources[resource] {
                Resource::Buffer { content, .. } => *content = Some(part),
                Resource::Texture { .. } => panic!("words are in a buffer"),
            }
        }
        Ok(())
    }

    fn set_params(&mut self, _: &Plan) -> Result<(), ExecError> {
        panic!("parameters are constants of the shaders")
    }

    fn step_times(&self) -> Vec<StepTime> {
        Vec::new()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        TAPE.set(Some(std::mem::take(&mut self.tape)));
    }
}
