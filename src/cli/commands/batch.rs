//! The inputs of one command, each a job: in their order, or several at a time.

use std::path::{Path, PathBuf, absolute};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::args::{Given, Render};
use super::super::console::Console;
use super::super::inputs::Input;
use super::super::problem::{BAD_INPUT, Problem, USAGE};
use super::super::signals::Signals;
use super::super::summary::Outcome;
use super::print;
use crate::graph::style::Library;
use crate::media::same_file;
use crate::render::{Job, OutputLocation, Report, Settings, available};

/// The jobs of a command.
pub struct Batch<'a> {
    pub args: &'a Render,
    pub given: &'a Given,
    pub library: Library,
    pub settings: Settings,
    pub target: OutputLocation,
    pub inputs: Vec<Input>,
    /// Those of `inputs`.
    pub paths: Vec<PathBuf>,
    pub queue: Mutex<Queue>,
    /// Held by the job that runs on a graphics processor: there is one at a time.
    pub gpu: Mutex<()>,
    pub console: &'a Console,
    pub signals: &'a Signals,
}

/// What is to be done, and what is taken.
#[derive(Default)]
pub struct Queue {
    /// Index of the next input.
    next: usize,
    /// Outputs of the jobs so far.
    written: Vec<PathBuf>,
}

/// What became of an input, and the report of its job.
type ItemOutcome = (Outcome, Option<Report>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Batch<'_> {
    /// Renders the inputs, so many `at_a_time`; one that fails does not stop the rest. In the order of the inputs.
    pub fn run(&self, at_a_time: usize) -> Vec<ItemOutcome> {
        let done: Vec<Mutex<Option<ItemOutcome>>> =
            self.inputs.iter().map(|_| Mutex::default()).collect();
        let work = || {
            while let Some((index, job)) = self.next() {
                *lock(&done[index]) = Some(self.one(&self.inputs[index], job));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..at_a_time {
                // Where no more threads can be had, there are fewer.
                let _ = std::thread::Builder::new()
                    .name("job".to_owned())
                    .spawn_scoped(scope, work);
            }
            work();
        });
        let taken = |done: Mutex<Option<ItemOutcome>>| {
            let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
            done.unwrap_or((Outcome::NotBegun, None))
        };
        done.into_iter().map(taken).collect()
    }

    /// The next input that is to be rendered, and its job: prepared one after the other, so that it does not depend on how
    /// many run at a time which of two that would write the same output does. None once an end was asked for.
    fn next(&self) -> Option<(usize, Result<Option<Job>, Problem>)> {
        let mut queue = lock(&self.queue);
        if self.signals.problem().is_some() {
            return None;
        }
        let index = queue.next;
        let input = self.inputs.get(index)?;
        queue.next += 1;
        Some((index, self.prepare(input, &mut queue.written)))
    }

    /// Decides all that can be decided before rendering; none where nothing is to be rendered.
    fn prepare(&self, input: &Input, written: &mut Vec<PathBuf>) -> Result<Option<Job>, Problem> {
        let target = target_of(input, &self.target);
        let input = &input.path;
        self.check_names(input, &target, written)?;
        let mut settings = self.settings.clone();
        settings.job.request = super::resume::request(self.args, self.given, input, &target);
        let job = Job::prepare(&self.library, &settings, input, &target)?;
        for output in job.outputs() {
            self.check_output(input, output, written)?;
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
        written.extend(job.outputs().map(Path::to_owned));
        let renders = job.outputs().next().is_some();
        Ok(renders.then_some(job))
    }

    /// Renders an input, and says what went wrong.
    fn one(&self, input: &Input, job: Result<Option<Job>, Problem>) -> ItemOutcome {
        let on_gpu = matches!(&job, Ok(Some(job)) if job.on_gpu());
        let _one_at_a_time = on_gpu.then(|| lock(&self.gpu));
        if matches!(job, Ok(Some(_))) && self.signals.problem().is_some() {
            return (Outcome::NotBegun, None);
        }
        let report = job.and_then(|job| job.map(|job| self.render(job)).transpose());
        self.console.ended(&input.path);
        match report {
            Ok(Some(report)) => {
                let this = Outcome::Rendered(report.frames_out, report.seconds.total);
                (this, Some(report))
            }
            Ok(None) => (Outcome::Skipped, None),
            // Not everything in a folder is a video.
            Err(problem) if input.found && problem.code == BAD_INPUT => {
                self.console.warning(&format!("skipped: {}", problem.what));
                (Outcome::Skipped, None)
            }
            Err(problem) => {
                self.console.problem(&problem);
                (Outcome::Failed(problem), None)
            }
        }
    }

    fn render(&self, job: Job) -> Result<Report, Problem> {
        let report = job.run(
            &mut |event| self.console.event(&event),
            &self.signals.cancel(),
        );
        report.map_err(|error| self.signals.told(error))
    }

    /// No output of a batch may be that of an earlier input: neither replaced nor taken for one that was there before.
    fn check_names(
        &self,
        input: &Path,
        target: &OutputLocation,
        written: &[PathBuf],
    ) -> Result<(), Problem> {
        let names: Vec<String> = self
            .settings
            .styles
            .iter()
            .map(|look| look.name())
            .collect();
        let known = |path: &PathBuf| written.iter().any(|known| is_same_output(known, path));
        match target.paths(input, &names)?.into_iter().find(known) {
            Some(output) => Err(same_output(&output, input)),
            None => Ok(()),
        }
    }

    /// No output of a batch may replace another, nor another job's input.
    fn check_output(
        &self,
        input: &Path,
        output: &Path,
        written: &[PathBuf],
    ) -> Result<(), Problem> {
        if written.iter().any(|known| is_same_output(known, output)) {
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
        if self.paths.iter().any(|other| same_file(other, output)) {
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

/// Whether two outputs are one, which need not be there yet.
fn is_same_output(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let path = absolute(path).unwrap_or_else(|_| path.into());
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        match (folder, path.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => path,
        }
    };
    a == b || place(a) == place(b) || same_file(a, b)
}

/// Where the outputs of `input` go.
fn target_of(input: &Input, target: &OutputLocation) -> OutputLocation {
    OutputLocation {
        below: input.below.clone(),
        ..target.clone()
    }
}

/// What an earlier run of this command has written into a folder of inputs is no input.
pub fn without_outputs(
    mut inputs: Vec<Input>,
    settings: &Settings,
    target: &OutputLocation,
) -> Vec<Input> {
    let names: Vec<String> = settings.styles.iter().map(|look| look.name()).collect();
    let outputs: Vec<PathBuf> = inputs
        .iter()
        .filter_map(|input| target_of(input, target).paths(&input.path, &names).ok())
        .flatten()
        .collect();
    inputs.retain(|input| {
        !input.found || !outputs.iter().any(|output| same_file(output, &input.path))
    });
    inputs
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
