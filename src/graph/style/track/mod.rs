//! Tracks: values of a parameter over time.

mod file;
mod text;

use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};

use super::{Param, ParamKind, StyleError, Value};
use crate::frame::Rational;

/// How a value changes between two keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// At an even pace.
    #[default]
    Linear,
    /// Not at all: the value of a key holds up to the next key.
    Hold,
    /// Slowly at first and at last: 3u² − 2u³.
    Ease,
}

impl Interpolation {
    const NAMES: [(&str, Self); 3] = [
        ("linear", Self::Linear),
        ("hold", Self::Hold),
        ("ease", Self::Ease),
    ];

    fn named(text: &str) -> Option<Self> {
        let known = Self::NAMES.into_iter().find(|(name, _)| *name == text);
        known.map(|(_, interpolation)| interpolation)
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        let known = Self::NAMES.into_iter().find(|(_, known)| *known == self);
        known.map_or("", |(name, _)| name)
    }
}

/// When a key is, from the source's first frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyTime {
    Seconds(f64),
    /// Frames at the source's nominal frame rate.
    Frames(u32),
}

impl Serialize for KeyTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Seconds(seconds) => serializer.serialize_f64(*seconds),
            Self::Frames(_) => serializer.collect_str(self),
        }
    }
}

impl std::fmt::Display for KeyTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds}s"),
            Self::Frames(frames) => write!(f, "{frames}f"),
        }
    }
}

/// Values of a parameter over time. Before the first key and after the last, their values hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Track {
    pub interpolation: Interpolation,
    /// Their times increase, or in seconds do not decrease. No value is a path or a track. A track without keys is one that a first pass is still to
    /// make; until then, the parameter has its default.
    pub keys: Vec<(KeyTime, Value)>,
    /// The file that it was read from. Its name does not matter to what is rendered, so it is not written.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// What is wrong with a track as it was written.
#[derive(Debug, PartialEq)]
enum Wrong {
    /// The track itself, and what to do.
    Track(String),
    /// The value of a key: its text, and where it was read as `TIME:VALUE`.
    Value(String, String),
}

/// What to do about most mistakes.
const WRITE: &str = "write TIME:VALUE,TIME:VALUE, for example 0:0,2s:0.6 or ease,0:0,48f:1; a time is in seconds (2, 2.5s) or frames (48f)";

impl Track {
    /// The track of a parameter that a first pass is still to measure.
    pub fn unmeasured() -> Self {
        Self {
            interpolation: Interpolation::Hold,
            keys: Vec::new(),
            file: None,
        }
    }

    /// A track of numbers; times are in seconds, and increase.
    pub fn of_numbers(interpolation: Interpolation, keys: &[(f64, f64)]) -> Self {
        let key = |(at, value): &(f64, f64)| (KeyTime::Seconds(*at), Value::Number(*value));
        Self {
            interpolation,
            keys: keys.iter().map(key).collect(),
            file: None,
        }
    }

    /// Whether a first pass is still to make it.
    pub fn is_unmeasured(&self) -> bool {
        self.keys.is_empty()
    }

    /// Reads a track for `param` of `style` as it is written in one line; `None` where `text` is none.
    ///
    /// # Errors
    /// `BadTrack` for text that is meant as a track but is not sound, `BadValue` for a value that the parameter cannot have.
    pub fn parse(param: &Param, style: &str, text: &str) -> Result<Option<Self>, StyleError> {
        let Some(written) = text::read(text) else {
            return Ok(None);
        };
        // Names of files may have colons.
        if let ParamKind::Path { .. } | ParamKind::Model { .. } = param.kind
            && !written.as_ref().is_ok_and(Written::has_times)
        {
            return Ok(None);
        }
        Self::of(param, style, text, written).map(Some)
    }

