//! The frame rate of outputs: --fps and --fps-mode.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::long::*;
use crate::support::*;

/// Ticks a second, and time and duration of each packet of the video in ticks, in order of time.
#[track_caller]
fn ticks(path: &Path) -> (i64, Vec<(i64, i64)>) {
    let said = tool(
        "ffprobe",
        &[
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=time_base:packet=pts,duration",
            "-of",
            "json",
            text(path),
        ],
    );
    let said: Value = serde_json::from_str(&said).unwrap();
    let unit = said["streams"][0]["time_base"].as_str().unwrap();
    let (one, unit) = unit.split_once('/').unwrap();
    assert_eq!(one, "1");
    let number = |packet: &Value, name: &str| packet[name].as_i64().unwrap_or(0);
    let packets = said["packets"].as_array().unwrap().iter();
    let mut times: Vec<_> = packets
        .map(|packet| (number(packet, "pts"), number(packet, "duration")))
        .collect();
    times.sort_unstable();
    (unit.parse().unwrap(), times)
}

/// A text of `name` of the video stream.
#[track_caller]
fn entry(path: &Path, name: &str) -> String {
    let wanted = format!("stream={name}");
    let arguments = ["-select_streams", "v:0", "-show_entries", &wanted];
    let arguments = [&arguments[..], &["-of", "csv=p=0", text(path)]].concat();
    tool("ffprobe", &arguments).trim().to_owned()
}

/// Two seconds of 64 × 48 at 25 frames with sound, lossless.
fn clip_25(ending: &str) -> PathBuf {
    made(
        &format!("rate.{ending}"),
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=25:duration=2",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=2",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-qp",
            "0",
            "-bf",
            "0",
            "-c:a",
            "aac",
        ],
    )
}

const LOSSLESS: [&str; 4] = ["--codec", "libx264", "--crf", "0"];

#[test]
fn times_are_exact_to_the_tick() {
    let folder = Folder::new();
    for ending in ["mp4", "mkv", "mov"] {
        let source = clip_25(ending);
        let before = frames(&source, "yuv420p");
        for (rate, num, den, count) in [
            ("50", 50, 1, 100),
            ("23.976", 24000, 1001, 48),
            ("25", 25, 1, 50),
            ("10", 10, 1, 20),
        ] {
            let output = format!("{}.{ending}", rate.replace('.', "-"));
            let arguments = [
                text(&source),
                "-s",
                "none",
                "-o",
                &output,
                "--fps",
                rate,
                "--verify",
                "--report",
                "report.json",
                "-y",
            ];
            let ran = folder.run(&[&arguments[..], &LOSSLESS].concat());
            ran.succeeds();
            assert!(!ran.stderr.contains("differs:"), "{}", ran.stderr);
            let made = folder.path(&output);
            let (unit, times) = ticks(&made);
            assert_eq!(times.len(), count, "{output}");
            let first = times[0].0;
            for (k, (pts, duration)) in times.iter().enumerate() {
                // In seconds times the unit, k · den / num; Matroska has milliseconds.
                let exact = (k as i64 * den * unit) as f64 / num as f64;
                let off = ((pts - first) as f64 - exact).abs();
                let tolerance = if ending == "mkv" { 1.0 } else { 0.0 };
                assert!(
                    off <= tolerance,
                    "{output}: frame {k} at {pts}, not {exact}"
                );
                let length = (den * unit) as f64 / num as f64;
                assert!(
                    (*duration as f64 - length).abs() <= tolerance,
                    "{output}: {duration}, not {length}"
                );
            }
            // The frame at each time is the newest one of the source.
            let shown: Vec<String> = (0..count)
                .map(|k| before[(k as i64 * 25 * den / num) as usize].clone())
                .collect();
            assert!(frames(&made, "yuv420p") == shown, "{output}");
            assert_eq!(sound(&made), sound(&source), "{output}");
            assert_eq!(
                entry(&made, "r_frame_rate"),
                format!("{num}/{den}"),
                "{output}"
            );
            let report = std::fs::read(folder.path("report.json")).unwrap();
            let report: Value = serde_json::from_slice(&report).unwrap();
            let fidelity = &report["outputs"][0]["fidelity"];
            assert_eq!(fidelity["times_equal"], true, "{fidelity}");
            assert_eq!(fidelity["duration_equal"], true, "{fidelity}");
            assert_eq!(report["frames_in"], 50);
            assert_eq!(report["frames_out"], count);
        }
    }
}

