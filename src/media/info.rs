//! The description of an input file: streams, chapters, tags.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::attached::Attached;
use super::av::{Input, PixFmt, enum_get, ffi, rational, text, timestamp};
use super::hdr::Hdr;
use super::orientation::Orientation;
use super::part::Part;
use super::reading::Reading;
use super::same_file::same_file;
use super::sequence::{Pattern, SequenceInfo};
use crate::frame::{Color, FieldOrder, PixelFormat, Rational};

/// The description of an input file: streams, chapters and tags. Times are in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct SourceInfo {
    #[serde(serialize_with = "path_as_text")]
    pub path: PathBuf,
    /// FFmpeg's name of the container format, `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// Size of the file in bytes; for an image sequence, of all its files.
    pub size: u64,
    /// Duration in seconds, if known.
    pub duration: Option<f64>,
    /// Start time of the first stream, in seconds.
    pub start: Option<f64>,
    /// Bits per second of the whole file.
    pub bit_rate: Option<i64>,
    /// Whether the file is a single picture.
    pub is_image: bool,
    /// The numbers of the pictures, if the path is the pattern of an image sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<SequenceInfo>,
    /// Index of the stream that is rendered.
    pub video_stream: usize,
    /// Which of several video streams was chosen, as text; `None` where there is one, or the user named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// The hardware decoder that decodes the pictures; `None` is the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoder: Option<&'static str>,
    /// Why the processor decodes where a hardware decoder was asked for, as text.
    #[serde(skip)]
    pub no_decoder: Option<String>,
    /// How the file is read.
    #[serde(skip)]
    pub reading: Reading,
    /// The part that is rendered; `None` means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    pub streams: Vec<StreamInfo>,
    pub chapters: Vec<ChapterInfo>,
    pub metadata: Vec<(String, String)>,
}

impl SourceInfo {
    /// Turns the description of the first picture into that of the sequence.
    pub(crate) fn is_sequence(&mut self, sequence: SequenceInfo) {
        self.is_image = false;
        self.container = "image2".into();
        let video = self.video();
        self.duration = video.duration.map(|length| video.time_base.seconds(length));
        self.start = Some(0.0);
        self.bit_rate = None;
        self.sequence = Some(sequence);
    }

    /// Whether `path` is the file itself, or a picture of the sequence.
    pub fn is_read_from(&self, path: &Path) -> bool {
        match &self.sequence {
            Some(_) => Pattern::of(&self.path).is_some_and(|pattern| pattern.holds(path)),
            None => same_file(path, &self.path),
        }
    }

    /// The stream that is rendered.
    pub fn video(&self) -> &StreamInfo {
        &self.streams[self.video_stream]
    }

    /// Start of the rendered pictures and their duration, in ticks of the video stream; `None` if the duration is
    /// unknown.
    pub fn rendered(&self) -> (i64, Option<i64>) {
        let video = self.video();
        let start = video.start.unwrap_or(0);
        let seconds = Rational::new(1, 1_000_000);
        let whole = video.duration.or_else(|| {
            let micros = self.duration.map(|seconds| (seconds * 1e6) as i64);
            micros.map(|micros| seconds.rescale(micros, video.time_base))
        });
        let end = whole.map(|length| start.saturating_add(length));
        let Some(part) = &self.part else {
            return (start, whole);
        };
        let first = part.origin.unwrap_or(start);
        let end = match (end, part.range.end) {
            (end, i64::MAX) => end,
            (Some(end), limit) => Some(end.min(limit)),
            (None, limit) => Some(limit),
        };
        (first, end.map(|end| end.saturating_sub(first)))
    }

    /// Whether the stream `index` is video.
    pub(crate) fn is_video(&self, index: usize) -> bool {
        let stream = self.streams.get(index);
        stream.is_some_and(|stream| stream.kind == StreamKind::Video)
    }

    /// The video properties of the rendered stream.
    pub fn pictures(&self) -> &VideoInfo {
        self.video()
            .video
            .as_ref()
            .expect("a source is only opened for a video stream")
    }
}

