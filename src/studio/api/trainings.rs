//! Models that are trained, and their versions.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::super::trainings::Training;
use super::{Body, List, Part, Studio, worked};
use crate::train::{Ask, Loss, Recipe, Versions};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(one))
        .routes(routes!(stop))
        .routes(routes!(go_on))
        .routes(routes!(promote))
        .routes(routes!(roll_back))
}

/// A training that is to begin. Files and folders are named `ROOT/relative/path`; what is left out is as `aquatint train` has it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TrainingBody {
    /// The model's name: small letters, digits, - and _.
    name: String,
    /// The picture of the look that is learnt.
    style_image: Option<String>,
    /// Pictures, clips, and folders of them, to learn the look on.
    #[serde(default)]
    content: Vec<String>,
    /// Shorter side of the style picture, in sizes of the squares, 0.9 to 8: larger makes larger strokes.
    style_scale: Option<f32>,
    /// How much what a picture shows weighs against the look, 0 to 1000.
    content_weight: Option<f32>,
    /// A folder with pairs of pictures, in its folders `input` and `target`.
    data: Option<String>,
    /// How pairs are compared: `l1`, `mse` or `perceptual`.
    #[schema(value_type = Option<String>)]
    loss: Option<Loss>,
    /// The name of a model that was trained before, to begin with.
    from: Option<String>,
    steps: Option<u64>,
    /// Side of the squares that are learnt on, in pixels: a multiple of 4 from 64 to 1024.
    size: Option<usize>,
    seed: Option<u64>,
}

impl TrainingBody {
    fn recipe(&self, app: &App) -> Answer<Recipe> {
        let usual = Ask::default();
        let path = |name: &String| Ok::<_, Problem>(app.roots.resolve(name)?.path);
        if let Some(from) = &self.from {
            // Only a name: a path would reach files outside of the allowed folders.
            Versions::new(std::path::Path::new(""), from)?;
        }
        let ask = Ask {
            style_image: self.style_image.as_ref().map(path).transpose()?,
            content: self.content.iter().map(path).collect::<Answer<_>>()?,
            style_scale: self.style_scale.unwrap_or(usual.style_scale),
            content_weight: self.content_weight.unwrap_or(usual.content_weight),
            data: self.data.as_ref().map(path).transpose()?,
            loss: self.loss,
            from: self.from.clone(),
            steps: self.steps.unwrap_or(usual.steps),
            size: self.size.unwrap_or(usual.size),
            seed: self.seed.unwrap_or(usual.seed),
        };
        Ok(Recipe::try_from(ask)?)
    }
}

/// The models that were trained, with their versions and learning curves
///
/// Also those of `aquatint train`.
#[utoipa::path(get, path = "/trainings", tag = "trainings", responses((status = 200, body = List<Training>)))]
async fn list(State(app): Studio) -> Answer<Json<List<Training>>> {
    worked(move || Ok(Json(List::whole(app.trainings.list()?)))).await
}

/// Begin a training
///
/// One runs at a time, on the processor. Listen to the events `training`, or ask for it again.
#[utoipa::path(
    post, path = "/trainings", tag = "trainings", request_body = TrainingBody,
    responses(
        (status = 202, description = "It has begun", body = Training), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "Another one runs", body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
        (status = 501, description = "This build has no trainer", body = Problem),
    ),
)]
async fn begin(
    State(app): Studio,
    Body(body): Body<TrainingBody>,
) -> Answer<(StatusCode, Json<Training>)> {
    worked(move || {
        let recipe = body.recipe(&app)?;
        let begun = app.trainings.begin(&body.name, recipe)?;
        Ok((StatusCode::ACCEPTED, Json(begun)))
    })
    .await
}

/// One model that was trained
#[utoipa::path(
    get, path = "/trainings/{name}", tag = "trainings", params(("name" = String, Path)),
    responses((status = 200, body = Training), (status = 404, body = Problem)),
)]
async fn one(State(app): Studio, Part(name): Part<String>) -> Answer<Json<Training>> {
    worked(move || Ok(Json(app.trainings.get(&name)?))).await
}

/// Stop a training
///
/// What was learnt up to its last checkpoint is kept.
#[utoipa::path(
    post, path = "/trainings/{name}/stop", tag = "trainings", params(("name" = String, Path)),
    responses((status = 202, description = "It ends", body = Training), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
async fn stop(
    State(app): Studio,
    Part(name): Part<String>,
) -> Answer<(StatusCode, Json<Training>)> {
    worked(move || Ok((StatusCode::ACCEPTED, Json(app.trainings.stop(&name)?)))).await
}

/// Go on with a training that was stopped
#[utoipa::path(
    post, path = "/trainings/{name}/resume", tag = "trainings", params(("name" = String, Path)),
    responses(
        (status = 202, description = "It goes on", body = Training), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem),
        (status = 501, description = "This build has no trainer", body = Problem),
    ),
)]
async fn go_on(
    State(app): Studio,
    Part(name): Part<String>,
) -> Answer<(StatusCode, Json<Training>)> {
    worked(move || Ok((StatusCode::ACCEPTED, Json(app.trainings.go_on(&name)?)))).await
}

/// The version that is to be used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PromoteBody {
    version: String,
}

/// Take a version into use, also one that was rejected
#[utoipa::path(
    put, path = "/trainings/{name}/current", tag = "trainings", params(("name" = String, Path)), request_body = PromoteBody,
    responses((status = 200, body = Training), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn promote(
    State(app): Studio,
    Part(name): Part<String>,
    Body(body): Body<PromoteBody>,
) -> Answer<Json<Training>> {
    worked(move || Ok(Json(app.trainings.promote(&name, &body.version)?))).await
}

/// Take the version before into use again
#[utoipa::path(
    post, path = "/trainings/{name}/rollback", tag = "trainings", params(("name" = String, Path)),
    responses((status = 200, body = Training), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
async fn roll_back(State(app): Studio, Part(name): Part<String>) -> Answer<Json<Training>> {
    worked(move || Ok(Json(app.trainings.roll_back(&name)?))).await
}
