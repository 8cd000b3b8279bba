//! The GPU executor, on wgpu.

mod link;
pub mod shader;
