//! Hardware encoders: which there are, and what the quality and the speed of x264 and x265 are in their words. The mapping
//! follows their documentation; nobody has compared pictures of real devices yet.

use super::options::X26_PRESETS;
use crate::media::error::{MediaError, Result};
use crate::nearest::nearest;

/// The makers of hardware encoders, in the order in which they are tried.
pub(crate) const HARDWARE: [&str; 5] = ["nvenc", "videotoolbox", "qsv", "amf", "vaapi"];

/// The maker of the hardware encoder called `name`; `None` for others.
pub(crate) fn maker(name: &str) -> Option<&'static str> {
    let (_, end) = name.rsplit_once('_')?;
    HARDWARE.into_iter().find(|maker| *maker == end)
}

/// FFmpeg's factor from a quality to its `global_quality`.
const LAMBDA: f32 = 118.0;

/// The options by which `encoder` encodes at the quality `value` of its own scale, where that is not one option. For
/// VideoToolbox, whose scale runs the other way, `value` is the crf of x264 or x265.
pub(crate) fn quality_options(encoder: &str, value: f32) -> Option<Vec<(&'static str, String)>> {
    let whole = |value: f32| value.round().to_string();
    Some(match maker(encoder)? {
        "qsv" => vec![("global_quality", whole(value.max(1.0)))],
        "amf" => vec![
            ("rc", "cqp".to_owned()),
            ("qp_i", whole(value)),
            ("qp_p", whole((value + BETWEEN_I_AND_P).min(51.0))),
        ],
        "vaapi" => vec![("rc_mode", "CQP".to_owned()), ("qp", whole(value.max(1.0)))],
        "videotoolbox" => {
            let quality = (100.0 - 1.95 * value).clamp(1.0, 100.0);
            vec![
                ("flags", "+qscale".to_owned()),
                ("global_quality", whole(quality * LAMBDA)),
            ]
        }
        _ => return None,
    })
}

/// By how much the quantiser of P frames is coarser than that of I frames, as x264 has it at its usual ratio of 1.4.
const BETWEEN_I_AND_P: f32 = 3.0;

/// The quality of the hardware encoder `encoder`, in its own scale, at which pictures look as with x264 or x265 at `crf`.
pub(crate) fn matched(encoder: &str, crf: f32) -> f32 {
    let value = match maker(encoder) {
        Some("nvenc" | "qsv") => crf + 1.0,
        Some("vaapi") => crf + BETWEEN_I_AND_P,
        _ => crf,
    };
    value.min(51.0)
}

/// The name that the hardware encoder `encoder` has for about the speed of x264's `preset`; `None` where it has no such
/// option.
///
/// # Errors
/// `Usage` where x264 has no such preset.
pub(crate) fn matched_preset(encoder: &str, preset: &str) -> Result<Option<&'static str>> {
    let Some(at) = X26_PRESETS.iter().position(|known| *known == preset) else {
        let near = nearest(preset, X26_PRESETS);
        let near = near.map_or(String::new(), |near| format!("did you mean {near}? "));
        return Err(MediaError::usage(
            format!("--codec auto has no preset called {preset}"),
            format!("{near}its presets are {}", X26_PRESETS.join(", ")),
        ));
    };
    // From ultrafast to placebo.
    let nvenc = ["p1", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p7", "p7"];
    let qsv = [
        "veryfast", "veryfast", "veryfast", "faster", "fast", "medium", "slow", "slower",
        "veryslow", "veryslow",
    ];
    let amf = match at {
        0..=4 => "speed",
        5 => "balanced",
        _ => "quality",
    };
    Ok(match maker(encoder) {
        Some("nvenc") => Some(nvenc[at]),
        Some("qsv") => Some(qsv[at]),
        Some("amf") => Some(amf),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::known_options;
    use super::*;

    /// The numbers that stand in `aquatint render --help`.
    #[test]
    fn the_usual_quality_is_that_of_x264_and_x265() {
        for (codec, software) in [("h264", "libx264"), ("hevc", "libx265")] {
            let crf: f32 = known_options(software).quality.unwrap().1.parse().unwrap();
            for maker in HARDWARE {
                let encoder = format!("{codec}_{maker}");
                let (_, usual) = known_options(&encoder).quality.unwrap();
                assert_eq!(usual, matched(&encoder, crf).to_string(), "{encoder}");
            }
        }
        let of = |encoder: &str, crf: f32| {
            let options = quality_options(encoder, matched(encoder, crf)).unwrap();
            let pairs = options.iter().map(|(key, value)| format!("{key}={value}"));
            pairs.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(matched("h264_nvenc", 18.0), 19.0);
        assert_eq!(quality_options("h264_nvenc", 19.0), None);
        assert_eq!(of("h264_qsv", 18.0), "global_quality=19");
        assert_eq!(of("hevc_amf", 20.0), "rc=cqp qp_i=20 qp_p=23");
        assert_eq!(of("h264_vaapi", 18.0), "rc_mode=CQP qp=21");
        assert_eq!(
            of("h264_videotoolbox", 18.0),
            "flags=+qscale global_quality=7658"
        );
        // The worst of x264 is the worst of all.
        assert_eq!(matched("h264_nvenc", 51.0), 51.0);
        assert_eq!(of("h264_vaapi", 51.0), "rc_mode=CQP qp=51");
    }

    #[test]
    fn speeds_have_names_that_the_encoders_know() {
        for preset in X26_PRESETS {
            for maker in HARDWARE {
                let encoder = format!("h264_{maker}");
                let name = matched_preset(&encoder, preset).unwrap();
                let known = known_options(&encoder).preset;
                assert_eq!(name.is_some(), known.is_some(), "{encoder}");
                if let (Some(name), Some((_, _, presets))) = (name, known) {
                    assert!(super::super::check_preset(&encoder, name, presets).is_ok());
                }
            }
        }
        let error = matched_preset("h264_nvenc", "p5").unwrap_err();
        assert!(error.advice().contains("ultrafast"), "{error}");
    }
}
