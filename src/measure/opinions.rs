//! What is noted of an output when a person rates it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::ratings::{self, Output, Rating, Ratings, comparisons, elo, strengths};
use super::tune::features;
use crate::folders::data_folder;
use crate::media::{MediaError, Source, SourceEvent};
use crate::metrics::{Meter, Metric, Metrics, Plane};
use crate::render::{Cancel, Recipe, RenderError, Result};

/// Places of an output that are looked at, and frames at each.
const PLACES: u32 = 16;
const FRAMES: usize = 2;

/// A rated output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rated {
    /// The name of its file.
    pub name: String,
    pub style: Option<String>,
    /// SHA-256 of its file, in hexadecimal digits.
    pub sha256: String,
    /// The mean of its stars, 1 to 5; none where it was only compared.
    pub stars: Option<f64>,
    /// The newest note on it.
    pub note: Option<String>,
    /// Its strength by all comparisons (Bradley and Terry), as Elo points around 0.
    pub elo: f64,
}

/// All rated outputs, the best first.
///
/// # Errors
/// Those of reading the file.
pub fn rated(ratings: &Ratings) -> ratings::Result<Vec<Rated>> {
    let (outputs, stars) = (ratings.outputs()?, ratings.latest_ratings()?);
    let preferences = ratings.preferences()?;
    let strengths = strengths(outputs.len(), &comparisons(&outputs, &stars, &preferences));
    let mut rated: Vec<Rated> = outputs
        .into_iter()
        .zip(strengths)
        .map(|(stored, strength)| {
            let own = stars.iter().filter(|rating| rating.output == stored.id);
            let own: Vec<&Rating> = own.collect();
            let sum: f64 = own.iter().map(|rating| f64::from(rating.stars)).sum();
            Rated {
                name: stored.output.name,
                style: stored.output.style,
                sha256: stored.output.sha256,
                stars: (!own.is_empty()).then(|| sum / own.len() as f64),
                note: own.iter().rev().find_map(|rating| rating.note.clone()),
                elo: elo(strength),
            }
        })
        .collect();
    let stars = |one: &Rated| one.stars.unwrap_or(0.0);
    rated.sort_by(|a, b| b.elo.total_cmp(&a.elo).then(stars(b).total_cmp(&stars(a))));
    Ok(rated)
}

/// The time now, in seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() as i64)
}

/// Where the ratings of this user lie; `None` where the user has no folder.
pub fn ratings_file() -> Option<PathBuf> {
    Some(data_folder()?.join("ratings.db"))
}

/// What is known of the output at `path`: its hash, what made it, and the numbers that stars are predicted from, of some of its
/// frames.
///
/// # Errors
/// Those of reading it.
pub fn output_of(path: &Path, now: i64, cancel: &Cancel) -> Result<Output> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => MediaError::NoInput {
            path: path.into(),
            why: "it does not exist".into(),
        },
        _ => MediaError::Read {
            path: path.into(),
            why: error.to_string(),
        },
    };
    let metrics = numbers(path, cancel)?;
    let mut file = File::open(path).map_err(failed)?;
    let mut digest = Sha256::new();
    let mut bytes = vec![0; 1 << 20];
    loop {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        match file.read(&mut bytes).map_err(failed)? {
            0 => break,
            count => digest.update(&bytes[..count]),
        }
    }
    let hash: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // A file that does not say how it was made can be rated, too.
    let recipe = Recipe::read(path).ok();
    Ok(Output {
        input_sha256: recipe
            .as_ref()
            .and_then(|recipe| Some(recipe.input.as_ref()?.sha256.clone())),
        style: recipe.as_ref().map(|recipe| recipe.style.clone()),
        recipe: recipe.and_then(|recipe| serde_json::to_value(recipe).ok()),
        metrics: Some(Value::Object(metrics)),
        ..Output::of_file(path, &hash, now)
    })
}

/// Means over frames that lie evenly in the video.
fn numbers(path: &Path, cancel: &Cancel) -> Result<Map<String, Value>> {
    let mut source = Source::open(path)?;
    source.pictures_only();
    let info = source.info().clone();
    let places = match (info.duration, info.is_seekable() && !info.is_image) {
        (Some(length), true) => {
            let start = info.start.unwrap_or(0.0);
            let tick = source.time_base().to_f64();
            let at = |place: u32| start + length * (f64::from(place) + 0.5) / f64::from(PLACES);
            (0..PLACES)
                .map(|place| Some((at(place) / tick) as i64))
                .collect()
        }
        _ => vec![None],
    };
    let metrics = Metrics(features().into());
    let mut meter = Meter::new(metrics, info.pictures().frame_rate);
    let mut sums: Vec<(Metric, f64, f64)> = features()
        .into_iter()
        .map(|metric| (metric, 0.0, 0.0))
        .collect();
    for place in places {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        if let Some(place) = place {
            source.seek(place)?;
        }
        let mut seen = 0;
        while seen < FRAMES {
            match source.next_event()? {
                Some(SourceEvent::Frame(frame, _)) => {
                    let numbers = meter.frame((&frame.picture, &Plane::luma(&frame.picture)), None);
                    for (metric, sum, count) in &mut sums {
                        if let Some(value) = numbers
                            .values
                            .get(*metric)
                            .filter(|value| value.is_finite())
                        {
                            (*sum, *count) = (*sum + value, *count + 1.0);
                        }
                    }
                    seen += 1;
                }
                Some(SourceEvent::Packet(_)) => {}
                None => break,
            }
        }
    }
    let means = sums.into_iter().filter(|(_, _, count)| *count > 0.0);
    Ok(means
        .map(|(metric, sum, count)| (metric.name().to_owned(), Value::from(sum / count)))
        .collect())
}
