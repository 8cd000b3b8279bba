pub mod direction;
pub mod tensor;
