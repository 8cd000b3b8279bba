//! Shared memory on any adapter that has it, software ones too: two devices look at one buffer, and external code that
//! works on a device of its own takes the place of CUDA.

use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ash::vk;

use super::super::image::GpuImage;
use super::super::read_back::{download, upload};
use super::super::wait::never;
use super::super::{AdapterFacts, GpuContext, GpuExecutor, adapters};
use super::exported::{self, HANDLE, Raw};
use super::{can_share, supports};
use crate::color::Color;
use crate::frame::{Model, Picture, PixelFormat, Span, Subsampling};
use crate::graph::plan::{
    Call, OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, plan,
};
use crate::graph::shared::{GivenShared, Imported, SharedBuffer, SharesMemory};
use crate::graph::style::{
    InputKind, Layout, Library, ModelDesc, ModelError, ModelFinder, ModelInput, ModelOutput,
    OutputKind, PictureTensor, TensorColor, Values, WantedModel, Window,
};
use crate::graph::{External, Given, Output, ResourceData, Session};

/// An adapter that can share memory.
fn sharing_adapter() -> Option<AdapterFacts> {
    let found = adapters().into_iter().rfind(|adapter| {
        let context = GpuContext::open(adapter).unwrap();
        supports(adapter, context.device.features()).is_ok()
    });
    if found.is_none() {
        crate::skip::skip(
            "no graphics adapter that shares memory",
            "install mesa-vulkan-drivers for software Vulkan",
        );
    }
    found
}

/// A second buffer over the memory of a first one.
fn imported(context: &GpuContext, shared: SharedBuffer) -> wgpu::Buffer {
    // SAFETY: only objects are made.
    let device = unsafe { context.device.as_hal::<wgpu::hal::api::Vulkan>() }.unwrap();
    let raw = Raw::of(&device);
    let empty = raw.empty(shared.bytes).unwrap();
    let mut how = vk::ImportMemoryFdInfoKHR::default()
        .handle_type(HANDLE)
        .fd(shared.handle.into_raw_fd());
    let memory = raw.filled(&empty, shared.allocated, &mut how).unwrap();
    exported::owned(context, &empty, memory, shared.bytes)
}

fn bytes_of(context: &GpuContext, buffer: &wgpu::Buffer) -> Vec<u8> {
    download(context, &GpuImage::Words(buffer.clone()), &never()).unwrap()
}

/// Fills `buffer`, and waits until that is done.
fn fill(context: &GpuContext, buffer: &wgpu::Buffer, bytes: &[u8]) {
    upload(&context.queue, &GpuImage::Words(buffer.clone()), bytes);
    let submission = context.submit(context.device.create_command_encoder(&Default::default()));
    context.wait(&submission, &never()).unwrap();
}

#[test]
fn what_one_device_writes_another_one_reads_in_the_same_memory() {
    let Some(adapter) = sharing_adapter() else {
        return;
    };
    let [ours, theirs] = [(); 2].map(|()| GpuContext::open(&adapter).unwrap());
    // Not a whole number of pages.
    let size = 4 * 5003;
    let (first, shared) = exported::buffer(&ours, size).unwrap();
    assert!(shared.bytes == size && shared.allocated >= size);
    assert!(bytes_of(&ours, &first).iter().all(|byte| *byte == 0));
    let second = imported(&theirs, shared);
    let pattern = |factor: u32| {
        let words = (0..size as u32 / 4).map(|word| word.wrapping_mul(factor));
        bytemuck::pod_collect_to_vec::<u32, u8>(&words.collect::<Vec<_>>())
    };
    fill(&ours, &first, &pattern(2_654_435_761));
    assert!(bytes_of(&theirs, &second) == pattern(2_654_435_761));
    fill(&theirs, &second, &pattern(40_503));
    assert!(bytes_of(&ours, &first) == pattern(40_503));
    // It lives as long as one of them.
    drop(first);
    drop(ours);
    assert!(bytes_of(&theirs, &second) == pattern(40_503));
}

/// A model over pictures, whatever its name is.
#[derive(Debug)]
struct Any;

