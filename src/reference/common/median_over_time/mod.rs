pub mod median;
