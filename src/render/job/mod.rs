//! One input and its outputs, from the first look at the file to the last rename.

mod analyse;
mod chain;
mod check;
mod memory;
mod progress;
mod reporter;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tracing::{debug, info};

use super::analysis::MeasuredLook;
use super::check_executors::ExecutorCheck;
use super::committed_outputs;
use super::device::Choice;
use super::device_fallback::DeviceFallback;
use super::error::{RenderError, Result};
use super::fields::interlaced;
use super::file_source::FileSource;
use super::files;
use super::input_hash::InputHash;
use super::models;
use super::naming::{OutputLocation, pattern_of_pictures};
use super::output_styles::OutputStyle;
use super::parallel::memory_in_all;
use super::pipeline::FrameSource;
use super::recipe::{Made, Recipe};
use super::removal::{remove_removed, was_done};
use super::settings::{Existing, Settings};
use super::sizing::even_sides;
use super::still;
use super::track_files;
use super::trial::Trials;
use crate::color::Coding;
use crate::frame::{PixelFormat, Rational, Retiming};
use crate::graph::gpu::{Wanted, adapters};
use crate::graph::plan::{self, MeasurePort, Operand, OutputRequest, Plan, PlanOptions, StyleUse};
use crate::graph::style::{Library, StyleError};
use crate::graph::{Executor, ResourceData};
use crate::hardware::{Watch, WatchedGpu};
use crate::media::{
    Carrier, FrameShape, Header, MediaError, OutputPlan, Pattern, Reading, SEQUENCE_RATE, Source,
    SourceEvent, SourceInfo, Turn, is_read_again, needs_reading_again,
};
use crate::neural::Said;
pub(super) use check::check;
pub(super) use progress::Progress;
pub(super) use reporter::{BY_PROCESSOR, JobReporter};

/// An output of a job.
pub(super) struct Output {
    /// What was asked for, by which it is named.
    pub look: OutputStyle,
    /// The styles that are run, those that the size needs included; none where the planes bypass the graph.
    pub chain: Option<Vec<StyleUse>>,
    pub plan: OutputPlan,
    /// Its port in the graph's plan; none where the planes bypass the graph.
    pub port: Option<usize>,
    /// How the times of its frames follow from the source's; none where they are the same.
    pub retimings: Vec<Retiming>,
    /// Whether the codec of the preset gave way to that of the container.
    pub elsewhere: bool,
    /// What is written into it of how it is made.
    pub recipe: Option<Recipe>,
    /// What the first pass found of its consistency, where that was asked for.
    pub consistency: Option<serde_json::Value>,
    /// What first passes of its other styles found, by style.
    pub found_first: BTreeMap<String, serde_json::Value>,
}

impl Output {
    /// What brings the data of the source's pictures, whose times have the unit `source`, to its frames.
    pub(super) fn carrier(&self, source: Rational) -> Carrier {
        let frames = self.plan.frame_shape().time_base;
        Carrier::new(source, frames, !self.retimings.is_empty())
    }
}

/// What a job's pictures and packets come from, and what is known of them.
pub(super) struct JobInput {
    /// Positioned at the first frame; `None` after an attempt has taken it.
    pub source: Option<Box<dyn FrameSource>>,
    pub info: SourceInfo,
    pub header: Arc<Header>,
    /// Whether the graph makes the pictures itself.
    pub generated: bool,
}

