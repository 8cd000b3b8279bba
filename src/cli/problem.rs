//! Failures as the user sees them, with their exit codes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;

use crate::graph::style::StyleError;
use crate::media::MediaError;
use crate::neural::{NeuralError, NeuralFailure};
use crate::render::{Failure, RenderError, panic_message, under_way};
use crate::topics::{topic_of, topic_of_model};
use crate::train::TrainError;

/// A comparison found a difference.
pub const DIFFERS: u8 = 1;
pub const USAGE: u8 = 2;
pub const BAD_INPUT: u8 = 65;
pub const NO_INPUT: u8 = 66;
pub const UNAVAILABLE: u8 = 69;
/// A fault of the program itself.
pub const FAULT: u8 = 70;
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
    /// The help topic with more of it.
    pub topic: Option<&'static str>,
}

impl Problem {
    pub fn new(code: u8, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
            advice: advice.into(),
            topic: None,
        }
    }

    /// With a help topic.
    fn with_topic(self, topic: Option<&'static str>) -> Self {
        Self { topic, ..self }
    }

    /// The `error` event.
    pub fn json(&self) -> String {
        json!({"event": "error", "message": self.what, "advice": self.advice, "topic": self.topic, "exit": self.code})
            .to_string()
    }
}

/// What `command` gives; where it panics, the problem that says so. Jobs catch their own panics, and say what there is of
/// their outputs.
pub fn unless_it_panics<T>(command: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|panic| {
        let message = panic_message(panic.as_ref());
        Err(Problem::new(
            FAULT,
            format!(
                "aquatint failed with an internal error: {message}; no output was being written"
            ),
            "this is a fault of aquatint: please report it with the input and the command",
        ))
    })
}

/// The exit code of a kind of failure.
fn code(failure: Failure) -> u8 {
    match failure {
        Failure::Usage => USAGE,
        Failure::BadInput => BAD_INPUT,
        Failure::NoInput => NO_INPUT,
        Failure::Unavailable => UNAVAILABLE,
        Failure::CannotCreate => CANNOT_CREATE,
        Failure::Io => IO,
        Failure::TryAgain => TRY_AGAIN,
        Failure::Fault => FAULT,
        Failure::Differs => DIFFERS,
        Failure::Cancelled => INTERRUPTED,
    }
}

impl From<&RenderError> for Problem {
    fn from(error: &RenderError) -> Self {
        if let RenderError::Media(MediaError::NoInput { path, .. }) = error
            && !path.exists()
            && let Some(words) = under_way(path)
        {
            let advice = "wait until it is there; `aquatint resume` goes on with a render that was not finished";
            return Self::new(TRY_AGAIN, words, advice).with_topic(Some("long-renders"));
        }
        let problem = Self::new(code(error.failure()), error.summary(), error.advice());
        problem.with_topic(topic_of(error))
    }
}

impl From<TrainError> for Problem {
    fn from(error: TrainError) -> Self {
        Self::new(code(error.failure()), error.to_string(), error.advice())
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

impl From<NeuralError> for Problem {
    fn from(error: NeuralError) -> Self {
        let code = match error.failure() {
            NeuralFailure::Usage => USAGE,
            NeuralFailure::BadModel => BAD_INPUT,
            NeuralFailure::Unavailable => UNAVAILABLE,
            NeuralFailure::TryAgain => TRY_AGAIN,
            NeuralFailure::CannotCreate => CANNOT_CREATE,
            NeuralFailure::Io => IO,
        };
        let problem = Self::new(code, error.to_string(), error.advice());
        problem.with_topic(topic_of_model(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_problem_in_one_line() {
        let problem = unless_it_panics::<()>(|| panic!("first\nsecond")).unwrap_err();
        assert_eq!(problem.code, 70);
        assert_eq!(
            problem.what,
            "aquatint failed with an internal error: first; second; no output was being written"
        );
        assert!(problem.advice.contains("please report it"));
    }
}
