//! Requests that the input and the machine complete: `--preset auto`, `--time-budget`.

use std::path::{Path, PathBuf};

use super::super::console::Console;
use super::super::problem::Problem;
use super::super::signals::Signals;
use crate::graph::style::Library;
use crate::measure::auto::{Auto, PARTS, output_beside};
use crate::nearest::{did_you_mean, nearest};
use crate::render::request::TimeBudget;
use crate::render::{
    AUTO, OutputLocation, OutputStyle, RenderError, RenderRequest, Settings, StoredJob, job_folder,
    unfinished,
};

/// What one input is rendered with.
pub struct Decided {
    pub request: RenderRequest,
    pub settings: Settings,
    pub output: OutputLocation,
}

/// Whether something of `request` is to be chosen for each input.
pub fn is_open(request: &RenderRequest) -> bool {
    request.preset.as_deref() == Some(AUTO) || request.time_budget.is_some()
}

/// `request` without what is chosen for each input.
pub fn without_choices(request: &RenderRequest) -> RenderRequest {
    RenderRequest {
        preset: request.preset.clone().filter(|preset| preset != AUTO),
        time_budget: None,
        auto_without: None,
        ..request.clone()
    }
}

/// Refuses names of choices that are none.
pub fn check(request: &RenderRequest, library: &Library) -> Result<(), RenderError> {
    let Some(without) = &request.auto_without else {
        return Ok(());
    };
    if !is_open(request) {
        return Err(RenderError::usage(
            "--auto-without says what is not chosen, and nothing is chosen",
            "add --preset auto or --time-budget, or leave it out",
        ));
    }
    let known = |name: &str| PARTS.contains(&name) || library.load(name).is_ok();
    match names(without).find(|name| !known(name)) {
        None => Ok(()),
        Some(name) => Err(RenderError::usage(
            format!(
                "--auto-without {name}: there is no such choice{}",
                did_you_mean(nearest(name, PARTS))
            ),
            format!("choices: {}, or a style", PARTS.join(", ")),
        )),
    }
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// Chooses for `input`, which goes to `output`. A render that was begun goes on with what was chosen for it.
pub fn decide(
    (request, library): (&RenderRequest, &Library),
    (input, output): (&Path, &OutputLocation),
    console: &Console,
    signals: &Signals,
) -> Result<Decided, Problem> {
    let is_auto = request.preset.as_deref() == Some(AUTO);
    let output = named(&without_choices(request), library, input, output, is_auto)?;
    if let Some(begun) = begun(request, &output) {
        let settings = begun.settings(library)?;
        console.remark(&format!(
            "{}: goes on with what was chosen when it was begun",
            input.display()
        ));
        return Ok(Decided {
            settings,
            request: begun,
            output,
        });
    }
    let auto = Auto {
        input: input.to_owned(),
        request: request.clone(),
        analyses: is_auto,
        budget: request.time_budget.map(TimeBudget::duration),
        without: request
            .auto_without
            .iter()
            .flat_map(|list| names(list))
            .map(str::to_owned)
            .collect(),
    };
    if auto.budget.is_some() {
        console.remark(&format!(
            "{}: its speed is measured on the first frames",
            input.display()
        ));
    }
    let chosen = auto.run(&mut |event| console.event(&event), &signals.cancel());
    console.ended(input);
    let chosen = chosen.map_err(|error| signals.problem_of(&error))?;
    let mut settings = chosen.request.settings(library)?;
    settings.reasons = chosen.reasons;
    Ok(Decided {
        request: chosen.request,
        settings,
        output,
    })
}

/// Where the output goes: where none is named, its name says that it was chosen.
fn named(
    request: &RenderRequest,
    library: &Library,
    input: &Path,
    output: &OutputLocation,
    is_auto: bool,
) -> Result<OutputLocation, Problem> {
    if output.out.is_some() || output.shared || !is_auto {
        return Ok(output.clone());
    }
    let settings = request.settings(library)?;
    let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
    if names.len() > 1 {
        return Ok(output.clone());
    }
    let usual = output.paths(input, &names, settings.output.codec.as_deref())?;
    let ending = usual
        .first()
        .and_then(|path| path.extension())
        .unwrap_or_default();
    Ok(OutputLocation {
        out: Some(output_beside(input, &ending.to_string_lossy())),
        ..output.clone()
    })
}

/// The request of the render of `output` that was begun and not finished.
fn begun(request: &RenderRequest, output: &OutputLocation) -> Option<RenderRequest> {
    if request.resume == Some(false) {
        return None;
    }
    let out: &PathBuf = output.out.as_ref()?;
    let folder = job_folder(out, request.work_dir.as_deref());
    let found = unfinished(&folder).into_iter().next()?;
    let stored: StoredJob = serde_json::from_value(found.request?).ok()?;
    Some(stored.request)
}
