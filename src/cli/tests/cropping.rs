//! Black bars: found over the whole file, or set, and taken off.

use std::path::{Path, PathBuf};

use crate::support::*;

/// A second of a moving picture of 320 by 200, in black bars: 8 columns on the left, 12 on the right, 22 rows above, 18 below.
fn boxed() -> PathBuf {
    let scene =
        "testsrc2=size=320x200:rate=12:duration=1,format=yuv444p,pad=340:240:8:22,setsar=8/9";
    made("boxed.mkv", &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"])
}

/// The frames of `path` within the bars.
fn inside(path: &Path) -> Vec<String> {
    let filter = [
        "-vf",
        "crop=320:200:8:22",
        "-pix_fmt",
        "yuv444p",
        "-f",
        "framemd5",
        "-",
    ];
    let said = tool(
        "ffmpeg",
        &[&["-v", "error", "-i", text(path)], &filter[..]].concat(),
    );
    let lines = said.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| Some(line.rsplit_once(',')?.1.trim().to_owned()))
        .collect()
}

fn shape(path: &Path) -> String {
    let entries = "stream=width,height,sample_aspect_ratio";
    let said = tool(
        "ffprobe",
        &[
            "-v",
            "error",
            "-show_entries",
            entries,
            "-of",
            "csv=p=0",
            text(path),
        ],
    );
    said.trim().to_owned()
}

fn cropped(folder: &Folder, input: &Path, output: &str, more: &[&str]) -> Ran {
    let first = [
        text(input),
        "-s",
        "crop",
        "-o",
        output,
        "--codec",
        "ffv1",
        "-y",
    ];
    folder.run(&[&first[..], more].concat())
}

#[test]
fn bars_come_off_to_the_line_and_what_is_inside_stays() {
    let folder = Folder::new();
    let ran = cropped(&folder, &boxed(), "out.mkv", &[]);
    ran.succeeds();
    for words in [
        "22 px above and 18 px below",
        "8 px on the left and 12 px on the right",
    ] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    let out = folder.path("out.mkv");
    assert_eq!(shape(&out), "320,200,8:9");
    assert_eq!(frames(&out, "yuv444p"), inside(&boxed()));
    // The same, and nothing is looked for.
    let values = [
        "--set",
        "crop.left=8",
        "--set",
        "crop.right=12",
        "--set",
        "crop.top=22",
        "--set",
        "crop.bottom=18",
    ];
    let ran = cropped(&folder, &boxed(), "set.mkv", &values);
    ran.succeeds();
    assert!(!ran.stderr.contains("px above"), "{}", ran.stderr);
    assert_eq!(frames(&folder.path("set.mkv"), "yuv444p"), inside(&boxed()));
    // In chunks, and in colour of half the size.
    let input = boxed();
    let slow = [
        "-i",
        text(&input),
        "-vf",
        "setpts=2*N/TB",
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "ffv1",
    ];
    let small = made("boxed420.mkv", &slow);
    cropped(&folder, &small, "whole.mkv", &["--chunk", "none"]).succeeds();
    cropped(
        &folder,
        &small,
        "chunks.mkv",
        &["--chunk", "10", "--workers", "2"],
    )
    .succeeds();
    assert_eq!(shape(&folder.path("whole.mkv")), "320,200,8:9");
    assert_eq!(
        frames(&folder.path("whole.mkv"), "yuv420p"),
        frames(&folder.path("chunks.mkv"), "yuv420p")
    );
}

