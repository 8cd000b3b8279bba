//! Renders single frames of a clip over and over, with other values each time. Executors are kept, so that a change of
//! values alone compiles nothing.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::super::analysis::measured_look;
use super::super::device::Choice;
use super::super::error::{RenderError, Result};
use super::super::inspect::files_of;
use super::super::output_styles::OutputStyle;
use super::super::settings::Settings;
use super::super::sizing::RESIZE;
use super::super::warm_up::frames_needed_before;
use super::clip::{Clip, ClipFacts};
use crate::color::{Coding, Color, Range};
use crate::frame::{Picture, PixelFormat, Span, border};
use crate::graph::gpu::GpuOptions;
use crate::graph::plan::{
    self, ImageDesc, OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal,
    plan_with_all_images, plan_with_image,
};
use crate::graph::style::{Library, NO_STYLE};
use crate::graph::{Checkpoint, Device, Output, Payload, Session, StepTime};

/// Frames before the one asked for that are rendered where it depends on all frames before it; and where it is a draft.
const WARM_UP: u32 = 16;
const WARM_UP_OF_DRAFT: u32 = 3;
/// Executors that are kept: for drafts, full size, the source, and some passes.
const KEPT: usize = 8;
/// Shrunk frames that are kept.
const SHRUNK: usize = 64;
/// The style that changes nothing, which shows the source.
const IDENTITY: &str = "identity";

/// What is asked for of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameAsk {
    /// Number of the frame, from 0; beyond the end it is the last one.
    pub frame: u64,
    /// The height that it is rendered at, in lines; none for that of the clip, which is also the most.
    pub lines: Option<u32>,
    /// `STYLE.PARAM=VALUE`, as `--set` takes them.
    pub values: Vec<String>,
    pub shown: Shown,
    /// Whether it is to be seen at once, while a value is being changed: it is not averaged over time, few frames before it
    /// are rendered, and those not again for each value.
    pub draft: bool,
}

/// Which picture of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What the style makes.
    Result,
    /// The clip's own frame.
    Source,
    /// What one pass makes ([`Plan::pass_called`]).
    Pass(String),
}

/// A picture that was rendered.
#[derive(Clone, Debug)]
pub struct FrameShown {
    pub content: Content,
    pub run: Run,
}

/// How a frame was rendered.
#[derive(Clone, Debug)]
pub struct Run {
    /// Number of the frame.
    pub frame: u64,
    pub device: Device,
    /// Whether it is a graphics adapter whose work the processor does.
    pub software: bool,
    /// Frames before it that were rendered for it, where it depends on more than these.
    pub inexact: Option<u32>,
    /// From the request on, with planning and decoding.
    pub took: Duration,
    /// Seconds of each step for this frame; empty where the device does not measure them.
    pub times: Vec<StepTime>,
}

/// The pixels of a [`FrameShown`].
#[derive(Clone, Debug)]
pub enum Content {
    /// RGB of 8 bits, full range.
    Picture(Picture),
    /// The image of a pass, as it is stored: its words are bits of floats, or words of a buffer.
    Image {
        name: String,
        image: ImageDesc,
        words: Vec<u32>,
    },
}

/// A session that is kept.
struct Prepared {
    session: Session,
    software: bool,
    /// The frame and the values that it has rendered last.
    last: Option<(u64, Vec<String>)>,
    /// The frame of the last draft, and what was carried into it.
    before: Option<(u64, Checkpoint)>,
}

/// The images of all passes for one frame.
struct Passes {
    frame: u64,
    extent: (u32, u32),
    values: Vec<String>,
    /// By name.
    images: Vec<(String, Output)>,
    run: Run,
}

/// Renders frames.
pub(super) struct Renderer {
    prepared: VecDeque<Prepared>,
    /// Drafts of passes are asked for one after the other, and rendered together.
    passes: Option<Passes>,
    /// What is to be known of the devices that were chosen.
    warnings: BTreeSet<String>,
    /// By number and height.
    shrunk: VecDeque<((u64, u32), (Picture, Span))>,
}

/// What frames are rendered of, and how.
pub(super) struct Scene<'a> {
    pub library: &'a Library,
    pub settings: &'a Settings,
    pub clip: &'a mut Clip,
}

impl Renderer {
    pub fn new() -> Self {
        Self {
            prepared: VecDeque::new(),
            passes: None,
            warnings: BTreeSet::new(),
            shrunk: VecDeque::new(),
        }
    }

