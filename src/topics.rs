//! The help topics: short texts from docs/help, and which of them helps with an error.

use include_dir::{Dir, include_dir};

use crate::graph::ExecError;
use crate::graph::style::StyleError;
use crate::media::MediaError;
use crate::neural::NeuralError;
use crate::render::RenderError;

static TEXTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/docs/help");

/// A help topic.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// What it is asked for by.
    pub name: &'static str,
    /// Markdown that is read in a terminal as it is.
    pub text: &'static str,
}

impl Topic {
    /// All topics, by name; the one to begin with comes first.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = TEXTS
            .files()
            .filter_map(|file| {
                Some(Self {
                    name: file.path().to_str()?.strip_suffix(".md")?,
                    text: file.contents_utf8()?,
                })
            })
            .collect();
        all.sort_by_key(|topic| (topic.name != FIRST, topic.name));
        all
    }

    /// The topic called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|topic| topic.name == name)
    }

    /// What it is about, in a sentence.
    pub fn about(&self) -> &'static str {
        let mut lines = self.text.lines().skip(1);
        lines.find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// The lines that have all of `words`, whatever their case; those with fewer come into question where the topic as a whole
    /// has all.
    pub fn lines_with(&self, words: &[String]) -> Vec<&'static str> {
        let has = |text: &str| {
            let text = text.to_lowercase();
            words
                .iter()
                .filter(|word| text.contains(word.as_str()))
                .count()
        };
        if has(self.text) < words.len() || words.is_empty() {
            return Vec::new();
        }
        let lines: Vec<&str> = self.text.lines().filter(|line| has(line) > 0).collect();
        let most = lines.iter().map(|line| has(line)).max().unwrap_or(0);
        lines.into_iter().filter(|line| has(line) == most).collect()
    }
}

/// The topic to begin with.
const FIRST: &str = "getting-started";

const COLOUR: Option<&str> = Some("colour");
const FARM: Option<&str> = Some("farm");
const LONG: Option<&str> = Some("long-renders");
const MEMORY: Option<&str> = Some("gpu-memory");
const MODELS: Option<&str> = Some("models");
const OWN: Option<&str> = Some("own-styles");
const START: Option<&str> = Some(FIRST);
const STREAMS: Option<&str> = Some("sound-and-streams");
const TIMING: Option<&str> = Some("timing");
const TROUBLE: Option<&str> = Some("troubleshooting");

/// The topic that helps with an error. None where its own advice says all.
pub fn topic_of(error: &RenderError) -> Option<&'static str> {
    match error {
        RenderError::Media(error) => of_media(error),
        RenderError::Style(error) => of_style(error),
        RenderError::Exec(error) => of_executor(error),
        RenderError::CurrentFrame { source, .. } => topic_of(source),
        RenderError::Exists { .. } | RenderError::OutputIsInput { .. } => START,
        RenderError::CannotBypass { .. } => COLOUR,
        RenderError::Damaged { .. } => Some("restoring"),
        RenderError::Suspicious { .. } => MEMORY,
        RenderError::Cancelled
        | RenderError::Interrupted { .. }
        | RenderError::Busy { .. }
        | RenderError::OtherJob { .. }
        | RenderError::LowDisk { .. } => LONG,
        RenderError::NoJob { .. }
        | RenderError::OtherInput { .. }
        | RenderError::OtherPlan { .. }
        | RenderError::Incomplete { .. }
        | RenderError::FromStart { .. } => FARM,
        RenderError::CannotCreate { .. }
        | RenderError::Unfaithful { .. }
        | RenderError::ExecutorsDiffer { .. }
        | RenderError::Nothing { .. }
        | RenderError::Fault { .. }
        | RenderError::Panicked { .. }
        | RenderError::NoThread(_)
        | RenderError::Unreported { .. } => TROUBLE,
        RenderError::Unchecked { .. }
        | RenderError::Unfinished { .. }
        | RenderError::BoundaryMismatch { .. }
        | RenderError::Stopped
        | RenderError::Usage { .. } => None,
    }
}

