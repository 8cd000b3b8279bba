//! ONNX Runtime as an engine.

use std::borrow::Cow;
use std::ffi::CString;
use std::path::Path;

use ort::AsPointer;
use ort::ep;
use ort::session::builder::SessionBuilder;
use ort::session::{OutputSelector, RunOptions, Session, SessionInputValue};
use ort::value::{
    DynTensor, DynTensorValueType, DynValue, TensorElementType, TensorRef as OrtTensor,
};
use sha2::{Digest, Sha256};

use super::binding::{self, Bound, Place};
use super::card::{Card, CardEngine, CardTensor};
use super::contract::Dtype;
use super::cuda;
use super::engine::{Engine, EngineKind, Opening, Said, TensorData, TensorOwned, TensorRef};
use super::error::{NeuralError, Result};
use super::gate::Gate;
use super::library::{Library, library};
use super::model::{Model, ModelFile, hex};
use super::rten::threads;

pub(super) struct Ort {
    session: Session,
    gate: Gate,
    kind: EngineKind,
    described: String,
    /// The card that it works on, where tensors can be handed over in its memory.
    card: Option<Box<dyn Card>>,
}

impl Ort {
    /// Opens the model of `opening` with exactly this engine.
    ///
    /// # Errors
    /// What [`library`] gives; `EngineUnavailable` where the library does not have it, or has it but it does not start;
    /// `Run` where it starts but cannot run this model.
    pub fn open(
        kind: EngineKind,
        opening: &Opening<'_>,
        say: &mut dyn FnMut(Said),
    ) -> Result<Self> {
        let library = library()?;
        let model = opening.model;
        let unavailable = |why: String| NeuralError::EngineUnavailable {
            engine: kind,
            why,
            advice: advice(kind),
        };
        let Some(provider) = library.provider(kind) else {
            let why = format!(
                "ONNX Runtime {} in {} was built without it",
                library.version,
                library.path.display()
            );
            return Err(unavailable(why));
        };
        if matches!(kind, EngineKind::Cuda | EngineKind::TensorRt) {
            has_nvidia_card().map_err(unavailable)?;
            library.load_nvidia();
        }
        let failed = |error: ort::Error| classified(&error.to_string(), &model.shown, kind);
        let mut builder = plain(kind, library, opening).map_err(failed)?;
        let start = match kind {
            EngineKind::OrtCpu | EngineKind::Rten => Ok(()),
            EngineKind::TensorRt => tensorrt(&mut builder, library, opening, say),
            EngineKind::Cuda => ep::CUDA::default()
                .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
                // With 10 bits of mantissa, networks that normalise their picture give another one.
                .with_tf32(false)
                .build()
                .register(&mut builder),
            EngineKind::CoreMl => named(&mut builder, "CoreML", &[]),
            EngineKind::DirectMl => named(&mut builder, "DML", &[("device_id", "0")]),
            EngineKind::OpenVino => named(&mut builder, "OpenVINO", &[("device_type", "AUTO")]),
            EngineKind::Rocm => rocm(&mut builder, provider),
        };
        start.map_err(|error| unavailable(first_line(&error.to_string())))?;
        let committed = match &model.file {
            ModelFile::Disk(path) => builder.commit_from_file(path),
            ModelFile::BuiltIn(bytes) => builder.commit_from_memory(bytes),
        };
        let session = committed.map_err(failed)?;
        let how = match kind {
            EngineKind::OrtCpu | EngineKind::Rten => {
                format!("on the processor, {}", threads(opening.threads))
            }
            EngineKind::TensorRt => "with TensorRT".to_owned(),
            EngineKind::Cuda => "with CUDA".to_owned(),
            EngineKind::CoreMl => "with CoreML".to_owned(),
            EngineKind::DirectMl => "with DirectML".to_owned(),
            EngineKind::OpenVino => "with OpenVINO".to_owned(),
            EngineKind::Rocm => "with ROCm".to_owned(),
        };
        Ok(Self {
            session,
            gate: Gate::new(model),
            card: card(kind, say),
            kind,
            described: format!("ONNX Runtime {} {how}", library.version),
        })
    }
}

/// The card of an engine that works on tensors in its memory.
fn card(kind: EngineKind, say: &mut dyn FnMut(Said)) -> Option<Box<dyn Card>> {
    if !matches!(kind, EngineKind::Cuda | EngineKind::TensorRt) {
        return None;
    }
    match cuda::card() {
        Ok(card) => Some(card),
        Err(why) => {
            say(Said::Warning(detour(&why)));
            None
        }
    }
}

