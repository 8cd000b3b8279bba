//! Video properties other than colour: HDR metadata, fields, rotation.

use super::support::*;
use super::turned::turn;
use crate::frame::FieldOrder;
use crate::media::{Dropped, ErrorKind, OutputOptions, Rotation, Source, probe};

const MOVING: &str = "-f lavfi -i testsrc2=s=128x96:r=25:d=0.4";
const HDR10: &str = "-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084";
const MASTERED: &str = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400:log-level=none";

#[test]
fn mastering_display_and_content_light_are_kept() {
    let clips = Clips::new();
    // The metadata is in the frames only: this MKV has none in its headers.
    let input = clips.make(
        "hdr.ts",
        &format!("{MOVING} -c:v libx265 -pix_fmt yuv420p10le {HDR10} -x265-params {MASTERED}"),
    );
    let before = probe(&input).unwrap().pictures().hdr.clone();
    let display = before.mastering_display.unwrap();
    assert_eq!(display.luminance, Some([0.005, 1000.0]));
    let light = before.content_light.unwrap();
    assert_eq!((light.max_cll, light.max_fall), (1000, 400));
    for (name, encoder) in [
        ("a.mkv", "libx265"),
        ("b.mp4", "libx265"),
        ("c.mkv", "ffv1"),
        ("d.mp4", "libx264"),
    ] {
        let output = clips.at(name);
        let passed = pass(&input, &output, &codec(encoder));
        assert!(passed.plan.losses.is_empty(), "{:?}", passed.plan.losses);
        let after = probe(&output).unwrap();
        assert_eq!(after.pictures().hdr, before, "{name}");
        assert_eq!(
            after.pictures().color,
            passed.info.pictures().color,
            "{name}"
        );
        assert_eq!(after.pictures().format.unwrap().depth, 10, "{name}");
    }
    // The encoder writes it into its stream, for a container that cannot store it.
    let bare = clips.make(
        "bare.h265",
        &format!("-i {} -c copy", clips.at("a.mkv").display()),
    );
    assert_eq!(probe(&bare).unwrap().pictures().hdr, before);
    let lossy = planned(&input, &clips.at("e.nut"), &codec("ffv1")).unwrap();
    assert_eq!(lossy.losses.len(), 1, "{:?}", lossy.losses);
}

#[test]
fn real_hdr_is_kept_and_dolby_vision_is_dropped_with_a_warning() {
    let clips = Clips::new();
    for name in [
        "odd/am_sample_with_colr_mdcv_and_clli.mp4",
        "odd/am_hdr10-video-with-sdr-container.mp4",
    ] {
        let Some(input) = media(name) else { continue };
        let part = clips.make(
            "part.mp4",
            &format!("-i {} -c copy -t 0.1", input.display()),
        );
        let before = probe(&part).unwrap().pictures().hdr.clone();
        assert!(before.is_static(), "{name}");
        let passed = pass(&part, &clips.at("out.mkv"), &codec("ffv1"));
        let after = probe(&clips.at("out.mkv")).unwrap();
        let after = &after.pictures().hdr;
        assert_eq!(after.mastering_display, before.mastering_display, "{name}");
        assert_eq!(after.content_light, before.content_light, "{name}");
        let said = passed.plan.losses.iter().any(|l| l.contains("HDR10+"));
        assert_eq!(said, before.hdr10_plus, "{name}");
    }
    if let Some(dolby) = media("odd/am_sample_edit_list.mp4") {
        let plan = planned(&dolby, &clips.at("out.mp4"), &OutputOptions::default()).unwrap();
        assert!(
            plan.losses.iter().any(|l| l.contains("Dolby Vision")),
            "{:?}",
            plan.losses
        );
    }
}