impl ModelFinder for Any {
    fn find(&self, wanted: &WantedModel) -> Result<Arc<ModelDesc>, ModelError> {
        let picture = PictureTensor {
            layout: Layout::Planar,
            color: TensorColor::Rgb,
            bgr: false,
            scale: [1.0; 3],
            bias: [0.0; 3],
        };
        Ok(Arc::new(ModelDesc {
            name: wanted.to_string(),
            path: "any.onnx".into(),
            identity: "any".to_owned(),
            inputs: vec![ModelInput {
                name: "x".to_owned(),
                kind: InputKind::Picture(picture.clone()),
                half: false,
            }],
            outputs: vec![ModelOutput {
                name: "y".to_owned(),
                kind: OutputKind::Picture(picture),
                half: false,
            }],
            multiple: 1,
            smallest: 1,
            size: None,
            scale: 1,
            window: Window { from: 0, to: 0 },
            most_pixels: 1 << 30,
            assumed: Vec::new(),
        }))
    }
}

/// What [`Negative`] is to fail at.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fails {
    Never,
    ToImport,
    /// The second frame.
    ToRun,
}

/// Turns light into dark, in memory of the processor, or in shared memory on a device of its own.
struct Negative {
    own: Arc<GpuContext>,
    card: String,
    fails: Fails,
    /// Frames of both ways.
    plain: AtomicUsize,
    shared: AtomicUsize,
    told: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Negative {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Negative")
    }
}

fn negative(words: &[u32]) -> Vec<u32> {
    let turned = words.iter().map(|word| 1.0 - f32::from_bits(*word));
    turned.map(f32::to_bits).collect()
}

impl External for Negative {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        self.plain.fetch_add(1, Ordering::Relaxed);
        Ok(negative(&given.inputs[0].words))
    }

    fn sharing(&self) -> Option<&dyn SharesMemory> {
        Some(self)
    }
}

impl SharesMemory for Negative {
    fn card(&self, _: &Call) -> Option<String> {
        Some(self.card.clone())
    }

    fn import(&self, buffer: SharedBuffer) -> Result<Imported, String> {
        match self.fails {
            Fails::ToImport => Err("it cannot be imported".to_owned()),
            _ => Ok(Arc::new(imported(&self.own, buffer))),
        }
    }

    fn run_shared(&self, given: &GivenShared<'_>) -> Result<(), String> {
        let frame = self.shared.fetch_add(1, Ordering::Relaxed);
        if self.fails == Fails::ToRun && frame == 1 {
            return Err("it cannot be run".to_owned());
        }
        let buffer = |memory: &Imported| memory.downcast_ref::<wgpu::Buffer>().unwrap().clone();
        let bytes = bytes_of(&self.own, &buffer(given.inputs[0].memory));
        assert_eq!(given.inputs[0].image.extent, given.made.image.extent);
        let made = negative(&bytemuck::pod_collect_to_vec(&bytes));
        let made: &[u8] = bytemuck::cast_slice(&made);
        fill(&self.own, &buffer(given.made.memory), made);
        Ok(())
    }

    fn not_shared(&self, why: &str) {
        self.told.lock().unwrap().push(why.to_owned());
    }
}

/// Four tiles of the least size.
const SIZE: (u32, u32) = (90, 70);

fn film() -> Vec<Picture> {
    let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 8, false);
    let bytes = 3 * SIZE.0 * SIZE.1;
    let frame = |seed: u32| {
        let noise =
            (0..bytes).map(|at| ((at * 31 + seed * 977).wrapping_mul(2_654_435_761) >> 24) as u8);
        let noise: Vec<u8> = noise.collect();
        Picture::from_rows(SIZE.0, SIZE.1, format, Color::default(), &noise)
    };
    (0..5).map(frame).collect()
}

fn planned(library: &Library, set: &[(&str, &str)]) -> Plan {
    let style = library.load("neural").unwrap();
    let mut values = Values::defaults(&style.params);
    for (param, text) in set {
        values.set("neural", &style.params, param, text).unwrap();
    }
    let source = film().remove(0);
    let request = OutputRequest {
        chain: vec![StyleUse {
            values,
            ..StyleUse::new(style)
        }],
        format: source.format,
        color: source.color,
        temporal: Temporal::Off,
    };
    let options = PlanOptions::default();
    plan(library, &Source::of(&source), &[request], options).unwrap()
}

/// The film through the style `neural` with `code` as its model.
fn played(context: &Arc<GpuContext>, set: &[(&str, &str)], code: &Arc<Negative>) -> Vec<Picture> {
    let library = Library::built_in().with_models(Arc::new(Any));
    let plan = planned(&library, set);
    let files: Vec<_> = plan
        .files
        .iter()
        .map(|_| ResourceData::Code(code.clone()))
        .collect();
    let executor = GpuExecutor::new(&library, plan, &files, context).unwrap();
    let mut session = Session::new(Box::new(executor), Some(0), 7);
    let mut outputs = Vec::new();
    for (pts, picture) in (0..).zip(film()) {
        let span = Span { pts, duration: 1 };
        outputs.extend(session.push(Some(picture), span).unwrap());
    }
    outputs.extend(session.finish().unwrap());
    outputs.into_iter().filter_map(Output::picture).collect()
}

