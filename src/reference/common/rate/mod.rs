pub mod blend;
pub mod hold;