#[test]
fn verify_knows_the_rate_that_was_asked_for() {
    let folder = Folder::new();
    let source = clip_25("mp4");
    let render = [
        text(&source),
        "-s",
        "none",
        "-o",
        "out.mp4",
        "--fps",
        "30000/1001",
    ];
    folder.run(&render).succeeds();
    let verify = ["verify", text(&source), "out.mp4"];
    let with = |rate: &str| folder.run(&[&verify[..], &["--fps", rate]].concat());
    assert_eq!(
        with("30000/1001").code,
        Some(0),
        "{}",
        with("30000/1001").stdout
    );
    assert_eq!(with("30").code, Some(1));
    // Without it the sound is not blamed.
    let ran = folder.run(&verify);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("give --fps"), "{}", ran.stdout);
    let sound = |line: &&str| line.contains("audio") && line.contains("DIFFERS");
    assert_eq!(ran.stdout.lines().find(sound), None);
}

#[test]
fn a_variable_rate_becomes_constant() {
    let folder = Folder::new();
    let clip = source("vfr.mkv");
    let mut given: Vec<f64> = times(&clip)
        .iter()
        .map(|time| time.parse().unwrap())
        .collect();
    // Two frames have the same time; the second is shown a frame later.
    for index in 1..given.len() {
        if given[index] <= given[index - 1] {
            given[index] = given[index - 1] + 0.2;
        }
    }
    let hashes = frames(&clip, "yuv420p");
    let arguments = [
        text(&clip),
        "-s",
        "none",
        "-o",
        "out.mkv",
        "--fps",
        "30",
        "--codec",
        "ffv1",
    ];
    folder.run(&arguments).succeeds();
    let made = folder.path("out.mkv");
    let found: Vec<f64> = times(&made)
        .iter()
        .map(|time| time.parse().unwrap())
        .collect();
    for (k, (at, hash)) in found.iter().zip(frames(&made, "yuv420p")).enumerate() {
        assert!(
            (at - found[0] - k as f64 / 30.0).abs() < 0.0011,
            "frame {k} at {at}"
        );
        let exact = given[0] + k as f64 / 30.0;
        // Times of the source are rounded to milliseconds.
        let shown = given
            .iter()
            .rposition(|time| *time <= exact + 0.00101)
            .unwrap();
        assert_eq!(hash, hashes[shown], "frame {k}");
    }
    let end = given.last().unwrap() + 0.2 - given[0];
    assert!(
        (found.len() as f64 - end * 30.0).abs() < 10.0,
        "{} frames for {end} s",
        found.len()
    );
}

/// 30.2 seconds at 5 frames a second, with a key frame each 5 s: the last key frame is the last frame.
fn one_more() -> PathBuf {
    made(
        "one-more.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x64:rate=5:duration=30.2",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-g",
            "25",
            "-bf",
            "0",
        ],
    )
}

#[test]
fn chunks_and_workers_give_the_same_frames_at_another_rate() {
    let folder = Folder::new();
    for (clip, rate, mode, style) in [
        (slow_clip(), "12", "hold", "none"),
        (slow_clip(), "2997/1000", "hold", "pencil"),
        (slow_clip(), "7", "blend", "despeckle"),
        (source("vfr.mkv"), "30000/1001", "blend", "none"),
        (source("open.mkv"), "4", "hold", "despeckle"),
        (slow_clip(), "6", "hold", "levels"),
        // The last chunk has one frame, of which no output is made.
        (one_more(), "2", "blend", "despeckle"),
    ] {
        let name = format!("{} at {rate}, {mode}, {style}", clip.display());
        let more = [
            "-s",
            style,
            "--temporal",
            "off",
            "--codec",
            "ffv1",
            "-y",
            "--fps",
            rate,
            "--fps-mode",
            mode,
        ];
        folder.run(&in_one(&clip, "whole.nut", &more)).succeeds();
        let whole = folder.path("whole.nut");
        for (workers, output) in [("1", "one.nut"), ("3", "many.nut")] {
            let more = [
                &more[..],
                &["--workers", workers, "--report", "report.json"],
            ]
            .concat();
            folder.run(&in_chunks(&clip, output, &more)).succeeds();
            let made = folder.path(output);
            assert_eq!(ticks(&made), ticks(&whole), "{name}");
            assert_eq!(
                frames(&made, "yuv420p"),
                frames(&whole, "yuv420p"),
                "{name}"
            );
            let report = std::fs::read(folder.path("report.json")).unwrap();
            let report: Value = serde_json::from_slice(&report).unwrap();
            let used = report["chunks"]["workers"].as_u64();
            assert!((used > Some(1)) == (workers == "3"), "{name}: {used:?}");
            let fidelity = &report["outputs"][0]["fidelity"];
            assert_eq!(fidelity["times_equal"], true, "{name}: {fidelity}");
        }
    }
}

