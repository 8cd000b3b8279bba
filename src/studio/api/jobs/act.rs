//! What can be asked of a job, and of the queue.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::super::app::App;
use super::super::super::problem::{Answer, Problem};
use super::super::super::queue::{Intent, Job, JobsBody, add, job};
use super::super::super::store::State as JobState;
use super::super::super::{queue, settings};
use super::super::{Body, Part, Studio, worked};

/// Tells all of a job, and gives it.
fn told(app: &App, id: i64) -> Answer<Json<Job>> {
    let job = job(app, id)?;
    app.events.tell("job", &job);
    app.running.wake();
    Ok(Json(job))
}

/// What is to be changed of a job that waits. One of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBody {
    /// Higher ones are rendered first.
    priority: Option<i32>,
    /// The job that it goes before.
    before: Option<i64>,
    /// The job that it goes after.
    after: Option<i64>,
    /// `first` or `last`.
    place: Option<String>,
}

/// Change a job's place in the queue
#[utoipa::path(
    patch, path = "/jobs/{id}", tag = "jobs", params(("id" = i64, Path)), request_body = ChangeBody,
    responses(
        (status = 200, body = Job), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem),
    ),
)]
pub async fn change(
    State(app): Studio,
    Part(id): Part<i64>,
    Body(body): Body<ChangeBody>,
) -> Answer<Json<Job>> {
    worked(move || {
        let store = &app.store;
        match body {
            ChangeBody {
                priority: Some(priority),
                before: None,
                after: None,
                place: None,
            } => store.set_priority(id, priority)?,
            ChangeBody {
                priority: None,
                before: Some(other),
                after: None,
                place: None,
            } => store.move_before(id, other)?,
            ChangeBody {
                priority: None,
                before: None,
                after: Some(other),
                place: None,
            } => store.move_after(id, other)?,
            ChangeBody {
                priority: None,
                before: None,
                after: None,
                place: Some(place),
            } if place == "first" => store.move_first(id)?,
            ChangeBody {
                priority: None,
                before: None,
                after: None,
                place: Some(place),
            } if place == "last" => store.move_last(id)?,
            _ => {
                return Err(Problem::unfit(
                    "say one thing that is to be changed",
                    "priority, before, after, or place with first or last",
                ));
            }
        }
        app.events.tell("order", &json!({}));
        told(&app, id)
    })
    .await
}

