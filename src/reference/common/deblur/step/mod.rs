//! An iteration of Richardson and Lucy's deconvolution.

pub mod multiply;
pub mod ratio;