/// What is told where tensors cannot stay in the memory of the card.
pub fn detour(why: &str) -> String {
    format!("tensors go through the processor's memory, which takes longer: {why}")
}

/// A session without a provider.
fn plain(
    kind: EngineKind,
    library: &Library,
    opening: &Opening<'_>,
) -> ort::Result<SessionBuilder> {
    // A pattern of memory is worth its memory only where all runs have one size. DirectML takes none.
    let one_size = opening
        .model
        .contract
        .input_pictures()
        .all(|(_, t)| t.size.is_some());
    Ok(Session::builder(&library.environment)?
        .with_intra_threads(opening.threads.max(1))?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .with_memory_pattern(one_size && kind != EngineKind::DirectMl)?)
}

/// Registers a provider that ONNX Runtime knows by a short name.
fn named(builder: &mut SessionBuilder, name: &str, options: &[(&str, &str)]) -> ort::Result<()> {
    let text = |text: &str| CString::new(text).unwrap_or_default();
    let name = text(name);
    let keys: Vec<CString> = options.iter().map(|(key, _)| text(key)).collect();
    let values: Vec<CString> = options.iter().map(|(_, value)| text(value)).collect();
    let keys: Vec<_> = keys.iter().map(|key| key.as_ptr()).collect();
    let values: Vec<_> = values.iter().map(|value| value.as_ptr()).collect();
    // SAFETY: all pointers are valid during the call, which copies what they point to.
    unsafe {
        ort::Error::result_from_status((ort::api().SessionOptionsAppendExecutionProvider)(
            builder.ptr_mut(),
            name.as_ptr(),
            keys.as_ptr(),
            values.as_ptr(),
            keys.len(),
        ))
    }
}

/// AMD's provider: MIGraphX in newer libraries, ROCm in older ones.
fn rocm(builder: &mut SessionBuilder, provider: &str) -> ort::Result<()> {
    if provider.starts_with("MIGraphX") {
        return named(builder, "MIGraphX", &[("device_id", "0")]);
    }
    let api = ort::api();
    let mut options = std::ptr::null_mut();
    // SAFETY: the options are made, used and freed by the calls that belong together.
    unsafe {
        ort::Error::result_from_status((api.CreateROCMProviderOptions)(&mut options))?;
        let append = api.SessionOptionsAppendExecutionProvider_ROCM;
        let appended = ort::Error::result_from_status(append(builder.ptr_mut(), options));
        (api.ReleaseROCMProviderOptions)(options);
        appended
    }
}

/// TensorRT, with the engines that it has built for this model, size, driver and precision before.
fn tensorrt(
    builder: &mut SessionBuilder,
    library: &Library,
    opening: &Opening<'_>,
    say: &mut dyn FnMut(Said),
) -> ort::Result<()> {
    let model = opening.model;
    let half = (model.contract.input_pictures()).any(|(_, tensor)| tensor.dtype == Dtype::F16);
    let mut provider = ep::TensorRT::default().with_fp16(half);
    let kept = opening.cache.map(|cache| {
        cache
            .join("tensorrt")
            .join(cache_key(model, opening.size, &library.version, half))
    });
    let usable = kept.filter(|folder| match std::fs::create_dir_all(folder) {
        Ok(()) => true,
        Err(error) => {
            say(Said::Warning(format!(
                "what TensorRT builds cannot be kept in {}: {error}",
                folder.display()
            )));
            false
        }
    });
    let built = usable.as_ref().is_some_and(|folder| {
        let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
        inside.count() > 0
    });
    if let Some(folder) = &usable {
        let folder = folder.to_string_lossy();
        provider = provider
            .with_engine_cache(true)
            .with_engine_cache_path(&folder)
            .with_timing_cache(true)
            .with_timing_cache_path(&folder);
    }
    provider.build().register(builder)?;
    if !built {
        say(Said::Info(format!(
            "TensorRT builds an engine for {} first: this takes some minutes{}",
            model.name,
            if usable.is_some() {
                ", once for this model, size and driver"
            } else {
                ""
            }
        )));
    }
    // What TensorRT cannot run goes to CUDA.
    ep::CUDA::default()
        .with_tf32(false)
        .build()
        .register(builder)
}

