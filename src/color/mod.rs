//! Colour as streams describe it (ITU-T H.273 code points) and as kernels need it (coefficients and offsets), and
//! look-up tables.

pub mod bounds;
mod coding;
pub mod hald;
pub mod lut;
pub mod lut_file;
mod transfer;

pub use crate::frame::{ChromaLocation, Color, Range};
pub use coding::{Coding, SampleCoding, Siting};
pub use transfer::Transfer;
