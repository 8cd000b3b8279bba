//! `aquatint render`: one job for each input.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::super::args::{Given, Render};
use super::super::console::Console;
use super::super::inputs::inputs;
use super::super::problem::{CANNOT_CREATE, Problem, USAGE};
use super::super::short_form::command_meant;
use super::super::signals::Signals;
use super::super::summary::{self, Outcome};
use super::batch::{Batch, without_outputs};
use super::library;
use crate::graph::style::Library;
use crate::media::{OutputOptions, same_file};
use crate::render::{
    Existing, JobOptions, OutputLocation, Preset, Settings, output_styles, write_report,
};

/// Renders every input; one that fails does not stop the rest.
pub fn run(
    args: &Render,
    given: &Given,
    console: &Console,
    signals: &Signals,
) -> Result<u8, Problem> {
    if let Some(input) = args.inputs.first()
        && let Some(command) = command_meant(input)
    {
        return Err(Problem::new(
            USAGE,
            format!(
                "there is no command, nor a file to render, called {}",
                input.display()
            ),
            format!("did you mean `aquatint {command}`?"),
        ));
    }
    let library = library(&args.look.values.style_path)?;
    let mut settings = settings(args, given, &library)?;
    let inputs = inputs(args)?;
    if !inputs.passed_over.is_empty() {
        let folders: Vec<_> = inputs
            .passed_over
            .iter()
            .map(|folder| folder.to_string_lossy())
            .collect();
        console.warning(&format!(
            "not searched, for want of --recursive: {}",
            folders.join(", ")
        ));
    }
    let inputs = inputs.files;
    let several = inputs.len() > 1 || inputs.iter().any(|input| input.found);
    // A report of several jobs is written after them all.
    settings.job.report = args.report.clone().filter(|_| !several);
    let target = OutputLocation {
        out: args.output.clone(),
        shared: several,
        below: PathBuf::new(),
    };
    let inputs = without_outputs(inputs, &settings, &target);
    let paths: Vec<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
    check_report(args.report.as_deref(), &paths, args.overwrite)?;
    let at_a_time = if args.dry_run {
        1
    } else {
        args.jobs.jobs(inputs.len())
    };
    settings.job.jobs = at_a_time;
    let batch = Batch {
        args,
        given,
        library,
        settings,
        target,
        inputs,
        paths,
        queue: Mutex::default(),
        gpu: Mutex::default(),
        console,
        signals,
    };
    let mut first_failure = None;
    let mut reports = Vec::new();
    let mut became = Vec::new();
    for (input, (this, report)) in batch.inputs.iter().zip(batch.run(at_a_time)) {
        match (&this, &signals.problem()) {
            (Outcome::Failed(problem), _) | (Outcome::NotBegun, Some(problem)) => {
                first_failure.get_or_insert(problem.code);
            }
            _ => {}
        }
        reports.extend(report);
        became.push((input.path.clone(), this));
    }
    if several && !args.dry_run {
        summary::tell(console, &became);
    }
    if let (Some(path), true, false) = (&args.report, several, reports.is_empty()) {
        write_report(path, &reports)?;
    }
    Ok(first_failure.unwrap_or(0))
}

fn settings(args: &Render, given: &Given, library: &Library) -> Result<Settings, Problem> {
    let output = OutputOptions {
        codec: args.codec.clone(),
        crf: args.crf,
        bitrate: args.bitrate.clone(),
        encoder_preset: args.encoder_preset.clone(),
        pix_fmt: args.pix_fmt.clone(),
        encoder_opts: args.encoder_opts.clone(),
        audio: args.audio,
        drop: args.drop.clone(),
        ..OutputOptions::default()
    };
    let preset = args.preset.as_deref().map(Preset::load).transpose()?;
    // An empty preset says nothing.
    let said = preset.clone().unwrap_or_default();
    let list = args.look.styles.join(",");
    let asked = given.has("styles").then_some(list.as_str());
    let (list, values) = said.look(asked, &list, &args.look.values.set);
    Ok(Settings {
        styles: output_styles(library, &list, &values)?,
        seed: args.seed,
        temporal: match &said.temporal {
            Some(name) if !given.has("temporal") => args.temporal.mode_called(name),
            _ => args.temporal.mode(),
        },
        device: match args.device.parse() {
            Ok(wanted) => wanted,
            Err(never) => match never {},
        },
        fps: args.fps,
        part: args.part.range()?,
        output: said.encoding(&output),
        output_elsewhere: preset.is_some().then_some(output),
        preset: preset.map(|preset| preset.name),
        existing: match (args.overwrite, args.skip) {
            (true, _) => Existing::Replace,
            (_, true) => Existing::Skip,
            _ => Existing::Refuse,
        },
        strict: args.strict,
        job: JobOptions {
            chunk: match said.chunk {
                Some(seconds) if !given.has("chunk") => Some(seconds),
                _ => args.long.chunk.0,
            },
            resume: !args.long.no_resume,
            work_dir: args.long.work_dir.clone(),
            low_disk: args.long.on_low_disk,
            report: None,
            workers: match said.workers {
                Some(workers) if !given.has("workers") => workers,
                _ => args.long.workers,
            },
            jobs: 1,
            request: None,
        },
    })
}

/// A report goes into a folder that is there, over no input, and over no file that is no report unless told to.
fn check_report(report: Option<&Path>, inputs: &[PathBuf], overwrite: bool) -> Result<(), Problem> {
    let Some(report) = report else {
        return Ok(());
    };
    if inputs.iter().any(|input| same_file(input, report)) {
        return Err(Problem::new(
            USAGE,
            format!("the report is an input: {}", report.display()),
            "name another file with --report",
        ));
    }
    if report.is_dir() {
        return Err(Problem::new(
            CANNOT_CREATE,
            format!("cannot create {}: it is a folder", report.display()),
            "name a file with --report",
        ));
    }
    if !overwrite && report.exists() && !is_json(report) {
        return Err(Problem::new(
            USAGE,
            format!(
                "the report would replace a file that is no report: {}",
                report.display()
            ),
            "use -y to replace it, or name another file with --report",
        ));
    }
    let folder = report
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(Problem::new(
            CANNOT_CREATE,
            format!(
                "cannot create {}: the folder {} does not exist",
                report.display(),
                folder.display()
            ),
            "create the folder, or name another file with --report",
        )),
        _ => Ok(()),
    }
}

/// Whether a file begins as a report does.
fn is_json(path: &Path) -> bool {
    let mut first = [0];
    let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut first));
    read.is_ok_and(|length| length == 0 || b"{[".contains(&first[0]))
}
