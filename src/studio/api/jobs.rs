//! The queue: jobs are added, ordered, paused, cancelled, tried again.

mod act;
mod view;

use std::path::PathBuf;
use std::sync::Arc;

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
use super::super::problem::{Answer, Problem};
use super::super::store::{Filter, NewJob, State as JobState};
use super::{Asked, Body, List, Part, Studio, files, text, worked};
use crate::measure::auto::{check, is_open, without_choices};
use crate::measure::estimate::estimate;
use crate::render::request::RenderRequest;
use crate::render::{Cancel, OutputLocation, QueueItem, RenderError, planned_outputs};

pub use view::{Job, job, others};
use view::{jobs, rfc};

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

/// What is to be rendered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobsBody {
    /// Files as `ROOT/relative/path`; a job for each.
    pub files: Vec<String>,
    /// Settings as the command line's long flags with `_`, for example `{"style": "pencil", "crf": 18}`. Files in it are named as
    /// `ROOT/relative/path`.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub request: Value,
    /// The folder for outputs; beside the inputs where there is none.
    #[serde(default)]
    pub folder: Option<String>,
    /// The output, for one file with one style.
    #[serde(default)]
    pub output: Option<String>,
    /// Higher ones are rendered first.
    #[serde(default)]
    pub priority: i32,
    /// Whether they wait until they are resumed.
    #[serde(default)]
    pub paused: bool,
}

/// Add jobs
///
/// The same `Idempotency-Key` with the same body adds nothing again, and gives the jobs that it added.
#[utoipa::path(
    post, path = "/jobs", tag = "jobs", request_body = JobsBody,
    params(("idempotency-key" = Option<String>, Header, description = "Tells this request from others")),
    responses(
        (status = 201, body = List<Job>), (status = 200, description = "They were added before", body = List<Job>),
        (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
    ),
)]
async fn create(
    State(app): Studio,
    headers: HeaderMap,
    Body(body): Body<JobsBody>,
) -> Answer<Response> {
    let key = text(&headers, "idempotency-key").map(str::to_owned);
    // A browser says where a request comes from.
    let from_page = headers.contains_key("sec-fetch-site");
    let origin = if from_page { "studio" } else { "api" };
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

/// Adds jobs, or finds those that the same key added. What can be wrong with a request is told before any is added.
pub fn add(app: &App, body: JobsBody, origin: &str, key: Option<&str>) -> Answer<(Vec<Job>, bool)> {
    if body.files.is_empty() {
        return Err(Problem::unfit(
            "no file is named",
            "name at least one in files",
        ));
    }
    if body.output.is_some() && body.files.len() > 1 {
        return Err(Problem::unfit(
            "several files cannot have one output",
            "name a folder instead, or add them one by one",
        ));
    }
    let digest: String = {
        let text = serde_json::to_string(&body).unwrap_or_default();
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let request = match &body.request {
        Value::Null => json!({}),
        request => request.clone(),
    };
    let out = match (&body.output, &body.folder) {
        (Some(output), _) => Some(app.roots.resolve_new(output)?.path),
        (None, Some(folder)) => Some(writable_folder(app, folder)?),
        (None, None) => None,
    };
    let output = OutputLocation {
        out,
        ..OutputLocation::default()
    };
    let mut new = Vec::new();
    let mut outputs = Vec::new();
    for name in &body.files {
        let place = files::file(app, name)?;
        if output.out.is_none() && !place.writable {
            return Err(Problem::unfit(
                format!("{name} lies in a folder that may not be written to"),
                "name a folder for the outputs",
            ));
        }
        let planned = planned(app, &request, &place.path, &output)?;
        outputs.push(planned);
        new.push(NewJob {
            input: place.path.to_string_lossy().into_owned(),
            file: name.clone(),
            request: request.clone(),
            output: serde_json::to_value(&output).unwrap_or_default(),
            priority: body.priority,
            origin: origin.to_owned(),
            paused: body.paused,
        });
    }
    let key = key.map(|key| (key, digest.as_str()));
    let added = app.store.add_jobs(&new, key)?;
    let mut items = Vec::new();
    for (id, outputs) in added.ids.iter().zip(outputs) {
        if !added.existing && !outputs.is_empty() {
            app.store.set_outputs(*id, &outputs)?;
        }
        let job = match job(app, *id) {
            Ok(job) => job,
            // It was added before, and taken out of the history since.
            Err(problem) if problem.status == 404 => continue,
            Err(problem) => return Err(problem),
        };
        if !added.existing {
            app.events.tell("job", &job);
        }
        items.push(job);
    }
    app.running.wake();
    Ok((items, added.existing))
}

fn writable_folder(app: &App, name: &str) -> Answer<PathBuf> {
    let place = app.roots.resolve(name)?;
    match (place.is_folder, place.writable) {
        (true, true) => Ok(place.path),
        (false, _) => Err(Problem::unfit(
            format!("{name} is no folder"),
            "name a folder",
        )),
        (true, false) => Err(Problem::unfit(
            format!("nothing may be written to {name}"),
            "choose another folder",
        )),
    }
}

/// The request that `value` is, with paths in place of the names of files.
pub fn request(app: &App, value: &Value) -> Answer<RenderRequest> {
    let asked: RenderRequest = serde_json::from_value(value.clone()).map_err(|error| {
        Problem::unfit(
            format!("the request cannot be read: {error}"),
            "its keys are the command line's long flags with _ for -",
        )
    })?;
    Ok(confined(app, &asked)?)
}

/// `asked` with paths in place of the names of files.
pub fn confined(app: &App, asked: &RenderRequest) -> crate::render::Result<RenderRequest> {
    let library = RenderRequest::default().library()?;
    asked.confined(&library, &|name| {
        let place = app.roots.resolve(name);
        place
            .map(|place| place.path)
            .map_err(|error| RenderError::Usage {
                what: error.to_string(),
                advice: error.advice().to_owned(),
            })
    })
}

/// The outputs of `input` by their names; none yet where the input decides something of the request.
fn planned(
    app: &App,
    request: &Value,
    input: &std::path::Path,
    output: &OutputLocation,
) -> Answer<Vec<String>> {
    let request = self::request(app, request)?;
    let plain = without_choices(&request);
    let library = plain.library()?;
    check(&request, &library)?;
    let settings = plain.settings(&library)?;
    if is_open(&request) {
        return Ok(Vec::new());
    }
    let item = QueueItem {
        input: input.to_owned(),
        output: output.clone(),
        settings,
    };
    let paths = planned_outputs(&[item]);
    Ok(paths
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect())
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
            at: rfc(event.at),
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
/// Half a second of the file is rendered to measure it.
#[utoipa::path(
    post, path = "/estimates", tag = "jobs", request_body = EstimateBody,
    responses(
        (status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem),
    ),
)]
async fn estimates(State(app): Studio, Body(body): Body<EstimateBody>) -> Answer<Json<Value>> {
    worked(move || {
        let place = files::file(&app, &body.file)?;
        let value = match body.request {
            Value::Null => json!({}),
            request => request,
        };
        let request = self::request(&app, &value)?;
        let planned = planned(&app, &value, &place.path, &OutputLocation::default())?;
        let ending = planned.first().and_then(|path| path.rsplit_once('.'));
        let ending = ending.map_or("mp4", |(_, ending)| ending).to_owned();
        let estimate = estimate(&place.path, &request, &ending, &Cancel::default())?;
        Ok(Json(serde_json::to_value(estimate).unwrap_or_default()))
    })
    .await
}
