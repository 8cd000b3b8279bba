//! Presets: settings under a name, built in from presets/ or read from a file.

use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Serialize;

use super::error::{RenderError, Result};
use super::parallel::Parallelism;
use crate::graph::style::nearest;
use crate::media::OutputOptions;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/presets");

const KEYS: [&str; 9] = [
    "description",
    "style",
    "set",
    "codec",
    "crf",
    "encoder_preset",
    "chunk",
    "temporal",
    "workers",
];
const TEMPORAL: [&str; 3] = ["off", "ema", "adaptive"];

/// Settings under a name. What it leaves out stays as it is without it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Preset {
    pub name: String,
    pub description: String,
    /// Looks, as `--style` takes them.
    pub style: Option<String>,
    /// Values, as `--set` takes them: `STYLE.PARAM=VALUE`.
    pub values: Vec<String>,
    pub codec: Option<String>,
    /// In the scale of `codec`.
    pub crf: Option<f32>,
    /// In the words of `codec`.
    pub encoder_preset: Option<String>,
    /// Seconds, 10 to 120.
    pub chunk: Option<u32>,
    /// `off`, `ema` or `adaptive`.
    pub temporal: Option<String>,
    /// Chunks that are rendered at a time.
    pub workers: Option<Parallelism>,
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

/// The text of the preset called `name`, or in the file `name`, and where it was found.
///
/// # Errors
/// `Usage`, with the nearest name, where there is neither; a file that cannot be read.
pub fn preset_text(name: &str) -> Result<(String, String)> {
    let built_in = BUILT_IN
        .get_file(format!("{name}.toml"))
        .and_then(|file| file.contents_utf8());
    if let Some(text) = built_in {
        return Ok((text.to_owned(), format!("presets/{name}.toml")));
    }
    if name.ends_with(".toml") || Path::new(name).is_file() {
        let text = std::fs::read_to_string(name).map_err(|error| {
            RenderError::usage(
                format!("cannot read the preset {name}: {error}"),
                "name a file that exists, or a preset of `aquatint presets`",
            )
        })?;
        return Ok((text, name.to_owned()));
    }
    let names = preset_names();
    Err(RenderError::usage(
        format!("there is no preset {name:?}{}", did_you_mean(name, &names)),
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
        Self::parse(&stem, &origin, &text)
    }

    /// Reads a preset. Names and values of styles are checked where they are used, by [`output_styles`](super::output_styles).
    ///
    /// # Errors
    /// `Usage` for what is no TOML, for unknown keys, with the nearest known, and for values of the wrong kind.
    pub fn parse(name: &str, origin: &str, text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let why = error.to_string();
            RenderError::usage(
                format!("{origin} is no preset: {}", error.message()),
                why.lines().take(3).collect::<Vec<_>>().join("\n"),
            )
        })?;
        let mut preset = Self {
            name: name.to_owned(),
            ..Self::default()
        };
        for (key, value) in &table {
            preset.take(key, value).map_err(|expected| {
                if KEYS.contains(&key.as_str()) {
                    RenderError::usage(
                        match plain(value) {
                            Some(value) => format!("{origin}: {key} cannot be {value}"),
                            None => format!("{origin}: {key} cannot be a {}", value.type_str()),
                        },
                        format!("give {expected}"),
                    )
                } else {
                    RenderError::usage(
                        format!(
                            "{origin}: a preset has no {key:?}{}",
                            did_you_mean(key, &KEYS)
                        ),
                        format!("its keys: {}", KEYS.join(", ")),
                    )
                }
            })?;
        }
        Ok(preset)
    }

    /// Takes one key; `Err` says what its value would have to be.
    fn take(&mut self, key: &str, value: &toml::Value) -> std::result::Result<(), &'static str> {
        let text = || {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or("text in quotes")
        };
        let number = |expected| {
            let number = value.as_float().or(value.as_integer().map(|i| i as f64));
            number.filter(|number| number.is_finite()).ok_or(expected)
        };
        match key {
            "description" => self.description = text()?,
            "style" => self.style = Some(text()?),
            "set" => self.values = values(value)?,
            "codec" => self.codec = Some(text()?),
            "crf" => self.crf = Some(number("a number, for example 18")? as f32),
            "encoder_preset" => self.encoder_preset = Some(text()?),
            "chunk" => {
                const EXPECTED: &str = "whole seconds from 10 to 120";
                let seconds = number(EXPECTED)?;
                if !(10.0..=120.0).contains(&seconds) || seconds.fract() != 0.0 {
                    return Err(EXPECTED);
                }
                self.chunk = Some(seconds as u32);
            }
            "temporal" => {
                let known = text().ok().filter(|text| TEMPORAL.contains(&text.as_str()));
                self.temporal = Some(known.ok_or("\"off\", \"ema\" or \"adaptive\"")?);
            }
            "workers" => {
                let count = value.as_integer().and_then(|count| {
                    Some(Parallelism::Count(
                        usize::try_from(count).ok()?.try_into().ok()?,
                    ))
                });
                let auto = (value.as_str() == Some("auto")).then_some(Parallelism::Auto);
                self.workers = Some(count.or(auto).ok_or("a number from 1 on, or \"auto\"")?);
            }
            _ => return Err("another key"),
        }
        Ok(())
    }

    /// `given` on the command line, with the preset's encoding where it says nothing. Another codec has another scale of
    /// quality and other words for speed, so with one the preset's do not apply; and a bitrate stands in for a quality.
    pub fn encoding(&self, given: &OutputOptions) -> OutputOptions {
        let mut options = given.clone();
        if given.codec.is_some() && given.codec != self.codec {
            return options;
        }
        options.codec = self.codec.clone();
        if given.bitrate.is_none() {
            options.crf = given.crf.or(self.crf);
        }
        options.encoder_preset = given.encoder_preset.clone().or(self.encoder_preset.clone());
        options
    }

    /// The list of looks and the values for them: the preset's, then those `given` on the command line. A list given
    /// there replaces the preset's, and of its values only those for styles of the list remain.
    pub fn look(
        &self,
        given_list: Option<&str>,
        default: &str,
        given: &[String],
    ) -> (String, Vec<String>) {
        let list = given_list.or(self.style.as_deref()).unwrap_or(default);
        let listed = |set: &&String| {
            let style = set.split_once('.').map_or("", |(style, _)| style);
            list.split([',', '+']).any(|name| name.trim() == style)
        };
        let mut values: Vec<String> = self.values.iter().filter(listed).cloned().collect();
        values.extend_from_slice(given);
        (list.to_owned(), values)
    }
}

