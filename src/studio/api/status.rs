//! How the studio and the machine are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::Answer;
use super::super::queue::{Job, job, others};
use super::super::store::{Filter, State as JobState};
use super::{Studio, worked};
use crate::render::{available, devices};

/// Less than this is little room for videos, in bytes.
const LITTLE: u64 = 2 << 30;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(hardware))
}

/// The room of an allowed folder.
#[derive(Serialize, ToSchema)]
struct Room {
    root: String,
    free_bytes: u64,
    /// Whether that is little.
    low: bool,
}

/// How the studio is.
#[derive(Serialize, ToSchema)]
struct Status {
    version: &'static str,
    /// Seconds since it was started.
    uptime_s: u64,
    /// Whether no more jobs begin.
    paused: bool,
    /// How many jobs there are of each state.
    #[schema(value_type = Object)]
    jobs: Map<String, Value>,
    /// Those that run.
    running: Vec<Job>,
    disk: Vec<Room>,
    /// `train` says whether this program can train models.
    #[schema(value_type = Object)]
    features: Value,
}

/// How the studio is
#[utoipa::path(get, path = "/status", tag = "status", responses((status = 200, body = Status)))]
async fn status(State(app): Studio) -> Answer<Json<Status>> {
    worked(move || {
        let counts = app.store.counts()?;
        let filter = Filter {
            states: vec![JobState::Running, JobState::Pausing, JobState::Cancelling],
            origin: None,
        };
        let page = app.store.list(&filter, None, 100)?;
        let mut running = others(&app);
        for row in page.jobs {
            running.push(job(&app, row.id)?);
        }
        let disk = app.roots.roots().iter().filter_map(|root| {
            let free_bytes = available(&root.path)?;
            Some(Room {
                root: root.id.clone(),
                free_bytes,
                low: free_bytes < LITTLE,
            })
        });
        Ok(Json(Status {
            version: env!("CARGO_PKG_VERSION"),
            uptime_s: app.started.elapsed().as_secs(),
            paused: app.running.is_paused(),
            jobs: counts
                .into_iter()
                .map(|(state, count)| (state.name().to_owned(), json!(count)))
                .collect(),
            running,
            disk: disk.collect(),
            features: json!({"train": cfg!(feature = "train")}),
        }))
    })
    .await
}

/// The machine.
#[derive(Serialize, ToSchema)]
struct Hardware {
    /// What can render, as `aquatint devices --json` prints it.
    #[schema(value_type = Vec<Object>)]
    devices: Vec<Value>,
    /// The share of the processor that was busy in the last minute, 0 to 1; none where it is not known.
    cpu_load: Option<f64>,
    /// The folders of the studio: `data` has the queue, uploads and reports, `cache` what can be made again.
    #[schema(value_type = Object)]
    folders: Value,
}

/// The share of the processor that was busy in the last minute, 0 to 1; none where the system does not tell.
pub fn cpu_load() -> Option<f64> {
    let load = std::fs::read_to_string("/proc/loadavg").ok()?;
    // Threads that were busy, or waited for their turn.
    let threads: f64 = load.split(' ').next()?.parse().ok()?;
    let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Some((threads / all as f64).min(1.0))
}

/// What can render, and how it fares
#[utoipa::path(get, path = "/hardware", tag = "status", responses((status = 200, body = Hardware)))]
async fn hardware(State(app): Studio) -> Answer<Json<Hardware>> {
    worked(move || {
        let cpu_load = cpu_load();
        Ok(Json(Hardware {
            devices: devices(),
            cpu_load,
            folders: json!({"data": app.data, "cache": app.clips.folder()}),
        }))
    })
    .await
}