/// The name of the folder for engines that TensorRT has built: another one wherever they would not fit.
fn cache_key(model: &Model, size: Option<[u32; 2]>, version: &str, half: bool) -> String {
    let driver = std::fs::read_to_string("/proc/driver/nvidia/version").unwrap_or_default();
    let driver = driver.lines().next().unwrap_or_default();
    let size = size.map_or_else(|| "any".to_owned(), |[w, h]| format!("{w}x{h}"));
    let precision = if half { "f16" } else { "f32" };
    let all = format!("{} {size} {driver} {version} {precision}", model.sha256);
    hex(&Sha256::digest(all.as_bytes())[..12])
}

/// Whether there is a card of NVIDIA whose driver runs; the error says what is missing.
fn has_nvidia_card() -> std::result::Result<(), String> {
    let there = [
        "/dev/nvidiactl",
        "/dev/nvidia0",
        "/dev/dxg",
        "/dev/nvhost-ctrl",
    ];
    if !cfg!(target_os = "linux") || there.iter().any(|path| Path::new(path).exists()) {
        return Ok(());
    }
    Err("there is no NVIDIA card in this machine, or its driver does not run".to_owned())
}

fn advice(kind: EngineKind) -> String {
    let card = "; without one use --engine auto, which takes what this machine has";
    match kind {
        EngineKind::Cuda | EngineKind::TensorRt => format!(
            "it needs an NVIDIA card, its driver, and ONNX Runtime for it: `pip install \"onnxruntime-gpu[cuda,cudnn]\" nvidia-cublas` in a virtual environment{card}"
        ),
        EngineKind::CoreMl => "it needs macOS, and onnxruntime from PyPI".to_owned(),
        EngineKind::DirectMl => {
            "it needs Windows, and onnxruntime-directml from PyPI in place of onnxruntime"
                .to_owned()
        }
        EngineKind::OpenVino => {
            "it needs onnxruntime-openvino from PyPI in place of onnxruntime".to_owned()
        }
        EngineKind::Rocm => {
            "it needs AMD's own build of ONNX Runtime (onnxruntime-migraphx or onnxruntime-rocm)"
                .to_owned()
        }
        EngineKind::OrtCpu | EngineKind::Rten => "use --engine auto".to_owned(),
    }
}

/// What is wrong, of the first line of a message of ONNX Runtime: places in its source and names of its functions stand before it.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let after = line.split_once(" with error: ").map(|(_, rest)| rest);
    after
        .filter(|rest| !rest.is_empty())
        .unwrap_or(line)
        .to_owned()
}

/// Words by which providers tell that memory ran out.
const MEMORY: [&str; 9] = [
    "out of memory",
    "bad_alloc",
    "bad allocation",
    "failed to allocate",
    "allocaterawinternal",
    "error_out_of_memory",
    "alloc_failed",
    "memoryallocation",
    "not enough memory",
];

fn classified(why: &str, model: &Path, engine: EngineKind) -> NeuralError {
    let lower = why.to_lowercase();
    let why = first_line(why);
    let model = model.to_owned();
    if MEMORY.iter().any(|words| lower.contains(words)) {
        NeuralError::OutOfMemory { model, engine, why }
    } else {
        NeuralError::Run { model, engine, why }
    }
}

impl Engine for Ort {
    fn kind(&self) -> EngineKind {
        self.kind
    }

    fn describe(&self) -> String {
        self.described.clone()
    }

    fn run(&mut self, inputs: &[TensorRef<'_>], outputs: &[&str]) -> Result<Vec<TensorOwned>> {
        let shapes = self.gate.check(inputs, outputs)?;
        let (model, kind) = (self.gate.model.clone(), self.kind);
        let failed = |error: ort::Error| classified(&error.to_string(), &model, kind);
        let mut given: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = Vec::new();
        for (input, shape) in inputs.iter().zip(&shapes) {
            let value = match input.data {
                TensorData::F32(data) => {
                    let tensor = OrtTensor::from_array_view((shape.as_slice(), data));
                    SessionInputValue::from(tensor.map_err(failed)?)
                }
                TensorData::F16(bits) => {
                    let tensor = half_tensor(&self.session, shape, bits);
                    SessionInputValue::from(tensor.map_err(failed)?)
                }
            };
            given.push((Cow::Borrowed(input.name), value));
        }
        let mut selector = OutputSelector::no_default();
        for name in outputs {
            selector = selector.with(*name);
        }
        let options = RunOptions::new().map_err(failed)?.with_outputs(selector);
        let found = self
            .session
            .run_with_options(given, &options)
            .map_err(failed)?;
        let mut owned = Vec::with_capacity(outputs.len());
        for name in outputs {
            let value = found.get(name).ok_or_else(|| NeuralError::Tensor {
                model: model.clone(),
                tensor: (*name).to_owned(),
                why: "it was not given back".to_owned(),
            })?;
            owned.push(numbers(value, name, &model, kind)?);
        }
        Ok(owned)
    }

    fn on_card(&mut self) -> Option<&mut dyn CardEngine> {
        match self.card {
            Some(_) => Some(self),
            None => None,
        }
    }
}

impl CardEngine for Ort {
    fn card(&self) -> &dyn Card {
        let card = self.card.as_deref();
        card.expect("on_card gives only an engine that has a card")
    }

