pub mod bounded;
pub mod step;
