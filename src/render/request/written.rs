//! A request as a command, and as a preset.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value};

use super::{RenderRequest, text_of};

impl RenderRequest {
    /// The command that renders `input` by this request, as a shell reads it.
    pub fn command(&self, input: &Path) -> String {
        Self::quoted(&self.command_words(input, None))
    }

    /// The words of the command that renders `input` by this request, to `output` where that is named.
    pub fn command_words(&self, input: &Path, output: Option<&Path>) -> Vec<String> {
        let mut words = vec!["aquatint".to_owned(), input.display().to_string()];
        words.extend(flags(self));
        if let Some(output) = output {
            words.extend(["-o".to_owned(), output.display().to_string()]);
        }
        words
    }

    /// `words` as a shell reads them.
    pub fn quoted(words: &[String]) -> String {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }

    /// The text of a preset with `description`, which is this request.
    pub fn preset(&self, description: &str) -> String {
        // Texts, numbers and lists of texts are written in TOML as in JSON.
        let mut preset = format!("description = {}\n", Value::from(description));
        for (key, value) in members(self).into_iter().filter(|(key, _)| key != "set") {
            // Writing to a string does not fail.
            let _ = writeln!(preset, "{key} = {value}");
        }
        let set = self.set.iter().flat_map(|values| &values.0);
        let set: Vec<String> = set
            .map(|set| format!("    {},\n", Value::from(set.as_str())))
            .collect();
        if !set.is_empty() {
            let _ = write!(preset, "set = [\n{}]\n", set.concat());
        }
        preset
    }
}

/// What a request says, as it is written in JSON.
fn members(request: &RenderRequest) -> Map<String, Value> {
    match serde_json::to_value(request) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// A request as the flags of a render, its parameters last.
fn flags(request: &RenderRequest) -> Vec<String> {
    let (mut words, mut set) = (Vec::new(), Vec::new());
    for (key, value) in members(request) {
        let flag = match key.as_str() {
            "style" => "-s".to_owned(),
            "encoder_opts" => "--encoder-opt".to_owned(),
            key => format!("--{}", key.replace('_', "-")),
        };
        match value {
            Value::Bool(true) => words.push(flag),
            Value::Bool(false) if ["recipe", "resume"].contains(&key.as_str()) => {
                words.push(format!("--no-{key}"));
            }
            Value::Bool(false) => {}
            Value::String(text) if key == "existing" => match text.as_str() {
                "replace" => words.push("-y".to_owned()),
                "skip" => words.push("-n".to_owned()),
                _ => {}
            },
            Value::Array(list) => {
                let words = if key == "set" { &mut set } else { &mut words };
                for entry in list.iter().filter_map(text_of) {
                    words.extend([flag.clone(), entry]);
                }
            }
            // It takes its list after an equals sign.
            Value::String(list) if key == "metrics" => words.push(format!("{flag}={list}")),
            value => words.extend(
                text_of(&value)
                    .into_iter()
                    .flat_map(|text| [flag.clone(), text]),
            ),
        }
    }
    words.extend(set);
    words
}

/// `text` as a shell reads it as one word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+=:,@%".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ParamValues, SettingValue, Time};
    use super::*;
    use crate::render::Existing;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("clip.mp4"), "clip.mp4");
        assert_eq!(quoted("my clip.mp4"), "'my clip.mp4'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("a.ink=#ff0000"), "'a.ink=#ff0000'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_request_becomes_its_own_command_and_preset() {
        let request = RenderRequest {
            style: Some("pencil".to_owned()),
            set: ParamValues::of(&["pencil.strength=0.5".to_owned()]),
            existing: Some(Existing::Replace),
            recipe: Some(false),
            verify: Some(true),
            start: Time::parse("2"),
            metrics: Some("usual".to_owned()),
            ..RenderRequest::default()
        };
        assert_eq!(
            request.command(Path::new("my clip.mp4")),
            "aquatint 'my clip.mp4' -y --metrics=usual --no-recipe --start 2 -s pencil --verify --set pencil.strength=0.5"
        );
        let look = RenderRequest {
            style: request.style.clone(),
            set: request.set.clone(),
            ..RenderRequest::default()
        };
        let text = look.preset("mine");
        let read = crate::render::Preset::parse("p", "p.toml", &text).unwrap();
        assert_eq!((read.description.as_str(), read.request), ("mine", look));
    }
}
