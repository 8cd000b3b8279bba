//! Pictures as tensors in tiles, and back. Values are 32-bit floats or pairs of 16-bit floats in words.

pub mod blend;
pub mod fill;
pub mod pack;
pub mod pack_half;
pub mod tiles;
pub mod unpack;
