//! What the planner knows of a model, and who looks it up. Files and engines are the affair of others.

use std::any::Any;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use super::Window;

/// A model as a style names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ModelName {
    /// The name of a model that the program knows.
    Known(String),
    /// The path of a model's file, as the user gave it.
    File(PathBuf),
    /// A file of the library, by its path there.
    Own(String),
}

/// The model that a style asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WantedModel {
    pub name: ModelName,
    /// The range of values that the user says it works in (`unit`, `byte`, `signed`); `None` to go by its contract.
    pub range: Option<String>,
}

impl std::fmt::Display for WantedModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            ModelName::Known(name) | ModelName::Own(name) => f.write_str(name),
            ModelName::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The order of a tensor's axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Batch, channels, rows, columns.
    Planar,
    /// Batch, rows, columns, channels.
    Interleaved,
    /// Batch, frames, channels, rows, columns.
    FramesPlanar,
}

/// What the values of a tensor are as colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorColor {
    /// The encoded signal, three channels.
    Rgb,
    /// Luma of the encoded signal, one channel.
    Luma,
    /// Linear light, three channels.
    Linear,
}

/// How a picture lies in a tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureTensor {
    pub layout: Layout,
    pub color: TensorColor,
    /// Channels in the order blue, green, red.
    pub bgr: bool,
    /// A value of the tensor is `value * scale + bias`, for red, green, blue; of luma, the first.
    pub scale: [f32; 3],
    pub bias: [f32; 3],
}

impl PictureTensor {
    /// Number of channels.
    pub fn channels(&self) -> u32 {
        match self.color {
            TensorColor::Luma => 1,
            TensorColor::Rgb | TensorColor::Linear => 3,
        }
    }
}

/// What an input of a model is.
#[derive(Clone, Debug, PartialEq)]
pub enum InputKind {
    Picture(PictureTensor),
    /// One number, and its value where nobody gives one.
    Scalar(f64),
    /// One number for each pixel, all the same: its value where nobody gives one, and the order of its axes.
    Map(f64, Layout),
}

/// An input of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInput {
    /// The tensor's name.
    pub name: String,
    pub kind: InputKind,
    /// 16-bit floats.
    pub half: bool,
}

/// What an output of a model is.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputKind {
    Picture(PictureTensor),
    /// So many numbers.
    Numbers(u32),
}

/// An output of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelOutput {
    /// The tensor's name.
    pub name: String,
    pub kind: OutputKind,
    /// 16-bit floats.
    pub half: bool,
}

/// What the planner knows of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelDesc {
    /// Its name, for people.
    pub name: String,
    /// The file it is read from.
    pub path: PathBuf,
    /// Tells what is computed: equal for the same file, contract and engine.
    pub identity: String,
    /// Pictures, scalars and maps, in the order of the file's inputs.
    pub inputs: Vec<ModelInput>,
    pub outputs: Vec<ModelOutput>,
    /// Sides of its pictures are multiples of this.
    pub multiple: u32,
    /// The least side of its pictures.
    pub smallest: u32,
    /// The only size of its pictures, where there is one.
    pub size: Option<(u32, u32)>,
    /// Its result is so many times as wide and as high as its picture.
    pub scale: u32,
    /// The frames of its picture that it sees; of its other pictures it sees the current frame.
    pub window: Window,
    /// The most pixels of its picture that it can be given at once, by its need of memory.
    pub most_pixels: u64,
    /// What had to be assumed of it, in words for the user.
    pub assumed: Vec<String>,
}

impl ModelDesc {
    /// Its inputs that are pictures, by name.
    pub fn pictures(&self) -> impl Iterator<Item = (&str, &PictureTensor)> {
        self.inputs.iter().filter_map(|input| match &input.kind {
            InputKind::Picture(picture) => Some((input.name.as_str(), picture)),
            InputKind::Scalar(_) | InputKind::Map(..) => None,
        })
    }
}

/// What to do about a model that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelFailure {
    /// There is no such file or name.
    Missing,
    /// The file is damaged, or no model of the kind that is needed.
    Bad,
    /// No engine can run it here.
    Unavailable,
    /// It is used in a wrong way.
    Usage,
}

/// Why a model cannot be used: what failed, and from the second line on what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ModelError {
    pub failure: ModelFailure,
    pub message: String,
}

/// Looks up models for the planner.
pub trait ModelFinder: Any + Debug + Send + Sync {
    /// What is known of the model `wanted`.
    ///
    /// # Errors
    /// Where there is none, or its file cannot be understood.
    fn find(&self, wanted: &WantedModel) -> Result<Arc<ModelDesc>, ModelError>;
}
