//! The render graph: styles, plans, and the executors that run them.

pub mod cpu;
pub mod executor;
pub mod gpu;
pub mod plan;
mod resource;
pub mod scene;
mod session;
pub mod state;
pub mod style;
mod timeline;

pub use executor::{Device, ExecError, Executor, Instant, Output, Payload, StepTime, Submission};
pub use resource::ResourceData;
pub use session::{Checkpoint, Clock, Session};
