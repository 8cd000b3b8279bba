//! Jobs that schedulers run: how far they are, and the files that schedulers are given. aquatint has no scheduler of its own.
//!
//! [`status`] reads the folder of a job, [`request`] is what is asked of a scheduler, [`submit`] writes its files and runs its
//! client; each scheduler has a file.

mod flamenco;
mod kubernetes;
mod openjd;
mod quote;
mod request;
mod shell;
mod slurm;
mod status;
mod submit;

pub use request::{Engine, Request, Volume};
pub use status::{FailedTask, JobStatus, RunningTask, job_status};
pub use submit::{Cancelled, FarmError, Files, Submitted, cancel, prepare, submit};
