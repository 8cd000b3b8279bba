//! Neural models: what a model file takes and gives (its contract), where models are kept, and the engines that run them.
//!
//! This layer runs tensors. It knows no frames, no graph and no video: who packs pictures into tensors is above it.

mod add;
mod binding;
mod card;
mod contract;
mod cuda;
mod deduce;
mod draft;
mod engine;
mod error;
mod fetch;
mod find;
mod gate;
mod library;
mod model;
mod onnx;
mod open;
mod ort;
mod probe;
mod registry;
mod rten;
mod trial;
mod words;

pub use add::{Adding, Source, remove_model};
pub use card::{Card, CardEngine, CardMemory, CardTensor, MemoryHandle};
pub use contract::{
    Contract, Dtype, Input, InputKind, Layout, Order, Output, OutputKind, PictureTensor, Range,
    Signal, Task,
};
pub use deduce::Overrides;
pub use engine::{
    Engine, EngineChoice, EngineKind, Opening, Said, TensorData, TensorOwned, TensorRef,
};
pub use error::{NeuralError, NeuralFailure, Result};
pub use fetch::{Progress, Watcher};
pub use find::runtime_folder;
pub use library::{Library, OLDEST, library};
pub use model::{Model, ModelFile};
pub use onnx::{Dim, External, Header, Tensor};
pub use open::{ENGINES, open};
pub use ort::detour;
pub use registry::{Listed, Origin, find_model, is_built_in, models, models_folder};
pub use trial::{Ran, Trial, trial_size, trials};

#[cfg(test)]
pub(crate) use card::ram;
#[cfg(test)]
pub(crate) use onnx::made;
#[cfg(test)]
mod tests;
