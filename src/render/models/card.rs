//! Runs a model on tensors that stay in the memory of the graph's card.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::run::{Running, State, batched};
use crate::graph::plan::{Call, Tensor};
use crate::graph::{GivenShared, Imported, SharedBuffer, SharesMemory};
use crate::neural::{self, CardMemory, CardTensor, Dtype, NeuralError, Said};

/// Engines take tensors that begin at multiples of so many bytes (TensorRT demands it).
const ALIGNED: u64 = 256;
/// Of so many frames, the first is copied to the processor, to see that its numbers are finite: that of all frames would
/// cost what sharing saves.
const LOOKED_AT: usize = 64;

/// What is imported of a buffer.
type Memory = Box<dyn CardMemory>;

/// Bytes of a tensor for one tile.
fn bytes(tensor: &Tensor) -> u64 {
    4 * tensor.words() as u64
}

/// Whether a call can be made in shared memory; the error says why it cannot.
fn fits(call: &Call) -> Result<(), String> {
    if call.inputs.iter().any(|input| input.frames > 1) {
        return Err("the model sees several frames, which lie in a buffer each".to_owned());
    }
    if call.outputs.iter().any(|output| !output.batched) {
        return Err("the model makes numbers".to_owned());
    }
    let tiled = call.inputs.iter().filter(|input| input.batched);
    let mut steps = tiled.chain(&call.outputs).map(bytes);
    // One tile begins with the buffer; only several outputs would follow each other.
    let alone = call.tiles == 1 && call.outputs.len() == 1;
    if !alone && steps.any(|step| step % ALIGNED != 0) {
        return Err(format!(
            "a tile does not begin at a multiple of {ALIGNED} bytes: sides of multiples of 8 do"
        ));
    }
    Ok(())
}

impl SharesMemory for Running {
    fn card(&self, call: &Call) -> Option<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Where memory ran out, it is run in parts, which are cut on the processor.
        if state.most.is_some() {
            return None;
        }
        let card = state.engine.on_card()?.card().uuid().to_owned();
        match fits(call) {
            Ok(()) => Some(card),
            Err(why) => {
                self.not_shared(&why);
                None
            }
        }
    }

    fn import(&self, buffer: SharedBuffer) -> Result<Imported, String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = state.engine.on_card();
        let engine = engine.ok_or("the engine works on no card any more")?;
        let memory: Memory = engine
            .card()
            .import(buffer.handle, buffer.bytes, buffer.allocated)?;
        self.words.add(Said::Info(format!(
            "the tensors of {} stay in the memory of the card",
            self.model.name
        )));
        Ok(Arc::new(memory))
    }

    fn run_shared(&self, given: &GivenShared<'_>) -> Result<(), String> {
        let call = given.call;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = |imported| memory_of(imported).ok_or("it is the memory of another model");
        let inputs = given.inputs.iter().map(|image| memory(image.memory));
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        let made = memory(given.made.memory)?;
        let looks = self
            .shared
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(LOOKED_AT);
        let (mut first, tiles) = (0, call.tiles as usize);
        while first < tiles {
            let count = state.at_once(call).min(tiles - first);
            let part = Part { call, first, count };
            match self.part(&mut state, part, &inputs, made, looks) {
                Err(why) if count > 1 => self.one_by_one(&mut state, &why),
                ran => {
                    ran?;
                    first += count;
                }
            }
        }
        Ok(())
    }

    fn not_shared(&self, why: &str) {
        self.words.add(Said::Warning(neural::detour(why)));
    }
}

/// The memory of an image, as [`SharesMemory::import`] gave it.
fn memory_of(imported: &Imported) -> Option<&dyn CardMemory> {
    imported.downcast_ref::<Memory>().map(|memory| &**memory)
}

fn on_card<'a>(
    tensor: &'a Tensor,
    shape: &'a [usize],
    memory: &'a dyn CardMemory,
    at: u64,
) -> CardTensor<'a> {
    CardTensor {
        name: &tensor.name,
        shape,
        dtype: if tensor.half { Dtype::F16 } else { Dtype::F32 },
        memory,
        at,
    }
}

