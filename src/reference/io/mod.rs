pub mod pack;
pub mod samples;
pub mod unpack;
