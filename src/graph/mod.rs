//! The render graph: styles, plans, and the executors that run them.

mod content;
pub mod cpu;
pub mod executor;
pub mod gpu;
pub mod plan;
pub mod scene;
mod state;
pub mod style;

pub use content::Content;
pub use executor::{Device, ExecError, Executor, Output, Submission, Timing};
