//! Choices of a style that the input decides: frames of it are halved, each choice enlarges them again, and the one that comes
//! nearest to the frames is taken. What learnt on drawings shows itself on drawings, whatever they look like.

use std::path::Path;

use super::error::Result;
use super::files;
use super::settings::Settings;
use super::sizing::RESIZE;
use crate::frame::{Picture, Rational, Span};
use crate::graph::cpu::CpuExecutor;
use crate::graph::plan::{self, OutputRequest, PlanOptions, Source, StyleUse, Temporal};
use crate::graph::style::{Choice, Library, ParamKind, Value};
use crate::graph::{Payload, Session};
use crate::media::{self, SourceEvent, TimeRange};

/// Decibels of PSNR that a choice must be nearer than the first to be taken in its place. Less is within what pictures of
/// one kind differ by.
const LEAST_GAIN: f64 = 0.4;
/// Frames that are looked at, where a clip has so many: at these parts of its length.
const PLACES: [f64; 2] = [1.0 / 3.0, 2.0 / 3.0];
/// Above this a frame is flat, and tells nothing.
const FLAT: f64 = 60.0;
/// The least side of a frame that is looked at, in pixels.
const LEAST_SIDE: u32 = 32;

/// A choice that is still to be made.
struct Open {
    /// Place of the parameter among those of its style.
    param: usize,
    trial: Vec<Choice>,
}

fn open_of(part: &StyleUse) -> Option<Open> {
    let mut params = part.style.params.iter().enumerate();
    params.find_map(|(param, described)| match &described.kind {
        ParamKind::Choice { default, trial, .. } => {
            let is_open = !trial.is_empty()
                && part.values.get(&described.name) == Some(&Value::Choice(default.clone()));
            let trial = trial.clone();
            is_open.then_some(Open { param, trial })
        }
        _ => None,
    })
}

/// `STYLE.PARAM` of an open choice of `part`.
fn name_of(part: &StyleUse, open: &Open) -> String {
    format!("{}.{}", part.style.name, part.style.params[open.param].name)
}

/// Makes choices that `input` decides.
pub(super) struct Trials<'a> {
    library: &'a Library,
    settings: &'a Settings,
    input: &'a Path,
    /// Frames of the input, or why there are none; `None` until they are needed.
    frames: Option<std::result::Result<Vec<Picture>, String>>,
    /// What was chosen, and why.
    pub choices: Vec<String>,
    /// Choices that could not be made: each is its first.
    pub fallbacks: Vec<String>,
}

impl<'a> Trials<'a> {
    pub fn new(library: &'a Library, settings: &'a Settings, input: &'a Path) -> Self {
        Self {
            library,
            settings,
            input,
            frames: None,
            choices: Vec::new(),
            fallbacks: Vec::new(),
        }
    }

    /// Makes the open choices of `chain`.
    pub fn decide(&mut self, chain: &mut [StyleUse]) {
        for part in chain {
            let Some(open) = open_of(part) else {
                continue;
            };
            let frames = self
                .frames
                .get_or_insert_with(|| frames_of(self.input, self.settings));
            let tried = match frames {
                Ok(frames) => {
                    tried(self.library, part, &open, frames).map_err(|error| error.to_string())
                }
                Err(why) => Err(why.clone()),
            };
            let (name, first) = (name_of(part, &open), &open.trial[0]);
            let choice = match tried {
                Ok((choice, gain)) => {
                    let mut told = format!("{name} is {}", choice.name);
                    if gain > 0.0 {
                        told += &format!(
                            ": halved frames of the input come {gain:.1} dB nearer than with {}",
                            first.name
                        );
                    }
                    self.choices.push(told);
                    choice
                }
                Err(why) => {
                    self.fallbacks.push(format!(
                        "{name} is {}, as the input cannot be tried: {why}",
                        first.name
                    ));
                    first.clone()
                }
            };
            set(part, &open, choice);
        }
    }
}

fn set(part: &mut StyleUse, open: &Open, choice: Choice) {
    let name = &part.style.params[open.param].name;
    let mut values = part.values.0.iter_mut();
    if let Some((_, value)) = values.find(|(known, _)| known == name) {
        *value = Value::Choice(choice);
    }
}

/// What is told of the choices of `chain` where the input is not asked.
pub fn untried(chain: &[StyleUse]) -> Vec<String> {
    let open = chain.iter().filter_map(|part| {
        let open = open_of(part)?;
        let names: Vec<&str> = open.trial.iter().map(|choice| &*choice.name).collect();
        Some(format!(
            "{} is {} here; a render tries {} on the input",
            name_of(part, &open),
            names[0],
            names.join(" and ")
        ))
    });
    open.collect()
}

