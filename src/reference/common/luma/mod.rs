pub mod coded;
pub mod weighted;
