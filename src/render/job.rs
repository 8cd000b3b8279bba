//! One input and its outputs, from the first look at the file to the last rename.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::info;

use super::device::Choice;
use super::error::{RenderError, Result};
use super::event::{Cancel, Event};
use super::feed::{Feed, FileFeed};
use super::looks::Look;
use super::naming::{Target, same_file};
use super::partial::Partial;
use super::pipeline::{self, Encoded, Lane, Note, Outcome, Run, Times};
use super::report::{Fidelity, FileReport, Report, Seconds};
use super::settings::{Existing, Settings};
use crate::color::Coding;
use crate::frame::{Picture, PixelFormat, Rational};
use crate::graph::Executor;
use crate::graph::plan::{self, OutputRequest, Plan, PlanOptions};
use crate::graph::style::Library;
use crate::media::{self, Header, OutputPlan, Source, SourceInfo, written};

/// An output of a job.
pub(super) struct Output {
    pub look: Look,
    pub plan: OutputPlan,
    /// Its port in the graph's plan; none where the planes bypass the graph.
    pub port: Option<usize>,
}

/// What a job's pictures and packets come from, and what is known of them.
pub(super) struct Origin {
    pub feed: Box<dyn Feed>,
    pub info: SourceInfo,
    pub header: Arc<Header>,
    /// Whether the graph makes the pictures itself.
    pub generated: bool,
}

/// An input with everything decided, ready to run.
pub struct Job {
    pub(super) origin: Origin,
    pub(super) outputs: Vec<Output>,
    pub(super) plan: Option<(Plan, Choice)>,
    pub(super) folder: Option<PathBuf>,
    pub(super) skipped: Vec<PathBuf>,
    pub(super) settings: Settings,
    pub(super) degradations: Vec<String>,
    pub(super) fallbacks: Vec<String>,
    pub(super) conversions: Vec<String>,
    pub(super) assumptions: Vec<String>,
    pub(super) warnings: Vec<String>,
    library: Library,
    files: Vec<Picture>,
}

impl Job {
    /// Opens `input`, decodes its first picture, and decides what becomes of it. Nothing is written.
    ///
    /// # Errors
    /// Everything that can be known before rendering: a bad input, an output that exists, a missing encoder or device.
    pub fn prepare(
        library: &Library,
        settings: &Settings,
        input: &Path,
        target: &Target,
    ) -> Result<Self> {
        let mut source = Source::open(input)?;
        if let Some(part) = &settings.part {
            source.select(part)?;
        }
        source.test_fields()?;
        let origin = Origin {
            info: source.info().clone(),
            header: source.header(),
            feed: Box::new(FileFeed::new(source, settings.strict)),
            generated: false,
        };
        Self::of(library, settings, origin, target)
    }

    pub(super) fn of(
        library: &Library,
        settings: &Settings,
        origin: Origin,
        target: &Target,
    ) -> Result<Self> {
        let info = &origin.info;
        let names: Vec<String> = settings.looks.iter().map(Look::name).collect();
        let places = target.places(&info.path, info.is_image, &names)?;
        let mut job = Self {
            outputs: Vec::new(),
            plan: None,
            folder: places.folder,
            skipped: Vec::new(),
            settings: settings.clone(),
            degradations: Vec::new(),
            fallbacks: Vec::new(),
            conversions: info.pictures().conversion.iter().cloned().collect(),
            assumptions: Vec::new(),
            warnings: Vec::new(),
            library: library.clone(),
            files: Vec::new(),
            origin,
        };
        for (look, path) in settings.looks.iter().zip(places.paths) {
            if job.may_write(&path)? {
                job.add_output(look, &path)?;
            } else {
                job.skipped.push(path);
            }
        }
        job.make_plan()?;
        Ok(job)
    }