/// What comes of a film through [`Negative`], with its frames in the processor's memory and in shared memory, and what it
/// was told.
struct Run {
    pictures: Vec<Picture>,
    plain: usize,
    shared: usize,
    told: Vec<String>,
}

fn run(adapter: &AdapterFacts, card: &str, fails: Fails, set: &[(&str, &str)]) -> Run {
    let code = Arc::new(Negative {
        own: GpuContext::open(adapter).unwrap(),
        card: card.to_owned(),
        fails,
        plain: AtomicUsize::new(0),
        shared: AtomicUsize::new(0),
        told: Mutex::default(),
    });
    let pictures = played(&GpuContext::open(adapter).unwrap(), set, &code);
    assert_eq!(pictures.len(), film().len());
    let told = code.told.lock().unwrap().clone();
    Run {
        pictures,
        plain: code.plain.load(Ordering::Relaxed),
        shared: code.shared.load(Ordering::Relaxed),
        told,
    }
}

/// Another card than any.
const OTHER: &str = "GPU-00000000-0000-0000-0000-000000000001";

#[test]
fn a_model_in_shared_memory_gives_the_same_pictures() {
    let Some(adapter) = sharing_adapter() else {
        return;
    };
    let own = adapter.uuid.clone().unwrap();
    let ways: [&[(&str, &str)]; 2] = [
        &[("mode", "whole")],
        &[("mode", "tiled"), ("tile_size", "64"), ("overlap", "8")],
    ];
    for set in ways {
        let plain = run(&adapter, OTHER, Fails::Never, set);
        assert_eq!((plain.plain, plain.shared), (5, 0));
        let [told] = &plain.told[..] else {
            panic!("told once: {:?}", plain.told)
        };
        for part in [OTHER, &adapter.name, &own, "another one"] {
            assert!(told.contains(part), "{part} in {told}");
        }
        let shared = run(&adapter, &own, Fails::Never, set);
        assert_eq!((shared.plain, shared.shared), (0, 5));
        assert_eq!(shared.told, [""; 0]);
        let mut pairs = plain.pictures.iter().zip(&shared.pictures);
        assert!(pairs.all(|(a, b)| a.same_samples(b)), "{set:?}");
        // The pictures are those of the model, not those of the source.
        let mut pairs = film().into_iter().zip(&shared.pictures);
        assert!(pairs.all(|(a, b)| !a.same_samples(b)));
    }
}

#[test]
fn a_model_that_cannot_share_is_told_once_and_goes_the_ordinary_way() {
    let Some(adapter) = sharing_adapter() else {
        return;
    };
    let own = adapter.uuid.clone().unwrap();
    let set = &[("mode", "whole")];
    let good = run(&adapter, &own, Fails::Never, set).pictures;
    for (fails, plain, shared, why) in [
        (Fails::ToImport, 5, 0, "it cannot be imported"),
        // The first frame was shared, the second one is made again.
        (Fails::ToRun, 4, 2, "it cannot be run"),
    ] {
        let ran = run(&adapter, &own, fails, set);
        assert_eq!((ran.plain, ran.shared), (plain, shared), "{fails:?}");
        assert_eq!(ran.told, [why]);
        let mut pairs = good.iter().zip(&ran.pictures);
        assert!(pairs.all(|(a, b)| a.same_samples(b)), "{fails:?}");
    }
}

#[test]
fn cards_are_the_same_by_their_uuid_alone() {
    let Some(adapter) = sharing_adapter() else {
        return;
    };
    let context = GpuContext::open(&adapter).unwrap();
    let own = adapter.uuid.clone().unwrap();
    let digits = own.replace("GPU-", "").replace('-', "");
    for same in [own, digits.to_uppercase(), format!("GPU-{digits}")] {
        assert_eq!(can_share(&context, &same), Ok(()));
    }
    // The beginning of a UUID is none.
    for other in [OTHER, "", &digits[..31]] {
        assert!(can_share(&context, other).is_err(), "{other:?}");
    }
    let why = supports(&adapter, wgpu::Features::empty()).unwrap_err();
    assert!(why.contains("VK_KHR_external_memory_fd"), "{why}");
}
