//! Luma smoothed where it changes little, and left as it is along edges.

pub mod apply;
pub mod rest;
pub mod slope;
