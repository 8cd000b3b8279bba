//! Watched folders, and the files that were seen in them.

use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde_json::Value;

use super::error::Failure;
use super::rows::{json, text};
use super::{Result, Store, StoreError, now};

/// The columns that [`watch`] reads.
const COLUMNS: &str = "id, folder, request, target, enabled, created";

/// A folder to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWatch {
    /// The folder, as `ROOT/relative/path`.
    pub folder: String,
    /// What to render its files with.
    pub request: Value,
    /// The folder where outputs go, as `ROOT/relative/path`; beside the inputs, if there is none.
    pub to: Option<String>,
    /// Whether it is watched.
    pub on: bool,
}

/// A watched folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// Its number, which no other watched folder ever gets.
    pub id: i64,
    /// As of [`NewWatch`].
    pub folder: String,
    /// As of [`NewWatch`].
    pub request: Value,
    /// As of [`NewWatch`].
    pub to: Option<String>,
    /// As of [`NewWatch`].
    pub on: bool,
    /// When it was added.
    pub created: i64,
}

/// A file of a watched folder, as it was when a job was added for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The file, as an absolute path.
    pub path: String,
    /// Its size in bytes.
    pub size: i64,
    /// When it was changed, in any unit that the caller always gives.
    pub mtime: i64,
    /// The job; none for a file that was there before, or that is no video.
    pub job: Option<i64>,
}

impl Store {
    /// Adds a watched folder.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for JSON nested too deeply to be read back, and what the system refuses.
    pub fn add_watch(&self, new: &NewWatch) -> Result<Watch> {
        let request = text(&new.request, "request")?;
        let sql = format!(
            "INSERT INTO watches (folder, request, target, enabled, created) VALUES (?1, ?2, ?3, ?4, ?5)
             RETURNING {COLUMNS}"
        );
        self.write(|transaction| {
            let values = params![new.folder, request, new.to, new.on, now()];
            Ok(transaction.query_one(&sql, values, watch)?)
        })
    }

    /// All watched folders, in the order in which they were added.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for contents that cannot be read, and what the system refuses.
    pub fn watches(&self) -> Result<Vec<Watch>> {
        let sql = format!("SELECT {COLUMNS} FROM watches ORDER BY id");
        self.read(|transaction| {
            let mut statement = transaction.prepare(&sql)?;
            let rows = statement.query_map([], watch)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Sets whether the folder `id` is watched.
    ///
    /// # Errors
    /// [`StoreError::UnknownWatch`], and what the system refuses.
    pub fn set_watch_on(&self, id: i64, on: bool) -> Result<()> {
        self.write(|transaction| {
            let sql = "UPDATE watches SET enabled = ?2 WHERE id = ?1";
            is_one(transaction.execute(sql, params![id, on])?, id)
        })
    }

    /// Watches the folder `id` no more, and forgets which files were seen in it. Its jobs stay.
    ///
    /// # Errors
    /// As of [`Self::set_watch_on`].
    pub fn remove_watch(&self, id: i64) -> Result<()> {
        self.write(|transaction| {
            is_one(
                transaction.execute("DELETE FROM watches WHERE id = ?1", [id])?,
                id,
            )
        })
    }

    /// Keeps that a file was seen in the folder `watch`, in place of what was known of it.
    ///
    /// A program that is killed between [`Self::add_jobs`] and this adds no second job for the file if the key of the
    /// first call names the folder, the path, the size and the time.
    ///
    /// # Errors
    /// As of [`Self::set_watch_on`].
    pub fn put_seen(&self, watch: i64, file: &Seen) -> Result<()> {
        self.write(|transaction| {
            is_known(transaction, watch)?;
            transaction
                .prepare(
                    "INSERT INTO seen (watch, path, size, mtime, job) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (watch, path) DO UPDATE SET
                        size = excluded.size, mtime = excluded.mtime, job = excluded.job",
                )?
                .execute(params![watch, file.path, file.size, file.mtime, file.job])?;
            Ok(())
        })
    }

    /// What is known of the file `path` in the folder `watch`, if it was seen.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn seen(&self, watch: i64, path: &str) -> Result<Option<Seen>> {
        self.read(|transaction| {
            let mut statement = transaction.prepare(
                "SELECT path, size, mtime, job FROM seen WHERE watch = ?1 AND path = ?2",
            )?;
            let found = statement.query_row(params![watch, path], |row| {
                Ok(Seen {
                    path: row.get(0)?,
                    size: row.get(1)?,
                    mtime: row.get(2)?,
                    job: row.get(3)?,
                })
            });
            Ok(found.optional()?)
        })
    }

    /// How many of the files seen in the folder `watch` got a job.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn jobs_of_watch(&self, watch: i64) -> Result<u32> {
        self.read(|transaction| {
            let sql = "SELECT count(job) FROM seen WHERE watch = ?1";
            let mut statement = transaction.prepare(sql)?;
            Ok(statement.query_row([watch], |row| row.get(0))?)
        })
    }
}

fn watch(row: &Row<'_>) -> rusqlite::Result<Watch> {
    Ok(Watch {
        id: row.get(0)?,
        folder: row.get(1)?,
        request: json(row, 2)?,
        to: row.get(3)?,
        on: row.get(4)?,
        created: row.get(5)?,
    })
}

fn is_known(transaction: &Transaction<'_>, id: i64) -> std::result::Result<(), Failure> {
    let sql = "SELECT count(*) FROM watches WHERE id = ?1";
    let found: u32 = transaction.query_one(sql, [id], |row| row.get(0))?;
    is_one(found as usize, id)
}

/// Fails unless one watched folder was found.
fn is_one(found: usize, id: i64) -> std::result::Result<(), Failure> {
    match found {
        1 => Ok(()),
        _ => Err(StoreError::UnknownWatch { id }.into()),
    }
}
