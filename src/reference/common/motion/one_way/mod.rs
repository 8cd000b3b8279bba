pub mod fraction;
pub mod mean;
pub mod refine;
pub mod search;
pub mod settle;
pub mod shrink;
pub mod whole;
