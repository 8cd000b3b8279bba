//! Plans an output before the first frame is rendered: container, encoder, pixel format, and the action for every
//! stream, with reasons for the user.

mod auto;
mod encoding;
mod file_format;
mod pixels;
mod rotation;
mod streams;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::av::{ContainerFormat, PixFmt, ffi, text};
use super::encoder;
use super::encoders::try_in_child;
use super::error::{MediaError, Result};
use super::header::Header;
use super::info::{SourceInfo, StreamKind, path_as_text};
use super::part::Part;
use super::sequence::Pattern;
use super::video_plan::{FrameShape, VideoPlan};
use crate::color::Coding;
use crate::frame::{Color, PixelFormat, Rational};

pub use auto::{AUTO, Recommended, recommended};
use encoding::{encoder_options, field_order, interlaced, player_warnings, time_base};
pub use file_format::{encoder_by_name, extensions, fitting_extension};
use file_format::{file_format, usual_encoder};
use pixels::{choose_format, color, describe_losses};
use rotation::turn;
pub use rotation::{Rotation, Turned};
pub(crate) use streams::TELEMETRY;
use streams::{cannot_hold, extension_for};

/// What to do with the audio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioChoice {
    /// Copied if the container can hold it, else re-encoded.
    #[default]
    Copy,
    /// Always re-encoded as AAC.
    Aac,
    /// Left out.
    None,
}

/// What a user can choose to leave out of an output. (Called `Dropped` because `Drop` is a trait of Rust.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dropped {
    Subtitles,
    Attachments,
    /// Cover pictures.
    Covers,
    Chapters,
    /// The rotation that a player applies.
    Rotation,
    /// Video streams other than the rendered one.
    Videos,
}

impl Dropped {
    pub const ALL: [Self; 6] = [
        Self::Subtitles,
        Self::Attachments,
        Self::Covers,
        Self::Chapters,
        Self::Rotation,
        Self::Videos,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subtitles => "subtitles",
            Self::Attachments => "attachments",
            Self::Covers => "covers",
            Self::Chapters => "chapters",
            Self::Rotation => "rotation",
            Self::Videos => "videos",
        }
    }
}

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The user's choices for an output. The default leaves everything to the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputOptions {
    /// Encoder or codec: `libx265`, `h264`, `ffv1` …
    pub codec: Option<String>,
    /// Constant quality on the encoder's own scale; lower is better.
    pub crf: Option<f32>,
    /// Bits per second of the video, in FFmpeg's notation: `8M`, `2500k`.
    pub bitrate: Option<String>,
    /// The encoder's own name for its speed: `slow`, `p7` …
    pub encoder_preset: Option<String>,
    /// FFmpeg's name of a pixel format.
    pub pix_fmt: Option<String>,
    /// Options passed to the encoder unchanged.
    pub encoder_opts: Vec<(String, String)>,
    pub audio: AudioChoice,
    /// What becomes of the rotation that players apply.
    #[serde(default)]
    pub rotation: Rotation,
    /// What is left out.
    #[serde(default)]
    pub drop: Vec<Dropped>,
    /// Whether the encoder is tried in a process of its own, and not opened in this one.
    #[serde(skip)]
    pub trial: bool,
}

/// What happens to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Its pictures are rendered.
    Render,
    /// Its packets are copied unchanged.
    Copy,
    /// It is decoded and re-encoded.
    Reencode,
    Drop,
}

/// What happens to a stream, and why.
#[derive(Clone, Debug, Serialize)]
pub struct StreamPlan {
    /// Stream index in the source.
    pub index: usize,
    pub kind: StreamKind,
    pub codec: String,
    pub action: Action,
    /// FFmpeg's name of the encoder, if the stream is re-encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
    pub why: String,
}

/// How the pictures of an image sequence are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Numbering {
    /// Number of the first picture. If numbered by time: the number at time 0.
    pub first: u64,
    /// Whether a picture's number is its time in ticks of the source, added to `first`: then the pictures of an image
    /// sequence keep their numbers. Otherwise pictures are counted.
    pub by_time: bool,
}

