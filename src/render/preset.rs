//! Presets: partial requests under a name, built in from presets/ or read from a file.

use std::path::Path;

use include_dir::{Dir, include_dir};
use serde_json::{Map, Value};

use super::error::{RenderError, Result};
use super::request::{RenderRequest, read_preset};
use crate::graph::style::Library;
use crate::hardware::Tier;
use crate::nearest::{did_you_mean, nearest};

/// The preset that is chosen for each input, before a request becomes settings.
pub const AUTO: &str = "auto";

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/presets");

/// A partial request under a name. A render is as it would be without the preset wherever the preset says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preset {
    pub name: String,
    /// One line.
    pub description: String,
    /// The machine that it is meant for. Another one renders it, too, with a warning.
    pub tier: Option<Tier>,
    pub request: RenderRequest,
}

/// Names of the built-in presets.
pub fn preset_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = BUILT_IN
        .files()
        .filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
        .collect();
    names.sort_unstable();
    names
}

fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.get_file(format!("{name}.toml"))?.contents_utf8()
}

/// Whether `name` is that of a built-in preset, rather than of a file.
pub(super) fn is_built_in(name: &str) -> bool {
    built_in(name).is_some()
}

/// The folder of the preset `name`; none where it is built in.
fn folder_of(name: &str) -> Option<&Path> {
    let file = Some(Path::new(name)).filter(|_| !is_built_in(name));
    file.and_then(Path::parent)
}

/// The text of the preset called `name`, or in the file `name`, and where it was found.
///
/// # Errors
/// `Usage` where there is neither, with the nearest name, or where the file cannot be read.
pub fn preset_text(name: &str) -> Result<(String, String)> {
    if let Some(text) = built_in(name) {
        return Ok((text.to_owned(), format!("presets/{name}.toml")));
    }
    if name.ends_with(".toml") || Path::new(name).is_file() {
        let text = std::fs::read_to_string(name).map_err(|error| {
            RenderError::usage(
                format!("cannot read the preset {name}: {error}"),
                "name a file that exists, or a preset from `aquatint presets`",
            )
        })?;
        return Ok((text, name.to_owned()));
    }
    if name == AUTO {
        return Err(RenderError::usage(
            "the preset auto is chosen for each input by a render, and is none elsewhere",
            "`aquatint analyze INPUT` says what it would mend; `aquatint INPUT --preset auto --dry-run` what it would do",
        ));
    }
    let names = preset_names();
    Err(RenderError::usage(
        format!(
            "there is no preset {name:?}{}",
            did_you_mean(nearest(name, names.iter().copied()))
        ),
        format!("presets: {}; or name a .toml file", names.join(", ")),
    ))
}

impl Preset {
    /// The built-in preset `name`, or the one in the file `name`.
    ///
    /// # Errors
    /// As [`preset_text`] and [`Preset::parse`].
    pub fn load(name: &str) -> Result<Self> {
        let (text, origin) = preset_text(name)?;
        let stem = Path::new(name)
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let preset = Self::parse(&stem, &origin, &text)?;
        let Some(folder) = folder_of(name) else {
            return Ok(preset);
        };
        Ok(Self {
            request: preset.request.styles_from(folder)?,
            ..preset
        })
    }

    /// As [`Self::load`], with names in place of the paths of styles, and with absolute paths of the files that its values
    /// name. Relative paths begin in the folder of the preset's file. `library` has its styles.
    ///
    /// # Errors
    /// As [`Self::load`]; `Style` for a path without a style; `Usage` when the current folder is not known.
    pub(super) fn load_with_paths(name: &str, library: &Library) -> Result<Self> {
        let preset = Self::load(name)?;
        let mut request = preset.request.with_named_styles()?;
        if let Some(folder) = folder_of(name) {
            let whole = request.files_from(library, folder);
            request = whole.map_err(|error| {
                RenderError::usage(
                    format!("cannot tell where the paths in {name} begin: {error}"),
                    "give the preset by its absolute path",
                )
            })?;
        }
        Ok(Self { request, ..preset })
    }

