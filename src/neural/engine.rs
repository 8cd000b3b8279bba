//! What every engine can do: open a model, and run tensors through it.

use std::path::Path;

use super::card::CardEngine;
use super::contract::Dtype;
use super::error::Result;
use super::model::Model;
use super::words::words;

words! {
    /// What runs a model. In the order in which `auto` tries them.
    EngineKind {
        /// ONNX Runtime with NVIDIA's TensorRT.
        TensorRt = "tensorrt",
        /// ONNX Runtime with CUDA.
        Cuda = "cuda",
        /// ONNX Runtime with Apple's CoreML.
        CoreMl = "coreml",
        /// ONNX Runtime with DirectML (Windows).
        DirectMl = "directml",
        /// ONNX Runtime with Intel's OpenVINO.
        OpenVino = "openvino",
        /// ONNX Runtime with AMD's ROCm.
        Rocm = "rocm",
        /// ONNX Runtime on the processor.
        OrtCpu = "ort-cpu",
        /// The engine inside aquatint, on the processor. It needs no library.
        Rten = "rten",
    }
}

/// Which engine to use: the first of [`EngineKind`] that works, or exactly this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    #[default]
    Auto,
    Only(EngineKind),
}

impl std::fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Only(kind) => kind.fmt(f),
        }
    }
}

impl std::str::FromStr for EngineChoice {
    type Err = String;

    /// The error lists the names.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => text
                .parse()
                .map(Self::Only)
                .map_err(|why: String| format!("give auto, or the name of an engine: {why}")),
        }
    }
}

/// Numbers of a tensor, the last axis the fastest.
#[derive(Clone, Copy, Debug)]
pub enum TensorData<'a> {
    F32(&'a [f32]),
    /// The bits of 16-bit floats.
    F16(&'a [u16]),
}

/// A tensor that goes into a model.
#[derive(Clone, Copy, Debug)]
pub struct TensorRef<'a> {
    pub name: &'a str,
    pub shape: &'a [usize],
    pub data: TensorData<'a>,
}

/// A tensor that came out of a model: shape and numbers, the last axis the fastest.
#[derive(Clone, Debug, PartialEq)]
pub enum TensorOwned {
    F32(Vec<usize>, Vec<f32>),
    /// The bits of 16-bit floats.
    F16(Vec<usize>, Vec<u16>),
}

impl TensorData<'_> {
    /// How many numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(data) => data.len(),
            Self::F16(data) => data.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn dtype(&self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F16(_) => Dtype::F16,
        }
    }
}

impl TensorOwned {
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(shape, _) | Self::F16(shape, _) => shape,
        }
    }
}

/// A model that is ready to run.
pub trait Engine: Send {
    fn kind(&self) -> EngineKind;

    /// What runs the model, in words: "ONNX Runtime 1.31.1 on the processor, 2 threads".
    fn describe(&self) -> String;

    /// Runs the model once. `outputs` names the tensors wanted, in the order in which they are given back. A tensor of one
    /// number takes the rank that the model's file has for it.
    ///
    /// # Errors
    /// `Rank`, `Dtype` and `Tensor` for inputs that the model does not take, `OutOfMemory`, else `Run`.
    fn run(&mut self, inputs: &[TensorRef<'_>], outputs: &[&str]) -> Result<Vec<TensorOwned>>;

    /// The engine as one that works on tensors in the memory of its card, where it can.
    fn on_card(&mut self) -> Option<&mut dyn CardEngine> {
        None
    }
}

impl EngineKind {
    /// Whether it runs on the processor.
    pub const fn is_on_processor(self) -> bool {
        matches!(self, Self::OrtCpu | Self::Rten)
    }
}

/// What is needed to open a model.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    pub model: &'a Model,
    pub choice: EngineChoice,
    /// Threads of an engine that runs on the processor; at least 1.
    pub threads: usize,
    /// A folder for what an engine builds once and keeps (TensorRT): see [`crate::folders::cache_folder`]. Without it nothing is
    /// kept.
    pub cache: Option<&'a Path>,
    /// Width and height of the pictures, where all have one size: what TensorRT builds is kept for each.
    pub size: Option<[u32; 2]>,
}

impl<'a> Opening<'a> {
    /// Of a model in the first engine that works, on all processors, keeping nothing.
    pub fn new(model: &'a Model) -> Self {
        Self {
            model,
            choice: EngineChoice::Auto,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            cache: None,
            size: None,
        }
    }
}

/// What opening a model has to tell the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// What was chosen, or what takes long.
    Info(String),
    /// What was assumed, or does not work, and what is used in its place.
    Warning(String),
}