/// Some tiles of a call.
#[derive(Clone, Copy)]
struct Part<'a> {
    call: &'a Call,
    first: usize,
    count: usize,
}

impl Running {
    /// Runs the tiles of `part`, which lie in `inputs` and go to `made`; `looks` at their numbers.
    fn part(
        &self,
        state: &mut State,
        part: Part<'_>,
        inputs: &[&dyn CardMemory],
        made: &dyn CardMemory,
        looks: bool,
    ) -> Result<(), String> {
        let Part { call, first, count } = part;
        let engine = state.engine.on_card();
        let engine = engine.ok_or("the engine works on no card any more")?;
        let shapes = |tensors: &[Tensor]| {
            let shapes = tensors.iter().map(|tensor| batched(tensor, count));
            shapes.collect::<Vec<_>>()
        };
        let (into, out) = (shapes(&call.inputs), shapes(&call.outputs));
        let tensors = call.inputs.iter().zip(&into).zip(inputs);
        let tensors = tensors.map(|((tensor, shape), memory)| {
            let at = if tensor.batched {
                first as u64 * bytes(tensor)
            } else {
                0
            };
            on_card(tensor, shape, *memory, at)
        });
        let tensors: Vec<_> = tensors.collect();
        let step: u64 = call.outputs.iter().map(bytes).sum();
        let mut at = first as u64 * step;
        let outputs = call.outputs.iter().zip(&out).map(|(tensor, shape)| {
            let output = on_card(tensor, shape, made, at);
            at += bytes(tensor);
            output
        });
        let outputs: Vec<_> = outputs.collect();
        let ran = engine.run_on_card(&tensors, &outputs);
        ran.map_err(|error| error.to_string())?;
        let mut looked_at = outputs.iter().filter(|_| looks);
        looked_at.try_for_each(|output| self.look(output))
    }

