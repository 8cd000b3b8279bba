pub mod light;
pub mod signal;
