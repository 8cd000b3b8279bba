//! Writes pictures that belong to no source as PNG files.

use std::path::Path;

use super::error::{MediaError, Result};
use super::generated::{Generated, generated};
use super::plan::{OutputOptions, OutputPlan};
use super::relayout::relayout;
use super::sink::Sink;
use crate::frame::{Frame, Model, Picture, Rational, Span};

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
        _ => {
            return Err(MediaError::Encode {
                path: path.into(),
                why: format!("{format} is not written as PNG"),
            });
        }
    };
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
