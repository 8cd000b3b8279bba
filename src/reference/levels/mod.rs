pub mod count;
pub mod stretch;
