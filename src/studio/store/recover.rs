//! What becomes of jobs whose program ended while it worked on them.

use super::change::go_over;
use super::rows::state;
use super::{Result, State, Store};

impl Store {
    /// To be called at the start, before anything is rendered, by the one process that renders: jobs that ran or were
    /// being paused go back to their place in the queue, or are paused if `stay_paused`; those being cancelled are
    /// cancelled. Gives their ids.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn recover(&self, stay_paused: bool) -> Result<Vec<i64>> {
        let (back, words) = match stay_paused {
            true => (State::Paused, "the program had ended; paused at the start"),
            false => (State::Queued, "the program had ended; queued again"),
        };
        self.write(|transaction| {
            let found: Vec<(i64, State)> = transaction
                .prepare("SELECT id, state FROM jobs WHERE band = 0 ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, state(row, 1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (id, from) in &found {
                let (to, words) = match from {
                    State::Cancelling => (
                        State::Cancelled,
                        "the program had ended while the job was being cancelled",
                    ),
                    _ => (back, words),
                };
                go_over(transaction, *id, &[*from], to, words)?;
            }
            Ok(found.into_iter().map(|(id, _)| id).collect())
        })
    }
}
