//! Decides whether pictures are turned: by the player, as the file says, or before they are encoded.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::streams::cannot_hold;
use super::{Dropped, IMAGES, OutputOptions};
use crate::frame::{Color, PixelFormat};
use crate::media::av::ContainerFormat;
use crate::media::error::{MediaError, Result};
use crate::media::info::SourceInfo;
use crate::media::turn::Turn;

/// What to do about the rotation that the source asks players for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rotation {
    /// The output asks for the same. Where its container cannot store that, the pictures are turned.
    #[default]
    Keep,
    /// The pictures are turned.
    Apply,
}

/// Frames that are turned before they are encoded, and what they are before that.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Turned {
    pub turn: Turn,
    pub format: PixelFormat,
    pub color: Color,
}

/// Whether `container` can say how players turn the pictures. Picture files have an EXIF orientation for it.
fn says_rotation(container: &str) -> bool {
    ["image", IMAGES].contains(&container)
        || ContainerFormat::by_name(container).is_some_and(ContainerFormat::stores_rotation)
}

/// How the pictures of `info` are turned before they are encoded for the output at `path`; `None` where they are not.
///
/// # Errors
/// `Container` where they would have to be turned and cannot; `Usage` where that was asked for.
pub(super) fn turn(
    info: &SourceInfo,
    path: &Path,
    container: &str,
    options: &OutputOptions,
) -> Result<Option<Turn>> {
    let pictures = info.pictures();
    let Some(rotation) = pictures.rotation_text() else {
        return Ok(None);
    };
    let dropped = options.drop.contains(&Dropped::Rotation);
    match options.rotation {
        Rotation::Apply if dropped => {
            return Err(MediaError::usage(
                "--rotation apply and --drop rotation cannot be used together",
                "give one of them: --rotation apply turns the pictures, --drop rotation shows them as they are stored",
            ));
        }
        Rotation::Keep if dropped || says_rotation(container) => return Ok(None),
        _ => {}
    }
    let turn = Turn::of(pictures.rotation, pictures.mirrored);
    // Where the views of a stereoscopic or spherical picture lie in it is stored beside it, and would be wrong.
    if let (Some(turn), true) = (turn, pictures.views.is_empty()) {
        return Ok(Some(turn));
    }
    if options.rotation == Rotation::Apply {
        let why = match pictures.views.is_empty() {
            true => "pictures can be turned by multiples of 90° only".to_owned(),
            false => format!("the pictures are {}", pictures.views.join(" and ")),
        };
        return Err(MediaError::usage(
            format!("--rotation apply is not possible for the rotation ({rotation}): {why}"),
            "leave it out, with an output in .mp4 or .mov; or use --drop rotation",
        ));
    }
    let what = format!("the rotation ({rotation})");
    let dropped = Some(Dropped::Rotation);
    Err(cannot_hold(path, &what, Some("mp4 or .mov"), dropped))
}
