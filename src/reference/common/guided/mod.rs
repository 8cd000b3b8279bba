//! What was changed in a small copy of a picture, brought to the picture along the edges of its luma.

pub mod apply;
pub mod fit;
pub mod rest;
