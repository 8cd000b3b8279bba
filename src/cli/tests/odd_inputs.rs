//! Inputs and sizes at the edges of what there is: rendered, or refused in clear words, with nothing left behind.

use crate::support::*;

const STYLES: [&str; 11] = [
    "ascii",
    "cartoon",
    "cinematic",
    "comic",
    "despeckle",
    "glitch",
    "identity",
    "pencil",
    "resize",
    "watercolor",
    "none",
];

/// A picture of this size, and a clip of three frames.
fn picture_and_clip(size: &str) -> [std::path::PathBuf; 2] {
    let source = format!("testsrc=size={size}:rate=5:duration=1");
    let picture = made(
        &format!("{size}.png"),
        &["-f", "lavfi", "-i", &source, "-frames:v", "1"],
    );
    let one = text(&picture).to_owned();
    let clip = made(
        &format!("{size}.mkv"),
        &[
            "-loop",
            "1",
            "-i",
            &one,
            "-frames:v",
            "3",
            "-pix_fmt",
            "yuv444p",
            "-c:v",
            "ffv1",
        ],
    );
    [picture, clip]
}

/// Width and height.
fn size(path: &std::path::Path) -> String {
    let found = tool(
        "ffprobe",
        &[
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=width,height",
            "-of",
            "csv=p=0:s=x",
            text(path),
        ],
    );
    found.trim().to_owned()
}

#[test]
fn every_style_renders_the_smallest_pictures() {
    let folder = Folder::new();
    for asked in ["1x1", "1x2", "2x1", "3x3"] {
        let [picture, clip] = picture_and_clip(asked);
        for style in STYLES {
            for (input, ending, count) in
                [(&picture, "png", 1), (&clip, "mkv", 3), (&clip, "mp4", 3)]
            {
                let output = format!("{asked}.{style}.{ending}");
                let render = [text(input), "-s", style, "-o", &output, "--device", "cpu"];
                folder.run(&render).succeeds();
                // The style resize doubles the size, unless another is asked for.
                let made = match (style, asked) {
                    ("resize", "1x1") => "2x2",
                    ("resize", "1x2") => "2x4",
                    ("resize", "2x1") => "4x2",
                    ("resize", _) => "6x6",
                    (_, asked) => asked,
                };
                assert_eq!(size(&folder.path(&output)), made, "{output}");
                assert_eq!(
                    frames(&folder.path(&output), "rgb24").len(),
                    count,
                    "{output}"
                );
            }
        }
    }
    // Nothing hidden stays.
    assert!(folder.names().iter().all(|name| !name.starts_with('.')));
}

#[test]
fn the_widest_pictures_are_rendered() {
    let folder = Folder::new();
    let [picture, clip] = picture_and_clip("16384x2");
    for (input, output) in [(&picture, "wide.png"), (&clip, "wide.mkv")] {
        let render = [text(input), "-s", "pencil", "-o", output, "--codec", "ffv1"];
        let render = &render[..if output.ends_with("png") { 5 } else { 7 }];
        folder.run(render).succeeds();
        assert_eq!(size(&folder.path(output)), "16384x2");
    }
}

#[test]
fn a_style_that_compares_frames_says_that_a_picture_has_none() {
    let folder = Folder::new();
    let [picture, clip] = picture_and_clip("3x3");
    let words = "is one picture, without frames before and after it to compare it with: despeckle may change little or nothing";
    let render = [text(&picture), "-s", "pencil,despeckle", "-o", "out/"];
    folder.run(&render).says(0, &[words]);
    for (input, style, output) in [
        (&clip, "despeckle", "clip.mkv"),
        (&picture, "pencil", "picture.png"),
    ] {
        let ran = folder.run(&[text(input), "-s", style, "-o", output]);
        assert!(
            !ran.succeeds().stderr.contains("one picture"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn sizes_that_cannot_be_are_refused_in_words_of_the_user() {
    let folder = Folder::new();
    let [picture, clip] = picture_and_clip("3x3");
    let [large, _] = picture_and_clip("640x480");
    let one_to_many = "each from 1 to 16384";
    let too_many = "16384x16384, which are too many pixels: FFmpeg takes about 260 million";
    let above_0 = "give a number above 0";
    for (input, output) in [(&picture, "out.png"), (&clip, "out.mp4")] {
        for (asked, words) in [
            (["--scale", "0"], above_0),
            (["--scale", "-1"], above_0),
            (["--scale", "nan"], above_0),
            (["--size", "0x0"], one_to_many),
            (["--size", "100000x100000"], one_to_many),
            (["--size", "16384x16384"], too_many),
        ] {
            for style in ["pencil", "none"] {
                let render = [text(input), "-s", style, "-o", output];
                folder
                    .run(&[&render[..], &asked].concat())
                    .says(2, &[words]);
            }
        }
    }
    folder
        .run(&[text(&large), "--scale", "100", "-o", "out.png"])
        .says(
            2,
            &[
                "would become 64000x48000",
                "no side may be longer than 16384",
            ],
        );
    assert!(folder.names().is_empty(), "{:?}", folder.names());
    // A hundredfold size is only too large where the picture is not small; a kept shape gives an even side.
    for (asked, output, found) in [
        (["--scale", "100"], "scaled.png", "300x300"),
        (["--size", "7x-2"], "shaped.png", "7x8"),
    ] {
        folder
            .run(&[&[text(&picture), "-o", output][..], &asked].concat())
            .succeeds();
        assert_eq!(size(&folder.path(output)), found);
    }
}

#[test]
fn the_styles_that_there_are_include_none() {
    let folder = Folder::new();
    folder.run(&[text(&clip()), "-s", "nosuch"]).says(
        2,
        &["there is no style \"nosuch\"", "upscale, watercolor, none"],
    );
    folder
        .run(&[text(&clip()), "-s", "nome"])
        .says(2, &["did you mean \"none\"?"]);
    assert!(folder.names().is_empty());
}
