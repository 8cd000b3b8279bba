//! The studio: a web app of this machine and an API for programs, over the same engine as the command line, with a queue of jobs
//! that survives the end of the program.
//!
//! It stands beside the command line: it asks `render` and `measure`, and keeps nothing of its own but the queue.

mod api;
mod api_page;
mod app;
mod clips;
mod content;
mod error;
mod events;
mod guard;
mod labs;
mod moments;
mod pages;
mod problem;
mod queue;
mod ranges;
mod roots;
mod secret;
mod settings;
mod store;
mod tasks;
mod trainings;
mod uploads;
mod watched;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use serde_json::json;

use crate::render::live::Live;
use crate::render::{Cancel, cards_now, read_single_files_only};

pub use api::openapi;
pub use error::StudioError;

use app::App;

/// How often files of a style are looked at, and whether an end was asked for.
const LOOKS_EVERY: Duration = Duration::from_millis(120);
/// How often it is told how graphics cards fare.
const TELLS_CARDS_EVERY: Duration = Duration::from_secs(2);
/// How long open requests may take after an end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// What a studio serves, and to whom.
#[derive(Clone, Debug)]
pub struct StudioOptions {
    /// Where it listens. Port 0 takes one that is free.
    pub listen: SocketAddr,
    /// Names by which it may be called, besides those of this machine.
    pub hosts: Vec<String>,
    /// Folders that pages may read, and write outputs to.
    pub folders: Vec<PathBuf>,
    /// The folder for the queue, uploads and reports.
    pub data: PathBuf,
    /// The folder for clips, which can be made again.
    pub cache: PathBuf,
    /// Whether requests need a token, also on an address of this machine alone.
    pub require_token: bool,
    /// Whether the token that is kept is replaced by a new one.
    pub new_token: bool,
    /// The most bytes of an upload.
    pub upload_limit: u64,
}

/// A studio that is ready to be visited.
pub struct Studio {
    listener: TcpListener,
    app: Arc<App>,
    /// The token, where a new one was made: it is told this once.
    token: Option<String>,
    warnings: Vec<String>,
}

impl Studio {
    /// Takes the address, and opens the queue.
    ///
    /// # Errors
    /// `Port` where the address cannot be had, `Running` where a studio of this user runs already, and those of opening the
    /// queue and the folders.
    pub fn new(options: &StudioOptions) -> Result<Self, StudioError> {
        // What is uploaded must not have other files read.
        read_single_files_only();
        let lock = app::lock(&options.data)?;
        let taken = |source| StudioError::Port {
            address: options.listen,
            source,
        };
        let listener = TcpListener::bind(options.listen).map_err(taken)?;
        listener.set_nonblocking(true).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let (app, token, warnings) = App::open(options, address, lock)?;
        Ok(Self {
            listener,
            app: Arc::new(app),
            token,
            warnings,
        })
    }

    /// What a person should know before it is visited.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The token that requests need, where it was made now: it is not kept, and cannot be told again.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The address of the first page.
    pub fn url(&self) -> String {
        self.app.url()
    }

    /// Opens a session in the Lab, of the file `clip` where there is one; the address of its page.
    pub fn open_lab(&self, live: Live, clip: Option<&Path>) -> String {
        let file = clip.and_then(|clip| self.app.roots.name_of(&clip.canonicalize().ok()?));
        let id = self.app.labs.add(live, file);
        format!("{}lab?session={id}", self.url())
    }

    /// Serves pages and requests, and renders the queue, until `cancel` asks for an end. What is being rendered then goes on at
    /// the next start.
    ///
    /// # Errors
    /// `Server` where the server fails.
    pub fn run(self, cancel: &Cancel) -> Result<(), StudioError> {
        let app = self.app;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(StudioError::Server)?;
        let renders = queue::start(&app);
        let watches = watched::start(&app);
        let served = runtime.block_on(async {
            let labs = tokio::spawn(watch_labs(app.clone()));
            let cards = tokio::spawn(watch_cards(app.clone()));
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let mut ends = app.ends.subscribe();
            let serving = axum::serve(listener, router(app.clone()))
                .with_graceful_shutdown(async move { drop(ends.wait_for(|ends| *ends).await) });
            let serving = tokio::spawn(serving.into_future());
            while !cancel.requested() && !serving.is_finished() {
                tokio::time::sleep(LOOKS_EVERY).await;
            }
            app.end();
            labs.abort();
            cards.abort();
            match tokio::time::timeout(GRACE, serving).await {
                Ok(Ok(served)) => served,
                Ok(Err(panicked)) => Err(std::io::Error::other(panicked)),
                // What is still being shown is of no more use.
                Err(_) => Ok(()),
            }
        });
        app.end();
        for thread in renders.into_iter().chain(watches) {
            // A job that panicked has told so.
            let _ = thread.join();
        }
        runtime.shutdown_timeout(GRACE);
        served.map_err(StudioError::Server)
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(pages::routes())
        .nest("/api/v1", api::routes())
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .with_state(app)
}

/// Loads styles again whose files have changed, and tells the pages.
async fn watch_labs(app: Arc<App>) {
    loop {
        tokio::time::sleep(LOOKS_EVERY).await;
        let own = app.clone();
        let _ = tokio::task::spawn_blocking(move || own.labs.reload(&own.events)).await;
    }
}

/// Tells how the graphics cards fare, where any can be read.
async fn watch_cards(app: Arc<App>) {
    loop {
        tokio::time::sleep(TELLS_CARDS_EVERY).await;
        if !app.events.is_heard() {
            continue;
        }
        let Ok(devices) = tokio::task::spawn_blocking(cards_now).await else {
            return;
        };
        if devices.is_empty() {
            return;
        }
        let now = json!({"devices": devices, "cpu_load": api::status::cpu_load()});
        app.events.tell_progress("hardware", &now);
    }
}
