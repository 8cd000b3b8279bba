//! aquatint: a GPU-compute video renderer.

pub mod color;
pub mod frame;
pub mod graph;
pub mod reference;
