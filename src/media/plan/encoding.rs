//! Options of the video encoder, time base, field order, and warnings about them.

use super::{OutputOptions, VideoPlan};
use crate::frame::{FieldOrder, Model, PixelFormat, Rational};
use crate::media::av::{ffi, text};
use crate::media::encoder;
use crate::media::error::{MediaError, Result};
use crate::media::info::VideoInfo;
use crate::media::video_plan::FrameShape;

/// FFV1 at level 3 is used only if width and height have at least this many pixels.
const MIN_SLICED_SIZE: u32 = 64;

/// The options for the encoder: its defaults, overridden by the user's options, which are checked.
pub(super) fn encoder_options(
    codec: &ffi::AVCodec,
    format: PixelFormat,
    pictures: &VideoInfo,
    frames: &FrameShape,
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
    // FFmpeg's FFV1 divides pictures into slices at level 3, and loses samples if the slices are too small.
    let tiny = name == "ffv1" && frames.width.min(frames.height) < MIN_SLICED_SIZE;
    for (key, value) in known.fixed.iter().filter(|(key, _)| !tiny || *key == "g") {
        set(key, value);
    }
    match (known.quality, asked.crf, &asked.bitrate) {
        (Some(_), Some(_), Some(_)) => {
            return Err(MediaError::usage(
                "--crf and --bitrate cannot be used together",
                "give one of them: --crf for constant quality, --bitrate for a given size",
            ));
        }
        (Some((key, _)), Some(crf), None) => {
            let worst = if name.starts_with("libx26") || encoder::maker(&name).is_some() {
                51.0
            } else {
                63.0
            };
            if !(0.0..=worst).contains(&crf) {
                return Err(MediaError::usage(
                    format!("--crf {crf} is out of range for the encoder {name}"),
                    format!("give a number from 0 (best) to {worst} (worst)"),
                ));
            }
            match encoder::quality_options(&name, crf) {
                Some(options) => options.iter().for_each(|(key, value)| set(key, value)),
                None => set(key, &crf.to_string()),
            }
        }
        (Some((key, value)), None, None) => {
            let usual = value.parse().ok();
            match usual.and_then(|usual| encoder::quality_options(&name, usual)) {
                Some(options) => options.iter().for_each(|(key, value)| set(key, value)),
                None => set(key, value),
            }
        }
        (None, Some(_), _) => {
            return Err(MediaError::usage(
                format!("the encoder {name} does not support --crf"),
                "leave out --crf, or choose an encoder with constant quality, such as libx264",
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
                format!("the encoder {name} does not support --encoder-preset"),
                "leave out --encoder-preset, or choose an encoder with presets, such as libx264",
            ));
        }
        (None, None) => {}
    }
    if muxer == "avi" && name.starts_with("libx26") {
        // AVI stores no presentation times, so frames must be stored in presentation order: no B-frames.
        set("bf", "0");
    }
    if name == "prores_ks"
        && asked.encoder_preset.is_none()
        && (format.chroma.x == 0 || format.alpha)
    {
        set("profile", "4444");
    }
    let fields = field_order(frames.field_order, &name) != FieldOrder::Progressive;
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
        // Keep x265 from writing its banner to stderr.
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

/// The time base of the output's video.
pub(super) fn time_base(frames: &FrameShape, muxer: &str) -> Rational {
    let (given, rate) = (frames.time_base, frames.frame_rate);
    if muxer == "avi" && rate.num > 0 {
        // AVI has one constant frame rate. Frames at other times are counted as moved.
        return Rational::new(rate.den, rate.num);
    }
    if given.num <= 0 {
        return Rational::new(1, 90_000);
    }
    given
}

/// Warns about formats that common players (browsers, phones, televisions) cannot play.
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
        "common players cannot play {what}; use --pix-fmt yuv420p for a file that all of them play"
    ));
}

/// Encoders that support interlaced coding, or can store the field order.
const INTERLACED_ENCODERS: [&str; 5] = ["libx264", "prores_ks", "ffv1", "mpeg2video", "dnxhd"];

/// The field order of the output: that of its frames if the encoder supports it, else progressive.
pub(super) fn field_order(order: FieldOrder, encoder: &str) -> FieldOrder {
    match order {
        order @ (FieldOrder::TopFirst | FieldOrder::BottomFirst)
            if INTERLACED_ENCODERS.contains(&encoder) =>
        {
            order
        }
        _ => FieldOrder::Progressive,
    }
}

/// Adds warnings and losses of interlaced sources, unless styles made `whole` pictures of the fields.
pub(super) fn interlaced(
    pictures: &VideoInfo,
    video: &VideoPlan,
    whole: bool,
    losses: &mut Vec<String>,
    warnings: &mut Vec<String>,
) {
    if whole {
        return;
    }
    let advice = "for a clean look, begin with the style deinterlace: -s deinterlace+…";
    let order = match pictures.field_order {
        FieldOrder::TopFirst => "top",
        FieldOrder::BottomFirst => "bottom",
        _ if pictures.combed => {
            warnings.push(format!(
                "the source is tagged as progressive, but its pictures look interlaced: both fields are rendered as one picture; {advice}"
            ));
            return;
        }
        _ => return,
    };
    warnings.push(format!(
        "the source is interlaced ({order} field first): both fields are rendered as one picture; {advice}"
    ));
    if video.frames.field_order == FieldOrder::Progressive {
        losses.push(
            "field order: the fields of turned pictures are columns, so the output is marked as progressive"
                .into(),
        );
    } else if video.field_order != video.frames.field_order {
        losses.push(format!(
            "field order: {} does not support interlaced coding, so the output is marked as progressive",
            video.encoder
        ));
    }
}