/// The plan of an output.
#[derive(Clone, Debug, Serialize)]
pub struct OutputPlan {
    #[serde(serialize_with = "path_as_text")]
    pub path: PathBuf,
    /// FFmpeg's name of the container format; `image` for a single picture, `images` for a sequence of them.
    pub container: String,
    /// How the pictures of a sequence are numbered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbering: Option<Numbering>,
    pub video: VideoPlan,
    /// How frames are turned to become those that are encoded; `None` where they are not turned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turned: Option<Turned>,
    pub streams: Vec<StreamPlan>,
    /// What is lost compared with the source: depth, chroma, alpha.
    pub losses: Vec<String>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
    /// The part of the source that is rendered; `None` means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Which encoder was chosen for `--codec auto`, and why, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Where the plan differs from what the user asked for.
    pub fallbacks: Vec<String>,
    /// What the user left out.
    pub drop: Vec<Dropped>,
    /// Encoder of re-encoded audio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_encoder: Option<String>,
    /// How the output is made, as text that is written into it where its container has a place for it.
    #[serde(skip)]
    pub recipe: Option<String>,
}

/// Our name for the container of an image sequence.
pub(crate) const IMAGES: &str = "images";

/// Bits per second of re-encoded stereo audio.
pub(crate) const AUDIO_BITRATE: i64 = 192_000;

impl OutputPlan {
    /// Plans the output at `path` and tests the encoder. If NVENC is asked for and does not work, x264 or x265 is used
    /// instead, with a warning.
    ///
    /// # Errors
    /// `Usage` for unknown file extensions, codecs, pixel formats and encoder options; `Encoder` if the encoder is
    /// missing or cannot be opened; `Container` if the container cannot hold a stream that the user has not dropped.
    pub fn decide(
        info: &SourceInfo,
        frames: &FrameShape,
        path: &Path,
        options: &OutputOptions,
    ) -> Result<Self> {
        super::log::init();
        if options.codec.as_deref() == Some(AUTO) {
            return Self::decide_encoder(info, frames, path, options);
        }
        let (encoder, why) = match Self::with_encoder(info, frames, path, options) {
            Err(MediaError::Encoder { encoder, why, .. }) if encoder.ends_with("_nvenc") => {
                (encoder, why)
            }
            decided => return decided,
        };
        let software = match encoder.as_str() {
            "hevc_nvenc" => "libx265",
            _ => "libx264",
        };
        let options = OutputOptions {
            codec: Some(software.into()),
            encoder_preset: Some("medium".into()),
            encoder_opts: Vec::new(),
            ..options.clone()
        };
        let mut plan = Self::with_encoder(info, frames, path, &options)?;
        let fallback = format!(
            "{encoder} does not work here ({why}): {software} with the preset medium is used instead"
        );
        plan.warnings.push(fallback.clone());
        plan.fallbacks.push(fallback);
        Ok(plan)
    }

