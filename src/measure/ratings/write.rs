//! Writing: outputs, ratings, preferences.

use std::ffi::OsStr;
use std::path::Path;

use rusqlite::params;
use serde_json::Value;

use super::{LATEST_TIME, Output, Ratings, RatingsError, Result};

/// The statement of [`Ratings::add_output`].
const ADD: &str = "
INSERT INTO outputs (sha256, name, input_sha256, recipe, style, metrics, added)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (sha256) DO UPDATE SET
    name = excluded.name,
    input_sha256 = coalesce(excluded.input_sha256, input_sha256),
    recipe = coalesce(excluded.recipe, recipe),
    style = coalesce(excluded.style, style),
    metrics = coalesce(excluded.metrics, metrics)
RETURNING id";

impl Ratings {
    /// Adds `output`, or completes the one of the same [`Output::sha256`], and gives its id.
    ///
    /// Of an output that is there, the name and every field that is `Some` are replaced as a whole (a `Some(null)` of
    /// JSON counts as `None`); a `None` leaves what is known, and [`Output::added`] stays the first one.
    ///
    /// # Errors
    ///
    /// [`RatingsError::Invalid`] for a hash that is not 64 hexadecimal digits, a name that is empty or a path, JSON
    /// nested too deeply to be read back, or a time out of range; and what the system refuses.
    pub fn add_output(&self, output: &Output) -> Result<i64> {
        if Path::new(&output.name).file_name() != Some(OsStr::new(&output.name)) {
            let what = format!("{:?} as the name of an output", output.name);
            return Err(self.invalid(what, "give the name of a file, without its folders"));
        }
        let sha256 = self.hash(&output.sha256)?;
        let input = output.input_sha256.as_deref();
        let input = input.map(|hash| self.hash(hash)).transpose()?;
        let recipe = self.json(output.recipe.as_ref(), "recipe")?;
        let metrics = self.json(output.metrics.as_ref(), "metrics")?;
        let (name, style) = (&output.name, &output.style);
        let added = self.time(output.added)?;
        // `query_one` goes on to the end of the statement, which is where the write is committed and can fail.
        self.write(|connection| {
            let values = params![sha256, name, input, recipe, style, metrics, added];
            connection.query_one(ADD, values, |row| row.get(0))
        })
    }

    /// Keeps that `rater` gave `stars` (1 to 5) to the output `output_id` at the time `at` (seconds since 1970), and
    /// gives the id of the rating.
    ///
    /// The same output may be rated again by the same rater: every rating stays in the file, and the one written last
    /// counts, whatever its time, because the clock of a machine may be set back. A `note` of nothing but spaces is
    /// not kept.
    ///
    /// # Errors
    ///
    /// [`RatingsError::UnknownOutput`]; [`RatingsError::Invalid`] for stars or a time out of range or a rater without
    /// a name; and what the system refuses.
    pub fn rate(
        &self,
        output_id: i64,
        stars: u8,
        note: Option<&str>,
        rater: &str,
        at: i64,
    ) -> Result<i64> {
        if !(1..=5).contains(&stars) {
            return Err(self.invalid(format!("{stars} stars"), "give 1 to 5 stars"));
        }
        let rater = self.rater(rater)?;
        let at = self.time(at)?;
        self.is_known(output_id)?;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO ratings (output, stars, note, rater, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![output_id, stars, note.filter(has_words), rater, at],
            )?;
            Ok(connection.last_insert_rowid())
        })
    }

    /// Keeps that `rater` liked the output `winner` better than the output `loser`, or in a `tie` both as well, at
    /// the time `at` (seconds since 1970), and gives the id of the preference.
    ///
    /// The same two may be compared again: every preference counts. A `note` of nothing but spaces is not kept.
    ///
    /// # Errors
    ///
    /// [`RatingsError::UnknownOutput`]; [`RatingsError::Invalid`] for an output compared with itself, a time out of
    /// range or a rater without a name; and what the system refuses.
    pub fn prefer(
        &self,
        winner: i64,
        loser: i64,
        tie: bool,
        note: Option<&str>,
        rater: &str,
        at: i64,
    ) -> Result<i64> {
        if winner == loser {
            let what = format!("a comparison of output {winner} with itself");
            return Err(self.invalid(what, "compare two different outputs"));
        }
        let rater = self.rater(rater)?;
        let at = self.time(at)?;
        self.is_known(winner)?;
        self.is_known(loser)?;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO preferences (winner, loser, tie, note, rater, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![winner, loser, tie, note.filter(has_words), rater, at],
            )?;
            Ok(connection.last_insert_rowid())
        })
    }

    fn invalid(&self, what: String, advice: &'static str) -> RatingsError {
        RatingsError::Invalid {
            path: self.path.clone(),
            what,
            advice,
        }
    }

    /// `hash` in lower case.
    fn hash(&self, hash: &str) -> Result<String> {
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let what = format!("{hash:?} as a SHA-256");
            return Err(self.invalid(what, "give 64 hexadecimal digits"));
        }
        Ok(hash.to_ascii_lowercase())
    }

    /// `value` as text that can be read back.
    fn json(&self, value: Option<&Value>, what: &str) -> Result<Option<String>> {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let text = value.to_string();
        match serde_json::from_str::<Value>(&text) {
            Ok(_) => Ok(Some(text)),
            Err(error) => {
                let what = format!("this {what}: {error}");
                Err(self.invalid(what, "give JSON with fewer levels"))
            }
        }
    }

    fn rater<'a>(&self, rater: &'a str) -> Result<&'a str> {
        match rater.trim() {
            "" => Err(self.invalid("a rater without a name".into(), "name the rater")),
            rater => Ok(rater),
        }
    }

    fn time(&self, at: i64) -> Result<i64> {
        if !(0..=LATEST_TIME).contains(&at) {
            let what = format!("the time {at}, in seconds since 1970");
            return Err(self.invalid(what, "set the clock of this machine"));
        }
        Ok(at)
    }

    fn is_known(&self, id: i64) -> Result<()> {
        let known: bool = self
            .connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM outputs WHERE id = ?1)",
                [id],
                |row| row.get(0),
            )
            .map_err(|error| self.failed(error))?;
        match known {
            true => Ok(()),
            false => Err(RatingsError::UnknownOutput {
                path: self.path.clone(),
                id,
            }),
        }
    }
}

fn has_words(note: &&str) -> bool {
    !note.trim().is_empty()
}
