pub mod across;
pub mod along;
mod between;
pub mod print;
