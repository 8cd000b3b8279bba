pub mod assign;
pub mod carry;
pub mod gather;
mod grid;
pub mod lay;
