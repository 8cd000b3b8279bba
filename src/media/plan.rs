//! What an output will be, decided before a frame is rendered: container, encoder, pixel format, and what becomes of
//! every stream, with reasons a person can read.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::av::{Muxer, PixFmt, ffi, find_encoder, pixel_formats, text};
use super::encoder;
use super::error::{MediaError, Result};
use super::header::Header;
use super::info::{FieldOrder, SourceInfo, StreamInfo, StreamKind, VideoInfo, path_as_text};
use super::part::Part;
use crate::color::{ChromaLocation, Color, Range};
use crate::frame::{Model, PixelFormat, Rational};

/// What to do with the sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioChoice {
    /// Unchanged where the container can hold it, else encoded anew.
    #[default]
    Copy,
    /// Always encoded anew, as AAC.
    Aac,
    /// Left out.
    None,
}

/// What a person asks of an output. The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputOptions {
    /// Encoder or codec: `libx265`, `h264`, `ffv1` …
    pub codec: Option<String>,
    /// Constant quality in the encoder's own scale; lower is better.
    pub crf: Option<f32>,
    /// Bits per second of the video, as FFmpeg writes them: `8M`, `2500k`.
    pub bitrate: Option<String>,
    /// The encoder's own word for its speed: `slow`, `p7` …
    pub encoder_preset: Option<String>,
    /// FFmpeg's name of a pixel format.
    pub pix_fmt: Option<String>,
    /// Options handed to the encoder as they are.
    pub encoder_opts: Vec<(String, String)>,
    pub audio: AudioChoice,
    /// Drop alpha even where the encoder has it.
    pub strip_alpha: bool,
    /// Size of the rendered pictures, where it is not the source's.
    pub size: Option<(u32, u32)>,
}

/// What becomes of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Its pictures are rendered.
    Render,
    /// Its packets go over unchanged.
    Copy,
    /// It is decoded and encoded anew.
    Reencode,
    Drop,
}

/// What becomes of a stream, and why.
#[derive(Clone, Debug, Serialize)]
pub struct StreamPlan {
    /// Index in the source.
    pub index: usize,
    pub kind: StreamKind,
    pub codec: String,
    pub action: Action,
    pub why: String,
}

/// How the rendered pictures are encoded.
#[derive(Clone, Debug, Serialize)]
pub struct VideoPlan {
    /// FFmpeg's name of the encoder, `libx264`.
    pub encoder: String,
    /// FFmpeg's name of its codec, `h264`.
    pub codec: String,
    /// FFmpeg's name of the pixel format the encoder gets.
    pub pix_fmt: String,
    /// The format of the pictures to hand to the sink. (Big-endian encoder formats are swapped there.)
    pub format: PixelFormat,
    /// The colour of the pictures to hand to the sink.
    pub color: Color,
    /// Options for the encoder, complete.
    pub options: Vec<(String, String)>,
    /// Seconds per tick of the encoder's times.
    pub time_base: Rational,
    /// Frames per second, for the encoder's rate control alone; times are the source's.
    pub frame_rate: Rational,
    /// Width of a sample over its height; 0/1 where the source does not say.
    pub sample_aspect: Rational,
    /// Whether the container keeps the codec's headers apart.
    #[serde(skip)]
    pub(crate) global_header: bool,
}

/// What an output will be.
#[derive(Clone, Debug, Serialize)]
pub struct OutputPlan {
    #[serde(serialize_with = "path_as_text")]
    pub path: PathBuf,
    /// FFmpeg's name of the container format; `image` for a single picture.
    pub container: String,
    pub video: VideoPlan,
    pub streams: Vec<StreamPlan>,
    /// What the result loses against the source: depth, chroma, alpha.
    pub losses: Vec<String>,
    /// What the person should know beside.
    pub warnings: Vec<String>,
    /// The part of the source that is rendered; none is all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Encoder for sound that is encoded anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_encoder: Option<String>,
}

/// Bits per second of sound that is encoded anew, for two channels.
pub(crate) const AUDIO_BITRATE: i64 = 192_000;

struct Target {
    muxer: &'static str,
    encoder: &'static str,
}

