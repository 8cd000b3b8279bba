//! `--codec auto`: the first hardware encoder that works for an output, else the usual one.

use std::path::Path;

use super::file_format::{FileFormat, file_format, usual_encoder};
use super::{OutputOptions, OutputPlan};
use crate::frame::{FieldOrder, Model, PixelFormat};
use crate::media::av::{PixFmt, device_reason, find_encoder, pixel_formats};
use crate::media::encoder;
use crate::media::encoders::{EncoderStatus, Trial};
use crate::media::error::{MediaError, Result};
use crate::media::info::SourceInfo;
use crate::media::video_plan::{FrameShape, VideoPlan};

/// The word for it in place of a codec.
pub const AUTO: &str = "auto";

/// The largest crf of libx264 and libx265.
const WORST: f32 = 51.0;

/// What hardware encodes, and what encodes it without.
struct Family {
    codec: &'static str,
    software: &'static str,
    /// The pixel formats that are tried, best first.
    formats: &'static [&'static str],
}

/// 8 bits go to H.264, which everything plays; 10 bits to HEVC, since hardware encodes no H.264 of 10 bits.
const H264: Family = Family {
    codec: "h264",
    software: "libx264",
    formats: &["yuv420p", "nv12"],
};
const HEVC: Family = Family {
    codec: "hevc",
    software: "libx265",
    formats: &["p010le"],
};

impl Family {
    fn of(depth: u8) -> &'static Self {
        match depth {
            8 => &H264,
            _ => &HEVC,
        }
    }

    /// The hardware encoders that this FFmpeg has, each with the pixel format that it is given.
    fn hardware(&self) -> impl Iterator<Item = (String, &'static str)> + '_ {
        encoder::HARDWARE.iter().filter_map(|maker| {
            let name = format!("{}_{maker}", self.codec);
            let listed = pixel_formats(find_encoder(&name)?);
            let takes =
                |format: &&&str| PixFmt::by_name(format).is_some_and(|it| listed.contains(&it));
            let format = self.formats.iter().find(takes)?;
            Some((name, *format))
        })
    }
}

/// Why no hardware encoder is tried for pictures of this kind; `None` where they are tried.
fn unsuited(
    info: &SourceInfo,
    frames: &FrameShape,
    to: &FileFormat,
    format: PixelFormat,
) -> Option<&'static str> {
    let plain = format.model == Model::Yuv && (format.chroma.x, format.chroma.y) == (1, 1);
    if !["mp4", "mov", "matroska"].contains(&to.muxer) {
        Some("hardware is tried only for .mp4, .mov and .mkv")
    } else if !plain || format.alpha || ![8, 10].contains(&format.depth) {
        Some("hardware encodes only 4:2:0 of 8 or 10 bits without loss of depth, chroma or alpha")
    } else if frames.width % 2 + frames.height % 2 > 0 {
        Some("hardware encodes only even widths and heights")
    } else if !matches!(
        frames.field_order,
        FieldOrder::Progressive | FieldOrder::Unknown
    ) {
        Some("only libx264 keeps the fields of interlaced pictures")
    } else if info.pictures().hdr.encoder_option("libx265").is_some() {
        Some("only libx264 and libx265 write the HDR metadata into the pictures")
    } else {
        None
    }
}

/// Why an encoder does not work, without its name, which FFmpeg puts before it.
fn reason(status: EncoderStatus) -> String {
    let said = status.reason.unwrap_or_default();
    let own = said.strip_prefix(&format!("{}: ", status.name));
    device_reason(own.unwrap_or(&said).to_owned())
}

/// Tries the encoder of a plan with one frame.
///
/// # Errors
/// `Encoder` where it does not work.
pub(super) fn try_it(video: &VideoPlan, path: &Path, (width, height): (u32, u32)) -> Result<()> {
    let trial = Trial {
        encoder: video.encoder.clone(),
        width,
        height,
        pix_fmt: video.pix_fmt.clone(),
        options: video.options.clone(),
    };
    let status = trial.made();
    match status.works {
        true => Ok(()),
        false => Err(MediaError::Encoder {
            path: path.into(),
            encoder: trial.encoder,
            why: reason(status),
            advice: String::new(),
        }),
    }
}

