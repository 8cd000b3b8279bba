pub mod dodge;
pub mod grain;
pub mod texture;