#[test]
fn fields_are_announced_and_kept() {
    let clips = Clips::new();
    for (order, first) in [
        ("tff", FieldOrder::TopFirst),
        ("bff", FieldOrder::BottomFirst),
    ] {
        let mode = if order == "tff" {
            "interleave_top"
        } else {
            "interleave_bottom"
        };
        let input = clips.make(
            &format!("{order}.mkv"),
            &format!("-f lavfi -i testsrc2=s=128x96:r=50:d=0.4 -vf tinterlace={mode},setfield={order} -pix_fmt yuv420p -c:v libx264 -flags +ilme+ildct"),
        );
        let info = probe(&input).unwrap();
        assert_eq!(info.pictures().field_order, first, "{order}");
        for (name, encoder) in [
            ("a.mkv", "libx264"),
            ("b.mp4", "libx264"),
            ("c.mkv", "ffv1"),
        ] {
            let passed = pass(&input, &clips.at(name), &codec(encoder));
            let said = passed.plan.warnings.join(" ");
            assert!(
                said.contains("interlaced") && said.contains("-s deinterlace"),
                "{said}"
            );
            assert!(passed.plan.losses.is_empty(), "{:?}", passed.plan.losses);
            let after = probe(&clips.at(name)).unwrap();
            assert_eq!(after.pictures().field_order, first, "{order} {name}");
        }
        let plan = planned(&input, &clips.at("d.mp4"), &codec("libx265")).unwrap();
        assert!(
            plan.losses.iter().any(|l| l.contains("field order")),
            "{:?}",
            plan.losses
        );
    }
    let real = media("odd/xdcam-hd-1080i50.mov");
    let order = real.map(|real| probe(&real).unwrap().pictures().field_order);
    assert_eq!(order.unwrap_or(FieldOrder::TopFirst), FieldOrder::TopFirst);
}

#[test]
fn combed_pictures_are_detected_despite_wrong_tags() {
    let clips = Clips::new();
    let combed = |name: &str, film: &str, codec: &str| {
        let input = clips.make(
            name,
            &format!("-f lavfi -i {film} -pix_fmt yuv420p {codec}"),
        );
        let mut source = Source::open(&input).unwrap();
        let before = source.info().clone();
        source.test_fields().unwrap();
        assert_eq!(
            source.info().pictures().field_order,
            before.pictures().field_order
        );
        let mut frames = 0;
        while let Some(event) = source.next_event().unwrap() {
            frames += usize::from(matches!(event, crate::media::SourceEvent::Frame(..)));
        }
        assert_eq!(frames, 30, "{name}: the test must not eat frames");
        source.info().pictures().combed
    };
    let x264 = "-c:v libx264 -preset veryfast";
    let woven = "testsrc2=s=720x576:r=50:d=1.2,tinterlace=interleave_top,setfield=prog";
    assert!(combed("woven.mkv", woven, x264));
    assert!(combed("woven.avi", woven, "-c:v mpeg4 -q:v 3"));
    assert!(!combed("plain.mkv", "testsrc2=s=720x576:r=25:d=1.2", x264));
    // Fine stripes are not fields.
    assert!(!combed(
        "fine.mkv",
        "mandelbrot=s=720x576:r=25,trim=duration=1.2",
        x264
    ));
    let noise = "color=gray:s=720x576:r=25:d=1.2,noise=alls=60:allf=t";
    assert!(!combed("noise.mkv", noise, x264));
}

#[test]
fn a_rotation_that_would_be_lost_is_applied_or_dropped() {
    let clips = Clips::new();
    let film = clips.make(
        "film.mp4",
        &format!("{MOVING} -pix_fmt yuv420p -c:v libx264"),
    );
    let turned = clips.at("turned.mp4");
    std::fs::copy(&film, &turned).unwrap();
    turn(&turned, 90);
    let before = probe(&turned).unwrap().frame_shape();
    assert_ne!(probe(&turned).unwrap().pictures().rotation, 0);
    let plan = planned(&turned, &clips.at("out.nut"), &OutputOptions::default()).unwrap();
    let after = plan.video.frames;
    assert_eq!(
        (after.width, after.height),
        (before.height, before.width),
        "{:?}",
        plan.turned
    );
    assert!(
        plan.warnings.iter().any(|words| words.contains("turned")),
        "{:?}",
        plan.warnings
    );
    let plan = planned(&turned, &clips.at("out.mp4"), &OutputOptions::default()).unwrap();
    assert!(plan.turned.is_none());
    let both = OutputOptions {
        drop: vec![Dropped::Rotation],
        rotation: Rotation::Apply,
        ..OutputOptions::default()
    };
    let error = planned(&turned, &clips.at("out.mp4"), &both).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    let without = OutputOptions {
        drop: vec![Dropped::Rotation],
        ..OutputOptions::default()
    };
    pass(&turned, &clips.at("out.mkv"), &without);
    pass(&turned, &clips.at("out.mp4"), &without);
    assert_eq!(probe(&clips.at("out.mp4")).unwrap().pictures().rotation, 0);
}