/// Take an ended job out of the history
///
/// Its files stay.
#[utoipa::path(
    delete, path = "/jobs/{id}", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 204, description = "It is gone"), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub async fn remove(State(app): Studio, Part(id): Part<i64>) -> Answer<StatusCode> {
    worked(move || {
        app.store.remove(id)?;
        let _ = std::fs::remove_file(app.report_file(id));
        app.events.tell("removed", &json!({"id": id}));
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// How a job is paused.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PauseBody {
    /// Whether it stops at once, and what is done of its chunk is lost; else at the end of the chunk.
    now: bool,
}

/// Pause a job
///
/// One that runs pauses at the end of its chunk, and goes on from there. A short clip is one chunk, and is rendered to its end; stopped
/// at once, it begins again.
#[utoipa::path(
    post, path = "/jobs/{id}/pause", tag = "jobs", params(("id" = i64, Path)), request_body = Option<PauseBody>,
    responses((status = 200, body = Job), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
pub async fn pause(
    State(app): Studio,
    Part(id): Part<i64>,
    body: Option<Body<PauseBody>>,
) -> Answer<Json<Job>> {
    worked(move || {
        let now = body.is_some_and(|Body(body)| body.now);
        let words = match now {
            true => "to be paused at once",
            false => "to be paused at the end of the chunk",
        };
        let intent = if now { Intent::PauseNow } else { Intent::Pause };
        let asked = asked_of_running(&app, id, intent, || {
            let known = app.store.get(id)?;
            if known.state == JobState::Running {
                let busy = [JobState::Running, JobState::Pausing];
                app.store.set_state(id, &busy, JobState::Pausing, words)?;
            }
            Ok(())
        })?;
        match asked {
            true => {}
            false => {
                let known = app.store.get(id)?;
                let waiting = [JobState::Queued];
                let paused = app
                    .store
                    .set_state(id, &waiting, JobState::Paused, "paused")?;
                if !paused && known.state != JobState::Paused {
                    return Err(cannot(&known.state, "paused"));
                }
            }
        }
        told(&app, id)
    })
    .await
}

/// Changes the state of a job that runs by `change`, and asks for `intent`; false where it does not run, or not any more.
fn asked_of_running(
    app: &App,
    id: i64,
    intent: Intent,
    change: impl FnOnce() -> Answer<()>,
) -> Answer<bool> {
    match app.running.get(id) {
        Some(running) => Ok(running.change(intent, change)?.is_some()),
        None => Ok(false),
    }
}

fn cannot(state: &JobState, what: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        format!("a job that is {state} cannot be {what}"),
        "reload the page: its state has changed",
    )
}

/// Resume a job that is paused, or being paused
#[utoipa::path(
    post, path = "/jobs/{id}/resume", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = Job), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub async fn resume(State(app): Studio, Part(id): Part<i64>) -> Answer<Json<Job>> {
    worked(move || {
        let known = app.store.get(id)?;
        let is_pausing = known.state == JobState::Pausing;
        let goes_on = is_pausing
            && asked_of_running(&app, id, Intent::GoOn, || {
                let pausing = [JobState::Pausing];
                app.store
                    .set_state(id, &pausing, JobState::Running, "goes on")?;
                Ok(())
            })?;
        // It may be over by now.
        let known = match is_pausing && !goes_on {
            true => app.store.get(id)?,
            false => known,
        };
        match known.state {
            _ if goes_on => {}
            JobState::Paused => {
                let paused = [JobState::Paused];
                app.store
                    .set_state(id, &paused, JobState::Queued, "resumed")?;
            }
            JobState::Queued | JobState::Running => {}
            state => return Err(cannot(&state, "resumed")),
        }
        told(&app, id)
    })
    .await
}

/// How a job is cancelled.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CancelBody {
    /// Whether finished chunks are kept, so that another attempt goes on from them.
    keep: bool,
}

/// Cancel a job
#[utoipa::path(
    post, path = "/jobs/{id}/cancel", tag = "jobs", params(("id" = i64, Path)), request_body = Option<CancelBody>,
    responses((status = 200, body = Job), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
pub async fn cancel(
    State(app): Studio,
    Part(id): Part<i64>,
    body: Option<Body<CancelBody>>,
) -> Answer<Json<Job>> {
    worked(move || {
        let keep = body.is_some_and(|Body(body)| body.keep);
        let asked = asked_of_running(&app, id, Intent::Cancel { keep }, || {
            let known = app.store.get(id)?;
            if known.state != JobState::Cancelling {
                let busy = [JobState::Running, JobState::Pausing, JobState::Cancelling];
                app.store
                    .set_state(id, &busy, JobState::Cancelling, "to be cancelled")?;
            }
            Ok(())
        })?;
        match asked {
            true => {}
            false => {
                let known = app.store.get(id)?;
                let waiting = [JobState::Queued, JobState::Paused];
                let cancelled =
                    app.store
                        .set_state(id, &waiting, JobState::Cancelled, "cancelled")?;
                if !cancelled && known.state != JobState::Cancelled {
                    return Err(cannot(&known.state, "cancelled"));
                }
                if !keep {
                    queue::throw_away(&app, &known);
                }
            }
        }
        told(&app, id)
    })
    .await
}

/// Try an ended job again
///
/// Finished chunks of a job that failed, or was cancelled with them kept, are not rendered again.
#[utoipa::path(
    post, path = "/jobs/{id}/retry", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = Job), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub async fn retry(State(app): Studio, Part(id): Part<i64>) -> Answer<Json<Job>> {
    worked(move || {
        let _ = std::fs::remove_file(app.report_file(id));
        app.store.retry(id)?;
        told(&app, id)
    })
    .await
}