#[test]
fn a_kill_costs_nothing_at_another_rate() {
    let folder = Folder::new();
    let clip = slow_clip();
    // Carried over frames, with look-ahead, at another rate.
    let more = [
        "-s",
        "despeckle+pencil",
        "--codec",
        "ffv1",
        "--fps",
        "12",
        "--fps-mode",
        "blend",
    ];
    folder.run(&in_one(&clip, "whole.nut", &more)).succeeds();
    let again = in_chunks(&clip, "killed.nut", &more);
    let job = folder.path(".killed.nut.aquatint");
    ended(&folder, &again, &job, 1, "-KILL");
    folder.run(&again).succeeds();
    let [whole, killed] = ["whole.nut", "killed.nut"].map(|name| folder.path(name));
    assert_eq!(ticks(&killed), ticks(&whole));
    assert_eq!(frames(&killed, "yuv420p"), frames(&whole, "yuv420p"));
}

#[test]
fn a_part_has_the_frames_that_the_whole_has_there() {
    let folder = Folder::new();
    let source = clip_25("mp4");
    let render = |output: &str, part: &[&str]| {
        let arguments = [text(&source), "-s", "none", "-o", output, "--fps", "30"];
        folder
            .run(&[&arguments[..], &LOSSLESS, part].concat())
            .succeeds();
        frames(&folder.path(output), "yuv420p")
    };
    let whole = render("whole.mp4", &[]);
    let part = render("part.mp4", &["--start", "0.4", "--duration", "0.8"]);
    assert_eq!(part, whole[12..36]);
    // The first frame of a part is shown at once, wherever the whole has its frames; and a part of less than a frame has
    // one.
    for (rate, start, count) in [("10", "0.45", 5), ("1", "1.1", 1)] {
        let output = format!("{rate}.mp4");
        let part = [
            "--start",
            start,
            "--duration",
            "0.5",
            "--fps",
            rate,
            "-s",
            "none",
            "-o",
            &output,
        ];
        let plain = [
            "--start",
            start,
            "--duration",
            "0.5",
            "-s",
            "none",
            "-o",
            "plain.mp4",
            "-y",
        ];
        folder
            .run(&[&[text(&source)], &part[..], &LOSSLESS].concat())
            .succeeds();
        folder
            .run(&[&[text(&source)], &plain[..], &LOSSLESS].concat())
            .succeeds();
        let (made, plain) = (folder.path(&output), folder.path("plain.mp4"));
        assert_eq!(times(&made).len(), count, "{rate}");
        assert_eq!(times(&made)[0], times(&plain)[0], "{rate}");
        assert_eq!(
            frames(&made, "yuv420p")[0],
            frames(&plain, "yuv420p")[0],
            "{rate}"
        );
    }
}

