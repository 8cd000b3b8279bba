//! The description of a source whose pictures and audio are generated, not read from a file.

use std::path::Path;
use std::sync::Arc;

use super::attached::Attached;
use super::av::{AvError, CodecParams, Packet, enum_set, ffi};
use super::error::{MediaError, Result};
use super::hdr::Hdr;
use super::header::{Header, HeaderStream};
use super::info::{AudioInfo, SourceInfo, StreamInfo, StreamKind, VideoInfo};
use super::reading::Reading;
use crate::frame::{Color, FieldOrder, PixelFormat, Rational};

/// Index of the video stream.
const VIDEO: usize = 0;
/// Index of the audio stream.
const SOUND: usize = 1;
const CHANNELS: u32 = 2;

/// Generated pictures with stereo audio.
#[derive(Clone, Copy, Debug)]
pub struct Generated {
    pub width: u32,
    pub height: u32,
    /// Pixel format of the pictures.
    pub format: PixelFormat,
    pub color: Color,
    /// Frames per second. A tick is one frame.
    pub frame_rate: Rational,
    pub frames: u64,
    /// Audio samples per second.
    pub sound_rate: u32,
}

/// Source information and header of the generated source `name`. Its audio comes as [`pcm_packet`]s, which are then
/// encoded.
///
/// # Errors
/// `Read` if memory cannot be allocated.
pub fn generated(name: &Path, what: &Generated) -> Result<(SourceInfo, Arc<Header>)> {
    let no_memory = |error: AvError| MediaError::Read {
        path: name.into(),
        why: error.to_string(),
    };
    let time_base = Rational::new(what.frame_rate.den, what.frame_rate.num);
    let header = Header {
        video: VIDEO,
        streams: vec![
            header_stream(
                StreamKind::Video,
                picture_params(what).map_err(no_memory)?,
                time_base,
                what.frame_rate,
            ),
            header_stream(
                StreamKind::Audio,
                sound_params(what).map_err(no_memory)?,
                Rational::new(1, what.sound_rate.into()),
                Rational::new(0, 1),
            ),
        ],
        chapters: Vec::new(),
        metadata: Vec::new(),
        icc: None,
        orientation: None,
        close_gaps: false,
    };
    Ok((info(name, what, time_base), Arc::new(header)))
}

fn info(name: &Path, what: &Generated, time_base: Rational) -> SourceInfo {
    let duration = i64::try_from(what.frames).unwrap_or(i64::MAX);
    let stream = |index, kind, codec: &str, time_base| StreamInfo {
        index,
        kind,
        codec: codec.into(),
        tag: None,
        time_base,
        start: Some(0),
        duration: None,
        frames: None,
        language: None,
        title: None,
        dispositions: vec!["default".into()],
        video: None,
        audio: None,
        metadata: Vec::new(),
        bit_rate: None,
    };
    let pictures = VideoInfo {
        width: what.width,
        height: what.height,
        pix_fmt: String::new(),
        format: Some(what.format),
        conversion: None,
        color: what.color,
        sample_aspect: Rational::new(1, 1),
        frame_rate: what.frame_rate,
        rotation: 0,
        mirrored: false,
        views: Vec::new(),
        field_order: FieldOrder::Progressive,
        combed: false,
        hdr: Hdr::default(),
        cmyk: false,
        attached: Attached::default(),
    };
    let sound = AudioInfo {
        rate: what.sound_rate,
        channels: CHANNELS,
        layout: "stereo".into(),
    };
    SourceInfo {
        path: name.into(),
        container: "generated".into(),
        size: 0,
        duration: Some(time_base.seconds(duration)),
        start: Some(0.0),
        bit_rate: None,
        is_image: false,
        sequence: None,
        video_stream: VIDEO,
        choice: None,
        decoder: None,
        no_decoder: None,
        reading: Reading::default(),
        part: None,
        streams: vec![
            StreamInfo {
                duration: Some(duration),
                frames: Some(what.frames),
                video: Some(pictures),
                ..stream(VIDEO, StreamKind::Video, "rawvideo", time_base)
            },
            StreamInfo {
                audio: Some(sound),
                ..stream(
                    SOUND,
                    StreamKind::Audio,
                    "pcm_s16le",
                    Rational::new(1, what.sound_rate.into()),
                )
            },
        ],
        chapters: Vec::new(),
        metadata: Vec::new(),
    }
}

fn header_stream(
    kind: StreamKind,
    params: CodecParams,
    time_base: Rational,
    frame_rate: Rational,
) -> HeaderStream {
    HeaderStream {
        kind,
        params,
        time_base,
        frame_rate,
        sample_aspect: Rational::new(1, 1),
        disposition: ffi::AV_DISPOSITION_DEFAULT,
        metadata: Vec::new(),
        side_data: Vec::new(),
        cover: None,
    }
}

fn picture_params(what: &Generated) -> std::result::Result<CodecParams, AvError> {
    let params = CodecParams::new()?;
    // SAFETY: the parameters are ours.
    unsafe {
        (*params.0).codec_type = ffi::AVMediaType::AVMEDIA_TYPE_VIDEO;
        (*params.0).codec_id = ffi::AVCodecID::AV_CODEC_ID_RAWVIDEO;
        (*params.0).width = i32::try_from(what.width).unwrap_or(i32::MAX);
        (*params.0).height = i32::try_from(what.height).unwrap_or(i32::MAX);
    }
    Ok(params)
}

fn sound_params(what: &Generated) -> std::result::Result<CodecParams, AvError> {
    let params = CodecParams::new()?;
    // SAFETY: the parameters are ours.
    unsafe {
        (*params.0).codec_type = ffi::AVMediaType::AVMEDIA_TYPE_AUDIO;
        (*params.0).codec_id = ffi::AVCodecID::AV_CODEC_ID_PCM_S16LE;
        enum_set!(
            (*params.0).format,
            ffi::AVSampleFormat::AV_SAMPLE_FMT_S16 as i32
        );
        (*params.0).sample_rate = i32::try_from(what.sound_rate).unwrap_or(i32::MAX);
        (*params.0).bits_per_coded_sample = 16;
        (*params.0).block_align = 2 * CHANNELS as i32;
        ffi::av_channel_layout_default(
            std::ptr::addr_of_mut!((*params.0).ch_layout),
            CHANNELS as i32,
        );
    }
    Ok(params)
}

/// A packet of the audio stream of [`generated`]: interleaved stereo samples (left, right) that begin `start` samples
/// after the start of the stream.
///
/// # Errors
/// `Read` if memory cannot be allocated.
pub fn pcm_packet(samples: &[[i16; 2]], start: i64, rate: u32) -> Result<Packet> {
    let bytes: Vec<u8> = samples
        .as_flattened()
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let filled = || {
        let mut packet = Packet::holding(&bytes, Rational::new(1, rate.into()))?;
        let length = i64::try_from(samples.len()).unwrap_or(0);
        packet.show(start, start.saturating_add(length));
        packet.set_stream(SOUND);
        Ok(packet)
    };
    filled().map_err(|error: AvError| MediaError::Read {
        path: "generated sound".into(),
        why: error.to_string(),
    })
}
