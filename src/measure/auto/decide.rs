//! Requests that the input and the machine complete: `--preset auto`, `--restore auto`, `--time-budget`, and styles whose values are
//! found in the input.

use std::path::Path;

use super::{Auto, PARTS, output_beside};
use crate::graph::style::Library;
use crate::media::{is_read_again, needs_reading_again};
use crate::nearest::{did_you_mean, nearest};
use crate::render::request::TimeBudget;
use crate::render::{
    AUTO, Cancel, Event, Existing, OutputLocation, OutputStyle, QueueItem, RenderError,
    RenderRequest, Restore, Result, Settings, StoredJob, job_folder, unfinished,
};

/// What one input is rendered with.
pub struct Decided {
    pub request: RenderRequest,
    /// What was asked for, as it is stored with a job.
    pub asked: RenderRequest,
    pub settings: Settings,
    pub output: OutputLocation,
}

/// Whether something of `request` is to be chosen for each input.
pub fn is_open(request: &RenderRequest) -> bool {
    request.preset.as_deref() == Some(AUTO)
        || request.restore == Some(Restore::Auto)
        || request.time_budget.is_some()
}

/// `request` without what is chosen for each input.
pub fn without_choices(request: &RenderRequest) -> RenderRequest {
    RenderRequest {
        preset: request.preset.clone().filter(|preset| preset != AUTO),
        restore: None,
        time_budget: None,
        auto_without: None,
        ..request.clone()
    }
}

/// Refuses names of choices that are none.
///
/// # Errors
/// `Usage`.
pub fn check(request: &RenderRequest, library: &Library) -> Result<()> {
    let Some(without) = &request.auto_without else {
        return Ok(());
    };
    if !is_open(request) {
        return Err(RenderError::usage(
            "--auto-without says what is not chosen, and nothing is chosen",
            "add --preset auto, --restore auto or --time-budget, or leave it out",
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

/// The item of a queue that renders `input` to `output` by `request`, whose styles are in `library`. What the request leaves to
/// the input is chosen now, and told. It can be resumed by the name of its output. With `measures`, the numbers that styles
/// offer are read, also where the request names no report.
///
/// # Errors
/// Those of the request, and of analysing the input.
pub fn queue_item(
    (request, library): (&RenderRequest, &Library),
    (input, output): (&Path, &OutputLocation),
    measures: bool,
    listen: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<QueueItem> {
    // Without it a job can be given again, but not resumed by the name of its output.
    let whole = |request: &RenderRequest| request.absolute(library).ok();
    let plain = without_choices(request);
    let mut item = QueueItem {
        input: input.to_owned(),
        output: output.clone(),
        settings: plain.settings(library)?,
    };
    let (mut own, mut asked) = (whole(&plain), None);
    // What a pipe gives is read once: the job says that nothing was looked for.
    let is_found = !item.settings.open.is_empty() && is_read_again(input);
    if is_open(request) || is_found {
        let decided = decide((request, library), (input, output), listen, cancel)?;
        (own, asked) = (whole(&decided.request), Some(decided.asked));
        (item.settings, item.output) = (decided.settings, decided.output);
    }
    item.settings.job.measures |= measures;
    let measures = item.settings.job.measures;
    item.settings.job.request = own
        .and_then(|request| StoredJob::new(&request, input, &item.output).ok())
        .and_then(|stored| {
            StoredJob {
                asked,
                measures,
                ..stored
            }
            .to_json()
        });
    Ok(item)
}

/// Chooses for `input`, which goes to `output`. A render that was begun goes on with what was chosen for it.
///
/// # Errors
/// As [`queue_item`], and `Exists`.
pub fn decide(
    (request, library): (&RenderRequest, &Library),
    (input, output): (&Path, &OutputLocation),
    listen: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<Decided> {
    let say = |words: &str, listen: &mut dyn FnMut(Event)| {
        listen(Event::Choice {
            message: format!("{}: {words}", input.display()),
            input: input.to_owned(),
        });
    };
    let chooses = request.preset.as_deref() == Some(AUTO);
    let mends = chooses || request.restore == Some(Restore::Auto);
    needs_reading_again(input, "it is looked at before it is rendered")?;
    let plain = without_choices(request);
    let settings = plain.settings(library)?;
    let styles: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
    let codec = settings.output.codec.as_deref();
    let usual = output.paths(input, &styles, codec)?;
    let first = usual.into_iter().next().unwrap_or_default();
    let mut output = output.clone();
    let is_unnamed = output.out.is_none() && !output.shared && styles.len() == 1;
    let place = match mends && is_unnamed {
        true => {
            let ending = first.extension().unwrap_or_default();
            let place = output_beside(input, &ending.to_string_lossy());
            output.out = Some(place.clone());
            place
        }
        false => first,
    };
    // Without a folder to begin in, it is stored as it was given.
    let asked = request
        .absolute(library)
        .unwrap_or_else(|_| request.clone());
    let folder = job_folder(&place, request.work_dir.as_deref());
    if let Some(begun) = begun(&asked, &folder) {
        let settings = begun.settings(library)?;
        say("goes on with what was chosen when it was begun", listen);
        return Ok(Decided {
            settings,
            request: begun,
            asked,
            output,
        });
    }
    // What stands in the way is told before the input is looked through.
    if settings.existing == Existing::Refuse && place.is_file() && !folder.exists() {
        return Err(RenderError::Exists { path: place });
    }
    let auto = Auto {
        input: input.to_owned(),
        output: place,
        request: request.clone(),
        mends,
        chooses,
        budget: request.time_budget.map(TimeBudget::duration),
        without: request
            .auto_without
            .iter()
            .flat_map(|list| names(list))
            .map(str::to_owned)
            .collect(),
    };
    if auto.budget.is_some() {
        say("its speed is measured on the first frames", listen);
    }
    let chosen = auto.run(listen, cancel)?;
    let mut settings = chosen.request.settings(library)?;
    settings.reasons = chosen.reasons;
    Ok(Decided {
        request: chosen.request,
        asked,
        settings,
        output,
    })
}

/// The request of the render in `folder` that was begun and not finished, if the same was asked for.
fn begun(asked: &RenderRequest, folder: &Path) -> Option<RenderRequest> {
    if asked.resume == Some(false) {
        return None;
    }
    let found = unfinished(folder).into_iter().next()?;
    let stored: StoredJob = serde_json::from_value(found.request?).ok()?;
    // Whether it is to be resumed is no part of what was asked for.
    let same = |request: &RenderRequest| RenderRequest {
        resume: None,
        ..request.clone()
    };
    (stored.asked.as_ref().map(same) == Some(same(asked))).then_some(stored.request)
}
