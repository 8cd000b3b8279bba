//! Adding jobs, once for each request.

use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::Value;

use super::error::Failure;
use super::order::end_of_queue;
use super::rows::{json, note, optional_text, text};
use super::{NewJob, Result, State, Store, StoreError, now};

/// The most bytes of the key of a request.
const KEY_BYTES: usize = 255;

/// What [`Store::add_jobs`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The jobs of the request, in its order. Where `existing`, some may have been removed since.
    pub ids: Vec<i64>,
    /// Whether an earlier request with the same key had added them.
    pub existing: bool,
}

impl Store {
    /// Whether a request with this idempotency key added jobs before.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn knows_key(&self, key: &str) -> Result<bool> {
        self.read(|transaction| {
            let mut statement = transaction.prepare("SELECT 1 FROM keys WHERE key = ?1")?;
            Ok(statement.exists([key])?)
        })
    }

    /// Adds `jobs` at the end of the queue, all or none.
    ///
    /// `key` is the key that the request came with (1 to 255 bytes) and a digest of its body. A request with the same
    /// key and digest within 7 days adds nothing, and gets the ids of the first one.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] for a key with another digest; [`StoreError::Invalid`] for a key that is empty or too
    /// long, a job without an input, or JSON nested too deeply to be read back; and what the system refuses.
    pub fn add_jobs(&self, jobs: &[NewJob], key: Option<(&str, &str)>) -> Result<Added> {
        if key.is_some_and(|(key, _)| key.is_empty() || key.len() > KEY_BYTES) {
            return Err(StoreError::Invalid {
                what: "an idempotency key that is empty or longer than 255 bytes".to_owned(),
                advice: "send a key of 1 to 255 bytes, such as a UUID",
            });
        }
        if jobs.iter().any(|job| job.input.is_empty()) {
            return Err(StoreError::Invalid {
                what: "a job without an input".to_owned(),
                advice: "name the file to render",
            });
        }
        self.write(|transaction| {
            if let Some((key, digest)) = key
                && let Some(ids) = earlier(transaction, key, digest)?
            {
                return Ok(Added {
                    ids,
                    existing: true,
                });
            }
            let at = now();
            let ids = jobs
                .iter()
                .map(|job| insert(transaction, job, at))
                .collect::<std::result::Result<Vec<_>, _>>()?;
            if let Some((key, digest)) = key {
                transaction.execute(
                    "INSERT INTO keys (key, digest, jobs, at) VALUES (?1, ?2, ?3, ?4)",
                    params![key, digest, Value::from(ids.clone()).to_string(), at],
                )?;
            }
            Ok(Added {
                ids,
                existing: false,
            })
        })
    }
}

/// The jobs of the request with `key`, if there was one.
fn earlier(
    transaction: &Transaction<'_>,
    key: &str,
    digest: &str,
) -> std::result::Result<Option<Vec<i64>>, Failure> {
    let found = transaction
        .prepare("SELECT digest, jobs FROM keys WHERE key = ?1")?
        .query_row([key], |row| {
            Ok((row.get::<_, String>(0)?, json::<Vec<i64>>(row, 1)?))
        })
        .optional()?;
    match found {
        Some((known, _)) if known != digest => {
            let key = key.to_owned();
            Err(StoreError::KeyReused { key }.into())
        }
        Some((_, ids)) => Ok(Some(ids)),
        None => Ok(None),
    }
}

fn insert(
    transaction: &Transaction<'_>,
    job: &NewJob,
    at: i64,
) -> std::result::Result<i64, Failure> {
    let state = match job.paused {
        true => State::Paused,
        false => State::Queued,
    };
    let request = text(&job.request, "request")?;
    let output = optional_text(Some(&job.output), "output")?;
    let place = end_of_queue(transaction)?;
    transaction
        .prepare(
            "INSERT INTO jobs (state, input, file, request, output, priority, place, origin, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            state.name(),
            job.input,
            job.file,
            request,
            output,
            job.priority,
            place,
            job.origin,
            at
        ])?;
    let id = transaction.last_insert_rowid();
    note(transaction, id, at, state, "added")?;
    Ok(id)
}
