pub mod count;
pub mod replace;
