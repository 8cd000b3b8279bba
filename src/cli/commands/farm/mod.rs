//! `aquatint plan`, `chunk`, `stitch`, `status`, `submit`, `cancel` and `logs`: one job, rendered by several processes.

mod planning;
mod scheduling;
mod status;
mod tasks;

pub use planning::plan;
pub use scheduling::{cancel, submit};
pub use status::{logs, status};
pub use tasks::{chunk, stitch};