/// Extensions, their container and its usual encoder.
const TARGETS: &[(&str, Target)] = &[
    (
        "mp4",
        Target {
            muxer: "mp4",
            encoder: "libx264",
        },
    ),
    (
        "m4v",
        Target {
            muxer: "mp4",
            encoder: "libx264",
        },
    ),
    (
        "mov",
        Target {
            muxer: "mov",
            encoder: "libx264",
        },
    ),
    (
        "mkv",
        Target {
            muxer: "matroska",
            encoder: "libx264",
        },
    ),
    (
        "webm",
        Target {
            muxer: "webm",
            encoder: "libvpx-vp9",
        },
    ),
    (
        "avi",
        Target {
            muxer: "avi",
            encoder: "libx264",
        },
    ),
    (
        "nut",
        Target {
            muxer: "nut",
            encoder: "ffv1",
        },
    ),
    (
        "png",
        Target {
            muxer: "image",
            encoder: "png",
        },
    ),
    (
        "jpg",
        Target {
            muxer: "image",
            encoder: "mjpeg",
        },
    ),
    (
        "jpeg",
        Target {
            muxer: "image",
            encoder: "mjpeg",
        },
    ),
];

/// Endings of the files that can be written: of pictures, or of videos.
pub fn endings(of_images: bool) -> impl Iterator<Item = &'static str> {
    TARGETS
        .iter()
        .filter(move |(_, target)| (target.muxer == "image") == of_images)
        .map(|(ending, _)| *ending)
}

fn target(path: &Path) -> Result<&'static Target> {
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase());
    let known = || TARGETS.iter().map(|(e, _)| *e);
    let advice = || {
        let all: Vec<String> = known().map(|e| format!(".{e}")).collect();
        format!("known endings are {}", all.join(" "))
    };
    match extension {
        None => Err(MediaError::usage(
            format!(
                "the output's name has no ending to tell its format: {}",
                path.display()
            ),
            advice(),
        )),
        Some(e) => TARGETS
            .iter()
            .find(|(name, _)| *name == e)
            .map(|(_, t)| t)
            .ok_or_else(|| {
                let near = encoder::nearest(&e, known());
                let near = near.map_or(String::new(), |n| format!("did you mean .{n}? "));
                MediaError::usage(
                    format!("no format is known for the ending .{e}: {}", path.display()),
                    near + &advice(),
                )
            }),
    }
}

impl OutputPlan {
    /// Decides what the output at `path` will be, and tries the encoder.
    ///
    /// # Errors
    /// `Usage` for unknown endings, codecs, pixel formats and encoder options; `Encoder` when the encoder is missing or
    /// does not open; `Container` when the container cannot hold a stream that may not be dropped.
    pub fn decide(info: &SourceInfo, path: &Path, options: &OutputOptions) -> Result<Self> {
        super::log::init();
        let target = target(path)?;
        let still = target.muxer == "image";
        let pictures = info.pictures();
        let source = pictures
            .format
            .ok_or_else(|| MediaError::UnsupportedPictures {
                path: info.path.clone(),
                why: format!("its pixel format {} cannot be used", pictures.pix_fmt),
            })?;
        if still && !info.is_image {
            let frames = info.video().frames.unwrap_or(2);
            if frames != 1 {
                return Err(MediaError::usage(
                    format!(
                        "{} holds one picture, but the source is a video",
                        path.display()
                    ),
                    "name a video file (.mp4, .mkv); a frame of it is taken out by: ffmpeg -i VIDEO -frames:v 1 FRAME.png",
                ));
            }
        }
        let codec = match &options.codec {
            Some(name) => encoder::resolve(name, path)?,
            None => encoder::resolve(usual_encoder(target, source), path)?,
        };
        // SAFETY: names of codecs are static.
        let (encoder, codec_name) =
            unsafe { (text(codec.name), text(ffi::avcodec_get_name(codec.id))) };
        let muxer = Muxer::by_name(target.muxer);
        if still {
            if encoder != target.encoder {
                return Err(MediaError::Container {
                    path: path.into(),
                    what: format!("{codec_name} pictures"),
                    why: format!("this ending is for {}", target.encoder),
                    advice: "leave --codec out, or choose the ending that goes with it".into(),
                });
            }
        } else {
            let muxer = muxer.ok_or_else(|| MediaError::Container {
                path: path.into(),
                what: "anything".into(),
                why: format!("this build of FFmpeg cannot write {}", target.muxer),
                advice: "choose another ending".into(),
            })?;
            if !muxer.holds(codec.id) {
                return Err(cannot_hold(path, &format!("{codec_name} video"), codec.id));
            }
        }
        let size = options.size.unwrap_or((pictures.width, pictures.height));
        let mut losses = Vec::new();
        let mut warnings = Vec::new();
        let chosen = choose_format(codec, source, pictures, size, options, &mut warnings)?;
        let format = chosen.little_endian().layout().ok_or_else(|| {
            MediaError::usage(
                format!("the pixel format {} cannot be rendered to", chosen.name()),
                "name a planar or packed format of 8 to 16 bits, for example yuv420p",
            )
        })?;
        describe_losses(source, format, &mut losses);
        let time_base = time_base(info, target.muxer, &mut warnings);
        let video = VideoPlan {
            options: encoder_options(codec, format, size, target.muxer, options)?,
            encoder,
            codec: codec_name,
            pix_fmt: chosen.name(),
            format,
            color: color(
                pictures,
                source,
                format,
                target.encoder == "mjpeg" && still,
                size.1,
            ),
            time_base,
            frame_rate: if pictures.frame_rate.num > 0 {
                pictures.frame_rate
            } else {
                Rational::new(25, 1)
            },
            sample_aspect: pictures.sample_aspect,
            global_header: muxer.is_some_and(Muxer::wants_global_header),
        };
        player_warnings(&video, &mut warnings);
        if matches!(
            pictures.field_order,
            FieldOrder::TopFirst | FieldOrder::BottomFirst
        ) {
            losses.push(
                "the source is interlaced: both fields are rendered as one picture, and the output is marked progressive; deinterlace it first where that matters: ffmpeg -i INPUT -vf bwdif OUTPUT"
                    .into(),
            );
        }
        let mut plan = Self {
            path: path.into(),
            container: target.muxer.into(),
            video,
            streams: Vec::new(),
            losses,
            warnings,
            part: info.part.clone(),
            audio_encoder: None,
        };
        for stream in &info.streams {
            let planned = plan.stream(info, stream, muxer, options)?;
            plan.streams.push(planned);
        }
        plan.lost_tags(info);
        // SVT-AV1 costs seconds to open and close; its failures wait for the first frame.
        if plan.video.encoder != "libsvtav1" {
            encoder::open(&plan.video, path, size.0, size.1, plan.video.color)?;
        }
        Ok(plan)
    }

