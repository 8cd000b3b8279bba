//! The queue: jobs are added, ordered, paused, cancelled, tried again.

mod act;

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::moments;
use super::super::problem::{Answer, Problem};
use super::super::queue::{self, Job, JobsBody, OutputNames, add, job, jobs, others};
use super::super::store::{Filter, State as JobState};
use super::{Asked, Body, List, Part, Studio, files, gone, text, worked, worked_while_awaited};
use crate::measure::estimate::estimate;
use crate::render::OutputLocation;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, act::change, act::remove))
        .routes(routes!(act::pause))
        .routes(routes!(act::resume))
        .routes(routes!(act::cancel))
        .routes(routes!(act::retry))
        .routes(routes!(act::duplicate))
        .routes(routes!(picture))
        .routes(routes!(report))
        .routes(routes!(history))
        .routes(routes!(act::pause_queue))
        .routes(routes!(act::resume_queue))
        .routes(routes!(act::retry_failed))
        .routes(routes!(estimates))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JobsQuery {
    /// States, with commas between them: `queued,running`
    state: Option<String>,
    /// `studio`, `api` or `folder:ID`
    origin: Option<String>,
    /// 1 to 500, else 100
    limit: Option<usize>,
    /// `next` of the part before
    cursor: Option<String>,
}

/// The jobs
///
/// Those that run, then those that wait in their order, then those that ended, the newest first. Jobs that the command line of this
/// user renders come first, and are read-only.
#[utoipa::path(
    get, path = "/jobs", tag = "jobs", params(JobsQuery),
    responses((status = 200, body = List<Job>), (status = 422, body = Problem), (status = 400, body = Problem)),
)]
async fn list(State(app): Studio, Asked(query): Asked<JobsQuery>) -> Answer<Json<List<Job>>> {
    worked(move || {
        let names = query.state.iter().flat_map(|list| list.split(','));
        let names = names.map(str::trim).filter(|name| !name.is_empty());
        let states = names.map(|name| {
            JobState::of_name(name).ok_or_else(|| {
                Problem::unfit(
                    format!("{name:?} is no state of a job"),
                    "states: queued, running, pausing, paused, cancelling, done, failed, cancelled",
                )
            })
        });
        let states: Vec<JobState> = states.collect::<Result<_, _>>()?;
        let with_others = query.cursor.is_none()
            && query.origin.is_none()
            && (states.is_empty() || states.contains(&JobState::Running));
        let filter = Filter {
            states,
            origin: query.origin,
        };
        let limit = query.limit.unwrap_or(100);
        let page = app.store.list(&filter, query.cursor.as_deref(), limit)?;
        let mut items = match with_others {
            true => others(&app),
            false => Vec::new(),
        };
        items.extend(jobs(&app, page.jobs)?);
        Ok(Json(List {
            items,
            next: page.next,
        }))
    })
    .await
}

/// Add jobs
///
/// The same `Idempotency-Key` with the same body adds nothing again, and gives the jobs that it added.
#[utoipa::path(
    post, path = "/jobs", tag = "jobs", request_body = JobsBody,
    params(("idempotency-key" = Option<String>, Header, description = "Tells this request from others")),
    responses(
        (status = 201, body = List<Job>), (status = 200, description = "They were added before", body = List<Job>),
        (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, description = "An output exists", body = Problem), (status = 423, description = "Another job is to write an output", body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem),
    ),
)]
async fn create(
    State(app): Studio,
    headers: HeaderMap,
    Body(body): Body<JobsBody>,
) -> Answer<Response> {
    let key = text(&headers, "idempotency-key").map(str::to_owned);
    let origin = origin(&headers);
    worked(move || {
        let (items, existing) = add(&app, body, origin, key.as_deref())?;
        let status = match existing {
            true => StatusCode::OK,
            false => StatusCode::CREATED,
        };
        Ok((status, Json(List::whole(items))).into_response())
    })
    .await
}

/// What adds a job: a page or a program. A browser says where a request comes from.
fn origin(headers: &HeaderMap) -> &'static str {
    match headers.contains_key("sec-fetch-site") {
        true => "studio",
        false => "api",
    }
}

