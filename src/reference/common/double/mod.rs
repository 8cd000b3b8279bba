//! Luma at twice the size.

pub mod buckets;
pub mod direction;
pub mod enlarge;
pub mod filter;
pub mod first12;
pub mod first16;
pub mod first8;
pub mod last12;
pub mod last16;
pub mod last8;
pub mod layer;
pub mod layer12;
pub mod layer16;
pub mod layer8;
pub mod level;
pub mod network;
