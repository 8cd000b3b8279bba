//! The report and the events of a running job.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::super::error::{RenderError, Result};
use super::super::event::Event;
use super::super::models;
use super::super::output_meter::FrameNumbers;
use super::super::parallel::Parallelism;
use super::super::pipeline::{Encoded, Outcome, Times};
use super::super::report::{FileReport, Report, Seconds};
use super::super::run::unless_it_panics;
use super::super::style_measures::Tallies;
use super::super::watchdog::OutputAnomalies;
use super::{Job, Output};
use crate::graph::plan::MeasurePort;
use crate::graph::style::ModelFinder;
use crate::graph::{Device, StepTime};
use crate::hardware::WatchedGpu;
use crate::media::{self, Check, Damage, Expected, Verdict};
use crate::metrics::{Metric, Needs};
use crate::neural::Said;

/// What a job goes on with when its hardware decoder fails.
pub(in super::super) const BY_PROCESSOR: &str = "the decoder of the processor";

/// A running job: its report so far, and the listener to its events.
pub(in super::super) struct JobReporter<'t> {
    pub report: Report,
    started: Instant,
    /// The card that renders, where it is watched.
    gpu: Option<WatchedGpu>,
    /// The models that it runs.
    models: Option<Arc<dyn ModelFinder>>,
    tell: &'t mut dyn FnMut(Event),
}

