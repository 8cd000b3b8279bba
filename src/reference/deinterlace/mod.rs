pub mod chroma;
pub mod join;
pub mod luma;
pub mod whole;