    /// What is to be known of the devices that were chosen.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.warnings.iter().cloned()
    }

    /// Forgets what was compiled, for a style that has changed.
    pub fn forget(&mut self) {
        self.warnings.clear();
        self.prepared.clear();
        self.passes = None;
    }

    /// Renders a frame. `settings` of the scene have the values of `ask`.
    ///
    /// # Errors
    /// `Usage` for a style that does not go through the graph; those of planning, of reading the clip, and of the device.
    pub fn render(&mut self, scene: &mut Scene<'_>, ask: &FrameAsk) -> Result<FrameShown> {
        let facts = scene.clip.facts().clone();
        let number = ask.frame.min(facts.frames - 1);
        let extent = extent_of(&facts, ask.lines);
        let plan = planned(scene.library, scene.settings, &facts, extent, &ask.shown)?;
        let pass = match &ask.shown {
            Shown::Pass(_) => {
                let port = plan.outputs.len() - 1;
                let name = plan.pass_names().swap_remove(plan.outputs[port].node());
                if ask.draft {
                    return self.draft_of_pass(scene, ask, &name, (number, extent));
                }
                Some(name)
            }
            _ => None,
        };
        let (mut outputs, run) = self.ports(scene, plan, (number, extent), ask)?;
        // What is asked for is the last port.
        let output = outputs.pop().ok_or_else(|| no_frame(number))?;
        Ok(FrameShown {
            content: content(output, pass),
            run,
        })
    }

    /// The image of one pass, of those of all passes that are rendered together.
    fn draft_of_pass(
        &mut self,
        scene: &mut Scene<'_>,
        ask: &FrameAsk,
        name: &str,
        (number, extent): (u64, (u32, u32)),
    ) -> Result<FrameShown> {
        let is_known = self.passes.as_ref().is_some_and(|passes| {
            passes.frame == number && passes.extent == extent && passes.values == ask.values
        });
        if !is_known {
            let facts = scene.clip.facts().clone();
            let request = request_of(scene.library, scene.settings, &facts, &ask.shown)?;
            let source = source_of(&facts, extent);
            let options = PlanOptions::default();
            let plan = plan_with_all_images(scene.library, &source, &[request], options)?;
            let names = plan.pass_names();
            let (outputs, run) = self.ports(scene, plan, (number, extent), ask)?;
            // The first is the picture.
            let images = names.into_iter().zip(outputs.into_iter().skip(1));
            self.passes = Some(Passes {
                frame: number,
                extent,
                values: ask.values.clone(),
                images: images.collect(),
                run,
            });
        }
        let passes = self.passes.iter();
        let mut found = passes.flat_map(|passes| {
            let of_name = passes.images.iter().filter(|(known, _)| known == name);
            of_name.map(|(known, output)| FrameShown {
                content: content(output.clone(), Some(known.clone())),
                run: passes.run.clone(),
            })
        });
        found.next().ok_or_else(|| no_frame(number))
    }

    /// What all ports of `plan` give for a frame of this number and size, in order.
    fn ports(
        &mut self,
        scene: &mut Scene<'_>,
        plan: Plan,
        (number, extent): (u64, (u32, u32)),
        ask: &FrameAsk,
    ) -> Result<(Vec<Output>, Run)> {
        let mut prepared = self.prepared_for(scene, plan)?;
        // A session that failed is not used again.
        let rendered = self.one(scene, &mut prepared, number, extent, ask)?;
        let (outputs, inexact, times) = rendered;
        let run = Run {
            frame: number,
            device: prepared.session.device(),
            software: prepared.software,
            inexact,
            took: Duration::ZERO,
            times,
        };
        self.prepared.push_front(prepared);
        self.prepared.truncate(KEPT);
        Ok((outputs, run))
    }

    /// A session for `plan`, with its values: one that is kept, or a new one.
    fn prepared_for(&mut self, scene: &Scene<'_>, plan: Plan) -> Result<Prepared> {
        let fits = |kept: &Prepared| plan.has_structure_of(kept.session.plan());
        if let Some(mut kept) = self
            .prepared
            .iter()
            .position(fits)
            .and_then(|at| self.prepared.remove(at))
        {
            kept.session.set_params(&plan)?;
            return Ok(kept);
        }
        let (library, settings) = (scene.library, scene.settings);
        let files = files_of(library, &plan)?;
        let (choice, warning) = Choice::of(&settings.device, &plan, &settings.job.gpus)?;
        self.warnings.extend(warning);
        let options = GpuOptions {
            frames_in_flight: 1,
            live: true,
            timed: true,
            ..GpuOptions::default()
        };
        let executor = choice.executor_with(library, plan, &files, options)?;
        Ok(Prepared {
            software: choice.is_software(),
            session: Session::new(executor, None, settings.seed),
            last: None,
            before: None,
        })
    }

    /// What each port gives for frame `number`, in order; how many frames before it were rendered where it depends on more;
    /// and the seconds of each step.
    fn one(
        &mut self,
        scene: &mut Scene<'_>,
        prepared: &mut Prepared,
        number: u64,
        extent: (u32, u32),
        ask: &FrameAsk,
    ) -> Result<(Vec<Output>, Option<u32>, Vec<StepTime>)> {
        let facts = scene.clip.facts().clone();
        let plan = prepared.session.plan();
        let (needed, latency) = (frames_needed_before(plan), plan.latency);
        let plan = plan.clone();
        let follows = latency == 0
            && prepared.last.as_ref().is_some_and(|(last, with)| {
                last + 1 == number && *with == ask.values && needed != Some(0)
            });
        let warm_up = match ask.draft {
            true => WARM_UP_OF_DRAFT,
            false => WARM_UP,
        };
        let before = u64::from(needed.unwrap_or(warm_up));
        prepared.last = None;
        let kept = prepared.before.take();
        let kept = kept.filter(|(frame, _)| ask.draft && *frame == number && latency == 0);
        let carried = kept.is_some();
        let first = match follows || carried {
            true => number,
            false => number.saturating_sub(before),
        };
        // From the clip's first frame on, nothing is left out.
        let inexact = needed.is_none() && !follows && (carried || first > 0);
        let inexact = inexact.then_some(number.min(before) as u32);
        if !follows {
            prepared.session.restart(Some(facts.start))?;
        }
        if let Some((_, checkpoint)) = &kept {
            prepared.session.restore(checkpoint.clone())?;
        }
        prepared.before = kept;
        let mut outputs = Vec::new();
        let mut shown = Span::default();
        let mut times = Vec::new();
        let last = number.saturating_add(latency.into()).min(facts.frames - 1);
        for frame in first..=last {
            let (picture, span) = self.frame(scene, frame, extent)?;
            if frame == number {
                shown = span;
                if ask.draft && needed.is_none() && !carried && !follows && latency == 0 {
                    outputs.extend(prepared.session.drain()?);
                    prepared.before = Some((number, prepared.session.checkpoint()?));
                }
                times = prepared.session.step_times();
            }
            outputs.extend(prepared.session.push(Some(picture), span)?);
        }
        match latency {
            0 => outputs.extend(prepared.session.drain()?),
            _ => outputs.extend(prepared.session.finish()?),
        }
        let of_port = |port: usize| {
            let retimings = plan.retimings(plan.clock_of_port(port));
            let begin = border(&retimings, shown.pts);
            let mut outputs = outputs.iter();
            let found = outputs.find(|output| output.port == port && output.span.pts >= begin);
            found.cloned().ok_or_else(|| no_frame(number))
        };
        let found = (0..plan.outputs.len()).map(of_port);
        let found = found.collect::<Result<Vec<_>>>()?;
        if latency == 0 {
            prepared.last = Some((number, ask.values.clone()));
        }
        let spent = prepared.session.step_times().into_iter();
        let spent = spent.zip(times).map(|(after, before)| StepTime {
            seconds: after.seconds - before.seconds,
            ..after
        });
        Ok((found, inexact, spent.collect()))
    }

    /// The clip's frame `number` at this size.
    fn frame(
        &mut self,
        scene: &mut Scene<'_>,
        number: u64,
        extent: (u32, u32),
    ) -> Result<(Picture, Span)> {
        let facts = scene.clip.facts().clone();
        if extent == facts.extent {
            return scene.clip.frame(number);
        }
        let key = (number, extent.1);
        if let Some((_, kept)) = self.shrunk.iter().find(|(known, _)| *known == key) {
            return Ok(kept.clone());
        }
        let (picture, span) = scene.clip.frame(number)?;
        let plan = shrinking(scene.library, &facts, extent)?;
        let mut prepared = self.prepared_for(scene, plan)?;
        prepared.session.restart(None)?;
        let mut outputs = prepared.session.push(Some(picture), span)?;
        outputs.extend(prepared.session.finish()?);
        self.prepared.push_back(prepared);
        let small = outputs.into_iter().find_map(Output::picture);
        let small = small.ok_or_else(|| {
            RenderError::usage("the frame was not made smaller", "ask for the full size")
        })?;
        self.shrunk.push_back((key, (small.clone(), span)));
        if self.shrunk.len() > SHRUNK {
            self.shrunk.pop_front();
        }
        Ok((small, span))
    }
}

