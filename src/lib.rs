//! aquatint: a GPU-compute video renderer.

pub mod color;
pub mod frame;
pub mod graph;
#[cfg(test)]
mod layers;
#[cfg(feature = "video")]
pub mod media;
pub mod reference;