fn of_media(error: &MediaError) -> Option<&'static str> {
    match error {
        MediaError::UnsupportedInks { .. } => COLOUR,
        MediaError::HardwareDecoder { .. } => MEMORY,
        MediaError::Encoder { .. } | MediaError::Container { .. } | MediaError::Encode { .. } => {
            STREAMS
        }
        MediaError::Write { .. } => LONG,
        MediaError::NoInput { .. }
        | MediaError::NotMedia { .. }
        | MediaError::UnsupportedPictures { .. }
        | MediaError::CannotCreate { .. }
        | MediaError::Read { .. } => TROUBLE,
        MediaError::Ended { .. } | MediaError::Usage { .. } => None,
    }
}

fn of_style(error: &StyleError) -> Option<&'static str> {
    match error {
        StyleError::UnknownStyle { .. }
        | StyleError::UnknownParam { .. }
        | StyleError::BadValue { .. } => START,
        StyleError::BadTrack { .. } | StyleError::Fixed { .. } | StyleError::TrackFile { .. } => {
            TIMING
        }
        StyleError::LutFile { .. } | StyleError::Lut { .. } | StyleError::HaldClut { .. } => COLOUR,
        StyleError::Model(_) => MODELS,
        StyleError::Refused { .. } => None,
        _ => OWN,
    }
}

fn of_executor(error: &ExecError) -> Option<&'static str> {
    match error {
        ExecError::NoTwin { .. } | ExecError::Shader { .. } => OWN,
        ExecError::NoDevice { .. }
        | ExecError::TooLarge { .. }
        | ExecError::Lost { .. }
        | ExecError::OutOfMemory { .. } => MEMORY,
        ExecError::External { .. } => MODELS,
        _ => None,
    }
}

/// As [`topic_of`], for what has to do with models alone.
pub fn topic_of_model(error: &NeuralError) -> Option<&'static str> {
    match error {
        NeuralError::OutOfMemory { .. } => MEMORY,
        _ => MODELS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_short_and_say_what_they_are_about() {
        let all = Topic::all();
        assert_eq!(all[0].name, FIRST);
        for topic in &all {
            let lines: Vec<&str> = topic.text.lines().collect();
            assert!(topic.text.starts_with("# "), "{}", topic.name);
            assert!(
                topic.about().ends_with('.'),
                "{}: {}",
                topic.name,
                topic.about()
            );
            assert!(
                (20..=70).contains(&lines.len()),
                "{} has {} lines",
                topic.name,
                lines.len()
            );
            for line in &lines {
                assert!(line.chars().count() <= 78, "{}: {line}", topic.name);
            }
            let last = lines.last().unwrap();
            let others = last
                .strip_prefix("See also: ")
                .unwrap_or_else(|| panic!("{}: {last}", topic.name));
            let (topics, pages) = others.split_once("; ").unwrap_or((others, ""));
            for other in topics.split(", ") {
                assert!(
                    Topic::named(other).is_some(),
                    "{} points to {other}",
                    topic.name
                );
            }
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
            for page in pages.split(", ").filter(|page| !page.is_empty()) {
                assert!(root.join(page).is_file(), "{} points to {page}", topic.name);
            }
        }
    }

    #[test]
    fn errors_name_topics_that_exist() {
        for name in [
            COLOUR,
            FARM,
            LONG,
            MEMORY,
            MODELS,
            OWN,
            START,
            STREAMS,
            TIMING,
            TROUBLE,
            Some("restoring"),
        ] {
            assert!(Topic::named(name.unwrap()).is_some(), "{name:?}");
        }
        let error = RenderError::Style(StyleError::BadValue {
            style: "pencil".to_owned(),
            param: "strength".to_owned(),
            value: "2".to_owned(),
            expected: "0 to 1".to_owned(),
        });
        assert_eq!(topic_of(&error), START);
    }

    #[test]
    fn a_search_finds_lines_whatever_the_case() {
        let found = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_lowercase()).collect();
            let all = Topic::all();
            all.iter()
                .filter(|topic| !topic.lines_with(&words).is_empty())
                .map(|topic| topic.name)
                .collect::<Vec<_>>()
        };
        assert!(found(&["VRAM", "xyzzy"]).is_empty());
        assert!(found(&["Resume"]).contains(&"long-renders"));
        assert!(found(&[]).is_empty());
    }
}