    fn stream(
        &mut self,
        info: &SourceInfo,
        stream: &StreamInfo,
        muxer: Option<Muxer>,
        options: &OutputOptions,
    ) -> Result<StreamPlan> {
        let planned = |action, why: &str| StreamPlan {
            index: stream.index,
            kind: stream.kind,
            codec: stream.codec.clone(),
            action,
            why: why.into(),
        };
        if stream.index == info.video_stream {
            return Ok(planned(
                Action::Render,
                "this is the video that is rendered",
            ));
        }
        let name = format!(
            "stream {} ({}, {})",
            stream.index, stream.kind, stream.codec
        );
        let Some(muxer) = muxer else {
            self.warnings.push(format!(
                "{name} is dropped: a picture file holds nothing beside its picture"
            ));
            return Ok(planned(
                Action::Drop,
                "a picture file holds nothing beside its picture",
            ));
        };
        let id = codec_id(&stream.codec);
        let holds = id.is_some_and(|id| muxer.holds(id));
        Ok(match stream.kind {
            StreamKind::Audio if options.audio == AudioChoice::None => {
                planned(Action::Drop, "as asked: no sound")
            }
            StreamKind::Audio if options.audio == AudioChoice::Copy && holds => {
                planned(Action::Copy, "unchanged")
            }
            StreamKind::Audio => self.reencoded(stream, &name, muxer, options, planned)?,
            StreamKind::Video if holds => planned(
                Action::Copy,
                "a further video stream, unchanged and not rendered",
            ),
            StreamKind::Subtitle if holds => planned(Action::Copy, "unchanged"),
            StreamKind::Subtitle | StreamKind::Video => {
                let what = format!(
                    "the {} of stream {} ({})",
                    stream.kind, stream.index, stream.codec
                );
                return Err(match id {
                    Some(id) => cannot_hold(&self.path, &what, id),
                    None => MediaError::Container {
                        path: self.path.clone(),
                        what,
                        why: "FFmpeg does not know its codec".into(),
                        advice: "remove it from the source first: ffmpeg -i INPUT -map 0 -map -0:s -c copy OUTPUT".into(),
                    },
                });
            }
            StreamKind::Cover
                if ["png", "mjpeg"].contains(&stream.codec.as_str())
                    && ["mp4", "mov", "matroska"].contains(&self.container.as_str()) =>
            {
                planned(Action::Copy, "unchanged")
            }
            StreamKind::Attachment if self.container == "matroska" => {
                planned(Action::Copy, "unchanged")
            }
            StreamKind::Cover | StreamKind::Attachment => {
                let why = format!("{} files cannot hold it", self.container);
                self.warnings
                    .push(format!("{name} is dropped: {why}; .mkv can hold it"));
                planned(Action::Drop, &why)
            }
            // The names of chapters, which go over as chapters.
            StreamKind::Data if stream.codec == "bin_data" && !info.chapters.is_empty() => planned(
                Action::Drop,
                "the chapters' names: they go over as chapters",
            ),
            StreamKind::Data => {
                self.warnings.push(format!(
                    "{name} is dropped: data tracks belong to the recording device"
                ));
                planned(
                    Action::Drop,
                    "data tracks belong to the recording device and cannot be carried over",
                )
            }
        })
    }

