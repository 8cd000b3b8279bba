//! Long renders in chunks. Each chunk becomes a segment that is complete and synced to the disk before it is recorded
//! as finished. If the process ends for any reason, only the work on the current chunk is lost.
//!
//! [`boundaries`] chooses where chunks begin, [`plan`] stores that choice, [`job_dir`] holds all files of the job while
//! it runs, [`record`] describes a finished chunk, [`journal`] makes it durable, [`interim_report`] saves the report so
//! far, [`scenes`] moves borders to scene cuts, [`source`] and [`segment_sink`] are the two ends of the pipeline, [`context`] renders a work unit of chunks,
//! [`scheduler`] assigns work units to one or several workers ([`concurrency`] chooses how many), [`engine`] runs the
//! job, all of it or a part, [`stitch`] joins the outputs.

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
mod scenes;
mod scheduler;
mod segment_sink;
mod source;
mod stitch;

pub use disk::available;
pub use engine::ChunkMade;
pub use job_dir::discard;
pub use plan::{Unfinished, unfinished};

pub(super) use engine::{Part, done_of, join, render, render_part, store};
pub(super) use interim_report::EarlierReport;
pub(super) use job_dir::{ATTEMPTS, CHUNK_ENDING, new_file, sync};
pub(super) use plan::{ChunkPlan, Chunking};
