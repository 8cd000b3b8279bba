//! Plans of outputs, before anything is rendered.

use super::support::*;
use crate::media::{ErrorKind, MediaError, OutputOptions, OutputPlan, encoders, probe, versions};

/// The plan for a raw clip of a pixel format.
fn plan(
    clips: &Clips,
    format: &str,
    output: &str,
    options: &OutputOptions,
) -> Result<OutputPlan, MediaError> {
    let name = format!("{format}.nut");
    if !clips.at(&name).exists() {
        clips.make(
            &name,
            &format!("-f lavfi -i testsrc2=s=64x48:r=25:d=0.1 -pix_fmt {format} -c:v rawvideo"),
        );
    }
    planned(&clips.at(&name), &clips.at(output), options)
}

#[test]
fn the_pixel_format_follows_the_source() {
    let clips = Clips::new();
    for (source, output, encoder, format, losses) in [
        ("yuv420p", "o.mp4", "libx264", "yuv420p", 0),
        ("yuv422p10le", "o.mov", "libx264", "yuv422p10le", 0),
        ("nv12", "o.mp4", "libx264", "nv12", 0),
        ("yuyv422", "o.mkv", "libx264", "yuv422p", 0),
        ("yuv420p12le", "o.mp4", "libx265", "yuv420p12le", 0),
        ("yuv444p16le", "o.mkv", "libx265", "yuv444p12le", 1),
        ("rgb24", "o.mp4", "libx264rgb", "rgb24", 0),
        ("gbrp", "o.mkv", "libx264rgb", "bgr0", 0),
        ("rgba", "o.mp4", "libx264rgb", "bgr0", 1),
        ("gbrp10le", "o.mkv", "libx265", "gbrp10le", 0),
        ("yuva420p", "o.webm", "libvpx-vp9", "yuva420p", 0),
        ("yuv422p", "o.webm", "libvpx-vp9", "yuv422p", 0),
        ("yuv440p", "o.mp4", "libx264", "yuv444p", 0),
        ("gray", "o.mp4", "libx264", "gray", 0),
        ("yuv420p", "o.avi", "libx264", "yuv420p", 0),
    ] {
        let plan = plan(&clips, source, output, &OutputOptions::default()).unwrap();
        let got = (
            plan.video.encoder.as_str(),
            plan.video.pix_fmt.as_str(),
            plan.losses.len(),
        );
        assert_eq!(
            got,
            (encoder, format, losses),
            "{source} to {output}: {:?}",
            plan.losses
        );
        serde_json::to_string(&plan).unwrap();
    }
    let rgb = plan(&clips, "rgb24", "o.mov", &codec("prores")).unwrap();
    assert_eq!(
        (rgb.video.pix_fmt.as_str(), rgb.video.color.matrix),
        ("yuv444p10le", 6)
    );
    assert_eq!(rgb.losses.len(), 1, "{:?}", rgb.losses);
    let low = OutputOptions {
        pix_fmt: Some("yuv420p".into()),
        ..OutputOptions::default()
    };
    let low = plan(&clips, "yuv422p10le", "o.mp4", &low).unwrap();
    assert_eq!(low.losses.len(), 2, "{:?}", low.losses);
    assert!(low.warnings.is_empty(), "{:?}", low.warnings);
    let high = plan(&clips, "yuv422p10le", "o.mp4", &OutputOptions::default()).unwrap();
    assert!(
        high.warnings
            .iter()
            .any(|w| w.contains("--pix-fmt yuv420p")),
        "{:?}",
        high.warnings
    );
}