    /// Whether `path` is to be written; refused where that would destroy something.
    fn may_write(&self, path: &Path) -> Result<bool> {
        if same_file(path, &self.origin.info.path) {
            return Err(RenderError::OutputIsInput { path: path.into() });
        }
        if path.is_dir() {
            return Err(RenderError::CannotCreate {
                path: path.into(),
                why: "it is a folder".into(),
            });
        }
        if path.metadata().is_ok_and(|facts| !facts.is_file()) {
            return Err(RenderError::CannotCreate {
                path: path.into(),
                why: "it is no regular file".into(),
            });
        }
        match self.settings.existing {
            // A link that leads nowhere exists, too.
            _ if path.symlink_metadata().is_err() => Ok(true),
            Existing::Replace => Ok(true),
            Existing::Skip => Ok(false),
            Existing::Refuse => Err(RenderError::Exists { path: path.into() }),
        }
    }

    fn add_output(&mut self, look: &Look, path: &Path) -> Result<()> {
        let info = &self.origin.info;
        let plan = OutputPlan::decide(info, path, &self.settings.output)?;
        if matches!(look, Look::Bypass) {
            check_bypass(look, info, &plan)?;
        }
        let several = self.settings.looks.len() > 1;
        let said = |words: &String| {
            if several {
                format!("{}: {words}", look.name())
            } else {
                words.clone()
            }
        };
        self.degradations.extend(plan.losses.iter().map(said));
        self.warnings.extend(plan.warnings.iter().map(said));
        self.outputs.push(Output {
            look: look.clone(),
            plan,
            port: None,
        });
        Ok(())
    }

    /// One plan for all outputs that go through the graph.
    fn make_plan(&mut self) -> Result<()> {
        let mut requests = Vec::new();
        for output in &mut self.outputs {
            if let Look::Chain(chain) = &output.look {
                output.port = Some(requests.len());
                requests.push(OutputRequest {
                    chain: chain.clone(),
                    format: output.plan.video.format,
                    color: output.plan.video.color,
                });
            }
        }
        if requests.is_empty() {
            return Ok(());
        }
        let source = self.graph_source()?;
        let plan = plan::plan(&self.library, &source, &requests, PlanOptions::default())?;
        for file in &plan.files {
            self.files.push(media::read_image(file)?);
        }
        let (choice, warning) = Choice::of(&self.settings.device, &plan)?;
        self.fallbacks.extend(warning.iter().cloned());
        self.warnings.extend(warning);
        self.plan = Some((plan, choice));
        Ok(())
    }

    fn graph_source(&mut self) -> Result<plan::Source> {
        let info = &self.origin.info;
        let pictures = info.pictures();
        let (width, height) = (pictures.width, pictures.height);
        let coded = match pictures.format {
            Some(format) if !self.origin.generated => {
                let coding = Coding::resolve(&pictures.color, &format, width, height);
                self.assumptions.extend(coding.assumed.iter().cloned());
                Some((format, coding))
            }
            _ => None,
        };
        if !self.assumptions.is_empty() {
            info!(
                "{} does not say all of its colour; assumed: {}",
                info.path.display(),
                self.assumptions.join(", ")
            );
        }
        Ok(plan::Source {
            width,
            height,
            coded,
        })
    }

    /// The input.
    pub fn input(&self) -> &Path {
        &self.origin.info.path
    }

    /// The outputs that will be written.
    pub fn outputs(&self) -> impl Iterator<Item = &Path> {
        self.outputs.iter().map(|output| output.plan.path.as_path())
    }

    /// Outputs left alone because they exist.
    pub fn skipped(&self) -> &[PathBuf] {
        &self.skipped
    }

    /// Renders. On any failure nothing is left, neither under the outputs' names nor hidden.
    ///
    /// # Errors
    /// The first failure of any stage, naming the frame where it is about one.
    pub fn run(self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        let folder = match &self.folder {
            Some(folder) if !self.outputs.is_empty() => Some(NewFolder::create(folder)?),
            _ => None,
        };
        let report = self.render(tell, cancel)?;
        if let Some(folder) = folder {
            folder.keep();
        }
        Ok(report)
    }

