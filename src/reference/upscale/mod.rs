//! Pictures at a larger size.

pub mod edges;
pub mod pixel_art;