#[test]
fn invalid_options_are_refused_with_advice() {
    let clips = Clips::new();
    let ask = |output: &str, options: OutputOptions| {
        let error = plan(&clips, "yuv420p", output, &options).unwrap_err();
        (error.kind(), error.to_string(), error.advice())
    };
    let plain = OutputOptions::default;
    let with = |key: &str, value: &str| OutputOptions {
        encoder_opts: vec![(key.into(), value.into())],
        ..plain()
    };
    for (output, options, kind, word) in [
        ("o.mp5", plain(), ErrorKind::Usage, ".mp4"),
        ("o", plain(), ErrorKind::Usage, ".mkv"),
        ("o.png", plain(), ErrorKind::Usage, "video"),
        ("o.mp4", codec("libx246"), ErrorKind::Usage, "libx264"),
        ("o.mp4", codec("aac"), ErrorKind::Usage, "video"),
        ("o.mp4", codec("ffvhuff"), ErrorKind::Unavailable, ".avi"),
        ("o.webm", codec("h264"), ErrorKind::Unavailable, ".mkv"),
        ("o.mp4", with("prezet", "fast"), ErrorKind::Usage, "preset"),
        (
            "o.mp4",
            with("preset", "quickly"),
            ErrorKind::Usage,
            "libx264",
        ),
        (
            "o.mp4",
            OutputOptions {
                crf: Some(900.0),
                ..plain()
            },
            ErrorKind::Usage,
            "51",
        ),
        (
            "o.mkv",
            OutputOptions {
                crf: Some(9.0),
                ..codec("ffv1")
            },
            ErrorKind::Usage,
            "constant quality",
        ),
        (
            "o.mp4",
            OutputOptions {
                pix_fmt: Some("yuv421p".into()),
                ..plain()
            },
            ErrorKind::Usage,
            "yuv420p",
        ),
        (
            "o.mp4",
            OutputOptions {
                crf: Some(9.0),
                bitrate: Some("1M".into()),
                ..plain()
            },
            ErrorKind::Usage,
            "one",
        ),
    ] {
        let (got, words, advice) = ask(output, options.clone());
        assert_eq!(got, kind, "{output} {options:?}: {words}");
        assert!(
            words.contains(word) || advice.contains(word),
            "{output} {options:?}: {words} / {advice}"
        );
    }
    for (encoder, preset, advice) in [
        ("libx265", "quickly", "ultrafast"),
        ("libsvtav1", "slow", "13 (fast)"),
        ("libvpx-vp9", "99", "8 (fast)"),
        ("prores", "standart", "did you mean standard"),
        ("h264_nvenc", "medium", "p7"),
    ] {
        let options = OutputOptions {
            encoder_preset: Some(preset.into()),
            ..codec(encoder)
        };
        let (kind, words, said) = ask("o.mov", options.clone());
        let (kind, words, said) = match encoder {
            "libvpx-vp9" => ask("o.mkv", options),
            _ => (kind, words, said),
        };
        assert_eq!(kind, ErrorKind::Usage, "{words}");
        assert!(said.contains(advice), "{words}: {said}");
    }
}

#[test]
fn without_nvenc_a_software_encoder_is_used_with_a_warning() {
    let clips = Clips::new();
    for (asked, instead) in [("h264_nvenc", "libx264"), ("hevc_nvenc", "libx265")] {
        let plan = plan(&clips, "yuv420p", "o.mp4", &codec(asked)).unwrap();
        if plan.video.encoder == asked {
            continue;
        }
        assert_eq!(plan.video.encoder, instead);
        let preset = plan.video.options.iter().find(|(key, _)| key == "preset");
        assert_eq!(preset.unwrap().1, "medium");
        assert!(plan.fallbacks[0].contains(asked), "{:?}", plan.fallbacks);
        assert_eq!(plan.fallbacks, plan.warnings);
    }
}

#[test]
fn every_codec_gives_files_that_decode() {
    let clips = Clips::new();
    let make = |format: &str| {
        clips.make(
            &format!("{format}.nut"),
            &format!("-f lavfi -i testsrc2=s=128x96:r=25:d=0.2 -pix_fmt {format} -c:v rawvideo"),
        )
    };
    for (encoder, output, source, codec_name, format) in [
        ("h264", "a.mp4", "yuv420p", "h264", "yuv420p"),
        ("h265", "b.mp4", "yuv420p10le", "hevc", "yuv420p10le"),
        ("h265", "b.mov", "yuv420p", "hevc", "yuv420p"),
        ("ffv1", "c.mkv", "gbrp16le", "ffv1", "gbrp16le"),
        ("prores", "d.mov", "yuv422p10le", "prores", "yuv422p10le"),
        ("prores", "e.mov", "yuv444p10le", "prores", "yuv444p12le"),
        ("prores", "f.mov", "yuva444p10le", "prores", "yuva444p12le"),
        ("vp9", "g.webm", "yuv420p", "vp9", "yuv420p"),
        ("vp9", "h.mkv", "yuv422p", "vp9", "yuv422p"),
        ("av1", "i.mkv", "yuv420p10le", "av1", "yuv420p10le"),
        ("av1", "j.mp4", "yuv420p", "av1", "yuv420p"),
    ] {
        let quick = match encoder {
            "av1" => Some("12".to_owned()),
            "vp9" => Some("8".to_owned()),
            _ => None,
        };
        let options = OutputOptions {
            encoder_preset: quick,
            ..codec(encoder)
        };
        let output = clips.at(output);
        let passed = pass(&make(source), &output, &options);
        let after = probe(&output).unwrap();
        let (video, name) = (after.video(), output.display());
        assert_eq!(video.codec, codec_name, "{name}");
        assert_eq!(
            after.pictures().pix_fmt,
            format,
            "{name}: {:?}",
            passed.plan.losses
        );
        assert_eq!(frame_times(&output).len(), 5, "{name}");
        let tag = ffprobe(&output, "v", "stream=codec_tag_string,profile");
        match (codec_name, format) {
            ("hevc", _) => assert!(tag.contains(&"hvc1".into()), "{name}: {tag:?}"),
            ("prores", "yuv422p10le") => assert!(tag.contains(&"apch".into()), "{name}: {tag:?}"),
            ("prores", _) => assert!(tag.contains(&"ap4h".into()), "{name}: {tag:?}"),
            _ => {}
        }
    }
}

