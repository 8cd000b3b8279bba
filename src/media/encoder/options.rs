//! Tables of video encoders: names, option names, defaults; and checks of the user's options.

use std::ffi::{CString, c_void};
use std::path::Path;

use crate::media::av::{ffi, find_encoder, text};
use crate::media::error::{MediaError, Result};
use crate::nearest::nearest;

/// Names and defaults of one encoder's quality and preset options.
pub(crate) struct EncoderOptions {
    pub name: &'static str,
    /// Name of the constant-quality option, and its default.
    pub quality: Option<(&'static str, &'static str)>,
    /// Name of the option for speed (of ProRes: for the profile), its default, and the allowed values.
    pub preset: Option<(&'static str, &'static str, Presets)>,
    /// Other options that are always set.
    pub fixed: &'static [(&'static str, &'static str)],
}

/// Allowed values of a preset.
#[derive(Clone, Copy)]
pub(crate) enum Presets {
    Names(&'static [&'static str]),
    /// The numbers from the first to the second, both included.
    Numbers(i32, i32),
}

const NVENC_PRESETS: &[&str] = &["p1", "p2", "p3", "p4", "p5", "p6", "p7"];

const QSV_PRESETS: &[&str] = &[
    "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
];
const AMF_PRESETS: &[&str] = &["speed", "balanced", "quality"];

