pub mod filter;
mod fixed;
mod vector;
