//! Single pictures in and out.

use super::support::*;
use crate::media::{OutputOptions, probe, read_image};

fn passes(clips: &Clips, name: &str, arguments: &str, output: &str) -> Passed {
    let input = clips.make(name, arguments);
    let output = clips.at(output);
    let passed = pass(&input, &output, &OutputOptions::default());
    assert!(passed.info.is_image, "{name}");
    assert_eq!(passed.frames.len(), 1, "{name}");
    passed
}

#[test]
fn png_keeps_its_kind_and_samples() {
    let clips = Clips::new();
    for format in [
        "gray", "gray16be", "rgb24", "rgb48be", "rgba", "rgba64be", "ya8", "ya16be", "monob",
    ] {
        let name = format!("{format}.png");
        let out = format!("{format}.out.png");
        let passed = passes(
            &clips,
            &name,
            &format!("-f lavfi -i testsrc=s=37x29 -frames:v 1 -pix_fmt {format}"),
            &out,
        );
        let expected = if format == "monob" { "gray" } else { format };
        assert_eq!(passed.plan.video.pix_fmt, expected);
        assert!(
            passed.plan.losses.is_empty(),
            "{format}: {:?}",
            passed.plan.losses
        );
        assert_eq!(
            frame_hashes(&clips.at(&name), Some(expected)),
            frame_hashes(&clips.at(&out), Some(expected)),
            "{format}"
        );
    }
    let palette = "-f lavfi -i testsrc=s=37x29:d=0.1 -frames:v 1 -pix_fmt pal8";
    passes(&clips, "pal.png", palette, "pal.out.png");
    assert_eq!(
        frame_hashes(&clips.at("pal.png"), Some("rgba")),
        frame_hashes(&clips.at("pal.out.png"), Some("rgba"))
    );
}

#[test]
fn the_content_decides_the_format_not_the_name() {
    let clips = Clips::new();
    let png = clips.make(
        "a.png",
        "-f lavfi -i testsrc=s=37x29 -frames:v 1 -pix_fmt rgb24",
    );
    let odd = clips.at("100%d strange.mp4");
    std::fs::rename(&png, &odd).unwrap();
    let info = probe(&odd).unwrap();
    assert!(
        info.is_image && info.video().codec == "png",
        "{}",
        info.container
    );
    let picture = read_image(&odd).unwrap();
    assert_eq!(
        (picture.width, picture.height, picture.format.depth),
        (37, 29, 8)
    );
}

#[test]
fn jpeg_comes_out_as_jfif() {
    let clips = Clips::new();
    let make = "-f lavfi -i testsrc2=s=64x48 -frames:v 1 -q:v 2 -pix_fmt";
    for (format, expected) in [("yuvj420p", "yuvj420p"), ("yuvj444p", "yuvj444p")] {
        let name = format!("{format}.jpg");
        let passed = passes(
            &clips,
            &name,
            &format!("{make} {format}"),
            &format!("{format}.out.jpg"),
        );
        assert_eq!(passed.plan.video.pix_fmt, expected);
        assert_eq!(passed.plan.video.color.range, crate::frame::Range::Full);
        let out = probe(&clips.at(&format!("{format}.out.jpg"))).unwrap();
        assert_eq!(out.pictures().pix_fmt, expected);
    }
}

#[test]
fn orientation_and_profile_survive() {
    let clips = Clips::new();
    if let Some(input) = media("photos/exif_Landscape_6.jpg") {
        let passed = pass(&input, &clips.at("turned.jpg"), &OutputOptions::default());
        assert_eq!(passed.info.pictures().rotation, 90);
        assert_eq!(
            probe(&clips.at("turned.jpg")).unwrap().pictures().rotation,
            90
        );
    }
    for (name, out) in [
        ("photos/astronaut.png", "icc.png"),
        ("vectors/fns/amber.jpg", "icc.jpg"),
    ] {
        let Some(input) = media(name) else { continue };
        pass(&input, &clips.at(out), &OutputOptions::default());
        let profile = |path| {
            crate::media::Source::open(path)
                .unwrap()
                .header()
                .icc
                .clone()
        };
        let before = profile(&input);
        assert!(before.as_ref().is_some_and(|p| p.len() > 100), "{name}");
        assert_eq!(before, profile(&clips.at(out)), "{name}");
    }
}

#[test]
fn orientation_is_kept_between_file_formats() {
    use crate::media::exif::StillFacts;
    let clips = Clips::new();
    let still = clips.make("flat.jpg", "-f lavfi -i testsrc=s=32x24 -frames:v 1");
    for orientation in 1..=8 {
        let turned = clips.at("turned.jpg");
        let tags = crate::media::still::StillTags {
            orientation: Some(orientation),
            ..Default::default()
        };
        let bytes = crate::media::still::tagged(std::fs::read(&still).unwrap(), &tags);
        std::fs::write(&turned, bytes).unwrap();
        let before = probe(&turned).unwrap();
        pass(&turned, &clips.at("out.jpg"), &OutputOptions::default());
        let found = StillFacts::read(&clips.at("out.jpg")).unwrap().orientation;
        assert_eq!(found.unwrap_or(1), orientation);
        // To a video, which stores the orientation as a display matrix.
        pass(&turned, &clips.at("out.mp4"), &OutputOptions::default());
        let after = probe(&clips.at("out.mp4")).unwrap();
        let turn = |info: &crate::media::SourceInfo| info.pictures().rotation_text();
        assert_eq!(turn(&after), turn(&before), "{orientation}");
        // NUT cannot: the pictures are turned.
        let nut = planned(&turned, &clips.at("out.nut"), &OutputOptions::default());
        assert_eq!(nut.unwrap().turned.is_some(), orientation != 1);
        let dropped = OutputOptions {
            drop: vec![crate::media::Dropped::Rotation],
            ..OutputOptions::default()
        };
        pass(&turned, &clips.at("flat.out.jpg"), &dropped);
        assert_eq!(
            StillFacts::read(&clips.at("flat.out.jpg"))
                .unwrap()
                .orientation,
            None
        );
    }
}

#[test]
fn a_gif_passes() {
    let clips = Clips::new();
    let input = clips.make("a.gif", "-f lavfi -i testsrc2=s=64x48:r=10:d=0.5");
    let output = clips.at("a.mkv");
    let passed = pass(&input, &output, &codec("ffv1"));
    assert_eq!(passed.frames.len(), 5);
    assert!(passed.info.pictures().format.is_some_and(|f| f.alpha));
    assert_eq!(
        frame_hashes(&input, Some("rgba")),
        frame_hashes(&output, Some("rgba"))
    );
}
