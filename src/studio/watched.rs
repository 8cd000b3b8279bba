//! Watched folders: what arrives there is rendered once it has stopped growing.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant, UNIX_EPOCH};

use axum::http::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tracing::{error, warn};

use super::app::App;
use super::content::EXTENSIONS;
use super::queue::{JobsBody, add};
use super::roots::Kind;
use super::store::{Seen, Watch};

/// How often folders are looked at.
const LOOKS_EVERY: Duration = Duration::from_secs(1);
/// A file whose size and time stay the same for so long has arrived.
const ARRIVED_AFTER: Duration = Duration::from_secs(4);
/// How often what is old is removed.
const CLEANS_EVERY: Duration = Duration::from_secs(3600);
/// The status of a request whose output another job is to write.
const LOCKED: u16 = StatusCode::LOCKED.as_u16();
/// Entries that are asked for at once.
const PAGE: usize = 500;

/// Files that still grow: with their size, their time of change, and since when both are the same.
type Growing = HashMap<String, (i64, i64, Instant)>;

/// What is known of the watched folders, by their ids.
#[derive(Debug, Default)]
pub struct Arriving(Mutex<HashMap<i64, Arrivals>>);

/// What is known of a watched folder.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// Files that still grow.
    pub growing: usize,
    /// The last file that was not rendered, and why.
    pub refused: Option<String>,
}

impl Arriving {
    fn all(&self) -> MutexGuard<'_, HashMap<i64, Arrivals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the watched folder `id`.
    pub fn of(&self, id: i64) -> Arrivals {
        self.all().get(&id).cloned().unwrap_or_default()
    }
}

/// Takes what is in a watched folder now as no arrival.
pub fn pass_over(app: &App, watch: &Watch) {
    for (_, path, bytes, changed) in files(app, &watch.folder) {
        put(app, watch, &path.to_string_lossy(), (bytes, changed), None);
    }
}

/// Starts the thread that watches. It ends when the studio does.
pub fn start(app: &Arc<App>) -> Option<JoinHandle<()>> {
    let app = app.clone();
    let thread = Builder::new().name("watched folders".to_owned());
    let started = thread.spawn(move || {
        let mut growing = HashMap::new();
        let mut cleaned = Instant::now();
        while !app.is_ending() {
            if cleaned.elapsed() >= CLEANS_EVERY {
                cleaned = Instant::now();
                clean(&app);
            }
            match app.store.watches() {
                Ok(watches) => {
                    growing.retain(|id, _| watches.iter().any(|watch| watch.id == *id));
                    for watch in watches.iter().filter(|watch| watch.on) {
                        look(&app, watch, growing.entry(watch.id).or_default());
                    }
                }
                Err(error) => error!("watched folders are not known: {error}"),
            }
            std::thread::sleep(LOOKS_EVERY);
        }
    });
    started
        .inspect_err(|error| error!("folders are not watched: {error}"))
        .ok()
}

/// Removes uploads that nobody finished, and the oldest part of the history.
fn clean(app: &App) {
    if let Err(error) = app.uploads.remove_expired() {
        error!("old uploads are left: {error}");
    }
    if let Err(error) = app.store.prune() {
        error!("the history is not shortened: {error}");
    }
}

/// The files in a watched folder, with their size and time of change.
fn files(app: &App, folder: &str) -> Vec<(String, PathBuf, i64, i64)> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let list = app
            .roots
            .list(folder, &EXTENSIONS, true, after.as_deref(), PAGE);
        let Ok(list) = list else { return all };
        for entry in list.entries {
            if !matches!(entry.kind, Kind::Video | Kind::Picture) {
                continue;
            }
            let Ok(place) = app.roots.resolve(&entry.file) else {
                continue;
            };
            let changed = entry
                .modified
                .and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let changed = changed.map_or(0, |since| since.as_millis() as i64);
            let bytes = i64::try_from(entry.bytes).unwrap_or(i64::MAX);
            all.push((entry.file, place.path, bytes, changed));
        }
        match list.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

fn look(app: &Arc<App>, watch: &Watch, growing: &mut Growing) {
    let files = files(app, &watch.folder);
    growing.retain(|name, _| files.iter().any(|(known, ..)| known == name));
    for (name, path, bytes, changed) in files {
        let text = path.to_string_lossy().into_owned();
        let before = match app.store.seen(watch.id, &text) {
            Ok(Some(seen)) if (seen.size, seen.mtime) == (bytes, changed) => continue,
            Err(error) => {
                error!("{text}: {error}");
                continue;
            }
            Ok(before) => before,
        };
        let known = growing
            .entry(name.clone())
            .or_insert((bytes, changed, Instant::now()));
        if (known.0, known.1) != (bytes, changed) {
            *known = (bytes, changed, Instant::now());
        }
        if known.2.elapsed() < ARRIVED_AFTER || bytes == 0 {
            continue;
        }
        growing.remove(&name);
        // What a job writes there is no arrival.
        if is_output(app, &text) {
            put(app, watch, &text, (bytes, changed), None);
            continue;
        }
        let Value::Object(mut request) = watch.request.clone() else {
            continue;
        };
        // It was rendered before it was whole, or was replaced since: its own output is made anew.
        if before.is_some_and(|seen| seen.job.is_some()) {
            request
                .entry("existing")
                .or_insert_with(|| "replace".into());
        }
        let body = JobsBody {
            files: vec![name],
            request: Value::Object(request),
            folder: watch.to.clone(),
            output: None,
            priority: 0,
            paused: false,
        };
        // The same arrival is added once, also where the studio was killed before it was noted.
        let key = key(watch, &body, &text, (bytes, changed));
        let job = match add(app, body, &format!("folder:{}", watch.id), Some(&key)) {
            Ok((jobs, _)) => jobs.first().map(|job| job.id),
            // What is the matter will pass: it is tried again.
            Err(problem) if problem.status >= 500 || problem.status == LOCKED => {
                warn!("{text} waits: {}", problem.title);
                continue;
            }
            Err(problem) => {
                let words = format!("{text} is not rendered: {}", problem.title);
                warn!("{words}");
                app.arriving.all().entry(watch.id).or_default().refused = Some(words);
                None
            }
        };
        put(app, watch, &text, (bytes, changed), job);
    }
    app.arriving.all().entry(watch.id).or_default().growing = growing.len();
}

/// Tells an arrival from others.
fn key(watch: &Watch, body: &JobsBody, path: &str, (bytes, changed): (i64, i64)) -> String {
    let body = serde_json::to_string(body).unwrap_or_default();
    let digest = Sha256::digest(format!("{path}\n{bytes}\n{changed}\n{body}"));
    let digest: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("folder-{}-{digest}", watch.id)
}

fn put(app: &App, watch: &Watch, path: &str, (size, mtime): (i64, i64), job: Option<i64>) {
    let seen = Seen {
        path: path.to_owned(),
        size,
        mtime,
        job,
    };
    if let Err(error) = app.store.put_seen(watch.id, &seen) {
        error!("{path}: {error}");
    }
}

/// Whether a job of the queue writes, or wrote, the file at `path`.
fn is_output(app: &App, path: &str) -> bool {
    let filter = super::store::Filter::default();
    let mut after = None;
    while let Ok(page) = app.store.list(&filter, after.as_deref(), PAGE) {
        let mut outputs = page.jobs.iter().flat_map(|job| &job.outputs);
        if outputs.any(|output| output == path) {
            return true;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return false,
        }
    }
    false
}
