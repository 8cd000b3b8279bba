mod cubic;
pub mod fill;
#[path = "move.rs"]
pub mod moved;
