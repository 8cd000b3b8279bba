//! Jobs that things go wrong with.

mod faults;
mod sources;

pub use faults::Faults;
