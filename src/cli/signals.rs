//! Ctrl-C, SIGTERM and a closed terminal as requests to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::problem::{INTERRUPTED, Problem, TRY_AGAIN};
use crate::render::{Cancel, RenderError};

/// The signal that came, if one did.
pub struct Signals(Arc<AtomicUsize>);

/// Listens; from now on signals end jobs, not the process. Only a second Ctrl-C ends it at once.
pub fn install() -> Signals {
    let came = Arc::new(AtomicUsize::new(0));
    let asked = Arc::new(AtomicBool::new(false));
    // In this order: the first one is seen by the second.
    let twice = flag::register_conditional_shutdown(SIGINT, INTERRUPTED.into(), asked.clone())
        .and_then(|_| flag::register(SIGINT, asked));
    if let Err(error) = twice {
        tracing::warn!("a second Ctrl-C cannot be caught: {error}");
    }
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let number = usize::try_from(signal).unwrap_or_default();
        if let Err(error) = flag::register_usize(signal, came.clone(), number) {
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

    /// What to say and exit with where `error` is about a signal that has come.
    pub fn problem_of(&self, error: &RenderError) -> Problem {
        match (self.problem(), error) {
            (Some(signal), RenderError::Interrupted { .. }) => Problem {
                code: signal.code,
                ..error.into()
            },
            (Some(signal), RenderError::Cancelled) => signal,
            _ => error.into(),
        }
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
