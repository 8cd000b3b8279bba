pub mod halftone;
pub mod print;
pub mod screen;
pub mod separate;