    fn reencoded(
        &mut self,
        stream: &StreamInfo,
        name: &str,
        muxer: Muxer,
        options: &OutputOptions,
        planned: impl Fn(Action, &str) -> StreamPlan,
    ) -> Result<StreamPlan> {
        let decodable = codec_id(&stream.codec)
            .is_some_and(|id| super::av::find_decoder(id).is_some())
            && stream
                .audio
                .as_ref()
                .is_some_and(|a| a.rate > 0 && a.channels > 0);
        if !decodable {
            self.warnings
                .push(format!("{name} is dropped: there is no decoder for it"));
            return Ok(planned(
                Action::Drop,
                "it can be neither copied nor decoded",
            ));
        }
        let fitting = ["aac", "libopus", "libvorbis", "flac"]
            .into_iter()
            .find(|e| find_encoder(e).is_some_and(|c| muxer.holds(c.id)));
        let Some(encoder) = fitting else {
            return Err(MediaError::Container {
                path: self.path.clone(),
                what: format!("the sound of stream {} ({})", stream.index, stream.codec),
                why: "nor any sound this FFmpeg can encode".into(),
                advice: "choose .mkv, or --audio none".into(),
            });
        };
        self.audio_encoder = Some(encoder.into());
        if options.audio == AudioChoice::Aac && encoder == "aac" {
            return Ok(planned(
                Action::Reencode,
                "as asked: encoded anew as AAC, 192 kb/s",
            ));
        }
        let word = if encoder == "aac" { "AAC" } else { encoder };
        let why = if options.audio == AudioChoice::Aac {
            format!(
                "{} cannot hold AAC: encoded anew with {word}, 192 kb/s",
                self.container
            )
        } else {
            format!(
                "{} cannot hold {}: encoded anew as {word}, 192 kb/s",
                self.container, stream.codec
            )
        };
        self.warnings.push(format!("{name}: {why}"));
        Ok(planned(Action::Reencode, &why))
    }

    /// Tags that the container is known to lose.
    fn lost_tags(&mut self, info: &SourceInfo) {
        let container = self.container.as_str();
        let holds_matrix = ["mp4", "mov"].contains(&container);
        if info.pictures().rotation != 0 && !holds_matrix && container != "image" {
            self.warnings.push(format!(
                "the rotation of {}° is lost: {container} does not keep it; .mp4 and .mov do",
                info.pictures().rotation
            ));
        }
        if !info.chapters.is_empty() && ["avi", "image"].contains(&container) {
            self.warnings.push(format!(
                "{} chapters are lost: {container} cannot hold them",
                info.chapters.len()
            ));
        }
        if self.video.codec == "ffv1"
            && container == "mov"
            && info.pictures().color.range != Range::Unspecified
        {
            self.warnings
                .push("the colour range is lost: FFV1 in .mov does not keep it; .mkv does".into());
        }
    }

    /// Whether the plan was made for a source with these streams.
    pub(crate) fn fits(&self, header: &Header) -> bool {
        self.streams.len() <= header.streams.len()
    }
}

fn codec_id(name: &str) -> Option<ffi::AVCodecID> {
    let name = std::ffi::CString::new(name).ok()?;
    // SAFETY: descriptors are static; null for unknown names.
    unsafe { ffi::avcodec_descriptor_get_by_name(name.as_ptr()).as_ref() }.map(|d| d.id)
}

