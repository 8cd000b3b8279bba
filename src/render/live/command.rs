//! What was found in the studio, to be used outside it: as a command, and as a preset.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::super::error::{RenderError, Result};
use super::super::output_styles::OutputStyle;
use super::super::request::{ParamValues, RenderRequest};
use super::super::shader::{PageRequest, browser_style};
use super::Live;
use crate::graph::browser::BrowserStyle;
use crate::graph::plan::Temporal;

/// The folder of presets in that of a style.
const PRESETS: &str = "presets";

impl Live {
    /// What the request and `values` set, a value for each parameter.
    ///
    /// # Errors
    /// Those of the values.
    fn set(&self, values: &[String]) -> Result<Vec<(String, String)>> {
        self.settings_with(values)?;
        let upper = RenderRequest {
            set: ParamValues::of(&self.resolved(values)?),
            ..RenderRequest::default()
        };
        let merged = RenderRequest::merge(&self.request, &upper);
        let mut last: Vec<(String, String)> = Vec::new();
        let set = merged.set.iter().flat_map(|set| &set.0);
        for (param, value) in set.filter_map(|set| set.split_once('=')) {
            last.retain(|(known, _)| known != param);
            last.push((param.to_owned(), value.to_owned()));
        }
        Ok(last)
    }

    /// The command that renders the whole clip with these values.
    ///
    /// # Errors
    /// Those of the values.
    pub fn command(&self, values: &[String]) -> Result<String> {
        let set = self.set(values)?;
        let request = &self.request;
        let input = self.input.as_deref().unwrap_or(Path::new("clip.mp4"));
        let mut words = vec!["aquatint".to_owned(), input.display().to_string()];
        let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
        for folder in request.style_path.iter().flatten() {
            flag("--style-path", folder.display().to_string());
        }
        if let Some(preset) = &request.preset {
            flag("--preset", preset.clone());
        }
        if let Some(style) = &request.style {
            flag("-s", style.clone());
        }
        if let Some(lut) = &request.lut {
            flag("--lut", lut.display().to_string());
        }
        if let Some(seed) = request.seed {
            flag("--seed", seed.to_string());
        }
        // A mode is written by its name, in JSON and in commands.
        let temporal = request.temporal.map(|mode| serde_json::json!(mode));
        if let Some(temporal) = temporal.as_ref().and_then(|mode| mode.as_str()) {
            flag("--temporal", temporal.to_owned());
        }
        for (param, value) in set {
            flag("--set", format!("{param}={value}"));
        }
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        Ok(words.join(" "))
    }

    /// The style with these values as a browser's own graphics card runs it, for pictures of the clip's size.
    ///
    /// # Errors
    /// Those of the values; `Usage` for a style that a browser cannot run.
    pub fn browser(&self, values: &[String]) -> Result<BrowserStyle> {
        let set = self.set(values)?;
        let set: Vec<String> = set
            .iter()
            .map(|(param, value)| format!("{param}={value}"))
            .collect();
        let (library, settings) = self.settings_with(values)?;
        let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
        let request = PageRequest {
            style: &names.join(","),
            set: &set,
            sizes: &[self.clip.facts().extent],
            // As for all drafts.
            temporal: Temporal::Off,
        };
        browser_style(library, &request)
    }

    /// A preset of the style with these values, for a file in the current folder.
    ///
    /// # Errors
    /// Those of the values.
    pub fn preset(&self, values: &[String]) -> Result<String> {
        let style = self.request.style.as_deref().unwrap_or_default();
        self.preset_of(style, values)
    }

    fn preset_of(&self, style: &str, values: &[String]) -> Result<String> {
        let set = self.set(values)?;
        // A string of JSON is one of TOML.
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let name = self.style().name;
        let mut preset = format!(
            "description = {}\nstyle = {}\n",
            text(&format!("{name}, as it was seen in the studio")),
            text(style)
        );
        if !set.is_empty() {
            preset.push_str("set = [\n");
            for (param, value) in set {
                // Writing to a string does not fail.
                let _ = writeln!(preset, "    {},", text(&format!("{param}={value}")));
            }
            preset.push_str("]\n");
        }
        Ok(preset)
    }

    /// Writes a preset called `name` with these values: into the folder `presets` of an author's own style, else into the
    /// current folder. Returns the file.
    ///
    /// # Errors
    /// `Usage` for a name that is none; `Exists` where there is such a file; those of the values and of writing.
    pub fn save_preset(&self, name: &str, values: &[String]) -> Result<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(RenderError::usage(
                format!("{name:?} is no name for a preset"),
                "use letters, digits, - and _, at most 64 of them",
            ));
        }
        let folder = self.style().folder.filter(|folder| folder.is_dir());
        let (folder, text) = match folder {
            // Paths of styles in a preset begin in its own folder.
            Some(folder) => (folder.join(PRESETS), self.preset_of("..", values)?),
            None => (PathBuf::new(), self.preset(values)?),
        };
        let path = folder.join(format!("{name}.toml"));
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => RenderError::Exists { path: path.clone() },
            _ => RenderError::CannotCreate {
                path: path.clone(),
                why: error.to_string(),
            },
        };
        if !folder.as_os_str().is_empty() {
            std::fs::create_dir_all(&folder).map_err(failed)?;
        }
        let mut file = std::fs::File::create_new(&path).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
        Ok(path)
    }
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
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("clip.mp4"), "clip.mp4");
        assert_eq!(quoted("my clip.mp4"), "'my clip.mp4'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("a.ink=#ff0000"), "'a.ink=#ff0000'");
        assert_eq!(quoted(""), "''");
    }
}
