//! Picks the root-cause error of several failing threads and attaches the frame it happened at.

use std::any::Any;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::ScopedJoinHandle;

use super::super::error::{RenderError, Result};
use crate::frame::{Rational, Span};
use crate::media::MediaError;

/// The frame that a thread works on, for its errors.
pub(super) struct CurrentFrame(AtomicI64);

impl CurrentFrame {
    const NOWHERE: i64 = i64::MIN;

    pub(super) fn new() -> Self {
        Self(AtomicI64::new(Self::NOWHERE))
    }

    pub(super) fn set(&self, span: Span) {
        self.0.store(span.pts, Ordering::Relaxed);
    }

    /// Adds the frame to an error that is about a frame.
    fn name(&self, error: RenderError, time_base: Rational) -> RenderError {
        let pts = self.0.load(Ordering::Relaxed);
        let about_a_frame = matches!(
            error,
            RenderError::Exec(_)
                | RenderError::Panicked { .. }
                | RenderError::Media(MediaError::Encode { .. })
        );
        if pts == Self::NOWHERE || !about_a_frame {
            return error;
        }
        RenderError::CurrentFrame {
            pts,
            seconds: time_base.seconds(pts),
            source: Box::new(error),
        }
    }
}

/// The root cause: the first error not caused by another thread's shutdown.
#[derive(Default)]
pub(super) struct Failures(pub Option<RenderError>);

impl Failures {
    pub(super) fn join<T>(
        &mut self,
        thread: ScopedJoinHandle<'_, Result<T>>,
        stage: &'static str,
        at: &CurrentFrame,
        time_base: Rational,
    ) -> Option<T> {
        let error = match thread.join() {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => error,
            Err(panic) => RenderError::Panicked {
                stage,
                message: panic_message(panic.as_ref()),
            },
        };
        let weight = |error: &RenderError| match error {
            RenderError::Stopped => 0,
            RenderError::Cancelled => 1,
            _ => 2,
        };
        let known = self.0.as_ref().map_or(-1, weight);
        if weight(&error) > known {
            self.0 = Some(at.name(error, time_base));
        }
        None
    }
}

/// What a panic says, in one line.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let lines = text.unwrap_or("a panic without a message").lines();
    // An error is said in one line.
    lines.map(str::trim).collect::<Vec<_>>().join("; ")
}
