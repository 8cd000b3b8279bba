//! Training of small networks for pictures, and the versions of what was trained.
//!
//! The trainer itself ([`train`]) is built with the feature `train`. Without it, versions can be read and rolled back, and
//! networks written as ONNX files.

#[cfg(feature = "train")]
mod adam;
#[cfg(feature = "train")]
mod contract;
#[cfg(feature = "train")]
mod engine;
pub mod engines;
mod error;
#[cfg(feature = "train")]
mod lesson;
#[cfg(feature = "train")]
mod load;
pub mod network;
pub mod onnx;
mod random;
mod recipe;
mod rgb;
#[cfg(feature = "train")]
mod run;
#[cfg(feature = "train")]
mod state;
#[cfg(test)]
mod tests;
#[cfg(all(test, feature = "train"))]
mod trained_tests;
mod versions;

pub use error::{Result, TrainError};
pub use recipe::{Ask, Lesson, Loss, Recipe};
pub use rgb::Rgb;
#[cfg(feature = "train")]
pub use run::{Engines, Outcome, Run, TOLERANCE, Told, check, train, train_for_engines};
pub use versions::{LossPoint, Meta, Status, Versions};
