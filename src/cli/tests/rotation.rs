//! Pictures that are turned, because the container cannot hold the rotation, or because that was asked for. The judge is
//! FFmpeg, which turns them when it decodes.

use std::path::{Path, PathBuf};

use crate::long::*;
use crate::support::*;
use crate::turned::turn;

/// A clip of 70 × 46, with samples that are not square.
fn flat(pix_fmt: &str) -> PathBuf {
    made(
        &format!("flat-{pix_fmt}.mov"),
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=70x46:rate=5:duration=1,setsar=4/3",
            "-pix_fmt",
            pix_fmt,
            "-c:v",
            "libx264",
            "-qp",
            "12",
        ],
    )
}

/// The same, which players turn by so many degrees.
fn turned(degrees: &str, pix_fmt: &str) -> PathBuf {
    rotated(
        &flat(pix_fmt),
        &format!("turned-{pix_fmt}-{degrees}.mov"),
        degrees,
    )
}

fn rotated(flat: &Path, name: &str, degrees: &str) -> PathBuf {
    let clip = made(name, &["-i", text(flat), "-c", "copy"]);
    turn(&clip, degrees.parse().unwrap());
    clip
}

/// Entries of the rendered stream, as ffprobe has them.
fn entries(path: &Path, names: &str) -> String {
    let names = format!("stream={names}");
    let arguments = ["-select_streams", "v:0", "-show_entries", &names];
    let arguments = [&arguments[..], &["-of", "csv=p=0", text(path)]].concat();
    let found = tool("ffprobe", &arguments);
    // Side data of the stream makes an empty entry after the others.
    found.trim().trim_end_matches(',').to_owned()
}

#[test]
fn a_rotation_that_the_container_cannot_hold_turns_the_pictures() {
    let folder = Folder::new();
    for degrees in ["90", "180", "270"] {
        let clip = turned(degrees, "yuv420p");
        let shown = frames(&clip, "yuv420p");
        for style in ["none", "identity"] {
            let arguments = [text(&clip), "-y", "-s", style, "--codec", "ffv1"];
            let ran = folder.run(&[&arguments[..], &["-o", "out.nut"]].concat());
            ran.says(0, &["warning: nut cannot hold the rotation ("]);
            let output = folder.path("out.nut");
            assert_eq!(frames(&output, "yuv420p"), shown, "{style} {degrees}");
            let expected = match degrees {
                "180" => "70,46,4:3",
                _ => "46,70,3:4",
            };
            assert_eq!(
                entries(&output, "width,height,sample_aspect_ratio"),
                expected
            );
            let verified = folder.run(&["verify", text(&clip), "out.nut"]);
            assert_eq!(verified.code, Some(0), "{}", verified.stdout);
            // Chroma, which was at the left, is at the right now: no tag says so.
            assert_eq!(ran.stderr.contains("no tag says"), degrees == "180");
        }
    }
}

#[test]
fn matroska_keeps_the_rotation_where_its_muxer_does() {
    let folder = Folder::new();
    for degrees in ["90", "180", "270"] {
        let clip = turned(degrees, "yuv420p");
        let ran = folder.run(&[
            text(&clip),
            "-y",
            "-s",
            "none",
            "--codec",
            "ffv1",
            "-o",
            "out.mkv",
        ]);
        ran.succeeds();
        // FFmpeg 5.1 loses it, later ones do not: whichever this is, the pictures are shown as before.
        let output = folder.path("out.mkv");
        assert_eq!(
            frames(&output, "yuv420p"),
            frames(&clip, "yuv420p"),
            "{degrees}"
        );
        let said = ran.stderr.contains("matroska cannot hold the rotation (");
        let kept = entries(&output, "index:stream_side_data=rotation") != "0";
        let turns = folder
            .run(&["probe", "out.mkv"])
            .stdout
            .contains("turned by");
        assert_eq!((kept, turns), (!said, !said), "{degrees}");
        folder.run(&["verify", text(&clip), "out.mkv"]).succeeds();
    }
}

