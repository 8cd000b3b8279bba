//! Neural models.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::{Body, List, Part, Studio, worked};
use crate::render::{add_model, model_list, take_model_out};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
}

/// A model without its place on this machine.
fn shown(mut model: Value) -> Value {
    model["path"] = json!(null);
    model
}

/// The models
#[utoipa::path(get, path = "/models", tag = "models", responses((status = 200, body = List<Object>)))]
async fn list() -> Answer<Json<List<Value>>> {
    worked(|| {
        let models = model_list().into_iter().map(shown);
        Ok(Json(List::whole(models.collect())))
    })
    .await
}

/// A model that is to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ModelBody {
    /// The ONNX file as `ROOT/relative/path`. Its name becomes that of the model.
    file: String,
}

/// Add a model
///
/// Its licence is yours to read.
#[utoipa::path(
    post, path = "/models", tag = "models", request_body = ModelBody,
    responses((status = 201, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn add(State(app): Studio, Body(body): Body<ModelBody>) -> Answer<(StatusCode, Json<Value>)> {
    worked(move || {
        let place = app.file(&body.file)?;
        let added = add_model(&place.path)?;
        Ok((StatusCode::CREATED, Json(shown(added))))
    })
    .await
}

/// Remove a model that was added
#[utoipa::path(
    delete, path = "/models/{name}", tag = "models", params(("name" = String, Path)),
    responses((status = 204, description = "It is gone"), (status = 422, body = Problem)),
)]
async fn remove(Part(name): Part<String>) -> Answer<StatusCode> {
    worked(move || {
        take_model_out(&name)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
