//! Neural models: what a model file takes and gives (its contract), where models are kept, and the engines that run them.
//!
//! This layer runs tensors. It knows no frames, no graph and no video: who packs pictures into tensors is above it.

mod contract;
mod engine;
mod error;
mod words;

pub use contract::{
    Contract, Dtype, Input, InputKind, Layout, Order, Output, OutputKind, PictureTensor, Range,
    Signal, Task,
};
pub use engine::{
    Engine, EngineChoice, EngineKind, Opening, Said, TensorData, TensorOwned, TensorRef,
};
pub use error::{NeuralError, NeuralFailure, Result};