#[test]
fn the_frame_is_kept_and_filled() {
    let folder = Folder::new();
    for fill in ["black", "blurred"] {
        let output = format!("{fill}.mkv");
        let set = format!("crop.fill={fill}");
        cropped(&folder, &boxed(), &output, &["--set", &set]).succeeds();
        let out = folder.path(&output);
        assert_eq!(shape(&out), "340,240,8:9");
        // In the middle now.
        let filter = [
            "-vf",
            "crop=320:200:10:20",
            "-pix_fmt",
            "yuv444p",
            "-f",
            "framemd5",
            "-",
        ];
        let said = tool(
            "ffmpeg",
            &[&["-v", "error", "-i", text(&out)], &filter[..]].concat(),
        );
        for hash in inside(&boxed()) {
            assert!(said.contains(&hash), "{fill}: {said}");
        }
        let brightness = tool(
            "ffmpeg",
            &[
                "-v",
                "error",
                "-i",
                text(&out),
                "-frames:v",
                "1",
                "-vf",
                "crop=340:16:0:0,scale=1:1:flags=area,format=gray",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "gray",
                text(&folder.path("mean.gray")),
                "-y",
            ],
        );
        assert_eq!(brightness, "");
        let mean = std::fs::read(folder.path("mean.gray")).unwrap()[0];
        assert_eq!(mean > 40, fill == "blurred", "{fill}: {mean}");
    }
}

#[test]
fn what_has_no_bars_stays_and_that_is_said() {
    let folder = Folder::new();
    let clean = made(
        "unboxed.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x200:rate=12:duration=1,format=yuv444p",
            "-c:v",
            "ffv1",
        ],
    );
    let ran = cropped(&folder, &clean, "out.mkv", &[]);
    ran.succeeds();
    assert!(
        ran.stderr.contains("There are no bars above and below"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("crop cuts nothing"), "{}", ran.stderr);
    assert_eq!(
        frames(&folder.path("out.mkv"), "yuv444p"),
        frames(&clean, "yuv444p")
    );
    // More than there is.
    let ran = cropped(&folder, &clean, "more.mkv", &["--set", "crop.left=400"]);
    ran.succeeds();
    assert!(
        ran.stderr.contains("as large as the picture"),
        "{}",
        ran.stderr
    );
    // A preview does not look through the file, and says so.
    let input = boxed();
    let shown = [
        text(&input),
        "-s",
        "crop",
        "--frame",
        "6",
        "-o",
        "frame.png",
    ];
    folder
        .run(&[&["preview"][..], &shown].concat())
        .says(0, &["crop has its defaults for bottom, left, right, top"]);
    // A photo, and what is found decides a chain.
    tool(
        "ffmpeg",
        &[
            "-y",
            "-v",
            "error",
            "-i",
            text(&boxed()),
            "-frames:v",
            "1",
            text(&folder.path("in.png")),
        ],
    );
    folder
        .run(&["in.png", "-s", "crop", "-o", "out.png"])
        .succeeds();
    assert_eq!(
        shape(&folder.path("out.png"))
            .split(',')
            .take(2)
            .collect::<Vec<_>>(),
        ["320", "200"]
    );
    let ran = folder.run(&[
        text(&boxed()),
        "--restore",
        "auto",
        "-o",
        "auto.mkv",
        "--codec",
        "ffv1",
    ]);
    ran.succeeds();
    assert!(ran.stderr.contains("--auto-without crop"), "{}", ran.stderr);
    assert_eq!(shape(&folder.path("auto.mkv")), "320,200,8:9");
}

#[test]
fn a_size_is_that_of_the_picture_within_the_bars() {
    let folder = Folder::new();
    // The picture without its bars is 320 by 200, of pixels of 8:9.
    for (size, expected) in [
        (&["--scale", "2"][..], "640,400,8:9"),
        (&["--size", "160x-2"], "160,100,8:9"),
        (&["--square-pixels"], "320,225,1:1"),
        (&["--square-pixels", "--scale", "2"], "640,450,1:1"),
    ] {
        cropped(&folder, &boxed(), "out.mkv", size).succeeds();
        assert_eq!(shape(&folder.path("out.mkv")), expected, "{size:?}");
    }
    let stretch = ["--square-pixels", "--size", "64x64", "--fit", "stretch"];
    let ran = cropped(&folder, &boxed(), "out.mkv", &stretch);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("square pixels keep"), "{}", ran.stderr);
}
