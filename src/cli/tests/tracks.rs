//! Parameters that follow tracks: the same bytes whatever the chunks, times from the source's first frame, and mistakes
//! that leave nothing behind.

use serde_json::{Value, json};

use crate::long::*;
use crate::support::*;

/// A style that looks ahead, with dust in it that one threshold takes for a speck and another does not.
const MOVING: [&str; 8] = [
    "-s",
    "despeckle+cinematic",
    "--set",
    "despeckle.threshold=0:0.01,40s:0.6",
    "--set",
    "cinematic.vignette_strength=ease,5s:0.1,125f:0.2,40s:1",
    "--temporal",
    "off",
];

fn moving(more: &[&'static str]) -> Vec<&'static str> {
    [&MOVING[..], &["--codec", "ffv1", "-y"], more].concat()
}

fn of(folder: &Folder, name: &str) -> Vec<String> {
    frames(&folder.path(name), "yuv420p")
}

fn report(folder: &Folder) -> Value {
    serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap()
}

#[test]
fn chunks_workers_and_stops_do_not_matter() {
    let folder = Folder::new();
    let clip = slow_clip();
    let reported = moving(&["--report", "report.json"]);
    folder
        .run(&in_one(&clip, "whole.mkv", &reported))
        .succeeds();
    let whole = of(&folder, "whole.mkv");
    let tracks = &report(&folder)["tracks"];
    assert_eq!(
        tracks[1],
        json!({
            "param": "cinematic.vignette_strength", "interpolation": "ease",
            "keys": [[5.0, 0.1], [25.0, 0.2], [40.0, 1.0]],
        })
    );
    for (workers, output) in [("1", "one.mkv"), ("3", "many.mkv")] {
        let more = moving(&["--report", "report.json", "--workers", workers]);
        folder.run(&in_chunks(&clip, output, &more)).succeeds();
        let used = report(&folder)["chunks"]["workers"].as_u64();
        assert_eq!(used > Some(1), workers == "3", "{used:?}");
        assert!(of(&folder, output) == whole, "{workers} workers");
    }
    let arguments = in_chunks(&clip, "stopped.mkv", &moving(&["--workers", "1"]));
    let job = folder.path(".stopped.mkv.aquatint");
    ended(&folder, &arguments, &job, 2, "-KILL");
    folder.run(&arguments).says(0, &["going on: "]);
    assert!(of(&folder, "stopped.mkv") == whole);
    // It does change over time.
    let still = ["-s", "despeckle+cinematic", "--temporal", "off"];
    let still = [
        &still[..],
        &["--set", "despeckle.threshold=0.01", "--codec", "ffv1"],
        &["--set", "cinematic.vignette_strength=0.1"],
    ]
    .concat();
    folder.run(&in_one(&clip, "still.mkv", &still)).succeeds();
    let still = of(&folder, "still.mkv");
    assert_eq!(still[0], whole[0]);
    assert_ne!(still[240], whole[240]);
}

#[test]
fn a_gpu_gives_the_same_frames_in_chunks() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let clip = slow_clip();
    let on = |chunk: &'static str, output: &'static str| {
        let more = moving(&["--device", "llvmpipe", "--chunk", chunk, "-o", output]);
        let arguments = [&[text(&clip)][..], &more].concat();
        folder.run(&arguments).succeeds();
        of(&folder, output)
    };
    assert!(on("none", "whole.mkv") == on("10", "chunks.mkv"));
}

#[test]
fn times_count_from_the_first_frame_of_the_source() {
    let folder = Folder::new();
    for clip in [slow_clip(), source("vfr.mkv"), source("stream.ts")] {
        let track = "cinematic.vignette_strength=0:0.1,30s:1";
        let style = ["-s", "cinematic", "--temporal", "off", "--set", track];
        let style = [&style[..], &["--codec", "ffv1", "-y"]].concat();
        // Grain is of each frame's own time, too.
        folder.run(&in_one(&clip, "whole.mkv", &style)).succeeds();
        let part = [&style[..], &["--start", "20", "--duration", "2"]].concat();
        folder.run(&in_one(&clip, "part.mkv", &part)).succeeds();
        let (whole, part) = (of(&folder, "whole.mkv"), of(&folder, "part.mkv"));
        let at = whole.iter().position(|frame| *frame == part[0]);
        let at = at.unwrap_or_else(|| panic!("{} from 20 s", clip.display()));
        assert!(part.len() > 1 && whole[at..].starts_with(&part));
        assert_ne!(part[0], part[part.len() - 1]);
    }
}

#[test]
fn one_frame_is_as_in_the_whole_render() {
    let folder = Folder::new();
    let clip = clip();
    let track = "despeckle.threshold=0:0.001,1s:0.3";
    let style = ["-s", "despeckle", "--device", "cpu", "--set", track];
    let all = [&[text(&clip), "-o", "all_%03d.png"][..], &style].concat();
    folder.run(&all).succeeds();
    let frame = |name: &str| frames(&folder.path(name), "rgb24");
    for (exact, number) in [("--exact", 20), ("", 12)] {
        let time = (f64::from(number) / 25.0).to_string();
        let mut look = vec![
            "preview",
            text(&clip),
            "--start",
            &time,
            "-o",
            "look.png",
            "-y",
        ];
        look.extend(Some(exact).filter(|flag| !flag.is_empty()));
        look.extend(style);
        folder.run(&look).succeeds();
        let whole = format!("all_{:03}.png", number + 1);
        assert_eq!(frame("look.png"), frame(&whole), "{exact} {number}");
    }
    // What a pass made of frame 20: with the value at 0.8 s it is another than with that at the start.
    let pass = |track: &str, out: &str| {
        let inspect = [
            "inspect",
            text(&clip),
            "--pass",
            "despeckle/result",
            "--frame",
            "20",
        ];
        let inspect = [&inspect[..], &["-s", "despeckle", "--device", "cpu"]].concat();
        let set = format!("despeckle.threshold={track}");
        folder
            .run(&[&inspect[..], &["--set", &set, "-o", out]].concat())
            .succeeds();
        frames(&folder.path(out), "rgb48le")
    };
    let at_its_time = pass("hold,0:0.001,20f:0.3", "tracked.png");
    assert_eq!(at_its_time, pass("0.3", "plain.png"));
    assert_ne!(at_its_time, pass("0.001", "first.png"));
}

#[test]
fn a_photo_has_the_time_0() {
    let folder = Folder::new();
    let photo = made("photo.png", &["-i", text(&clip()), "-frames:v", "1"]);
    for (value, out) in [("0.9", "plain.png"), ("0:0.9,48f:0.1", "track.png")] {
        let set = format!("cinematic.vignette_strength={value}");
        let arguments = [text(&photo), "-s", "cinematic", "--set", &set, "-o", out];
        folder.run(&arguments).succeeds();
    }
    let [plain, track] = ["plain.png", "track.png"].map(|name| frames(&folder.path(name), "rgb24"));
    assert_eq!(plain, track);
}

#[test]
fn a_file_counts_by_its_content() {
    let folder = Folder::new();
    let clip = slow_clip();
    let write = |name: &str, last: f64| {
        let keys = json!({"interpolation": "hold", "keys": [["0s", 0.1], [100, last]]});
        folder.write(name, keys.to_string().replace("100", "\"100f\"").as_bytes());
    };
    write("curve.json", 0.9);
    // A preset names it, too.
    folder.write(
        "mine.toml",
        b"style = 'cinematic'\n[set.cinematic]\nvignette_strength = '@curve.json'\n",
    );
    let more = ["--preset", "mine.toml", "--codec", "ffv1"];
    let arguments = in_chunks(&clip, "out.mkv", &more);
    let job = folder.path(".out.mkv.aquatint");
    ended(&folder, &arguments, &job, 1, "-KILL");
    write("curve.json", 0.8);
    folder.run(&arguments).says(
        2,
        &[
            "vignette_strength.keys.1.1 is 0.8, it was 0.9",
            "--no-resume",
        ],
    );
    write("curve.json", 0.9);
    // From anywhere, and the same as the track in one line.
    let elsewhere = Folder::new();
    let ran = elsewhere.run(&["resume", text(&folder.path("out.mkv"))]);
    ran.says(0, &["going on: "]);
    let line = "cinematic.vignette_strength=hold,0:0.1,20s:0.9";
    let more = ["-s", "cinematic", "--codec", "ffv1", "--set", line];
    folder.run(&in_one(&clip, "line.mkv", &more)).succeeds();
    assert!(of(&folder, "out.mkv") == of(&folder, "line.mkv"));
}

#[test]
fn mistakes_leave_nothing_behind() {
    let folder = Folder::new();
    let clip = clip();
    folder.write("early.json", b"{\"keys\": [[0, 0.1], [1,");
    let before = folder.names();
    let cases: [(i32, &str, &[&str]); 7] = [
        (
            2,
            "cinematic.contrast=0:0,1:2",
            &["cannot be \"2\"", "from 0 to 1"],
        ),
        (2, "cinematic.contrast=1:30", &["1 min 30 s is written 90"]),
        (
            2,
            "cinematic.contrast=2:0,1:1",
            &["the key 1s is not later"],
        ),
        (
            2,
            "cinematic.contrast=@early.json",
            &["early.json", "ends early"],
        ),
        (
            66,
            "cinematic.contrast=@none.json",
            &["cannot read the track none.json"],
        ),
        (
            2,
            "cinematic.bloom_radius=0:2,1:100",
            &[
                "bloom_radius cannot follow a track",
                "which of its passes run",
            ],
        ),
        (
            2,
            "cinematic.lut_path=0:a.cube,1:b.cube",
            &["a file cannot change"],
        ),
    ];
    for (code, set, words) in cases {
        let arguments = [
            text(&clip),
            "-s",
            "cinematic",
            "--set",
            set,
            "-o",
            "out.mp4",
        ];
        folder.run(&arguments).says(code, words);
        assert_eq!(folder.names(), before, "{set}");
    }
    assert_eq!(folder.names(), before);
}

#[test]
fn the_plan_says_what_follows_a_track() {
    let folder = Folder::new();
    let set = "cinematic.bloom_strength=0:0,2s:0.6,60f:0";
    let ran = folder.run(&["graph", "cinematic", "--set", set]);
    let said = &ran.succeeds().stdout;
    let line = said.lines().find(|line| line.starts_with("track: "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.contains("cinematic.bloom_strength (3 keys, linear)"),
        "{line}"
    );
    let ran = folder.run(&["graph", "cinematic"]);
    assert!(!ran.succeeds().stdout.contains("track"));
}
