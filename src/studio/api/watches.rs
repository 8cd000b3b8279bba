//! Watched folders.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::super::queue;
use super::super::store::{NewWatch, StoreError, Watch};
use super::super::watched::pass_over;
use super::{Body, List, Part, Studio, worked};
use crate::measure::auto::without_choices;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
}

/// A watched folder.
#[derive(Serialize, ToSchema)]
struct WatchedFolder {
    id: i64,
    folder: String,
    #[schema(value_type = Object)]
    request: Value,
    /// Where outputs go; beside the inputs where there is none.
    to: Option<String>,
    /// Whether it is watched.
    on: bool,
    /// Jobs that came of it.
    jobs: u32,
    /// What it does now.
    words: String,
}

fn shown(app: &App, watch: Watch) -> Answer<WatchedFolder> {
    let arrivals = app.arriving.of(watch.id);
    let mut words = match (watch.on, app.roots.resolve(&watch.folder), arrivals.growing) {
        (false, ..) => "is not watched".to_owned(),
        (true, Err(error), _) => format!("cannot be watched: {error}"),
        (true, Ok(_), 0) => "is watched".to_owned(),
        (true, Ok(_), 1) => "waits until one file has arrived".to_owned(),
        (true, Ok(_), growing) => format!("waits until {growing} files have arrived"),
    };
    if let Some(refused) = arrivals.refused {
        words.push_str("; ");
        words.push_str(&refused);
    }
    Ok(WatchedFolder {
        jobs: app.store.jobs_of_watch(watch.id)?,
        words,
        id: watch.id,
        folder: watch.folder,
        request: watch.request,
        to: watch.to,
        on: watch.on,
    })
}

/// The watched folders
#[utoipa::path(get, path = "/watches", tag = "watches", responses((status = 200, body = List<WatchedFolder>)))]
async fn list(State(app): Studio) -> Answer<Json<List<WatchedFolder>>> {
    worked(move || {
        let watches = app.store.watches()?.into_iter();
        let items = watches.map(|watch| shown(&app, watch));
        Ok(Json(List::whole(items.collect::<Answer<_>>()?)))
    })
    .await
}

/// A folder that is to be watched.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WatchBody {
    folder: String,
    /// What its files are rendered with.
    #[schema(value_type = Object)]
    #[serde(default)]
    request: Value,
    /// Where outputs go; beside the inputs where there is none.
    #[serde(default)]
    to: Option<String>,
}

/// Watch a folder
///
/// What arrives there from now on is rendered, once it has stopped growing.
#[utoipa::path(
    post, path = "/watches", tag = "watches", request_body = WatchBody,
    responses((status = 201, body = WatchedFolder), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn add(
    State(app): Studio,
    Body(body): Body<WatchBody>,
) -> Answer<(StatusCode, Json<WatchedFolder>)> {
    worked(move || {
        let request = match body.request {
            Value::Null => json!({}),
            request => request,
        };
        let plain = without_choices(&queue::request(&app, &request)?);
        plain.settings(&plain.library()?)?;
        let to = body.to.as_deref().unwrap_or(&body.folder);
        for folder in [&body.folder, to] {
            if !app.roots.resolve(folder)?.is_folder {
                return Err(Problem::unfit(
                    format!("{folder} is no folder"),
                    "name a folder",
                ));
            }
        }
        if !app.roots.resolve(to)?.writable {
            return Err(Problem::unfit(
                format!("nothing may be written to {to}"),
                "choose another folder for the outputs",
            ));
        }
        let watch = app.store.add_watch(&NewWatch {
            folder: body.folder,
            request,
            to: body.to,
            // Not before what is there has been passed over.
            on: false,
        })?;
        pass_over(&app, &watch);
        app.store.set_watch_on(watch.id, true)?;
        let shown = told(&app, watch.id)?;
        Ok((StatusCode::CREATED, Json(shown)))
    })
    .await
}

fn told(app: &App, id: i64) -> Answer<WatchedFolder> {
    let watches = app.store.watches()?;
    let watch = watches.into_iter().find(|watch| watch.id == id);
    let shown = shown(app, watch.ok_or(StoreError::UnknownWatch { id })?)?;
    app.events.tell("watch", &shown);
    Ok(shown)
}

/// What is to be changed of a watched folder.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WatchChange {
    /// Whether it is watched.
    on: bool,
}

/// Begin or stop watching a folder
#[utoipa::path(
    patch, path = "/watches/{id}", tag = "watches", params(("id" = i64, Path)), request_body = WatchChange,
    responses((status = 200, body = WatchedFolder), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn change(
    State(app): Studio,
    Part(id): Part<i64>,
    Body(body): Body<WatchChange>,
) -> Answer<Json<WatchedFolder>> {
    worked(move || {
        app.store.set_watch_on(id, body.on)?;
        Ok(Json(told(&app, id)?))
    })
    .await
}

/// Forget a watched folder
///
/// Its jobs stay.
#[utoipa::path(
    delete, path = "/watches/{id}", tag = "watches", params(("id" = i64, Path)),
    responses((status = 204, description = "It is gone"), (status = 400, body = Problem), (status = 404, body = Problem)),
)]
async fn remove(State(app): Studio, Part(id): Part<i64>) -> Answer<StatusCode> {
    worked(move || {
        app.store.remove_watch(id)?;
        app.events
            .tell("watch", &json!({"id": id, "removed": true}));
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
