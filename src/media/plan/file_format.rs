//! File extensions with their containers and default encoders.

use std::path::Path;

use super::streams::extension_for;
use crate::frame::{Model, PixelFormat};
use crate::media::av::{ContainerFormat, text};
use crate::media::encoder;
use crate::media::error::{MediaError, Result};
use crate::nearest::nearest;

/// What a file extension stands for.
pub(super) struct FileFormat {
    /// FFmpeg's name of the container; `image` for picture files.
    pub muxer: &'static str,
    pub encoder: &'static str,
}

/// File extension and format.
const FILE_FORMATS: &[(&str, FileFormat)] = &[
    (
        "mp4",
        FileFormat {
            muxer: "mp4",
            encoder: "libx264",
        },
    ),
    (
        "m4v",
        FileFormat {
            muxer: "mp4",
            encoder: "libx264",
        },
    ),
    (
        "mov",
        FileFormat {
            muxer: "mov",
            encoder: "libx264",
        },
    ),
    (
        "mkv",
        FileFormat {
            muxer: "matroska",
            encoder: "libx264",
        },
    ),
    (
        "webm",
        FileFormat {
            muxer: "webm",
            encoder: "libvpx-vp9",
        },
    ),
    (
        "avi",
        FileFormat {
            muxer: "avi",
            encoder: "libx264",
        },
    ),
    (
        "nut",
        FileFormat {
            muxer: "nut",
            encoder: "ffv1",
        },
    ),
    (
        "png",
        FileFormat {
            muxer: "image",
            encoder: "png",
        },
    ),
    (
        "exr",
        FileFormat {
            muxer: "image",
            encoder: "exr",
        },
    ),
    (
        "pfm",
        FileFormat {
            muxer: "image",
            encoder: "pfm",
        },
    ),
    (
        "jpg",
        FileFormat {
            muxer: "image",
            encoder: "mjpeg",
        },
    ),
    (
        "jpeg",
        FileFormat {
            muxer: "image",
            encoder: "mjpeg",
        },
    ),
];

/// The file extensions that can be written: those of pictures, or those of videos.
pub fn extensions(of_images: bool) -> impl Iterator<Item = &'static str> {
    FILE_FORMATS
        .iter()
        .filter(move |(_, format)| (format.muxer == "image") == of_images)
        .map(|(ending, _)| *ending)
}

/// The format of the file extension of `path`.
pub(super) fn file_format(path: &Path) -> Result<&'static FileFormat> {
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase());
    let known = || FILE_FORMATS.iter().map(|(e, _)| *e);
    let advice = || {
        let all: Vec<String> = known().map(|e| format!(".{e}")).collect();
        format!("known file extensions: {}", all.join(" "))
    };
    match extension {
        None => Err(MediaError::usage(
            format!(
                "the output's name has no file extension, so its format is unknown: {}",
                path.display()
            ),
            advice(),
        )),
        Some(e) => FILE_FORMATS
            .iter()
            .find(|(name, _)| *name == e)
            .map(|(_, t)| t)
            .ok_or_else(|| {
                let near = nearest(&e, known());
                let near = near.map_or(String::new(), |n| format!("did you mean .{n}? "));
                MediaError::usage(
                    format!(
                        "no format is known for the file extension .{e}: {}",
                        path.display()
                    ),
                    near + &advice(),
                )
            }),
    }
}

/// The encoder of an output at `path` of pictures like `source`, where nobody names one; `None` where its extension is not known.
pub fn encoder_by_name(path: &Path, source: Option<PixelFormat>) -> Option<&'static str> {
    let format = file_format(path).ok()?;
    Some(source.map_or(format.encoder, |source| usual_encoder(format, source)))
}

/// The file extension for video by `codec` where nobody chose one: `usual`, unless its container cannot hold the codec.
/// Where no extension fits, or the codec is unknown, it is `usual` as well: then the plan says what is wrong.
pub fn fitting_extension<'a>(codec: &str, usual: &'a str) -> &'a str {
    let path = Path::new("output").with_extension(usual);
    let (Ok(format), Ok(codec)) = (file_format(&path), encoder::resolve(codec, &path)) else {
        return usual;
    };
    // SAFETY: the name is static.
    let name = unsafe { text(codec.name) };
    let other = if format.muxer == "image" {
        let fits = |(_, known): &&(&str, FileFormat)| {
            known.muxer == "image" && known.encoder == name && format.encoder != name
        };
        FILE_FORMATS.iter().find(fits).map(|(ending, _)| *ending)
    } else {
        let holds = |muxer| ContainerFormat::by_name(muxer).is_some_and(|it| it.holds(codec.id));
        // ProRes is at home in MOV: editors look for it there.
        let first = (name.starts_with("prores") && holds("mov")).then_some("mov");
        match holds(format.muxer) {
            true => None,
            false => first.or_else(|| extension_for(codec.id)),
        }
    };
    other.unwrap_or(usual)
}

/// The default encoder for pictures of format `source`, used if the user names none.
pub(super) fn usual_encoder(format: &FileFormat, source: PixelFormat) -> &'static str {
    if format.encoder != "libx264" {
        return format.encoder;
    }
    let rgb = source.model == Model::Rgb;
    let modern = ["mp4", "mov", "matroska"].contains(&format.muxer);
    if modern && (source.depth >= 12 || rgb && source.depth > 8) {
        "libx265"
    } else if rgb && ["mp4", "matroska"].contains(&format.muxer) {
        "libx264rgb"
    } else {
        "libx264"
    }
}
