//! Ratings and preferences as JSON lines, for training.

use std::collections::HashMap;
use std::io::Write;

use serde::Serialize;
use serde_json::Value;

use super::{Output, Preference, Rating, Ratings, RatingsError, Result, rfc3339};

/// One line. What is not known is `null`.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    Rating {
        stars: u8,
        note: Option<&'a str>,
        rater: &'a str,
        at: String,
        output: Described<'a>,
    },
    Preference {
        tie: bool,
        winner: Described<'a>,
        loser: Described<'a>,
        note: Option<&'a str>,
        rater: &'a str,
        at: String,
    },
}

/// An output, in a line.
#[derive(Serialize)]
struct Described<'a> {
    sha256: &'a str,
    name: &'a str,
    style: Option<&'a str>,
    input_sha256: Option<&'a str>,
    recipe: Option<&'a Value>,
    metrics: Option<&'a Value>,
}

impl Ratings {
    /// Writes the ratings that count ([`Self::latest_ratings`]) and all preferences to `to`, for training: one JSON
    /// object per line, ratings first, each in the order of writing. Ratings that a later one replaced are left out.
    /// All lines are of one moment, whatever is written meanwhile.
    ///
    /// ```text
    /// {"kind":"rating","stars":4,"note":null,"rater":"me","at":"2026-11-27T21:30:00Z","output":OUTPUT}
    /// {"kind":"preference","tie":false,"winner":OUTPUT,"loser":OUTPUT,"note":null,"rater":"me","at":"…"}
    /// ```
    ///
    /// An OUTPUT has `sha256`, `name`, `style`, `input_sha256`, `recipe` and `metrics`; what is not known is `null`.
    ///
    /// # Errors
    ///
    /// [`RatingsError::Export`] if `to` cannot be written to; otherwise as of [`Self::outputs`].
    pub fn export(&self, to: &mut impl Write) -> Result<()> {
        let moment = self
            .connection
            .unchecked_transaction()
            .map_err(|error| self.failed(error))?;
        let (outputs, ratings, preferences) =
            (self.outputs()?, self.latest_ratings()?, self.preferences()?);
        // The writes of others need not wait for what follows.
        moment.finish().map_err(|error| self.failed(error))?;
        let outputs: HashMap<i64, &Output> = outputs
            .iter()
            .map(|stored| (stored.id, &stored.output))
            .collect();
        let ratings = ratings.iter().map(|rating| of_rating(&outputs, rating));
        let preferences = preferences
            .iter()
            .map(|preference| of_preference(&outputs, preference));
        for line in ratings.chain(preferences) {
            let line = line.map_err(|id| RatingsError::Damaged {
                path: self.path.clone(),
                why: format!("the output {id}, which was rated, is missing"),
            })?;
            write_line(to, &line).map_err(|source| self.not_exported(source))?;
        }
        to.flush().map_err(|source| self.not_exported(source))
    }

    fn not_exported(&self, source: std::io::Error) -> RatingsError {
        RatingsError::Export {
            path: self.path.clone(),
            source,
        }
    }
}

fn write_line(to: &mut impl Write, line: &Line<'_>) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    to.write_all(&text)
}

type Outputs<'a> = HashMap<i64, &'a Output>;

/// The line of `rating`, or the id of the output that is missing.
fn of_rating<'a>(outputs: &Outputs<'a>, rating: &'a Rating) -> std::result::Result<Line<'a>, i64> {
    Ok(Line::Rating {
        stars: rating.stars,
        note: rating.note.as_deref(),
        rater: &rating.rater,
        at: rfc3339(rating.at),
        output: described(outputs, rating.output)?,
    })
}

/// The line of `preference`, or the id of the output that is missing.
fn of_preference<'a>(
    outputs: &Outputs<'a>,
    preference: &'a Preference,
) -> std::result::Result<Line<'a>, i64> {
    Ok(Line::Preference {
        tie: preference.tie,
        winner: described(outputs, preference.winner)?,
        loser: described(outputs, preference.loser)?,
        note: preference.note.as_deref(),
        rater: &preference.rater,
        at: rfc3339(preference.at),
    })
}

fn described<'a>(outputs: &Outputs<'a>, id: i64) -> std::result::Result<Described<'a>, i64> {
    let output = outputs.get(&id).ok_or(id)?;
    Ok(Described {
        sha256: &output.sha256,
        name: &output.name,
        style: output.style.as_deref(),
        input_sha256: output.input_sha256.as_deref(),
        recipe: output.recipe.as_ref(),
        metrics: output.metrics.as_ref(),
    })
}
