//! `aquatint render`: one job for each input.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::super::args::{Given, Render};
use super::super::console::Console;
use super::super::inputs::{Input, inputs};
use super::super::problem::{BAD_INPUT, CANNOT_CREATE, Problem, USAGE};
use super::super::short_form::command_meant;
use super::super::signals::Signals;
use super::super::summary::{self, Became};
use super::{library, print};
use crate::graph::style::Library;
use crate::media::{OutputOptions, same_file};
use crate::render::{
    Existing, Job, JobOptions, Preset, Report, Settings, Target, available, looks,
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
    let settings = settings(args, given, &library)?;
    let inputs = inputs(args)?;
    let several = inputs.len() > 1 || inputs.iter().any(|input| input.found);
    let mut batch = Batch {
        args,
        given,
        library,
        settings,
        target: Target {
            out: args.output.clone(),
            shared: several,
        },
        written: Vec::new(),
        console,
        signals,
    };
    let inputs = batch.without_outputs(inputs);
    let paths: Vec<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
    check_report(args.report.as_deref(), &paths, args.overwrite)?;
    let mut first_failure = None;
    let mut reports = Vec::new();
    let mut became = Vec::new();
    for input in inputs {
        let this = if signals.problem().is_some() {
            Became::NotBegun
        } else {
            match batch.job(&input.path, &paths) {
                Ok(Some(report)) => {
                    let this = Became::Rendered(report.frames_out, report.seconds.total);
                    reports.push(report);
                    this
                }
                Ok(None) => Became::Skipped,
                // Not everything in a folder is a video.
                Err(problem) if input.found && problem.code == BAD_INPUT => {
                    console.warning(&format!("skipped: {}", problem.what));
                    Became::Skipped
                }
                Err(problem) => {
                    console.problem(&problem);
                    first_failure.get_or_insert(problem.code);
                    Became::Failed(problem)
                }
            }
        };
        became.push((input.path, this));
    }
    if several && !args.dry_run {
        summary::tell(console, &became);
    }
    write_reports(args.report.as_ref(), &reports, several)?;
    Ok(first_failure.unwrap_or(0))
}

struct Batch<'a> {
    args: &'a Render,
    given: &'a Given,
    library: Library,
    settings: Settings,
    target: Target,
    /// Outputs of the jobs so far.
    written: Vec<PathBuf>,
    console: &'a Console,
    signals: &'a Signals,
}

impl Batch<'_> {
    /// What an earlier run of this command has written into a folder of inputs is no input.
    fn without_outputs(&self, mut inputs: Vec<Input>) -> Vec<Input> {
        let names: Vec<String> = self.settings.looks.iter().map(|look| look.name()).collect();
        let outputs: Vec<PathBuf> = inputs
            .iter()
            .filter_map(|input| self.target.paths(&input.path, &names).ok())
            .flatten()
            .collect();
        inputs.retain(|input| {
            !input.found || !outputs.iter().any(|output| same_file(output, &input.path))
        });
        inputs
    }

    fn job(&mut self, input: &Path, inputs: &[PathBuf]) -> Result<Option<Report>, Problem> {
        self.check_names(input)?;
        self.settings.job.request =
            super::resume::request(self.args, self.given, input, self.target.shared);
        let job = Job::prepare(&self.library, &self.settings, input, &self.target)?;
        for output in job.outputs() {
            self.check_batch(input, output, inputs)?;
        }
        if self.args.dry_run {
            let mut text = job.describe().to_string();
            let folder = job.outputs().next().and_then(Path::parent);
            let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
            if let Some(free) = available(folder.unwrap_or(Path::new("."))) {
                text.push_str(&format!("free     {:.1} MB\n", free as f64 / 1e6));
            }
            print(&text)?;
            return Ok(None);
        }
        for path in job.skipped() {
            self.console
                .warning(&format!("skipped, since it exists: {}", path.display()));
        }
        self.written.extend(job.outputs().map(Path::to_owned));
        if job.outputs().next().is_none() {
            return Ok(None);
        }
        let report = job.run(
            &mut |event| self.console.event(&event),
            &self.signals.cancel(),
        );
        report.map(Some).map_err(|error| self.signals.told(error))
    }

    /// No output of a batch may be that of an earlier input: neither replaced nor taken for one that was there before.
    fn check_names(&self, input: &Path) -> Result<(), Problem> {
        let names: Vec<String> = self.settings.looks.iter().map(|look| look.name()).collect();
        let known = |path: &PathBuf| self.written.iter().any(|known| known == path);
        match self.target.paths(input, &names)?.into_iter().find(known) {
            Some(output) => Err(same_output(&output, input)),
            None => Ok(()),
        }
    }

    /// No output of a batch may replace another, nor another job's input.
    fn check_batch(&self, input: &Path, output: &Path, inputs: &[PathBuf]) -> Result<(), Problem> {
        if self
            .written
            .iter()
            .any(|known| known == output || same_file(known, output))
        {
            return Err(same_output(output, input));
        }
        if let Some(report) = &self.args.report
            && (report == output || same_file(report, output))
        {
            return Err(Problem::new(
                USAGE,
                format!("the report is an output: {}", report.display()),
                "name another file with --report",
            ));
        }
        if inputs.iter().any(|other| same_file(other, output)) {
            return Err(Problem::new(
                USAGE,
                format!(
                    "the output of {} is another input: {}",
                    input.display(),
                    output.display()
                ),
                ONE_BY_ONE,
            ));
        }
        Ok(())
    }
}

const ONE_BY_ONE: &str = "render them one at a time, with an -o of its own each";

fn same_output(output: &Path, input: &Path) -> Problem {
    let (output, input) = (output.display(), input.display());
    Problem::new(
        USAGE,
        format!("two inputs have the same output, {output}: the second is {input}"),
        ONE_BY_ONE,
    )
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
        looks: looks(library, &list, &values)?,
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

fn write_reports(path: Option<&PathBuf>, reports: &[Report], several: bool) -> Result<(), Problem> {
    let Some(path) = path else {
        return Ok(());
    };
    let text = match reports {
        [] => return Ok(()),
        [report] if !several => serde_json::to_string_pretty(report),
        reports => serde_json::to_string_pretty(reports),
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let write = || {
        // Whole or not at all.
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all((text? + "\n").as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error: std::io::Error| Problem::unwritten(path, &error))
}
