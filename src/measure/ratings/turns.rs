//! Taking turns with other writers.
//!
//! SQLite lets one connection write at a time, and keeps no queue: its own wait tries again after up to 0.1 seconds.
//! Where a write takes long, as on a disk that turns, a process that adds many outputs leaves no other one a moment
//! to write in for longer than the 5 seconds. So who waits here tries each millisecond, and who writes a lot
//! leaves a gap of two between its writes.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{Ratings, Result};

/// How long a write waits for those of others.
pub(super) const WAIT: Duration = Duration::from_millis(5000);
/// How long a waiting one sleeps before it tries again.
const PAUSE: Duration = Duration::from_millis(1);
/// The time from a write to the next one of the same connection.
const GAP: Duration = Duration::from_millis(2);

/// Makes `connection` wait for others up to [`WAIT`].
pub(super) fn wait_for_others(connection: &mut Connection) -> rusqlite::Result<()> {
    let mut end = Instant::now();
    connection.busy_handler(Some(move |tries| {
        let now = Instant::now();
        if tries == 0 {
            end = now + WAIT;
        }
        sleep(PAUSE);
        now < end
    }))
}

impl Ratings {
    /// Does `write`, one statement that is a transaction by itself, in a file that is still in its place.
    pub(super) fn write<T>(
        &self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.is_in_place()?;
        if let Some(last) = self.last_write.get() {
            sleep((last + GAP).saturating_duration_since(Instant::now()));
        }
        let done = write(&self.connection).map_err(|error| self.failed(error));
        self.last_write.set(Some(Instant::now()));
        done
    }
}
