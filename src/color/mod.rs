//! Colour as streams describe it (ITU-T H.273 code points) and as kernels need it (coefficients and offsets), and
//! look-up tables.

pub mod bounds;
mod coding;
pub mod cube;
pub mod lut;
mod tags;
mod transfer;

pub use coding::{Coding, SampleCoding, Siting};
pub use tags::{ChromaLocation, Color, Range};
pub use transfer::Transfer;
