//! Errors of this layer: the message says what failed, [`NeuralError::advice`] what to do.

use std::path::PathBuf;

use super::engine::EngineKind;

pub type Result<T> = std::result::Result<T, NeuralError>;

/// The kind of a [`NeuralError`]. It decides the exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeuralFailure {
    /// The request is wrong: an unknown name, a file that exists already.
    Usage,
    /// The model or its contract is missing, damaged, or not what it must be.
    BadModel,
    /// A library, a card or a server is not available.
    Unavailable,
    /// Another attempt may succeed: memory ran out.
    TryAgain,
    /// A file cannot be created.
    CannotCreate,
    /// Reading, writing or receiving failed.
    Io,
}

/// A failure to read, fetch, open or run a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NeuralError {
    #[error("there is no model {}", path.display())]
    Missing { path: PathBuf },
    #[error("there is no model {name:?}{}", crate::nearest::did_you_mean(nearest.as_deref()))]
    UnknownName {
        name: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    #[error("{name:?} cannot be the name of a model")]
    Name { name: String },
    #[error("there is a model {name:?} already{}", if *built_in { ", which is part of aquatint" } else { "" })]
    Exists { name: String, built_in: bool },
    #[error("the model {name:?} is part of aquatint: it cannot be removed")]
    BuiltIn { name: String },
    #[error("{url} cannot be fetched: {why}")]
    Url { url: String, why: String },
    #[error("{url} could not be fetched: {why}")]
    Fetch { url: String, why: String },
    #[error("{origin} is another file than was expected: its SHA-256 is {found}, not {expected}")]
    Hash {
        origin: String,
        expected: String,
        found: String,
    },
    #[error("there is too little room in {}: {} MB are free, {} MB are needed", folder.display(), free / 1_000_000, need.div_ceil(1_000_000))]
    NoRoom {
        folder: PathBuf,
        free: u64,
        need: u64,
    },
    /// Somebody asked for an end.
    #[error("stopped: what has come is kept in {}", part.display())]
    Stopped { part: PathBuf },
    #[error("cannot write {}: {why}", path.display())]
    Write { path: PathBuf, why: String },
    #[error("cannot read {}: {why}", path.display())]
    Read { path: PathBuf, why: String },
    /// Cut off, damaged, or no ONNX file.
    #[error("{} is no ONNX model that can be read: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    #[error("the contract {origin} is wrong: {why}")]
    Contract {
        origin: String,
        why: String,
        advice: String,
    },
    /// The contract cannot be read from the model's file.
    #[error("what {} takes and gives cannot be read from it: {why}", model.display())]
    Undeduced {
        model: PathBuf,
        why: String,
        /// Which key to write into which file.
        advice: String,
    },
    #[error("the model {} is another one than its contract is for: SHA-256 {found}, {expected} in {origin}", path.display())]
    OtherModel {
        path: PathBuf,
        origin: String,
        expected: String,
        found: String,
    },
    #[error("the tensor {tensor:?} of {} has {found} axes, {expected} are needed", model.display())]
    Rank {
        model: PathBuf,
        tensor: String,
        expected: usize,
        found: usize,
    },
    #[error("the tensor {tensor:?} of {} is of type {found}, {expected} is needed", model.display())]
    Dtype {
        model: PathBuf,
        tensor: String,
        expected: String,
        found: String,
    },
    /// Name, shape or size do not fit the model.
    #[error("the tensor {tensor:?} does not fit {}: {why}", model.display())]
    Tensor {
        model: PathBuf,
        tensor: String,
        why: String,
    },
    #[error("{} needs the file {file:?}, which is not beside it", model.display())]
    ExternalMissing { model: PathBuf, file: String },
    #[error("{} wants to read {location:?}: {why}", model.display())]
    ExternalUnsafe {
        model: PathBuf,
        location: String,
        why: String,
    },
    #[error("ONNX Runtime was not found")]
    LibraryMissing,
    #[error("{} is ONNX Runtime {version}, which is too old", path.display())]
    LibraryTooOld { path: PathBuf, version: String },
    #[error("the library {} cannot be used: {why}", path.display())]
    LibraryUnusable { path: PathBuf, why: String },
    #[error("the engine {engine} cannot be used: {why}")]
    EngineUnavailable {
        engine: EngineKind,
        why: String,
        advice: String,
    },
    #[error("there was too little memory to run {} with {engine}: {why}", model.display())]
    OutOfMemory {
        model: PathBuf,
        engine: EngineKind,
        why: String,
    },
    #[error("{} gave {tensor:?} with the shape {found:?}, {expected:?} was expected", model.display())]
    OutputShape {
        model: PathBuf,
        tensor: String,
        expected: Vec<usize>,
        found: Vec<usize>,
    },
    #[error("{} gave {tensor:?} with numbers that are not finite (NaN or infinity)", model.display())]
    NotFinite { model: PathBuf, tensor: String },
    #[error("{engine} cannot run {}: {why}", model.display())]
    Run {
        model: PathBuf,
        engine: EngineKind,
        why: String,
    },
}

