pub mod whole;
