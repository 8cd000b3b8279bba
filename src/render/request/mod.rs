//! Render requests: what shapes a render, as plain data. The flags of the command line are one, a preset is one that says
//! only a part, and a program can read one from JSON.
//!
//! A request says only what was asked for. [`RenderRequest::merge`] puts one over another, and
//! [`RenderRequest::settings`] checks it and fills in the defaults.

mod assignments;
mod budget;
mod confined;
mod keys;
mod paths;
mod plain;
mod rate;
mod read;
mod resolve;
mod size;
mod stored;
mod style_files;
mod time;
mod values;
mod written;

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::parallel::Parallelism;
use super::settings::RATE;
use super::settings::{Existing, LowDisk, RateMode, Restore};
use super::sizing::{Fit, RESIZE};
use crate::frame::Rational;
use crate::media::{AspectChanges, AudioChoice, Decode, Dropped, Rotation, SourceInfo};
use crate::neural::EngineChoice;

pub use assignments::{Assignments, EncoderOptions, ParamValues};
pub use budget::TimeBudget;
pub use confined::AllowedFiles;
pub use keys::{Key, key, keys};
pub(super) use paths::named_file;
pub(super) use plain::{deserialize, plain_serde, serialize, text_of};
pub use rate::FrameRate;
pub(super) use read::preset as read_preset;
pub use read::tier_accepts;
pub use resolve::wanted;
pub use size::{OutputSize, Scale, sizing};
pub use stored::StoredJob;
pub use style_files::named_styles;
pub use time::{Time, part};
pub use values::{Chunk, Consistency, Named, Quality, SettingValue, TemporalMode, Weight, names};

/// The styles of a request that names none.
pub const DEFAULT_STYLE: &str = "pencil";

/// What shapes a render, apart from its inputs and where its outputs go. `None` is what was not asked for.
/// [`keys`] says what each field means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct RenderRequest {
    pub preset: Option<String>,
    /// As [`output_styles`](super::output_styles) reads it.
    pub style: Option<String>,
    pub set: Option<ParamValues>,
    pub lut: Option<PathBuf>,
    pub style_path: Option<Vec<PathBuf>>,
    pub seed: Option<u32>,
    pub scale: Option<Scale>,
    pub size: Option<OutputSize>,
    pub fit: Option<Fit>,
    pub square_pixels: Option<bool>,
    pub interlaced_anyway: Option<bool>,
    pub temporal: Option<TemporalMode>,
    pub temporal_alpha: Option<Weight>,
    pub device: Option<String>,
    pub codec: Option<String>,
    pub crf: Option<Quality>,
    pub bitrate: Option<String>,
    pub encoder_preset: Option<String>,
    pub pix_fmt: Option<String>,
    pub encoder_opts: Option<EncoderOptions>,
    pub audio: Option<AudioChoice>,
    pub rotation: Option<Rotation>,
    pub drop: Option<Vec<Dropped>>,
    pub frame: Option<u64>,
    pub start: Option<Time>,
    pub duration: Option<Time>,
    pub to: Option<Time>,
    pub video: Option<u32>,
    pub close_gaps: Option<bool>,
    pub aspect_changes: Option<AspectChanges>,
    pub decode: Option<Decode>,
    pub engine: Option<EngineChoice>,
    pub input_fps: Option<FrameRate>,
    pub fps: Option<FrameRate>,
    pub fps_mode: Option<RateMode>,
    pub existing: Option<Existing>,
    pub strict: Option<bool>,
    pub report: Option<PathBuf>,
    pub chunk: Option<Chunk>,
    pub resume: Option<bool>,
    pub work_dir: Option<PathBuf>,
    pub on_low_disk: Option<LowDisk>,
    pub workers: Option<Parallelism>,
    pub keep_chunks: Option<bool>,
    pub verify: Option<bool>,
    pub check_executors: Option<NonZeroU32>,
    pub metrics: Option<String>,
    pub metrics_every: Option<NonZeroU32>,
    pub gpu_share: Option<bool>,
    pub consistency: Option<Consistency>,
    pub recipe: Option<bool>,
    pub restore: Option<Restore>,
    pub time_budget: Option<TimeBudget>,
    pub auto_without: Option<String>,
}

