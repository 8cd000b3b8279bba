//! Reading: outputs, ratings, preferences.

use rusqlite::Row;
use rusqlite::types::Type;
use serde_json::Value;

use super::{Output, Preference, Rating, Ratings, Result, StoredOutput};

impl Ratings {
    /// All outputs, in the order in which they were first added.
    ///
    /// # Errors
    ///
    /// [`RatingsError::Damaged`](super::RatingsError::Damaged) for contents that cannot be read, and what the system
    /// refuses.
    pub fn outputs(&self) -> Result<Vec<StoredOutput>> {
        self.rows(
            "SELECT id, sha256, name, input_sha256, recipe, style, metrics, added FROM outputs ORDER BY id",
            output,
        )
    }

    /// The ratings that count: of each rater the one written last of each output, in the order of writing.
    ///
    /// # Errors
    ///
    /// As of [`Self::outputs`].
    pub fn latest_ratings(&self) -> Result<Vec<Rating>> {
        self.rows(
            "SELECT id, output, stars, note, rater, at FROM ratings
             WHERE id IN (SELECT max(id) FROM ratings GROUP BY output, rater) ORDER BY id",
            |row| {
                Ok(Rating {
                    id: row.get(0)?,
                    output: row.get(1)?,
                    stars: row.get(2)?,
                    note: row.get(3)?,
                    rater: row.get(4)?,
                    at: row.get(5)?,
                })
            },
        )
    }

    /// All preferences, in the order of writing. Two outputs that were compared twice are there twice.
    ///
    /// # Errors
    ///
    /// As of [`Self::outputs`].
    pub fn preferences(&self) -> Result<Vec<Preference>> {
        self.rows(
            "SELECT id, winner, loser, tie, note, rater, at FROM preferences ORDER BY id",
            |row| {
                Ok(Preference {
                    id: row.get(0)?,
                    winner: row.get(1)?,
                    loser: row.get(2)?,
                    tie: row.get(3)?,
                    note: row.get(4)?,
                    rater: row.get(5)?,
                    at: row.get(6)?,
                })
            },
        )
    }

    fn rows<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let all = || -> rusqlite::Result<Vec<T>> {
            self.connection.prepare(sql)?.query_map([], read)?.collect()
        };
        all().map_err(|error| self.failed(error))
    }
}

fn output(row: &Row<'_>) -> rusqlite::Result<StoredOutput> {
    Ok(StoredOutput {
        id: row.get(0)?,
        output: Output {
            sha256: row.get(1)?,
            name: row.get(2)?,
            input_sha256: row.get(3)?,
            recipe: json(row, 4)?,
            style: row.get(5)?,
            metrics: json(row, 6)?,
            added: row.get(7)?,
        },
    })
}

/// The JSON in column `column`.
fn json(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Value>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
        })
}
