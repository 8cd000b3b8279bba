mod grid;
pub mod smooth;
pub mod steps;
