pub mod cells;
pub mod luma;
mod luma_line;
pub mod noise;

pub use luma_line::LumaLine;
