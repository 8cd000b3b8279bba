//! `aquatint reproduce`: makes an output again from its recipe.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::args::Reproduce;
use super::super::console::Console;
use super::super::problem::{DIFFERS, NO_INPUT, Problem, USAGE};
use super::super::signals::Signals;
use super::batch::Batch;
use super::render::exit_code;
use super::{print, print_json};
use crate::media::{Likeness, likeness, same_file};
use crate::render::{
    Existing, InputHash, OutputLocation, Queue, QueueItem, Recipe, RenderRequest, StoredJob,
};

pub fn run(args: &Reproduce, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let recipe = match &args.report {
        Some(report) => of_report(report, &args.output)?,
        None => Recipe::read(&args.output)?,
    };
    let Some(input) = &args.input else {
        return show(&recipe, args.json).map(|()| 0);
    };
    let (input, to) = (input.as_path(), place(args)?);
    if same_file(&to, &args.output) {
        return Err(Problem::new(
            USAGE,
            format!(
                "{} would be replaced by what is compared with it",
                to.display()
            ),
            "name another output with -o",
        ));
    }
    warn_of_another_source(&recipe, input, console)?;
    let (request, notes) = request(args, &recipe, input)?;
    for note in &notes {
        console.warning(note);
    }
    let library = request.library()?;
    let mut settings = request.settings(&library)?;
    let output = OutputLocation {
        out: Some(to.clone()),
        ..OutputLocation::default()
    };
    let whole = request.absolute(&library).ok();
    let stored = whole.and_then(|request| StoredJob::new(&request, input, &output).ok());
    settings.job.request = stored.and_then(|stored| stored.to_json());
    let items = [QueueItem {
        input: input.to_owned(),
        output,
        settings,
    }];
    let queue = Queue::new(&library, &items, None, 1);
    let batch = Batch {
        inputs: vec![(input, false)],
        console,
        signals,
    };
    let (outcomes, reports) = batch.render(&queue);
    let made = reports.first().and_then(|report| report.outputs.first());
    let Some(made) = made else {
        return Ok(exit_code(&outcomes, console, signals));
    };
    let mut why = notes;
    if let Some(made) = &made.recipe {
        why.extend(recipe.differences(&made.recipe));
    }
    let alike = likeness(&args.output, &to)?;
    let differs = matches!(alike, Likeness::Some { .. } | Likeness::Count(..));
    if args.json {
        print_json(&json!({"output": to, "same": alike, "why": why}))?;
    } else {
        print(&words(&alike, &args.output, &to, &why))?;
    }
    Ok(if differs { DIFFERS } else { 0 })
}

