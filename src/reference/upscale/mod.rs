//! Pictures at a larger size.

pub mod edges;
pub mod filled;
pub mod join;
pub mod pixel_art;
