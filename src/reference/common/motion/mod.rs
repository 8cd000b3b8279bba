pub mod blocks;
pub mod check;
pub mod one_way;
