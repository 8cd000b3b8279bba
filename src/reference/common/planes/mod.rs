pub mod chroma;
pub mod luma;
pub mod rgb;
