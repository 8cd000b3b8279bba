//! Which encoders work on this machine, found out by using them.

use serde::Serialize;

use super::av::{
    AvError, AvFrame, Encoder, OpenError, PixFmt, Received, VideoSetup, check, ffi, find_encoder,
    pixel_formats,
};
use super::log;
use crate::color::Color;
use crate::frame::Rational;

/// Whether an encoder works here.
#[derive(Clone, Debug, Serialize)]
pub struct EncoderStatus {
    /// FFmpeg's name, `libx264`.
    pub name: String,
    pub works: bool,
    /// Why it does not work, in words.
    pub reason: Option<String>,
}

const TRIED: [&str; 12] = [
    "libx264",
    "libx264rgb",
    "libx265",
    "ffv1",
    "prores_ks",
    "libvpx-vp9",
    "libsvtav1",
    "png",
    "mjpeg",
    "h264_nvenc",
    "hevc_nvenc",
    "aac",
];

/// The encoders people ask for, each opened and given a frame of 640 × 360. Takes about a second.
pub fn encoders() -> Vec<EncoderStatus> {
    log::init();
    TRIED
        .iter()
        .map(|&name| {
            let mark = log::mark();
            let outcome = if name == "aac" {
                sound(name)
            } else {
                video(name)
            };
            let reason = outcome.err().map(|error| match error {
                OpenError::Missing => "this build of FFmpeg does not have it".into(),
                OpenError::Refused(error) => log::since(mark).unwrap_or_else(|| error.to_string()),
                OpenError::UnknownOptions(keys) => format!("unknown options: {}", keys.join(", ")),
            });
            EncoderStatus {
                name: name.into(),
                works: reason.is_none(),
                reason,
            }
        })
        .collect()
}

fn video(name: &str) -> Result<(), OpenError> {
    let codec = find_encoder(name).ok_or(OpenError::Missing)?;
    let format = pixel_formats(codec)
        .into_iter()
        .find(|f| f.layout().is_some())
        .or_else(|| PixFmt::by_name("yuv420p"))
        .ok_or(OpenError::Missing)?;
    let quiet = [("x265-params".to_string(), "log-level=none".to_string())];
    let mut encoder = Encoder::video(&VideoSetup {
        encoder: name,
        width: 640,
        height: 360,
        format,
        color: Color::default(),
        time_base: Rational::new(1, 25),
        frame_rate: Rational::new(25, 1),
        sample_aspect: Rational::new(1, 1),
        options: if name == "libx265" { &quiet } else { &[] },
        global_header: false,
        tag: 0,
    })?;
    let frame = AvFrame::picture(format, 640, 360)?;
    // SAFETY: the frame is ours.
    unsafe { (*frame.0).pts = 0 };
    one_packet(&mut encoder, &frame)
}

fn sound(name: &str) -> Result<(), OpenError> {
    // SAFETY: an empty layout is all zero, and made stereo; the frame is ours and gets buffers as the encoder wants them.
    unsafe {
        let mut layout: ffi::AVChannelLayout = std::mem::zeroed();
        ffi::av_channel_layout_default(&mut layout, 2);
        let mut encoder = Encoder::audio(name, 48_000, &layout, 192_000, false)?;
        let frame = AvFrame::new()?;
        let e = encoder.raw();
        (*frame.0).format = (*e).sample_fmt as i32;
        (*frame.0).nb_samples = (*e).frame_size.max(1024);
        (*frame.0).sample_rate = (*e).sample_rate;
        check(ffi::av_channel_layout_copy(
            std::ptr::addr_of_mut!((*frame.0).ch_layout),
            &layout,
        ))?;
        check(ffi::av_frame_get_buffer(frame.0, 0))?;
        check(ffi::av_samples_set_silence(
            (*frame.0).extended_data,
            0,
            (*frame.0).nb_samples,
            2,
            (*e).sample_fmt,
        ))?;
        one_packet(&mut encoder, &frame)
    }
}

fn one_packet(encoder: &mut Encoder, frame: &AvFrame) -> Result<(), OpenError> {
    encoder.send(Some(frame))?;
    encoder.send(None)?;
    let mut packets = 0;
    while let Received::One(_) = encoder.receive()? {
        packets += 1;
    }
    if packets == 0 {
        return Err(OpenError::Refused(AvError(ffi::AVERROR_UNKNOWN)));
    }
    Ok(())
}

/// FFmpeg's libraries as they are loaded: name and version.
pub fn versions() -> Vec<(String, String)> {
    let word = |v: u32| format!("{}.{}.{}", v >> 16, v >> 8 & 0xff, v & 0xff);
    // SAFETY: these functions only give numbers and a static string.
    unsafe {
        vec![
            ("FFmpeg".into(), super::av::text(ffi::av_version_info())),
            ("libavformat".into(), word(ffi::avformat_version())),
            ("libavcodec".into(), word(ffi::avcodec_version())),
            ("libavutil".into(), word(ffi::avutil_version())),
            ("libswresample".into(), word(ffi::swresample_version())),
        ]
    }
}
