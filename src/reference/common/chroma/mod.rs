//! Colour differences at the size of a luma.

pub mod guided;
pub mod samples;
