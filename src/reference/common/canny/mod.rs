pub mod edges;
pub mod gradient;
pub mod gray;
pub mod link;
pub mod thin;
