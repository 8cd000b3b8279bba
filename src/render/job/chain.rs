//! The styles of an output as they are run: those that a person named, and those that the size and the frame rate asked
//! for need.

use super::super::error::{RenderError, Result};
use super::super::fields::interlaced;
use super::super::output_styles::{OutputStyle, style_use};
use super::super::request::Named;
use super::super::settings::{OutputRate, RATE};
use super::super::sizing::{Placement, RESIZE, Sized};
use super::Job;
use crate::frame::{FieldOrder, Pace, Retiming};
use crate::graph::plan::{self, Interlaced, StyleUse};
use crate::graph::style::{Role, Stage, Value, Values};
use crate::media::{AspectChanges, FrameShape};

/// The fragment that puts a picture on a canvas of another size.
const PLACE: &str = "common/place";

/// The styles of an output, and what its frames become by them.
pub(super) struct SizedChain {
    /// None where planes bypass the graph.
    pub chain: Option<Vec<StyleUse>>,
    pub frames: FrameShape,
    /// How their times follow from the source's; none where they are the same.
    pub retimings: Vec<Retiming>,
    /// What is to be said of the size and the rate.
    pub warnings: Vec<String>,
}

/// The style that takes back what a chain drifts, and how far colours may be off, as a share of white: at a consistency of 1, and
/// what is added to that at 0.
pub(super) const CONSISTENCY: &str = "consistency";
const LEAST_BOUND: f64 = 0.001;
const WIDEST_BOUND: f64 = 0.05;

impl Job {
    /// The chain of `look` with what the size and the frame rate asked for need. `even` is whether computed widths and heights must be even.
    ///
    /// # Errors
    /// `Usage` for sizes that are too large, also for FFmpeg, where the size, the shape or the rate of interlaced pictures would
    /// change, and for the rate of a picture; those of planning.
    pub(super) fn sized_chain(
        &self,
        look: &OutputStyle,
        source: &plan::Source,
        even: (bool, bool),
    ) -> Result<SizedChain> {
        if self.settings.aspect_changes == AspectChanges::Fit {
            self.check_fields("--aspect-changes fit would mix the two fields of the pictures of")?;
        }
        let mut chain = match look {
            OutputStyle::Bypass => None,
            OutputStyle::Chain(chain) => Some(chain.clone()),
        };
        let mut frames = self.input.info.frame_shape();
        let mut warnings = Vec::new();
        let mut scaled = (frames.width, frames.height);
        if let Some(sizing) = &self.settings.size {
            // A style that takes bars off makes another size by itself; one that enlarges has the size that is asked for.
            let scales = |part: &StyleUse| part.style.role == Some(Role::Scaler);
            let before: Vec<StyleUse> = chain
                .iter()
                .flatten()
                .take_while(|part| !scales(part))
                .cloned()
                .collect();
            let size = match before.is_empty() {
                true => scaled,
                false => {
                    plan::shape(&self.library, source, &before, self.settings.temporal)?.extent
                }
            };
            let placement = sizing.place(&Sized {
                size,
                sample_aspect: frames.sample_aspect,
                even,
            })?;
            scaled = placement.scaled;
            frames.sample_aspect = placement.sample_aspect;
            warnings.extend(sizing.notice(&placement));
            chain = self.with_size(chain, source, &placement)?;
        }
        chain = self.with_consistency(chain, &mut warnings)?;
        chain = self.with_rate(chain)?;
        if let (OutputStyle::Bypass, Some(chain)) = (look, &chain) {
            // Building blocks, which lie in folders of the library, are not to be named.
            let styles = chain.iter().map(|part| part.style.name.as_str());
            let names: Vec<&str> = styles.filter(|name| !name.contains('/')).collect();
            warnings.push(format!(
                "the style none changes nothing but what was asked for: the pictures go through {} alone",
                names.join("+")
            ));
        }
        warnings.extend(chain.as_deref().and_then(mixed_before));
        let mut retimings = Vec::new();
        if let Some(chain) = &chain {
            let shape = plan::shape(&self.library, source, chain, self.settings.temporal)?;
            (frames.width, frames.height) = shape.extent;
            let whole = (source.width, source.height);
            let scales = chain
                .iter()
                .any(|part| part.style.role == Some(Role::Scaler) && part.strength > 0.0);
            // What makes several frames of one makes them of its fields, if it has any. It helps only before a change of size.
            let times = |stage: &Retiming| !matches!(stage.pace, Pace::Rate(_));
            let scaler =
                |part: &StyleUse| part.style.role == Some(Role::Scaler) && part.strength > 0.0;
            let before = chain.iter().position(scaler).unwrap_or(chain.len());
            let made_whole = chain[..before].iter().any(makes_whole);
            if made_whole {
                frames.field_order = FieldOrder::Progressive;
                frames.whole = true;
            }
            let early = match before {
                0 => Vec::new(),
                before => {
                    let chain = &chain[..before];
                    plan::shape(&self.library, source, chain, self.settings.temporal)?.retimings
                }
            };
            let fields = !made_whole && !early.iter().any(times);
            if fields && scales && (scaled != whole || shape.extent != whole) {
                self.check_fields("a change of size would mix the two fields of the pictures of")?;
            }
            self.check_rate(&shape.retimings)?;
            retimings = shape.retimings;
            frames.time_base = shape.time_base;
            for retiming in &retimings {
                match &retiming.pace {
                    Pace::Times(times) => {
                        frames.frame_rate.num *= i64::from(*times);
                        frames.field_order = FieldOrder::Progressive;
                        frames.whole = true;
                    }
                    Pace::Film { .. } => {
                        frames.frame_rate = retiming.pace.rate(frames.frame_rate);
                        frames.field_order = FieldOrder::Progressive;
                        frames.whole = true;
                    }
                    &Pace::Rate(rate) => {
                        if fields {
                            self.check_fields("a change of rate would disturb the order of the fields of the pictures of")?;
                        }
                        frames.frame_rate = rate;
                    }
                }
            }
        }
        if !fits_ffmpeg(frames.width, frames.height) {
            return Err(RenderError::usage(
                format!(
                    "the pictures would become {}x{}, which are too many pixels: FFmpeg takes about 260 million, for example 16384x16000",
                    frames.width, frames.height
                ),
                "ask for a smaller size",
            ));
        }
        Ok(SizedChain {
            chain,
            frames,
            retimings,
            warnings,
        })
    }

