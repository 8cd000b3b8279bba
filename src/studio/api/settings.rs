//! The settings of the studio.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::super::settings::{self, Settings};
use super::{Body, Studio, worked};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(read, change))
}

/// The settings
#[utoipa::path(get, path = "/settings", tag = "settings", responses((status = 200, body = Settings)))]
async fn read(State(app): Studio) -> Answer<Json<Settings>> {
    worked(move || Ok(Json(settings::read(&app.store)?))).await
}

/// Change some settings
#[utoipa::path(
    patch, path = "/settings", tag = "settings", request_body = Object,
    responses((status = 200, body = Settings), (status = 400, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn change(State(app): Studio, Body(body): Body<Value>) -> Answer<Json<Settings>> {
    worked(move || {
        let Value::Object(changes) = body else {
            return Err(Problem::unfit(
                "settings are an object",
                "for example {\"theme\": \"dark\"}",
            ));
        };
        let settings = settings::change(&app.store, &changes)?;
        app.events.tell("settings", &settings);
        app.running.wake();
        Ok(Json(settings))
    })
    .await
}
