//! Parameters: declared once in a manifest, checked wherever a user sets one.

use std::path::PathBuf;

use serde::Serialize;

use super::StyleError;
use super::error::nearest;

/// What a parameter may be.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ParamKind {
    /// A number in an inclusive range.
    Number { default: f64, min: f64, max: f64 },
    /// A whole number in an inclusive range.
    Integer { default: i64, min: i64, max: i64 },
    /// On or off.
    Flag { default: bool },
    /// A file; empty means none.
    Path { default: String },
}

/// A parameter of a style.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Param {
    pub name: String,
    #[serde(flatten)]
    pub kind: ParamKind,
    /// Unit for people; `px` means pixels at 1080 lines and is scaled to the picture.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    pub help: String,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    Number(f64),
    Integer(i64),
    Flag(bool),
    Path(PathBuf),
}

impl Value {
    /// As a number for expressions: flags are 0 or 1, a path is 1 when there is one.
    pub fn as_number(&self) -> f64 {
        match self {
            Value::Number(value) => *value,
            Value::Integer(value) => *value as f64,
            Value::Flag(value) => f64::from(u8::from(*value)),
            Value::Path(path) => f64::from(u8::from(!path.as_os_str().is_empty())),
        }
    }
}

impl Param {
    /// The value it has when nobody sets it.
    pub fn default(&self) -> Value {
        match &self.kind {
            ParamKind::Number { default, .. } => Value::Number(*default),
            ParamKind::Integer { default, .. } => Value::Integer(*default),
            ParamKind::Flag { default } => Value::Flag(*default),
            ParamKind::Path { default } => Value::Path(default.into()),
        }
    }

    /// Reads `text` as a value for this parameter of `style`. The error says what would be right.
    pub fn parse(&self, style: &str, text: &str) -> Result<Value, StyleError> {
        let refuse = |expected: String| StyleError::BadValue {
            style: style.to_owned(),
            param: self.name.clone(),
            value: text.to_owned(),
            expected,
        };
        match &self.kind {
            ParamKind::Number { min, max, .. } => match text.parse::<f64>() {
                Ok(value) if (*min..=*max).contains(&value) => Ok(Value::Number(value)),
                _ => Err(refuse(format!(
                    "a number from {min} to {max}{}",
                    self.unit_suffix()
                ))),
            },
            ParamKind::Integer { min, max, .. } => match text.parse::<i64>() {
                Ok(value) if (*min..=*max).contains(&value) => Ok(Value::Integer(value)),
                _ => Err(refuse(format!(
                    "a whole number from {min} to {max}{}",
                    self.unit_suffix()
                ))),
            },
            ParamKind::Flag { .. } => match text {
                "true" | "on" | "yes" | "1" => Ok(Value::Flag(true)),
                "false" | "off" | "no" | "0" => Ok(Value::Flag(false)),
                _ => Err(refuse("true or false".to_owned())),
            },
            ParamKind::Path { .. } => Ok(Value::Path(text.into())),
        }
    }

    /// What a user may write, for tables and help.
    pub fn accepts(&self) -> String {
        match &self.kind {
            ParamKind::Number { min, max, .. } => format!("{min} to {max}{}", self.unit_suffix()),
            ParamKind::Integer { min, max, .. } => format!("{min} to {max}{}", self.unit_suffix()),
            ParamKind::Flag { .. } => "true or false".to_owned(),
            ParamKind::Path { .. } => "a file".to_owned(),
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

    /// Sets `name` from text, refusing names `params` does not have.
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
                nearest: nearest(name, params.iter().map(|param| param.name.as_str())),
                known: params.iter().map(|param| param.name.clone()).collect(),
            });
        };
        self.0[index].1 = params[index].parse(style, text)?;
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