    /// Reads a track for `param` of `style` from the JSON of a file; `origin` is its name in messages.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_file(
        param: &Param,
        style: &str,
        origin: &str,
        json: &str,
    ) -> Result<Self, StyleError> {
        Self::of(param, style, origin, file::read(json))
    }

    fn of(
        param: &Param,
        style: &str,
        origin: &str,
        written: Result<Written, String>,
    ) -> Result<Self, StyleError> {
        let made = written
            .map_err(Wrong::Track)
            .and_then(|written| Self::checked(param, style, written));
        made.map_err(|wrong| match wrong {
            Wrong::Track(why) => StyleError::BadTrack {
                param: format!("{style}.{}", param.name),
                track: origin.to_owned(),
                why,
                advice: WRITE.to_owned(),
            },
            Wrong::Value(value, hint) => StyleError::BadValue {
                style: style.to_owned(),
                param: param.name.clone(),
                value,
                expected: format!("{}{hint}", param.expected()),
            },
        })
    }

    fn checked(param: &Param, style: &str, written: Written) -> Result<Self, Wrong> {
        let wrong = |why: String| Err(Wrong::Track(why));
        let steps = match param.kind {
            ParamKind::Path { .. } => return wrong("a file cannot change over time".to_owned()),
            ParamKind::Model { .. } => return wrong("a model cannot change over time".to_owned()),
            ParamKind::Flag { .. } | ParamKind::Choice { .. } => true,
            ParamKind::Number { .. } | ParamKind::Integer { .. } | ParamKind::Color { .. } => false,
        };
        let interpolation = match written.interpolation {
            // There is nothing between two choices.
            None | Some(Interpolation::Hold) if steps => Interpolation::Hold,
            Some(other) if steps => {
                return wrong(format!(
                    "its values have nothing between them, so {} is not possible: leave the word out, or write hold",
                    other.name()
                ));
            }
            given => given.unwrap_or_default(),
        };
        if written.keys.is_empty() {
            return wrong("it has no keys".to_owned());
        }
        let mut keys: Vec<(KeyTime, Value)> = Vec::with_capacity(written.keys.len());
        for (time, text) in written.keys {
            let at = text::time(&time).map_err(Wrong::Track)?;
            if let Some((before, _)) = keys.last()
                && let Some(why) = not_after(*before, at)
            {
                return wrong(why);
            }
            let value = param.parse_value(style, &text);
            let value = value.map_err(|_| Wrong::Value(text.clone(), minutes(&time, &text)))?;
            keys.push((at, value));
        }
        Ok(Self {
            interpolation,
            keys,
            file: None,
        })
    }

    /// The same track with all times in seconds, for a source of `rate` frames per second. Where keys in frames and keys in
    /// seconds cross, they are put in the order of their times; two keys of the same time are a jump.
    ///
    /// # Errors
    /// `BadTrack` where frames are counted but the rate is not known; `param` is the parameter's name in the message.
    pub fn in_seconds(&self, param: &str, rate: Rational) -> Result<Self, StyleError> {
        let mut keys: Vec<(f64, Value)> = Vec::with_capacity(self.keys.len());
        for (at, value) in &self.keys {
            let seconds = match *at {
                KeyTime::Seconds(seconds) => seconds,
                KeyTime::Frames(_) if rate.num <= 0 => {
                    return Err(StyleError::BadTrack {
                        param: param.to_owned(),
                        track: self.to_string(),
                        why: "the source has no frame rate by which its frames could be counted"
                            .to_owned(),
                        advice: "write the times in seconds, for example 2s".to_owned(),
                    });
                }
                // The nearest number to the exact ratio, as times of frames are.
                KeyTime::Frames(frames) => {
                    Rational::new(rate.den, rate.num).nearest_seconds(frames.into())
                }
            };
            keys.push((seconds, value.clone()));
        }
        keys.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let seconds = keys.into_iter();
        let keys = seconds
            .map(|(at, value)| (KeyTime::Seconds(at), value))
            .collect();
        Ok(Self {
            keys,
            ..self.clone()
        })
    }
}

impl std::fmt::Display for Track {
    /// As it is written in one line; a long one is shortened.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 6;
        if self.interpolation != Interpolation::default() {
            write!(f, "{},", self.interpolation.name())?;
        }
        for (index, (at, value)) in self.keys.iter().take(SHOWN).enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{at}:{value}")?;
        }
        if self.keys.len() > SHOWN {
            write!(f, ",…")?;
        }
        Ok(())
    }
}

/// A track as it was written: texts of times and of values.
#[derive(Debug, Default, PartialEq)]
struct Written {
    interpolation: Option<Interpolation>,
    keys: Vec<(String, String)>,
}

impl Written {
    /// Whether what stands before each colon is a time.
    fn has_times(&self) -> bool {
        self.keys.iter().all(|(time, _)| text::time(time).is_ok())
    }
}

/// Why a key `at` cannot follow one at `before`, where that is known without the frame rate.
fn not_after(before: KeyTime, at: KeyTime) -> Option<String> {
    let later = match (before, at) {
        (KeyTime::Seconds(before), KeyTime::Seconds(at)) => at > before,
        (KeyTime::Frames(before), KeyTime::Frames(at)) => at > before,
        _ => true,
    };
    (!later).then(|| {
        format!("the key {at} is not later than the one before it, {before}: times increase")
    })
}

/// For `1:30`: that it does not mean a minute and a half.
fn minutes(time: &str, value: &str) -> String {
    match (time.parse::<u32>(), value.parse::<u32>()) {
        (Ok(minutes), Ok(seconds)) if seconds < 60 => format!(
            "; {time}:{value} is the value {value} at {time} s: a time of {minutes} min {seconds} s is written {}",
            60 * u64::from(minutes) + u64::from(seconds)
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