    fn render(self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        let started = Instant::now();
        let Self {
            origin,
            outputs,
            plan,
            settings,
            library,
            files,
            ..
        } = self;
        let info = origin.info;
        let mut warnings = Warnings {
            input: info.path.clone(),
            said: Vec::new(),
        };
        let mut executor: Option<Box<dyn Executor>> = None;
        let mut compile = Duration::ZERO;
        let mut steps = 0;
        if let Some((plan, choice)) = plan {
            steps = plan.steps.len();
            let start = Instant::now();
            executor = Some(choice.executor(&library, plan, &files)?);
            compile = start.elapsed();
        }
        let device = executor.as_ref().map(|executor| executor.device());
        tell(Event::Start {
            input: info.path.clone(),
            outputs: outputs
                .iter()
                .map(|output| output.plan.path.clone())
                .collect(),
            device: device.clone(),
            frames: info.video().frames,
        });
        for words in self.degradations.iter().chain(&self.warnings) {
            warnings.say(words.clone(), tell);
        }
        if executor.is_some() {
            tell(Event::Compile {
                steps,
                seconds: compile.as_secs_f64(),
            });
        }
        let mut report = Report {
            version: env!("CARGO_PKG_VERSION"),
            seed: settings.seed,
            device,
            frames_in: 0,
            frames_out: 0,
            damaged_frames: 0,
            damage: media::Damage::default(),
            outputs: Vec::new(),
            skipped: self
                .skipped
                .iter()
                .map(|path| path.to_string_lossy().into_owned())
                .collect(),
            seconds: Seconds {
                total: 0.0,
                compile: compile.as_secs_f64(),
                decode: 0.0,
                compute: 0.0,
                steps: Vec::new(),
                encode: 0.0,
                verify: 0.0,
            },
            degradations: self.degradations,
            fallbacks: self.fallbacks,
            conversions: self.conversions,
            assumptions: self.assumptions,
            warnings: Vec::new(),
            settings,
            input: info,
        };
        if outputs.is_empty() {
            return Ok(report);
        }
        let partials: Vec<Partial> = outputs
            .iter()
            .map(|output| Partial::create(&output.plan.path))
            .collect::<Result<_>>()?;
        let time_base = report.input.video().time_base;
        let mut progress = Progress::new(&report.input, &outputs);
        let outcome = pipeline::run(
            Run {
                feed: origin.feed,
                executor,
                header: &origin.header,
                lanes: outputs
                    .iter()
                    .zip(&partials)
                    .map(|(output, partial)| Lane {
                        plan: &output.plan,
                        partial,
                        port: output.port,
                    })
                    .collect(),
                time_base,
                start: report.input.video().start,
                seed: report.seed,
                cancel,
            },
            |note| {
                if let Some(event) = progress.event(&note) {
                    tell(event);
                }
            },
        )?;
        for event in progress.last() {
            tell(event);
        }
        let verifying = Instant::now();
        for ((output, partial), encoded) in outputs.into_iter().zip(&partials).zip(&outcome.encoded)
        {
            let file = check(
                &report.input,
                output,
                partial,
                &outcome.decoded.times,
                encoded,
                time_base,
            )?;
            if !file.fidelity.duration_equal {
                warnings.say(
                    format!(
                        "{} lasts {:.3} s, the source {:.3} s",
                        file.path.display(),
                        file.fidelity.duration_out,
                        file.fidelity.duration_in.unwrap_or_default()
                    ),
                    tell,
                );
            }
            for difference in file.fidelity.differences() {
                warnings.say(format!("{}: {difference}", file.path.display()), tell);
            }
            if file.counts.moved_times > 0 {
                warnings.say(
                    format!(
                        "{}: {} time stamps were moved to where the container can hold them",
                        file.path.display(),
                        file.counts.moved_times
                    ),
                    tell,
                );
            }
            report.outputs.push(file);
        }
        report.seconds.verify = verifying.elapsed().as_secs_f64();
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        for partial in partials {
            partial.commit(report.settings.existing)?;
        }
        fill(&mut report, outcome);
        for words in report.damage.words() {
            warnings.say(words, tell);
        }
        report.warnings = warnings.said;
        report.seconds.total = started.elapsed().as_secs_f64();
        tell(Event::Done {
            input: report.input.path.clone(),
            outputs: report
                .outputs
                .iter()
                .map(|file| file.path.clone())
                .collect(),
            frames: report.frames_out,
            seconds: report.seconds.total,
            device: report.device.clone(),
        });
        Ok(report)
    }
}

