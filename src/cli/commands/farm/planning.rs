//! `aquatint plan`.

use std::path::PathBuf;

use super::super::super::args::Plan;
use super::super::super::console::Console;
use super::super::super::inputs::inputs;
use super::super::super::problem::{Problem, USAGE};
use super::super::super::signals::Signals;
use super::super::{print, print_json};
use crate::measure::auto;
use crate::render::{OutputLocation, PathMap, plan_tasks};

/// Plans a job, and prints how many tasks it has.
pub fn plan(args: &Plan, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let render = &args.render;
    refuse_what_has_no_meaning(args)?;
    let request = render.request();
    let library = auto::without_choices(&request).library()?;
    auto::check(&request, &library)?;
    let files = inputs(render)?.files;
    let [input] = &files[..] else {
        return Err(Problem::new(
            USAGE,
            format!("{} inputs were named, and a job has one", files.len()),
            "make a plan for each, with a --job of its own",
        ));
    };
    let output = OutputLocation {
        out: render.output.clone(),
        shared: false,
        below: PathBuf::new(),
    };
    let maps = args.map.iter().map(|map| map_of(map));
    let maps: Vec<PathMap> = maps.collect::<Result<_, _>>()?;
    let mut tell = |event| console.event(&event);
    let cancel = signals.cancel();
    let item = auto::queue_item(
        (&request, &library),
        (&input.path, &output),
        request.report.is_some(),
        &mut tell,
        &cancel,
    );
    let item = item.map_err(|error| signals.problem_of(&error))?;
    let planned = plan_tasks(&library, &item, &args.job, &maps, &mut tell, &cancel);
    console.ended(&input.path);
    let planned = planned.map_err(|error| signals.problem_of(&error))?;
    for note in &planned.notes {
        console.warning(note);
    }
    match args.json {
        true => print_json(&planned)?,
        false => print(&format!("{}\n", planned.tasks.len()))?,
    }
    Ok(0)
}

/// Refuses flags of rendering that mean nothing for a job that several processes render.
fn refuse_what_has_no_meaning(args: &Plan) -> Result<(), Problem> {
    let render = &args.render;
    let flags = [
        (
            render.dry_run,
            "--dry-run",
            "leave it out: a plan renders nothing",
        ),
        (
            render.jobs.is_some(),
            "--jobs",
            "leave it out: `aquatint submit --parallel N` runs several tasks at a time",
        ),
        (
            render.long.workers.is_some(),
            "--workers",
            "leave it out: `aquatint submit --parallel N` runs several tasks at a time",
        ),
        (
            render.long.work_dir.is_some(),
            "--work-dir",
            "leave it out: --job names the folder",
        ),
        (
            render.long.no_resume,
            "--no-resume",
            "leave it out, or remove the folder of the job first",
        ),
        (
            render.long.on_low_disk.is_some(),
            "--on-low-disk",
            "leave it out: a task ends where there is no room, and is to be tried again",
        ),
    ];
    match flags.into_iter().find(|(given, ..)| *given) {
        Some((_, flag, advice)) => Err(Problem::new(
            USAGE,
            format!("{flag} means nothing for a plan"),
            advice,
        )),
        None => Ok(()),
    }
}

fn map_of(text: &str) -> Result<PathMap, Problem> {
    let wrong = || {
        Problem::new(
            USAGE,
            format!("--map {text} is no pair of folders"),
            "write two whole paths: --map /Users/me/films=/mnt/films",
        )
    };
    let (from, to) = text.split_once('=').ok_or_else(wrong)?;
    let map = PathMap {
        from: from.into(),
        to: to.into(),
    };
    // A whole path of another system may look different.
    match map.from.is_absolute() && !to.is_empty() {
        true => Ok(map),
        false => Err(wrong()),
    }
}
