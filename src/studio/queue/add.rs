//! Adds jobs: what can be wrong with a request is told before any is added.

use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::super::store::{NewJob, StoreError};
use super::view::{Job, jobs};
use crate::measure::auto::{check, is_open, without_choices};
use crate::render::request::{AllowedFiles, RenderRequest};
use crate::render::{OutputLocation, QueueItem, RenderError, Settings, planned_outputs};

/// What is to be rendered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobsBody {
    /// Files as `ROOT/relative/path`; a job for each.
    pub files: Vec<String>,
    /// Settings as the command line's long flags with `_`, for example `{"style": "pencil", "crf": 18}`. Files in it are named as
    /// `ROOT/relative/path`.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub request: Value,
    /// The folder for outputs; beside the inputs where there is none.
    #[serde(default)]
    pub folder: Option<String>,
    /// The output, for one file with one style.
    #[serde(default)]
    pub output: Option<String>,
    /// Higher ones are rendered first.
    #[serde(default)]
    pub priority: i32,
    /// Whether they wait until they are resumed.
    #[serde(default)]
    pub paused: bool,
}

/// Adds jobs, or finds those that the same key added. What can be wrong with a request is told before any is added.
pub fn add(app: &App, body: JobsBody, origin: &str, key: Option<&str>) -> Answer<(Vec<Job>, bool)> {
    if body.files.is_empty() {
        return Err(Problem::unfit(
            "no file is named",
            "name at least one in files",
        ));
    }
    if body.output.is_some() && body.files.len() > 1 {
        return Err(Problem::unfit(
            "several files cannot have one output",
            "name a folder instead, or add them one by one",
        ));
    }
    let digest: String = {
        let text = serde_json::to_string(&body).unwrap_or_default();
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let request = match &body.request {
        Value::Null => json!({}),
        request => request.clone(),
    };
    let out = match (&body.output, &body.folder) {
        (Some(output), _) => Some(app.roots.resolve_new(output)?.path),
        (None, Some(folder)) => Some(writable_folder(app, folder)?),
        (None, None) => None,
    };
    let output = OutputLocation {
        out,
        ..OutputLocation::default()
    };
    let names = OutputNames::of(app, &request)?;
    let mut new = Vec::new();
    let mut outputs = Vec::new();
    let mut existing = None;
    for name in &body.files {
        let place = app.file(name)?;
        if output.out.is_none() && !place.writable {
            return Err(Problem::unfit(
                format!("{name} lies in a folder that may not be written to"),
                "name a folder for the outputs",
            ));
        }
        let planned = names.of_input(&place.path, &output);
        let same = planned
            .iter()
            .find(|path| outputs.iter().flatten().any(|other| other == *path));
        if let Some(path) = same {
            return Err(Problem::unfit(
                format!(
                    "two of the files would have the same output: {}",
                    shown(app, path)
                ),
                "add them one by one, with folders of their own",
            ));
        }
        existing = existing.or_else(|| existing_output(app, &request, &planned));
        outputs.push(planned);
        new.push(NewJob {
            input: place.path.to_string_lossy().into_owned(),
            file: name.clone(),
            request: request.clone(),
            output: serde_json::to_value(&output).unwrap_or_default(),
            priority: body.priority,
            origin: origin.to_owned(),
            paused: body.paused,
        });
    }
    let key = key.map(|key| (key, digest.as_str()));
    // The same request may have been sent before, and its output be there since.
    if let Some(problem) = existing
        && !key.is_some_and(|(key, _)| app.store.knows_key(key).unwrap_or(false))
    {
        return Err(problem);
    }
    // What a job is to write, another one would replace, or render in vain.
    if key.is_none_or(|(key, _)| !app.store.knows_key(key).unwrap_or(false)) {
        for path in outputs.iter().flatten() {
            if let Some(other) = app.store.writer_of(path, None)? {
                return Err(Problem::new(
                    StatusCode::LOCKED,
                    format!("job {other} is to write {}", shown(app, path)),
                    "wait until it has ended, cancel it, or choose another folder",
                ));
            }
        }
    }
    let added = app.store.add_jobs(&new, key)?;
    for (id, outputs) in added.ids.iter().zip(outputs) {
        if !added.existing && !outputs.is_empty() {
            app.store.set_outputs(*id, &outputs)?;
        }
    }
    let mut rows = Vec::new();
    for id in &added.ids {
        match app.store.get(*id) {
            Ok(row) => rows.push(row),
            // It was added before, and taken out of the history since.
            Err(StoreError::UnknownJob { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let items = jobs(app, rows)?;
    if !added.existing {
        items.iter().for_each(|job| app.events.tell("job", job));
    }
    app.running.wake();
    Ok((items, added.existing))
}

/// What is wrong where an output exists, and the request does not say what becomes of it: the job would fail.
fn existing_output(app: &App, request: &Value, planned: &[String]) -> Option<Problem> {
    if !request.get("existing").is_none_or(Value::is_null) {
        return None;
    }
    let path = planned.iter().find(|path| Path::new(path).exists())?;
    Some(Problem::new(
        StatusCode::CONFLICT,
        format!("the output already exists: {}", shown(app, path)),
        "replace it (existing: replace), leave it alone (existing: skip), or choose another folder",
    ))
}

/// A path as pages name it, where they can.
fn shown(app: &App, path: &str) -> String {
    let name = app.name_of(Path::new(path));
    name.unwrap_or_else(|| path.to_owned())
}

fn writable_folder(app: &App, name: &str) -> Answer<PathBuf> {
    let place = app.roots.resolve(name)?;
    match (place.is_folder, place.writable) {
        (true, true) => Ok(place.path),
        (false, _) => Err(Problem::unfit(
            format!("{name} is no folder"),
            "name a folder",
        )),
        (true, false) => Err(Problem::unfit(
            format!("nothing may be written to {name}"),
            "choose another folder",
        )),
    }
}

/// The request that `value` is, with paths in place of the names of files.
pub fn request(app: &App, value: &Value) -> Answer<RenderRequest> {
    let asked: RenderRequest = serde_json::from_value(value.clone()).map_err(|error| {
        Problem::unfit(
            format!("the request cannot be read: {error}"),
            "its keys are the command line's long flags with _ for -",
        )
    })?;
    Ok(confined(app, &asked)?)
}

/// `asked` with paths in place of the names of files.
pub fn confined(app: &App, asked: &RenderRequest) -> crate::render::Result<RenderRequest> {
    let library = RenderRequest::default().library()?;
    asked.confined(&library, &OfRoots(app))
}

/// The files in the allowed folders.
struct OfRoots<'a>(&'a App);

impl AllowedFiles for OfRoots<'_> {
    fn path(&self, name: &str) -> crate::render::Result<PathBuf> {
        let place = self.0.roots.resolve(name);
        place
            .map(|place| place.path)
            .map_err(|error| RenderError::Usage {
                what: error.to_string(),
                advice: error.advice().to_owned(),
            })
    }

    fn holds(&self, path: &Path) -> bool {
        // One that is not there is told by the render.
        !path.exists() || self.0.name_of(path).is_some()
    }
}

/// The names that outputs of a request get.
pub struct OutputNames {
    /// None where the input decides something of the request.
    settings: Option<Settings>,
}

impl OutputNames {
    /// Of the request that `value` is, which is checked.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn of(app: &App, value: &Value) -> Answer<Self> {
        let request = self::request(app, value)?;
        let plain = without_choices(&request);
        let library = plain.library()?;
        check(&request, &library)?;
        let settings = plain.settings(&library)?;
        Ok(Self {
            settings: (!is_open(&request)).then_some(settings),
        })
    }

    /// The paths of the outputs of `input`; none where it decides something first.
    pub fn of_input(&self, input: &Path, output: &OutputLocation) -> Vec<String> {
        let item = self.settings.clone().map(|settings| QueueItem {
            input: input.to_owned(),
            output: output.clone(),
            settings,
        });
        let paths = item.map_or(Vec::new(), |item| planned_outputs(&[item]));
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        paths.iter().map(text).collect()
    }
}
