//! Opens the encoder of a plan and explains failures.

use std::path::Path;

use super::options::missing;
use super::quality::maker;
use crate::frame::Color;
use crate::media::av::{Encoder, OpenError, PixFmt, VideoSetup, ffi};
use crate::media::error::{MediaError, Result};
use crate::media::log;
use crate::media::video_plan::VideoPlan;

/// Opens the planned encoder for pictures of `width` × `height`.
pub(crate) fn open(
    plan: &VideoPlan,
    path: &Path,
    width: u32,
    height: u32,
    color: Color,
) -> Result<Encoder> {
    log::init();
    let mark = log::mark();
    let format = PixFmt::by_name(&plan.pix_fmt).ok_or_else(|| {
        MediaError::usage(
            format!("there is no pixel format called {}", plan.pix_fmt),
            "`ffmpeg -pix_fmts` lists all",
        )
    })?;
    let opened = Encoder::video(&VideoSetup {
        encoder: &plan.encoder,
        width,
        height,
        format,
        color,
        time_base: plan.time_base,
        frame_rate: plan.frame_rate,
        sample_aspect: plan.frames.sample_aspect,
        options: &plan.options,
        global_header: plan.global_header,
        tag: 0,
    });
    opened.map_err(|error| match error {
        OpenError::Missing => missing(path, &plan.encoder),
        OpenError::UnknownOptions(keys) => MediaError::usage(
            format!(
                "the encoder {} has no option called {}",
                plan.encoder,
                keys.join(", ")
            ),
            format!("`ffmpeg -h encoder={}` lists its options", plan.encoder),
        ),
        OpenError::Refused(error) => {
            let log_text = log::since(mark).unwrap_or_else(|| error.to_string());
            let bad_option = error.0 == ffi::AVERROR(libc::EINVAL)
                || error.0 == ffi::AVERROR_OPTION_NOT_FOUND
                || error.0 == ffi::AVERROR(libc::ERANGE);
            let words = log_text.to_lowercase();
            let about_options = ["option", "parse", "preset", "out of range", "value"];
            if bad_option && about_options.iter().any(|w| words.contains(w)) {
                return MediaError::usage(
                    format!(
                        "the encoder {} rejects its options: {log_text}",
                        plan.encoder
                    ),
                    format!(
                        "`ffmpeg -h encoder={}` lists them with their ranges",
                        plan.encoder
                    ),
                );
            }
            MediaError::Encoder {
                path: path.into(),
                encoder: plan.encoder.clone(),
                why: format!(
                    "it cannot be opened for {width}x{height} {}: {log_text}",
                    plan.pix_fmt
                ),
                advice: match maker(&plan.encoder) {
                    Some("nvenc") => {
                        "it needs an NVIDIA GPU with its driver; --codec libx264 works everywhere"
                            .into()
                    }
                    Some(_) => {
                        "it needs hardware with that encoder, and its driver; --codec auto takes what works here"
                            .into()
                    }
                    None => {
                        "choose another encoder with --codec, or another pixel format with --pix-fmt"
                            .into()
                    }
                },
            }
        }
    })
}