    fn run_on_card(&mut self, inputs: &[CardTensor<'_>], outputs: &[CardTensor<'_>]) -> Result<()> {
        let names: Vec<&str> = outputs.iter().map(|output| output.name).collect();
        let shapes = self.gate.check(inputs, &names)?;
        let (model, kind) = (self.gate.model.clone(), self.kind);
        let bound = |tensor: &CardTensor<'_>, shape: &[usize]| match tensor.bytes() {
            Some(bytes) => Ok(Bound {
                name: tensor.name.to_owned(),
                shape: shape.to_vec(),
                dtype: tensor.dtype,
                address: tensor.memory.address() + tensor.at,
                bytes,
            }),
            None => Err(NeuralError::Tensor {
                model: model.clone(),
                tensor: tensor.name.to_owned(),
                why: "it does not lie in its memory".to_owned(),
            }),
        };
        let inputs = inputs.iter().zip(&shapes);
        let inputs = inputs.map(|(input, shape)| bound(input, shape));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let outputs = outputs.iter().map(|output| bound(output, output.shape));
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        let place = match kind {
            EngineKind::Cuda | EngineKind::TensorRt => Place::cuda(cuda::ORDINAL),
            _ => Place::PROCESSOR,
        };
        // SAFETY: each tensor lies in its memory, which lives as long as the borrowed tensors; who calls lets nobody else
        // use it meanwhile.
        let ran = unsafe { binding::run(&mut self.session, place, &inputs, &outputs) };
        ran.map_err(|error| classified(&error.to_string(), &model, kind))
    }
}

/// A tensor of 16-bit floats.
fn half_tensor(session: &Session, shape: &[usize], bits: &[u16]) -> ort::Result<DynTensor> {
    let allocator = session.allocator();
    let mut tensor = DynTensor::new(allocator, TensorElementType::Float16, shape)?;
    let to = tensor.data_ptr_mut().cast::<u16>();
    // SAFETY: the tensor was made for as many numbers of two bytes as the shape has, which is the length of `bits`.
    unsafe {
        std::ptr::copy_nonoverlapping(bits.as_ptr(), to, bits.len());
    }
    Ok(tensor)
}

