//! How the encoder is set up.

use super::{OutputOptions, VideoPlan};
use crate::frame::{Model, PixelFormat, Rational};
use crate::media::av::{ffi, text};
use crate::media::encoder;
use crate::media::error::{MediaError, Result};
use crate::media::info::{FieldOrder, SourceInfo, VideoInfo};

/// Side in pixels below which FFV1 is left to choose its own level.
const SMALLEST_SLICED: u32 = 64;

/// The options for the encoder: defaults, then what was asked for, which must be known.
pub(super) fn encoder_options(
    codec: &ffi::AVCodec,
    format: PixelFormat,
    pictures: &VideoInfo,
    (width, height): (u32, u32),
    muxer: &str,
    asked: &OutputOptions,
) -> Result<Vec<(String, String)>> {
    // SAFETY: the name is static.
    let name = unsafe { text(codec.name) };
    let known = encoder::known_options(&name);
    let mut options: Vec<(String, String)> = Vec::new();
    let mut set = |key: &str, value: &str| match options.iter_mut().find(|(k, _)| k == key) {
        Some((_, v)) => *v = value.into(),
        None => options.push((key.into(), value.into())),
    };
    // FFmpeg's FFV1 cuts pictures into slices at level 3, and loses samples where these get too small.
    let tiny = name == "ffv1" && width.min(height) < SMALLEST_SLICED;
    for (key, value) in known.fixed.iter().filter(|(key, _)| !tiny || *key == "g") {
        set(key, value);
    }
    match (known.quality, asked.crf, &asked.bitrate) {
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
    match (known.preset, &asked.encoder_preset) {
        (Some((key, _, presets)), Some(preset)) => {
            encoder::check_preset(&name, preset, presets)?;
            set(key, preset);
        }
        (Some((key, value, _)), None) => set(key, value),
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
    if name == "prores_ks"
        && asked.encoder_preset.is_none()
        && (format.chroma.x == 0 || format.alpha)
    {
        set("profile", "4444");
    }
    let fields = field_order(pictures, &name) != FieldOrder::Progressive;
    if fields && name != "ffv1" {
        set("flags", "+ilme+ildct");
    }
    if let Some((key, value)) = pictures.hdr.encoder_option(&name) {
        set(key, &value);
    }
    for (key, value) in &asked.encoder_opts {
        encoder::check_option(codec, key)?;
        set(key, value);
    }
    if let Some((key, _, presets)) = known.preset
        && let Some((_, preset)) = options.iter().find(|(k, _)| k == key)
    {
        encoder::check_preset(&name, preset, presets)?;
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

/// The unit of the output's times.
pub(super) fn time_base(info: &SourceInfo, muxer: &str) -> Rational {
    let given = info.video().time_base;
    let rate = info.pictures().frame_rate;
    if muxer == "avi" && rate.num > 0 {
        // It keeps one frame rate only. Frames that do not come at it are counted as moved.
        return Rational::new(rate.den, rate.num);
    }
    if given.num <= 0 {
        return Rational::new(1, 90_000);
    }
    given
}

/// What common players (browsers, phones, televisions) refuse.
pub(super) fn player_warnings(video: &VideoPlan, warnings: &mut Vec<String>) {
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

/// Encoders that code fields as fields, or leave saying so to the container.
const KNOWS_FIELDS: [&str; 5] = ["libx264", "prores_ks", "ffv1", "mpeg2video", "dnxhd"];

/// The field order that the output says: the source's, where the encoder can code it.
pub(super) fn field_order(pictures: &VideoInfo, encoder: &str) -> FieldOrder {
    match pictures.field_order {
        order @ (FieldOrder::TopFirst | FieldOrder::BottomFirst)
            if KNOWS_FIELDS.contains(&encoder) =>
        {
            order
        }
        _ => FieldOrder::Progressive,
    }
}

/// Says what happens to fields.
pub(super) fn interlaced(
    pictures: &VideoInfo,
    video: &VideoPlan,
    losses: &mut Vec<String>,
    warnings: &mut Vec<String>,
) {
    let advice = "deinterlace it first for a clean look: ffmpeg -i INPUT -vf bwdif -c:v ffv1 -c:a copy OUTPUT.mkv";
    let order = match pictures.field_order {
        FieldOrder::TopFirst => "top",
        FieldOrder::BottomFirst => "bottom",
        _ if pictures.combed => {
            warnings.push(format!(
                "the source says it is progressive, but its pictures look interlaced: both fields are rendered as one picture; {advice}"
            ));
            return;
        }
        _ => return,
    };
    warnings.push(format!(
        "the source is interlaced ({order} field first): both fields are rendered as one picture; {advice}"
    ));
    if video.field_order != pictures.field_order {
        losses.push(format!(
            "field order: {} codes whole pictures, and the output is marked progressive",
            video.encoder
        ));
    }
}