    fn with_encoder(
        info: &SourceInfo,
        frames: &FrameShape,
        path: &Path,
        options: &OutputOptions,
    ) -> Result<Self> {
        let file_format = file_format(path)?;
        let still = file_format.muxer == "image";
        let numbered = still && Pattern::of(path).is_some();
        let pictures = info.pictures();
        let source = pictures
            .format
            .ok_or_else(|| MediaError::UnsupportedPictures {
                path: info.path.clone(),
                why: format!("its pixel format {} is not supported", pictures.pix_fmt),
            })?;
        let turn = turn(info, path, file_format.muxer, options)?;
        // From here on: what they are once they are turned.
        let given = *frames;
        let frames = &turn.map_or(given, |turn| turn.shape(given));
        let source = turn.map_or(source, |turn| turn.format(&source));
        if still && !numbered && !info.is_image {
            let frames = info.video().frames.unwrap_or(2);
            if frames != 1 {
                return Err(MediaError::usage(
                    format!(
                        "{} can hold only one picture, but the source is a video",
                        path.display()
                    ),
                    "name a video file (.mp4, .mkv), or one picture per frame, out_%05d.png; one frame is rendered with --frame N or --start T, without --duration and --to",
                ));
            }
        }
        let codec = match &options.codec {
            Some(name) => encoder::resolve(name, path)?,
            None => {
                let asked = options.pix_fmt.as_deref().and_then(PixFmt::by_name);
                let wanted = asked.and_then(|format| format.little_endian().layout());
                encoder::resolve(usual_encoder(file_format, wanted.unwrap_or(source)), path)?
            }
        };
        // SAFETY: names of codecs are static.
        let (encoder, codec_name) =
            unsafe { (text(codec.name), text(ffi::avcodec_get_name(codec.id))) };
        let container_format = ContainerFormat::by_name(file_format.muxer);
        if still {
            if encoder != file_format.encoder {
                return Err(MediaError::Container {
                    path: path.into(),
                    what: format!("{codec_name} pictures"),
                    why: format!("this file extension is for {}", file_format.encoder),
                    advice: "leave out --codec, or choose the file extension that fits it".into(),
                });
            }
        } else {
            let container_format = container_format.ok_or_else(|| MediaError::Container {
                path: path.into(),
                what: "anything".into(),
                why: format!("this build of FFmpeg cannot write {}", file_format.muxer),
                advice: "choose another file extension".into(),
            })?;
            if !container_format.holds(codec.id) {
                return Err(cannot_hold(
                    path,
                    &format!("{codec_name} video"),
                    extension_for(codec.id),
                    None,
                ));
            }
        }
        let size = (frames.width, frames.height);
        let mut losses = Vec::new();
        let mut warnings = Vec::new();
        let chosen = choose_format(codec, source, pictures, size, options, &mut warnings)?;
        let format = chosen.little_endian().layout().ok_or_else(|| {
            MediaError::usage(
                format!("the pixel format {} cannot be rendered", chosen.name()),
                "name a planar or packed format of 8 to 16 bits, for example yuv420p",
            )
        })?;
        describe_losses(source, format, &mut losses);
        if format.is_float() && !source.is_float() {
            warnings.push(
                "the output is of floats in linear light: the signal of the source is converted"
                    .into(),
            );
        } else if Coding::is_linear(&pictures.color, &source) && !format.is_float() {
            warnings.push(
                "the source is of floats in linear light: the output gets the curve of sRGB".into(),
            );
        }
        let time_base = time_base(frames, file_format.muxer);
        let color = color(
            pictures,
            source,
            format,
            if still { file_format.encoder } else { "" },
            size.1,
        );
        let turned = turn.map(|turn| Turned {
            turn,
            format: turn.format(&format),
            color,
        });
        if let (Some(turned), Some(rotation)) = (&turned, pictures.rotation_text()) {
            if options.rotation == Rotation::Keep {
                warnings.push(format!(
                    "{} cannot hold the rotation ({rotation}): the pictures are turned instead",
                    file_format.muxer
                ));
            }
            let size = (given.width, given.height);
            let place = turned.turn.chroma_location(&color, &turned.format, size);
            if place.is_none() {
                warnings.push(
                    "no tag says where chroma lies in the turned pictures: it is left out, so players may show colour up to a pixel beside its place"
                        .into(),
                );
            }
        }
        let video = VideoPlan {
            options: encoder_options(codec, format, pictures, frames, file_format.muxer, options)?,
            encoder: encoder.clone(),
            codec: codec_name,
            pix_fmt: chosen.name(),
            format,
            color: turned.map_or(color, |turned| {
                let size = (given.width, given.height);
                turned.turn.color(&color, &turned.format, size)
            }),
            time_base,
            frame_rate: if frames.frame_rate.num > 0 {
                frames.frame_rate
            } else {
                Rational::new(25, 1)
            },
            frames: *frames,
            field_order: field_order(frames.field_order, &encoder),
            global_header: container_format.is_some_and(ContainerFormat::wants_global_header),
        };
        player_warnings(&video, &mut warnings);
        interlaced(pictures, &video, given.whole, &mut losses, &mut warnings);
        let numbering = numbered.then(|| Numbering {
            first: info.sequence.as_ref().map_or(1, |sequence| sequence.first),
            // A picture of the source keeps its number, unless there are more or fewer of them.
            by_time: info.sequence.is_some()
                && frames.time_base == info.video().time_base
                && frames.frame_rate == pictures.frame_rate,
        });
        let mut plan = Self {
            path: path.into(),
            container: if numbered { IMAGES } else { file_format.muxer }.into(),
            numbering,
            video,
            turned,
            streams: Vec::new(),
            losses,
            warnings,
            part: info.part.clone(),
            chosen: None,
            fallbacks: Vec::new(),
            drop: options.drop.clone(),
            audio_encoder: None,
            recipe: None,
        };
        plan.add_streams(info, container_format, options)?;
        if options.trial {
            auto::try_it(&plan.video, path, size)?;
            return Ok(plan);
        }
        try_in_child(&plan.video.encoder, path)?;
        // SVT-AV1 needs seconds to open and close, and was tested above.
        if plan.video.encoder != "libsvtav1" {
            encoder::open(&plan.video, path, size.0, size.1, plan.video.color)?;
        }
        Ok(plan)
    }

