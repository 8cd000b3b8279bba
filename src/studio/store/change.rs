//! Changing jobs: states, outputs, results.

use rusqlite::{Transaction, params};
use serde_json::Value;

use super::error::Failure;
use super::order::end_of_queue;
use super::rows::{list_text, note, optional_text, state_of, states_text};
use super::{JobRow, Result, State, Store, StoreError, now};

/// How a job ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The report, if there is one.
    pub report: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
    /// What the user is to be told.
    pub warnings: Vec<String>,
    /// What was done in another way than asked.
    pub fallbacks: Vec<String>,
}

impl Store {
    /// Changes the state of the job `id` to `to` if it is one of `from`, with `words` in its history, and gives
    /// whether that happened. It did not where the job is in that state already, or another thread or process has
    /// brought it to a state that is not in `from`.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where no job of the present state goes over to `to` ([`State::may_become`]), which may
    /// be news to a caller, too; [`StoreError::UnknownJob`]; and what the system refuses.
    pub fn set_state(&self, id: i64, from: &[State], to: State, words: &str) -> Result<bool> {
        self.write(|transaction| go_over(transaction, id, from, to, words))
    }

    /// Starts the first queued job in order for which `may_run` is true, with `words` in its history, and gives it as
    /// it is then. Of several threads or processes that ask, each gets another one.
    ///
    /// # Errors
    /// As of [`Self::get`].
    pub fn take_next(
        &self,
        words: &str,
        mut may_run: impl FnMut(&JobRow) -> bool,
    ) -> Result<Option<JobRow>> {
        while let Some(job) = self.next_runnable(&mut may_run)? {
            match self.set_state(job.id, &[State::Queued], State::Running, words) {
                Ok(true) => return self.get(job.id).map(Some),
                // Another one was faster.
                Ok(false) | Err(StoreError::Refused { .. } | StoreError::UnknownJob { .. }) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Keeps which files the job `id` writes, as absolute paths.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`], and what the system refuses.
    pub fn set_outputs(&self, id: i64, outputs: &[String]) -> Result<()> {
        self.write(|transaction| {
            let changed = transaction
                .prepare("UPDATE jobs SET outputs = ?2 WHERE id = ?1")?
                .execute(params![id, list_text(outputs)])?;
            match changed {
                0 => Err(StoreError::UnknownJob { id }.into()),
                _ => Ok(()),
            }
        })
    }

    /// Ends the job `id`, which runs, is being paused or being cancelled, as `to`, with `words` in its history, and
    /// gives whether that happened. It did not where the job has ended so already.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the job waits, or has ended otherwise; [`StoreError::Invalid`] for a `to` that is
    /// not ended, or JSON nested too deeply to be read back; [`StoreError::UnknownJob`]; and what the system refuses.
    pub fn set_result(&self, id: i64, to: State, outcome: &Outcome, words: &str) -> Result<bool> {
        if !to.is_ended() {
            return Err(StoreError::Invalid {
                what: format!("a result of job {id} as {to}"),
                advice: "give done, failed or cancelled",
            });
        }
        let report = optional_text(outcome.report.as_ref(), "report")?;
        let error = optional_text(outcome.error.as_ref(), "error")?;
        let (warnings, fallbacks) = (list_text(&outcome.warnings), list_text(&outcome.fallbacks));
        let from = [State::Running, State::Pausing, State::Cancelling];
        self.write(|transaction| {
            if !go_over(transaction, id, &from, to, words)? {
                return Ok(false);
            }
            transaction
                .prepare(
                    "UPDATE jobs SET report = ?2, error = ?3, warnings = ?4, fallbacks = ?5 WHERE id = ?1",
                )?
                .execute(params![id, report, error, warnings, fallbacks])?;
            Ok(true)
        })
    }

    /// Puts the job `id`, which ended, at the end of the queue for another attempt. Its result is forgotten, its
    /// outputs and its priority are kept.
    ///
    /// # Errors
    /// [`StoreError::NotEnded`], [`StoreError::UnknownJob`], and what the system refuses.
    pub fn retry(&self, id: i64) -> Result<()> {
        self.write(|transaction| try_again(transaction, id))
    }

    /// Puts all failed jobs at the end of the queue, in the order of their ids, as of [`Self::retry`], and gives their
    /// ids.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn retry_failed(&self) -> Result<Vec<i64>> {
        self.write(|transaction| {
            let ids: Vec<i64> = transaction
                .prepare("SELECT id FROM jobs WHERE band = 2 AND state = 'failed' ORDER BY id")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for id in &ids {
                try_again(transaction, *id)?;
            }
            Ok(ids)
        })
    }

    /// Removes the job `id`, which ended, with its history. Its files stay.
    ///
    /// # Errors
    /// [`StoreError::NotEnded`], [`StoreError::UnknownJob`], and what the system refuses.
    pub fn remove(&self, id: i64) -> Result<()> {
        self.write(|transaction| {
            has_ended(transaction, id)?;
            transaction
                .prepare("DELETE FROM jobs WHERE id = ?1")?
                .execute([id])?;
            Ok(())
        })
    }
}

/// Changes the state as of [`Store::set_state`].
pub(super) fn go_over(
    transaction: &Transaction<'_>,
    id: i64,
    from: &[State],
    to: State,
    words: &str,
) -> std::result::Result<bool, Failure> {
    let at = now();
    let from = states_text(from.iter().filter(|state| state.may_become(to)));
    let changed = transaction
        .prepare(
            "UPDATE jobs SET state = ?2,
                started = CASE WHEN ?2 = 'running' THEN coalesce(started, ?4) ELSE started END,
                ended = CASE WHEN ?2 IN ('done', 'failed', 'cancelled') THEN ?4 END
             WHERE id = ?1 AND state IN (SELECT value FROM json_each(?3))",
        )?
        .execute(params![id, to.name(), from, at])?;
    if changed > 0 {
        note(transaction, id, at, to, words)?;
        return Ok(true);
    }
    let from = state_of(transaction, id)?;
    match from == to || from.may_become(to) {
        true => Ok(false),
        false => Err(StoreError::Refused { id, from, to }.into()),
    }
}

fn try_again(transaction: &Transaction<'_>, id: i64) -> std::result::Result<(), Failure> {
    has_ended(transaction, id)?;
    let place = end_of_queue(transaction)?;
    transaction
        .prepare(
            "UPDATE jobs SET state = 'queued', place = ?2, attempts = attempts + 1, started = NULL, ended = NULL,
                error = NULL, report = NULL, warnings = '[]', fallbacks = '[]' WHERE id = ?1",
        )?
        .execute([id, place])?;
    note(transaction, id, now(), State::Queued, "another attempt")?;
    Ok(())
}

/// Fails unless the job `id` has ended.
fn has_ended(transaction: &Transaction<'_>, id: i64) -> std::result::Result<(), Failure> {
    let state = state_of(transaction, id)?;
    match state.is_ended() {
        true => Ok(()),
        false => Err(StoreError::NotEnded { id, state }.into()),
    }
}
