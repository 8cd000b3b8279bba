//! Jobs that things go wrong with.

mod faults;
mod sources;
mod unchecked;

pub use faults::Faults;
