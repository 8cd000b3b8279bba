//! `aquatint render`: one job for each input.

use std::path::{Path, PathBuf};

use super::super::args::Render;
use super::super::console::Console;
use super::super::inputs::{Input, inputs};
use super::super::problem::{DIFFERS, Problem, USAGE};
use super::super::short_form::command_meant;
use super::super::signals::Signals;
use super::super::summary::{self, Outcome};
use super::batch::Batch;
use crate::graph::style::Library;
use crate::measure::auto;
use crate::media::{extensions, same_file};
use crate::render::{
    Existing, OutputLocation, Parallelism, Queue, QueueItem, RenderRequest, Settings, StoredJob,
    planned_outputs, write_report,
};

/// Renders every input; one that fails does not stop the others.
pub fn run(args: &Render, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    if let Some(input) = args.inputs.first()
        && let Some(command) = command_meant(input)
    {
        return Err(Problem::new(
            USAGE,
            format!("there is no command and no file called {}", input.display()),
            format!("did you mean `aquatint {command}`?"),
        ));
    }
    let request = args.request();
    let plain = auto::without_choices(&request);
    let library = plain.library()?;
    auto::check(&request, &library)?;
    let settings = plain.settings(&library)?;
    let inputs = inputs(args)?;
    if !inputs.not_searched.is_empty() {
        let folders: Vec<_> = inputs
            .not_searched
            .iter()
            .map(|folder| folder.to_string_lossy())
            .collect();
        console.warning(&format!(
            "subfolders are not searched without --recursive: {}",
            folders.join(", ")
        ));
    }
    let inputs = inputs.files;
    let render = Inputs {
        shared: inputs.len() > 1 || inputs.iter().any(|input| input.found),
        inputs,
        output: args.output.clone(),
        request,
        settings,
        dry_run: args.dry_run,
        jobs: args.jobs.unwrap_or_default(),
    };
    render.run(&library, console, signals)
}

/// Inputs that are rendered by one request.
struct Inputs {
    inputs: Vec<Input>,
    /// Whether they share what is one for a single input: the report, and the folder of the outputs.
    shared: bool,
    output: Option<PathBuf>,
    request: RenderRequest,
    /// Those of the request.
    settings: Settings,
    dry_run: bool,
    jobs: Parallelism,
}

impl Inputs {
    fn run(self, library: &Library, console: &Console, signals: &Signals) -> Result<u8, Problem> {
        let mut request = self.request;
        let settings = self.settings;
        let report = request.report.clone();
        if self.shared {
            // The report of several jobs is written after all of them.
            request.report = None;
        }
        let overwrite = settings.existing == Existing::Replace;
        let item = |input: &Input| -> Result<QueueItem, Problem> {
            let output = OutputLocation {
                out: self.output.clone(),
                shared: self.shared,
                below: input.below.clone(),
            };
            let item = auto::queue_item(
                (&request, library),
                (&input.path, &output),
                report.is_some(),
                &mut |event| console.event(&event),
                &signals.cancel(),
            );
            if auto::is_open(&request) {
                console.ended(&input.path);
            }
            item.map_err(|error| signals.problem_of(&error))
        };
        if let Some(output) = self.output.as_deref().filter(|_| self.shared) {
            check_folder(output)?;
        }
        let all: Vec<QueueItem> = self.inputs.iter().map(item).collect::<Result<_, _>>()?;
        let outputs = planned_outputs(&all);
        let is_output = |input: &Input| {
            input.found && outputs.iter().any(|output| same_file(output, &input.path))
        };
        let (items, found): (Vec<QueueItem>, Vec<bool>) = all
            .into_iter()
            .zip(&self.inputs)
            .filter(|(_, input)| !is_output(input))
            .map(|(item, input)| (item, input.found))
            .unzip();
        let at_a_time = match self.dry_run {
            true => 1,
            false => self.jobs.jobs(items.len()),
        };
        let queue = Queue::new(library, &items, report.as_deref(), at_a_time);
        queue.check_report(overwrite)?;
        let batch = Batch {
            inputs: items
                .iter()
                .zip(found)
                .map(|(item, found)| (item.input.as_path(), found))
                .collect(),
            console,
            signals,
        };
        let (outcomes, reports) = match self.dry_run {
            true => (batch.describe(&queue), Vec::new()),
            false => batch.render(&queue),
        };
        let code = exit_code(&outcomes, console, signals);
        if self.shared && !self.dry_run {
            let inputs = items.iter().map(|item| item.input.clone());
            summary::show(console, &inputs.zip(outcomes).collect::<Vec<_>>());
        }
        if let (Some(path), true, false) = (&report, self.shared, reports.is_empty()) {
            write_report(path, &reports)?;
        }
        Ok(code)
    }
}

/// That `output`, which holds the outputs of several inputs, is not named like a file.
fn check_folder(output: &Path) -> Result<(), Problem> {
    let extension = output.extension().unwrap_or_default().to_string_lossy();
    let known = extensions(true).chain(extensions(false));
    match output.is_dir()
        || !known
            .into_iter()
            .any(|known| known.eq_ignore_ascii_case(&extension))
    {
        true => Ok(()),
        false => Err(Problem::new(
            USAGE,
            format!(
                "{} is the name of one file, but there are several inputs",
                output.display()
            ),
            "name a folder with -o, or render them one by one",
        )),
    }
}

/// Renders one job again, as it was stored.
pub fn resume(job: StoredJob, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let stored = job.to_json();
    let StoredJob {
        input,
        output,
        request,
        measures,
        asked: _,
    } = job;
    let library = request.library()?;
    let mut settings = request.settings(&library)?;
    settings.job.request = stored;
    settings.job.measures = measures;
    let items = [QueueItem {
        input,
        output,
        settings,
    }];
    let report = request.report.as_deref();
    let queue = Queue::new(&library, &items, report, 1);
    queue.check_report(request.existing == Some(Existing::Replace))?;
    let batch = Batch {
        inputs: vec![(&items[0].input, false)],
        console,
        signals,
    };
    let (outcomes, _) = batch.render(&queue);
    Ok(exit_code(&outcomes, console, signals))
}

/// The exit code of the first input that failed. Says that a signal came, where it came while no input was rendered.
pub fn exit_code(outcomes: &[Outcome], console: &Console, signals: &Signals) -> u8 {
    let signal = signals.problem();
    let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
    let not_begun = |outcome: &Outcome| matches!(outcome, Outcome::NotBegun);
    if let Some(problem) = &signal
        && outcomes.iter().any(not_begun)
        && !outcomes.iter().any(failed)
    {
        console.problem(problem);
    }
    let code = |outcome: &Outcome| match (outcome, &signal) {
        (Outcome::Failed(problem), _) => Some(problem.code),
        (Outcome::Rendered { differs: true, .. }, _) => Some(DIFFERS),
        (Outcome::NotBegun, Some(problem)) => Some(problem.code),
        _ => None,
    };
    outcomes.iter().find_map(code).unwrap_or(0)
}
