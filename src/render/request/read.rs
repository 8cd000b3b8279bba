//! Reads requests and presets from tables, with errors that name the key, the nearest known one, and what to give.

use serde_json::{Map, Value};

use super::super::error::{RenderError, Result};
use super::RenderRequest;
use super::keys::{Key, keys};
use super::plain::text_of;
use super::values::one_of;
use crate::hardware::Tier;
use crate::nearest::nearest;

/// The key of a preset's description, which is no setting.
const DESCRIPTION: &str = "description";

/// Reads a request; null is what was not asked for.
///
/// # Errors
/// `Usage` for unknown keys and for values of the wrong kind.
pub(super) fn request(mut map: Map<String, Value>) -> Result<RenderRequest> {
    map.retain(|_, value| !value.is_null());
    let known: Vec<&str> = keys().iter().map(|key| key.name).collect();
    read("the request", "a request", &known, map)
}

/// The key of the tier that a preset is meant for, which is no setting either.
const TIER: &str = "tier";

/// Reads a preset from `origin`: its description, the machine it is meant for, and the settings it makes.
///
/// # Errors
/// As [`request`], and for settings that belong to one render.
pub(in super::super) fn preset(
    origin: &str,
    mut map: Map<String, Value>,
) -> Result<(String, Option<Tier>, RenderRequest)> {
    let mut known = vec![DESCRIPTION, TIER];
    known.extend(
        keys()
            .iter()
            .filter(|key| key.in_preset)
            .map(|key| key.name),
    );
    if let Some(key) = keys()
        .iter()
        .find(|key| !key.in_preset && map.contains_key(key.name))
    {
        return Err(RenderError::usage(
            format!(
                "{origin}: a preset cannot set {}: it belongs to one render",
                key.name
            ),
            format!(
                "leave it out; the keys of a preset are {}",
                known.join(", ")
            ),
        ));
    }
    let description = match map.remove(DESCRIPTION) {
        None => String::new(),
        Some(Value::String(text)) if !text.is_empty() => text,
        Some(value) => return Err(wrong(origin, DESCRIPTION, &value, "text in quotes")),
    };
    let tier = match map.remove(TIER) {
        None => None,
        Some(value) => match value.as_str().and_then(Tier::named) {
            Some(tier) => Some(tier),
            None => return Err(wrong(origin, TIER, &value, &tier_accepts())),
        },
    };
    Ok((description, tier, read(origin, "a preset", &known, map)?))
}

fn read(
    origin: &str,
    what: &str,
    known: &[&str],
    map: Map<String, Value>,
) -> Result<RenderRequest> {
    // One key at a time, so that an error is about that key.
    for (name, value) in &map {
        let key = keys().iter().find(|key| key.name == name);
        let Some(key) = key.filter(|_| known.contains(&name.as_str())) else {
            let near = nearest(name, known.iter().copied());
            let near = near.map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"));
            return Err(RenderError::usage(
                format!("{origin}: {what} has no key {name:?}{near}"),
                format!("its keys: {}", known.join(", ")),
            ));
        };
        if !is_valid(key, value) {
            return Err(wrong(origin, name, value, &key.accepts()));
        }
    }
    RenderRequest::deserialize(Value::Object(map))
        .map_err(|error| RenderError::usage(format!("{origin}: {error}"), ""))
}

/// What can be given as the tier of a preset, in words.
pub fn tier_accepts() -> String {
    one_of(&Tier::ALL.map(Tier::name))
}

fn is_valid(key: &Key, value: &Value) -> bool {
    let one = Map::from_iter([(key.name.to_owned(), value.clone())]);
    !value.is_null()
        && value.as_str() != Some("")
        && RenderRequest::deserialize(Value::Object(one)).is_ok()
}

fn wrong(origin: &str, name: &str, value: &Value, accepts: &str) -> RenderError {
    let value = text_of(value).unwrap_or_else(|| {
        match value {
            Value::Array(_) => "a list",
            Value::Object(_) => "a table",
            _ => "a number without a value",
        }
        .to_owned()
    });
    RenderError::usage(
        format!("{origin}: {name} cannot be {value}"),
        format!("give {accepts}"),
    )
}
