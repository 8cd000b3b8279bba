//! ONNX files of the networks that are trained here, written and read without a library: Protocol Buffers of the fields of
//! `onnx.proto` that they need.

mod graph;
mod read;
mod wire;

pub use graph::{OPSET, write};
pub use read::parameters;
