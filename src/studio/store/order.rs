//! The order of jobs that wait.
//!
//! A job has a priority and a place. Places of jobs that have not ended all differ, with gaps between them: who is
//! moved gets the middle of a gap, and where there is none left, all places are numbered anew.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::error::Failure;
use super::rows::state_of;
use super::{Result, Store, StoreError};

/// The gap between new places.
const GAP: i64 = 1 << 20;

impl Store {
    /// Moves the job `id` right before the job `other`, whose priority it takes. Both must be queued or paused.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`], [`StoreError::NotWaiting`], and what the system refuses.
    pub fn move_before(&self, id: i64, other: i64) -> Result<()> {
        self.move_beside(id, other, true)
    }

    /// Moves the job `id` right after the job `other`, whose priority it takes. Both must be queued or paused.
    ///
    /// # Errors
    /// As of [`Self::move_before`].
    pub fn move_after(&self, id: i64, other: i64) -> Result<()> {
        self.move_beside(id, other, false)
    }

    /// Moves the job `id` before all others that wait; it takes the highest priority among them, if that is above its
    /// own.
    ///
    /// # Errors
    /// As of [`Self::move_before`].
    pub fn move_first(&self, id: i64) -> Result<()> {
        self.move_to_end(id, true)
    }

    /// Moves the job `id` after all others that wait; it takes the lowest priority among them, if that is below its
    /// own.
    ///
    /// # Errors
    /// As of [`Self::move_before`].
    pub fn move_last(&self, id: i64) -> Result<()> {
        self.move_to_end(id, false)
    }

    /// Gives the job `id`, which has not ended, another priority: a higher one is rendered first. Its place among jobs
    /// of the same priority follows from when it was added or moved.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`], [`StoreError::NotWaiting`] for a job that ended, and what the system refuses.
    pub fn set_priority(&self, id: i64, priority: i32) -> Result<()> {
        self.write(|transaction| {
            let state = state_of(transaction, id)?;
            if state.is_ended() {
                return Err(StoreError::NotWaiting { id, state }.into());
            }
            let sql = "UPDATE jobs SET priority = ?2 WHERE id = ?1";
            transaction.prepare(sql)?.execute(params![id, priority])?;
            Ok(())
        })
    }

    fn move_beside(&self, id: i64, other: i64, before: bool) -> Result<()> {
        self.write(|transaction| {
            waits(transaction, id)?;
            waits(transaction, other)?;
            if id == other {
                return Ok(());
            }
            let place = match gap_beside(transaction, id, other, before)? {
                Some(place) => place,
                None => {
                    number_anew(transaction)?;
                    // Of new numbers, each gap has a middle.
                    gap_beside(transaction, id, other, before)?
                        .ok_or(rusqlite::Error::QueryReturnedNoRows)?
                }
            };
            transaction
                .prepare(
                    "UPDATE jobs SET place = ?2, priority = (SELECT priority FROM jobs WHERE id = ?3) WHERE id = ?1",
                )?
                .execute(params![id, place, other])?;
            Ok(())
        })
    }

    fn move_to_end(&self, id: i64, first: bool) -> Result<()> {
        let sql = match first {
            true => {
                "UPDATE jobs SET place = (SELECT min(place) FROM jobs WHERE ended IS NULL) - ?2, priority =
                 (SELECT max(priority) FROM jobs WHERE state IN ('queued', 'paused')) WHERE id = ?1"
            }
            false => {
                "UPDATE jobs SET place = (SELECT max(place) FROM jobs WHERE ended IS NULL) + ?2, priority =
                 (SELECT min(priority) FROM jobs WHERE state IN ('queued', 'paused')) WHERE id = ?1"
            }
        };
        self.write(|transaction| {
            waits(transaction, id)?;
            transaction.prepare(sql)?.execute([id, GAP])?;
            Ok(())
        })
    }
}

/// The place of a job that comes after all others.
pub(super) fn end_of_queue(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    let last: Option<i64> = transaction
        .prepare("SELECT max(place) FROM jobs WHERE ended IS NULL")?
        .query_row([], |row| row.get(0))?;
    Ok(last.unwrap_or(0) + GAP)
}

/// Fails unless the job `id` is queued or paused.
fn waits(transaction: &Transaction<'_>, id: i64) -> std::result::Result<(), Failure> {
    let state = state_of(transaction, id)?;
    match state.is_waiting() {
        true => Ok(()),
        false => Err(StoreError::NotWaiting { id, state }.into()),
    }
}

/// The middle of the gap right before or after the job `other`, where there is room for it; the job `id` is no
/// neighbour, because it leaves its place.
fn gap_beside(
    transaction: &Transaction<'_>,
    id: i64,
    other: i64,
    before: bool,
) -> rusqlite::Result<Option<i64>> {
    let place: i64 = transaction
        .prepare("SELECT place FROM jobs WHERE id = ?1")?
        .query_row([other], |row| row.get(0))?;
    let sql = match before {
        true => {
            "SELECT place FROM jobs WHERE ended IS NULL AND place < ?1 AND id <> ?2 ORDER BY place DESC LIMIT 1"
        }
        false => {
            "SELECT place FROM jobs WHERE ended IS NULL AND place > ?1 AND id <> ?2 ORDER BY place LIMIT 1"
        }
    };
    let next: Option<i64> = transaction
        .prepare(sql)?
        .query_row([place, id], |row| row.get(0))
        .optional()?;
    let next = next.unwrap_or(if before {
        place - 2 * GAP
    } else {
        place + 2 * GAP
    });
    let middle = place.midpoint(next);
    Ok((middle != place && middle != next).then_some(middle))
}

/// Gives all jobs that have not ended new places in the same order.
fn number_anew(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .prepare(
            "UPDATE jobs SET place = numbered.n * ?1 FROM
                (SELECT id, row_number() OVER (ORDER BY place, id) AS n FROM jobs WHERE ended IS NULL) AS numbered
             WHERE jobs.id = numbered.id",
        )?
        .execute([GAP])?;
    Ok(())
}