/// Prints the recipe.
fn show(recipe: &Recipe, as_json: bool) -> Result<(), Problem> {
    if as_json {
        return print_json(recipe);
    }
    let mut text = format!("style     {}\nseed      {}\n", recipe.style, recipe.seed);
    for (name, value) in recipe.parameters.as_object().into_iter().flatten() {
        text.push_str(&format!("          {name} = {}\n", plain(value)));
    }
    let asked = serde_json::to_value(&recipe.request).unwrap_or_default();
    for (key, value) in asked.as_object().into_iter().flatten() {
        if !["style", "set", "seed"].contains(&key.as_str()) {
            text.push_str(&format!("asked     {key} = {}\n", plain(value)));
        }
    }
    for file in &recipe.files {
        text.push_str(&format!(
            "file      {} (SHA-256 {})\n",
            file.name, file.sha256
        ));
    }
    if let Some(input) = &recipe.input {
        text.push_str(&format!(
            "source    {} bytes, sampled SHA-256 {}\n",
            input.size, input.sha256
        ));
    }
    let device = recipe
        .device
        .as_deref()
        .unwrap_or("none: the planes bypassed the graph");
    text.push_str(&format!(
        "device    {device}\nversions  aquatint {}, {}\n",
        recipe.aquatint, recipe.ffmpeg
    ));
    text.push_str("--input SOURCE makes it again\n");
    print(&text)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The recipe of `output` in a report of its render.
fn of_report(report: &Path, output: &Path) -> Result<Recipe, Problem> {
    let refused = |why: String| {
        Problem::new(
            USAGE,
            format!(
                "{} has no recipe of {}: {why}",
                report.display(),
                output.display()
            ),
            "name the file that `render --report` wrote",
        )
    };
    let text = std::fs::read_to_string(report).map_err(|error| {
        Problem::new(
            NO_INPUT,
            format!("cannot read {}: {error}", report.display()),
            "name the file that `render --report` wrote",
        )
    })?;
    let all: Value = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
    let reports = match &all {
        Value::Array(reports) => reports.iter().collect(),
        one => vec![one],
    };
    let name = output
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let outputs = reports
        .into_iter()
        .filter_map(|report| report.get("outputs")?.as_array());
    let found = outputs.flatten().find(|file| {
        let path = file.get("path").and_then(Value::as_str);
        path.and_then(|path| Path::new(path).file_name())
            .map(|name| name.to_string_lossy().into_owned())
            == name
    });
    let recipe = found.and_then(|file| file.get("recipe")).cloned();
    let mut recipe =
        recipe.ok_or_else(|| refused("it names no such output, or no recipe".to_owned()))?;
    if let Value::Object(recipe) = &mut recipe {
        recipe.remove("in_file");
    }
    serde_json::from_value(recipe).map_err(|error| refused(error.to_string()))
}

/// Where the new output goes: `STEM.reproduced.EXT` beside the old one, where none is named.
fn place(args: &Reproduce) -> Result<PathBuf, Problem> {
    if let Some(to) = &args.to {
        return Ok(to.clone());
    }
    let (stem, ending) = (args.output.file_stem(), args.output.extension());
    match (stem, ending) {
        (Some(stem), Some(ending)) if !stem.to_string_lossy().contains('%') => {
            Ok(args.output.with_file_name(format!(
                "{}.reproduced.{}",
                stem.to_string_lossy(),
                ending.to_string_lossy()
            )))
        }
        _ => Err(Problem::new(
            USAGE,
            format!("{} gives no name for the new output", args.output.display()),
            "name it with -o",
        )),
    }
}

/// Says that `input` is not what the recipe was made from, as far as that is known.
fn warn_of_another_source(recipe: &Recipe, input: &Path, console: &Console) -> Result<(), Problem> {
    let Some(known) = &recipe.input else {
        return Ok(());
    };
    let found = File::open(input).and_then(|file| InputHash::of(&file));
    let found = found.map_err(|error| {
        Problem::new(
            NO_INPUT,
            format!("cannot read {}: {error}", input.display()),
            "check the path that --input names",
        )
    })?;
    if found != *known {
        console.warning(&format!(
            "{} is not the source of the recipe: it has other bytes ({} of them, that had {})",
            input.display(),
            found.size,
            known.size
        ));
    }
    Ok(())
}

/// The request of the recipe, with paths of this machine.
fn request(
    args: &Reproduce,
    recipe: &Recipe,
    input: &Path,
) -> Result<(RenderRequest, Vec<String>), Problem> {
    let style_path = (!args.style_path.is_empty()).then(|| args.style_path.clone());
    let styles = RenderRequest {
        style: Some(recipe.style.clone()),
        style_path: style_path.clone(),
        ..RenderRequest::default()
    };
    let library = styles.library()?;
    let folder = |path: &Path| path.parent().unwrap_or(Path::new("")).to_owned();
    let mut folders = args.files.clone();
    folders.extend([folder(input), folder(&args.output), PathBuf::from(".")]);
    let folders: Vec<&Path> = folders
        .iter()
        .map(|folder| match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        })
        .collect();
    let (request, notes) = recipe.request(&library, &folders)?;
    Ok((
        RenderRequest {
            style_path,
            existing: args.overwrite.then_some(Existing::Replace),
            device: args.device.clone().or(request.device.clone()),
            ..request
        },
        notes,
    ))
}

/// What became of the new output, for people.
fn words(alike: &Likeness, was: &Path, is: &Path, why: &[String]) -> String {
    let (was, is) = (was.display(), is.display());
    let mut text = match alike {
        Likeness::Bytes => return format!("{is} has the same bytes as {was}\n"),
        Likeness::Packets => {
            return format!(
                "{is}: all packets and their times are those of {was}. The bytes around them differ: some containers draw an identity by \
                 chance, and tags may differ\n"
            );
        }
        Likeness::Pictures => format!(
            "{is}: all pictures and their times are those of {was}, sample by sample; how they are coded differs, or another stream\n"
        ),
        Likeness::Some {
            pictures,
            differ,
            first,
        } => format!(
            "{is}: {differ} of {pictures} pictures are not those of {was}, the first at {first:.3} s\n"
        ),
        Likeness::Count(old, new) => format!("{is} has {new} pictures, {was} has {old}\n"),
    };
    for reason in why {
        text.push_str(&format!("  {reason}\n"));
    }
    if why.is_empty() {
        text.push_str("  program, libraries, device, values and source are those of the recipe: no reason is known\n");
    }
    text
}
