//! The value of a parameter.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// The values of all parameters, by the names of the parameters.
pub type Values = BTreeMap<String, Value>;

/// Whole numbers from here on are not exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Numbers that differ by no more than this part of themselves are the same: a journal may have been through a parser of JSON
/// that is wrong in the last bit.
const SAME: f64 = 1e-12;

/// The value of a parameter. In JSON it is a plain number, string or boolean; whole numbers are written without a point.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Of a [`Domain::Switch`](super::Domain::Switch).
    Switch(bool),
    /// Of a [`Domain::Number`](super::Domain::Number), in the unit of the parameter.
    Number(f64),
    /// Of a [`Domain::Choice`](super::Domain::Choice): one of its names.
    Choice(String),
}

impl Value {
    /// Whether it is `other`; numbers may differ in the last digits of a double.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => {
                a == b || (a - b).abs() <= SAME * a.abs().max(b.abs())
            }
            _ => self == other,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) if number.fract() == 0.0 && number.abs() < EXACT => {
                serializer.serialize_i64(*number as i64)
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Choice(name) => serializer.serialize_str(name),
            Self::Switch(on) => serializer.serialize_bool(*on),
        }
    }
}

impl fmt::Display for Value {
    /// As it is typed on a command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Choice(name) => name.fmt(f),
            Self::Switch(on) => on.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_json_it_is_plain() {
        for (value, json) in [
            (Value::Number(3.0), "3"),
            (Value::Number(-0.25), "-0.25"),
            (Value::Choice("ink".to_owned()), "\"ink\""),
            (Value::Switch(true), "true"),
        ] {
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(serde_json::from_str::<Value>(json).unwrap(), value);
        }
    }

    #[test]
    fn it_is_shown_as_it_is_typed() {
        for (value, text) in [
            (Value::Number(3.0), "3"),
            (Value::Number(0.3), "0.3"),
            (Value::Choice("ink".to_owned()), "ink"),
            (Value::Switch(false), "false"),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn the_last_bit_makes_no_difference() {
        let near = Value::Number(f64::from_bits(0.3_f64.to_bits() + 1));
        assert!(Value::Number(0.3).is_same(&near));
        assert!(!Value::Number(0.3).is_same(&Value::Number(0.3001)));
        assert!(!Value::Number(1.0).is_same(&Value::Switch(true)));
    }
}
