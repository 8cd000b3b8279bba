//! Ctrl-C, SIGTERM and a closed terminal as requests to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::problem::{INTERRUPTED, Problem, TRY_AGAIN};
use crate::media;
use crate::render::{Cancel, RenderError};

/// The signal that was received; 0 is none.
pub struct Signals(Arc<AtomicUsize>);

/// Installs the handlers: signals stop jobs, not the process. Only a second Ctrl-C ends the process at once. A signal that
/// the process was started to ignore stays ignored: `nohup` ignores SIGHUP, and a shell SIGINT for what runs in its
/// background.
pub fn install() -> Signals {
    let came = Arc::new(AtomicUsize::new(0));
    if !is_ignored(SIGINT) {
        end_at_the_second_interrupt();
    }
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        if is_ignored(signal) {
            continue;
        }
        let number = usize::try_from(signal).unwrap_or_default();
        if let Err(error) = flag::register_usize(signal, came.clone(), number) {
            tracing::warn!("signal {signal} cannot be caught: {error}");
        }
    }
    media::end_waits_on(came.clone());
    Signals(came)
}

fn end_at_the_second_interrupt() {
    let asked = Arc::new(AtomicBool::new(false));
    // In this order: the first Ctrl-C sets the flag that makes the second end the process.
    let twice = flag::register_conditional_shutdown(SIGINT, INTERRUPTED.into(), asked.clone())
        .and_then(|_| flag::register(SIGINT, asked));
    if let Err(error) = twice {
        tracing::warn!("a second Ctrl-C cannot be caught: {error}");
    }
}

/// Whether the process was started to ignore `signal`.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    // SAFETY: all zeros are a valid `sigaction`; without a new action, the call only writes the present one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

#[cfg(not(unix))]
fn is_ignored(_: i32) -> bool {
    false
}

impl Signals {
    /// The request to stop, for jobs.
    pub fn cancel(&self) -> Cancel {
        Cancel::new(self.0.clone())
    }

    /// The problem for `error`; for a job that a signal stopped, with the exit code of the signal.
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

    /// The problem that a received signal is; `None` before one.
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
