pub mod bright;
pub mod down;
mod excess;
mod rows;
pub mod scatter;
pub mod up;
