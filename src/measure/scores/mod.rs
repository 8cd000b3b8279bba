//! `aquatint measure`: numbers of the frames of a video, and how far they are from those of another.

mod frames;
mod lpips;
mod luma;
mod page;
mod reference;
mod summary;
mod vmaf;
mod worst;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::frame::{Frame, Model, Picture};
use crate::graph::scene::Observer;
use crate::media::{Reading, TimeRange};
use crate::metrics::{Meter, Metric, Metrics, Needs, Numbers, Plane, has_limited_range};
use crate::render::{AnalysisProgress, Cancel, Event, RenderError, Result};
use frames::Frames;
use lpips::Lpips;
pub use luma::Luma;
pub use page::page;
pub use reference::Align;
use reference::Reference;
pub use summary::{Compared, Summary};
use vmaf::Vmaf;
pub use worst::{WorstFrame, WorstFrames};

/// What is measured.
#[derive(Clone, Debug)]
pub struct Scores {
    pub input: PathBuf,
    /// What the input is held against.
    pub reference: Option<PathBuf>,
    /// The part of the reference that is compared; `None` is all of it.
    pub part: Option<TimeRange>,
    /// How the input is read.
    pub reading: Reading,
    /// How the reference is read.
    pub reference_reading: Reading,
    /// How their frames belong together; `None` decides: by time, but by order where one is a picture or a sequence, which
    /// has no times of its own.
    pub align: Option<Align>,
    /// The metrics; `None` are the usual ones.
    pub metrics: Option<Metrics>,
    /// The model that LPIPS is measured by.
    pub lpips_model: Option<PathBuf>,
    /// Every which frame is measured, at least 1.
    pub every: u64,
    /// Whether pictures of the worst frames are kept.
    pub keeps_worst: bool,
}

/// Numbers of one frame of the input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameScores {
    /// Number of the frame, from 0.
    pub frame: u64,
    /// When it is shown, in ticks of the stream and in seconds.
    pub pts: i64,
    pub time: f64,
    #[serde(flatten)]
    pub luma: Luma,
    /// Whether there is a frame of the reference beside it.
    #[serde(skip)]
    pub compared: bool,
    /// Whether a scene begins with it.
    pub cut: bool,
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// What was measured.
#[derive(Debug)]
pub struct Scored {
    pub summary: Summary,
    pub frames: Vec<FrameScores>,
    /// The worst frames, the worst first, where they were to be kept.
    pub worst: Option<WorstFrames>,
}

