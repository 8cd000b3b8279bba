//! Video encoders: their names, their sensible defaults, and opening them with words for what fails.

use std::ffi::{CString, c_void};
use std::path::Path;

use super::av::{Encoder, OpenError, PixFmt, VideoSetup, ffi, find_encoder, text};
use super::error::{MediaError, Result};
use super::log;
use super::plan::VideoPlan;

/// How an encoder is spoken to.
pub(crate) struct Dialect {
    pub name: &'static str,
    /// What its quality is called, and the quality we ask for.
    pub quality: Option<(&'static str, &'static str)>,
    /// What its speed (or, of ProRes, its profile) is called, what we ask for, and what it can be.
    pub preset: Option<(&'static str, &'static str, Presets)>,
    /// Options beside.
    pub fixed: &'static [(&'static str, &'static str)],
}

/// What can be asked for as a preset.
#[derive(Clone, Copy)]
pub(crate) enum Presets {
    Names(&'static [&'static str]),
    /// Numbers from the first to the second.
    Numbers(i32, i32),
}

const NVENC_PRESETS: &[&str] = &["p1", "p2", "p3", "p4", "p5", "p6", "p7"];

const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "libx264",
        quality: Some(("crf", "18")),
        preset: Some(("preset", "medium", Presets::Names(&X26_PRESETS))),
        fixed: &[],
    },
    Dialect {
        name: "libx264rgb",
        quality: Some(("crf", "18")),
        preset: Some(("preset", "medium", Presets::Names(&X26_PRESETS))),
        fixed: &[],
    },
    Dialect {
        name: "libx265",
        quality: Some(("crf", "20")),
        preset: Some(("preset", "medium", Presets::Names(&X26_PRESETS))),
        fixed: &[],
    },
    Dialect {
        name: "libvpx-vp9",
        quality: Some(("crf", "24")),
        preset: Some(("cpu-used", "3", Presets::Numbers(-8, 8))),
        fixed: &[("row-mt", "1"), ("b", "0")],
    },
    Dialect {
        name: "libvpx",
        quality: Some(("crf", "10")),
        preset: Some(("cpu-used", "2", Presets::Numbers(-16, 16))),
        fixed: &[("b", "8000000")],
    },
    Dialect {
        name: "libsvtav1",
        quality: Some(("crf", "28")),
        preset: Some(("preset", "8", Presets::Numbers(0, 13))),
        fixed: &[],
    },
    Dialect {
        name: "libaom-av1",
        quality: Some(("crf", "26")),
        preset: Some(("cpu-used", "6", Presets::Numbers(0, 8))),
        fixed: &[("row-mt", "1"), ("b", "0")],
    },
    Dialect {
        name: "h264_nvenc",
        quality: Some(("cq", "19")),
        preset: Some(("preset", "p5", Presets::Names(NVENC_PRESETS))),
        fixed: &[("rc", "vbr"), ("b", "0")],
    },
    Dialect {
        name: "hevc_nvenc",
        quality: Some(("cq", "21")),
        preset: Some(("preset", "p5", Presets::Names(NVENC_PRESETS))),
        fixed: &[("rc", "vbr"), ("b", "0")],
    },
    Dialect {
        name: "ffv1",
        quality: None,
        preset: None,
        fixed: &[("level", "3"), ("slicecrc", "1"), ("g", "1")],
    },
    Dialect {
        name: "prores_ks",
        quality: None,
        preset: Some((
            "profile",
            "hq",
            Presets::Names(&["proxy", "lt", "standard", "hq", "4444", "4444xq"]),
        )),
        fixed: &[("vendor", "apl0")],
    },
    Dialect {
        name: "mjpeg",
        quality: None,
        preset: None,
        fixed: &[
            ("flags", "+qscale"),
            ("global_quality", "236"),
            ("huffman", "optimal"),
        ],
    },
];

const NO_DIALECT: Dialect = Dialect {
    name: "",
    quality: None,
    preset: None,
    fixed: &[],
};

/// How `encoder` is spoken to; encoders without an entry take only what the person says.
pub(crate) fn dialect(encoder: &str) -> &'static Dialect {
    DIALECTS
        .iter()
        .find(|d| d.name == encoder)
        .unwrap_or(&NO_DIALECT)
}

const ALIASES: &[(&str, &str)] = &[
    ("h264", "libx264"),
    ("avc", "libx264"),
    ("x264", "libx264"),
    ("h265", "libx265"),
    ("hevc", "libx265"),
    ("x265", "libx265"),
    ("vp8", "libvpx"),
    ("vp9", "libvpx-vp9"),
    ("av1", "libsvtav1"),
    ("svtav1", "libsvtav1"),
    ("prores", "prores_ks"),
    ("jpeg", "mjpeg"),
    ("jpg", "mjpeg"),
    ("nvenc", "h264_nvenc"),
];

/// Encoders people are likely to mean, for "did you mean".
const LIKELY: &[&str] = &[
    "libx264",
    "libx264rgb",
    "libx265",
    "libvpx-vp9",
    "libsvtav1",
    "ffv1",
    "prores_ks",
    "png",
    "mjpeg",
    "h264_nvenc",
    "hevc_nvenc",
    "h264",
    "h265",
    "hevc",
    "vp9",
    "av1",
    "prores",
];

