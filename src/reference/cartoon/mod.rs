pub mod drift;
pub mod ink;
pub mod lloyd;
pub mod palette;
pub mod quantize;
pub mod seed;
pub mod widen;
