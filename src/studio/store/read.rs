//! Reading: jobs, their order, their history.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};
use serde_json::Value;

use super::rows::{COLUMNS, job, optional_json, state, state_of, states_text};
use super::{Event, JobRow, Result, State, Store, StoreError};

/// The most jobs of one page of a list.
pub(super) const PAGE: usize = 500;

/// Which jobs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of one of these states; of any state, if there are none.
    pub states: Vec<State>,
    /// Those of this origin alone.
    pub origin: Option<String>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The jobs, in order.
    pub jobs: Vec<JobRow>,
    /// Where the list goes on ([`Store::list`]); nothing at its end.
    pub next: Option<String>,
}

impl Store {
    /// The job that has not ended, another than `but`, and writes the file at `path`.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn writer_of(&self, path: &str, but: Option<i64>) -> Result<Option<i64>> {
        self.read(|transaction| {
            let mut statement = transaction.prepare(
                "SELECT id FROM jobs WHERE band < 2 AND id IS NOT ?2
                 AND EXISTS (SELECT 1 FROM json_each(outputs) WHERE value = ?1) LIMIT 1",
            )?;
            let found = statement.query_row(params![path, but], |row| row.get(0));
            Ok(found.optional()?)
        })
    }

    /// The job `id`.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`]; [`StoreError::Damaged`] for contents that cannot be read; and what the system
    /// refuses.
    pub fn get(&self, id: i64) -> Result<JobRow> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE id = ?1");
        let found = self.read(|transaction| {
            let mut statement = transaction.prepare(&sql)?;
            Ok(statement.query_row([id], job).optional()?)
        })?;
        found.ok_or(StoreError::UnknownJob { id })
    }

    /// Jobs in order: what runs by its start, then what waits by priority and place, then what ended, the newest first.
    ///
    /// `after` is [`Page::next`] of the page before, and `limit` the most jobs of this one, from 1 to 500. A job whose
    /// state changes between two pages may be on both or on none.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an `after` that no page gave, and as of [`Self::get`].
    pub fn list(&self, filter: &Filter, after: Option<&str>, limit: usize) -> Result<Page> {
        let [band, rank1, rank2, rank3] = match after {
            Some(cursor) => position(cursor).ok_or_else(|| StoreError::Invalid {
                what: format!("{cursor:?} as a place in a list"),
                advice: "start again at the beginning of the list",
            })?,
            None => [-1, 0, 0, 0],
        };
        let limit = limit.clamp(1, PAGE);
        let states = (!filter.states.is_empty()).then(|| states_text(&filter.states));
        let sql = format!(
            "SELECT {COLUMNS}, band, rank1, rank2, rank3 FROM jobs
             WHERE (?1 IS NULL OR state IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR origin = ?2)
             AND (band, rank1, rank2, rank3) > (?3, ?4, ?5, ?6)
             ORDER BY band, rank1, rank2, rank3 LIMIT ?7"
        );
        let values = params![
            states,
            filter.origin,
            band,
            rank1,
            rank2,
            rank3,
            limit as i64 + 1
        ];
        let mut found: Vec<(JobRow, [i64; 4])> = self.read(|transaction| {
            let mut statement = transaction.prepare(&sql)?;
            let rows = statement.query_map(values, |row| {
                let place = [row.get(17)?, row.get(18)?, row.get(19)?, row.get(20)?];
                Ok((job(row)?, place))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        let next = last.map(|(_, place)| place.map(|number: i64| number.to_string()).join("."));
        let jobs = found.into_iter().map(|(job, _)| job).collect();
        Ok(Page { jobs, next })
    }

    /// The ids of all queued jobs, in the order in which they are rendered.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn queue(&self) -> Result<Vec<i64>> {
        self.read(|transaction| {
            let mut statement = transaction.prepare(
                "SELECT id FROM jobs WHERE band = 1 AND state = 'queued' ORDER BY rank1, rank2, rank3",
            )?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The first queued job in order for which `may_run` is true. It stays queued; [`Self::take_next`] starts it.
    ///
    /// # Errors
    /// As of [`Self::get`].
    pub fn next_runnable(
        &self,
        mut may_run: impl FnMut(&JobRow) -> bool,
    ) -> Result<Option<JobRow>> {
        // One by one, so that `may_run` may use the store, and a long queue is not read for its first job.
        for id in self.queue()? {
            match self.get(id) {
                Ok(job) if job.state == State::Queued && may_run(&job) => return Ok(Some(job)),
                // It was taken or removed since.
                Ok(_) | Err(StoreError::UnknownJob { .. }) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// How many jobs there are of each state, with 0 for those of which there are none.
    ///
    /// # Errors
    /// As of [`Self::get`].
    pub fn counts(&self) -> Result<BTreeMap<State, u32>> {
        let mut counts = BTreeMap::from(State::ALL.map(|state| (state, 0)));
        let found: Vec<(State, u32)> = self.read(|transaction| {
            let mut statement =
                transaction.prepare("SELECT state, count(*) FROM jobs GROUP BY state")?;
            let rows = statement.query_map([], |row| Ok((state(row, 0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        counts.extend(found);
        Ok(counts)
    }

    /// What happened to the job `id`, the oldest first.
    ///
    /// # Errors
    /// As of [`Self::get`].
    pub fn history(&self, id: i64) -> Result<Vec<Event>> {
        self.read(|transaction| {
            state_of(transaction, id)?;
            let mut statement = transaction
                .prepare("SELECT at, state, words FROM history WHERE job = ?1 ORDER BY id")?;
            let rows = statement.query_map([id], |row| {
                Ok(Event {
                    at: row.get(0)?,
                    state: state(row, 1)?,
                    words: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The report of the job `id`, once it has one.
    ///
    /// # Errors
    /// As of [`Self::get`].
    pub fn report(&self, id: i64) -> Result<Option<Value>> {
        let found = self.read(|transaction| {
            let mut statement = transaction.prepare("SELECT report FROM jobs WHERE id = ?1")?;
            let found = statement.query_row([id], |row| optional_json(row, 0));
            Ok(found.optional()?)
        })?;
        found.ok_or(StoreError::UnknownJob { id })
    }
}

/// The place in the list that a cursor names.
fn position(cursor: &str) -> Option<[i64; 4]> {
    let numbers: Vec<i64> = cursor
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}