/// `[set.STYLE] PARAM = VALUE` as `STYLE.PARAM=VALUE`.
fn values(value: &toml::Value) -> std::result::Result<Vec<String>, &'static str> {
    const EXPECTED: &str = "tables of values: [set.STYLE], then PARAM = VALUE";
    let mut values = Vec::new();
    for (style, params) in value.as_table().ok_or(EXPECTED)? {
        for (param, value) in params.as_table().ok_or(EXPECTED)? {
            let value = plain(value).ok_or(EXPECTED)?;
            values.push(format!("{style}.{param}={value}"));
        }
    }
    Ok(values)
}

/// A value as a person writes it; none for lists, tables and dates.
fn plain(value: &toml::Value) -> Option<String> {
    Some(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(flag) => flag.to_string(),
        _ => return None,
    })
}

fn did_you_mean(name: &str, known: &[&str]) -> String {
    nearest(name, known.iter().copied())
        .map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::graph::style::Library;
    use crate::render::output_styles;

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
        for name in &names {
            let preset = Preset::load(name).unwrap();
            assert_eq!(preset.name, *name);
            assert!(preset.description.len() > 10, "{name} says what it is");
            let (list, values) = preset.look(None, "pencil", &[]);
            assert_eq!(values, preset.values, "{name} sets what it does not use");
            output_styles(&library, &list, &values).unwrap();
        }
        let styled = names
            .iter()
            .filter(|name| Preset::load(name).unwrap().style.is_some());
        assert!(styled.count() >= 4);
    }

    #[test]
    fn a_whole_preset() {
        let preset = parse(
            "description = 'd'\nstyle = 'pencil+comic'\ncodec = 'libx265'\ncrf = 20\nencoder_preset = 'slow'\nchunk = 60\nworkers = 3\n\
             temporal = 'ema'\n[set.comic]\npaper = '#ffffff'\ndot_size = 4\n[set.pencil]\nuse_texture = true\nstrength = 0.5",
        )
        .unwrap();
        assert_eq!(preset.crf, Some(20.0));
        assert_eq!(preset.chunk, Some(60));
        let three = Parallelism::Count(3.try_into().unwrap());
        assert_eq!(preset.workers, Some(three));
        assert_eq!(
            parse("workers = 'auto'").unwrap().workers,
            Some(Parallelism::Auto)
        );
        assert_eq!(preset.temporal.as_deref(), Some("ema"));
        assert_eq!(
            preset.values,
            [
                "comic.paper=#ffffff",
                "comic.dot_size=4",
                "pencil.use_texture=true",
                "pencil.strength=0.5"
            ]
        );
    }

    #[test]
    fn the_command_line_wins() {
        let preset = parse(
            "style = 'comic'\ncodec = 'libx264'\ncrf = 20\nencoder_preset = 'slow'\n[set.comic]\ndot_size = 4",
        )
        .unwrap();
        let none = OutputOptions::default();
        let all = preset.encoding(&none);
        assert_eq!(
            (all.codec.as_deref(), all.crf),
            (Some("libx264"), Some(20.0))
        );
        let finer = OutputOptions {
            crf: Some(12.0),
            ..none.clone()
        };
        let finer = preset.encoding(&finer);
        assert_eq!(finer.crf, Some(12.0));
        assert_eq!(finer.encoder_preset.as_deref(), Some("slow"));
        let other = OutputOptions {
            codec: Some("libvpx-vp9".into()),
            ..none.clone()
        };
        assert_eq!(preset.encoding(&other), other);
        let rate = OutputOptions {
            bitrate: Some("8M".into()),
            ..none
        };
        assert_eq!(preset.encoding(&rate).crf, None);

        let set = ["comic.dot_size=7".to_owned()];
        let (list, values) = preset.look(None, "pencil", &set);
        assert_eq!(list, "comic");
        assert_eq!(values, ["comic.dot_size=4", "comic.dot_size=7"]);
        let (list, values) = preset.look(Some("pencil"), "pencil", &[]);
        assert_eq!((list.as_str(), values.len()), ("pencil", 0));
    }

    #[test]
    fn mistakes_are_taught() {
        for (text, part) in [
            ("crff = 3", "did you mean \"crf\""),
            ("colour = 3", "its keys: description"),
            ("crf = 'high'", "give a number"),
            ("crf = nan", "give a number"),
            ("codec = 3", "text in quotes"),
            ("chunk = 5", "10 to 120"),
            ("temporal = 'on'", "\"adaptive\""),
            ("workers = 0", "from 1 on"),
            ("set = 3", "[set.STYLE]"),
            ("[set.comic]\npaper = [1]", "[set.STYLE]"),
            ("crf = ", "is no preset"),
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
