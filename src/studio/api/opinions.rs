//! What a person thinks of outputs: the same tables as `aquatint rate` and `aquatint prefer` write.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::{Body, List, Studio, worked};
use crate::measure::opinions::{output_of, ratings_file};
use crate::measure::ratings::{Ratings, comparisons, elo, strengths};
use crate::render::Cancel;

/// The name of the person where nobody says one.
const RATER: &str = "me";

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, rate))
        .routes(routes!(prefer))
}

fn open() -> Answer<Ratings> {
    let path = ratings_file().ok_or_else(|| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "there is no folder for ratings",
            "set HOME, or XDG_DATA_HOME",
        )
    })?;
    Ok(Ratings::open(&path)?)
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() as i64)
}

/// A rated output.
#[derive(Serialize, ToSchema)]
struct Rated {
    name: String,
    style: Option<String>,
    sha256: String,
    /// The mean of its stars, 1 to 5.
    stars: Option<f64>,
    /// The newest note on it.
    note: Option<String>,
    /// Its strength by all comparisons, as Elo points around 0.
    elo: f64,
}

/// What is rated, the best first
#[utoipa::path(get, path = "/ratings", tag = "ratings", responses((status = 200, body = List<Rated>)))]
async fn list() -> Answer<Json<List<Rated>>> {
    worked(|| {
        let ratings = open()?;
        let (outputs, stars, preferences) = (
            ratings.outputs()?,
            ratings.latest_ratings()?,
            ratings.preferences()?,
        );
        let strengths = strengths(outputs.len(), &comparisons(&outputs, &stars, &preferences));
        let mut rated: Vec<Rated> = outputs
            .iter()
            .zip(strengths)
            .map(|(stored, strength)| {
                let own = stars.iter().filter(|rating| rating.output == stored.id);
                let own: Vec<_> = own.collect();
                let note = own.iter().rev().find_map(|rating| rating.note.clone());
                let own: Vec<f64> = own.iter().map(|rating| f64::from(rating.stars)).collect();
                Rated {
                    name: stored.output.name.clone(),
                    style: stored.output.style.clone(),
                    sha256: stored.output.sha256.clone(),
                    stars: (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64),
                    note,
                    elo: elo(strength),
                }
            })
            .collect();
        rated.sort_by(|a, b| b.elo.total_cmp(&a.elo));
        Ok(Json(List::whole(rated)))
    })
    .await
}

/// Stars for an output, or for a clip.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RatingBody {
    #[serde(default)]
    output: Option<String>,
    /// The key of a clip.
    #[serde(default)]
    clip: Option<String>,
    /// 1 to 5.
    stars: u8,
    #[serde(default)]
    note: Option<String>,
}

/// What was noted.
#[derive(Serialize, ToSchema)]
struct RatingNoted {
    stars: u8,
    /// How many ratings there are.
    ratings: usize,
}

/// The file that is rated.
fn rated_file(app: &App, output: Option<&str>, clip: Option<&str>) -> Answer<PathBuf> {
    match (output, clip) {
        (Some(name), None) => Ok(app.file(name)?.path),
        (None, Some(key)) => {
            let key = key.rsplit('/').next().unwrap_or(key);
            let file = app.clips.file(key);
            file.ok_or_else(|| Problem::missing("there is no such clip any more"))
        }
        _ => Err(Problem::unfit(
            "say what is rated",
            "an output, or the key of a clip",
        )),
    }
}

/// Rate an output
#[utoipa::path(
    post, path = "/ratings", tag = "ratings", request_body = RatingBody,
    responses((status = 201, body = RatingNoted), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn rate(
    State(app): Studio,
    Body(body): Body<RatingBody>,
) -> Answer<(StatusCode, Json<RatingNoted>)> {
    worked(move || {
        let path = rated_file(&app, body.output.as_deref(), body.clip.as_deref())?;
        let ratings = open()?;
        let output = ratings.add_output(&output_of(&path, now(), &Cancel::default())?)?;
        let note = body.note.as_deref();
        ratings.rate(output, body.stars, note, RATER, now())?;
        let noted = RatingNoted {
            stars: body.stars,
            ratings: ratings.latest_ratings()?.len(),
        };
        Ok((StatusCode::CREATED, Json(noted)))
    })
    .await
}

/// Which of two outputs, or clips, is better.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreferenceBody {
    #[serde(default)]
    better: Option<String>,
    #[serde(default)]
    other: Option<String>,
    #[serde(default)]
    better_clip: Option<String>,
    #[serde(default)]
    other_clip: Option<String>,
    /// Whether both are as good.
    #[serde(default)]
    tie: bool,
    #[serde(default)]
    note: Option<String>,
}

/// Prefer one output to another
#[utoipa::path(
    post, path = "/preferences", tag = "ratings", request_body = PreferenceBody,
    responses((status = 201, description = "It is noted"), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn prefer(State(app): Studio, Body(body): Body<PreferenceBody>) -> Answer<StatusCode> {
    worked(move || {
        let better = rated_file(&app, body.better.as_deref(), body.better_clip.as_deref())?;
        let other = rated_file(&app, body.other.as_deref(), body.other_clip.as_deref())?;
        let ratings = open()?;
        let added = |path: &PathBuf| -> Answer<i64> {
            Ok(ratings.add_output(&output_of(path, now(), &Cancel::default())?)?)
        };
        let (winner, loser) = (added(&better)?, added(&other)?);
        if winner == loser {
            return Err(Problem::unfit(
                "both have the same bytes",
                "name two outputs that differ",
            ));
        }
        let note = body.note.as_deref();
        ratings.prefer(winner, loser, body.tie, note, RATER, now())?;
        Ok(StatusCode::CREATED)
    })
    .await
}
