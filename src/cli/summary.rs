//! The summary of several inputs: how each of them ended.

use std::path::PathBuf;

use serde_json::json;

use super::console::Console;
use super::problem::{BAD_INPUT, Problem};
use super::signals::Signals;
use crate::render::JobOutcome;

/// How an input ended.
pub enum Outcome {
    /// Frames in each output, the seconds it took, and whether verifying found a difference.
    Rendered {
        frames: u64,
        seconds: f64,
        differs: bool,
    },
    /// There was nothing to do: the outputs exist.
    Skipped,
    /// A file that was found in a folder, and is not a video; why.
    NotMedia(String),
    Failed(Problem),
    /// A stop was requested before its turn.
    NotBegun,
}

impl Outcome {
    /// How an input ended whose job ended with `outcome`; `found` is whether it was found in a folder.
    pub fn of(outcome: &JobOutcome, found: bool, signals: &Signals) -> Self {
        match outcome {
            JobOutcome::Rendered(report) => Self::Rendered {
                frames: report.frames_out,
                seconds: report.seconds.total,
                differs: report.differs(),
            },
            JobOutcome::Skipped => Self::Skipped,
            JobOutcome::Failed(error) => match signals.problem_of(error) {
                // Not every file in a folder is a video.
                problem if found && problem.code == BAD_INPUT => Self::NotMedia(problem.what),
                problem => Self::Failed(problem),
            },
            JobOutcome::NotBegun => Self::NotBegun,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Rendered { .. } => "rendered",
            Self::Skipped | Self::NotMedia(_) => "skipped",
            Self::Failed(_) => "failed",
            Self::NotBegun => "not begun",
        }
    }
}

/// Writes the summary, as a table or as an event.
pub fn show(console: &Console, inputs: &[(PathBuf, Outcome)]) {
    if console.speaks_json() {
        let entry = |(path, outcome): &(PathBuf, Outcome)| {
            let (frames, seconds, message) = match outcome {
                Outcome::Rendered {
                    frames, seconds, ..
                } => (Some(frames), Some(seconds), None),
                Outcome::Failed(problem) => (None, None, Some(&problem.what)),
                _ => (None, None, None),
            };
            json!({
                "input": path.to_string_lossy(), "result": outcome.word(), "frames": frames, "seconds": seconds,
                "message": message,
            })
        };
        let entries: Vec<_> = inputs.iter().map(entry).collect();
        console.line(&json!({"event": "summary", "inputs": entries}).to_string());
        return;
    }
    let width = |(path, _): &(PathBuf, Outcome)| path.to_string_lossy().chars().count();
    let width = inputs.iter().map(width).max().unwrap_or(0);
    for (path, outcome) in inputs {
        let facts = match outcome {
            Outcome::Rendered {
                frames,
                seconds,
                differs,
            } => {
                let differs = if *differs {
                    ", differs from its source"
                } else {
                    ""
                };
                format!("{frames} frames, {seconds:.1} s{differs}")
            }
            Outcome::Failed(problem) => problem.what.clone(),
            _ => String::new(),
        };
        let line = format!(
            "{:<9}  {:<width$}  {facts}",
            outcome.word(),
            path.to_string_lossy()
        );
        console.remark(line.trim_end());
    }
    let count = |word: &str| {
        inputs
            .iter()
            .filter(|(_, outcome)| outcome.word() == word)
            .count()
    };
    let words = ["rendered", "failed", "skipped", "not begun"];
    let parts = words.into_iter().map(|word| (count(word), word));
    let parts: Vec<String> = parts
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    console.remark(&format!("{} inputs: {}", inputs.len(), parts.join(", ")));
}