impl NeuralError {
    /// Whether a smaller picture, or smaller tiles, may succeed.
    pub fn is_out_of_memory(&self) -> bool {
        matches!(self, Self::OutOfMemory { .. })
    }

    /// What kind of failure it is.
    pub fn failure(&self) -> NeuralFailure {
        match self {
            Self::UnknownName { .. }
            | Self::Name { .. }
            | Self::Exists { .. }
            | Self::BuiltIn { .. }
            | Self::Url { .. } => NeuralFailure::Usage,
            Self::Missing { .. }
            | Self::Damaged { .. }
            | Self::Contract { .. }
            | Self::Undeduced { .. }
            | Self::OtherModel { .. }
            | Self::Rank { .. }
            | Self::Dtype { .. }
            | Self::Tensor { .. }
            | Self::ExternalMissing { .. }
            | Self::ExternalUnsafe { .. }
            | Self::OutputShape { .. }
            | Self::NotFinite { .. }
            | Self::Hash { .. }
            | Self::Run { .. } => NeuralFailure::BadModel,
            Self::LibraryMissing
            | Self::LibraryTooOld { .. }
            | Self::LibraryUnusable { .. }
            | Self::EngineUnavailable { .. }
            | Self::Fetch { .. } => NeuralFailure::Unavailable,
            Self::OutOfMemory { .. } | Self::Stopped { .. } => NeuralFailure::TryAgain,
            Self::Write { .. } => NeuralFailure::CannotCreate,
            Self::Read { .. } | Self::NoRoom { .. } => NeuralFailure::Io,
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Missing { .. } => {
                "name a file that exists, or a model of `aquatint models`".to_owned()
            }
            Self::UnknownName { known, .. } if known.is_empty() => {
                "there are no models yet: add one with `aquatint models add FILE`, or name a .onnx file".to_owned()
            }
            Self::UnknownName { known, .. } => {
                format!("models: {}; or name a .onnx file", known.join(", "))
            }
            Self::Name { .. } => {
                "give a name with --name: letters, digits, -, _ and dots, at most 64, not beginning with a dot".to_owned()
            }
            Self::Exists { built_in: true, .. } => "give another name with --name".to_owned(),
            Self::Exists { .. } => {
                "give another name with --name, or --force to replace it".to_owned()
            }
            Self::BuiltIn { .. } => "only models that you have added can be removed".to_owned(),
            Self::Url { .. } => "give a URL that begins with https://, or a file".to_owned(),
            Self::Fetch { .. } => {
                "check the URL and the network; the same command goes on where it ended".to_owned()
            }
            Self::Hash { .. } => {
                "do not use it; ask where you have the SHA-256 from, or fetch it from another place".to_owned()
            }
            Self::NoRoom { .. } => {
                "free some space; the same command goes on where it ended".to_owned()
            }
            Self::Stopped { .. } => "the same command goes on where it ended".to_owned(),
            Self::Write { .. } => "check that the folder may be written to".to_owned(),
            Self::Read { .. } => "check that the file exists and may be read".to_owned(),
            Self::Damaged { .. } => {
                "fetch or export the file again; it must be an ONNX model (.onnx), and whole".to_owned()
            }
            Self::Contract { advice, .. }
            | Self::Undeduced { advice, .. }
            | Self::EngineUnavailable { advice, .. } => advice.clone(),
            Self::OtherModel { origin, .. } => {
                format!("fetch the model again, or write its own sha256 into {origin}")
            }
            Self::Rank { .. } | Self::Dtype { .. } | Self::Tensor { .. } => {
                "write a contract that fits the model's tensors; `aquatint models check FILE` prints what the file has".to_owned()
            }
            Self::ExternalMissing { .. } => {
                "put that file into the folder of the model: both belong together".to_owned()
            }
            Self::ExternalUnsafe { .. } => {
                "a model may only read files of its own folder: do not use this model, or have it saved as one file".to_owned()
            }
            Self::LibraryMissing | Self::LibraryTooOld { .. } | Self::LibraryUnusable { .. } => {
                "`aquatint doctor` prints the line that installs it; or use --engine rten, which needs no library".to_owned()
            }
            Self::OutOfMemory { .. } => {
                "use smaller tiles, a smaller picture, or close other programs".to_owned()
            }
            Self::OutputShape { .. } => {
                "write the scale, the multiple or the size of this model into its contract".to_owned()
            }
            Self::NotFinite { .. } => {
                "check the range, mean and std of the contract; a 16-bit model may need --engine ort-cpu".to_owned()
            }
            Self::Run { .. } => {
                "try another --engine; `aquatint models check FILE` tries all of this machine".to_owned()
            }
        }
    }
}
