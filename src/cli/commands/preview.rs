//! `aquatint preview`: a short clip or one frame of a render.

use std::path::{Path, PathBuf};

use super::super::args;
use super::super::console::Console;
use super::super::problem::{Problem, USAGE};
use super::super::signals::Signals;
use crate::render::request::{SettingValue, Time};
use crate::render::{
    Existing, OutputLocation, OutputStyle, Preview, RenderRequest, Settings, is_picture,
};

/// Length of a clip.
const LENGTH: &str = "5";

pub fn run(args: &args::Preview, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    if args.watch {
        return super::watch::run(args, console, signals);
    }
    // The part that is shown is no setting of a request, so none makes the same again.
    let request = RenderRequest {
        recipe: Some(false),
        ..args.look.request()
    };
    let library = request.library()?;
    let mut settings = request.settings(&library)?;
    if args.overwrite {
        settings.existing = Existing::Replace;
    }
    let path = match &args.output {
        Some(path) => path.clone(),
        None => beside(&args.input, &settings)?,
    };
    if is_picture(&path) && args.duration.is_some() {
        return Err(Problem::new(
            USAGE,
            format!("{} is one picture, which has no --duration", path.display()),
            "leave --duration out, or name a clip with -o",
        ));
    }
    let preview = Preview {
        moment: args.moment.moment(),
        duration: args.duration.or(Time::parse(LENGTH)).unwrap_or_default(),
        exact: args.exact,
    };
    let cancel = signals.cancel();
    let render = || {
        let job = preview.prepare(&library, &settings, &args.input, &path, &cancel)?;
        job.run(&mut |event| console.event(&event), &cancel)
    };
    match render() {
        Ok(_) => Ok(0),
        Err(error) => Err(signals.problem_of(&error)),
    }
}

/// The clip beside the input: `clip.pencil.preview.mp4`.
fn beside(input: &Path, settings: &Settings) -> Result<PathBuf, Problem> {
    let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
    let paths = OutputLocation::default().paths(input, &names, settings.output.codec.as_deref())?;
    let path = paths.into_iter().next().unwrap_or_default();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    Ok(path.with_file_name(format!("{stem}.preview.{ending}")))
}