/// A refusal that names a container which can hold the codec.
fn cannot_hold(path: &Path, what: &str, codec: ffi::AVCodecID) -> MediaError {
    let other = [
        ("mkv", "matroska"),
        ("mov", "mov"),
        ("mp4", "mp4"),
        ("avi", "avi"),
        ("nut", "nut"),
    ]
    .into_iter()
    .find(|(_, muxer)| Muxer::by_name(muxer).is_some_and(|m| m.holds(codec)));
    MediaError::Container {
        path: path.into(),
        what: what.into(),
        why: "its format has no place for that codec".into(),
        advice: match other {
            Some((ending, _)) => format!("choose the ending .{ending}, which can hold it"),
            None => "no known container can hold it: remove it from the source first".into(),
        },
    }
}

fn usual_encoder(target: &Target, source: PixelFormat) -> &'static str {
    if target.encoder != "libx264" {
        return target.encoder;
    }
    let rgb = source.model == Model::Rgb;
    let modern = ["mp4", "mov", "matroska"].contains(&target.muxer);
    if modern && (source.depth >= 12 || rgb && source.depth > 8) {
        "libx265"
    } else if rgb && ["mp4", "matroska"].contains(&target.muxer) {
        "libx264rgb"
    } else {
        "libx264"
    }
}

/// The encoder's format that keeps most of the source, or the one asked for.
fn choose_format(
    codec: &ffi::AVCodec,
    source: PixelFormat,
    pictures: &VideoInfo,
    (width, height): (u32, u32),
    options: &OutputOptions,
    warnings: &mut Vec<String>,
) -> Result<PixFmt> {
    // SAFETY: the name is static.
    let encoder = unsafe { text(codec.name) };
    let listed = pixel_formats(codec);
    let usable: Vec<PixFmt> = listed
        .iter()
        .copied()
        .filter(|f| f.little_endian().layout().is_some())
        // JPEG has full range by nature, and FFmpeg says so by these names; everywhere else they are doubles.
        .filter(|f| f.name().starts_with("yuvj") == (encoder == "mjpeg"))
        .collect();
    if let Some(name) = &options.pix_fmt {
        let asked = PixFmt::by_name(name).map(|f| match super::av::full_range_twin(f) {
            Some(plain) if encoder != "mjpeg" => plain,
            _ if encoder == "mjpeg" && name.starts_with("yuv4") => {
                PixFmt::by_name(&name.replace("yuv4", "yuvj4")).unwrap_or(f)
            }
            _ => f,
        });
        return match asked {
            Some(format) if usable.contains(&format) || listed.is_empty() => Ok(format),
            _ => {
                let names: Vec<String> = usable.iter().map(|f| f.name()).collect();
                Err(MediaError::usage(
                    format!("the encoder {encoder} does not take the pixel format {name}"),
                    format!("it takes {}", names.join(", ")),
                ))
            }
        };
    }
    let chroma_fits = |f: &PixelFormat| {
        f.model != Model::Yuv
            || width.is_multiple_of(1 << f.chroma.x) && height.is_multiple_of(1 << f.chroma.y)
    };
    let strict = ["libx264", "libx265", "h264_nvenc", "hevc_nvenc"].contains(&encoder.as_str());
    let rank = |fits: bool| {
        usable
            .iter()
            .enumerate()
            .filter_map(|(position, &f)| {
                let to = f.little_endian().layout()?;
                if fits && !chroma_fits(&to) || options.strip_alpha && to.alpha && !source.alpha {
                    return None;
                }
                let same = f.name() == pictures.pix_fmt && !(options.strip_alpha && to.alpha);
                Some((
                    distance(source, to, options.strip_alpha),
                    !same,
                    position,
                    f,
                ))
            })
            .min_by_key(|(distance, differs, position, _)| (*distance, *differs, *position))
            .map(|(.., f)| f)
    };
    let none = || {
        MediaError::usage(
            format!("the encoder {encoder} takes no pixel format that can be rendered to"),
            "name another with --codec",
        )
    };
    if !strict {
        return rank(false).ok_or_else(none);
    }
    let chosen = rank(true).ok_or_else(none)?;
    if rank(false) != Some(chosen) {
        warnings.push(format!(
            "{width}x{height} is an odd size: {encoder} takes it only as {}, with chroma at full size",
            chosen.name()
        ));
    }
    Ok(chosen)
}

