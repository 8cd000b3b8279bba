pub mod border;
pub mod bspline;
pub mod gaussian;
pub mod hash;
pub mod luma;
pub mod mix;
pub mod noise;
pub mod outline;