    /// Reads a preset. Names and values of styles are checked where they are used, by
    /// [`output_styles`](super::output_styles).
    ///
    /// # Errors
    /// `Usage` for text that is not TOML, for unknown keys, with the nearest known one, and for values of the wrong kind.
    pub fn parse(name: &str, origin: &str, text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let why = error.to_string();
            RenderError::usage(
                format!("{origin} is not a preset: {}", error.message()),
                why.lines().take(3).collect::<Vec<_>>().join("\n"),
            )
        })?;
        let plain = |value: &toml::Value| serde_json::to_value(value).unwrap_or(Value::Null);
        let map: Map<String, Value> = table
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect();
        let (description, tier, request) = read_preset(origin, map)?;
        Ok(Self {
            name: name.to_owned(),
            description,
            tier,
            request,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::render::request::{SettingValue, TemporalMode};
    use crate::render::{Parallelism, output_styles};

    fn parse(text: &str) -> Result<Preset> {
        Preset::parse("p", "p.toml", text)
    }

    #[test]
    fn every_built_in_preset_is_sound() {
        let library = Library::built_in();
        let names = preset_names();
        for name in ["speed", "balanced", "quality"] {
            assert!(names.contains(&name), "{names:?}");
        }
        let mut styled = 0;
        for name in &names {
            let preset = Preset::load(name).unwrap();
            assert_eq!(preset.name, *name);
            assert!(preset.description.len() > 10, "{name} says what it is");
            let merged = RenderRequest::merge(&preset.request, &RenderRequest::default());
            assert_eq!(merged, preset.request, "{name} sets what it does not use");
            preset.request.settings(&library).unwrap();
            if let Some(style) = &preset.request.style {
                output_styles(&library, style, &[]).unwrap();
                styled += 1;
            }
        }
        assert!(styled >= 4);
    }

    #[test]
    fn a_whole_preset() {
        let preset = parse(
            "description = 'd'\nstyle = 'pencil+comic'\ncodec = 'libx265'\ncrf = 20\nencoder_preset = 'slow'\nchunk = 60\nworkers = 3\n\
             temporal = 'ema'\ntemporal_alpha = 0.5\nseed = 7\naudio = 'aac'\ndrop = ['covers']\n[set.comic]\npaper = '#ffffff'\n\
             dot_size = 4\n[set.pencil]\nuse_texture = true\nstrength = 0.5\n[encoder_opts]\ntune = 'film'\nrc-lookahead = 20",
        )
        .unwrap();
        assert_eq!(preset.description, "d");
        let request = &preset.request;
        assert_eq!(request.crf.map(|crf| crf.get()), Some(20.0));
        assert_eq!(request.chunk.and_then(|chunk| chunk.seconds()), Some(60));
        assert_eq!(request.workers, Parallelism::parse("3"));
        assert_eq!(
            parse("workers = 'auto'").unwrap().request.workers,
            Some(Parallelism::Auto)
        );
        assert_eq!(request.temporal, Some(TemporalMode::Ema));
        assert_eq!(request.seed, Some(7));
        let mut values = request.set.clone().unwrap().0;
        values.sort();
        assert_eq!(
            values,
            [
                "comic.dot_size=4",
                "comic.paper=#ffffff",
                "pencil.strength=0.5",
                "pencil.use_texture=true",
            ]
        );
        let options = request.encoder_opts.clone().unwrap().0;
        assert_eq!(options, ["rc-lookahead=20", "tune=film"]);
    }

    #[test]
    fn mistakes_are_taught() {
        for (text, part) in [
            ("crff = 3", "did you mean \"crf\""),
            ("colour = 3", "its keys: description"),
            ("crf = 'high'", "give a number"),
            ("crf = nan", "give a number"),
            ("crf = []", "crf cannot be a list"),
            ("codec = 3", "text in quotes"),
            ("codec = ''", "text in quotes"),
            ("description = 3", "text in quotes"),
            ("chunk = 5", "10 to 120"),
            ("temporal = 'on'", "adaptive, flow, ema or off"),
            ("temporal_alpha = 0", "above 0, at most 1"),
            ("seed = -1", "a whole number from 0"),
            ("audio = 'mp3'", "copy, aac or none"),
            ("drop = ['sound']", "subtitles, attachments"),
            ("workers = 0", "from 1 on"),
            ("set = 3", "[set.STYLE]"),
            ("[set.comic]\npaper = [1]", "[set.STYLE]"),
            ("encoder_opts = 'tune'", "[encoder_opts]"),
            ("report = 'r.json'", "it belongs to one render"),
            ("preset = 'speed'", "it belongs to one render"),
            ("tier = 'gpu-7'", "gpu-24+ or apple"),
            ("tier = 8", "gpu-24+ or apple"),
            ("crf = ", "is not a preset"),
        ] {
            let error = parse(text).unwrap_err();
            let said = format!("{}\n{}", error.summary(), error.advice());
            assert!(said.contains(part), "{said} should contain {part}");
        }
        let error = Preset::load("balnced").unwrap_err();
        assert!(error.summary().contains("did you mean \"balanced\""));
        assert!(Preset::load("nowhere/at/all.toml").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z_=.'\\[\\]0-9\\n -]{0,60}") {
            let _ = parse(&text);
        }
    }
}
