//! Values of settings in JSON and TOML: numbers where the text is a number, else text.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

use super::values::SettingValue;

/// Implements `Serialize` and `Deserialize` for a [`SettingValue`] through its text.
macro_rules! plain_serde {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(
                &self,
                serializer: S,
            ) -> std::result::Result<S::Ok, S::Error> {
                $crate::render::request::serialize(&self.to_string(), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> std::result::Result<Self, D::Error> {
                $crate::render::request::deserialize(deserializer)
            }
        }
    };
}
pub(in super::super) use plain_serde;

/// Writes `text`, as a number if it is one.
pub(in super::super) fn serialize<S: Serializer>(
    text: &str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(number), _) => serializer.serialize_i64(number),
        (_, Ok(number)) if number.is_finite() => serializer.serialize_f64(number),
        _ => serializer.serialize_str(text),
    }
}

/// Reads a number or text.
pub(in super::super) fn deserialize<'de, T: SettingValue, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value).unwrap_or_default();
    T::read(&text).map_err(D::Error::custom)
}

/// A value as people write it; none for null, lists and tables.
pub(in super::super) fn text_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        // 30.0 is 30.
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        _ => return None,
    })
}
