//! Decisions, before anything is rendered.

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
fn nonsense_is_refused_with_advice() {
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
        ("o.mp4", codec("ffv1"), ErrorKind::Unavailable, ".mkv"),
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
    let nvenc = plan(&clips, "yuv420p", "o.mp4", &codec("h264_nvenc"));
    if let Err(error) = nvenc {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
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
fn encoders_are_tried() {
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
    let Some(root) = collected("odd") else { return };
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
