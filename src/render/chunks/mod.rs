//! Long renders in chunks: each becomes a segment of its own, complete and on the disk before it is recorded as done, so
//! that whatever ends the process costs the chunk in work and nothing else.
//!
//! [`boundaries`] says where chunks begin, [`plan`] writes that down once, [`job_dir`] holds everything while the job
//! lasts, [`record`] says what a finished chunk is, [`journal`] makes it durable, [`interim_report`] saves how the job
//! goes, [`source`] and [`segment_sink`] are the two ends of the pipeline, [`context`] renders a work unit of chunks,
//! [`scheduler`] gives such units to one worker or, as [`concurrency`] says, to several, [`engine`] drives, [`stitch`]
//! joins the outputs.

mod boundaries;
mod concurrency;
mod context;
mod damage;
mod disk;
mod engine;
mod identity;
mod interim_report;
mod job_dir;
mod journal;
mod plan;
mod record;
mod scheduler;
mod segment_sink;
mod source;
mod stitch;

pub use disk::{LowDisk, available};
pub use plan::{Unfinished, unfinished};

pub(super) use engine::render;
pub(super) use plan::Chunking;