/// Warnings as they are said, kept for the report.
struct Warnings {
    input: PathBuf,
    said: Vec<String>,
}

impl Warnings {
    fn say(&mut self, message: String, tell: &mut dyn FnMut(Event)) {
        if self.said.contains(&message) {
            return;
        }
        self.said.push(message.clone());
        tell(Event::Warning {
            message,
            input: self.input.clone(),
        });
    }
}

/// A folder made for the outputs, removed again when they fail.
struct NewFolder(Option<PathBuf>);

impl NewFolder {
    fn create(path: &Path) -> Result<Self> {
        match std::fs::create_dir(path) {
            Ok(()) => Ok(Self(Some(path.into()))),
            // Another job of the batch made it.
            Err(_) if path.is_dir() => Ok(Self(None)),
            Err(error) => Err(RenderError::CannotCreate {
                path: path.into(),
                why: error.to_string(),
            }),
        }
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Only when empty: what somebody else put there stays.
            let _ = std::fs::remove_dir(path);
        }
    }
}

/// Planes can bypass the graph when the encoder takes them as they are, and means the same by them.
fn check_bypass(look: &Look, info: &SourceInfo, plan: &OutputPlan) -> Result<()> {
    let pictures = info.pictures();
    let meaning = |format: &PixelFormat, color| {
        let coding = Coding::resolve(color, format, pictures.width, pictures.height);
        (coding.kr, coding.kb, coding.luma, coding.chroma)
    };
    let source = pictures.format.unwrap_or(plan.video.format);
    let samples = |format: PixelFormat| (format.model, format.depth, format.chroma, format.alpha);
    let why = if samples(source) != samples(plan.video.format) {
        format!(
            "the source has {} ({}), the encoder {} gets {} ({})",
            pictures.pix_fmt, source, plan.video.encoder, plan.video.pix_fmt, plan.video.format
        )
    } else if meaning(&source, &pictures.color) != meaning(&source, &plan.video.color) {
        "the output's colours are coded by another matrix or range".to_owned()
    } else {
        return Ok(());
    };
    Err(RenderError::CannotBypass {
        look: format!("--style {}", look.name()),
        path: info.path.clone(),
        why,
    })
}

/// Looks at a finished output again.
fn check(
    input: &SourceInfo,
    output: Output,
    partial: &Partial,
    decoded: &Times,
    encoded: &Encoded,
    time_base: Rational,
) -> Result<FileReport> {
    let path = output.plan.path.clone();
    let unfaithful = |why: String| RenderError::Unfaithful {
        path: path.clone(),
        why,
    };
    let written = written(partial.temporary())
        .map_err(|error| unfaithful(format!("it cannot be read again ({error})")))?;
    let frames = encoded.times.count;
    if written.frames < frames {
        return Err(unfaithful(format!(
            "it holds {} frames of {frames}",
            written.frames
        )));
    }
    if written.unreadable > 0 {
        return Err(unfaithful(format!(
            "{} places of it cannot be read",
            written.unreadable
        )));
    }
    let duration_in = match (decoded.first, decoded.last) {
        (Some(first), Some(last)) if decoded.last_duration > 0 => {
            Some(time_base.seconds(last.saturating_add(decoded.last_duration) - first))
        }
        _ => None,
    };
    // A frame whose length the container does not keep, or a tick of it.
    let usual = duration_in.map_or(0.0, |seconds| seconds / decoded.count as f64);
    let frame = time_base
        .seconds(decoded.last_duration)
        .max(usual)
        .max(0.02);
    let duration_equal = output.plan.container == "image"
        // Some containers keep no times to measure by.
        || written.duration <= 0.0
        || duration_in.is_none_or(|expected| (expected - written.duration).abs() <= 1.5 * frame);
    let verification = media::verify_tags(input, &output.plan, partial.temporary())
        .map_err(|error| unfaithful(format!("it cannot be read again ({error})")))?;
    Ok(FileReport {
        look: output.look.name(),
        fidelity: Fidelity {
            decoded: *decoded,
            encoded: encoded.times,
            frames_equal: decoded.count == frames && written.frames == frames,
            times_equal: decoded == &encoded.times,
            duration_in,
            duration_out: written.duration,
            duration_equal,
            checks: verification.checks,
        },
        path,
        counts: encoded.counts,
        plan: output.plan,
        written,
    })
}

