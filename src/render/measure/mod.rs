//! `aquatint measure`: numbers of the frames of a video, and how far they are from those of another. The numbers come from
//! graph kernels (`common/measure/…`), so that every device gives the same.

mod numbers;
mod pair;
mod summary;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::device::Choice;
use super::error::{RenderError, Result};
use super::event::Cancel;
use crate::frame::{Frame, Picture, Span};
use crate::graph::gpu::{GpuPool, Wanted};
use crate::graph::plan::{MeasuringPlan, PlanOptions, Source, StyleUse, Temporal, measuring_plan};
use crate::graph::style::Library;
use crate::graph::{Device, Output, Payload, Session};
use crate::media::{self, Reading, SourceEvent, TimeRange};
use numbers::Difference;
pub use numbers::{Likeness, LumaNumbers};
use summary::Totals;
pub use summary::{Compared, Summary};

/// What is measured.
#[derive(Clone, Debug)]
pub struct Measure {
    pub input: PathBuf,
    /// What the input is held against, frame by frame in their order.
    pub reference: Option<PathBuf>,
    /// The part of the reference that is compared; `None` is all of it.
    pub part: Option<TimeRange>,
    /// How the input is read.
    pub reading: Reading,
    /// How the reference is read.
    pub reference_reading: Reading,
    pub device: Wanted,
}

/// Numbers of one frame of the input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameNumbers {
    /// Number of the frame, from 0.
    pub frame: u64,
    /// When it is shown, in ticks of the stream and in seconds.
    pub pts: i64,
    pub time: f64,
    #[serde(flatten)]
    pub luma: LumaNumbers,
    /// None where there is no reference, or it has fewer frames.
    #[serde(flatten)]
    pub likeness: Option<Likeness>,
}

impl Measure {
    /// Measures all frames; `tell` is given each, in order.
    ///
    /// # Errors
    /// `Usage` where the two inputs cannot be compared; those of [`media::Source`], of executors, and of `tell`; `Cancelled`.
    pub fn run(
        &self,
        library: &Library,
        tell: &mut dyn FnMut(&FrameNumbers) -> Result<()>,
        cancel: &Cancel,
    ) -> Result<Summary> {
        let mut input = Frames::open(&self.input, self.reading, None)?;
        let reference = self.reference.as_deref();
        let mut reference = reference
            .map(|path| Frames::open(path, self.reference_reading, self.part))
            .transpose()?;
        let mut next = input.next()?;
        let mut other = match &mut reference {
            Some(reference) => reference.next()?,
            None => None,
        };
        let Some(first) = next.as_ref().map(|frame| frame.picture.clone()) else {
            return Err(RenderError::Nothing {
                path: self.input.clone(),
            });
        };
        let (choice, mut luma) = self.meter(library, "common/measure/luma", &first)?;
        let mut compared = match (&other, &self.reference) {
            (Some(frame), Some(path)) => {
                self.check_alike(&first, &frame.picture, path)?;
                let both = pair::stacked(&first, &frame.picture);
                let plan = plan_of(library, "common/measure/difference", &both)?;
                Some(Meter::new(library, &choice, plan)?)
            }
            (None, Some(path)) => return Err(RenderError::Nothing { path: path.clone() }),
            (_, None) => None,
        };
        if first.format.is_float() {
            return Err(RenderError::usage(
                format!(
                    "{} is of floats, which are not measured",
                    self.input.display()
                ),
                "measure what is rendered of it with whole numbers, for example a .png",
            ));
        }
        let depth = first.format.depth;
        let depths = other
            .as_ref()
            .map_or(depth, |frame| depth.max(frame.picture.format.depth));
        let size = (first.width, first.height);
        let mut totals = Totals::new(depths);
        let mut ready = Ready::default();
        while let Some(frame) = next.take() {
            if cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            if let Some(meter) = &mut compared {
                match &other {
                    Some(other) => {
                        let both = pair::stacked(&frame.picture, &other.picture);
                        ready.differ(meter.push(both, frame.span)?, size);
                    }
                    None => {
                        ready.differ(meter.finish()?, size);
                        compared = None;
                    }
                }
            }
            ready.frames.push_back(frame.span);
            ready.measured(luma.push(frame.picture, frame.span)?, depth);
            next = input.next()?;
            if let Some(reference) = &mut reference {
                other = reference.next()?;
            }
            let waits = compared.is_some();
            ready.tell(&input, depths, waits, &mut totals, tell)?;
        }
        ready.measured(luma.finish()?, depth);
        if let Some(meter) = &mut compared {
            ready.differ(meter.finish()?, size);
        }
        ready.tell(&input, depths, false, &mut totals, tell)?;
        if let Some(reference) = &mut reference {
            while other.take().is_some() {
                other = reference.next()?;
            }
        }
        let files = [Some(&input), reference.as_ref()];
        let damage = files.into_iter().flatten().flat_map(Frames::damage);
        let turned = reference
            .as_ref()
            .and_then(|other| input.turned_beside(other));
        Ok(totals.summary(summary::Measured {
            input: self.input.clone(),
            reference: reference
                .as_ref()
                .map(|other| (other.path.clone(), other.read)),
            device: luma.session.device(),
            picture: first,
            warnings: turned.into_iter().chain(damage).collect(),
        }))
    }

