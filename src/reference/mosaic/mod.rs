pub mod assign;
pub mod gather;
mod grid;
pub mod lay;
