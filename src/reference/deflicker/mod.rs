pub mod even;
