//! Chooses the pixel format that keeps most of the source, and lists what is lost.

use super::OutputOptions;
use crate::color::Coding;
use crate::frame::{ChromaLocation, Color, Model, PixelFormat, Range};
use crate::media::av::{PixFmt, ffi, full_range_twin, pixel_formats, text};
use crate::media::encoder::maker;
use crate::media::error::{MediaError, Result};
use crate::media::info::VideoInfo;

/// The pixel format for the encoder: the user's, or the one that keeps most of the source.
pub(super) fn choose_format(
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
        .filter(|f| match f.little_endian().layout() {
            // Floats are written in the machine's own order of bytes.
            Some(layout) => !layout.is_float() || f.layout().is_some(),
            None => false,
        })
        // JPEG always has full range, which FFmpeg expresses by the names `yuvj…`. Other encoders list them as
        // duplicates.
        .filter(|f| f.name().starts_with("yuvj") == (encoder == "mjpeg"))
        .collect();
    if let Some(name) = &options.pix_fmt {
        let asked = PixFmt::by_name(name).map(|f| match full_range_twin(f) {
            Some(plain) if encoder != "mjpeg" => plain,
            _ if encoder == "mjpeg" && name.starts_with("yuv4") => {
                PixFmt::by_name(&name.replace("yuv4", "yuvj4")).unwrap_or(f)
            }
            _ => f,
        });
        return match asked {
            // Raw floats are written by containers under the tag of another format.
            Some(format)
                if usable.contains(&format)
                    || listed.is_empty() && !format.has(ffi::AV_PIX_FMT_FLAG_FLOAT) =>
            {
                Ok(format)
            }
            _ => {
                let names: Vec<String> = usable.iter().map(|f| f.name()).collect();
                Err(MediaError::usage(
                    format!("the encoder {encoder} does not take the pixel format {name}"),
                    match names.is_empty() {
                        true => "floats are written to .exr and .pfm".to_owned(),
                        false => format!("it takes {}", names.join(", ")),
                    },
                ))
            }
        };
    }
    let chroma_fits = |f: &PixelFormat| {
        f.model != Model::Yuv
            || width.is_multiple_of(1 << f.chroma.x) && height.is_multiple_of(1 << f.chroma.y)
    };
    let strict = ["libx264", "libx265"].contains(&encoder.as_str()) || maker(&encoder).is_some();
    let rank = |fits: bool| {
        usable
            .iter()
            .enumerate()
            .filter_map(|(position, &f)| {
                let to = f.little_endian().layout()?;
                if fits && !chroma_fits(&to) {
                    return None;
                }
                let same = f.name() == pictures.pix_fmt;
                Some((distance(source, to), !same, position, f))
            })
            .min_by_key(|(distance, differs, position, _)| (*distance, *differs, *position))
            .map(|(.., f)| f)
    };
    let none = || {
        MediaError::usage(
            format!("the encoder {encoder} takes no pixel format that can be rendered"),
            "choose another encoder with --codec",
        )
    };
    if !strict {
        return rank(false).ok_or_else(none);
    }
    let chosen = rank(true).ok_or_else(none)?;
    if rank(false) != Some(chosen) {
        warnings.push(format!(
            "{width}x{height} is an odd size, which {encoder} takes only as {}, with chroma at full resolution",
            chosen.name()
        ));
    }
    Ok(chosen)
}

/// The distance between two formats: first what is lost, most visible first, then what is wasted. Compared from left to
/// right.
fn distance(source: PixelFormat, to: PixelFormat) -> [u32; 7] {
    let model = match (source.model, to.model) {
        (a, b) if a == b => 0,
        (Model::Gray, Model::Yuv) => 1,
        (Model::Gray, _) => 2,
        (Model::Rgb, Model::Yuv) | (Model::Yuv, Model::Rgb) => 3,
        (_, Model::Gray) => 4,
        _ => 4,
    };
    let samples = |f: PixelFormat| match f.model {
        // Gray has no chroma to keep, so less chroma is better.
        Model::Gray => 0,
        _ => 2 - u32::from(f.chroma.x) - u32::from(f.chroma.y),
    };
    let chroma_lost =
        u32::from(to.chroma.x > source.chroma.x) + u32::from(to.chroma.y > source.chroma.y);
    [
        model,
        u32::from(source.depth.saturating_sub(to.depth)),
        u32::from(source.alpha && !to.alpha),
        if source.model == Model::Gray || to.model == Model::Gray {
            0
        } else {
            chroma_lost
        },
        u32::from(to.depth.saturating_sub(source.depth)),
        u32::from(to.alpha && !source.alpha),
        samples(to).saturating_sub(samples(source)),
    ]
}

/// Adds to `losses` what is lost from `source` to `to`.
pub(super) fn describe_losses(source: PixelFormat, to: PixelFormat, losses: &mut Vec<String>) {
    if source.is_float() && !to.is_float() {
        losses.push(format!(
            "floats become {} bits: values below 0 and above 1 are cut",
            to.depth
        ));
    } else if source.depth > to.depth {
        losses.push(format!(
            "depth: {} bits per sample become {}",
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
            "chroma: {source} becomes {to}: colour is kept at a lower resolution"
        ));
    }
}

/// The colour of the pictures to encode: the source's, except where the colour model changes or the file format
/// prescribes it. `encoder` is the encoder of picture files; empty for video.
pub(super) fn color(
    pictures: &VideoInfo,
    source: PixelFormat,
    to: PixelFormat,
    encoder: &str,
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
        _ => {}
    }
    /// TransferCharacteristics of linear light, and of sRGB (H.273, table 3).
    const LINEAR: u8 = 8;
    const SRGB: u8 = 13;
    if to.is_float() && !source.is_float() {
        color.transfer = LINEAR;
    } else if Coding::is_linear(&color, &source) && !to.is_float() {
        color.transfer = SRGB;
    }
    if encoder == "png" {
        // PNG readers expect full range.
        color.range = Range::Full;
    }
    if encoder == "mjpeg" {
        // JFIF prescribes BT.601, full range, chroma between the luma samples.
        color.matrix = 5;
        color.range = Range::Full;
        color.chroma_location = ChromaLocation::Center;
    }
    color
}