    /// `chain` with a result of this size: its last style that changes the size does it, else one is added.
    fn with_size(
        &self,
        chain: Option<Vec<StyleUse>>,
        source: &plan::Source,
        placement: &Placement,
    ) -> Result<Option<Vec<StyleUse>>> {
        let mut parts = chain.clone().unwrap_or_default();
        let mut scalers = parts
            .iter_mut()
            .filter(|part| part.style.role == Some(Role::Scaler));
        if let Some(scaler) = scalers.next_back() {
            scaler.target = Some(placement.scaled);
        } else {
            let shape = plan::shape(&self.library, source, &parts, self.settings.temporal)?;
            if shape.extent != placement.scaled {
                parts.push(StyleUse {
                    target: Some(placement.scaled),
                    ..StyleUse::new(self.library.load(RESIZE)?)
                });
            }
        }
        if placement.size != placement.scaled {
            let mut place = StyleUse::new(self.library.load(PLACE)?);
            let (width, height) = placement.size;
            place.values = Values(
                [
                    ("width", f64::from(width)),
                    ("height", f64::from(height)),
                    ("x", placement.at.0 as f64),
                    ("y", placement.at.1 as f64),
                ]
                .map(|(name, value)| (name.to_owned(), Value::Number(value)))
                .into(),
            );
            parts.push(place);
        }
        Ok(match chain {
            None if parts.is_empty() => None,
            _ => Some(parts),
        })
    }

