//! The studio: a page in the browser, served to this machine alone, on which a style is seen while its author works on it.

mod api;
mod assets;
mod error;
mod guard;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::sync::watch;

use crate::render::Cancel;
use crate::render::live::Live;

pub use error::StudioError;

/// How often files of the style are looked at, and whether an end was asked for.
const LOOKS_EVERY: Duration = Duration::from_millis(120);
/// How long open requests may take after an end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// What the handlers of all requests share.
struct Shared {
    live: Mutex<Live>,
    /// The version of the style; a change is told to all pages.
    version: watch::Sender<u64>,
    /// Set when the studio ends.
    ends: watch::Sender<bool>,
    port: u16,
}

impl Shared {
    fn live(&self) -> MutexGuard<'_, Live> {
        // A request that panicked has told so; the style is rendered anew for each.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A studio that is ready to be visited.
pub struct Studio {
    listener: TcpListener,
    address: SocketAddr,
    live: Live,
}

impl Studio {
    /// Takes `port` of this machine; 0 takes one that is free.
    ///
    /// # Errors
    /// `Port` where it cannot be had.
    pub fn new(live: Live, port: u16) -> Result<Self, StudioError> {
        let taken = |source| StudioError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(taken)?;
        listener.set_nonblocking(true).map_err(taken)?;
        Ok(Self {
            address: listener.local_addr().map_err(taken)?,
            listener,
            live,
        })
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves the page until `cancel` asks for an end.
    ///
    /// # Errors
    /// `Server` where the server fails.
    pub fn run(self, cancel: &Cancel) -> Result<(), StudioError> {
        let shared = Arc::new(Shared {
            version: watch::Sender::new(self.live.style().version),
            ends: watch::Sender::new(false),
            live: Mutex::new(self.live),
            port: self.address.port(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(StudioError::Server)?;
        let served = runtime.block_on(async {
            let watching = tokio::spawn(watch_files(shared.clone()));
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let mut ends = shared.ends.subscribe();
            let serving = axum::serve(listener, router(shared.clone()))
                .with_graceful_shutdown(async move { drop(ends.wait_for(|ends| *ends).await) });
            let serving = tokio::spawn(serving.into_future());
            while !cancel.requested() && !serving.is_finished() {
                tokio::time::sleep(LOOKS_EVERY).await;
            }
            shared.ends.send_replace(true);
            watching.abort();
            match tokio::time::timeout(GRACE, serving).await {
                Ok(Ok(served)) => served,
                Ok(Err(panicked)) => Err(std::io::Error::other(panicked)),
                // What is still being rendered is of no more use.
                Err(_) => Ok(()),
            }
        });
        runtime.shutdown_timeout(GRACE);
        served.map_err(StudioError::Server)
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .merge(assets::routes())
        .nest("/api", api::routes())
        .layer(from_fn_with_state(shared.clone(), guard::guard))
        .with_state(shared)
}

/// Loads the style again when a file of it has changed, and tells the pages.
async fn watch_files(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(LOOKS_EVERY).await;
        let own = shared.clone();
        let reloaded = tokio::task::spawn_blocking(move || {
            let mut live = own.live();
            live.reload().then(|| live.style().version)
        });
        if let Ok(Some(version)) = reloaded.await {
            shared.version.send_replace(version);
        }
    }
}
