//! What a person has set in the studio.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store::{Result, Store};

/// What becomes of jobs that ran when the studio ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum AtStart {
    #[default]
    #[serde(rename = "go on")]
    GoOn,
    #[serde(rename = "stay paused")]
    StayPaused,
}

/// How colours of the pages are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system wishes.
    #[default]
    System,
    Light,
    Dark,
}

/// How much time a render may take for how good a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum QualityPreset {
    Speed,
    Balanced,
    Quality,
}

/// The settings of the studio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub theme: Theme,
    /// Where outputs go where a job does not say: a folder as `ROOT/relative/path`; none is beside the input.
    pub folder: Option<String>,
    /// The preset that is chosen on the first page.
    pub preset: Option<String>,
    /// What is chosen on the first page: the preset of this name.
    pub quality: Option<QualityPreset>,
    pub at_start: AtStart,
    /// Whether the pages tell when a job is done.
    pub notify: bool,
    /// Whether the first page shows a frame in the style that is chosen.
    pub preview_first: bool,
    /// What renders where a request names nothing: `auto`, `cpu`, or a card as `--device` takes it.
    pub device: Option<String>,
    /// Whether the queue is paused.
    #[serde(skip_deserializing)]
    pub paused: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            folder: None,
            preset: None,
            quality: None,
            at_start: AtStart::default(),
            notify: false,
            preview_first: true,
            device: None,
            paused: false,
        }
    }
}

/// The settings, with the usual ones for what was never set or cannot be read.
///
/// # Errors
/// Those of the store.
pub fn read(store: &Store) -> Result<Settings> {
    let known = store.settings()?;
    let mut all = json!(Settings::default());
    for (key, value) in known {
        let mut with = all.clone();
        with[&key] = value;
        // What a later version has set is no setting here.
        if serde_json::from_value::<Settings>(without_paused(&with)).is_ok() {
            all = with;
        }
    }
    let paused = all.get("paused").and_then(Value::as_bool);
    let mut settings: Settings = serde_json::from_value(without_paused(&all)).unwrap_or_default();
    settings.paused = paused.unwrap_or_default();
    Ok(settings)
}

fn without_paused(all: &Value) -> Value {
    let mut all = all.clone();
    if let Value::Object(map) = &mut all {
        map.remove("paused");
    }
    all
}

/// Sets some settings: an object with their names. Nothing is set where one of them is wrong; the text says which.
///
/// # Errors
/// Those of the store, and of the values.
pub fn change(
    store: &Store,
    changes: &serde_json::Map<String, Value>,
) -> std::result::Result<Settings, super::problem::Problem> {
    let mut all = without_paused(&json!(read(store)?));
    for (key, value) in changes {
        all[key] = value.clone();
    }
    let checked: std::result::Result<Settings, _> = serde_json::from_value(all);
    if let Err(error) = checked {
        return Err(super::problem::Problem::unfit(
            format!("a setting is wrong: {error}"),
            "GET /api/v1/settings shows all of them",
        ));
    }
    let changes: BTreeMap<String, Value> = changes.clone().into_iter().collect();
    store.set_settings(&changes)?;
    Ok(read(store)?)
}

/// Notes whether the queue is paused.
///
/// # Errors
/// Those of the store.
pub fn set_paused(store: &Store, paused: bool) -> Result<()> {
    store.set_settings(&BTreeMap::from([("paused".to_owned(), json!(paused))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_kept_and_wrong_ones_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("queue.db")).unwrap().store;
        assert_eq!(read(&store).unwrap(), Settings::default());
        let set = |changes: Value| change(&store, changes.as_object().unwrap());
        let known = set(json!({"theme": "dark", "at_start": "stay paused", "notify": true}));
        assert_eq!(known.unwrap().theme, Theme::Dark);
        for wrong in [
            json!({"theme": "pink", "notify": false}),
            json!({"quality": "best"}),
            json!({"colour": "red"}),
            json!({"paused": true}),
        ] {
            assert_eq!(set(wrong.clone()).unwrap_err().status, 422, "{wrong}");
        }
        set_paused(&store, true).unwrap();
        let all = read(&store).unwrap();
        assert!(all.paused && all.notify);
        assert_eq!(all.at_start, AtStart::StayPaused);
        // Of a later version.
        let later = BTreeMap::from([("later".to_owned(), json!(1))]);
        store.set_settings(&later).unwrap();
        assert_eq!(read(&store).unwrap(), all);
    }
}
