//! Analyses, measures, comparisons and clips: they are begun here, and asked for later.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::clips::ClipAsk;
use super::super::content;
use super::super::problem::{Answer, Problem};
use super::super::queue;
use super::super::roots::Place;
use super::super::tasks::{Given, Task, TaskKind, TaskState};
use super::{Body, List, Part, Studio, worked};
use crate::measure::analyze::{self, Analyze};
use crate::measure::compare::{self, Compare, Way};
use crate::measure::scores::{self, Scores};
use crate::metrics::Metrics;
use crate::render::RenderError;
use crate::render::request::{RenderRequest, SettingValue, Time};

/// The longest clip, in seconds.
const LONGEST: f64 = 60.0;
/// The most ways of a comparison.
const MOST_WAYS: usize = 8;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(analyse))
        .routes(routes!(measure))
        .routes(routes!(compare))
        .routes(routes!(clip))
        .routes(routes!(list))
        .routes(routes!(one, cancel))
        .routes(routes!(page))
        .routes(routes!(sheet))
        .routes(routes!(clip_content))
}

type Begun = Answer<(StatusCode, Json<Task>)>;

fn begun(task: Task) -> (StatusCode, Json<Task>) {
    (StatusCode::ACCEPTED, Json(task))
}

/// A file that is to be analysed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnalysisBody {
    file: String,
    /// Whether only parts of it are looked at.
    #[serde(default)]
    fast: bool,
}

/// What is wrong with a file
///
/// The result of the task is that of `aquatint analyze --json`.
#[utoipa::path(
    post, path = "/analyses", tag = "tasks", request_body = AnalysisBody,
    responses((status = 202, body = Task), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn analyse(State(app): Studio, Body(body): Body<AnalysisBody>) -> Begun {
    worked(move || {
        let place = app.file(&body.file)?;
        let name = body.file.clone();
        let task = app
            .tasks
            .add(TaskKind::Analysis, Some(body.file), move |work| {
                let analyze = Analyze {
                    input: place.path,
                    reading: Default::default(),
                    fast: body.fast,
                    kinds: None,
                };
                let library = RenderRequest::default().library()?;
                let cancel = work.cancel.clone();
                let found = analyze.run(&library, &mut |event| work.hear(&event), &cancel)?;
                let mut result = serde_json::to_value(&found).unwrap_or_default();
                // A page gives it back to name the file.
                result["input"] = json!(name);
                Ok(Given {
                    result,
                    page: Some(analyze::page(&found)),
                    sheet: None,
                })
            });
        Ok(begun(task))
    })
    .await
}

/// What is to be measured.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MeasureBody {
    output: String,
    /// What it is held against.
    #[serde(default)]
    reference: Option<String>,
}

/// Numbers of a file, and how far it is from another
///
/// The result of the task is the summary of `aquatint measure --json`.
#[utoipa::path(
    post, path = "/measures", tag = "tasks", request_body = MeasureBody,
    responses((status = 202, body = Task), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn measure(State(app): Studio, Body(body): Body<MeasureBody>) -> Begun {
    worked(move || {
        let place = app.file(&body.output)?;
        let reference = body.reference.as_deref();
        let reference = reference.map(|name| app.file(name)).transpose()?;
        let act = move |work: &mut super::super::tasks::Work<'_>| {
            let scores = Scores {
                input: place.path,
                reference: reference.map(|place| place.path),
                part: None,
                reading: Default::default(),
                reference_reading: Default::default(),
                align: None,
                metrics: None,
                lpips_model: None,
                every: 1,
                keeps_worst: true,
            };
            let cancel = work.cancel.clone();
            let listen = &mut |event| work.hear(&event);
            let scored = scores.run(&mut |_| Ok(()), listen, &cancel)?;
            Ok(Given {
                result: serde_json::to_value(&scored.summary).unwrap_or_default(),
                page: Some(scores::page(&scored)?),
                sheet: None,
            })
        };
        let task = app.tasks.add(TaskKind::Measure, Some(body.output), act);
        Ok(begun(task))
    })
    .await
}

/// One way to render.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WayBody {
    label: String,
    #[schema(value_type = Object)]
    #[serde(default)]
    request: Value,
}

