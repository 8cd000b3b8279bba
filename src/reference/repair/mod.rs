pub mod cells;
pub mod choose;
pub mod count;
mod found;
pub mod numbers;
pub mod rebuild;
pub mod take;
pub mod verdict;
