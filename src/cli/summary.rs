//! What became of each input of a batch.

use std::path::PathBuf;

use serde_json::json;

use super::console::Console;
use super::problem::Problem;

/// What became of an input.
pub enum Outcome {
    /// Frames, and seconds it took.
    Rendered(u64, f64),
    /// Nothing was to be done.
    Skipped,
    Failed(Problem),
    /// An end was asked for before its turn.
    NotBegun,
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Rendered(..) => "rendered",
            Self::Skipped => "skipped",
            Self::Failed(_) => "failed",
            Self::NotBegun => "not begun",
        }
    }
}

/// Tells it, as a table or as an event.
pub fn tell(console: &Console, inputs: &[(PathBuf, Outcome)]) {
    if console.speaks_json() {
        let entry = |(path, became): &(PathBuf, Outcome)| {
            let (frames, seconds, message) = match became {
                Outcome::Rendered(frames, seconds) => (Some(frames), Some(seconds), None),
                Outcome::Failed(problem) => (None, None, Some(&problem.what)),
                _ => (None, None, None),
            };
            json!({
                "input": path.to_string_lossy(), "result": became.word(), "frames": frames, "seconds": seconds,
                "message": message,
            })
        };
        let entries: Vec<_> = inputs.iter().map(entry).collect();
        console.line(&json!({"event": "summary", "inputs": entries}).to_string());
        return;
    }
    let width = |(path, _): &(PathBuf, Outcome)| path.to_string_lossy().chars().count();
    let width = inputs.iter().map(width).max().unwrap_or(0);
    for (path, became) in inputs {
        let facts = match became {
            Outcome::Rendered(frames, seconds) => format!("{frames} frames, {seconds:.1} s"),
            Outcome::Failed(problem) => problem.what.clone(),
            _ => String::new(),
        };
        let line = format!(
            "{:<9}  {:<width$}  {facts}",
            became.word(),
            path.to_string_lossy()
        );
        console.remark(line.trim_end());
    }
    let count = |word: &str| {
        inputs
            .iter()
            .filter(|(_, became)| became.word() == word)
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