/// What is to be compared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ComparisonBody {
    file: String,
    /// Seconds after the start; a third of the file where it is not said.
    #[serde(default)]
    start: Option<f64>,
    /// Seconds, at most 60; else 2.
    #[serde(default)]
    duration: Option<f64>,
    /// Two to eight.
    ways: Vec<WayBody>,
}

fn time(seconds: f64) -> Time {
    Time::parse(&format!("{:.3}", seconds.max(0.0))).unwrap_or_default()
}

/// A length within what is allowed.
fn length(asked: Option<f64>, usual: f64) -> Answer<f64> {
    let length = asked.unwrap_or(usual);
    match length.is_finite() && length > 0.0 && length <= LONGEST {
        true => Ok(length),
        false => Err(Problem::unfit(
            format!("{length} seconds cannot be rendered here"),
            format!("more than 0 and at most {LONGEST}"),
        )),
    }
}

/// The same seconds in several ways
///
/// The result of the task is that of `aquatint compare --json`; its page has the clips beside each other.
#[utoipa::path(
    post, path = "/comparisons", tag = "tasks", request_body = ComparisonBody,
    responses((status = 202, body = Task), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn compare(State(app): Studio, Body(body): Body<ComparisonBody>) -> Begun {
    worked(move || {
        let place = app.file(&body.file)?;
        if !(2..=MOST_WAYS).contains(&body.ways.len()) {
            return Err(Problem::unfit(
                format!("{} ways cannot be compared", body.ways.len()),
                format!("give 2 to {MOST_WAYS}"),
            ));
        }
        let duration = length(body.duration, 2.0)?;
        let ways = body.ways.into_iter().map(|way| {
            Ok(Way {
                label: way.label,
                request: queue::request(&app, &object(way.request))?,
            })
        });
        let compare = Compare {
            input: place.path,
            start: body.start.filter(|start| start.is_finite()).map(time),
            duration: time(duration),
            ways: ways.collect::<Answer<_>>()?,
            metrics: Metrics::usual(),
            keeps_clips: true,
        };
        let act = move |work: &mut super::super::tasks::Work<'_>| {
            let all = compare.ways.len();
            let mut begun = 0;
            let cancel = work.cancel.clone();
            let mut tell = |way: &Way| {
                let share = f64::from(begun) / all as f64;
                begun += 1;
                work.tell(Some(share), &format!("{} ({begun} of {all})", way.label));
            };
            let compared = compare.run(&mut tell, &cancel)?;
            Ok(Given {
                result: serde_json::to_value(&compared).unwrap_or_default(),
                page: Some(compare::page(&compared)?),
                sheet: Some(compare::contact_sheet(&compared)?),
            })
        };
        let task = app.tasks.add(TaskKind::Comparison, Some(body.file), act);
        Ok(begun(task))
    })
    .await
}

/// A request, where there may be none.
fn object(request: Value) -> Value {
    match request {
        Value::Null => json!({}),
        request => request,
    }
}

/// A clip that is to be seen in a browser.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClipBody {
    file: String,
    /// `{"style": "none"}` is the source as a browser plays it.
    #[schema(value_type = Object)]
    #[serde(default)]
    request: Value,
    /// Seconds after the start.
    #[serde(default)]
    start: f64,
    /// Seconds, at most 60; else 4.
    #[serde(default)]
    duration: Option<f64>,
    /// The most lines of its pictures.
    #[serde(default)]
    lines: Option<u32>,
}