impl OutputPlan {
    /// Plans the output at `path` by the first hardware encoder that encodes a frame of its size and format here, else by the
    /// usual encoder. [`Self::chosen`] says which, and why.
    ///
    /// # Errors
    /// As [`Self::decide`]; `Usage` for options of an encoder that nobody knows yet.
    pub(super) fn decide_encoder(
        info: &SourceInfo,
        frames: &FrameShape,
        path: &Path,
        options: &OutputOptions,
    ) -> Result<Self> {
        if let Some((key, _)) = options.encoder_opts.first() {
            return Err(MediaError::usage(
                format!(
                    "the option {key} is for one encoder, and --codec auto chooses among several"
                ),
                "name the encoder with --codec, or leave --encoder-opt out",
            ));
        }
        let to = file_format(path)?;
        let asked = options.pix_fmt.as_deref().and_then(PixFmt::by_name);
        let asked = asked.and_then(|format| format.little_endian().layout());
        let source = asked.or(info.pictures().format);
        let usual = source.map_or(to.encoder, |source| usual_encoder(to, source));
        let why = match source.map(|source| unsuited(info, frames, to, source)) {
            Some(None) => None,
            Some(why) => why,
            None => Some("its pixel format is not supported"),
        };
        let software = |name: &str| -> Result<Self> {
            let options = OutputOptions {
                codec: (!name.is_empty()).then(|| name.to_owned()),
                ..options.clone()
            };
            Self::decide(info, frames, path, &options)
        };
        if let Some(why) = why {
            let mut plan = software(usual)?;
            plan.chosen = Some(format!(
                "--codec auto: {} encodes: {why}",
                plan.video.encoder
            ));
            return Ok(plan);
        }
        if let Some(crf) = options.crf.filter(|crf| !(0.0..=WORST).contains(crf)) {
            return Err(MediaError::usage(
                format!("--crf {crf} is out of range for --codec auto"),
                format!("give a number from 0 (best) to {WORST} (worst), as for libx264"),
            ));
        }
        let family = Family::of(source.map_or(8, |source| source.depth));
        let mut refused = Vec::new();
        for (encoder, format) in family.hardware() {
            let preset = options.encoder_preset.as_deref();
            let preset = preset.map(|preset| encoder::matched_preset(&encoder, preset));
            let own = OutputOptions {
                codec: Some(encoder.clone()),
                crf: options.crf.map(|crf| encoder::matched(&encoder, crf)),
                encoder_preset: preset.transpose()?.flatten().map(str::to_owned),
                pix_fmt: Some(format.to_owned()),
                trial: true,
                ..options.clone()
            };
            match Self::with_encoder(info, frames, path, &own) {
                Err(MediaError::Encoder { why, .. }) => refused.push(format!("{encoder}: {why}")),
                planned => {
                    let mut plan = planned?;
                    plan.chosen = Some(format!("--codec auto: {encoder} encodes: it works here"));
                    return Ok(plan);
                }
            }
        }
        let mut plan = software(family.software)?;
        if refused.is_empty() {
            refused.push("this build of FFmpeg has none".to_owned());
        }
        plan.chosen = Some(format!(
            "--codec auto: {} encodes: no hardware encoder works here ({})",
            family.software,
            refused.join("; ")
        ));
        Ok(plan)
    }
}

/// What `--codec auto` takes on this machine for pictures of so many bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommended {
    pub bits: u8,
    /// FFmpeg's name of the encoder.
    pub encoder: String,
    /// The hardware encoders that do not work, each with the reason.
    pub refused: Vec<(String, String)>,
}

/// What `--codec auto` takes on this machine, for 8 and for 10 bits. Tries each hardware encoder with a frame of 640 × 360.
pub fn recommended() -> Vec<Recommended> {
    let of = |bits: u8| {
        let family = Family::of(bits);
        let mut refused = Vec::new();
        let works = family.hardware().find(|(encoder, format)| {
            let trial = Trial {
                encoder: encoder.clone(),
                width: 640,
                height: 360,
                pix_fmt: (*format).to_owned(),
                options: Vec::new(),
            };
            let status = trial.made();
            if !status.works {
                refused.push((encoder.clone(), reason(status.clone())));
            }
            status.works
        });
        Recommended {
            bits,
            encoder: works.map_or(family.software.to_owned(), |(encoder, _)| encoder),
            refused,
        }
    };
    [8, 10].map(of).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_machine_gets_an_encoder() {
        for recommended in recommended() {
            let name = &recommended.encoder;
            assert!(find_encoder(name).is_some(), "{recommended:?}");
            let family = Family::of(recommended.bits);
            let hardware = encoder::maker(name).is_some();
            assert!(hardware || name == family.software, "{recommended:?}");
            let names: Vec<String> = family.hardware().map(|(name, _)| name).collect();
            assert_eq!(
                recommended.refused.len() + usize::from(hardware),
                match hardware {
                    true => names.iter().position(|it| it == name).unwrap() + 1,
                    false => names.len(),
                }
            );
            assert!(recommended.refused.iter().all(|(_, why)| !why.is_empty()));
        }
    }
}