fn fill(report: &mut Report, outcome: Outcome) {
    report.frames_in = outcome.decoded.times.count;
    report.frames_out = outcome
        .encoded
        .iter()
        .map(|encoded| encoded.times.count)
        .min()
        .unwrap_or(0);
    report.damaged_frames = outcome.decoded.damage.damaged_frames;
    report.damage = outcome.decoded.damage;
    report.seconds.decode = outcome.decoded.seconds.as_secs_f64();
    report.seconds.compute = outcome.computed.seconds.as_secs_f64();
    report.seconds.steps = outcome.computed.timings();
    report.seconds.encode = outcome
        .encoded
        .iter()
        .map(|encoded| encoded.seconds.as_secs_f64())
        .sum();
}

/// Speed and time to go, from times of frames over the source's duration.
struct Progress {
    started: Instant,
    paths: Vec<PathBuf>,
    frames: Option<u64>,
    time_base: Rational,
    start: f64,
    duration: Option<f64>,
    told: HashMap<usize, (Instant, u64)>,
    latest: HashMap<usize, (u64, f64)>,
}

/// Two events of one output are at least this far apart.
const BETWEEN_EVENTS: Duration = Duration::from_millis(100);

impl Progress {
    fn new(info: &SourceInfo, outputs: &[Output]) -> Self {
        let video = info.video();
        let (start, length) = info.rendered();
        let length = length.map(|ticks| video.time_base.seconds(ticks));
        Self {
            started: Instant::now(),
            paths: outputs
                .iter()
                .map(|output| output.plan.path.clone())
                .collect(),
            frames: video.frames,
            time_base: video.time_base,
            start: video.time_base.seconds(start),
            duration: length.filter(|&seconds| seconds > 0.0),
            told: HashMap::new(),
            latest: HashMap::new(),
        }
    }

    fn event(&mut self, note: &Note) -> Option<Event> {
        let end = self.time_base.seconds(note.span.pts + note.span.duration);
        self.latest.insert(note.lane, (note.frame, end));
        let due = self
            .told
            .get(&note.lane)
            .is_none_or(|(at, _)| at.elapsed() >= BETWEEN_EVENTS);
        due.then(|| self.tell(note.lane))
    }

    /// What has not been told when the last frame is encoded.
    fn last(&mut self) -> Vec<Event> {
        let untold = |progress: &Self, lane: &usize| {
            progress.told.get(lane).map(|told| told.1)
                != progress.latest.get(lane).map(|latest| latest.0)
        };
        let mut lanes: Vec<usize> = self.latest.keys().copied().collect();
        lanes.sort_unstable();
        lanes.retain(|lane| untold(self, lane));
        lanes.into_iter().map(|lane| self.tell(lane)).collect()
    }

    fn tell(&mut self, lane: usize) -> Event {
        let (frame, end) = self.latest.get(&lane).copied().unwrap_or((0, self.start));
        self.told.insert(lane, (Instant::now(), frame));
        let elapsed = self.started.elapsed().as_secs_f64();
        let done = self
            .duration
            .map(|duration| ((end - self.start) / duration).clamp(0.0, 1.0));
        Event::Progress {
            frame,
            frames: self.frames,
            fps: frame as f64 / elapsed.max(1e-6),
            eta_s: done
                .filter(|&done| done > 0.0)
                .map(|done| elapsed * (1.0 - done) / done),
            output: self.paths.get(lane).cloned().unwrap_or_default(),
        }
    }
}
