//! One input and its outputs, from the first look at the file to the last rename.

mod check;
mod progress;
mod session;
mod whole;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};
use tracing::{error, info, info_span};

use super::chunks::{self, Chunking};
use super::device::Choice;
use super::error::{RenderError, Result};
use super::event::{Cancel, Event};
use super::feed::{Feed, FileFeed};
use super::files;
use super::ladder::Ladder;
use super::naming::{OutputLocation, pattern_of_pictures};
use super::output_styles::OutputStyle;
use super::report::Report;
use super::settings::{Existing, Settings};
use crate::color::Coding;
use crate::frame::PixelFormat;
use crate::graph::plan::{self, OutputRequest, Plan, PlanOptions};
use crate::graph::style::Library;
use crate::graph::{Content, Executor};
use crate::media::{Header, MediaError, OutputPlan, Pattern, SEQUENCE_RATE, Source, SourceInfo};
pub(super) use check::check;
pub(super) use progress::Progress;
pub(super) use session::Session;

/// An output of a job.
pub(super) struct Output {
    pub look: OutputStyle,
    pub plan: OutputPlan,
    /// Its port in the graph's plan; none where the planes bypass the graph.
    pub port: Option<usize>,
}

/// What a job's pictures and packets come from, and what is known of them.
pub(super) struct Origin {
    /// Open at its beginning; none once it is used.
    pub feed: Option<Box<dyn Feed>>,
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
    pub(super) library: Library,
    /// The pictures and look-up tables that the graph's plan reads.
    pub(super) files: Vec<Content>,
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
        target: &OutputLocation,
    ) -> Result<Self> {
        let source = open(input, settings)?;
        let origin = Origin {
            info: source.info().clone(),
            header: source.header(),
            feed: Some(Box::new(FileFeed::new(source, settings.strict))),
            generated: false,
        };
        Self::of(library, settings, origin, target)
    }

    pub(super) fn of(
        library: &Library,
        settings: &Settings,
        origin: Origin,
        target: &OutputLocation,
    ) -> Result<Self> {
        let info = &origin.info;
        let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
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
        if let Some(sequence) = &job.origin.info.sequence {
            job.warnings.extend(sequence.missing_words());
            if sequence.rate_assumed {
                job.warnings.push(format!(
                    "an image sequence has no frame rate: it is taken at {} frames a second; --input-fps names another",
                    SEQUENCE_RATE.to_f64()
                ));
            }
        }
        let work = chunks::place(&places.paths[0], settings.job.work_dir.as_deref());
        for (look, path) in settings.styles.iter().zip(places.paths) {
            if job.may_write(&path, &work)? {
                job.add_output(look, &path)?;
            } else {
                job.skipped.push(path);
            }
        }
        job.make_plan()?;
        Ok(job)
    }

    /// Whether `path` is to be written; refused where that would destroy something. `work` is the folder in which an
    /// earlier run may have left its work.
    fn may_write(&self, path: &Path, work: &Path) -> Result<bool> {
        if let Some(pattern) = pattern_of_pictures(path) {
            return self.may_write_sequence(path, &pattern);
        }
        if self.origin.info.is_read_from(path) {
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
            // It ended between this and removing its folder.
            _ if self.settings.job.resume && chunks::is_ours(work, path) => Ok(true),
            Existing::Skip => Ok(false),
            Existing::Refuse => Err(RenderError::Exists { path: path.into() }),
        }
    }

    /// As [`Self::may_write`], of the numbered pictures at `path`.
    fn may_write_sequence(&self, path: &Path, pattern: &Pattern) -> Result<bool> {
        let cannot_create = |why: String| RenderError::CannotCreate {
            path: path.into(),
            why,
        };
        if path.symlink_metadata().is_ok() {
            let why = "there is a file of this very name, which would be taken for it afterwards";
            return Err(cannot_create(why.into()));
        }
        let numbers = pattern.numbers();
        let numbers = numbers.map_err(|error| cannot_create(error.to_string()))?;
        let mut there = numbers.iter().map(|&number| pattern.file(number));
        if let Some(path) = there.find(|file| self.origin.info.is_read_from(file)) {
            return Err(RenderError::OutputIsInput { path });
        }
        match (numbers.first(), self.settings.existing) {
            (None, _) | (_, Existing::Replace) => Ok(true),
            (_, Existing::Skip) => Ok(false),
            (Some(&number), Existing::Refuse) => Err(RenderError::Exists {
                path: pattern.file(number),
            }),
        }
    }

    fn add_output(&mut self, look: &OutputStyle, path: &Path) -> Result<()> {
        let info = &self.origin.info;
        let settings = &self.settings;
        let plan = match (
            OutputPlan::decide(info, path, &settings.output),
            &settings.output_elsewhere,
        ) {
            (Err(MediaError::Container { .. }), Some(options)) => {
                let plan = OutputPlan::decide(info, path, options)?;
                info!(
                    "{} cannot hold the preset's codec; its own is used, {}",
                    path.display(),
                    plan.video.encoder
                );
                plan
            }
            (decided, _) => decided?,
        };
        if matches!(look, OutputStyle::Bypass) {
            check_bypass(look, info, &plan)?;
        }
        let several = self.settings.styles.len() > 1;
        let said = |words: &String| {
            if several {
                format!("{}: {words}", look.name())
            } else {
                words.clone()
            }
        };
        self.degradations.extend(plan.losses.iter().map(said));
        self.warnings.extend(plan.warnings.iter().map(said));
        self.fallbacks.extend(plan.fallbacks.iter().map(said));
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
            if let OutputStyle::Chain(chain) = &output.look {
                output.port = Some(requests.len());
                requests.push(OutputRequest {
                    chain: chain.clone(),
                    format: output.plan.video.format,
                    color: output.plan.video.color,
                    temporal: self.settings.temporal,
                });
            }
        }
        if requests.is_empty() {
            return Ok(());
        }
        let source = self.graph_source()?;
        let plan = plan::plan(&self.library, &source, &requests, PlanOptions::default())?;
        self.degradations.extend(plan.notes.iter().cloned());
        for file in &plan.files {
            self.files.push(files::read(&self.library, file)?);
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

    /// What runs the graph, made ready on the device that the ladder is at; none where there is no graph.
    pub(super) fn executor(&self, ladder: Option<&Ladder>) -> Result<Option<Box<dyn Executor>>> {
        match (&self.plan, ladder) {
            (Some((plan, _)), Some(ladder)) => {
                let executor = ladder.executor(&self.library, plan, &self.files)?;
                Ok(Some(executor))
            }
            _ => Ok(None),
        }
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

    /// Whether a graphics processor renders it.
    pub fn on_gpu(&self) -> bool {
        matches!(&self.plan, Some((_, Choice::Gpu(_))))
    }

    /// Renders. On any failure nothing is left under the outputs' names. What a long job has done by then is kept in a
    /// hidden folder beside them, and the same job goes on from there; of a short one nothing is left.
    ///
    /// # Errors
    /// The first failure of any stage, naming the frame where it is about one.
    pub fn run(self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        let _job = info_span!("job", id = self.id()).entered();
        let report = self.render(tell, cancel);
        if let Err(error) = &report {
            error!(target: "console", "{error}");
        }
        report
    }

    /// Tells this job from others, in the log: the same for the same input and outputs.
    fn id(&self) -> String {
        let mut digest = Sha256::new();
        for path in self.outputs().chain([self.input()]) {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        let bytes = digest.finalize();
        bytes[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn render(mut self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        let _folders = match &self.folder {
            Some(folder) if !self.outputs.is_empty() => NewFolders::create(folder)?,
            _ => NewFolders::default(),
        };
        match Chunking::of(&mut self, cancel)? {
            Some(chunking) => chunks::render(self, chunking, tell, cancel),
            None => whole::render(self, tell, cancel),
        }
    }
}

/// The part of `input` that is to be rendered.
fn open(input: &Path, settings: &Settings) -> Result<Source> {
    let mut source = Source::open_at(input, settings.fps)?;
    if let Some(part) = &settings.part {
        source.select(part)?;
    }
    source.test_fields()?;
    Ok(source)
}

/// Folders made for the outputs of jobs, outermost first; removed again when all of the jobs fail.
#[derive(Default)]
struct NewFolders(Vec<PathBuf>);

/// The folders that were made, and how many jobs are about to write there.
static MADE: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

fn made() -> MutexGuard<'static, BTreeMap<PathBuf, usize>> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl NewFolders {
    /// Makes the folder at `path`, and those it lies in, unless they were there before.
    fn create(path: &Path) -> Result<Self> {
        let mut folders = Self::default();
        let named = |folder: &&Path| !folder.as_os_str().is_empty();
        let all: Vec<&Path> = path.ancestors().take_while(named).collect();
        for folder in all.into_iter().rev() {
            let mut made = made();
            match (made.get_mut(folder), folder.is_dir()) {
                // Another job of the batch made it.
                (Some(users), true) => *users += 1,
                (None, true) => continue,
                (_, false) => {
                    std::fs::create_dir(folder).map_err(|error| RenderError::CannotCreate {
                        path: folder.into(),
                        why: error.to_string(),
                    })?;
                    made.insert(folder.into(), 1);
                }
            }
            folders.0.push(folder.into());
        }
        Ok(folders)
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        let mut made = made();
        for folder in self.0.iter().rev() {
            let Some(users) = made.get_mut(folder) else {
                continue;
            };
            *users -= 1;
            if *users == 0 {
                made.remove(folder);
                // Only when empty: what was rendered, or somebody else put there, stays.
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

/// Planes can bypass the graph when the encoder takes them as they are, and means the same by them.
fn check_bypass(look: &OutputStyle, info: &SourceInfo, plan: &OutputPlan) -> Result<()> {
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