    /// An error where a number of `output` is not finite.
    fn look(&self, output: &CardTensor<'_>) -> Result<(), String> {
        let mut bytes = vec![0; output.bytes().unwrap_or(0)];
        output.memory.read(output.at, &mut bytes)?;
        let finite = match output.dtype {
            Dtype::F32 => {
                let (values, _) = bytes.as_chunks::<4>();
                values
                    .iter()
                    .all(|value| f32::from_ne_bytes(*value).is_finite())
            }
            Dtype::F16 => {
                let (values, _) = bytes.as_chunks::<2>();
                let finite = |bits: u16| bits & 0x7c00 != 0x7c00;
                values
                    .iter()
                    .all(|value| finite(u16::from_ne_bytes(*value)))
            }
        };
        match finite {
            true => Ok(()),
            false => Err(NeuralError::NotFinite {
                model: self.model.path().to_owned(),
                tensor: output.name.to_owned(),
            }
            .to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{Seek, Write};
    use std::path::PathBuf;
    use std::sync::Mutex;

    use super::*;
    use crate::color::Color;
    use crate::frame::{Picture, PixelFormat, Span, Subsampling};
    use crate::graph::gpu::{GpuContext, GpuExecutor, adapters};
    use crate::graph::plan::{
        File, ImageDesc, OutputRequest, PlanOptions, Source, Storage, StyleUse, Temporal, plan,
    };
    use crate::graph::style::{Library, Values};
    use crate::graph::{External, Instant, Output, ResourceData, Session, SharedImage};
    use crate::neural::made::{Made, dims};
    use crate::neural::ram::Processor;
    use crate::neural::{
        Card, CardEngine, Engine, EngineChoice, EngineKind, Model, NeuralFailure, Overrides,
        TensorOwned, TensorRef,
    };
    use crate::render::models::{Words, with_models, words};

    /// A model that gives its picture back, and where it lies.
    fn model(input: &str) -> (tempfile::TempDir, PathBuf, Model) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("same.onnx");
        std::fs::write(&path, Made::identity(dims(input)).bytes()).unwrap();
        let model = Model::at(&path, Overrides::default()).unwrap();
        (folder, path, model)
    }

    /// An engine on a card that doubles its tensor, of at most so many tiles. It cannot do anything else.
    struct Doubling {
        most: usize,
        /// Tiles of each run.
        batches: Arc<Mutex<Vec<usize>>>,
    }

    impl Engine for Doubling {
        fn kind(&self) -> EngineKind {
            EngineKind::Cuda
        }

        fn describe(&self) -> String {
            "a test".to_owned()
        }

        fn run(&mut self, _: &[TensorRef<'_>], _: &[&str]) -> neural::Result<Vec<TensorOwned>> {
            panic!("the tensors are on the card")
        }

        fn on_card(&mut self) -> Option<&mut dyn CardEngine> {
            Some(self)
        }
    }

    impl CardEngine for Doubling {
        fn card(&self) -> &dyn Card {
            &Processor
        }

        fn run_on_card(
            &mut self,
            inputs: &[CardTensor<'_>],
            outputs: &[CardTensor<'_>],
        ) -> neural::Result<()> {
            let (from, to) = (&inputs[0], &outputs[0]);
            assert_eq!((from.name, to.name), ("in", "out"));
            assert_eq!((from.shape, &from.shape[1..]), (to.shape, &[3, 8, 8][..]));
            self.batches.lock().unwrap().push(from.shape[0]);
            if from.shape[0] > self.most {
                return Err(NeuralError::Run {
                    model: "same.onnx".into(),
                    engine: EngineKind::Cuda,
                    why: "too many".to_owned(),
                });
            }
            let mut values = vec![0_f32; from.numbers().unwrap()];
            let read = from
                .memory
                .read(from.at, bytemuck::cast_slice_mut(&mut values));
            read.unwrap();
            for value in &mut values {
                *value *= 2.0;
            }
            let bytes: &[u8] = bytemuck::cast_slice(&values);
            assert_eq!(to.bytes(), Some(bytes.len()));
            // SAFETY: so many bytes of the processor's memory lie there, which may be written.
            unsafe {
                let to = (to.memory.address() + to.at) as *mut u8;
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            }
            Ok(())
        }
    }

    fn running() -> (Running, Words) {
        let (running, words, _) = running_with("1,3,height,width", 1);
        (running, words)
    }

    /// With a model whose input has these dimensions, in an engine that runs at most so many tiles; and the tiles of each
    /// run.
    fn running_with(input: &str, most: usize) -> (Running, Words, Arc<Mutex<Vec<usize>>>) {
        let (_folder, _, model) = model(input);
        let words = Words::default();
        let choice = EngineChoice::Only(EngineKind::Cuda);
        let batches = Arc::default();
        let engine = Doubling {
            most,
            batches: Arc::clone(&batches),
        };
        let running = Running::with(&model, Box::new(engine), choice, words.clone());
        (running, words, batches)
    }

    fn tensor(name: &str, side: u32) -> Tensor {
        Tensor {
            name: name.to_owned(),
            shape: vec![3, side, side],
            half: false,
            frames: 1,
            frames_on: 0,
            batched: true,
        }
    }

    fn call(tiles: u32, side: u32) -> Call {
        Call {
            tiles,
            inputs: vec![tensor("in", side)],
            outputs: vec![tensor("out", side)],
        }
    }

    /// A buffer that holds `values`.
    fn buffer(values: &[f32]) -> SharedBuffer {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytemuck::cast_slice(values)).unwrap();
        file.rewind().unwrap();
        let bytes = size_of_val(values) as u64;
        SharedBuffer {
            handle: file.into(),
            bytes,
            allocated: bytes,
        }
    }

    fn values_of(imported: &Imported) -> Vec<f32> {
        let memory = memory_of(imported).unwrap();
        let mut values = vec![0.0; memory.bytes() as usize / 4];
        memory
            .read(0, bytemuck::cast_slice_mut(&mut values))
            .unwrap();
        values
    }

    /// What a run over these buffers gives.
    fn ran(
        running: &Running,
        call: &Call,
        given: &Imported,
        made: &Imported,
    ) -> Result<(), String> {
        let image = ImageDesc::new((values_of(made).len() as u32, 1), Storage::Words);
        let shared = |memory| SharedImage { image, memory };
        running.run_shared(&GivenShared {
            instant: &Instant::default(),
            call,
            inputs: &[shared(given)],
            made: shared(made),
        })
    }

    #[test]
    fn tiles_are_run_where_they_lie_and_what_is_no_number_is_found() {
        let (running, words) = running();
        let call = call(3, 8);
        assert_eq!(running.card(&call).as_deref(), Some("processor"));
        let values: Vec<f32> = (0..3 * 3 * 64).map(|at| at as f32).collect();
        let import = |values: &[f32]| running.import(buffer(values)).unwrap();
        let (given, made) = (import(&values), import(&vec![0.0; values.len()]));
        ran(&running, &call, &given, &made).unwrap();
        let doubled: Vec<f32> = values.iter().map(|value| value * 2.0).collect();
        assert_eq!(values_of(&made), doubled);
        let said = words.take();
        assert!(
            matches!(&said[..], [Said::Info(text)] if text.contains("stay in the memory")),
            "{said:?}"
        );
        // Only the first of many frames is looked at.
        let mut broken = values;
        broken[500] = f32::INFINITY;
        let broken = import(&broken);
        for _ in 1..LOOKED_AT {
            ran(&running, &call, &broken, &made).unwrap();
        }
        let why = ran(&running, &call, &broken, &made).unwrap_err();
        assert!(why.contains("out"), "{why}");
    }

    #[test]
    fn a_model_for_batches_gets_several_tiles_at_once_and_one_by_one_where_that_fails() {
        let values: Vec<f32> = (0..10 * 3 * 64).map(|at| at as f32).collect();
        let doubled: Vec<f32> = values.iter().map(|value| value * 2.0).collect();
        for (most, runs) in [(4, vec![4, 4, 2]), (2, [&[4][..], &[1; 10]].concat())] {
            let (running, words, batches) = running_with("batch,3,height,width", most);
            let import = |values: &[f32]| running.import(buffer(values)).unwrap();
            let (given, made) = (import(&values), import(&vec![0.0; values.len()]));
            ran(&running, &call(10, 8), &given, &made).unwrap();
            assert_eq!(values_of(&made), doubled);
            assert_eq!(*batches.lock().unwrap(), runs);
            let said = words.take();
            let told = |said: &Said| matches!(said, Said::Warning(text) if text.contains("one tile at a time"));
            assert_eq!(said.iter().any(told), most == 2, "{said:?}");
        }
    }

    #[test]
    fn what_cannot_be_run_where_it_lies_is_told() {
        let frames = |mut call: Call| {
            call.inputs[0].frames = 3;
            call
        };
        let numbers = |mut call: Call| {
            call.outputs[0].batched = false;
            call
        };
        for (call, part) in [
            (frames(call(1, 8)), "several frames"),
            (numbers(call(1, 8)), "numbers"),
            (call(2, 6), "256 bytes"),
        ] {
            let (running, words) = running();
            for _ in 0..2 {
                assert_eq!(running.card(&call), None);
            }
            let said = words.take();
            let told = |text: &str| {
                text.starts_with("tensors go through the processor's memory") && text.contains(part)
            };
            assert!(
                matches!(&said[..], [Said::Warning(text)] if told(text)),
                "{said:?}"
            );
        }
        // One tile begins where its buffer does.
        let (running, words) = running();
        assert!(running.card(&call(1, 6)).is_some());
        // Where memory ran out, the model is run in parts, which was told then.
        running.state.lock().unwrap().most = Some(1);
        assert_eq!(running.card(&call(1, 8)), None);
        assert_eq!(words.take(), []);
    }

    fn source() -> Picture {
        let format = PixelFormat::planar(crate::frame::Model::Rgb, Subsampling::S444, 8, false);
        let noise = (0..3 * 96 * 64_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
        Picture::from_rows(
            96,
            64,
            format,
            Color::default(),
            &noise.collect::<Vec<u8>>(),
        )
    }

    /// Three frames through the style `neural` on a card, with the model in `path`, and what was said.
    fn played(
        gpu: &Arc<GpuContext>,
        path: &std::path::Path,
        kind: EngineKind,
    ) -> (Vec<Picture>, Vec<Said>) {
        let library = with_models(Library::built_in(), EngineChoice::Only(kind));
        let style = library.load("neural").unwrap();
        let mut values = Values::defaults(&style.params);
        let set = BTreeMap::from([("mode", "whole"), ("model_path", path.to_str().unwrap())]);
        for (param, text) in set {
            values.set("neural", &style.params, param, text).unwrap();
        }
        let source = source();
        let request = OutputRequest {
            chain: vec![StyleUse {
                values,
                ..StyleUse::new(style)
            }],
            format: source.format,
            color: source.color,
            temporal: Temporal::Off,
        };
        let from = Source::of(&source);
        let plan = plan(&library, &from, &[request], PlanOptions::default()).unwrap();
        let code = |file: &File| match file {
            File::Model { name, identity } => {
                let code: Arc<dyn External> =
                    crate::render::models::code(&library, name, identity, None).unwrap();
                ResourceData::Code(code)
            }
            other => panic!("{other} was not asked for"),
        };
        let files: Vec<_> = plan.files.iter().map(code).collect();
        let executor = GpuExecutor::new(&library, plan, &files, gpu).unwrap();
        let mut session = Session::new(Box::new(executor), Some(0), 7);
        let mut outputs = Vec::new();
        for pts in 0..3 {
            let span = Span { pts, duration: 1 };
            outputs.extend(session.push(Some(source.clone()), span).unwrap());
        }
        outputs.extend(session.finish().unwrap());
        let pictures = outputs.into_iter().filter_map(Output::picture);
        (pictures.collect(), words(library.models()))
    }

    /// Runs where there is a card of NVIDIA, its Vulkan driver, and an ONNX Runtime with CUDA.
    #[test]
    fn with_cuda_the_tensors_stay_on_the_card_and_the_pictures_are_the_same() {
        let (_folder, path, model) = model("1,3,height,width");
        let choice = EngineChoice::Only(EngineKind::Cuda);
        let running = match Running::open(&model, choice, 1, None, Words::default()) {
            Ok(running) => running,
            Err(error) => {
                assert_eq!(error.failure(), NeuralFailure::Unavailable, "{error}");
                return;
            }
        };
        let card = running.card(&call(1, 8)).expect("CUDA has told its card");
        let plain = |uuid: &str| uuid.replace("GPU-", "").replace('-', "");
        let of_card = |uuid: &String| plain(uuid) == card;
        let mut all = adapters().into_iter();
        let Some(adapter) = all.find(|adapter| adapter.uuid.as_ref().is_some_and(of_card)) else {
            return;
        };
        let gpu = GpuContext::open(&adapter).unwrap();
        let (shared, said) = played(&gpu, &path, EngineKind::Cuda);
        let stays =
            |said: &Said| matches!(said, Said::Info(text) if text.contains("stay in the memory"));
        assert!(said.iter().any(stays), "{said:?}");
        let (plain, _) = played(&gpu, &path, EngineKind::Rten);
        assert_eq!((shared.len(), plain.len()), (3, 3));
        let mut pairs = shared.iter().zip(&plain);
        assert!(pairs.all(|(a, b)| a.same_samples(b)));
    }
}