/// How far a format is from the source: what is lost first, in order of how much it hurts, then what is wasted.
fn distance(source: PixelFormat, to: PixelFormat, strip_alpha: bool) -> [u32; 7] {
    let model = match (source.model, to.model) {
        (a, b) if a == b => 0,
        (Model::Gray, Model::Yuv) => 1,
        (Model::Gray, _) => 2,
        (Model::Rgb, Model::Yuv) | (Model::Yuv, Model::Rgb) => 3,
        (_, Model::Gray) => 4,
        _ => 4,
    };
    let alpha = source.alpha && !strip_alpha;
    let samples = |f: PixelFormat| match f.model {
        // As little chroma as there is: gray has none to keep.
        Model::Gray => 0,
        _ => 2 - u32::from(f.chroma.x) - u32::from(f.chroma.y),
    };
    let chroma_lost =
        u32::from(to.chroma.x > source.chroma.x) + u32::from(to.chroma.y > source.chroma.y);
    [
        model,
        u32::from(source.depth.saturating_sub(to.depth)),
        u32::from(alpha && !to.alpha),
        if source.model == Model::Gray || to.model == Model::Gray {
            0
        } else {
            chroma_lost
        },
        u32::from(to.depth.saturating_sub(source.depth)),
        u32::from(to.alpha && !alpha),
        samples(to).saturating_sub(samples(source)),
    ]
}

fn describe_losses(source: PixelFormat, to: PixelFormat, losses: &mut Vec<String>) {
    if source.depth > to.depth {
        losses.push(format!(
            "depth: {} bits a sample become {}",
            source.depth, to.depth
        ));
    }
    if source.alpha && !to.alpha {
        losses.push("alpha: transparency is dropped".into());
    }
    match (source.model, to.model) {
        (Model::Rgb, Model::Yuv) => losses.push(format!("RGB becomes {to}: colours are rounded")),
        (Model::Yuv, Model::Rgb) => {
            losses.push(format!("{source} becomes RGB: colours are rounded"))
        }
        (Model::Rgb | Model::Yuv, Model::Gray) => losses.push("colour: only gray is kept".into()),
        _ => {}
    }
    let chroma = |f: PixelFormat| (f.chroma.x, f.chroma.y);
    let coarser = to.chroma.x > source.chroma.x || to.chroma.y > source.chroma.y;
    if to.model == Model::Yuv
        && source.model != Model::Gray
        && chroma(source) != chroma(to)
        && coarser
    {
        losses.push(format!(
            "chroma: {source} becomes {to}: colour is kept at a coarser grid"
        ));
    }
}

/// The colour the pictures must have for this encoder: the source's, unless the model of the samples changes.
fn color(
    pictures: &VideoInfo,
    source: PixelFormat,
    to: PixelFormat,
    jpeg: bool,
    height: u32,
) -> Color {
    let mut color = pictures.color;
    match (source.model, to.model) {
        (Model::Rgb, Model::Yuv) => {
            color.matrix = match color.primaries {
                9 => 9,
                _ if height > 576 => 1,
                _ => 6,
            };
            color.range = Range::Limited;
            color.chroma_location = ChromaLocation::Unspecified;
        }
        (_, Model::Rgb) if source.model != Model::Rgb => {
            color.matrix = 0;
            color.range = Range::Full;
            color.chroma_location = ChromaLocation::Unspecified;
        }
        (Model::Yuv | Model::Gray, Model::Gray) if jpeg || pictures.color.matrix == 0 => {}
        _ => {}
    }
    if jpeg {
        // JFIF: BT.601, full range, chroma between the luma samples.
        color.matrix = 5;
        color.range = Range::Full;
        color.chroma_location = ChromaLocation::Center;
    }
    color
}

/// Side in pixels below which FFV1 is left to choose its own level.
const SMALLEST_SLICED: u32 = 64;

