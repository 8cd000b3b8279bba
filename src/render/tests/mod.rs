//! Jobs that things go wrong with.

mod combinations;
mod decoders;
mod faults;
mod sources;
mod unchecked;

pub use faults::Faults;