/// The kind of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamKind {
    Video,
    /// A picture beside the video, such as an album cover.
    Cover,
    Audio,
    Subtitle,
    Attachment,
    Data,
}

impl std::fmt::Display for StreamKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Video => "video",
            Self::Cover => "cover picture",
            Self::Audio => "audio",
            Self::Subtitle => "subtitles",
            Self::Attachment => "attachment",
            Self::Data => "data",
        })
    }
}

/// One stream. Ticks are in its own time base.
#[derive(Clone, Debug, Serialize)]
pub struct StreamInfo {
    pub index: usize,
    pub kind: StreamKind,
    /// FFmpeg's name of the codec, `h264`.
    pub codec: String,
    /// The four-letter tag of the container: `avc1`, `gpmd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    pub time_base: Rational,
    /// First time stamp, in ticks.
    pub start: Option<i64>,
    /// Duration, in ticks.
    pub duration: Option<i64>,
    /// Number of frames: as stored in the file, else estimated from duration and frame rate.
    pub frames: Option<u64>,
    pub language: Option<String>,
    pub title: Option<String>,
    /// `default`, `forced`, `attached_pic`, …
    pub dispositions: Vec<String>,
    pub video: Option<VideoInfo>,
    pub audio: Option<AudioInfo>,
    pub metadata: Vec<(String, String)>,
    /// Bits per second, if the file says.
    #[serde(skip)]
    pub bit_rate: Option<i64>,
}

/// The properties of a video stream.
#[derive(Clone, Debug, Serialize)]
pub struct VideoInfo {
    /// Width in samples, before rotation and sample aspect ratio are applied.
    pub width: u32,
    pub height: u32,
    /// FFmpeg's name of the pixel format in the file, `yuv420p`.
    pub pix_fmt: String,
    /// The format of the pictures that [`Source`](super::Source) returns. `None` if the stream is not rendered or its
    /// format is not supported.
    pub format: Option<PixelFormat>,
    /// How the pictures are converted when they are imported; `None` if they are not.
    pub conversion: Option<String>,
    pub color: Color,
    /// Width of a sample divided by its height; 0/1 if the file does not say (then 1).
    pub sample_aspect: Rational,
    /// Average frames per second; 0/1 if unknown.
    pub frame_rate: Rational,
    /// Clockwise rotation that a player applies, in degrees, 0 to 359.
    pub rotation: u16,
    /// Whether a player also mirrors the picture vertically, after the rotation.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mirrored: bool,
    /// Views other than flat: `stereoscopic`, `spherical`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<&'static str>,
    pub field_order: FieldOrder,
    /// Whether the pictures are tagged as progressive but look interlaced.
    pub combed: bool,
    pub hdr: Hdr,
    /// Whether the pictures are stored in CMYK.
    #[serde(skip)]
    pub cmyk: bool,
    /// Data that the stream carries with its first picture.
    #[serde(skip)]
    pub attached: Attached,
}

impl VideoInfo {
    /// The rotation and mirroring that a player applies, as text; `None` if there is none.
    pub fn rotation_text(&self) -> Option<String> {
        match (self.rotation, self.mirrored) {
            (0, false) => None,
            (degrees, false) => Some(format!("{degrees}°")),
            (degrees, true) => Some(format!("{degrees}°, mirrored")),
        }
    }
}

/// The properties of an audio stream.
#[derive(Clone, Debug, Serialize)]
pub struct AudioInfo {
    /// Samples per second.
    pub rate: u32,
    pub channels: u32,
    /// `stereo`, `5.1`, …
    pub layout: String,
}

/// A chapter; times in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct ChapterInfo {
    pub start: f64,
    pub end: f64,
    pub title: Option<String>,
}