#[test]
fn rotation_apply_turns_the_pictures_whatever_the_container() {
    let folder = Folder::new();
    let clip = turned("90", "yuv420p");
    let rendered = ["-s", "none", "--crf", "0"];
    let keep = [&[text(&clip), "-o", "keep.mp4"], &rendered[..]].concat();
    folder.run(&keep).succeeds();
    let apply = ["--rotation", "apply", "-o", "apply.mp4"];
    let apply = [&[text(&clip)], &rendered[..], &apply].concat();
    let ran = folder.run(&apply);
    ran.succeeds();
    assert!(!ran.stderr.contains("warning: mp4"), "{}", ran.stderr);
    let [kept, applied] = ["keep.mp4", "apply.mp4"].map(|name| folder.path(name));
    assert_eq!(frames(&kept, "yuv420p"), frames(&applied, "yuv420p"));
    assert_eq!(entries(&kept, "width,height"), "70,46");
    assert_eq!(entries(&applied, "width,height"), "46,70");
    assert!(
        !folder
            .run(&["probe", "apply.mp4"])
            .stdout
            .contains("turned by")
    );
    let asked = ["verify", text(&clip), "apply.mp4", "--rotation", "apply"];
    folder.run(&asked).succeeds();
    folder
        .run(&["verify", text(&clip), "apply.mp4"])
        .says(1, &[]);
    let both = [&apply[..], &["-y", "--drop", "rotation"]].concat();
    folder.run(&both).says(2, &["cannot be used together"]);
}

#[test]
fn columns_of_chroma_become_rows() {
    let folder = Folder::new();
    let clip = turned("90", "yuv422p");
    let into = |style: &'static str, codec: &'static str| {
        let arguments = [text(&clip), "-y", "-s", style, "--codec", codec];
        folder.run(&[&arguments[..], &["-o", "out.nut"]].concat())
    };
    // Half as many rows of chroma: FFV1 has that.
    into("none", "ffv1").succeeds();
    let output = folder.path("out.nut");
    assert_eq!(entries(&output, "pix_fmt"), "yuv440p");
    for plane in ["y", "u", "v"] {
        let of = |path: &Path, turn: &str| {
            let filter = format!("extractplanes={plane}{turn}");
            let arguments = ["-noautorotate", "-i", text(path), "-vf", &filter];
            tool(
                "ffmpeg",
                &[&arguments[..], &["-f", "framemd5", "-"]].concat(),
            )
        };
        let hashes = |all: String| -> Vec<String> {
            let frames = all.lines().filter(|line| !line.starts_with('#'));
            frames
                .map(|line| line.rsplit(',').next().unwrap().trim().to_owned())
                .collect()
        };
        // FFmpeg turns planes alone as they are. Its tag counts the other way round.
        let expected = hashes(of(&clip, ",transpose=cclock"));
        assert_eq!(expected.len(), 5);
        assert_eq!(hashes(of(&output, "")), expected, "{plane}");
    }
    // x264 does not: chroma gets all rows, which only the graph can do.
    into("none", "libx264").says(2, &["YUV 4:4:0", "--style identity"]);
    into("identity", "libx264").succeeds();
    assert_eq!(entries(&output, "pix_fmt"), "yuv444p");
    // Chroma gets its rows from where it lies: the same as if the pictures were turned after that.
    let flat = flat("yuv422p");
    let full = ["-s", "identity", "--codec", "ffv1", "--pix-fmt", "yuv444p"];
    for (input, name) in [(&flat, "flat.mkv"), (&clip, "turned.nut")] {
        let arguments = [text(input), "-o", name];
        folder.run(&[&full[..], &arguments].concat()).succeeds();
    }
    let turn = ["-vf", "transpose=cclock", "-c:v", "ffv1", "-y"];
    let arguments = [text(&folder.path("flat.mkv")).to_owned()];
    let later = folder.path("later.mkv");
    let all = [&["-i", &arguments[0]], &turn[..], &[text(&later)]].concat();
    tool("ffmpeg", &all);
    let turned = frames(&folder.path("turned.nut"), "yuv444p");
    assert_eq!(turned, frames(&later, "yuv444p"));
}

#[test]
fn pictures_are_turned_in_chunks_too() {
    let folder = Folder::new();
    let clip = rotated(&slow_clip(), "turned-long.mp4", "90");
    let lossless = ["-s", "none", "--codec", "ffv1"];
    folder
        .run(&in_chunks(&clip, "out.nut", &lossless))
        .succeeds();
    let output = folder.path("out.nut");
    assert_eq!(frames(&output, "yuv420p"), frames(&clip, "yuv420p"));
}

#[test]
fn a_photo_is_turned_when_asked() {
    let folder = Folder::new();
    let clip = turned("90", "yuv420p");
    folder
        .run(&[text(&clip), "-s", "identity", "-o", "t%d.png"])
        .succeeds();
    folder
        .run(&[
            "t1.png",
            "-s",
            "none",
            "--rotation",
            "apply",
            "-o",
            "apply.png",
        ])
        .succeeds();
    assert_eq!(entries(&folder.path("t1.png"), "width,height"), "70,46");
    assert_eq!(entries(&folder.path("apply.png"), "width,height"), "46,70");
    let probed = folder.run(&["probe", "apply.png"]).stdout;
    assert!(!probed.contains("turned by"), "{probed}");
}