/// The size at which frames are rendered at a height of `lines`: that of the clip, or smaller with even sides.
pub(super) fn extent_of(facts: &ClipFacts, lines: Option<u32>) -> (u32, u32) {
    let (width, height) = facts.extent;
    match lines {
        Some(lines) if lines.max(2) < height => {
            let lines = lines.max(2) / 2 * 2;
            let columns = f64::from(width) * f64::from(lines) / f64::from(height);
            (((columns / 2.0).round() as u32 * 2).max(2), lines)
        }
        _ => (width, height),
    }
}

/// RGB of 8 bits: how pictures are shown.
fn shown_format() -> PixelFormat {
    PixelFormat::packed_rgb(8, 3, &[0, 1, 2])
}

/// The colours of the clip as RGB of full range.
fn shown_color(color: Color) -> Color {
    Color {
        matrix: 0,
        range: Range::Full,
        ..color
    }
}

fn source_of(facts: &ClipFacts, (width, height): (u32, u32)) -> Source {
    let coding = Coding::resolve(&facts.color, &facts.format, width, height);
    Source {
        width,
        height,
        coded: Some((facts.format, coding)),
        time_base: facts.time_base,
        rate: facts.rate,
        start: facts.start,
        interlaced: Default::default(),
    }
}

/// The styles of the one output, with the times of their tracks in seconds, and at what they measure as far as it is known.
pub(super) fn chain_of(settings: &Settings, facts: &ClipFacts) -> Result<Vec<StyleUse>> {
    let [style] = &settings.styles[..] else {
        return Err(RenderError::usage(
            "one style is shown at a time",
            "name one with --style, or a chain such as a+b",
        ));
    };
    let mut style = style.clone();
    style.in_seconds(facts.rate)?;
    let OutputStyle::Chain(chain) = style else {
        return Err(RenderError::usage(
            format!("{NO_STYLE} leaves pictures as they are: there is nothing to show"),
            "name a style with --style; `aquatint styles` lists them",
        ));
    };
    if let (Some(look), _) = measured_look("", &chain) {
        let part = look.first();
        let name = &part.style.name;
        let params = part.style.analyse.as_ref();
        let params = params.map_or(&[][..], |analyse| analyse.reducer.params);
        return Err(RenderError::usage(
            format!(
                "{name} measures all frames before the first is rendered, which is not done here"
            ),
            format!(
                "set what it measures: {name}.{}",
                params.join(&format!(", {name}."))
            ),
        ));
    }
    Ok(chain)
}

