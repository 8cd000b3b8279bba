//! Jobs as they are in the file.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, Transaction};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::Failure;
use super::{Result, State, StoreError};

/// A job to be added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewJob {
    /// The file to render, as a canonical absolute path.
    pub input: String,
    /// The same file as pages name it (`ROOT/relative/path`); empty for one outside of all allowed folders.
    pub file: String,
    /// What to render: an object of the command line's long flags.
    pub request: Value,
    /// Where it goes, as it was asked for; null for the place beside the input.
    pub output: Value,
    /// A higher one is rendered first.
    pub priority: i32,
    /// Who asked for it: `studio`, `api`, `folder:ID` or `command`.
    pub origin: String,
    /// Whether it waits until it is resumed.
    pub paused: bool,
}

/// A job in the file. Its report may be large, and is read alone ([`Store::report`](super::Store::report)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Its number, which no other job ever gets.
    pub id: i64,
    /// What it is doing.
    pub state: State,
    /// As of [`NewJob`].
    pub input: String,
    /// As of [`NewJob`].
    pub file: String,
    /// As of [`NewJob`].
    pub request: Value,
    /// As of [`NewJob`].
    pub output: Value,
    /// The files that it writes, as absolute paths; empty until they are known.
    pub outputs: Vec<String>,
    /// As of [`NewJob`].
    pub priority: i32,
    /// Orders jobs of the same priority: lower ones come first. Moving others may change it.
    pub place: i64,
    /// As of [`NewJob`].
    pub origin: String,
    /// When it was added.
    pub created: i64,
    /// When it was first started in this attempt.
    pub started: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
    /// Which attempt this is, from 1.
    pub attempts: u32,
    /// Why it failed.
    pub error: Option<Value>,
    /// What the user is to be told.
    pub warnings: Vec<String>,
    /// What was done in another way than asked.
    pub fallbacks: Vec<String>,
}

/// One line of the history of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: i64,
    /// The state that it went over to.
    pub state: State,
    /// Why, in words.
    pub words: String,
}

/// The columns that [`job`] reads.
pub(super) const COLUMNS: &str = "id, state, input, file, request, output, outputs, priority, place, \
                                  origin, created, started, ended, attempts, error, warnings, fallbacks";

/// The job in a row of [`COLUMNS`].
pub(super) fn job(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        id: row.get(0)?,
        state: state(row, 1)?,
        input: row.get(2)?,
        file: row.get(3)?,
        request: json(row, 4)?,
        output: optional_json(row, 5)?.unwrap_or(Value::Null),
        outputs: json(row, 6)?,
        priority: row.get(7)?,
        place: row.get(8)?,
        origin: row.get(9)?,
        created: row.get(10)?,
        started: row.get(11)?,
        ended: row.get(12)?,
        attempts: row.get(13)?,
        error: optional_json(row, 14)?,
        warnings: json(row, 15)?,
        fallbacks: json(row, 16)?,
    })
}

/// The state in column `column`.
pub(super) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let name: String = row.get(column)?;
    State::of_name(&name).ok_or_else(|| {
        let why = format!("{name:?} is no state");
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, why.into())
    })
}

/// The JSON in column `column`.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parsed(&text, column)
}

/// The JSON in column `column`, where there is any.
pub(super) fn optional_json(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Value>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| parsed(&text, column)).transpose()
}

fn parsed<T: DeserializeOwned>(text: &str, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

/// `value` as text that can be read back.
pub(super) fn text(value: &Value, what: &str) -> Result<String> {
    let text = value.to_string();
    match serde_json::from_str::<Value>(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(StoreError::Invalid {
            what: format!("this {what}: {error}"),
            advice: "give JSON with fewer levels",
        }),
    }
}

/// `value` as [`text`]; nothing for null.
pub(super) fn optional_text(value: Option<&Value>, what: &str) -> Result<Option<String>> {
    let value = value.filter(|value| !value.is_null());
    value.map(|value| text(value, what)).transpose()
}

/// Lines as a JSON list.
pub(super) fn list_text(lines: &[String]) -> String {
    Value::from(lines.to_vec()).to_string()
}

/// Names of states as a JSON list.
pub(super) fn states_text<'a>(states: impl IntoIterator<Item = &'a State>) -> String {
    let names: Vec<&str> = states.into_iter().map(|state| state.name()).collect();
    Value::from(names).to_string()
}

/// The state of the job `id`.
pub(super) fn state_of(
    transaction: &Transaction<'_>,
    id: i64,
) -> std::result::Result<State, Failure> {
    let found = transaction
        .prepare("SELECT state FROM jobs WHERE id = ?1")?
        .query_row([id], |row| state(row, 0))
        .optional()?;
    Ok(found.ok_or(StoreError::UnknownJob { id })?)
}

/// Adds a line to the history of the job `id`.
pub(super) fn note(
    transaction: &Transaction<'_>,
    id: i64,
    at: i64,
    state: State,
    words: &str,
) -> rusqlite::Result<()> {
    transaction
        .prepare("INSERT INTO history (job, at, state, words) VALUES (?1, ?2, ?3, ?4)")?
        .execute(rusqlite::params![id, at, state.name(), words])?;
    Ok(())
}
