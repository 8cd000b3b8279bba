//! The render graph: styles, plans, and the executors that run them.

mod ahead;
pub mod bench;
pub mod browser;
pub mod cpu;
pub mod executor;
mod external;
pub mod gpu;
pub mod plan;
pub mod reduce;
mod resource;
pub mod scene;
mod session;
mod shared;
pub mod state;
pub mod style;
mod timeline;

pub use ahead::{ObservedAhead, ObserverAhead};
pub use executor::{
    Device, ExecError, Executor, HostTimes, Instant, Output, Payload, StepTime, Stop, Submission,
};
pub use external::{External, ExternalImage, Given};
pub use resource::ResourceData;
pub use session::{Checkpoint, Session};
pub use shared::{GivenShared, Imported, MemoryHandle, SharedBuffer, SharedImage, SharesMemory};