/// The plan of what is shown. What is asked for is its last port.
pub(super) fn planned(
    library: &Library,
    settings: &Settings,
    facts: &ClipFacts,
    extent: (u32, u32),
    shown: &Shown,
) -> Result<Plan> {
    let request = [request_of(library, settings, facts, shown)?];
    let source = source_of(facts, extent);
    let options = PlanOptions::default();
    Ok(match shown {
        Shown::Pass(pass) => plan_with_image(library, &source, &request, pass, options)?,
        _ => plan::plan(library, &source, &request, options)?,
    })
}

fn request_of(
    library: &Library,
    settings: &Settings,
    facts: &ClipFacts,
    shown: &Shown,
) -> Result<OutputRequest> {
    let chain = match shown {
        Shown::Source => vec![StyleUse::new(library.load(IDENTITY)?)],
        _ => chain_of(settings, facts)?,
    };
    Ok(OutputRequest {
        chain,
        format: shown_format(),
        color: shown_color(facts.color),
        temporal: settings.temporal,
    })
}

fn content(output: Output, pass: Option<String>) -> Content {
    match output.payload {
        Payload::Picture(picture) => Content::Picture(picture),
        Payload::Image(image, words) => Content::Image {
            name: pass.unwrap_or_default(),
            image,
            words,
        },
    }
}

fn no_frame(number: u64) -> RenderError {
    RenderError::usage(
        format!("the style makes no picture of frame {number}"),
        "choose another frame",
    )
}

/// The plan that makes frames of the clip smaller, in its own format.
fn shrinking(library: &Library, facts: &ClipFacts, extent: (u32, u32)) -> Result<Plan> {
    let request = OutputRequest {
        chain: vec![StyleUse {
            target: Some(extent),
            ..StyleUse::new(library.load(RESIZE)?)
        }],
        format: facts.format,
        color: facts.color,
        temporal: Temporal::Off,
    };
    let source = source_of(facts, facts.extent);
    Ok(plan::plan(
        library,
        &source,
        &[request],
        PlanOptions::default(),
    )?)
}
