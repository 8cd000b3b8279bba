//! aquatint: a GPU-compute video renderer.

// The types of a compiled style are nested deeply.
#![recursion_limit = "256"]

#[cfg(feature = "video")]
pub mod cli;
pub mod color;
#[cfg(feature = "video")]
pub mod farm;
#[cfg(feature = "video")]
mod folders;
pub mod frame;
pub mod graph;
#[cfg(feature = "video")]
pub mod hardware;
#[cfg(test)]
mod layers;
#[cfg(feature = "video")]
pub mod measure;
#[cfg(feature = "video")]
pub mod media;
#[cfg(feature = "video")]
pub mod metrics;
mod nearest;
#[cfg(feature = "video")]
pub mod neural;
pub mod reference;
#[cfg(feature = "video")]
pub mod render;
#[cfg(test)]
mod skip;
#[cfg(feature = "studio")]
pub mod studio;
#[cfg(feature = "video")]
mod topics;
#[cfg(feature = "video")]
pub mod train;