/// An input with everything decided, ready to run.
pub struct Job {
    pub(super) input: JobInput,
    pub(super) outputs: Vec<Output>,
    pub(super) plan: Option<(Plan, Choice)>,
    /// What the styles of its outputs measure; their places are those in `outputs`. Empty where no report is asked for.
    pub(super) measures: Vec<MeasurePort>,
    pub(super) folder: Option<PathBuf>,
    pub(super) skipped: Vec<PathBuf>,
    pub(super) settings: Settings,
    /// The time from which frames at the output's rate count, where that is not the stream's start: that of the first frame
    /// of a part.
    pub(super) origin: Option<i64>,
    /// Times of the frames that are put out, where others are there only for what these depend on.
    pub(super) wanted: Option<Range<i64>>,
    /// What comparing the executors found, where that was asked for.
    pub(super) executor_check: Option<ExecutorCheck>,
    pub(super) degradations: Vec<String>,
    pub(super) fallbacks: Vec<String>,
    pub(super) conversions: Vec<String>,
    pub(super) assumptions: Vec<String>,
    pub(super) warnings: Vec<String>,
    /// Choices that the input decided.
    pub(super) choices: Vec<String>,
    /// What runs its models, and what was assumed of them.
    pub(super) engine_words: Vec<Said>,
    pub(super) library: Library,
    /// What the graph is given.
    pictures: Option<plan::Source>,
    /// What is to be measured before the first frame is rendered.
    pub(super) to_measure: Vec<MeasuredLook>,
    /// The pictures and look-up tables that the graph's plan reads.
    pub(super) files: Vec<ResourceData>,
    /// Reads the card that renders, while the job runs.
    pub(super) watch: Option<Watch>,
}

