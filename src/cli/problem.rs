//! Failures as the user sees them, with their exit codes.

use serde_json::json;

use crate::graph::style::StyleError;
use crate::media::MediaError;
use crate::render::{Failure, RenderError};

/// A comparison found a difference.
pub const DIFFERS: u8 = 1;
pub const USAGE: u8 = 2;
pub const BAD_INPUT: u8 = 65;
pub const NO_INPUT: u8 = 66;
pub const UNAVAILABLE: u8 = 69;
pub const CANNOT_CREATE: u8 = 73;
pub const IO: u8 = 74;
pub const TRY_AGAIN: u8 = 75;
pub const INTERRUPTED: u8 = 130;

/// A failure: what failed and why, what to do, and the exit code.
#[derive(Clone, Debug)]
pub struct Problem {
    pub code: u8,
    pub what: String,
    /// Lines of advice; may be empty.
    pub advice: String,
}

impl Problem {
    pub fn new(code: u8, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
            advice: advice.into(),
        }
    }

    /// The `error` event.
    pub fn json(&self) -> String {
        json!({"event": "error", "message": self.what, "advice": self.advice, "exit": self.code})
            .to_string()
    }
}

impl From<&RenderError> for Problem {
    fn from(error: &RenderError) -> Self {
        let code = match error.failure() {
            Failure::Usage => USAGE,
            Failure::BadInput => BAD_INPUT,
            Failure::NoInput => NO_INPUT,
            Failure::Unavailable => UNAVAILABLE,
            Failure::CannotCreate => CANNOT_CREATE,
            Failure::Io => IO,
            Failure::TryAgain => TRY_AGAIN,
            Failure::Differs => DIFFERS,
            Failure::Cancelled => INTERRUPTED,
        };
        Self::new(code, error.summary(), error.advice())
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        Self::from(&error)
    }
}

impl From<StyleError> for Problem {
    fn from(error: StyleError) -> Self {
        RenderError::from(error).into()
    }
}

impl From<MediaError> for Problem {
    fn from(error: MediaError) -> Self {
        RenderError::from(error).into()
    }
}