#[test]
fn a_bit_rate_replaces_the_quality() {
    let clips = Clips::new();
    let options = OutputOptions {
        bitrate: Some("200k".into()),
        ..OutputOptions::default()
    };
    let plan = plan(&clips, "yuv420p", "o.mp4", &options).unwrap();
    let has = |key: &str| {
        plan.video
            .options
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    };
    assert_eq!(
        (has("b"), has("crf"), has("preset")),
        (Some("200k"), None, Some("medium"))
    );
}

#[test]
fn encoders_are_tested() {
    let found = encoders();
    let works = |name: &str| found.iter().any(|e| e.name == name && e.works);
    for name in [
        "libx264",
        "libx265",
        "ffv1",
        "png",
        "mjpeg",
        "aac",
        "prores_ks",
    ] {
        assert!(works(name), "{name}: {found:?}");
    }
    assert!(found.iter().all(|e| e.works == e.reason.is_none()));
    assert!(versions().iter().all(|(_, v)| !v.is_empty()));
}

#[test]
fn every_real_clip_is_probed() {
    let Some(root) = media("odd") else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        match probe(&path) {
            Ok(info) => {
                assert!(info.pictures().format.is_some(), "{}", path.display());
                serde_json::to_string(&info).unwrap();
                seen += 1;
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn an_encoder_that_is_tried_apart_gives_the_plan_that_it_gives_when_it_is_opened() {
    let clips = Clips::new();
    let with = |trial: bool, more: OutputOptions| {
        let options = OutputOptions { trial, ..more };
        plan(&clips, "yuv420p", "o.mp4", &options)
    };
    let tried = with(true, codec("libx264")).unwrap();
    let opened = with(false, codec("libx264")).unwrap();
    assert_eq!(
        serde_json::to_value(&tried).unwrap(),
        serde_json::to_value(&opened).unwrap()
    );
    // The trial has the options of the render: what they break is found before the first frame.
    let broken = OutputOptions {
        encoder_opts: vec![("profile".to_owned(), "nonsense".to_owned())],
        ..codec("libx264")
    };
    let error = with(true, broken).unwrap_err();
    assert!(matches!(error, MediaError::Encoder { .. }), "{error}");
}

#[test]
fn what_auto_takes_keeps_the_pictures_and_says_why() {
    let clips = Clips::new();
    let auto = codec("auto");
    for (source, output, software, family) in [
        ("yuv420p", "o.mp4", "libx264", "h264_"),
        ("yuv420p10le", "o.mkv", "libx265", "hevc_"),
        // What no hardware encodes without loss.
        ("yuv422p10le", "o.mov", "libx264", ""),
        ("gray", "o.mp4", "libx264", ""),
        ("rgb24", "o.mp4", "libx264rgb", ""),
        ("yuv420p12le", "o.mp4", "libx265", ""),
        ("yuv420p", "o.avi", "libx264", ""),
        ("yuv420p", "o.nut", "ffv1", ""),
    ] {
        let plan = plan(&clips, source, output, &auto).unwrap();
        let encoder = plan.video.encoder.as_str();
        let hardware = !family.is_empty() && encoder.starts_with(family);
        assert!(
            hardware || encoder == software,
            "{source} to {output}: {encoder}"
        );
        assert!(
            plan.losses.is_empty(),
            "{source} to {output}: {:?}",
            plan.losses
        );
        let chosen = plan.chosen.unwrap_or_default();
        assert!(
            chosen.starts_with(&format!("--codec auto: {encoder} encodes: ")),
            "{chosen}"
        );
    }
    let named = plan(&clips, "yuv420p", "o.mp4", &codec("libx264")).unwrap();
    assert_eq!(named.chosen, None);
    let crf = OutputOptions {
        crf: Some(60.0),
        ..auto
    };
    let error = plan(&clips, "yuv420p", "o.mp4", &crf).unwrap_err();
    assert!(
        error.to_string().contains("out of range for --codec auto"),
        "{error}"
    );
}