/// One job
#[utoipa::path(
    get, path = "/jobs/{id}", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = Job), (status = 304, description = "As it is known by its ETag"), (status = 404, body = Problem), (status = 400, body = Problem)),
)]
async fn one(State(app): Studio, Part(id): Part<i64>, headers: HeaderMap) -> Answer<Response> {
    worked(move || {
        let job = job(&app, id)?;
        let text_of = serde_json::to_string(&job).unwrap_or_default();
        let digest = Sha256::digest(text_of.as_bytes());
        let tag: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let tag = format!("\"{tag}\"");
        if text(&headers, "if-none-match") == Some(&tag) {
            return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
        }
        Ok(([(header::ETAG, tag)], Json(job)).into_response())
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LinesQuery {
    /// The most lines of the picture, at most 2160; else 270
    lines: Option<u32>,
}

/// The newest frame of a job that runs
#[utoipa::path(
    get, path = "/jobs/{id}/picture", tag = "jobs", params(("id" = i64, Path), LinesQuery),
    responses((status = 200, description = "JPEG", content_type = "image/jpeg", body = Vec<u8>), (status = 404, body = Problem), (status = 400, body = Problem)),
)]
async fn picture(
    State(app): Studio,
    Part(id): Part<i64>,
    Asked(query): Asked<LinesQuery>,
) -> Answer<Response> {
    worked(move || {
        let none = || Problem::missing(format!("job {id} has no picture now"));
        let running = app.running.get(id).ok_or_else(none)?;
        let lines = query.lines.unwrap_or(270).clamp(1, 2160);
        let bytes = running.newest.jpeg(lines)?;
        Ok(files::jpeg(bytes.ok_or_else(none)?))
    })
    .await
}

/// The report of a job that is done
///
/// As `--report` writes it.
#[utoipa::path(
    get, path = "/jobs/{id}/report", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem), (status = 400, body = Problem)),
)]
async fn report(State(app): Studio, Part(id): Part<i64>) -> Answer<Json<Value>> {
    worked(move || {
        let report = app.store.report(id)?;
        let none = || Problem::missing(format!("job {id} has no report yet"));
        Ok(Json(report.ok_or_else(none)?))
    })
    .await
}

/// One thing that happened to a job.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryLine {
    /// RFC 3339.
    at: String,
    /// The state that it went over to.
    state: &'static str,
    words: String,
}

/// What happened to a job, the oldest first
#[utoipa::path(
    get, path = "/jobs/{id}/history", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = List<HistoryLine>), (status = 404, body = Problem), (status = 400, body = Problem)),
)]
async fn history(State(app): Studio, Part(id): Part<i64>) -> Answer<Json<List<HistoryLine>>> {
    worked(move || {
        let lines = app.store.history(id)?.into_iter().map(|event| HistoryLine {
            at: moments::of_millis(event.at),
            state: event.state.name(),
            words: event.words,
        });
        Ok(Json(List::whole(lines.collect())))
    })
    .await
}

/// What is to be estimated.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EstimateBody {
    file: String,
    #[schema(value_type = Object)]
    #[serde(default)]
    request: Value,
}

/// How long a render takes, and how large it becomes
///
/// Half a second of the file is rendered to measure it. `command` is what renders all of it from a shell.
#[utoipa::path(
    post, path = "/estimates", tag = "jobs", request_body = EstimateBody,
    responses(
        (status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem),
    ),
)]
async fn estimates(State(app): Studio, Body(body): Body<EstimateBody>) -> Answer<Json<Value>> {
    worked_while_awaited(move |cancel| {
        let place = app.file(&body.file)?;
        let value = match body.request {
            Value::Null => json!({}),
            request => request,
        };
        let request = queue::request(&app, &value)?;
        let names = OutputNames::of(&app, &value)?;
        let planned = names.of_input(&place.path, &OutputLocation::default());
        let ending = planned.first().and_then(|path| path.rsplit_once('.'));
        let ending = ending.map_or("mp4", |(_, ending)| ending);
        // Two at a time would measure each other.
        let _turn = app.estimates.lock().unwrap_or_else(PoisonError::into_inner);
        if cancel.requested() {
            return Err(gone());
        }
        let mut estimate = json!(estimate(&place.path, &request, ending, cancel)?);
        estimate["command"] = json!(request.command(&place.path));
        Ok(Json(estimate))
    })
    .await
}