/// Reads what the demuxer knows. `Source` adds what only the first decoded picture tells.
pub(crate) fn read(input: &Input, path: &Path, video_stream: usize, size: u64) -> SourceInfo {
    // SAFETY: the input is open; FFmpeg's strings and lists live as long as it does.
    let (container, duration, start, bit_rate, metadata) = unsafe {
        let c = input.context;
        (
            text((*(*c).iformat).name),
            timestamp((*c).duration),
            timestamp((*c).start_time),
            (*c).bit_rate,
            super::av::pairs((*c).metadata),
        )
    };
    let seconds = |t: i64| t as f64 / f64::from(ffi::AV_TIME_BASE);
    let streams: Vec<StreamInfo> = input
        .streams()
        .iter()
        // SAFETY: the streams live as long as the input.
        .map(|&s| unsafe { stream(s) })
        .collect();
    let is_image = container.ends_with("_pipe") && container != "image2pipe" && streams.len() == 1;
    SourceInfo {
        path: path.into(),
        is_image,
        sequence: None,
        container,
        size,
        duration: duration.filter(|&d| d > 0 && !is_image).map(seconds),
        start: start.map(seconds),
        bit_rate: (bit_rate > 0).then_some(bit_rate),
        video_stream,
        choice: None,
        decoder: None,
        no_decoder: None,
        reading: Reading::default(),
        part: None,
        streams,
        // SAFETY: as above.
        chapters: input
            .chapters()
            .iter()
            .map(|&c| unsafe { chapter(c) })
            .collect(),
        metadata,
    }
}

unsafe fn chapter(chapter: *const ffi::AVChapter) -> ChapterInfo {
    // SAFETY: the caller's chapter is valid.
    unsafe {
        let time_base = rational((*chapter).time_base);
        ChapterInfo {
            start: time_base.seconds((*chapter).start),
            end: time_base.seconds((*chapter).end),
            title: find(&super::av::pairs((*chapter).metadata), "title"),
        }
    }
}

fn find(pairs: &[(String, String)], key: &str) -> Option<String> {
    pairs
        .iter()
        .find(|(k, _)| k.eq_ignore_ascii_case(key))
        .map(|(_, v)| v.clone())
}

unsafe fn stream(s: *mut ffi::AVStream) -> StreamInfo {
    // SAFETY: the caller's stream is valid, and so are its parameters.
    unsafe {
        let params = (*s).codecpar;
        let time_base = rational((*s).time_base);
        let metadata = super::av::pairs((*s).metadata);
        let kind = kind(s);
        let rate = rational((*s).avg_frame_rate);
        let duration = timestamp((*s).duration).filter(|&d| d > 0);
        let frames = u64::try_from((*s).nb_frames)
            .ok()
            .filter(|&n| n > 0)
            .or_else(|| {
                let seconds = match duration {
                    Some(d) => time_base.seconds(d),
                    None => return None,
                };
                (kind == StreamKind::Video && rate.num > 0)
                    .then(|| (seconds * rate.to_f64()).round() as u64)
            });
        StreamInfo {
            index: (*s).index as usize,
            kind,
            codec: text(ffi::avcodec_get_name((*params).codec_id)),
            tag: four_letters((*params).codec_tag),
            time_base,
            start: timestamp((*s).start_time),
            duration,
            frames,
            language: find(&metadata, "language"),
            title: find(&metadata, "title"),
            dispositions: dispositions((*s).disposition),
            video: matches!(kind, StreamKind::Video | StreamKind::Cover).then(|| video(s)),
            audio: (kind == StreamKind::Audio).then(|| {
                let params = super::av::CodecParams::copied(params);
                params.map_or_else(
                    |_| AudioInfo {
                        rate: 0,
                        channels: 0,
                        layout: String::new(),
                    },
                    |p| {
                        let (rate, channels) = p.audio();
                        AudioInfo {
                            rate,
                            channels,
                            layout: p.channel_layout(),
                        }
                    },
                )
            }),
            metadata,
            bit_rate: Some((*params).bit_rate).filter(|&rate| rate > 0),
        }
    }
}

fn four_letters(tag: u32) -> Option<String> {
    let letters = tag.to_le_bytes();
    let printable = letters.iter().all(|byte| (b' '..=b'~').contains(byte));
    printable.then(|| letters.map(char::from).iter().collect())
}

