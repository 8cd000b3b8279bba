//! Parameters: declared once in a manifest, and checked wherever a user sets them.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::{StyleError, Track};
use crate::frame::Rational;
use crate::nearest::nearest;

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ParamKind {
    /// A number in an inclusive range.
    Number { default: f64, min: f64, max: f64 },
    /// A whole number in an inclusive range.
    Integer { default: i64, min: i64, max: i64 },
    /// On or off.
    Flag { default: bool },
    /// A file path; empty means no file.
    Path { default: String },
    /// A colour, `#rrggbb`. Expressions and kernels read its components as `NAME_r`, `NAME_g` and `NAME_b`, 0 to 1.
    Color { default: Rgb },
    /// The name of a model that the program knows.
    Model { default: String },
    /// One name of a list. Expressions and kernels read its index in the list, from 0.
    Choice {
        default: Choice,
        choices: Vec<String>,
        /// Choices that the default stands for: the input is asked which one. None, or two or more.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        trial: Vec<Choice>,
    },
}

/// What the values of a parameter that names a model are, in words.
const A_MODEL: &str = "the name of a model (aquatint models)";

/// One name of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    /// Its index in the list, from 0.
    pub index: usize,
}

impl Choice {
    /// The entry of `choices` that equals `text`, ignoring case.
    pub fn find(choices: &[String], text: &str) -> Option<Self> {
        let index = choices
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))?;
        Some(Self {
            name: choices[index].clone(),
            index,
        })
    }
}

impl Serialize for Choice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

