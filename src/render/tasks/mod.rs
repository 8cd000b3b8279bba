//! A job that several processes render, on one machine or many, each a part of it: planned once, rendered in tasks, and
//! joined. A local render in chunks is the same in one process.
//!
//! All that the processes share is a folder, which may lie on another machine. Nothing relies on locks, and no task writes a
//! file that another one writes: a chunk's record, which gets its name when all of the chunk is there, says that it is done.
//! [`paths`] tells where files lie on a machine, [`plan`] makes the folder, [`open`] takes it up, [`attempt`] is what a process
//! tells of itself while it works, [`run`] renders tasks, [`join`] makes the outputs under a [`lease`], [`again`] says which
//! failures are worth another try.

mod again;
mod attempt;
mod join;
mod lease;
mod open;
mod paths;
mod plan;
mod run;

pub use again::may_succeed_later;
pub use attempt::{Attempt, AttemptState, attempts};
pub use join::join_tasks;
pub use open::TaskJob;
pub use paths::PathMap;
pub use plan::{TaskFacts, TaskPlan, plan_tasks};
pub use run::{TasksMade, render_tasks};