    /// The chain with the style that takes back what it drifts, where that is asked for: after all that makes its pictures, and before
    /// what repeats or mixes them for another rate. `warnings` is told where there is nothing that could drift.
    fn with_consistency(
        &self,
        chain: Option<Vec<StyleUse>>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Vec<StyleUse>>> {
        let Some(share) = self.settings.consistency else {
            return Ok(chain);
        };
        let is_picture = self.input.info.is_image && self.input.info.sequence.is_none();
        let (Some(mut parts), false) = (chain.clone(), is_picture) else {
            let why = match is_picture {
                true => "one picture does not drift",
                false => "frames that bypass the graph do not drift",
            };
            warnings.push(format!("--consistency changes nothing: {why}"));
            return Ok(chain);
        };
        if parts.iter().any(|part| part.style.name == CONSISTENCY) {
            return Ok(chain);
        }
        let mut part = style_use(self.library.load(CONSISTENCY)?);
        let bound = LEAST_BOUND + (1.0 - share) * WIDEST_BOUND;
        part.values
            .set(CONSISTENCY, &part.style.params, "bound", &bound.to_string())?;
        let rate = |part: &StyleUse| part.style.role == Some(Role::Rate);
        let at = parts.iter().position(rate).unwrap_or(parts.len());
        parts.insert(at, part);
        Ok(Some(parts))
    }

    /// `chain` with a result of the rate that was asked for: its last style that changes the rate does it, else one is
    /// added.
    fn with_rate(&self, chain: Option<Vec<StyleUse>>) -> Result<Option<Vec<StyleUse>>> {
        let changes = |part: &StyleUse| part.style.role == Some(Role::Rate);
        let Some(OutputRate { rate, mode }) = self.settings.fps else {
            let idle = chain
                .iter()
                .flatten()
                .find(|part| changes(part) && part.style.name == RATE);
            // A sequence may have been read at the rate.
            return match idle {
                Some(_) if self.input.info.sequence.is_none() => Err(RenderError::usage(
                    format!("the style {RATE} gives frames another rate, but no rate is given"),
                    "add --fps, for example --fps 50, or leave the style out",
                )),
                _ => Ok(chain),
            };
        };
        if self.input.info.is_image {
            return Err(RenderError::usage(
                format!(
                    "{} is a picture: it has no frame rate to change",
                    self.input.info.path.display()
                ),
                "leave --fps out, or the preset that has it",
            ));
        }
        let mut parts = chain.unwrap_or_default();
        if !parts.iter().any(changes) {
            parts.push(StyleUse::new(self.library.load(RATE)?));
        }
        if let Some(part) = parts.iter_mut().rfind(|part| changes(part)) {
            part.rate = Some(rate);
            if let Some(mode) = mode.filter(|_| part.style.name == RATE) {
                part.values
                    .set(RATE, &part.style.params, "mode", mode.name())?;
            }
        }
        Ok(Some(parts))
    }

    /// That a picture stays one picture, and a video gets the rate that was asked for.
    fn check_rate(&self, stages: &[Retiming]) -> Result<()> {
        if self.input.info.is_image && !stages.is_empty() {
            return Err(RenderError::usage(
                format!(
                    "{} is a picture: a style that makes several frames of one needs a video",
                    self.input.info.path.display()
                ),
                "leave that style out",
            ));
        }
        let rate = self.settings.fps.map(|asked| asked.rate);
        match (rate, stages.last().map(|stage| stage.pace.clone())) {
            (Some(rate), Some(Pace::Rate(made))) if rate == made => Ok(()),
            (None, _) => Ok(()),
            _ => Err(RenderError::usage(
                "the style that changes the frame rate does not give the rate that was asked for",
                "leave its strength at 1, or leave the style out: then the style rate does it",
            )),
        }
    }

    /// That the pictures are not made of two fields; `what` a change would do to them.
    fn check_fields(&self, what: &str) -> Result<()> {
        let why = match interlaced(self.input.info.pictures()) {
            Interlaced::Tagged => "they are tagged as interlaced",
            Interlaced::Untagged => "they look interlaced, though they are tagged as progressive",
            Interlaced::No => return Ok(()),
        };
        if self.settings.interlaced_anyway {
            return Ok(());
        }
        Err(RenderError::usage(
            format!("{what} {}: {why}", self.input.info.path.display()),
            "put the style deinterlace before what changes them (-s deinterlace+…), or give --interlaced-anyway",
        ))
    }
}

/// Whether a style makes whole pictures of fields.
fn makes_whole(part: &StyleUse) -> bool {
    part.style.stage == Some(Stage::Fields) && part.strength > 0.0
}

/// What is to be said where a style works on the fields of pictures after another has mixed them.
fn mixed_before(chain: &[StyleUse]) -> Option<String> {
    let at = chain.iter().position(makes_whole)?;
    let mixes = |part: &&StyleUse| part.strength > 0.0 && part.style.stage != Some(Stage::Tape);
    let before = chain[..at].iter().find(mixes)?;
    let (before, style) = (&before.style.name, &chain[at].style.name);
    Some(format!(
        "the style {style} works on the fields of pictures, and {before} before it may mix them: put {style} before {before}"
    ))
}

/// Whether FFmpeg takes pictures of this size: `av_image_check_size` allows so many bytes for any pixel format, with a border.
fn fits_ffmpeg(width: u32, height: u32) -> bool {
    let bordered = |side: u32| u64::from(side) + 128;
    8 * bordered(width) * bordered(height) < i32::MAX as u64
}
