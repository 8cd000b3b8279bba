pub mod pack;
pub mod samples;
pub mod tensor;
pub mod unpack;