impl Scores {
    /// Measures the frames; `tell` is given each, in order.
    ///
    /// # Errors
    /// `Usage` where the two inputs cannot be compared; those of [`crate::media::Source`] and of `tell`; `Cancelled`.
    pub fn run(
        &self,
        tell: &mut dyn FnMut(&FrameScores) -> Result<()>,
        listen: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Scored> {
        let mut input = Frames::open(&self.input, self.reading, None)?;
        let reference = self.reference.as_deref();
        let mut reference = reference
            .map(|path| {
                let frames = Frames::open(path, self.reference_reading, self.part)?;
                let align = self.align.unwrap_or_else(|| fitting_align(&input, &frames));
                Reference::new(frames, align)
            })
            .transpose()?;
        let first = input.first()?;
        let mut warnings = Vec::new();
        let mut metrics = self.metrics(&first, reference.as_ref(), &mut warnings)?;
        let by_ffmpeg = self.by_ffmpeg(&mut metrics, &first.picture, &mut warnings)?;
        let mut lpips = self.lpips(&mut metrics, reference.is_some(), &mut warnings)?;
        let mut worst = self.keeps_worst.then(|| WorstFrames::new(&metrics));
        let mut meter = Meter::new(metrics.clone(), input.info().pictures().frame_rate);
        let mut observer = Observer::default();
        let mut progress = AnalysisProgress::new(self.input.clone(), input.info().video().frames);
        let origin = input.seconds(first.span.pts);
        let picture = first.picture.clone();
        let mut next = Some(first);
        let mut told = Vec::new();
        let mut vmaf = None;
        while let Some(frame) = next.take() {
            if cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            let number = input.read - 1;
            let time = input.seconds(frame.span.pts);
            let other = match &mut reference {
                Some(reference) => reference.at(time - origin)?.map(|other| &other.picture),
                None => None,
            };
            let cut = observer.observe(&frame.picture).cut && number > 0;
            if cut {
                meter.cut();
            }
            if number % self.every == 0 {
                let luma = Plane::luma(&frame.picture);
                let mut scores = FrameScores {
                    frame: number,
                    pts: frame.span.pts,
                    time,
                    luma: Luma::of(&luma),
                    compared: other.is_some(),
                    cut,
                    numbers: meter.frame((&frame.picture, &luma), other),
                };
                if let (Some(program), Some(other)) = (&by_ffmpeg, other) {
                    let [a, b] = alike(&frame.picture, other);
                    let running: &mut Vmaf = match &mut vmaf {
                        Some(running) => running,
                        none => none.insert(Vmaf::start(program, &a)?),
                    };
                    running.frame(&a, &b)?;
                }
                if let (Some(lpips), Some(other)) = (&mut lpips, other) {
                    let value = lpips.measure(&frame.picture, other)?;
                    scores.numbers.values.put(Metric::Lpips, Some(value));
                }
                if let Some(worst) = &mut worst {
                    worst.frame(&scores, &frame.picture, other);
                }
                if by_ffmpeg.is_none() {
                    tell(&scores)?;
                }
                told.push(scores);
            }
            next = input.next()?;
            if let Some(event) = progress.frame() {
                listen(event);
            }
        }
        listen(progress.event());
        if let Some(reference) = &mut reference {
            reference.finish()?;
        }
        if let Some(vmaf) = vmaf {
            let compared = told.iter_mut().filter(|scores| scores.compared);
            for (scores, found) in compared.zip(vmaf.finish()?) {
                let wanted = found.into_iter().filter(|(metric, _)| metrics.has(*metric));
                let wanted = wanted.map(|(metric, value)| (metric, Some(value)));
                scores.numbers.values.0.extend(wanted);
            }
        }
        if by_ffmpeg.is_some() {
            told.iter().try_for_each(&mut *tell)?;
        }
        let frames_of = reference.as_ref().map(|reference| &reference.frames);
        let turned = frames_of.and_then(|other| input.turned_beside(other));
        let damage = [Some(&input), frames_of];
        let damage = damage.into_iter().flatten().flat_map(Frames::damage);
        warnings.extend(turned.into_iter().chain(damage));
        let summary = summary::summary(self, &input, &picture, reference.as_ref(), warnings, &told);
        Ok(Scored {
            summary,
            frames: told,
            worst,
        })
    }

    /// What is measured of pictures like `first`.
    fn metrics(
        &self,
        first: &Frame,
        reference: Option<&Reference>,
        warnings: &mut Vec<String>,
    ) -> Result<Metrics> {
        if first.picture.format.is_float() {
            return Err(RenderError::usage(
                format!(
                    "{} is of floats, which are not measured",
                    self.input.display()
                ),
                "measure what is rendered of it with whole numbers, for example a .png",
            ));
        }
        let asked = self.metrics.clone();
        let mut metrics = asked.clone().unwrap_or_else(Metrics::usual);
        if self.every > 1 {
            warnings.extend(metrics.take_out_what_needs_all());
        }
        let compares = |metric: &Metric| metric.about().needs != Needs::Picture;
        let comparing = metrics.0.iter().copied().find(compares);
        match (reference.and_then(Reference::first), comparing) {
            (Some(other), Some(_)) => {
                let has_size = (first.picture.width, first.picture.height)
                    == (other.picture.width, other.picture.height);
                match asked.is_none() && !has_size {
                    true => {
                        let names: Vec<&str> = metrics
                            .0
                            .iter()
                            .filter(|metric| compares(metric))
                            .map(|metric| metric.name())
                            .collect();
                        warnings.push(format!(
                            "left out, because the two have other sizes: {}",
                            names.join(", ")
                        ));
                        metrics.0.retain(|metric| !compares(metric));
                    }
                    false => self.check_alike(&first.picture, &other.picture)?,
                }
            }
            (None, Some(metric)) => {
                let left_out: Vec<&str> = metrics
                    .0
                    .iter()
                    .filter(|metric| compares(metric))
                    .map(|metric| metric.name())
                    .collect();
                let words = left_out.join(", ");
                metrics.0.retain(|metric| !compares(metric));
                if metrics.0.is_empty() {
                    return Err(RenderError::usage(
                        format!("{} needs a reference", metric.name()),
                        "name the video that it is compared with: aquatint measure OUTPUT REFERENCE",
                    ));
                }
                // Nobody asked for the usual ones by name.
                if asked.is_some() {
                    warnings.push(format!("left out, because they need a reference: {words}"));
                }
            }
            (None, None) => {}
            (Some(_), None) => {}
        }
        Ok(metrics)
    }

    /// The program that measures VMAF, where that is wanted. Where it cannot be measured it is refused, or taken out of
    /// `metrics` and said where all were asked for.
    fn by_ffmpeg(
        &self,
        metrics: &mut Metrics,
        picture: &Picture,
        warnings: &mut Vec<String>,
    ) -> Result<Option<OsString>> {
        if metrics.that_need(Needs::Vmaf).next().is_none() {
            return Ok(None);
        }
        let of_rgb = picture.format.model == Model::Rgb;
        let program = vmaf::program().filter(|_| !of_rgb);
        if program.is_some() {
            return Ok(program);
        }
        let why = match of_rgb {
            true => "VMAF is of luma as video has it, and these pictures are RGB".to_owned(),
            false => format!(
                "no ffmpeg program with libvmaf was found in the PATH or in {}",
                vmaf::PROGRAM
            ),
        };
        if self
            .metrics
            .as_ref()
            .is_some_and(|asked| *asked != Metrics::all())
        {
            return Err(RenderError::usage(
                format!("vmaf cannot be measured: {why}"),
                "install one, or leave vmaf and vmaf_neg out of --metrics",
            ));
        }
        metrics
            .0
            .retain(|metric| metric.about().needs != Needs::Vmaf);
        warnings.push(format!("vmaf and vmaf_neg were left out: {why}"));
        Ok(None)
    }

    /// The model that measures LPIPS, where that is wanted. Without one it is refused, or taken out of `metrics` and said where all
    /// were asked for.
    fn lpips(
        &self,
        metrics: &mut Metrics,
        compares: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Lpips>> {
        let Some(path) = &self.lpips_model else {
            if metrics.0.remove(&Metric::Lpips) {
                if self.metrics.as_ref() != Some(&Metrics::all()) {
                    return Err(RenderError::usage(
                        "lpips is measured by a model, and none is named",
                        "name one: --lpips-model FILE.onnx; its weights may not be handed on with aquatint",
                    ));
                }
                warnings
                    .push("lpips was left out: no model is named with --lpips-model".to_owned());
            }
            return Ok(None);
        };
        if !compares {
            return Err(RenderError::usage(
                "--lpips-model compares the output with a reference, and none is named",
                "name the video that it is compared with: aquatint measure OUTPUT REFERENCE",
            ));
        }
        metrics.0.insert(Metric::Lpips);
        Lpips::open(path, warnings).map(Some)
    }

    /// Refuses pictures that cannot be compared.
    fn check_alike(&self, first: &Picture, other: &Picture) -> Result<()> {
        let name = |path: &Path| path.display().to_string();
        let input = name(&self.input);
        let reference = self.reference.as_deref().map_or(String::new(), name);
        if (first.width, first.height) != (other.width, other.height) {
            return Err(RenderError::usage(
                format!(
                    "{input} is {}x{}, but {reference} is {}x{}",
                    first.width, first.height, other.width, other.height
                ),
                "give two files of the same size, or measure each on its own; metrics that need no reference are compared at \
                 any size: --metrics sharpness,noise,flicker",
            ));
        }
        let ranges = [first, other].map(has_limited_range);
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
}

/// Luma of both pictures with codes of the deeper one.
fn alike(a: &Picture, b: &Picture) -> [Plane; 2] {
    let [one, other] = [Plane::luma(a), Plane::luma(b)];
    let depth = one.depth.max(other.depth);
    [
        one.deepened(depth, has_limited_range(a)),
        other.deepened(depth, has_limited_range(b)),
    ]
}

/// By order where one of the two has no times of its own.
fn fitting_align(input: &Frames, reference: &Frames) -> Align {
    let timeless = |frames: &Frames| {
        let info = frames.info();
        info.is_image
            || info
                .sequence
                .as_ref()
                .is_some_and(|pictures| pictures.rate_assumed)
    };
    match timeless(input) || timeless(reference) {
        true => Align::Order,
        false => Align::Time,
    }
}
