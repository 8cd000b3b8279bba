//! A style that measures all frames before it renders them: scenes, chunks, stops, single frames, and inputs that cannot be
//! read twice.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use serde_json::Value;

use crate::long::*;
use crate::support::*;

/// 48 seconds at 5 frames a second: three scenes of other tones, the second from 16 s on and the third from 33 s on.
fn scenes() -> PathBuf {
    made(
        "tones.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x96:rate=5:duration=16",
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=size=160x96:rate=5",
            "-f",
            "lavfi",
            "-i",
            "smptebars=size=160x96:rate=5:duration=15",
            "-filter_complex",
            "[0:v]format=yuv420p,lutyuv=y=val*0.4+60[a];[1:v]trim=duration=17,format=yuv420p,lutyuv=y=val*0.5+20,setsar=1[b];[2:v]format=yuv420p,lutyuv=y=val*0.6+30,setsar=1[c];[a][b][c]concat=n=3",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-g",
            "20",
            "-sc_threshold",
            "0",
        ],
    )
}

const LEVELS: [&str; 5] = ["-s", "levels", "--codec", "ffv1", "-y"];

fn of(folder: &Folder, name: &str) -> Vec<String> {
    frames(&folder.path(name), "yuv420p")
}

/// The keys of the track of `param` in the report, as they are written in one line.
#[track_caller]
fn track(folder: &Folder, param: &str) -> (Vec<f64>, String) {
    let report = std::fs::read(folder.path("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let tracks = report["tracks"].as_array().unwrap();
    let track = tracks.iter().find(|track| track["param"] == param);
    let track = track.unwrap_or_else(|| panic!("{tracks:?}"));
    assert_eq!(track["interpolation"], "hold");
    let keys = track["keys"].as_array().unwrap();
    let times = keys.iter().map(|key| key[0].as_f64().unwrap());
    let text = keys.iter().map(|key| format!("{}:{}", key[0], key[1]));
    (times.collect(), text.collect::<Vec<_>>().join(","))
}

#[test]
fn each_scene_has_its_levels_and_keeps_them() {
    let folder = Folder::new();
    let dry = folder.run(&[text(&scenes()), "-s", "levels", "--dry-run"]);
    let said = &dry.succeeds().stdout;
    assert!(
        said.contains("all frames are measured for levels"),
        "{said}"
    );
    let clip = scenes();
    let reported = [&LEVELS[..], &["--report", "report.json"]].concat();
    folder.run(&in_one(&clip, "out.mkv", &reported)).succeeds();
    let (times, black) = track(&folder, "levels.black");
    let (_, white) = track(&folder, "levels.white");
    assert_eq!(times, [0.0, 16.0, 33.0]);
    // The same as these values by hand: nothing else changes, and not within a scene.
    let set = [
        format!("levels.black=hold,{black}"),
        format!("levels.white=hold,{white}"),
    ];
    let by_hand = [&LEVELS[..], &["--set", &set[0], "--set", &set[1]]].concat();
    let ran = folder.run(&in_one(&clip, "by_hand.mkv", &by_hand));
    ran.says(0, &["levels.black is set, so it is not measured"]);
    let made = of(&folder, "out.mkv");
    assert!(made == of(&folder, "by_hand.mkv"));
    // It does something, and nothing at the amount 0.
    let none = [&LEVELS[..], &["--set", "levels.amount=0"]].concat();
    folder.run(&in_one(&clip, "none.mkv", &none)).succeeds();
    let source = frames(&clip, "yuv420p");
    assert!(of(&folder, "none.mkv") == source);
    assert!(
        made.iter()
            .zip(&source)
            .all(|(made, source)| made != source)
    );
    // Behind another style it measures what that style makes.
    let behind = ["-s", "despeckle+levels", "--codec", "ffv1", "-y"];
    let behind = [&behind[..], &["--report", "report.json"]].concat();
    folder.run(&in_one(&clip, "behind.mkv", &behind)).succeeds();
    assert_eq!(track(&folder, "levels.white").0, times);
}

#[test]
fn chunks_workers_and_stops_do_not_matter() {
    let folder = Folder::new();
    let clip = scenes();
    let still = [&LEVELS[..], &["--temporal", "off"]].concat();
    folder.run(&in_one(&clip, "whole.mkv", &still)).succeeds();
    let whole = of(&folder, "whole.mkv");
    for (workers, output) in [("1", "one.mkv"), ("3", "many.mkv")] {
        let more = [&still[..], &["--workers", workers]].concat();
        folder.run(&in_chunks(&clip, output, &more)).succeeds();
        assert!(of(&folder, output) == whole, "{workers} workers");
    }
    let arguments = in_chunks(&clip, "stopped.mkv", &still);
    let job = folder.path(".stopped.mkv.aquatint");
    ended(&folder, &arguments, &job, 2, "-KILL");
    // It goes on with what was measured, which is not measured again.
    let told = [&arguments[..], &["--progress", "json"]].concat();
    let ran = folder.run(&told);
    let events = ran.succeeds().events();
    let of_kind = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((of_kind("resume"), of_kind("analyse")), (1, 0));
    assert!(of(&folder, "stopped.mkv") == whole);
}

#[test]
fn a_gpu_gives_the_same_frames_in_chunks() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let clip = scenes();
    let on = |chunk: &'static str, output: &'static str| {
        let more = ["--device", "llvmpipe", "--chunk", chunk, "-o", output];
        let arguments = [&[text(&clip)][..], &LEVELS, &more].concat();
        folder.run(&arguments).succeeds();
        of(&folder, output)
    };
    assert!(on("none", "whole.mkv") == on("10", "chunks.mkv"));
}

#[test]
fn one_frame_is_as_in_the_whole_render() {
    let folder = Folder::new();
    let clip = scenes();
    let style = ["-s", "levels", "--device", "cpu"];
    let all = [&[text(&clip), "-o", "all_%03d.png"][..], &style].concat();
    folder.run(&all).succeeds();
    let frame = |name: &str| frames(&folder.path(name), "rgb24");
    for (exact, number) in [("--exact", 10), ("--frame", 100)] {
        let (time, index) = ((number / 5).to_string(), number.to_string());
        let moment = match exact {
            "--exact" => ["--start", &time, "--exact"],
            _ => ["--frame", &index, "-y"],
        };
        let look = ["preview", text(&clip), "-o", "look.png"];
        let look = [&look[..], &moment, &style].concat();
        folder.run(&look).succeeds();
        let whole = format!("all_{:03}.png", number + 1);
        assert_eq!(frame("look.png"), frame(&whole), "frame {number}");
        std::fs::remove_file(folder.path("look.png")).unwrap();
    }
    // What a pass makes of a frame of the second scene is the same with the values of that scene set by hand.
    let reported = [&LEVELS[..], &["--report", "report.json"]].concat();
    folder.run(&in_one(&clip, "out.mkv", &reported)).succeeds();
    let value = |param: &str| {
        let line = track(&folder, param).1;
        let second = line.split(',').nth(1).unwrap().to_owned();
        format!("{param}={}", second.split_once(':').unwrap().1)
    };
    let (black, white) = (value("levels.black"), value("levels.white"));
    let pass = |more: &[&str], out: &str| {
        let inspect = ["inspect", text(&clip), "--pass", "levels/result"];
        let inspect = [&inspect[..], &["--frame", "100", "-o", out], &style, more].concat();
        folder.run(&inspect).succeeds();
        frames(&folder.path(out), "rgb48le")
    };
    let by_hand = pass(&["--set", &black, "--set", &white], "by_hand.png");
    assert_eq!(pass(&[], "measured.png"), by_hand);
}

#[test]
fn what_is_measured_is_reported_and_a_scene_of_one_tone_keeps_it() {
    let folder = Folder::new();
    let bright = "color=0xc8a090:size=64x48:rate=10:duration=0.5";
    let bright = made(
        "bright.mkv",
        &[
            "-f", "lavfi", "-i", bright, "-pix_fmt", "yuv420p", "-c:v", "ffv1",
        ],
    );
    folder
        .run(&[&[text(&bright), "-o", "bright.mkv"][..], &LEVELS].concat())
        .succeeds();
    assert!(psnr(&folder.path("bright.mkv"), &bright) > 45.0);
    let flat = made(
        "flat.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=0x404040:size=64x48:rate=10:duration=0.5",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "ffv1",
        ],
    );
    let arguments = [
        &[text(&flat), "-o", "out.mkv", "--report", "report.json"][..],
        &LEVELS,
    ]
    .concat();
    folder.run(&arguments).succeeds();
    assert!(psnr(&folder.path("out.mkv"), &flat) > 45.0);
    let report = std::fs::read(folder.path("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let measures = report["outputs"][0]["measures"].as_array().unwrap();
    assert_eq!(measures[0]["name"], "levels/histogram", "{measures:?}");
    assert_eq!(measures[0]["frames"], 5);
}

#[test]
fn a_photo_is_measured_too() {
    let folder = Folder::new();
    let photo = made(
        "dull.png",
        &[
            "-i",
            text(&clip()),
            "-vf",
            "format=rgb24,lutrgb=r=val*0.5+50:g=val*0.5+50:b=val*0.5+50",
            "-frames:v",
            "1",
        ],
    );
    let arguments = [
        text(&photo),
        "-s",
        "levels",
        "-o",
        "out.png",
        "--report",
        "report.json",
    ];
    folder.run(&arguments).succeeds();
    assert_eq!(track(&folder, "levels.black").0, [0.0]);
    assert_ne!(
        frames(&folder.path("out.png"), "rgb24"),
        frames(&photo, "rgb24")
    );
}

/// What the second style of a chain measures is what the first one makes, with what was measured for it.
#[test]
fn styles_of_a_chain_measure_one_after_the_other() {
    let folder = Folder::new();
    let clip = scenes();
    let run = |style: &str, input: &str, output: &str| {
        let arguments = [
            input,
            "-o",
            output,
            "-s",
            style,
            "--codec",
            "ffv1",
            "-y",
            "--report",
            "report.json",
        ];
        folder.run(&arguments).succeeds();
        let report = std::fs::read(folder.path("report.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        let black = report["tracks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|track| track["param"] == "levels.black");
        let keys = |track: &Value| -> Vec<f64> {
            let keys = track["keys"].as_array().unwrap().iter();
            keys.map(|key| key[1].as_f64().unwrap()).collect()
        };
        black.map(keys).collect::<Vec<_>>()
    };
    let both = run("levels+levels", text(&clip), "both.mkv");
    let first = run("levels", text(&clip), "first.mkv");
    let second = run("levels", "first.mkv", "second.mkv");
    assert_eq!(both.len(), 2);
    assert_eq!(both[0], first[0]);
    // The first output was rounded to eight bits in between.
    assert_eq!(both[1].len(), second[0].len());
    for (both, second) in both[1].iter().zip(&second[0]) {
        assert!((both - second).abs() < 0.01, "{both} {second}");
    }
    assert_ne!(both[0], both[1]);
    // Chunks have the same.
    let one = of(&folder, "both.mkv");
    let chunked = [
        text(&clip),
        "-o",
        "chunks.mkv",
        "-s",
        "levels+levels",
        "--codec",
        "ffv1",
        "--chunk",
        "20",
    ];
    folder.run(&chunked).succeeds();
    assert_eq!(of(&folder, "chunks.mkv"), one);
}

#[test]
fn what_cannot_be_measured_is_refused_and_a_stop_leaves_nothing() {
    let folder = Folder::new();
    let clip = clip();
    let pipe = folder.path("pipe.mkv");
    tool(
        "ffmpeg",
        &[
            "-i",
            text(&clip),
            "-c",
            "copy",
            text(&folder.path("copy.mkv")),
        ],
    );
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let (from, to) = (folder.path("copy.mkv"), pipe.clone());
    let writer = std::thread::spawn(move || {
        // It is not read to its end.
        let _ = std::fs::read(from).and_then(|bytes| std::fs::write(to, bytes));
    });
    folder
        .run(&["pipe.mkv", "-s", "levels", "-o", "out.mp4"])
        .says(2, &["can be read only once", "save it to a file"]);
    writer.join().unwrap();
    for name in ["pipe.mkv", "copy.mkv"] {
        std::fs::remove_file(folder.path(name)).unwrap();
    }
    let long = long_clip();
    let arguments = [
        text(&long),
        "-s",
        "levels",
        "-o",
        "out.mkv",
        "--progress",
        "json",
    ];
    let mut child = folder.start(&arguments);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (&first["event"], &first["frames"]),
        (&"analyse".into(), &750.into())
    );
    send_signal(&child, "-INT");
    for line in lines {
        line.unwrap();
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}