    /// The plan that rendering `info` to the finished file `output` would have made for its streams, with `options`.
    pub(crate) fn of_file(
        info: &SourceInfo,
        output: &SourceInfo,
        container: &str,
        options: &OutputOptions,
    ) -> Self {
        let pictures = output.pictures();
        let usual = match output.video().codec.as_str() {
            "h264" => "libx264",
            "prores" => "prores_ks",
            codec => codec,
        };
        let mut plan = Self {
            path: output.path.clone(),
            numbering: None,
            container: container.into(),
            video: VideoPlan {
                encoder: usual.into(),
                codec: output.video().codec.clone(),
                pix_fmt: options
                    .pix_fmt
                    .clone()
                    .unwrap_or_else(|| info.pictures().pix_fmt.clone()),
                format: pictures
                    .format
                    .unwrap_or_else(|| PixelFormat::packed_rgb(8, 4, &[0, 1, 2, 3])),
                color: pictures.color,
                options: Vec::new(),
                time_base: output.video().time_base,
                frame_rate: pictures.frame_rate,
                frames: output.frame_shape(),
                field_order: field_order(info.pictures().field_order, usual),
                global_header: false,
            },
            turned: None,
            streams: Vec::new(),
            losses: Vec::new(),
            warnings: Vec::new(),
            part: info.part.clone(),
            chosen: None,
            fallbacks: Vec::new(),
            drop: options.drop.clone(),
            audio_encoder: None,
            recipe: None,
        };
        match turn(info, &output.path, container, options) {
            Ok(turn) => {
                plan.turned = turn.map(|turn| Turned {
                    turn,
                    format: turn.format(&plan.video.format),
                    color: info.pictures().color,
                });
            }
            Err(error) => plan.warnings.push(error.to_string()),
        }
        // If the container cannot hold a stream, the comparison will find it missing.
        if let Err(error) = plan.add_streams(info, ContainerFormat::by_name(container), options) {
            plan.warnings.push(error.to_string());
        }
        plan
    }

    /// The format of the frames that are rendered for it; turned, they have that of the encoder.
    pub fn frame_format(&self) -> PixelFormat {
        self.turned
            .map_or(self.video.format, |turned| turned.format)
    }

    /// Size and aspect ratio of the frames that are rendered for it.
    pub fn frame_shape(&self) -> FrameShape {
        // A turn that exchanges the sides exchanges them back when it is repeated.
        let frames = self.video.frames;
        self.turned
            .map_or(frames, |turned| turned.turn.shape(frames))
    }

    /// Frames of the output for each frame of the source `info`; 1 where a rate is not known.
    pub fn frames_each(&self, info: &SourceInfo) -> f64 {
        let (made, given) = (self.video.frames.frame_rate, info.pictures().frame_rate);
        match made.num > 0 && given.num > 0 {
            true => made.to_f64() / given.to_f64(),
            false => 1.0,
        }
    }

    /// The colour of the frames that are rendered for it.
    pub fn frame_color(&self) -> Color {
        self.turned.map_or(self.video.color, |turned| turned.color)
    }

    /// Whether the output asks players for the rotation that the source asks for.
    pub(crate) fn keeps_rotation(&self) -> bool {
        self.turned.is_none() && !self.drop.contains(&Dropped::Rotation)
    }

    /// Whether the output is one picture.
    pub fn is_still(&self) -> bool {
        self.container == "image"
    }

    /// Whether the output is a picture or an image sequence. It then has no other streams.
    pub fn is_pictures(&self) -> bool {
        ["image", IMAGES].contains(&self.container.as_str())
    }

    /// Index of the rendered stream in the output: streams keep their order, but covers and attachments come last.
    pub fn rendered_stream(&self) -> usize {
        let before = self.streams.iter();
        let before = before.take_while(|stream| stream.action != Action::Render);
        let last = [StreamKind::Cover, StreamKind::Attachment];
        let kept =
            |stream: &&StreamPlan| stream.action != Action::Drop && !last.contains(&stream.kind);
        before.filter(kept).count()
    }

    /// Index of the rendered stream in the output, where the user named that of the source `info`.
    pub fn rendered_if_asked(&self, info: &SourceInfo) -> Option<usize> {
        let rendered = info.reading.video.is_some() && !self.is_pictures();
        rendered.then(|| self.rendered_stream())
    }

    /// Whether the plan fits a source with these streams.
    pub(crate) fn fits(&self, header: &Header) -> bool {
        self.streams.len() <= header.streams.len()
    }
}
