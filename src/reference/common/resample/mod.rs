pub mod across;
pub mod alpha;
pub mod down;
pub mod limit;
pub mod polar;
pub mod sums;
pub mod weight;
pub mod window;
