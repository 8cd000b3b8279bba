pub mod erode;
pub mod halve;
pub mod pick;