const ENCODERS: &[EncoderOptions] = &[
    EncoderOptions {
        name: "libx264",
        quality: Some(("crf", "18")),
        preset: Some(("preset", "medium", Presets::Names(&X26_PRESETS))),
        fixed: &[],
    },
    EncoderOptions {
        name: "libx264rgb",
        quality: Some(("crf", "18")),
        preset: Some(("preset", "medium", Presets::Names(&X26_PRESETS))),
        fixed: &[],
    },
    EncoderOptions {
        name: "libx265",
        quality: Some(("crf", "20")),
        preset: Some(("preset", "medium", Presets::Names(&X26_PRESETS))),
        fixed: &[],
    },
    EncoderOptions {
        name: "libvpx-vp9",
        quality: Some(("crf", "24")),
        preset: Some(("cpu-used", "3", Presets::Numbers(-8, 8))),
        fixed: &[("row-mt", "1"), ("b", "0")],
    },
    EncoderOptions {
        name: "libvpx",
        quality: Some(("crf", "10")),
        preset: Some(("cpu-used", "2", Presets::Numbers(-16, 16))),
        fixed: &[("b", "8000000")],
    },
    EncoderOptions {
        name: "libsvtav1",
        quality: Some(("crf", "28")),
        preset: Some(("preset", "8", Presets::Numbers(0, 13))),
        fixed: &[],
    },
    EncoderOptions {
        name: "libaom-av1",
        quality: Some(("crf", "26")),
        preset: Some(("cpu-used", "6", Presets::Numbers(0, 8))),
        fixed: &[("row-mt", "1"), ("b", "0")],
    },
    EncoderOptions {
        name: "h264_nvenc",
        quality: Some(("cq", "19")),
        preset: Some(("preset", "p5", Presets::Names(NVENC_PRESETS))),
        fixed: &[("rc", "vbr"), ("b", "0")],
    },
    EncoderOptions {
        name: "hevc_nvenc",
        quality: Some(("cq", "21")),
        preset: Some(("preset", "p5", Presets::Names(NVENC_PRESETS))),
        fixed: &[("rc", "vbr"), ("b", "0")],
    },
    EncoderOptions {
        name: "h264_qsv",
        quality: Some(("global_quality", "19")),
        preset: Some(("preset", "medium", Presets::Names(QSV_PRESETS))),
        fixed: &[],
    },
    EncoderOptions {
        name: "hevc_qsv",
        quality: Some(("global_quality", "21")),
        preset: Some(("preset", "medium", Presets::Names(QSV_PRESETS))),
        fixed: &[],
    },
    EncoderOptions {
        name: "h264_amf",
        quality: Some(("qp_i", "18")),
        preset: Some(("quality", "balanced", Presets::Names(AMF_PRESETS))),
        fixed: &[],
    },
    EncoderOptions {
        name: "hevc_amf",
        quality: Some(("qp_i", "20")),
        preset: Some(("quality", "balanced", Presets::Names(AMF_PRESETS))),
        fixed: &[],
    },
    EncoderOptions {
        name: "h264_vaapi",
        quality: Some(("qp", "21")),
        preset: None,
        fixed: &[],
    },
    EncoderOptions {
        name: "hevc_vaapi",
        quality: Some(("qp", "23")),
        preset: None,
        fixed: &[],
    },
    EncoderOptions {
        name: "h264_videotoolbox",
        quality: Some(("global_quality", "18")),
        preset: None,
        fixed: &[],
    },
    EncoderOptions {
        name: "hevc_videotoolbox",
        quality: Some(("global_quality", "20")),
        preset: None,
        fixed: &[],
    },
    EncoderOptions {
        name: "ffv1",
        quality: None,
        preset: None,
        fixed: &[("level", "3"), ("slicecrc", "1"), ("g", "1")],
    },
    EncoderOptions {
        name: "prores_ks",
        quality: None,
        preset: Some((
            "profile",
            "hq",
            Presets::Names(&["proxy", "lt", "standard", "hq", "4444", "4444xq"]),
        )),
        fixed: &[("vendor", "apl0")],
    },
    EncoderOptions {
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

const NO_OPTIONS: EncoderOptions = EncoderOptions {
    name: "",
    quality: None,
    preset: None,
    fixed: &[],
};

/// The options of `encoder`. An encoder without an entry gets only the options that the user gives.
pub(crate) fn known_options(encoder: &str) -> &'static EncoderOptions {
    ENCODERS
        .iter()
        .find(|d| d.name == encoder)
        .unwrap_or(&NO_OPTIONS)
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

/// Encoder names that are suggested for a misspelled one.
const SUGGESTED: &[&str] = &[
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

/// The encoder called `name`, or the usual one of the codec called `name`.
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
        None if alias.is_some() || SUGGESTED.contains(&wanted) => Err(missing(path, wanted)),
        None => Err(MediaError::usage(
            format!("there is no video encoder called {name}"),
            match nearest(&lower, SUGGESTED.iter().copied()) {
                Some(near) => format!("did you mean {near}? `ffmpeg -encoders` lists all"),
                None => format!("known encoders: {}", SUGGESTED.join(", ")),
            },
        )),
    }
}

pub(super) fn missing(path: &Path, encoder: &str) -> MediaError {
    MediaError::Encoder {
        path: path.into(),
        encoder: encoder.into(),
        why: "this build of FFmpeg does not have it".into(),
        advice: "install an FFmpeg that has it, or choose another encoder with --codec".into(),
    }
}

/// Refuses an option that the encoder does not have.
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

/// Whether `encoder` has a private option called `key` that is on unless it is given: true or false are its values.
pub(crate) fn encoder_option_is_on(encoder: &str, key: &str) -> bool {
    let option = find_encoder(encoder).and_then(|codec| find_option(codec.priv_class, key));
    option.is_some_and(|option| {
        option.type_ == ffi::AVOptionType::AV_OPT_TYPE_BOOL
            // SAFETY: the default of an option of this type is in this field.
            && unsafe { option.default_val.i64_ } != 0
    })
}

fn has_option(class: *const ffi::AVClass, key: &str) -> bool {
    find_option(class, key).is_some()
}

/// The option called `key` of `class`, which is static or null.
fn find_option(class: *const ffi::AVClass, key: &str) -> Option<&'static ffi::AVOption> {
    let (Ok(key), false) = (CString::new(key), class.is_null()) else {
        return None;
    };
    let mut class = class;
    // SAFETY: with this flag FFmpeg takes a pointer to a class pointer instead of an object. Options are static.
    unsafe {
        ffi::av_opt_find(
            std::ptr::addr_of_mut!(class).cast::<c_void>(),
            key.as_ptr(),
            std::ptr::null(),
            ffi::AV_OPT_FLAG_ENCODING_PARAM,
            ffi::AV_OPT_SEARCH_FAKE_OBJ,
        )
        .as_ref()
    }
}

fn option_names(class: *const ffi::AVClass) -> Vec<String> {
    let mut names = Vec::new();
    if class.is_null() {
        return names;
    }
    // SAFETY: the option list of a class is static and ends with a null name.
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

/// The presets of x264 and x265.
pub(super) const X26_PRESETS: [&str; 10] = [
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

/// Refuses a preset that the encoder does not have. (x264 itself would print to stderr.)
pub(crate) fn check_preset(encoder: &str, preset: &str, presets: Presets) -> Result<()> {
    let advice = match presets {
        Presets::Names(names) if names.contains(&preset) => return Ok(()),
        Presets::Names(names) => {
            let near = nearest(preset, names.iter().copied());
            let near = near.map_or(String::new(), |n| format!("did you mean {n}? "));
            format!("{near}its presets are {}", names.join(", "))
        }
        Presets::Numbers(slow, fast) => {
            if preset
                .parse()
                .is_ok_and(|n: i32| (slow..=fast).contains(&n))
            {
                return Ok(());
            }
            format!("its presets are the numbers from {slow} (slow) to {fast} (fast)")
        }
    };
    Err(MediaError::usage(
        format!("the encoder {encoder} has no preset called {preset}"),
        advice,
    ))
}