/// A colour of 8 bits a channel, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| {
            digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        })?;
        let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([r, g, b]))
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Serialize for Rgb {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A parameter of a style.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Param {
    pub name: String,
    #[serde(flatten)]
    pub kind: ParamKind,
    /// Unit for the user. `px` means pixels at 1080 lines and is scaled to the picture.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    pub help: String,
    /// What `aquatint analyze` finds that it is set by, unless somebody sets it: a kind of finding and one of its details, as in
    /// `letterbox.first`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// The name of the parameter that every style with an input has.
pub const STRENGTH: &str = "strength";

/// The parameter that mixes the result of a style with its input.
pub fn strength() -> Param {
    Param {
        name: STRENGTH.to_owned(),
        kind: ParamKind::Number {
            default: 1.0,
            min: 0.0,
            max: 1.0,
        },
        unit: String::new(),
        help: "Mix of the style with its input: 0 is the input, 1 the style alone".to_owned(),
        found: None,
    }
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    Number(f64),
    Integer(i64),
    Flag(bool),
    Path(PathBuf),
    Color(Rgb),
    Choice(Choice),
    /// The name of a model.
    Model(String),
    /// Other values at other times.
    Track(Box<Track>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(value) => write!(f, "{value}"),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Flag(value) => write!(f, "{value}"),
            Value::Path(path) => write!(f, "{}", path.display()),
            Value::Color(color) => write!(f, "{color}"),
            Value::Choice(choice) => f.write_str(&choice.name),
            Value::Model(name) => f.write_str(name),
            Value::Track(track) => write!(f, "{track}"),
        }
    }
}

impl Value {
    /// The numbers that expressions and kernels read for `name`: a flag is 0 or 1, a path or a model is 1 if it is set, a choice
    /// is its index in the list, a colour is `NAME_r`, `NAME_g` and `NAME_b`. Those of a track are those of its first key.
    pub fn numbers(&self, name: &str) -> Vec<(String, f64)> {
        let truth = |condition: bool| f64::from(u8::from(condition));
        let number = match self {
            Value::Number(value) => *value,
            Value::Integer(value) => *value as f64,
            Value::Flag(value) => truth(*value),
            Value::Path(path) => truth(!path.as_os_str().is_empty()),
            Value::Choice(choice) => choice.index as f64,
            Value::Model(name) => truth(!name.is_empty()),
            Value::Track(track) => {
                let first = track.keys.first();
                return first.map_or(Vec::new(), |(_, value)| value.numbers(name));
            }
            Value::Color(color) => {
                return ["r", "g", "b"]
                    .iter()
                    .zip(color.0)
                    .map(|(part, value)| (format!("{name}_{part}"), f64::from(value) / 255.0))
                    .collect();
            }
        };
        vec![(name.to_owned(), number)]
    }
}

impl Param {
    /// The default value.
    pub fn default(&self) -> Value {
        match &self.kind {
            ParamKind::Number { default, .. } => Value::Number(*default),
            ParamKind::Integer { default, .. } => Value::Integer(*default),
            ParamKind::Flag { default } => Value::Flag(*default),
            ParamKind::Path { default } => Value::Path(default.into()),
            ParamKind::Color { default } => Value::Color(*default),
            ParamKind::Model { default } => Value::Model(default.clone()),
            ParamKind::Choice { default, .. } => Value::Choice(default.clone()),
        }
    }

    /// The least and the largest value of a number.
    pub fn range(&self) -> Option<(f64, f64)> {
        match self.kind {
            ParamKind::Number { min, max, .. } => Some((min, max)),
            ParamKind::Integer { min, max, .. } => Some((min as f64, max as f64)),
            _ => None,
        }
    }

    /// Whether its values are files.
    pub fn is_path(&self) -> bool {
        matches!(self.kind, ParamKind::Path { .. })
    }

    /// The names that expressions and kernels use for it.
    pub fn names(&self) -> Vec<String> {
        let numbers = self.default().numbers(&self.name);
        numbers.into_iter().map(|(name, _)| name).collect()
    }

    /// Parses `text` as a value of this parameter of `style`, or as a track of such values. The error says what is allowed.
    pub fn parse(&self, style: &str, text: &str) -> Result<Value, StyleError> {
        let plain = self.parse_value(style, text);
        // What is a value by itself is no track: names of choices and of files may have a colon.
        if plain.is_ok() && !self.is_path() {
            return plain;
        }
        match Track::parse(self, style, text) {
            Ok(Some(track)) => Ok(Value::Track(Box::new(track))),
            Ok(None) => plain,
            Err(error) => Err(error),
        }
    }

    /// Parses `text` as a single value.
    pub(super) fn parse_value(&self, style: &str, text: &str) -> Result<Value, StyleError> {
        let value = match &self.kind {
            ParamKind::Number { min, max, .. } => {
                let value = text.parse::<f64>().ok();
                let value = value.filter(|value| (*min..=*max).contains(value));
                value.map(Value::Number)
            }
            ParamKind::Integer { min, max, .. } => {
                let value = text.parse::<i64>().ok();
                let value = value.filter(|value| (*min..=*max).contains(value));
                value.map(Value::Integer)
            }
            ParamKind::Flag { .. } => match text {
                "true" | "on" | "yes" | "1" => Some(Value::Flag(true)),
                "false" | "off" | "no" | "0" => Some(Value::Flag(false)),
                _ => None,
            },
            ParamKind::Path { .. } => Some(Value::Path(text.into())),
            ParamKind::Model { .. } => Some(Value::Model(text.to_owned())),
            ParamKind::Color { .. } => Rgb::parse(text).map(Value::Color),
            ParamKind::Choice { choices, .. } => Choice::find(choices, text).map(Value::Choice),
        };
        value.ok_or_else(|| {
            let hint = match &self.kind {
                ParamKind::Choice { choices, .. } => {
                    let names = choices.iter().map(String::as_str);
                    nearest(&text.to_ascii_lowercase(), names)
                        .map(|name| format!(" (did you mean {name:?}?)"))
                        .unwrap_or_default()
                }
                _ => String::new(),
            };
            StyleError::BadValue {
                style: style.to_owned(),
                param: self.name.clone(),
                value: text.to_owned(),
                expected: format!("{}{hint}", self.expected()),
            }
        })
    }

    /// What a single value is, in words.
    pub(super) fn expected(&self) -> String {
        match &self.kind {
            ParamKind::Number { min, max, .. } => {
                format!("a number from {min} to {max}{}", self.unit_suffix())
            }
            ParamKind::Integer { min, max, .. } => {
                format!("a whole number from {min} to {max}{}", self.unit_suffix())
            }
            ParamKind::Flag { .. } => "true or false".to_owned(),
            ParamKind::Path { .. } => "a file".to_owned(),
            ParamKind::Model { .. } => A_MODEL.to_owned(),
            ParamKind::Color { .. } => "a colour as #rrggbb, for example #f4efe0".to_owned(),
            ParamKind::Choice { choices, .. } => format!("one of {}", choices.join(", ")),
        }
    }

    /// The allowed values, for tables and help.
    pub fn accepts(&self) -> String {
        match &self.kind {
            ParamKind::Number { min, max, .. } => format!("{min} to {max}{}", self.unit_suffix()),
            ParamKind::Integer { min, max, .. } => format!("{min} to {max}{}", self.unit_suffix()),
            ParamKind::Flag { .. } => "true or false".to_owned(),
            ParamKind::Path { .. } => "a file".to_owned(),
            ParamKind::Model { .. } => A_MODEL.to_owned(),
            ParamKind::Color { .. } => "a colour, #rrggbb".to_owned(),
            ParamKind::Choice { choices, .. } => choices.join(", "),
        }
    }

    fn unit_suffix(&self) -> String {
        if self.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", self.unit)
        }
    }
}