impl<'t> JobReporter<'t> {
    /// Of `job`, on `device`.
    pub fn begin(job: &Job, device: Option<Device>, tell: &'t mut dyn FnMut(Event)) -> Self {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let mut reporter = Self {
            report: Report {
                version: env!("CARGO_PKG_VERSION"),
                seed: job.settings.seed,
                device,
                frames_in: 0,
                frames_out: 0,
                damaged_frames: 0,
                damage: Damage::default(),
                outputs: Vec::new(),
                skipped: job.skipped.iter().map(path).collect(),
                chunks: None,
                executors: job.executor_check.clone(),
                anomalies: OutputAnomalies::default(),
                seconds: Seconds::default(),
                gpu: None,
                degradations: job.degradations.clone(),
                retries: Vec::new(),
                fallbacks: job.fallbacks.clone(),
                choices: job.choices.clone(),
                engines: Vec::new(),
                conversions: job.conversions.clone(),
                assumptions: job.assumptions.clone(),
                warnings: Vec::new(),
                settings: job.settings.clone(),
                tracks: job.settings.tracks(),
                input: job.input.info.clone(),
            },
            started: Instant::now(),
            gpu: job.gpu(),
            models: job.library.models().cloned(),
            tell,
        };
        info!(
            target: "console",
            "rendering {} on {}",
            reporter.report.input.path.display(),
            reporter.report.device.as_ref().map_or("nothing", |device| &device.name)
        );
        reporter.tell(Event::Start {
            input: reporter.report.input.path.clone(),
            outputs: job.outputs().map(Path::to_owned).collect(),
            device: reporter.report.device.clone(),
            frames: frames_to_come(job),
        });
        for output in &job.outputs {
            if let Some(message) = output.plan.chosen.clone() {
                info!(target: "console", "{}: {message}", output.plan.path.display());
                reporter.tell(Event::Encoder {
                    output: output.plan.path.clone(),
                    encoder: output.plan.video.encoder.clone(),
                    message,
                    input: reporter.report.input.path.clone(),
                });
            }
        }
        if let Some(check) = job.executor_check.clone() {
            reporter.tell(Event::Executors {
                check,
                input: reporter.report.input.path.clone(),
            });
        }
        for message in job.choices.iter().cloned() {
            info!(target: "console", "{message}");
            let input = reporter.report.input.path.clone();
            reporter.tell(Event::Choice { message, input });
        }
        for said in &job.engine_words {
            reporter.engine(said.clone());
        }
        for words in job.degradations.iter().chain(&job.warnings) {
            reporter.say(words.clone());
        }
        reporter
    }

    pub fn tell(&mut self, event: Event) {
        let goes_on = matches!(event, Event::Progress { .. } | Event::Verify { .. });
        (self.tell)(event);
        if goes_on {
            for said in models::words(self.models.as_ref()) {
                self.engine(said);
            }
        }
    }

    /// Says what runs a model, or what happened to it.
    fn engine(&mut self, said: Said) {
        match said {
            Said::Info(message) => {
                if self.report.engines.contains(&message) {
                    return;
                }
                info!(target: "console", "{message}");
                self.report.engines.push(message.clone());
                let input = self.report.input.path.clone();
                self.tell(Event::Engine { message, input });
            }
            Said::Warning(message) => {
                if !self.report.fallbacks.contains(&message) {
                    self.report.fallbacks.push(message.clone());
                }
                self.say(message);
            }
        }
    }

    /// The graph is ready to run.
    pub fn compiled(&mut self, steps: usize, spent: Duration) {
        self.report.seconds.compile += spent.as_secs_f64();
        self.tell(Event::Compile {
            steps,
            seconds: spent.as_secs_f64(),
            input: self.report.input.path.clone(),
        });
    }

    /// Says that `what` is rendered again after `error`, and on which device where that is another; notes it.
    pub fn again(&mut self, what: &str, error: &RenderError, device: Option<String>) {
        let mut words = format!("{what} is tried again: {}", error.summary());
        if let Some(device) = device {
            words.push_str(&format!("; now on {device}"));
            self.report.fallbacks.push(words.clone());
        }
        self.report.retries.push(words.clone());
        self.say(words);
    }

    /// Says what a person should know, once, and notes it.
    pub fn say(&mut self, message: String) {
        if self.report.warnings.contains(&message) {
            return;
        }
        warn!(target: "console", "{message}");
        self.report.warnings.push(message.clone());
        let input = self.report.input.path.clone();
        self.tell(Event::Warning { message, input });
    }

    /// Says that chunks go one after the other, and why, where it was asked for several at a time.
    pub fn one_by_one(&mut self, why: &str) {
        if let Parallelism::Count(workers) = self.report.settings.job.workers
            && workers.get() > 1
        {
            let words = format!("one worker, not {workers}: {why}");
            self.report.fallbacks.push(words.clone());
            self.say(words);
        }
    }

    /// Adds where a part of the job spent its time, and what was noticed in it.
    pub fn spent(&mut self, outcome: &Outcome) {
        self.report.anomalies.add(&outcome.handed_out.anomalies);
        let seconds = &mut self.report.seconds;
        seconds.decode += outcome.decoded.seconds.as_secs_f64();
        seconds.compute += outcome.computed.seconds.as_secs_f64();
        seconds.encode += outcome
            .encoded
            .iter()
            .map(|encoded| encoded.seconds.as_secs_f64())
            .sum::<f64>();
        for timing in &outcome.computed.step_times {
            let known = |known: &&mut StepTime| known.step == timing.step;
            match seconds.steps.iter_mut().find(known) {
                Some(known) => known.seconds += timing.seconds,
                None => seconds.steps.push(timing.clone()),
            }
        }
    }

    /// Looks at a finished output again, which still lies at `file`, and notes what is found.
    ///
    /// # Errors
    /// `Unfaithful` when it is not what was rendered.
    pub fn check(
        &mut self,
        output: Output,
        file: &Path,
        decoded: &Times,
        expected: &Times,
        encoded: &Encoded,
    ) -> Result<()> {
        unless_it_panics("check", || {
            self.check_file(output, file, (decoded, expected), encoded)
        })
    }

    fn check_file(
        &mut self,
        output: Output,
        file: &Path,
        (decoded, expected): (&Times, &Times),
        encoded: &Encoded,
    ) -> Result<()> {
        let start = Instant::now();
        self.tell(Event::Verify {
            output: output.plan.path.clone(),
            input: self.report.input.path.clone(),
        });
        let time_base = self.report.input.video().time_base;
        let input = &self.report.input;
        let file = super::check(input, output, file, (decoded, expected), encoded, time_base)?;
        self.report.seconds.verify += start.elapsed().as_secs_f64();
        if !file.fidelity.duration_equal {
            self.say(format!(
                "{} lasts {:.3} s, the source {:.3} s",
                file.path.display(),
                file.fidelity.duration_out,
                file.fidelity.duration_in.unwrap_or_default()
            ));
        }
        for difference in file.fidelity.differences() {
            self.say(format!("{}: {difference}", file.path.display()));
        }
        if file.counts.moved_times > 0 {
            self.say(format!(
                "{}: {} time stamps were moved to where the container can hold them",
                file.path.display(),
                file.counts.moved_times
            ));
        }
        if file.counts.uneven_times > 0 {
            self.say(format!(
                "{}: {} pictures are not as long after the one before as the others: an image sequence cannot say so",
                file.path.display(),
                file.counts.uneven_times
            ));
        }
        self.report.outputs.push(file);
        Ok(())
    }

    /// Notes what the styles of the outputs, which have been checked, measured of all frames.
    pub fn measured(&mut self, measures: &[MeasurePort], tallies: &Tallies) {
        for measure in measures {
            let summary = tallies.summary(measure.port, &measure.name);
            if let Some(output) = self.report.outputs.get_mut(measure.output) {
                output.measures.extend(summary);
            }
        }
    }

    /// Notes the numbers of the outputs, which have been checked; `ports` has the port of each.
    pub fn metrics(&mut self, ports: &[Option<usize>], numbers: &FrameNumbers) {
        let Some(wanted) = self.report.settings.job.metrics.clone() else {
            return;
        };
        if wanted.every.get() > 1
            && let Some(words) = wanted.metrics.clone().take_out_what_needs_all()
        {
            self.say(words);
        }
        let time_base = self.report.input.video().time_base;
        for (index, port) in ports.iter().enumerate() {
            let Some(output) = self.report.outputs.get_mut(index) else {
                continue;
            };
            let unit = output.retimings.last().map_or(time_base, |last| last.to);
            output.metrics = port.and_then(|port| numbers.report(port, unit));
            let path = output.path.clone();
            let name = path.display();
            let told = output.metrics.clone();
            let words = match &output.metrics {
                None => Some(format!(
                    "{name}: its pictures are the source's own, so nothing was measured"
                )),
                Some(found) => {
                    let missing: Vec<&str> = wanted
                        .metrics
                        .that_need(Needs::Reference)
                        .filter(|metric| !found.metrics.contains_key(metric))
                        .map(Metric::name)
                        .collect();
                    (!missing.is_empty()).then(|| {
                        format!(
                            "{name}: {} could not be measured against the source: the pictures have another size, or are too small",
                            missing.join(", ")
                        )
                    })
                }
            };
            if let Some(words) = words {
                self.say(words);
            }
            if let Some(metrics) = told {
                let input = self.report.input.path.clone();
                self.tell(Event::Metrics {
                    metrics,
                    output: path,
                    input,
                });
            }
        }
    }

    /// Compares the outputs, which have their names, with their source, where that was asked for.
    ///
    /// # Errors
    /// `Unchecked`, with the error of reading a file again.
    fn verify(&mut self) -> Result<()> {
        self.compare().map_err(|failure| RenderError::Unchecked {
            failure: Box::new(failure),
            complete: self.outputs().map(Path::to_owned).collect(),
            unchecked: Vec::new(),
        })
    }

    /// The outputs that have been checked.
    fn outputs(&self) -> impl Iterator<Item = &Path> {
        self.report.outputs.iter().map(|file| file.path.as_path())
    }

    fn compare(&mut self) -> Result<()> {
        if !self.report.settings.job.verify {
            return Ok(());
        }
        let start = Instant::now();
        let source = self.report.input.path.clone();
        for index in 0..self.report.outputs.len() {
            let output = self.report.outputs[index].path.clone();
            self.tell(Event::Verify {
                output: output.clone(),
                input: source.clone(),
            });
            let settings = &self.report.settings;
            let expected = Expected {
                options: settings.output.clone(),
                reading: settings.reading(),
                part: settings.part,
                frames: Some(self.report.outputs[index].plan.frame_shape()),
                retimings: self.report.outputs[index].retimings.clone(),
            };
            let pair = media::verify(&source, &output, &expected)?;
            let differs = |check: &&Check| check.verdict == Verdict::Differs;
            for check in pair.checks.iter().filter(differs) {
                self.say(format!("{} differs: {check}", output.display()));
            }
            self.report.outputs[index].verified = Some(pair);
        }
        self.report.seconds.verify += start.elapsed().as_secs_f64();
        Ok(())
    }

    /// The outputs have their names: the job is done.
    ///
    /// # Errors
    /// Those of verifying the outputs, where that was asked for.
    pub fn end(mut self, decoded: &Times, damage: media::Damage) -> Result<Report> {
        self.verify()?;
        let report = &mut self.report;
        report.frames_in = decoded.count;
        let frames = |file: &FileReport| file.fidelity.encoded.count;
        report.frames_out = report.outputs.iter().map(frames).min().unwrap_or(0);
        report.damaged_frames = damage.damaged_frames;
        if report.anomalies.is_grave() {
            let found = report.anomalies.words(report.input.video().time_base);
            self.say(format!(
                "{found}: if that is not the style, render again, or with --device cpu"
            ));
        }
        for words in damage.words() {
            self.say(words);
        }
        if let Some(gpu) = self.gpu.take() {
            gpu.take_words()
                .into_iter()
                .for_each(|words| self.say(words));
            self.report.gpu = Some(gpu.summary());
        }
        self.report.damage = damage;
        self.report.seconds.total = self.started.elapsed().as_secs_f64();
        let report = &self.report;
        info!(
            target: "console",
            "rendered {} frames in {:.1} s",
            report.frames_out,
            report.seconds.total
        );
        let done = Event::Done {
            input: report.input.path.clone(),
            outputs: self.outputs().map(Path::to_owned).collect(),
            frames: report.frames_out,
            seconds: report.seconds.total,
            device: report.device.clone(),
        };
        self.tell(done);
        Ok(self.report)
    }
}

/// Frames that the outputs will have, where that is known: of the output with the most.
fn frames_to_come(job: &Job) -> Option<u64> {
    let info = &job.input.info;
    let frames = info.video().frames?;
    let each = job
        .outputs
        .iter()
        .map(|output| output.plan.frames_each(info));
    Some((frames as f64 * each.fold(0.0, f64::max)).round() as u64)
}