#[test]
fn blending_mixes_neighbours() {
    let folder = Folder::new();
    let source = made(
        "ramp.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=black:size=64x48:rate=10:duration=1,geq=lum='40+3*N':cb=128:cr=128",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "ffv1",
        ],
    );
    let arguments = [
        text(&source),
        "-s",
        "none",
        "-o",
        "out.mkv",
        "--fps",
        "30",
        "--fps-mode",
        "blend",
        "--codec",
        "ffv1",
    ];
    folder.run(&arguments).succeeds();
    let raw = folder.path("raw");
    tool(
        "ffmpeg",
        &[
            "-i",
            text(&folder.path("out.mkv")),
            "-vf",
            "extractplanes=y",
            "-f",
            "rawvideo",
            text(&raw),
        ],
    );
    let bytes = std::fs::read(raw).unwrap();
    let levels: Vec<u8> = bytes.chunks(64 * 48).map(|frame| frame[1000]).collect();
    let mut expected: Vec<u8> = (0..28).map(|k| 40 + k).collect();
    // After the last frame there is none to mix with.
    expected.extend([expected[27]; 2]);
    let off = levels
        .iter()
        .zip(&expected)
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert_eq!(levels.len(), expected.len());
    assert!(off <= Some(1), "{levels:?}, not {expected:?}");
}

#[test]
fn a_sequence_is_read_at_one_rate_and_written_at_another() {
    let folder = Folder::new();
    tool(
        "ffmpeg",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=32x32:rate=10:duration=0.5",
            text(&folder.path("p_%02d.png")),
        ],
    );
    let given: Vec<String> = (1..=5)
        .flat_map(|n| frames(&folder.path(&format!("p_0{n}.png")), "rgb24"))
        .collect();
    let rates = ["--input-fps", "10", "--fps", "20"];
    folder
        .run(
            &[
                &["p_%02d.png", "-s", "none", "-o", "out_%02d.png"][..],
                &rates,
            ]
            .concat(),
        )
        .succeeds();
    let made: Vec<String> = (1..=10)
        .flat_map(|n| frames(&folder.path(&format!("out_{n:02}.png")), "rgb24"))
        .collect();
    let twice: Vec<String> = given
        .iter()
        .flat_map(|hash| [hash.clone(), hash.clone()])
        .collect();
    assert_eq!(made, twice);
    // Numbers have no gaps where there are fewer pictures.
    let half = [
        "p_%02d.png",
        "-s",
        "none",
        "-o",
        "half_%02d.png",
        "--input-fps",
        "10",
        "--fps",
        "5",
    ];
    folder.run(&half).succeeds();
    let made: Vec<String> = (1..=3)
        .flat_map(|n| frames(&folder.path(&format!("half_{n:02}.png")), "rgb24"))
        .collect();
    assert_eq!(made, [0, 2, 4].map(|index: usize| given[index].clone()));
    assert!(!folder.path("half_04.png").exists());
    // Alone, --fps says what the pictures are, and they are drawn as without it.
    folder
        .run(&["p_%02d.png", "--fps", "10", "-o", "drawn.mkv"])
        .says(0, &["drawn.mkv"]);
    assert_ne!(frames(&folder.path("drawn.mkv"), "rgb24"), given);
    let faint = [
        "--set",
        "pencil.strength=0.5",
        "--fps",
        "10",
        "-o",
        "faint.mkv",
    ];
    folder
        .run(&[&["p_%02d.png"], &faint[..]].concat())
        .succeeds();
    assert_ne!(
        frames(&folder.path("faint.mkv"), "yuv420p"),
        frames(&folder.path("drawn.mkv"), "yuv420p")
    );
    folder
        .run(&[
            "p_%02d.png",
            "-s",
            "none",
            "-o",
            "film.mkv",
            "--codec",
            "ffv1",
            "--fps",
            "10",
        ])
        .succeeds();
    assert_eq!(frames(&folder.path("film.mkv"), "rgb24"), given);
    let verify = ["verify", "p_%02d.png", "film.mkv", "--fps", "10"];
    assert_eq!(
        folder.run(&verify).code,
        Some(0),
        "{}",
        folder.run(&verify).stdout
    );
}

fn made_photo() -> PathBuf {
    made(
        "photo.png",
        &["-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1"],
    )
}

const FIELDS: &str = "fn pixel(at: vec2i) -> vec4f {
    let second = i32(round(2.0 * package::engine::facts.phase));
    return image_field(second, vec2i(at.x, at.y / 2));
}";

