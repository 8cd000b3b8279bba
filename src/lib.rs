//! aquatint: a GPU-compute video renderer.

pub mod color;
pub mod frame;
#[cfg(feature = "video")]
pub mod media;