/// The options for the encoder: defaults, then what was asked for, which must be known.
fn encoder_options(
    codec: &ffi::AVCodec,
    format: PixelFormat,
    (width, height): (u32, u32),
    muxer: &str,
    asked: &OutputOptions,
) -> Result<Vec<(String, String)>> {
    // SAFETY: the name is static.
    let name = unsafe { text(codec.name) };
    let dialect = encoder::dialect(&name);
    let mut options: Vec<(String, String)> = Vec::new();
    let mut set = |key: &str, value: &str| match options.iter_mut().find(|(k, _)| k == key) {
        Some((_, v)) => *v = value.into(),
        None => options.push((key.into(), value.into())),
    };
    // FFmpeg's FFV1 cuts pictures into slices at level 3, and loses samples where these get too small.
    let tiny = name == "ffv1" && width.min(height) < SMALLEST_SLICED;
    for (key, value) in dialect.fixed.iter().filter(|(key, _)| !tiny || *key == "g") {
        set(key, value);
    }
    match (dialect.quality, asked.crf, &asked.bitrate) {
        (Some(_), Some(_), Some(_)) => {
            return Err(MediaError::usage(
                "--crf and --bitrate exclude each other",
                "give one: --crf for a constant quality, --bitrate for a size",
            ));
        }
        (Some((key, _)), Some(crf), None) => {
            let worst = if name.starts_with("libx26") || name.ends_with("nvenc") {
                51.0
            } else {
                63.0
            };
            if !(0.0..=worst).contains(&crf) {
                return Err(MediaError::usage(
                    format!("--crf {crf} is out of range for the encoder {name}"),
                    format!("it goes from 0 (best) to {worst} (worst)"),
                ));
            }
            set(key, &crf.to_string());
        }
        (Some((key, value)), None, None) => set(key, value),
        (None, Some(_), _) => {
            return Err(MediaError::usage(
                format!("--crf means nothing to the encoder {name}"),
                "leave it out, or choose an encoder with a constant quality such as libx264",
            ));
        }
        (_, None, Some(bitrate)) => set("b", bitrate),
        (None, None, None) => {}
    }
    match (dialect.preset, &asked.encoder_preset) {
        (Some((key, _)), Some(preset)) => set(key, preset),
        (Some((key, value)), None) => set(key, value),
        (None, Some(_)) => {
            return Err(MediaError::usage(
                format!("--encoder-preset means nothing to the encoder {name}"),
                "leave it out, or choose an encoder that has presets such as libx264",
            ));
        }
        (None, None) => {}
    }
    if muxer == "avi" && name.starts_with("libx26") {
        // AVI keeps no presentation times: pictures must be stored in order.
        set("bf", "0");
    }
    if name == "prores_ks" {
        let profile = if format.chroma.x == 0 || format.alpha {
            "4444"
        } else {
            "hq"
        };
        set("profile", profile);
    }
    for (key, value) in &asked.encoder_opts {
        encoder::check_option(codec, key)?;
        set(key, value);
    }
    if let Some((_, preset)) = options.iter().find(|(k, _)| k == "preset") {
        encoder::check_preset(&name, preset)?;
    }
    if name == "libx265" {
        // x265 would write its banner to stderr by itself.
        let params = options
            .iter()
            .find(|(k, _)| k == "x265-params")
            .map(|(_, v)| format!("{v}:"));
        let quiet = params.unwrap_or_default() + "log-level=none";
        options.retain(|(k, _)| k != "x265-params");
        options.push(("x265-params".into(), quiet));
    }
    Ok(options)
}

fn time_base(info: &SourceInfo, muxer: &str, warnings: &mut Vec<String>) -> Rational {
    let given = info.video().time_base;
    let rate = info.pictures().frame_rate;
    if muxer == "avi" && rate.num > 0 {
        warnings.push("AVI keeps one frame rate only: the frames' times are rounded to it".into());
        return Rational::new(rate.den, rate.num);
    }
    if given.num <= 0 {
        return Rational::new(1, 90_000);
    }
    given
}

/// What common players (browsers, phones, televisions) refuse.
fn player_warnings(video: &VideoPlan, warnings: &mut Vec<String>) {
    let f = video.format;
    let plain = f.model == Model::Yuv && (f.chroma.x, f.chroma.y) == (1, 1);
    let what = match video.codec.as_str() {
        "h264" if f.model == Model::Rgb => "H.264 in RGB",
        "h264" if f.model == Model::Gray => "H.264 in gray",
        "h264" if !plain && f.chroma.x == 0 => "H.264 4:4:4",
        "h264" if !plain => "H.264 4:2:2",
        "h264" if f.depth > 8 => "H.264 with 10 bits (High 10)",
        "hevc" if f.model == Model::Rgb => "HEVC in RGB",
        "hevc" if !plain => "HEVC other than 4:2:0",
        "hevc" if f.depth > 10 => "HEVC with 12 bits",
        _ => return,
    };
    warnings.push(format!(
        "common players refuse {what}; --pix-fmt yuv420p gives what all of them play"
    ));
}
