//! Kernels against their twins, plans against each other, styles against truth from elsewhere.

mod cinematic;
mod conformance;
mod gaussian;
mod generators;
mod pencil;
mod planes;
mod plans;
mod support;