/// What is different in the copy of a job.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateBody {
    /// Settings that replace those of the job; `null` takes one out.
    #[schema(value_type = Object)]
    request: Value,
    /// Other files.
    files: Option<Vec<String>>,
    /// The folder for outputs.
    folder: Option<String>,
    priority: Option<i32>,
    paused: bool,
}

/// Add a copy of a job, with changes
#[utoipa::path(
    post, path = "/jobs/{id}/duplicate", tag = "jobs", params(("id" = i64, Path)), request_body = Option<DuplicateBody>,
    responses((status = 201, body = Job), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, description = "An output exists", body = Problem), (status = 423, description = "Another job is to write the output", body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
pub async fn duplicate(
    State(app): Studio,
    Part(id): Part<i64>,
    headers: HeaderMap,
    body: Option<Body<DuplicateBody>>,
) -> Answer<(StatusCode, Json<Job>)> {
    let origin = super::origin(&headers);
    worked(move || {
        let body = body.map(|Body(body)| body).unwrap_or_default();
        let known = app.store.get(id)?;
        let mut request = known.request.clone();
        for (key, value) in body.request.as_object().into_iter().flatten() {
            match (value, request.as_object_mut()) {
                (Value::Null, Some(request)) => {
                    request.remove(key);
                }
                (value, _) => request[key] = value.clone(),
            }
        }
        let files = match (body.files, known.file.is_empty()) {
            (Some(files), _) => files,
            (None, false) => vec![known.file.clone()],
            (None, true) => {
                return Err(Problem::unfit(
                    "the input of this job lies outside of all allowed folders",
                    "name a file in files",
                ));
            }
        };
        let out = queue::location(&known).out;
        let name = out.and_then(|out| app.name_of(&out));
        let is_folder = |name: &String| {
            let place = app.roots.resolve(name);
            place.is_ok_and(|place| place.is_folder)
        };
        let body = JobsBody {
            files,
            request,
            folder: body.folder.or_else(|| name.filter(is_folder)),
            output: None,
            priority: body.priority.unwrap_or(known.priority),
            paused: body.paused,
        };
        let (mut jobs, _) = add(&app, body, origin, None)?;
        match jobs.is_empty() {
            true => Err(Problem::fault("the job was not added")),
            false => Ok((StatusCode::CREATED, Json(jobs.remove(0)))),
        }
    })
    .await
}

/// Whether the queue is paused.
#[derive(Serialize, ToSchema)]
pub struct QueuePaused {
    paused: bool,
}

fn set_paused(app: &App, paused: bool) -> Answer<Json<QueuePaused>> {
    settings::set_paused(&app.store, paused)?;
    app.running.pause(paused);
    app.events.tell("queue", &json!({"paused": paused}));
    Ok(Json(QueuePaused { paused }))
}

/// Begin no more jobs
///
/// Those that run go on.
#[utoipa::path(post, path = "/queue/pause", tag = "queue", responses((status = 200, body = QueuePaused)))]
pub async fn pause_queue(State(app): Studio) -> Answer<Json<QueuePaused>> {
    worked(move || set_paused(&app, true)).await
}

/// Begin jobs again
#[utoipa::path(post, path = "/queue/resume", tag = "queue", responses((status = 200, body = QueuePaused)))]
pub async fn resume_queue(State(app): Studio) -> Answer<Json<QueuePaused>> {
    worked(move || set_paused(&app, false)).await
}

/// How many jobs are tried again.
#[derive(Serialize, ToSchema)]
pub struct Retried {
    retried: usize,
}

/// Try all jobs again that failed
#[utoipa::path(post, path = "/queue/retry-failed", tag = "queue", responses((status = 200, body = Retried)))]
pub async fn retry_failed(State(app): Studio) -> Answer<Json<Retried>> {
    worked(move || {
        let ids = app.store.retry_failed()?;
        for id in &ids {
            let _ = std::fs::remove_file(app.report_file(*id));
            let _ = told(&app, *id)?;
        }
        Ok(Json(Retried { retried: ids.len() }))
    })
    .await
}