/// A short clip that browsers play
///
/// H.264 in MP4. The result of the task names its address. Clips are kept: the same one again is there at once.
#[utoipa::path(
    post, path = "/clips", tag = "tasks", request_body = ClipBody,
    responses(
        (status = 202, body = Task), (status = 200, description = "It is there", body = Task), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
    ),
)]
async fn clip(State(app): Studio, Body(body): Body<ClipBody>) -> Begun {
    worked(move || {
        let place = app.file(&body.file)?;
        let duration = length(body.duration, 4.0)?;
        let ask = ClipAsk {
            input: place.path,
            request: queue::request(&app, &object(body.request))?,
            start: if body.start.is_finite() {
                body.start
            } else {
                0.0
            },
            duration,
            lines: body.lines.map(|lines| lines.clamp(16, 2160)),
        };
        let key = ask.key()?;
        let result =
            json!({"clip": format!("/api/v1/clips/{key}"), "key": key, "seconds": duration});
        if app.clips.file(&key).is_some() {
            let task = Task {
                id: format!("clip-{key}"),
                kind: TaskKind::Clip,
                state: TaskState::Done,
                file: Some(body.file),
                progress: Some(1.0),
                words: "done".to_owned(),
                error: None,
                result: Some(result),
                page: None,
            };
            return Ok((StatusCode::OK, Json(task)));
        }
        let own = app.clone();
        let task = app.tasks.add(TaskKind::Clip, Some(body.file), move |work| {
            let cancel = work.cancel.clone();
            // The same one may have been asked for twice.
            if own.clips.file(&key).is_none() {
                own.clips
                    .make(&key, &ask, &mut |event| work.hear(&event), &cancel)?;
            }
            Ok::<_, RenderError>(Given {
                result,
                ..Given::default()
            })
        });
        Ok(begun(task))
    })
    .await
}

/// The tasks, the newest first
#[utoipa::path(get, path = "/tasks", tag = "tasks", responses((status = 200, body = List<Task>)))]
async fn list(State(app): Studio) -> Json<List<Task>> {
    Json(List::whole(app.tasks.list()))
}

fn missing(id: &str) -> Problem {
    Problem::missing(format!("there is no task {id:?}"))
}

/// One task, with what it gave
#[utoipa::path(
    get, path = "/tasks/{id}", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, body = Task), (status = 404, body = Problem)),
)]
async fn one(State(app): Studio, Part(id): Part<String>) -> Answer<Json<Task>> {
    app.tasks.get(&id).map(Json).ok_or_else(|| missing(&id))
}

/// Cancel a task, or forget it where it has ended
#[utoipa::path(
    delete, path = "/tasks/{id}", tag = "tasks", params(("id" = String, Path)),
    responses((status = 204, description = "It is gone, or will be"), (status = 404, body = Problem)),
)]
async fn cancel(State(app): Studio, Part(id): Part<String>) -> Answer<StatusCode> {
    match app.tasks.cancel(&id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(missing(&id)),
    }
}

/// The page that a task made
#[utoipa::path(
    get, path = "/tasks/{id}/page", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, description = "A page for itself", content_type = "text/html", body = String), (status = 404, body = Problem)),
)]
async fn page(State(app): Studio, Part(id): Part<String>) -> Answer<Response> {
    let page = app.tasks.page(&id).ok_or_else(|| missing(&id))?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    // It has its style, pictures and a script in itself, and is kept from everything else: it runs as a site of its own.
    let policy = "sandbox allow-scripts allow-downloads; default-src 'none'; img-src data:; media-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
    let policy = [(header::CONTENT_SECURITY_POLICY, policy)];
    Ok((kind, policy, page).into_response())
}

/// The picture that a comparison made
#[utoipa::path(
    get, path = "/tasks/{id}/sheet.png", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, description = "PNG", content_type = "image/png", body = Vec<u8>), (status = 404, body = Problem)),
)]
async fn sheet(State(app): Studio, Part(id): Part<String>) -> Answer<Response> {
    let sheet = app.tasks.sheet(&id).ok_or_else(|| missing(&id))?;
    Ok(([(header::CONTENT_TYPE, "image/png")], sheet).into_response())
}

/// A clip
///
/// A single range of bytes is answered.
#[utoipa::path(
    get, path = "/clips/{key}", tag = "tasks", params(("key" = String, Path)),
    responses(
        (status = 200, description = "It", content_type = "video/mp4", body = Vec<u8>), (status = 206, description = "A part", content_type = "video/mp4", body = Vec<u8>),
        (status = 304, description = "As it is known by its ETag"), (status = 404, body = Problem), (status = 416, description = "The part begins after the end"),
    ),
)]
async fn clip_content(
    State(app): Studio,
    Part(key): Part<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let file = app.clips.file(&key);
    let path = file.ok_or_else(|| Problem::missing("there is no such clip any more"))?;
    let place = Place {
        root: String::new(),
        path: path.canonicalize().unwrap_or(path),
        is_folder: false,
        writable: false,
    };
    content::send(place, &headers, false).await
}