/// Some frames of `input`, from its middle where it is a file with a length.
fn frames_of(input: &Path, settings: &Settings) -> std::result::Result<Vec<Picture>, String> {
    let frames = || -> Result<Vec<Picture>> {
        media::needs_reading_again(input, "frames of it are looked at first")?;
        let mut source = media::Source::open_at(input, settings.reading())?;
        source.pictures_only();
        let (start, length) = (source.info().start.unwrap_or(0.0), source.info().duration);
        let mut places = vec![None];
        if let Some(length) = length.filter(|_| source.info().is_seekable()) {
            let place = |part| {
                let milliseconds = (1000.0 * length * part) as i64;
                let range = TimeRange {
                    start: Rational::new(milliseconds, 1000),
                    end: None,
                };
                Some(range.ticks(source.time_base(), start).start)
            };
            places = PLACES.map(place).to_vec();
        }
        let mut frames: Vec<Picture> = Vec::new();
        for place in places {
            if let Some(pts) = place {
                source.seek(pts)?;
            }
            while let Some(event) = source.next_event()? {
                if let SourceEvent::Frame(frame, _) = event {
                    frames.push(frame.picture);
                    break;
                }
            }
        }
        Ok(frames)
    };
    frames().map_err(|error| error.to_string())
}

/// The choice of `open` that `frames` decide for, and by how many decibels it is nearer than the first.
fn tried(
    library: &Library,
    part: &StyleUse,
    open: &Open,
    frames: &[Picture],
) -> Result<(Choice, f64)> {
    let mut gains = vec![0.0; open.trial.len()];
    let mut told = 0.0;
    for frame in frames {
        if frame.width.min(frame.height) < LEAST_SIDE {
            continue;
        }
        let nearness = nearness(library, part, open, frame)?;
        if nearness.iter().any(|psnr| *psnr > FLAT) {
            continue;
        }
        told += 1.0;
        for (gain, psnr) in gains.iter_mut().zip(&nearness) {
            *gain += psnr - nearness[0];
        }
    }
    let best = gains.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    let best = best.map(|(index, gain)| (index, gain / f64::max(told, 1.0)));
    Ok(match best {
        Some((index, gain)) if gain >= LEAST_GAIN => (open.trial[index].clone(), gain),
        _ => (open.trial[0].clone(), 0.0),
    })
}

/// PSNR of each choice, in decibels, when it brings `frame` back from half its size. By the twins, so that all machines decide
/// alike.
fn nearness(library: &Library, part: &StyleUse, open: &Open, frame: &Picture) -> Result<Vec<f64>> {
    let halved = StyleUse {
        target: Some((frame.width / 2, frame.height / 2)),
        ..StyleUse::new(library.load(RESIZE)?)
    };
    let mut requests = Vec::with_capacity(open.trial.len());
    for choice in &open.trial {
        let mut enlarged = StyleUse {
            strength: 1.0,
            target: Some((frame.width, frame.height)),
            rate: None,
            ..part.clone()
        };
        set(&mut enlarged, open, choice.clone());
        requests.push(OutputRequest {
            chain: vec![halved.clone(), enlarged],
            format: frame.format,
            color: frame.color,
            temporal: Temporal::Off,
        });
    }
    let plan = plan::plan(
        library,
        &Source::of(frame),
        &requests,
        PlanOptions::default(),
    )?;
    let files = plan.files.iter();
    let files = files
        .map(|file| files::read(library, &plan, file))
        .collect::<Result<Vec<_>>>()?;
    let executor = CpuExecutor::new(plan, &files)?;
    let mut session = Session::new(Box::new(executor), Some(0), 0);
    let span = Span {
        pts: 0,
        duration: 1,
    };
    let mut outputs = session.push(Some(frame.clone()), span)?;
    outputs.extend(session.finish()?);
    let mut nearness = vec![0.0; open.trial.len()];
    for output in outputs {
        if let Payload::Picture(made) = output.payload {
            nearness[output.port] = psnr(frame, &made);
        }
    }
    Ok(nearness)
}

/// PSNR of luma, or of all colours where there is none, in decibels.
fn psnr(a: &Picture, b: &Picture) -> f64 {
    let colours = a.format.colour_count();
    let components = if a.format.is_chroma(1) { 1 } else { colours };
    let (mut sum, mut count) = (0.0, 0.0);
    for component in 0..components {
        for y in 0..a.height as usize {
            let rows = [a, b].map(|picture| picture.component_row(component, y));
            for (a, b) in rows[0].iter().zip(rows[1].iter()) {
                sum += (f64::from(a) - f64::from(b)).powi(2);
                count += 1.0;
            }
        }
    }
    let most = f64::from(a.format.max_value());
    10.0 * (most * most * count / f64::max(sum, 1e-9)).log10()
}