impl RenderRequest {
    /// `upper` over `lower`: what `upper` says wins. These are not simply replaced:
    /// - Another codec has another scale of quality, other names for its speed and other options, so with one the `crf`,
    ///   `encoder_preset` and `encoder_opts` of `lower` are dropped.
    /// - A bitrate replaces a `crf`, and a `crf` a bitrate; a `duration` replaces a `to`, and a `to` a duration; a
    ///   `size` replaces a `scale`, and a `scale` a size. A `fit` of `lower` remains only where there is a width and a
    ///   height.
    /// - Values of parameters and encoder options are added to those of `lower`; of its values only those for styles of
    ///   the resulting list remain.
    pub fn merge(lower: &Self, upper: &Self) -> Self {
        let mut lower = lower.clone();
        if upper.codec.is_some() && upper.codec != lower.codec {
            lower = lower.without_codec();
        }
        if upper.bitrate.is_some() {
            lower.crf = None;
        }
        if upper.crf.is_some() {
            lower.bitrate = None;
        }
        if upper.duration.is_some() || upper.to.is_some() {
            (lower.duration, lower.to) = (None, None);
        }
        if upper.scale.is_some() || upper.size.is_some() {
            (lower.scale, lower.size) = (None, None);
            if !upper.size.is_some_and(OutputSize::has_both) {
                lower.fit = None;
            }
        }
        let mut merged = upper.clone();
        macro_rules! fill {
            ($($field:ident),+) => {
                $(if merged.$field.is_none() {
                    merged.$field = lower.$field.take();
                })+
            };
        }
        fill!(
            preset,
            style,
            lut,
            style_path,
            seed,
            scale,
            size,
            fit,
            square_pixels,
            interlaced_anyway,
            temporal,
            temporal_alpha,
            device,
            codec,
            crf,
            bitrate,
            encoder_preset,
            pix_fmt,
            audio,
            rotation,
            drop,
            frame,
            start,
            duration,
            to,
            video,
            close_gaps,
            aspect_changes,
            decode,
            engine,
            input_fps,
            fps,
            fps_mode,
            existing,
            strict,
            report,
            chunk,
            resume,
            work_dir,
            on_low_disk,
            workers,
            keep_chunks,
            verify,
            check_executors,
            metrics,
            metrics_every,
            gpu_share,
            consistency,
            recipe,
            restore,
            time_budget,
            auto_without
        );
        if let Some(mut values) = lower.set {
            values.0.retain(|value| merged.uses(value));
            let all = values.with(upper.set.as_ref());
            merged.set = ParamValues::of(&all.0);
        }
        if let Some(options) = lower.encoder_opts {
            merged.encoder_opts = Some(options.with(upper.encoder_opts.as_ref()));
        }
        merged
    }

    /// Without the codec, and without what is in its own scale and words.
    fn without_codec(mut self) -> Self {
        self.codec = None;
        self.crf = None;
        self.encoder_preset = None;
        self.encoder_opts = None;
        self
    }

    /// The styles. Where none is named, a request for a size alone is one for `resize`, and for a frame rate alone one for
    /// `rate`.
    fn style_list(&self) -> &str {
        match &self.style {
            Some(style) => style,
            None if self.scale.is_some() || self.size.is_some() => RESIZE,
            None if self.fps.is_some() => RATE,
            None => DEFAULT_STYLE,
        }
    }

    /// Whether `STYLE.PARAM=VALUE` is for a style of this request.
    fn uses(&self, value: &str) -> bool {
        Self::uses_value(self.style_list(), value)
    }

    /// Whether `STYLE.PARAM=VALUE` is for a style of the list `styles`.
    pub(super) fn uses_value(styles: &str, value: &str) -> bool {
        // Names of folders may have dots, those of parameters not.
        let param = value.split_once('=').map_or(value, |(param, _)| param);
        let style = param.rsplit_once('.').map_or("", |(style, _)| style);
        styles.split([',', '+']).any(|name| name.trim() == style)
    }

    /// Frames of `info`'s source that are to be rendered, where that is known.
    pub fn frames(&self, info: &SourceInfo) -> Option<u64> {
        let rate = Some(info.pictures().frame_rate)
            .filter(|rate| rate.num > 0)?
            .to_f64();
        let seconds = |time: Option<Time>| time.map(|time| time.seconds()).map(Rational::to_f64);
        let whole = info
            .duration
            .or_else(|| Some(info.video().frames? as f64 / rate));
        let start = seconds(self.start).unwrap_or(0.0);
        let end = seconds(self.to).or(seconds(self.duration).map(|length| start + length));
        let end = match (end, whole) {
            (Some(end), Some(whole)) => end.min(whole),
            (end, whole) => end.or(whole)?,
        };
        Some(((end - start).max(0.0) * rate).ceil() as u64)
    }

    /// What is used for everything that a request leaves out; `None` where that depends on the input and the output.
    pub fn defaults() -> Self {
        Self {
            style: Some(DEFAULT_STYLE.to_owned()),
            seed: Some(Default::default()),
            temporal: Some(Default::default()),
            temporal_alpha: Some(Default::default()),
            device: Some(resolve::DEFAULT_DEVICE.to_owned()),
            audio: Some(Default::default()),
            rotation: Some(Default::default()),
            existing: Some(Default::default()),
            square_pixels: Some(false),
            interlaced_anyway: Some(false),
            close_gaps: Some(false),
            aspect_changes: Some(Default::default()),
            decode: Some(Default::default()),
            engine: Some(Default::default()),
            strict: Some(false),
            chunk: Some(Default::default()),
            resume: Some(true),
            on_low_disk: Some(Default::default()),
            workers: Some(Default::default()),
            keep_chunks: Some(false),
            verify: Some(false),
            gpu_share: Some(false),
            recipe: Some(true),
            ..Self::default()
        }
    }
}

impl Serialize for RenderRequest {
    /// Writes what was asked for, and nothing for the rest.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = Self::serialize(self, serde_json::value::Serializer);
        let mut all = all.map_err(serde::ser::Error::custom)?;
        if let Value::Object(map) = &mut all {
            map.retain(|_, value| !value.is_null());
        }
        all.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RenderRequest {
    /// Reads a request; the error names the key, the nearest known one, and what to give.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        read::request(map).map_err(|error| {
            serde::de::Error::custom(format!("{}: {}", error.summary(), error.advice()))
        })
    }
}

#[cfg(test)]
mod tests;
