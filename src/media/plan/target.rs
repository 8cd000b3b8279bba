//! Endings of files, their containers and usual encoders.

use std::path::Path;

use crate::frame::{Model, PixelFormat};
use crate::media::encoder;
use crate::media::error::{MediaError, Result};

/// What an ending stands for.
pub(super) struct Target {
    /// FFmpeg's name of the container; `image` for a single picture.
    pub muxer: &'static str,
    pub encoder: &'static str,
}

/// Extensions, their container and its usual encoder.
const TARGETS: &[(&str, Target)] = &[
    (
        "mp4",
        Target {
            muxer: "mp4",
            encoder: "libx264",
        },
    ),
    (
        "m4v",
        Target {
            muxer: "mp4",
            encoder: "libx264",
        },
    ),
    (
        "mov",
        Target {
            muxer: "mov",
            encoder: "libx264",
        },
    ),
    (
        "mkv",
        Target {
            muxer: "matroska",
            encoder: "libx264",
        },
    ),
    (
        "webm",
        Target {
            muxer: "webm",
            encoder: "libvpx-vp9",
        },
    ),
    (
        "avi",
        Target {
            muxer: "avi",
            encoder: "libx264",
        },
    ),
    (
        "nut",
        Target {
            muxer: "nut",
            encoder: "ffv1",
        },
    ),
    (
        "png",
        Target {
            muxer: "image",
            encoder: "png",
        },
    ),
    (
        "jpg",
        Target {
            muxer: "image",
            encoder: "mjpeg",
        },
    ),
    (
        "jpeg",
        Target {
            muxer: "image",
            encoder: "mjpeg",
        },
    ),
];

/// Endings of the files that can be written: of pictures, or of videos.
pub fn endings(of_images: bool) -> impl Iterator<Item = &'static str> {
    TARGETS
        .iter()
        .filter(move |(_, target)| (target.muxer == "image") == of_images)
        .map(|(ending, _)| *ending)
}

/// What the ending of `path` stands for.
pub(super) fn target(path: &Path) -> Result<&'static Target> {
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase());
    let known = || TARGETS.iter().map(|(e, _)| *e);
    let advice = || {
        let all: Vec<String> = known().map(|e| format!(".{e}")).collect();
        format!("known endings are {}", all.join(" "))
    };
    match extension {
        None => Err(MediaError::usage(
            format!(
                "the output's name has no ending to tell its format: {}",
                path.display()
            ),
            advice(),
        )),
        Some(e) => TARGETS
            .iter()
            .find(|(name, _)| *name == e)
            .map(|(_, t)| t)
            .ok_or_else(|| {
                let near = encoder::nearest(&e, known());
                let near = near.map_or(String::new(), |n| format!("did you mean .{n}? "));
                MediaError::usage(
                    format!("no format is known for the ending .{e}: {}", path.display()),
                    near + &advice(),
                )
            }),
    }
}

/// The encoder for pictures of the format `source`, where nobody names one.
pub(super) fn usual_encoder(target: &Target, source: PixelFormat) -> &'static str {
    if target.encoder != "libx264" {
        return target.encoder;
    }
    let rgb = source.model == Model::Rgb;
    let modern = ["mp4", "mov", "matroska"].contains(&target.muxer);
    if modern && (source.depth >= 12 || rgb && source.depth > 8) {
        "libx265"
    } else if rgb && ["mp4", "matroska"].contains(&target.muxer) {
        "libx264rgb"
    } else {
        "libx264"
    }
}
