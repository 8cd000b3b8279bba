//! What a page shows of a file before it is rendered.

use std::path::Path;

use serde::Serialize;

use super::error::{RenderError, Result};
use super::job::upright;
use super::jpeg::jpeg;
use crate::frame::FieldOrder;
use crate::media::{Reading, Source, SourceEvent, SourceInfo, StreamInfo, StreamKind, probe_at};

/// A file in short.
#[derive(Clone, Debug, Serialize)]
pub struct FileFacts {
    /// FFmpeg's name of the container format.
    pub container: String,
    /// Seconds.
    pub duration: Option<f64>,
    pub bytes: u64,
    /// Bits per second.
    pub bit_rate: Option<i64>,
    /// Whether it is one picture.
    pub is_picture: bool,
    pub video: VideoFacts,
    pub streams: Vec<StreamFacts>,
    /// Whether browsers can play it as it is.
    pub playable: bool,
}

/// The stream that is rendered.
#[derive(Clone, Debug, Serialize)]
pub struct VideoFacts {
    pub codec: String,
    /// In samples, before a player turns it.
    pub width: u32,
    pub height: u32,
    /// Frames per second; none where it is not known.
    pub fps: Option<f64>,
    pub frames: Option<u64>,
    pub pix_fmt: String,
    /// Whether its transfer function is PQ or HLG.
    pub hdr: bool,
    /// How a player turns it, in words.
    pub rotation: Option<String>,
    pub interlaced: bool,
}

/// One stream.
#[derive(Clone, Debug, Serialize)]
pub struct StreamFacts {
    pub index: usize,
    pub kind: String,
    pub codec: String,
    pub language: Option<String>,
    pub title: Option<String>,
}

/// What the file at `path` is.
///
/// # Errors
/// Those of [`Source::open`].
pub fn file_facts(path: &Path) -> Result<FileFacts> {
    let info = probe_at(path, Reading::default())?;
    let pictures = info.pictures();
    let rate = pictures.frame_rate;
    Ok(FileFacts {
        container: info.container.clone(),
        duration: info.duration,
        bytes: info.size,
        bit_rate: info.bit_rate,
        is_picture: info.is_image,
        video: VideoFacts {
            codec: info.video().codec.clone(),
            width: pictures.width,
            height: pictures.height,
            fps: (rate.num > 0).then(|| rate.to_f64()),
            frames: info.video().frames,
            pix_fmt: pictures.pix_fmt.clone(),
            // SMPTE ST 2084 and ARIB STD-B67, by their numbers in ITU-T H.273.
            hdr: matches!(pictures.color.transfer, 16 | 18),
            rotation: pictures.rotation_text(),
            interlaced: pictures.combed
                || !matches!(
                    pictures.field_order,
                    FieldOrder::Unknown | FieldOrder::Progressive
                ),
        },
        streams: info.streams.iter().map(StreamFacts::of).collect(),
        playable: plays(&info),
    })
}

impl StreamFacts {
    fn of(stream: &StreamInfo) -> Self {
        Self {
            index: stream.index,
            kind: stream.kind.to_string(),
            codec: stream.codec.clone(),
            language: stream.language.clone(),
            title: stream.title.clone(),
        }
    }
}

/// Whether a browser plays all of the file's pictures and sound. What browsers share: H.264 of 8 bits in 4:2:0, VP8, VP9 and AV1,
/// with AAC, MP3, Opus, Vorbis or FLAC, in MP4 or WebM.
fn plays(info: &SourceInfo) -> bool {
    let pictures = info.pictures();
    let depth = pictures.format.map_or(0, |format| format.depth);
    let video = match info.video().codec.as_str() {
        "h264" => pictures.pix_fmt.contains("420p") && depth == 8,
        "vp8" | "vp9" | "av1" => true,
        _ => false,
    };
    let sound = |stream: &StreamInfo| {
        stream.kind != StreamKind::Audio
            || ["aac", "mp3", "opus", "vorbis", "flac"].contains(&stream.codec.as_str())
    };
    // FFmpeg calls WebM and Matroska by one name: the file's own says which.
    let ending = info.path.extension().unwrap_or_default();
    let container = ["mp4", "m4v", "mov", "webm"].iter();
    let mut container = container.filter(|known| ending.eq_ignore_ascii_case(known));
    container.next().is_some() && video && info.streams.iter().all(sound)
}

/// The frame of the file at `path` that is shown after `seconds`, upright, as a JPEG of at most this many lines. After the end, its
/// last one.
///
/// # Errors
/// `Nothing` where it has no frame there; those of [`Source`].
pub fn frame_jpeg(path: &Path, seconds: f64, lines: u32) -> Result<Vec<u8>> {
    let mut source = Source::open(path)?;
    source.pictures_only();
    let info = source.info().clone();
    let video = info.video();
    let start = video.time_base.seconds(video.start.unwrap_or(0));
    let tick = source.time_base().to_f64();
    let wanted = ((start + seconds.max(0.0)) / tick) as i64;
    if seconds > 0.0 && info.is_seekable() && !info.is_image {
        source.seek(wanted)?;
    }
    let mut newest = None;
    loop {
        match source.next_event()? {
            Some(SourceEvent::Frame(frame, _)) => {
                let is_there = frame.span.pts.saturating_add(frame.span.duration.max(1)) > wanted;
                newest = Some(frame.picture);
                if is_there {
                    break;
                }
            }
            Some(SourceEvent::Packet(_)) => {}
            None => break,
        }
    }
    let picture = newest.ok_or_else(|| RenderError::Nothing { path: path.into() })?;
    let picture = match upright(&info) {
        Some(turn) => turn.picture(&picture, &turn.format(&picture.format)),
        None => picture,
    };
    jpeg(&picture, (u32::MAX, lines))
}
