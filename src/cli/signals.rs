//! Ctrl-C, SIGTERM and a closed terminal as requests to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::problem::{INTERRUPTED, Problem, TRY_AGAIN};
use crate::render::Cancel;

/// The signal that came, if one did.
pub struct Signals(Arc<AtomicUsize>);

/// Listens; from now on signals end jobs, not the process.
pub fn install() -> Signals {
    let came = Arc::new(AtomicUsize::new(0));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let number = usize::try_from(signal).unwrap_or_default();
        if let Err(error) = signal_hook::flag::register_usize(signal, came.clone(), number) {
            tracing::warn!("signal {signal} cannot be caught: {error}");
        }
    }
    Signals(came)
}

impl Signals {
    /// What jobs watch.
    pub fn cancel(&self) -> Cancel {
        Cancel::new(self.0.clone())
    }

    /// What to say and exit with, once a signal has come.
    pub fn problem(&self) -> Option<Problem> {
        match i32::try_from(self.0.load(Ordering::Relaxed)) {
            Ok(SIGINT) => Some(Problem::new(
                INTERRUPTED,
                "interrupted: nothing of the unfinished output was kept",
                "",
            )),
            Ok(SIGTERM | SIGHUP) => Some(Problem::new(
                TRY_AGAIN,
                "terminated: nothing of the unfinished output was kept",
                "run the same command again",
            )),
            _ => None,
        }
    }
}
