//! Writes pictures that belong to no source as PNG or JPEG files.

use std::path::Path;

use super::error::{MediaError, Result};
use super::generated::{Generated, generated};
use super::plan::{OutputOptions, OutputPlan};
use super::relayout::relayout;
use super::sink::Sink;
use crate::frame::{Frame, Model, Picture, PixelFormat, Rational, Span, Subsampling};

/// Samples per second of the sound that a generated source has; a picture file holds none.
const SOUND_RATE: u32 = 48_000;

/// Writes a gray or RGB picture to `file` as PNG. `path` is the name that the file will have: its extension is `.png`.
///
/// # Errors
/// `CannotCreate` and `Write` for the file, `Encoder` where FFmpeg has no PNG encoder, `Usage` for another extension.
pub fn write_png(file: &Path, path: &Path, picture: &Picture) -> Result<()> {
    let format = picture.format;
    let name = match (format.model, format.depth > 8, format.alpha) {
        (Model::Gray, false, false) => "gray",
        (Model::Gray, true, false) => "gray16be",
        (Model::Rgb, false, false) => "rgb24",
        (Model::Rgb, false, true) => "rgba",
        (Model::Rgb, true, false) => "rgb48be",
        (Model::Rgb, true, true) => "rgba64be",
        _ => return Err(unfit(path, picture)),
    };
    write(file, path, picture, name)
}

/// The bytes of a JPEG file of `picture`, which is Y'CbCr 4:4:4 of 8 bits in full range, by the matrix of BT.601.
///
/// # Errors
/// `Write` where no temporary file can be written, `Encoder` where FFmpeg has no JPEG encoder.
pub fn jpeg_bytes(picture: &Picture) -> Result<Vec<u8>> {
    let path = Path::new("picture.jpg");
    if picture.format != PixelFormat::planar(Model::Yuv, Subsampling::S444, 8, false) {
        return Err(unfit(path, picture));
    }
    let failed = |error: std::io::Error| MediaError::Encode {
        path: path.into(),
        why: error.to_string(),
    };
    let file = tempfile::Builder::new().suffix(".jpg").tempfile();
    let file = file.map_err(failed)?;
    write(file.path(), path, picture, "yuvj444p")?;
    std::fs::read(file.path()).map_err(failed)
}

fn unfit(path: &Path, picture: &Picture) -> MediaError {
    MediaError::Encode {
        path: path.into(),
        why: format!("{} is not written as such a file", picture.format),
    }
}

/// Writes `picture` to `file` as FFmpeg's pixel format `name`.
fn write(file: &Path, path: &Path, picture: &Picture, name: &str) -> Result<()> {
    let format = picture.format;
    let what = Generated {
        width: picture.width,
        height: picture.height,
        format,
        color: picture.color,
        frame_rate: Rational::new(25, 1),
        frames: 1,
        sound_rate: SOUND_RATE,
    };
    let (info, header) = generated(path, &what)?;
    let options = OutputOptions {
        pix_fmt: Some(name.into()),
        ..OutputOptions::default()
    };
    let plan = OutputPlan::decide(&info, &info.frame_shape(), path, &options)?;
    let picture = relayout(picture, &plan.video.format).unwrap_or_else(|| picture.clone());
    let mut sink = Sink::create(file, &plan, &header, &picture)?;
    let span = Span {
        pts: 0,
        duration: 1,
    };
    sink.frame(&Frame { picture, span }, None)?;
    sink.finish()?;
    Ok(())
}
