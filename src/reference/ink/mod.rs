pub mod across;
pub mod along;
mod between;
pub mod fill;
pub mod print;
