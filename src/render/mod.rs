//! A job: decode → graph → encode. One input, one decode, one plan, an output for every look asked for.
//!
//! [`looks`] reads what a person asks for, [`Job::prepare`] decides everything that can be decided before a frame is
//! rendered, and [`Job::run`] renders: under hidden temporary names, looked at again when finished, then renamed.
//! Nothing here prints: what happens is told as [`Event`]s, what went wrong as [`RenderError`], what was done as [`Report`].

pub mod bench;
mod chunks;
mod committed_outputs;
pub mod demo;
mod describe;
mod device;
mod device_fallback;
mod error;
mod event;
mod file_sink;
mod file_source;
mod files;
mod hex;
mod job;
mod looks;
mod naming;
mod new_folders;
mod parallel;
mod partial;
mod pipeline;
mod preset;
mod report;
mod run;
mod settings;
mod single_pass;
mod tone;
mod watchdog;
mod work_folder;

pub use chunks::{LowDisk, Unfinished, available, unfinished};
pub use describe::Description;
pub use device::Choice;
pub use error::{Failure, RenderError, Result};
pub use event::{Cancel, Event};
pub use job::Job;
pub use looks::{Look, STRENGTH, looks, strength};
pub use naming::Target;
pub use parallel::Parallelism;
pub use preset::{Preset, preset_names, preset_text};
pub use report::{Chunks, Fidelity, FileReport, Report, Seconds, write_report};
pub use settings::{CHUNK, Existing, JobOptions, Settings};
pub use watchdog::OutputAnomalies;
pub use work_folder::job_folder;

#[cfg(test)]
mod tests;
