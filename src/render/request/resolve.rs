//! A request becomes settings: its preset is applied, values are checked, defaults filled in.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::Path;

use super::super::error::{RenderError, Result};
use super::super::models::with_models;
use super::super::output_meter::OutputMetrics;
use super::super::output_styles::{open_params, output_styles};
use super::super::preset::Preset;
use super::super::settings::{Asked, JobOptions, OutputRate, RATE, RateMode, Settings};
use super::super::still::Moment;
use super::{Consistency, DEFAULT_STYLE, FrameRate, Quality, RenderRequest, part, sizing};
use crate::graph::gpu::{GpuPool, Wanted};
use crate::graph::style::Library;
use crate::media::OutputOptions;
use crate::metrics::Metrics;

/// The device of a request that names none.
pub(super) const DEFAULT_DEVICE: &str = "auto";

impl RenderRequest {
    /// The built-in styles, those in the folders of `style_path`, and those that the list of styles, or that of the preset,
    /// names by a path. Its engine runs their models.
    ///
    /// # Errors
    /// `Style` for folders and archives that cannot be read; `Usage` for a preset that is not there or not sound.
    pub fn library(&self) -> Result<Library> {
        let own = self.clone().with_named_styles()?;
        let lower = match &self.preset {
            Some(name) if self.style.is_none() => {
                Preset::load(name)?.request.with_named_styles()?
            }
            _ => Self::default(),
        };
        let mut library = Library::built_in();
        for folder in [lower.style_path, own.style_path]
            .iter()
            .flatten()
            .flatten()
        {
            library.add_path(folder)?;
        }
        let engine = match (self.engine, &self.preset) {
            (None, Some(name)) => Preset::load(name)?.request.engine,
            (engine, _) => engine,
        };
        Ok(with_models(library, engine.unwrap_or_default()))
    }

    fn preset_with_paths(&self, library: &Library) -> Result<Option<Preset>> {
        let preset = self.preset.as_deref();
        let preset = preset.map(|name| Preset::load_with_paths(name, library));
        preset.transpose()
    }

    /// This request, and where it says nothing what `preset` says.
    fn over(&self, preset: Option<&Preset>) -> Self {
        match preset {
            Some(preset) => Self::merge(&preset.request, self),
            None => self.clone(),
        }
    }

    /// The request with what its preset says where it says nothing itself.
    ///
    /// # Errors
    /// `Usage` for a preset that is not there or not sound.
    pub fn with_preset(&self, library: &Library) -> Result<Self> {
        let named = self.clone().with_named_styles()?;
        Ok(named.over(self.preset_with_paths(library)?.as_ref()))
    }

    /// The settings that this request asks for: the values of its preset where it says nothing, and defaults where neither
    /// does. Relative paths begin in the current folder, those of a preset in the folder of its file.
    ///
    /// # Errors
    /// `Usage` for a preset that is not there or not sound, an empty part, sizes that contradict, an option that is no `KEY=VALUE`; `Style` for
    /// unknown styles and parameters, and for values out of range.
    pub fn settings(&self, library: &Library) -> Result<Settings> {
        let named = self.clone().with_named_styles()?;
        let preset = self.preset_with_paths(library)?;
        let whole = named.over(preset.as_ref());
        let elsewhere = preset.as_ref().map(|preset| {
            let lower = preset.request.clone().without_codec();
            Self::merge(&lower, &named)
        });
        let with_recipe = whole.recipe.unwrap_or(true);
        let style = whole.style_list();
        let mut values = whole.set.clone().unwrap_or_default().0;
        if let Some(lut) = &whole.lut {
            values.push(lut_value(style, lut)?);
        }
        let named = |list| output_styles(library, list, &values);
        let (styles, styles_of_sequence) = match (style, &whole.style) {
            // Values of a style's parameters say that its pictures are meant.
            (RATE, None) => match named(RATE) {
                Ok(styles) => (styles, named(DEFAULT_STYLE).ok()),
                Err(_) => (named(DEFAULT_STYLE)?, None),
            },
            _ => (named(style)?, None),
        };
        let mode = whole.temporal.unwrap_or_default();
        Ok(Settings {
            open: open_params(&styles, &values),
            styles,
            styles_of_sequence,
            seed: whole.seed.unwrap_or_default(),
            size: sizing(
                whole.scale,
                whole.size,
                whole.fit,
                whole.square_pixels.unwrap_or_default(),
            )?,
            interlaced_anyway: whole.interlaced_anyway.unwrap_or_default(),
            temporal: mode.with(whole.temporal_alpha.unwrap_or_default()),
            device: wanted(whole.device.as_deref()),
            input_fps: whole.input_fps.map(FrameRate::get),
            video: whole.video.map(|index| index as usize),
            close_gaps: whole.close_gaps.unwrap_or_default(),
            aspect_changes: whole.aspect_changes.unwrap_or_default(),
            decode: whole.decode.unwrap_or_default(),
            engine: whole.engine.unwrap_or_default(),
            #[cfg(test)]
            pretend: None,
            fps: output_rate(whole.fps, whole.fps_mode)?,
            still: still(&whole)?,
            part: part(whole.start, whole.duration, whole.to)?,
            output: whole.output()?,
            output_elsewhere: elsewhere.as_ref().map(Self::output).transpose()?,
            consistency: whole
                .consistency
                .map(Consistency::get)
                .filter(|share| *share > 0.0),
            reasons: Vec::new(),
            asked: Asked {
                request: with_recipe.then(|| whole.clone()),
                elsewhere: elsewhere.filter(|_| with_recipe),
            },
            tier: preset.as_ref().and_then(|preset| preset.tier),
            preset: preset.map(|preset| preset.name),
            existing: whole.existing.unwrap_or_default(),
            strict: whole.strict.unwrap_or_default(),
            job: JobOptions {
                chunk: whole.chunk.unwrap_or_default().seconds(),
                resume: whole.resume.unwrap_or(true),
                work_dir: whole.work_dir.clone(),
                folder: None,
                rendered_on: None,
                low_disk: whole.on_low_disk.unwrap_or_default(),
                report: whole.report.clone(),
                measures: whole.report.is_some(),
                metrics: output_metrics(&whole)?,
                workers: whole.workers.unwrap_or_default(),
                keep_chunks: whole.keep_chunks.unwrap_or_default(),
                verify: whole.verify.unwrap_or_default(),
                check_executors: whole.check_executors.map(NonZeroU32::get),
                gpu_share: whole.gpu_share.unwrap_or_default(),
                jobs: 1,
                gpus: GpuPool::default(),
                newest: None,
                request: None,
            },
        })
    }

