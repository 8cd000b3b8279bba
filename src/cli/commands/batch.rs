//! Renders a queue of jobs for the command line: events go to the console, signals stop it.

use std::path::Path;

use super::super::console::Console;
use super::super::problem::Problem;
use super::super::signals::Signals;
use super::super::summary::Outcome;
use super::print;
use crate::render::{Event, Job, JobOutcome, Queue, QueueListener, Report, available};

/// What the command line needs to know of a queue.
pub struct Batch<'a> {
    /// Inputs by index: their path, and whether they were found in a folder.
    pub inputs: Vec<(&'a Path, bool)>,
    pub console: &'a Console,
    pub signals: &'a Signals,
}

impl Batch<'_> {
    /// Renders the queue. Gives the outcome of each input, in their order, and the reports of those that were rendered.
    pub fn render(&self, queue: &Queue<'_>) -> (Vec<Outcome>, Vec<Report>) {
        let mut outcomes = Vec::new();
        let mut reports = Vec::new();
        for (index, outcome) in queue
            .run(self, &self.signals.cancel())
            .into_iter()
            .enumerate()
        {
            outcomes.push(self.outcome(index, &outcome));
            if let JobOutcome::Rendered(report) = outcome {
                reports.push(*report);
            }
        }
        (outcomes, reports)
    }

    /// Prints what rendering the queue would do.
    pub fn describe(&self, queue: &Queue<'_>) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = self.inputs.iter().map(|_| Outcome::NotBegun).collect();
        queue.prepare(&self.signals.cancel(), &mut |index, job| {
            let described = match job {
                Ok(job) => describe(&job).map(|()| Outcome::Skipped),
                Err(error) => Ok(self.outcome(index, &JobOutcome::Failed(error))),
            };
            let outcome = described.unwrap_or_else(Outcome::Failed);
            self.show(index, &outcome);
            outcomes[index] = outcome;
        });
        outcomes
    }

    fn outcome(&self, index: usize, outcome: &JobOutcome) -> Outcome {
        Outcome::of(outcome, self.inputs[index].1, self.signals)
    }

    /// Says what was asked for beside the outputs.
    fn add(&self, report: &Report) {
        for file in &report.outputs {
            if let Some(pair) = file.verified.as_ref().filter(|pair| pair.holds) {
                self.console.remark(&format!(
                    "{}: verified in {} comparisons, nothing differs that need not",
                    file.path.display(),
                    pair.checks.len()
                ));
            }
        }
        let kept = report
            .chunks
            .as_ref()
            .and_then(|chunks| chunks.kept.as_ref());
        if let Some(folder) = kept {
            self.console
                .remark(&format!("the chunks are kept in {}", folder.display()));
        }
    }

    fn show(&self, index: usize, outcome: &Outcome) {
        self.console.ended(self.inputs[index].0);
        match outcome {
            Outcome::NotMedia(why) => self.console.warning(&format!("skipped: {why}")),
            Outcome::Failed(problem) => self.console.problem(problem),
            Outcome::Rendered { .. } | Outcome::Skipped | Outcome::NotBegun => {}
        }
    }
}

impl QueueListener for Batch<'_> {
    fn prepared(&self, job: &Job) {
        for path in job.skipped() {
            self.console
                .warning(&format!("skipped, since it exists: {}", path.display()));
        }
    }

    fn event(&self, event: Event) {
        self.console.event(&event);
    }

    fn ended(&self, index: usize, outcome: &JobOutcome) {
        self.show(index, &self.outcome(index, outcome));
        if let JobOutcome::Rendered(report) = outcome {
            self.add(report);
        }
    }
}

/// Prints what a job would do, and the free space where its outputs go.
fn describe(job: &Job) -> Result<(), Problem> {
    let mut text = job.describe().to_string();
    let folder = job.outputs().next().and_then(Path::parent);
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    if let Some(free) = available(folder.unwrap_or(Path::new("."))) {
        text.push_str(&format!("free     {:.1} MB\n", free as f64 / 1e6));
    }
    print(&text)
}