impl Job {
    /// The port of each output in the graph's plan; none where its planes bypass the graph.
    pub(super) fn ports(&self) -> Vec<Option<usize>> {
        self.outputs.iter().map(|output| output.port).collect()
    }

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
        let settings = &settings.of_input(input);
        if settings.job.verify {
            needs_reading_again(input, "--verify reads it again when the output is complete")?;
        }
        let source = std::thread::scope(|scope| {
            let styled = |style: &OutputStyle| !matches!(style, OutputStyle::Bypass);
            // Drivers take a while to say which adapters there are: meanwhile the input is opened.
            let listing = (settings.device != Wanted::Cpu && settings.styles.iter().any(styled))
                .then(|| scope.spawn(adapters));
            let begun = Instant::now();
            let source = open_as(input, settings, settings.reading_to_render());
            debug!("the input opened in {} ms", begun.elapsed().as_millis());
            // A panic of a driver is met again by the one who needs the adapters.
            let _ = listing.map(std::thread::ScopedJoinHandle::join);
            source
        })?;
        let input = JobInput {
            info: source.info().clone(),
            header: source.header(),
            source: Some(Box::new(FileSource::new(source, settings.strict))),
            generated: false,
        };
        let mut job = Self::of(library, settings, input, target)?;
        if settings.fps.is_some() && settings.part.is_some() && job.input().is_file() {
            job.origin = first_frame(job.input(), settings)?;
        }
        Ok(job)
    }

    pub(super) fn of(
        library: &Library,
        settings: &Settings,
        input: JobInput,
        target: &OutputLocation,
    ) -> Result<Self> {
        let info = &input.info;
        let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
        let codec = settings.codec_asked();
        let places = target.places(&info.path, info.is_image, &names, codec)?;
        let mut job = Self {
            outputs: Vec::new(),
            plan: None,
            measures: Vec::new(),
            folder: places.folder,
            skipped: Vec::new(),
            settings: settings.clone(),
            origin: None,
            wanted: None,
            executor_check: None,
            degradations: Vec::new(),
            fallbacks: info.no_decoder.iter().cloned().collect(),
            choices: Vec::new(),
            engine_words: Vec::new(),
            conversions: info.pictures().conversion.iter().cloned().collect(),
            assumptions: Vec::new(),
            warnings: places
                .warning
                .into_iter()
                .chain(info.choice.clone())
                .chain(info.no_decoder.clone())
                .collect(),
            library: library.clone(),
            pictures: None,
            to_measure: Vec::new(),
            files: Vec::new(),
            watch: None,
            input,
        };
        job.place_tracks()?;
        if settings.close_gaps && !job.input.info.chapters.is_empty() {
            job.warnings
                .push("chapters keep their times: --close-gaps does not move them".to_owned());
        }
        if let Some(sequence) = &job.input.info.sequence {
            job.warnings.extend(sequence.missing_words());
            if sequence.rate_assumed {
                job.warnings.push(format!(
                    "an image sequence has no frame rate: it is taken at {} frames a second; --input-fps names another",
                    SEQUENCE_RATE.to_f64()
                ));
            }
        }
        let info = &job.input.info;
        if info.is_image && !job.input.generated && !is_read_again(&info.path) {
            job.warnings.push(format!(
                "{} comes through a pipe: what its metadata says of orientation and colour is not read",
                info.path.display()
            ));
        }
        let work = settings.job.folder_of(&places.paths[0]);
        let source = job.graph_source();
        let looks = job.settings.styles.clone();
        let input = job.input.info.path.clone();
        let mut trials = Trials::new(library, settings, &input);
        for (index, (mut look, path)) in looks.into_iter().zip(places.paths).enumerate() {
            if !job.may_write(&path, &work)? {
                job.skipped.push(path);
                continue;
            }
            if job.is_tried(&look, &source)
                && let OutputStyle::Chain(chain) = &mut look
            {
                trials.decide(chain);
                job.settings.styles[index] = look.clone();
            }
            job.add_output(&look, &path, &source)?;
        }
        job.fallbacks.extend(trials.fallbacks.iter().cloned());
        job.warnings.extend(trials.fallbacks);
        job.choices = job.settings.reasons.clone();
        job.choices.extend(trials.choices);
        job.find_measured()?;
        job.make_plan(&source)?;
        job.add_recipes()?;
        job.pictures = Some(source);
        Ok(job)
    }

    /// Whether the input decides choices of `look`: where it is a file whose frames become larger. What is wrong with it is said
    /// where the output is added.
    fn is_tried(&self, look: &OutputStyle, source: &plan::Source) -> bool {
        let grows = |sized: chain::SizedChain| {
            sized.frames.width > source.width || sized.frames.height > source.height
        };
        !self.input.generated
            && self
                .sized_chain(look, source, (true, true))
                .is_ok_and(grows)
    }

    /// Gives tracks times in seconds. They count from the first frame of the whole file, so where a part is rendered,
    /// that frame's time must be known.
    fn place_tracks(&mut self) -> Result<()> {
        let moves = |look: &OutputStyle| look.is_measured() || !look.tracks().is_empty();
        if !self.settings.styles.iter().any(moves) && self.settings.fps.is_none() {
            return Ok(());
        }
        let info = &mut self.input.info;
        let rate = track_files::rate(info);
        for look in &mut self.settings.styles {
            look.in_seconds(rate)?;
        }
        if info.video().start.is_some() || self.input.generated {
            return Ok(());
        }
        if info.path.is_file() {
            let video = info.video_stream;
            info.streams[video].start = still::first_time(&info.path, &self.settings)?;
        } else if info.part.is_some() {
            return Err(RenderError::usage(
                format!(
                    "{} does not say when it starts, and tracks count from there",
                    info.path.display()
                ),
                "leave --start out, or render a file",
            ));
        }
        Ok(())
    }

    /// Finds out when its frames start, where the file does not say: times and noise count from there.
    ///
    /// # Errors
    /// Those of decoding its first frame.
    pub(super) fn know_start(&mut self) -> Result<()> {
        let info = &mut self.input.info;
        if info.video().start.is_none() {
            let video = info.video_stream;
            info.streams[video].start = first_frame(&info.path, &self.settings)?;
        }
        Ok(())
    }

    /// Whether `path` is to be written; refused where that would destroy something. `work` is the folder in which an
    /// earlier run may have left its work.
    fn may_write(&self, path: &Path, work: &Path) -> Result<bool> {
        if let Some(pattern) = pattern_of_pictures(path) {
            return self.may_write_sequence(path, &pattern);
        }
        if self.input.info.is_read_from(path) {
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
            _ if self.settings.job.resume && committed_outputs::is_ours(work, path) => Ok(true),
            Existing::Skip => Ok(false),
            // The same job is done, and ended while it removed its folder.
            Existing::Refuse
                if self.settings.job.resume
                    && was_done(work, self.settings.job.request.as_ref(), path) =>
            {
                Ok(false)
            }
            Existing::Refuse => Err(RenderError::Exists { path: path.into() }),
        }
    }

    /// Removes what an interrupted process left of a job that is done.
    pub(super) fn remove_leftovers(&self) {
        if let Some(first) = self.skipped.first() {
            remove_removed(&self.settings.job.folder_of(first));
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
        if let Some(path) = there.find(|file| self.input.info.is_read_from(file)) {
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

    fn add_output(&mut self, look: &OutputStyle, path: &Path, source: &plan::Source) -> Result<()> {
        // Most outputs have even sides. A style may refuse those, where the format needs none.
        let mut assumed = (true, true);
        let mut sized = match self.sized_chain(look, source, assumed) {
            Err(RenderError::Style(StyleError::Refused { .. })) => {
                assumed = (false, false);
                self.sized_chain(look, source, assumed)?
            }
            sized => sized?,
        };
        let (mut plan, mut elsewhere) = self.decide(&sized.frames, path)?;
        let even = even_sides(&plan.video.format);
        if self.settings.size.is_some() && even != assumed {
            let exact = self.sized_chain(look, source, even)?;
            if exact.frames != sized.frames {
                (plan, elsewhere) = self.decide(&exact.frames, path)?;
            }
            sized = exact;
        }
        let chain = sized.chain;
        if chain.is_none() {
            check_bypass(look, &self.input.info, &plan)?;
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
        self.warnings
            .extend(sized.warnings.iter().chain(&plan.warnings).map(said));
        self.fallbacks.extend(plan.fallbacks.iter().map(said));
        self.outputs.push(Output {
            look: look.clone(),
            chain,
            plan,
            port: None,
            retimings: sized.retimings,
            elsewhere,
            recipe: None,
            consistency: None,
            found_first: BTreeMap::new(),
        });
        Ok(())
    }

    /// Gives every output its recipe.
    fn add_recipes(&mut self) -> Result<()> {
        if self.settings.asked.request.is_none() {
            return Ok(());
        }
        let hash = || InputHash::of(&File::open(self.input()).ok()?).ok();
        let is_file = !self.input.generated && self.input().is_file();
        let input = is_file.then(hash).flatten();
        let plan = self.plan.as_ref();
        let alone = self.settings.styles.len() == 1;
        let recipe = |output: &Output| {
            let asked = match output.elsewhere {
                true => &self.settings.asked.elsewhere,
                false => &self.settings.asked.request,
            };
            let made = asked.as_ref().map(|asked| Made {
                asked,
                library: &self.library,
                look: &output.look,
                input: input.clone(),
                seed: self.settings.seed,
                device: plan.map(|(_, choice)| self.device_in_words(choice)),
                plan: plan.filter(|_| alone).map(|(plan, _)| plan),
            });
            made.map(Recipe::of).transpose()
        };
        let recipes: Vec<Option<Recipe>> =
            self.outputs.iter().map(recipe).collect::<Result<_>>()?;
        for (output, recipe) in self.outputs.iter_mut().zip(recipes) {
            output.plan.recipe = recipe.as_ref().map(Recipe::text);
            output.recipe = recipe;
        }
        Ok(())
    }

    /// The plan of the output at `path` for these frames, and whether it is without the codec of the preset.
    fn decide(&self, frames: &FrameShape, path: &Path) -> Result<(OutputPlan, bool)> {
        let (info, settings) = (&self.input.info, &self.settings);
        let elsewhere = settings.output_elsewhere.as_ref();
        match (
            OutputPlan::decide(info, frames, path, &settings.output),
            elsewhere,
        ) {
            (Err(MediaError::Container { .. }), Some(options)) => {
                let plan = OutputPlan::decide(info, frames, path, options)?;
                info!(
                    "{} cannot hold the preset's codec; its own is used, {}",
                    path.display(),
                    plan.video.encoder
                );
                Ok((plan, true))
            }
            (decided, _) => Ok((decided?, false)),
        }
    }

    /// The outputs that go through the graph. Each gets its port.
    fn requests(&mut self) -> Vec<OutputRequest> {
        let mut requests = Vec::new();
        for output in &mut self.outputs {
            if let Some(chain) = &output.chain {
                output.port = Some(requests.len());
                requests.push(OutputRequest {
                    chain: chain.clone(),
                    format: output.plan.frame_format(),
                    color: output.plan.frame_color(),
                    temporal: self.settings.temporal,
                });
            }
        }
        requests
    }

    /// One plan for all outputs that go through the graph, and what it measures; `None` where there are none.
    fn planned(&mut self, source: &plan::Source) -> Result<Option<(Plan, Vec<MeasurePort>)>> {
        let requests = self.requests();
        if requests.is_empty() {
            return Ok(None);
        }
        let options = PlanOptions::default();
        if !self.settings.job.measures {
            let plan = plan::plan(&self.library, source, &requests, options)?;
            return Ok(Some((plan, Vec::new())));
        }
        let (plan, mut measures) =
            plan::plan_with_measures(&self.library, source, &requests, options)?;
        for measure in &mut measures {
            let of_port = |output: &Output| output.port == Some(measure.output);
            measure.output = self.outputs.iter().position(of_port).unwrap_or_default();
        }
        Ok(Some((plan, measures)))
    }

    /// Plans, and chooses the device.
    fn make_plan(&mut self, source: &plan::Source) -> Result<()> {
        let Some((plan, measures)) = self.planned(source)? else {
            return Ok(());
        };
        self.measures = measures;
        self.degradations.extend(plan.notes.iter().cloned());
        for file in &plan.files {
            let data = files::read(&self.library, &plan, file)?;
            if let ResourceData::Lut(lut) = &data {
                let notes = lut.notes.iter().map(|note| format!("{file}: {note}"));
                self.warnings.extend(notes);
            }
            self.files.push(data);
        }
        self.engine_words
            .extend(models::words(self.library.models()));
        let joins = self.settings.job.rendered_on.is_some();
        let (choice, warning) = match joins {
            // Nothing is rendered.
            true => (Choice::Cpu, None),
            false => Choice::of(&self.settings.device, &plan, &self.settings.job.gpus)?,
        };
        if matches!(choice, Choice::Cpu) && !joins {
            memory::check(&plan, memory_in_all())?;
        }
        self.fallbacks.extend(warning.iter().cloned());
        self.warnings.extend(warning);
        if let (Some(asked), Some(preset), false) =
            (self.settings.tier, &self.settings.preset, joins)
        {
            self.warnings.extend(choice.unmet(asked, preset));
        }
        self.warnings.extend(self.alone(&plan));
        self.plan = Some((plan, choice));
        Ok(())
    }

    /// What is said where the input is one picture, and styles look for frames around it.
    fn alone(&self, plan: &Plan) -> Option<String> {
        let info = &self.input.info;
        if !info.is_image || info.sequence.is_some() {
            return None;
        }
        let windows = plan.nodes.iter().filter(|node| {
            let mut inputs = node.inputs.iter();
            inputs.any(|(_, operand)| matches!(operand, Operand::Window(..)))
        });
        let styles: BTreeSet<&str> = windows
            .filter_map(|node| node.label.split('/').next())
            .collect();
        let styles: Vec<&str> = styles.into_iter().collect();
        (!styles.is_empty()).then(|| {
            format!(
                "{} is one picture, without frames before and after it to compare it with: {} may change little or nothing",
                info.path.display(),
                styles.join(", ")
            )
        })
    }

    fn graph_source(&mut self) -> plan::Source {
        let info = &self.input.info;
        let pictures = info.pictures();
        let (width, height) = (pictures.width, pictures.height);
        let coded = match pictures.format {
            Some(format) if !self.input.generated => {
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
        plan::Source {
            width,
            height,
            coded,
            time_base: info.video().time_base,
            rate: pictures.frame_rate,
            start: info.video().start.unwrap_or(0),
            interlaced: interlaced(pictures),
        }
    }

    /// What runs the graph, made ready on the device that the fallback is at; none where there is no graph.
    pub(super) fn executor(
        &self,
        fallback: Option<&DeviceFallback>,
    ) -> Result<Option<Box<dyn Executor>>> {
        match (&self.plan, fallback) {
            (Some((plan, _)), Some(fallback)) => {
                let executor = fallback.executor(&self.library, plan, &self.files)?;
                Ok(Some(executor))
            }
            _ => Ok(None),
        }
    }

    /// The input.
    pub fn input(&self) -> &Path {
        &self.input.info.path
    }

    /// The outputs that will be written.
    pub fn outputs(&self) -> impl Iterator<Item = &Path> {
        self.outputs.iter().map(|output| output.plan.path.as_path())
    }

    /// Outputs left alone because they exist.
    pub fn skipped(&self) -> &[PathBuf] {
        &self.skipped
    }

    /// The device that renders its frames, or has rendered them, in words; `choice` is that of this process.
    pub(super) fn device_in_words(&self, choice: &Choice) -> String {
        let others = self.settings.job.rendered_on.clone();
        others.unwrap_or_else(|| choice.to_string())
    }

    /// The card that renders, where it is watched.
    pub(super) fn gpu(&self) -> Option<WatchedGpu> {
        self.watch.as_ref().map(Watch::gpu)
    }

    /// What makes its pictures upright, as they are before they are encoded.
    pub(super) fn turn_to_upright(&self) -> Option<Turn> {
        upright(&self.input.info)
    }

    /// Whether a graphics processor renders it.
    pub fn on_gpu(&self) -> bool {
        matches!(&self.plan, Some((_, Choice::Gpu(_))))
    }
}

/// What makes the pictures of a source upright, if they are not.
pub fn upright(info: &SourceInfo) -> Option<Turn> {
    let pictures = info.pictures();
    let turn = Turn::of(pictures.rotation, pictures.mirrored);
    turn.filter(|_| pictures.views.is_empty())
}

/// The part of `input` that is to be rendered, decoded by the processor.
pub(super) fn open(input: &Path, settings: &Settings) -> Result<Source> {
    open_as(input, settings, settings.reading())
}

/// As [`open`], read as `reading` says.
fn open_as(input: &Path, settings: &Settings, reading: Reading) -> Result<Source> {
    let mut source = Source::open_at(input, reading)?;
    if let Some(part) = &settings.part {
        source.select(part)?;
    }
    source.test_fields()?;
    Ok(source)
}

/// Time of the first frame of the part that is to be rendered.
fn first_frame(input: &Path, settings: &Settings) -> Result<Option<i64>> {
    let mut source = open(input, settings)?;
    source.pictures_only();
    loop {
        match source.next_event()? {
            Some(SourceEvent::Frame(frame, _)) => return Ok(Some(frame.span.pts)),
            Some(SourceEvent::Packet(_)) => {}
            None => return Ok(None),
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
    let (to, color) = (plan.frame_format(), plan.frame_color());
    let source = pictures.format.unwrap_or(to);
    let samples = |format: PixelFormat| (format.model, format.depth, format.chroma, format.alpha);
    let why = if samples(source) != samples(to) {
        let turned = plan.turned.map_or(String::new(), |turned| {
            format!(
                ", which is {} when it is turned",
                turned.turn.format(&source)
            )
        });
        format!(
            "the source has {} ({}){turned}, the encoder {} gets {} ({})",
            pictures.pix_fmt, source, plan.video.encoder, plan.video.pix_fmt, plan.video.format
        )
    } else if meaning(&source, &pictures.color) != meaning(&source, &color) {
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
