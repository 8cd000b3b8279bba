//! The studio's queue of jobs and what it remembers besides, in one SQLite file.
//!
//! - Jobs ([`JobRow`]) with their states ([`State`]), their order and their history.
//! - Keys of requests, so that a request that is sent twice adds its jobs once.
//! - Watched folders, settings, and hashes of tokens.
//!
//! Every change is on the disk when its function returns, also if the process is killed right after. Several processes
//! may have the same file open. Times are milliseconds since 1970-01-01T00:00:00Z, by the clock of this machine.

mod add;
mod change;
mod error;
mod open;
mod order;
mod read;
mod recover;
mod rows;
mod schema;
mod settings;
mod state;
mod tokens;
mod watches;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use change::Outcome;
pub use error::{Result, StoreError};
pub use open::Opened;
pub use read::Filter;
pub use rows::{Event, JobRow, NewJob};
pub use state::State;
pub use watches::{NewWatch, Seen, Watch};

use error::Failure;

/// An open file. It may be shared between threads: they take turns.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    /// Where the file is, as an absolute path.
    path: PathBuf,
}

impl Store {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked has rolled its transaction back.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `read`, which sees one state of the file.
    fn read<T>(
        &self,
        read: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        self.within(TransactionBehavior::Deferred, read)
    }

    /// Does `write`, all of it or nothing.
    fn write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        // Immediate: one that began by reading could not wait for another writer.
        self.within(TransactionBehavior::Immediate, write)
    }

    fn within<T>(
        &self,
        behavior: TransactionBehavior,
        act: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        let mut connection = self.connection();
        let done = connection
            .transaction_with_behavior(behavior)
            .map_err(Failure::from)
            .and_then(|transaction| {
                let value = act(&transaction)?;
                transaction.commit()?;
                Ok(value)
            });
        done.map_err(|failure| failure.at(&self.path))
    }
}

/// The time now, in milliseconds since 1970; 0 for a clock that is set before.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