/// The kind of a stream.
///
/// # Safety
/// `s` is valid.
pub(crate) unsafe fn kind(s: *const ffi::AVStream) -> StreamKind {
    // SAFETY: by contract.
    unsafe {
        match (*(*s).codecpar).codec_type {
            ffi::AVMediaType::AVMEDIA_TYPE_VIDEO
                if (*s).disposition & ffi::AV_DISPOSITION_ATTACHED_PIC != 0 =>
            {
                StreamKind::Cover
            }
            ffi::AVMediaType::AVMEDIA_TYPE_VIDEO => StreamKind::Video,
            ffi::AVMediaType::AVMEDIA_TYPE_AUDIO => StreamKind::Audio,
            ffi::AVMediaType::AVMEDIA_TYPE_SUBTITLE => StreamKind::Subtitle,
            ffi::AVMediaType::AVMEDIA_TYPE_ATTACHMENT => StreamKind::Attachment,
            _ => StreamKind::Data,
        }
    }
}

unsafe fn video(s: *const ffi::AVStream) -> VideoInfo {
    // SAFETY: the caller's stream is valid.
    unsafe {
        let p = (*s).codecpar;
        let sample_aspect = rational((*s).sample_aspect_ratio);
        let matrix = super::av::carried_side_data(s)
            .into_iter()
            .find(|(kind, _)| *kind == ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX)
            .map(|(_, matrix)| Orientation::from_matrix(&matrix));
        VideoInfo {
            width: u32::try_from((*p).width).unwrap_or(0),
            height: u32::try_from((*p).height).unwrap_or(0),
            pix_fmt: PixFmt((*p).format).name(),
            format: PixFmt((*p).format).layout(),
            conversion: None,
            color: super::av::color(
                enum_get!((*p).color_space),
                enum_get!((*p).color_primaries),
                enum_get!((*p).color_trc),
                enum_get!((*p).color_range),
                enum_get!((*p).chroma_location),
            ),
            sample_aspect: if sample_aspect.num > 0 {
                sample_aspect
            } else {
                rational((*p).sample_aspect_ratio)
            },
            frame_rate: rational(if (*s).avg_frame_rate.num > 0 {
                (*s).avg_frame_rate
            } else {
                (*s).r_frame_rate
            }),
            rotation: matrix.map_or(0, Orientation::degrees),
            mirrored: matrix.is_some_and(Orientation::is_mirrored),
            views: views(s),
            field_order: match enum_get!((*p).field_order) {
                1 => FieldOrder::Progressive,
                2 | 4 => FieldOrder::TopFirst,
                3 | 5 => FieldOrder::BottomFirst,
                _ => FieldOrder::Unknown,
            },
            combed: false,
            hdr: Hdr::of(&super::av::side_data(s)),
            cmyk: false,
            attached: Attached::default(),
        }
    }
}

/// The views other than flat.
///
/// # Safety
/// `s` is valid.
unsafe fn views(s: *const ffi::AVStream) -> Vec<&'static str> {
    use ffi::AVPacketSideDataType::{AV_PKT_DATA_SPHERICAL, AV_PKT_DATA_STEREO3D};
    // SAFETY: by contract.
    let side_data = unsafe { super::av::carried_side_data(s) };
    let known = [
        (AV_PKT_DATA_STEREO3D, "stereoscopic"),
        (AV_PKT_DATA_SPHERICAL, "spherical"),
    ];
    // A stereoscopic layout of type 0 is one flat picture.
    let flat = |kind, data: &[u8]| kind == AV_PKT_DATA_STEREO3D && data.starts_with(&[0; 4]);
    known
        .into_iter()
        .filter(|(kind, _)| {
            side_data
                .iter()
                .any(|(k, data)| k == kind && !flat(*k, data))
        })
        .map(|(_, name)| name)
        .collect()
}

fn dispositions(bits: i32) -> Vec<String> {
    (0..31)
        .map(|bit| 1 << bit)
        .filter(|bit| bits & bit != 0)
        // SAFETY: the names are static, null for bits that have none.
        .map(|bit| unsafe { text(ffi::av_disposition_to_string(bit)) })
        .filter(|name| !name.is_empty())
        .collect()
}

/// Serialises a path as text. Bytes that are not UTF-8 are replaced, so that a report never fails because of a name.
pub(crate) fn path_as_text<S: serde::Serializer>(
    path: &Path,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}
