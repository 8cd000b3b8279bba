//! The square of luma about the middle.

pub mod centered;