/// Values for every parameter of a style.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Values(pub Vec<(String, Value)>);

impl Values {
    /// The defaults of `params`.
    pub fn defaults(params: &[Param]) -> Self {
        Self(
            params
                .iter()
                .map(|param| (param.name.clone(), param.default()))
                .collect(),
        )
    }

    /// Sets `name` from text. It is an error if `params` has no such parameter.
    pub fn set(
        &mut self,
        style: &str,
        params: &[Param],
        name: &str,
        text: &str,
    ) -> Result<(), StyleError> {
        let Some(index) = params.iter().position(|param| param.name == name) else {
            return Err(StyleError::UnknownParam {
                style: style.to_owned(),
                param: name.to_owned(),
                nearest: nearest(name, params.iter().map(|param| param.name.as_str()))
                    .map(str::to_owned),
                known: params.iter().map(|param| param.name.clone()).collect(),
            });
        };
        self.0[index].1 = params[index].parse(style, text)?;
        Ok(())
    }

    /// The tracks among them, by parameter, without those that are still to be measured.
    pub fn tracks(&self) -> impl Iterator<Item = (&str, &Track)> {
        self.0.iter().filter_map(|(name, value)| match value {
            Value::Track(track) if !track.is_unmeasured() => Some((name.as_str(), &**track)),
            _ => None,
        })
    }

    /// Whether a first pass is still to measure `name`.
    pub fn is_unmeasured(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Track(track)) if track.is_unmeasured())
    }

    /// Gives all tracks times in seconds, for a source of `rate` frames per second.
    ///
    /// # Errors
    /// `BadTrack` where that is not possible ([`Track::in_seconds`]).
    pub fn in_seconds(&mut self, style: &str, rate: Rational) -> Result<(), StyleError> {
        for (name, value) in &mut self.0 {
            if let Value::Track(track) = value {
                **track = track.in_seconds(&format!("{style}.{name}"), rate)?;
            }
        }
        Ok(())
    }

    /// The value of `name`, if there is such a parameter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_three_numbers() {
        let paper = Param {
            name: "paper".to_owned(),
            kind: ParamKind::Color {
                default: Rgb([255, 255, 255]),
            },
            unit: String::new(),
            help: String::new(),
            found: None,
        };
        assert_eq!(paper.names(), ["paper_r", "paper_g", "paper_b"]);
        let value = paper.parse("comic", "#F40033").unwrap();
        assert_eq!(value, Value::Color(Rgb([0xf4, 0, 0x33])));
        assert_eq!(value.numbers("paper")[2], ("paper_b".to_owned(), 0.2));
        assert_eq!(serde_json::to_value(&value).unwrap(), "#f40033");
        for wrong in [
            "", "#", "white", "f4efe0", "#f4efe", "#f4efe0a", "#+4efe0", "#ü4efe",
        ] {
            let error = paper.parse("comic", wrong).unwrap_err().to_string();
            assert!(error.contains("#rrggbb"), "{error}");
        }
    }

    #[test]
    fn a_choice_is_its_index() {
        let choices = ["auto", "catmull-rom", "lanczos3"].map(str::to_owned);
        let kernel = Param {
            name: "kernel".to_owned(),
            kind: ParamKind::Choice {
                default: Choice::find(&choices, "auto").unwrap(),
                choices: choices.to_vec(),
                trial: Vec::new(),
            },
            unit: String::new(),
            help: String::new(),
            found: None,
        };
        assert_eq!(kernel.names(), ["kernel"]);
        assert_eq!(kernel.accepts(), "auto, catmull-rom, lanczos3");
        let value = kernel.parse("resize", "Catmull-Rom").unwrap();
        assert_eq!(value.numbers("kernel"), [("kernel".to_owned(), 1.0)]);
        assert_eq!(serde_json::to_value(&value).unwrap(), "catmull-rom");
        let shown = serde_json::to_value(&kernel).unwrap();
        assert_eq!(shown["type"], "choice");
        assert_eq!(shown["default"], "auto");
        assert_eq!(shown["choices"][2], "lanczos3");
        let error = kernel.parse("resize", "LANCZOS").unwrap_err().to_string();
        let expected = "resize.kernel cannot be \"LANCZOS\"\n  give one of auto, catmull-rom, lanczos3 \
                        (did you mean \"lanczos3\"?)";
        assert_eq!(error, expected);
        // A choice cannot be given by its index, because lists may grow.
        for wrong in ["", "1", "spline"] {
            let error = kernel.parse("resize", wrong).unwrap_err().to_string();
            assert!(
                error.ends_with("give one of auto, catmull-rom, lanczos3"),
                "{error}"
            );
        }
    }
}
