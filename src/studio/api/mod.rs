//! The API, version 1: JSON in and out, errors as `application/problem+json`. Its description is made from the handlers.

mod files;
mod jobs;
mod lab;
mod models;
mod opinions;
mod settings;
pub mod status;
mod styles;
mod tasks;
mod trainings;
mod uploads;
mod watches;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{
    FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request, State,
};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::app::App;
use super::problem::{Answer, DESCRIBED, Problem};
use crate::render::Cancel;

/// The state of all handlers.
type Studio = State<Arc<App>>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "aquatint studio",
        description = "The API of `aquatint studio` and `aquatint serve`. Files are named `ROOT/relative/path`, where ROOT is the id of an allowed folder. Lists go on with `?cursor=` and their `next`. A program of this machine needs no token; where the studio asks for one, send it as `Authorization: Bearer TOKEN`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/api/v1")),
    components(schemas(Problem)),
    modifiers(&Token),
    security((), ("token" = [])),
)]
struct Description;

/// How a token is sent.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        if let Some(components) = &mut openapi.components {
            components.add_security_scheme("token", SecurityScheme::Http(scheme));
        }
    }
}

fn described() -> (Router<Arc<App>>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(status::routes())
        .merge(files::routes())
        .merge(uploads::routes())
        .merge(styles::routes())
        .merge(jobs::routes())
        .merge(tasks::routes())
        .merge(lab::routes())
        .merge(opinions::routes())
        .merge(models::routes())
        .merge(trainings::routes())
        .merge(watches::routes())
        .merge(settings::routes())
        .routes(routes!(events))
        .split_for_parts()
}

/// The description of the API (OpenAPI 3.1), as JSON.
pub fn openapi() -> String {
    let mut all = serde_json::to_value(described().1).unwrap_or_default();
    for (path, operations) in all["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            operation["operationId"] = operation_id(method, path).into();
            let responses = operation["responses"].as_object_mut();
            for (status, response) in responses.into_iter().flatten() {
                describe(status, response);
            }
        }
    }
    serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
}

/// The name of an operation: handlers of different things have the same.
fn operation_id(method: &str, path: &str) -> String {
    let parts = path.split(['/', '{', '}', '.', '-']);
    let parts = parts.filter(|part| !part.is_empty());
    parts.fold(method.to_owned(), |id, part| format!("{id}_{part}"))
}

/// Gives a response a description, as the standard asks for.
fn describe(status: &str, response: &mut Value) {
    let known = response["description"].as_str();
    if known.is_none_or(str::is_empty) {
        let status = StatusCode::from_bytes(status.as_bytes()).ok();
        let reason = status.and_then(|status| status.canonical_reason());
        response["description"] = reason.unwrap_or("An answer").into();
    }
}

pub fn routes() -> Router<Arc<App>> {
    let (router, _) = described();
    let text: Arc<str> = openapi().into();
    let description = move || {
        let text = text.to_string();
        async move { ([("content-type", "application/json")], text) }
    };
    router
        .route("/openapi.json", get(description))
        .fallback(|| async {
            Problem::new(
                StatusCode::NOT_FOUND,
                "there is no such request",
                "/api/v1/openapi.json lists all of them",
            )
        })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this request takes another method",
                "/api/v1/openapi.json says which",
            )
        })
}

/// A part of a list.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Where it goes on, for `?cursor=`; none at its end.
    pub next: Option<String>,
}

impl<T> List<T> {
    fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// A body of JSON, which is an object; another one is refused with a problem.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> Body<T> {
    fn read(value: Value) -> Result<Self, Problem> {
        let unfit = |why: String| {
            Problem::unfit(
                format!("the body of the request cannot be read: {why}"),
                DESCRIBED,
            )
        };
        if !value.is_object() {
            return Err(unfit("it is no object".to_owned()));
        }
        let read = serde_json::from_value(value);
        read.map(Self).map_err(|error| unfit(error.to_string()))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(value) = <Json<Value> as FromRequest<S>>::from_request(request, state).await?;
        Self::read(value)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        // Some programs say that they send JSON, and send nothing.
        if request
            .headers()
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length == "0")
        {
            return Ok(None);
        }
        let body = <Json<Value> as OptionalFromRequest<S>>::from_request(request, state).await?;
        body.map(|Json(value)| Self::read(value)).transpose()
    }
}

/// What stands behind the question mark.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Problem))]
pub struct Asked<T>(pub T);

/// A part of the address.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Problem))]
pub struct Part<T>(pub T);

/// Does `work`, which may take a while, on a thread of its own.
async fn worked<T: Send + 'static>(work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.unwrap_or_else(|_| Err(Problem::fault("the request was not answered")))
}

/// As [`worked`], with what says that nobody waits for the answer any more.
async fn worked_while_awaited<T: Send + 'static>(
    work: impl FnOnce(&Cancel) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    struct Gone(Arc<AtomicUsize>);
    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.store(1, Ordering::Relaxed);
        }
    }
    let gone = Gone(Arc::default());
    let cancel = Cancel::new(gone.0.clone());
    let answer = worked(move || work(&cancel)).await;
    drop(gone);
    answer
}

/// The answer that nobody gets.
fn gone() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "nobody waits for the answer any more",
        "ask again",
    )
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// The id of the last event that was heard, where the header `Last-Event-ID` cannot be sent.
    last: Option<String>,
}

/// What happens, as it happens
///
/// Server-sent events, each with an id: `job` (a job), `removed` (the id of one), `progress` (of a job, at most twice a second),
/// `others` (jobs of the command line), `queue`, `task`, `training`, `hardware`, `style`, `watch`, `settings`, and `bye` at the end. After
/// `reset`, everything has to be asked for again: too much was missed.
#[utoipa::path(
    get, path = "/events", tag = "events", params(EventsQuery, ("last-event-id" = Option<String>, Header, description = "The id of the last event that was heard")),
    responses(
        (status = 200, description = "A stream that does not end", content_type = "text/event-stream", body = String),
        (status = 400, body = Problem), (status = 503, description = "Too many listen", body = Problem),
    ),
)]
async fn events(
    State(app): Studio,
    Asked(query): Asked<EventsQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let place = app.listeners.clone().try_acquire_owned();
    let place = place.map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many programs and pages listen",
            "close some of them, or ask for /api/v1/status now and then",
        )
    })?;
    let last = text(&headers, "last-event-id").map(str::to_owned);
    let last = last.or(query.last);
    let told = app.events.listen(last.as_deref(), app.ends.subscribe());
    // Its place is free again when it is gone.
    let told = told.map(move |event| {
        let _held = &place;
        event
    });
    Ok(Sse::new(told)
        .keep_alive(KeepAlive::default())
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_names_every_operation_once_and_every_response() {
        let all: Value = serde_json::from_str(&openapi()).unwrap();
        assert_eq!(all["openapi"], "3.1.0");
        let mut ids = std::collections::BTreeSet::new();
        for (path, operations) in all["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} is there twice");
                assert!(operation["summary"].is_string(), "{method} {path}");
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let words = response["description"].as_str().unwrap();
                    assert!(!words.is_empty(), "{method} {path} {status}");
                }
            }
        }
        assert!(ids.len() > 50);
        assert_eq!(
            operation_id("get", "/jobs/{id}/report"),
            "get_jobs_id_report"
        );
    }
}
