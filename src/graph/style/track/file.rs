//! Tracks in files, as JSON: `{"interpolation": "linear", "keys": [["0s", 0.0], ["2s", 0.6]]}`.

use serde::Deserialize;
use serde_json::Value;

use super::{Interpolation, Written};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTrack {
    interpolation: Option<Interpolation>,
    keys: Vec<(Value, Value)>,
}

/// Reads the texts of a track.
pub(super) fn read(json: &str) -> Result<Written, String> {
    let raw: RawTrack = serde_json::from_str(json).map_err(|error| {
        if error.is_eof() {
            format!("the file ends early, in line {}", error.line())
        } else {
            error.to_string()
        }
    })?;
    let keys = raw.keys.into_iter().enumerate().map(|(index, key)| {
        let text = |value: &Value, what: &str| {
            plain(value).ok_or_else(|| {
                format!(
                    "the {what} of key {} is neither a number nor text",
                    index + 1
                )
            })
        };
        Ok((text(&key.0, "time")?, text(&key.1, "value")?))
    });
    Ok(Written {
        interpolation: raw.interpolation,
        keys: keys.collect::<Result<_, String>>()?,
    })
}

/// A value as it is written in one line.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Bool(flag) => Some(flag.to_string()),
        // 30.0 is 30.
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        }),
        _ => None,
    }
}
