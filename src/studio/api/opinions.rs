//! What a person thinks of outputs: the same tables as `aquatint rate` and `aquatint prefer` write.

use std::path::PathBuf;
use std::sync::Arc;

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
use crate::measure::opinions::{Rated, now, output_of, rated, ratings_file};
use crate::measure::ratings::Ratings;
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

/// What is rated, the best first
///
/// Each with its `name`, `style`, `sha256`, the mean of its `stars`, the newest `note`, and its strength by all comparisons, as `elo`.
#[utoipa::path(get, path = "/ratings", tag = "ratings", responses((status = 200, body = List<Object>)))]
async fn list() -> Answer<Json<List<Rated>>> {
    worked(|| Ok(Json(List::whole(rated(&open()?)?)))).await
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