    /// Refuses pictures that cannot be compared.
    fn check_alike(&self, first: &Picture, other: &Picture, path: &Path) -> Result<()> {
        let name = |path: &Path| path.display().to_string();
        let (input, reference) = (name(&self.input), name(path));
        if (first.width, first.height) != (other.width, other.height) {
            return Err(RenderError::usage(
                format!(
                    "{input} is {}x{}, but {reference} is {}x{}",
                    first.width, first.height, other.width, other.height
                ),
                "give two files of the same size, or measure each on its own",
            ));
        }
        let ranges = [first, other].map(pair::limited_range);
        if ranges[0] != ranges[1] {
            let words = ranges.map(|limited| if limited { "limited" } else { "full" });
            return Err(RenderError::usage(
                format!(
                    "{input} has luma in {} range, but {reference} in {} range: the same code means another brightness",
                    words[0], words[1]
                ),
                "convert one of them to the range of the other first",
            ));
        }
        Ok(())
    }

    /// A device, and the plan of `style` ready to run on it.
    fn meter(&self, library: &Library, style: &str, picture: &Picture) -> Result<(Choice, Meter)> {
        let plan = plan_of(library, style, picture)?;
        let (choice, _) = Choice::of(&self.device, &plan.plan, &GpuPool::default())?;
        let meter = Meter::new(library, &choice, plan)?;
        Ok((choice, meter))
    }
}

/// What the style offers to be measured of pictures like `picture`.
fn plan_of(library: &Library, style: &str, picture: &Picture) -> Result<MeasuringPlan> {
    let style = library.load(style)?;
    let part = StyleUse::new(style);
    let source = Source::of(picture);
    let (temporal, options) = (Temporal::Off, PlanOptions::default());
    Ok(measuring_plan(
        library,
        &source,
        &[part],
        temporal,
        options,
    )?)
}

/// A measuring plan at work; its first port is read.
struct Meter {
    session: Session,
}

impl Meter {
    fn new(library: &Library, choice: &Choice, plan: MeasuringPlan) -> Result<Self> {
        let executor = choice.executor(library, plan.plan, &[])?;
        Ok(Self {
            session: Session::new(executor, Some(0), 0),
        })
    }

    /// Hands over a picture; returns the words that are ready, in order.
    fn push(&mut self, picture: Picture, span: Span) -> Result<Vec<Vec<u32>>> {
        Ok(words_of(self.session.push(Some(picture), span)?))
    }

    fn finish(&mut self) -> Result<Vec<Vec<u32>>> {
        Ok(words_of(self.session.finish()?))
    }
}

fn words_of(outputs: Vec<Output>) -> Vec<Vec<u32>> {
    let words = outputs
        .into_iter()
        .filter_map(|output| match output.payload {
            Payload::Image(_, words) if output.port == 0 => Some(words),
            _ => None,
        });
    words.collect()
}

/// Numbers that have come, each kind in order; a frame is told when all its numbers are here.
#[derive(Default)]
struct Ready {
    told: u64,
    frames: VecDeque<Span>,
    luma: VecDeque<LumaNumbers>,
    differences: VecDeque<Difference>,
}

impl Ready {
    fn measured(&mut self, words: Vec<Vec<u32>>, depth: u8) {
        let numbers = words.iter().map(|words| LumaNumbers::read(words, depth));
        self.luma.extend(numbers);
    }

    fn differ(&mut self, words: Vec<Vec<u32>>, size: (u32, u32)) {
        let differences = words.iter().map(|words| Difference::read(words, size));
        self.differences.extend(differences);
    }

    /// Tells all frames that are complete; with `waits`, only those with a difference are.
    fn tell(
        &mut self,
        input: &Frames,
        depth: u8,
        waits: bool,
        totals: &mut Totals,
        tell: &mut dyn FnMut(&FrameNumbers) -> Result<()>,
    ) -> Result<()> {
        loop {
            let complete = !waits || !self.differences.is_empty();
            if self.luma.is_empty() || !complete {
                return Ok(());
            }
            let (Some(span), Some(luma)) = (self.frames.pop_front(), self.luma.pop_front()) else {
                return Ok(());
            };
            let difference = self.differences.pop_front();
            let numbers = FrameNumbers {
                frame: self.told,
                pts: span.pts,
                time: input.source.time_base().seconds(span.pts),
                luma,
                likeness: difference.map(|difference| Likeness::of(difference, depth)),
            };
            totals.add(&numbers, difference);
            tell(&numbers)?;
            self.told += 1;
        }
    }
}

/// The frames of a file.
struct Frames {
    path: PathBuf,
    source: media::Source,
    read: u64,
}

impl Frames {
    fn open(path: &Path, reading: Reading, part: Option<TimeRange>) -> Result<Self> {
        let mut source = media::Source::open_at(path, reading)?;
        if let Some(part) = &part {
            source.select(part)?;
        }
        Ok(Self {
            path: path.to_owned(),
            source,
            read: 0,
        })
    }

    fn next(&mut self) -> Result<Option<Frame>> {
        loop {
            match self.source.next_event()? {
                Some(SourceEvent::Frame(frame, _)) => {
                    self.read += 1;
                    return Ok(Some(frame));
                }
                Some(SourceEvent::Packet(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// What is said where players turn the pictures of one of two files, or each in another way: they are compared as
    /// they are encoded.
    fn turned_beside(&self, other: &Self) -> Option<String> {
        let rotation = |file: &Self| {
            let pictures = file.source.info().pictures();
            pictures.rotation_text().unwrap_or_else(|| "0°".to_owned())
        };
        let (own, its) = (rotation(self), rotation(other));
        (own != its).then(|| {
            format!(
                "players turn the pictures of {} by {own} and those of {} by {its}: they are compared as encoded, not as \
                 shown; turn one of them first, with --style none --rotation apply",
                self.path.display(),
                other.path.display()
            )
        })
    }

    /// The damage that was found, for people.
    fn damage(&self) -> Vec<String> {
        let words = self.source.damage().words().into_iter();
        words
            .map(|words| format!("{}: {words}", self.path.display()))
            .collect()
    }
}
