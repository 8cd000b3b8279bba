pub mod cells;
pub mod changed;
pub mod luma;
mod luma_line;
pub mod noise;

pub use luma_line::LumaLine;
