//! `aquatint measure`: numbers of the frames of a video, and how alike it is to another.

mod csv;
mod out;
mod table;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::args;
use super::super::console::Console;
use super::super::problem::Problem;
use super::super::signals::Signals;
use crate::measure::scores::{Align, Scores, page};
use crate::media::Reading;
use crate::render::RenderError;
use crate::render::request::{FrameRate, part};
pub use out::Out;

pub fn run(args: &args::Measure, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let rate = args.rate.input_fps.map(FrameRate::get);
    let reference = args.reference.as_ref().or(args.reference_flag.as_ref());
    let scores = Scores {
        input: args.input.clone(),
        reference: reference.cloned(),
        part: part(args.part.start, args.part.duration, args.part.to)?,
        reading: args.stream.reading(rate),
        reference_reading: Reading {
            video: args.reference_video.map(|index| index as usize),
            ..args.stream.reading(rate)
        },
        align: args.align.map(|align| match align {
            args::AlignBy::Time => Align::Time,
            args::AlignBy::Order => Align::Order,
        }),
        metrics: args.metrics.clone(),
        lpips_model: args.lpips_model.clone(),
        every: args.metrics_every,
        keeps_worst: args.html.is_some(),
    };
    check_flags(args, reference.is_some())?;
    let inputs: Vec<&Path> = [Some(&args.input), reference]
        .into_iter()
        .flatten()
        .map(|path| path.as_path())
        .collect();
    let overwrite = args.overwrite;
    let mut out = Out::of(args.output.as_deref(), &inputs, overwrite)?;
    let csv = file(&args.csv, &inputs, overwrite)?;
    let html = file(&args.html, &inputs, overwrite)?;
    let mut failure = None;
    let measured = scores.run(
        &mut |numbers| {
            if !args.json {
                return Ok(());
            }
            let written = out.json(numbers);
            written.map_err(|error| {
                failure = Some(error);
                RenderError::Cancelled
            })
        },
        &mut |event| console.event(&event),
        &signals.cancel(),
    );
    console.ended(&args.input);
    let scored = match (measured, failure) {
        (_, Some(error)) => return out.failed(&error),
        (Ok(scored), None) => scored,
        (Err(error), None) => return Err(signals.problem_of(&error)),
    };
    for words in table::remarks(&scored.summary) {
        console.warning(&words);
    }
    if let Some(file) = csv {
        file.all(csv::csv(&scored.frames))?;
    }
    if let Some(file) = html {
        file.all(&page(&scored)?)?;
    }
    let written = if args.json {
        out.json(&json!({ "summary": scored.summary }))
    } else {
        out.text(&table::table(&scored.summary))
    };
    match written {
        Ok(()) => out.finish().map(|()| 0),
        Err(error) => out.failed(&error),
    }
}

/// The file at `path`, if one is asked for.
fn file<'a>(
    path: &'a Option<PathBuf>,
    inputs: &[&Path],
    overwrite: bool,
) -> Result<Option<Out<'a>>, Problem> {
    let path = path.as_deref();
    path.map(|path| Out::file(path, inputs, overwrite))
        .transpose()
}

/// Refuses flags that say something of a reference, where there is none.
fn check_flags(args: &args::Measure, has_reference: bool) -> Result<(), RenderError> {
    let named = [
        ("--start", args.part.start.is_some()),
        ("--duration", args.part.duration.is_some()),
        ("--to", args.part.to.is_some()),
        ("--align", args.align.is_some()),
        ("--reference-video", args.reference_video.is_some()),
    ];
    match named.iter().find(|(_, given)| *given && !has_reference) {
        Some((flag, _)) => Err(RenderError::usage(
            format!("{flag} says something of a reference, and none is named"),
            "name the video that the output is compared with: aquatint measure OUTPUT REFERENCE",
        )),
        None => Ok(()),
    }
}