#[test]
fn a_style_makes_a_frame_of_each_field() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let source = made(
        "fields.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=50:duration=0.4,format=gray,tinterlace=interleave_bottom,setfield=bff",
            "-c:v",
            "ffv1",
            "-field_order",
            "bb",
        ],
    );
    std::fs::create_dir_all(folder.path("mine/fields")).unwrap();
    folder.write(
        "mine/fields/style.toml",
        b"summary = \"A frame of each field\"\n[[pass]]\nkernel = \"fields\"\nin = { image = \"source\" }\nrate = 2\nout = \"result\"\n",
    );
    folder.write("mine/fields/fields.wgsl", FIELDS.as_bytes());
    let arguments = [
        "render",
        text(&source),
        "-s",
        "fields",
        "--style-path",
        "mine",
        "-o",
        "out.mkv",
        "--codec",
        "ffv1",
        "--device",
        "llvmpipe",
        "--temporal",
        "off",
        "--verify",
    ];
    let ran = folder.run(&arguments);
    ran.succeeds();
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    let made = folder.path("out.mkv");
    assert_eq!(entry(&made, "r_frame_rate"), "50/1");
    assert!(
        entry(&made, "field_order") == "progressive",
        "{}",
        entry(&made, "field_order")
    );
    assert!(
        !folder
            .run(&["verify", text(&source), "out.mkv"])
            .stdout
            .is_empty()
    );
    // A frame of the source is found again, and a picture cannot become two.
    let inspected = [
        "inspect",
        text(&source),
        "-s",
        "fields",
        "--style-path",
        "mine",
        "--frame",
        "5",
    ];
    folder
        .run(
            &[
                &inspected[..],
                &["--pass", "fields/result", "-o", "fifth.png"],
            ]
            .concat(),
        )
        .succeeds();
    let photo = made_photo();
    folder
        .run(&[
            text(&photo),
            "-s",
            "fields",
            "--style-path",
            "mine",
            "-o",
            "photo.png",
        ])
        .says(2, &["needs a video"]);
    // FFmpeg's own fields, each line twice.
    let expected = folder.path("expected.mkv");
    tool(
        "ffmpeg",
        &[
            "-i",
            text(&source),
            "-vf",
            "separatefields,scale=64:48:flags=neighbor,format=gray",
            "-c:v",
            "ffv1",
            text(&expected),
        ],
    );
    assert_eq!(frames(&made, "gray"), frames(&expected, "gray"));
}

#[test]
fn what_cannot_have_a_rate_is_refused_and_nothing_is_left() {
    let folder = Folder::new();
    let photo = made_photo();
    let interlaced = made(
        "interlaced-rate.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=25:duration=0.4",
            "-vf",
            "setfield=tff",
            "-flags",
            "+ilme+ildct",
            "-c:v",
            "mpeg2video",
        ],
    );
    let clip = clip_25("mp4");
    for (input, more, words) in [
        (
            &photo,
            &["--fps", "50"][..],
            &["is a picture: it has no frame rate", "leave --fps out"][..],
        ),
        (
            &interlaced,
            &["--fps", "50"],
            &["order of the fields", "--interlaced-anyway"],
        ),
        (&clip, &["-s", "rate"], &["no rate is given", "--fps 50"]),
        (
            &clip,
            &["-s", "rate", "--set", "rate.strength=0", "--fps", "50"],
            &["does not give the rate", "strength"],
        ),
        (
            &clip,
            &["--fps-mode", "blend"],
            &["no rate is given", "--fps 50"],
        ),
        (&clip, &["--fps", "fast"], &["0.001 to 1000"]),
        (&clip, &["--fps", "1e9"], &["0.001 to 1000"]),
        (
            &clip,
            &["--fps", "999983/31337"],
            &["cannot be stated exactly"],
        ),
    ] {
        let ran = folder.run(&[&[text(input), "-o", "out.mkv"][..], more].concat());
        ran.says(2, words);
        assert!(folder.names().is_empty(), "{more:?}");
    }
    let anyway = [
        text(&interlaced),
        "-o",
        "out.mkv",
        "--fps",
        "50",
        "--interlaced-anyway",
    ];
    folder.run(&anyway).succeeds();
    // The style named by hand does the same as the flag.
    folder
        .run(&[text(&clip), "-s", "rate", "--fps", "50", "-o", "style.mkv"])
        .succeeds();
    assert_eq!(ticks(&folder.path("style.mkv")).1.len(), 100);
}
