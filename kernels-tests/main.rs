//! Kernels against their twins, plans against each other, styles against truth from elsewhere.

mod cartoon;
mod cinematic;
mod comic;
mod conformance;
mod gaussian;
mod generators;
mod golden;
mod measure;
mod pencil;
mod planes;
mod plans;
mod resize;
mod scenes;
#[path = "../src/skip.rs"]
mod skip;
mod support;
mod temporal;
mod under_way;
