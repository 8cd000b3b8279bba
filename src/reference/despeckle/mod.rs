pub mod replace;
