//! Pages about videos: one file each, which needs no network and can be read without its script, and printed.

mod document;
mod image;
mod plot;

pub use document::{clock, document, escaped, facts, list, picture, section, swipe, table};
pub use image::data_address;
pub use plot::{Plot, Point, number};