fn numbers(value: &DynValue, name: &str, model: &Path, kind: EngineKind) -> Result<TensorOwned> {
    let failed = |error: ort::Error| classified(&error.to_string(), model, kind);
    let wrong = || NeuralError::Dtype {
        model: model.to_owned(),
        tensor: name.to_owned(),
        expected: "f32 or f16".to_owned(),
        found: format!("{:?}", value.dtype()),
    };
    let side = |side: &i64| usize::try_from(*side).unwrap_or(0);
    match value.dtype().tensor_type() {
        Some(TensorElementType::Float32) => {
            let (shape, data) = value.try_extract_tensor::<f32>().map_err(failed)?;
            Ok(TensorOwned::F32(
                shape.iter().map(side).collect(),
                data.to_vec(),
            ))
        }
        Some(TensorElementType::Float16) => {
            let tensor = value.view().downcast::<DynTensorValueType>();
            let tensor = tensor.map_err(failed)?;
            let shape: Vec<usize> = tensor.shape().iter().map(side).collect();
            let count = shape.iter().product();
            let from = tensor.data_ptr().cast::<u16>();
            // SAFETY: the tensor lies in memory of the processor, as all outputs do, and has this many numbers.
            let bits = unsafe { std::slice::from_raw_parts(from, count) };
            Ok(TensorOwned::F16(shape, bits.to_vec()))
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::card::ram::{Processor, Ram};
    use super::super::onnx::made::{Made, dims};
    use super::super::{EngineChoice, Overrides};
    use super::*;

    /// ONNX Runtime on the processor, whose memory takes the place of a card's.
    fn on_the_processor(made: &Made, contract: &str) -> Option<Ort> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.onnx");
        std::fs::write(&path, made.bytes()).unwrap();
        if !contract.is_empty() {
            std::fs::write(folder.path().join("m.toml"), contract).unwrap();
        }
        let model = Model::at(&path, Overrides::default()).unwrap();
        let opening = Opening {
            choice: EngineChoice::Only(EngineKind::OrtCpu),
            ..Opening::new(&model)
        };
        match Ort::open(EngineKind::OrtCpu, &opening, &mut |_| {}) {
            Ok(mut engine) => {
                assert!(engine.on_card().is_none(), "the processor is no card");
                engine.card = Some(Box::new(Processor));
                Some(engine)
            }
            Err(NeuralError::LibraryMissing) => {
                crate::skip::skip(
                    "ONNX Runtime was not found",
                    "python3 -m venv .venv && .venv/bin/pip install onnxruntime",
                );
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn tensor<'a>(
        name: &'a str,
        shape: &'a [usize],
        dtype: Dtype,
        memory: &'a Ram,
        at: u64,
    ) -> CardTensor<'a> {
        CardTensor {
            name,
            shape,
            dtype,
            memory,
            at,
        }
    }

    #[test]
    fn a_missing_library_is_told_without_places_in_the_source() {
        let text = "/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:2043 onnxruntime::Provider& \
                    onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library /a/libonnxruntime_providers_tensorrt.so \
                    with error: libnvinfer.so.10: cannot open shared object file: No such file or directory\nmore";
        let said = "libnvinfer.so.10: cannot open shared object file: No such file or directory";
        assert_eq!(first_line(text), said);
        assert_eq!(first_line("no card"), "no card");
    }

    #[test]
    fn a_session_reads_and_fills_tensors_where_they_lie() {
        let Some(mut engine) = on_the_processor(
            &Made::added(dims("1,1,h,w")),
            "[input.strength]\ndefault = 0.25",
        ) else {
            return;
        };
        let words = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        // The second of two tiles, in buffers that hold both.
        let picture = Ram::new(&words(&[9.0, 9.0, 1.0, 2.0]));
        let strength = Ram::new(&words(&[0.5]));
        let made = Ram::new(&words(&[7.0; 4]));
        let (shape, one) = ([1, 1, 1, 2], []);
        let f32 = Dtype::F32;
        let inputs = [
            tensor("in", &shape, f32, &picture, 8),
            // The number has no axes here, and one in the model.
            tensor("strength", &one, f32, &strength, 0),
        ];
        let output = tensor("out", &shape, f32, &made, 8);
        for _ in 0..3 {
            let engine = engine.on_card().unwrap();
            engine.run_on_card(&inputs, &[output]).unwrap();
            assert_eq!(made.words(), words(&[7.0, 7.0, 1.5, 2.5]));
        }
        // What is wrong is told, and nothing is written.
        let other = [1, 1, 2, 1];
        for (inputs, output, part) in [
            (&inputs[..1], output, "strength"),
            (
                &inputs[..],
                tensor("out", &shape, f32, &made, 12),
                "does not lie in its memory",
            ),
            (&inputs[..], tensor("none", &shape, f32, &made, 0), "none"),
            (&inputs[..], tensor("out", &other, f32, &made, 0), "hape"),
        ] {
            let error = engine.run_on_card(inputs, &[output]).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert_eq!(made.words(), words(&[7.0, 7.0, 1.5, 2.5]));
        }
    }

    #[test]
    fn halves_are_tensors_where_they_lie_too() {
        let Some(mut engine) = on_the_processor(&Made::identity_f16(dims("1,3,h,w")), "") else {
            return;
        };
        let (shape, f16) = ([1, 3, 2, 2], Dtype::F16);
        let given = Ram::new(&[0x3c00_3800, 2, 3, 4, 5, 0x7bff_0006]);
        let made = Ram::new(&[1; 6]);
        let input = tensor("in", &shape, f16, &given, 0);
        let output = tensor("out", &shape, f16, &made, 0);
        engine.run_on_card(&[input], &[output]).unwrap();
        assert_eq!(made.words(), given.words());
    }

    #[test]
    fn a_lack_of_memory_is_told_from_other_failures() {
        for (why, expected) in [
            (
                "Failed to allocate memory for requested buffer of size 12",
                true,
            ),
            ("CUDA error cudaErrorMemoryAllocation:out of memory", true),
            ("std::bad_alloc", true),
            (
                "Non-zero status code returned while running Conv node",
                false,
            ),
        ] {
            let error = classified(why, Path::new("m.onnx"), EngineKind::Cuda);
            assert_eq!(error.is_out_of_memory(), expected, "{why}");
        }
    }
}