    fn output(&self) -> Result<OutputOptions> {
        let options = self.encoder_opts.clone().unwrap_or_default().0;
        Ok(OutputOptions {
            codec: self.codec.clone(),
            crf: self.crf.map(Quality::get),
            bitrate: self.bitrate.clone(),
            encoder_preset: self.encoder_preset.clone(),
            pix_fmt: self.pix_fmt.clone(),
            encoder_opts: options
                .iter()
                .map(|text| pair(text))
                .collect::<Result<_>>()?,
            audio: self.audio.unwrap_or_default(),
            rotation: self.rotation.unwrap_or_default(),
            drop: self.drop.clone().unwrap_or_default(),
            trial: false,
        })
    }
}

/// The rate that `fps` and `fps_mode` ask for.
fn output_rate(fps: Option<FrameRate>, mode: Option<RateMode>) -> Result<Option<OutputRate>> {
    match (fps, mode) {
        (Some(fps), mode) => Ok(Some(OutputRate {
            rate: fps.get(),
            mode,
        })),
        (None, Some(_)) => Err(RenderError::usage(
            "--fps-mode says how frames are made for another rate, but no rate is given",
            "add --fps, for example --fps 50, or leave --fps-mode out",
        )),
        (None, None) => Ok(None),
    }
}

/// The style that a look-up table by itself is for.
const LUT_STYLE: &str = "cinematic";

/// The value that a look-up table by itself is short for. `style` is the list of styles.
fn lut_value(style: &str, lut: &Path) -> Result<String> {
    if style.split([',', '+']).all(|name| name.trim() != LUT_STYLE) {
        return Err(RenderError::usage(
            format!(
                "--lut {} is for the style {LUT_STYLE}, which is not among the styles of this render ({style})",
                lut.display()
            ),
            format!(
                "use --style {LUT_STYLE}, alone or in a chain ({style}+{LUT_STYLE}), or leave --lut out"
            ),
        ));
    }
    Ok(format!("{LUT_STYLE}.lut_path={}", lut.display()))
}

/// The device that `--device NAME` asks for, or the default.
pub fn wanted(device: Option<&str>) -> Wanted {
    match device.unwrap_or(DEFAULT_DEVICE).parse() {
        Ok(wanted) => wanted,
        Err(never) => match never {},
    }
}

fn pair(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(RenderError::usage(
            format!("the encoder option cannot be read: {text}"),
            "write it as KEY=VALUE, for example tune=film",
        )),
    }
}

/// The frame that an output of one picture shows.
fn still(request: &RenderRequest) -> Result<Option<Moment>> {
    let ends = request.duration.is_some() || request.to.is_some();
    match (request.frame, request.start) {
        (Some(_), start) if start.is_some() || ends => Err(RenderError::usage(
            "a frame is named by its number and by a time",
            "give --frame, or --start, --duration and --to, not both",
        )),
        (Some(number), _) => Ok(Some(Moment::Frame(number))),
        (None, Some(time)) if !ends => Ok(Some(Moment::Time(time))),
        _ => Ok(None),
    }
}

/// What is measured of the outputs; `None` where nothing is.
fn output_metrics(request: &RenderRequest) -> Result<Option<OutputMetrics>> {
    let advice = "`aquatint measure --help` lists the metrics";
    let Some(names) = &request.metrics else {
        return match request.metrics_every {
            Some(_) => Err(RenderError::usage(
                "metrics_every is given, but no metrics".to_owned(),
                "name the metrics, too: --metrics=psnr,ssim, or --metrics for the usual ones",
            )),
            None => Ok(None),
        };
    };
    let mut metrics = Metrics::read(names).map_err(|why| RenderError::usage(why, advice))?;
    if let Some(metric) = metrics.take_out_what_needs_files()
        && names != "all"
    {
        return Err(RenderError::usage(
            format!("{} cannot be measured while rendering", metric.name()),
            format!(
                "measure it afterwards: aquatint measure OUTPUT INPUT --metrics {}",
                metric.name()
            ),
        ));
    }
    let every = request
        .metrics_every
        .map_or(NonZeroU64::MIN, NonZeroU64::from);
    if every.get() > 1 && metrics.0.iter().all(|metric| metric.needs_all_frames()) {
        let names: Vec<&str> = metrics.0.iter().map(|metric| metric.name()).collect();
        return Err(RenderError::usage(
            format!(
                "{} needs all frames, and not every one is measured",
                names.join(", ")
            ),
            "leave out metrics_every, or name other metrics, too",
        ));
    }
    Ok(Some(OutputMetrics { metrics, every }))
}