/// The encoder a person means by `name`: its own name or a common one of its codec.
pub(crate) fn resolve(name: &str, path: &Path) -> Result<&'static ffi::AVCodec> {
    let lower = name.to_ascii_lowercase();
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == lower)
        .map(|(_, e)| *e);
    let wanted = alias.unwrap_or(&lower);
    match find_encoder(wanted) {
        Some(codec) if codec.type_ == ffi::AVMediaType::AVMEDIA_TYPE_VIDEO => Ok(codec),
        Some(_) => Err(MediaError::usage(
            format!("{name} does not encode video"),
            "name a video encoder, for example libx264, libx265 or ffv1",
        )),
        None if alias.is_some() || LIKELY.contains(&wanted) => Err(missing(path, wanted)),
        None => Err(MediaError::usage(
            format!("there is no video encoder called {name}"),
            match nearest(&lower, LIKELY.iter().copied()) {
                Some(near) => format!("did you mean {near}? `ffmpeg -encoders` lists all"),
                None => format!("known ones are {}", LIKELY.join(", ")),
            },
        )),
    }
}

fn missing(path: &Path, encoder: &str) -> MediaError {
    MediaError::Encoder {
        path: path.into(),
        encoder: encoder.into(),
        why: "this build of FFmpeg does not have it".into(),
        advice: "install an FFmpeg that has it, or name another with --codec".into(),
    }
}

/// The candidate nearest to `name`, if one is near.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|c| (strsim::normalized_damerau_levenshtein(name, c), c))
        .filter(|(score, _)| *score > 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// Refuses an option that neither the encoder nor every encoder has.
pub(crate) fn check_option(encoder: &ffi::AVCodec, key: &str) -> Result<()> {
    // SAFETY: the classes are static.
    let (own, general, name) = unsafe {
        (
            encoder.priv_class,
            ffi::avcodec_get_class(),
            text(encoder.name),
        )
    };
    if has_option(own, key) || has_option(general, key) {
        return Ok(());
    }
    let names = option_names(own);
    Err(MediaError::usage(
        format!("the encoder {name} has no option called {key}"),
        match nearest(key, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}? `ffmpeg -h encoder={name}` lists all"),
            None => format!("`ffmpeg -h encoder={name}` lists its options"),
        },
    ))
}

fn has_option(class: *const ffi::AVClass, key: &str) -> bool {
    let (Ok(key), false) = (CString::new(key), class.is_null()) else {
        return false;
    };
    let mut class = class;
    // SAFETY: with this flag FFmpeg takes a pointer to a class pointer in place of an object.
    unsafe {
        !ffi::av_opt_find(
            std::ptr::addr_of_mut!(class).cast::<c_void>(),
            key.as_ptr(),
            std::ptr::null(),
            ffi::AV_OPT_FLAG_ENCODING_PARAM,
            ffi::AV_OPT_SEARCH_FAKE_OBJ,
        )
        .is_null()
    }
}

fn option_names(class: *const ffi::AVClass) -> Vec<String> {
    let mut names = Vec::new();
    if class.is_null() {
        return names;
    }
    // SAFETY: the list of a class is static and ends in a null name; constants have a null-checked unit and no offset.
    unsafe {
        let mut option = (*class).option;
        while !option.is_null() && !(*option).name.is_null() {
            if (*option).type_ != ffi::AVOptionType::AV_OPT_TYPE_CONST {
                names.push(text((*option).name));
            }
            option = option.add(1);
        }
    }
    names
}

/// The presets of x264 and x265. (x264 would complain about others on stderr by itself.)
const X26_PRESETS: [&str; 10] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

/// Refuses a preset that the encoder does not have. (x264 would complain on stderr by itself.)
pub(crate) fn check_preset(encoder: &str, preset: &str, presets: Presets) -> Result<()> {
    let advice = match presets {
        Presets::Names(names) if names.contains(&preset) => return Ok(()),
        Presets::Names(names) => {
            let near = nearest(preset, names.iter().copied());
            let near = near.map_or(String::new(), |n| format!("did you mean {n}? "));
            format!("{near}it has {}", names.join(", "))
        }
        Presets::Numbers(slow, fast) => {
            if preset
                .parse()
                .is_ok_and(|n: i32| (slow..=fast).contains(&n))
            {
                return Ok(());
            }
            format!("it has the numbers from {slow} (slow) to {fast} (fast)")
        }
    };
    Err(MediaError::usage(
        format!("the encoder {encoder} has no preset called {preset}"),
        advice,
    ))
}

/// Opens the planned encoder for pictures of `width` × `height`.
pub(crate) fn open(
    plan: &VideoPlan,
    path: &Path,
    width: u32,
    height: u32,
    color: crate::color::Color,
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
        sample_aspect: plan.sample_aspect,
        options: &plan.options,
        global_header: plan.global_header,
        tag: 0,
    });
    opened.map_err(|error| match error {
        OpenError::Missing => missing(path, &plan.encoder),
        OpenError::UnknownOptions(keys) => MediaError::usage(
            format!(
                "the encoder {} does not know the option {}",
                plan.encoder,
                keys.join(", ")
            ),
            format!("`ffmpeg -h encoder={}` lists its options", plan.encoder),
        ),
        OpenError::Refused(error) => {
            let said = log::since(mark).unwrap_or_else(|| error.to_string());
            let bad_option = error.0 == ffi::AVERROR(libc::EINVAL)
                || error.0 == ffi::AVERROR_OPTION_NOT_FOUND
                || error.0 == ffi::AVERROR(libc::ERANGE);
            let words = said.to_lowercase();
            let about_options = ["option", "parse", "preset", "out of range", "value"];
            if bad_option && about_options.iter().any(|w| words.contains(w)) {
                return MediaError::usage(
                    format!("the encoder {} refuses its options: {said}", plan.encoder),
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
                    "it does not open at {width}x{height} {}: {said}",
                    plan.pix_fmt
                ),
                advice: if plan.encoder.contains("nvenc") {
                    "it needs an NVIDIA GPU with its driver; --codec libx264 works everywhere"
                        .into()
                } else {
                    "name another with --codec, or another pixel format with --pix-fmt".into()
                },
            }
        }
    })
}
