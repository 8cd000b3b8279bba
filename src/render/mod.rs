//! A job: decode → graph → encode. One input, one decode, one plan, and one output for each style.
//!
//! A [`RenderRequest`] says what is asked for, and becomes [`Settings`]. [`Job::prepare`] decides everything that can be
//! decided before a frame is rendered, and [`Job::run`] renders: under hidden temporary names, looked at again when finished, then renamed.
//! Nothing here prints: what happens is told as [`Event`]s, what went wrong as [`RenderError`], what was done as [`Report`].

pub mod bench;
mod chunks;
pub mod demo;
mod describe;
mod device;
mod error;
mod event;
mod feed;
mod files;
mod job;
mod ladder;
mod naming;
mod output_styles;
mod parallel;
mod pending_output;
mod pipeline;
mod preset;
mod queue;
mod report;
pub mod request;
mod settings;
mod watchdog;

pub use chunks::{LowDisk, Unfinished, available, place as job_folder, unfinished};
pub use describe::Description;
pub use device::Choice;
pub use error::{Failure, RenderError, Result};
pub use event::{Cancel, Event};
pub use job::Job;
pub use naming::OutputLocation;
pub use output_styles::{OutputStyle, STRENGTH, output_styles, strength};
pub use parallel::Parallelism;
pub use preset::{Preset, preset_names, preset_text};
pub use queue::{JobOutcome, Queue, QueueItem, QueueListener, planned_outputs};
pub use report::{Chunks, Fidelity, FileReport, Report, Seconds, write_report};
pub use request::{RenderRequest, StoredJob};
pub use settings::{CHUNK, Existing, JobOptions, Settings};
pub use watchdog::Suspicion;

#[cfg(test)]
mod tests;
