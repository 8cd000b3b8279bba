//! Pictures at a larger size.

pub mod covered;
pub mod edges;
pub mod join;
pub mod pixel_art;
