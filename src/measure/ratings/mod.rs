//! What a person thinks of rendered outputs, kept in one SQLite file, and what can be learnt from it.
//!
//! - [`Ratings`] is the file: outputs, stars (1 to 5) given to one output, and preferences between two of them. Every
//!   write is on the disk when its function returns, and several processes may write at the same time.
//! - [`strengths`] turns comparisons of pairs into one number per output (the Bradley–Terry model);
//!   [`comparisons`] takes such pairs from preferences and from stars.
//! - [`ScoreModel`] predicts a person's score from numbers about an output, for a search over parameters.
//!
//! Times are seconds since 1970-01-01T00:00:00Z and always come from the caller.

mod bradley_terry;
mod cholesky;
mod comparisons;
mod date;
mod error;
mod export;
mod identity;
mod liked;
mod open;
mod read;
mod record;
mod schema;
mod trust;
mod turns;
mod write;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use bradley_terry::{Comparison, elo, probability, strengths, strengths_with_phantom};
pub use comparisons::{StarRating, comparisons, preferences_of_stars};
pub use date::rfc3339;
pub use error::{RatingsError, Result};
pub use liked::{MIN_SAMPLES, NothingLearnt, ScoreModel};
pub use record::{LATEST_TIME, Output, Preference, Rating, StoredOutput};
pub use trust::Trust;

/// An open file of ratings.
///
/// It may be sent to another thread, but not shared between threads: each opens its own. Other processes may have the
/// same file open and write to it; a write waits up to 5 seconds for theirs.
#[derive(Debug)]
pub struct Ratings {
    connection: rusqlite::Connection,
    /// Where the file is, as an absolute path.
    path: PathBuf,
    /// When the last write ended.
    last_write: Cell<Option<Instant>>,
}

impl Ratings {
    /// Where the file is, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `error` of SQLite as one about this file.
    fn failed(&self, error: rusqlite::Error) -> RatingsError {
        RatingsError::of(&self.path, error)
    }
}
