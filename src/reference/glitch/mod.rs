pub mod burst;
pub mod mosh;
pub mod shrink;
pub mod tear;
