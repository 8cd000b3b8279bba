//! What goes where: data to stdout, everything else to stderr, as lines of JSON when asked for.

use serde_json::Value;

use crate::support::*;

#[test]
fn every_line_of_stderr_is_json_when_asked_for() {
    let folder = Folder::new();
    let clip = clip();
    let clip = text(&clip);
    let ran = folder.run(&[clip, "-o", "out.mp4", "--progress", "json", "-vv"]);
    ran.succeeds();
    assert!(ran.stdout.is_empty());
    let events = ran.events();
    let named = |name: &str| -> Vec<&Value> {
        events
            .iter()
            .filter(|event| event["event"] == name)
            .collect()
    };
    assert_eq!(named("start").len(), 1);
    assert_eq!(named("start")[0]["outputs"][0], "out.mp4");
    assert_eq!(named("compile").len(), 1);
    assert_eq!(named("done").len(), 1);
    assert_eq!(named("done")[0]["frames"], 25);
    assert!(!named("log").is_empty());
    let progress = named("progress");
    assert!(!progress.is_empty());
    for event in &progress {
        assert!(
            event["frame"].is_u64() && event["fps"].is_number() && event["output"] == "out.mp4",
            "{event}"
        );
        assert!(
            event["frames"] == 25 && (event["eta_s"].is_number() || event["eta_s"].is_null()),
            "{event}"
        );
    }
    assert_eq!(progress.last().unwrap()["frame"], 25);
    for (arguments, code) in [
        (&["missing.mp4", "--progress", "json"][..], 66),
        (&[clip, "-o", "out.mp4", "--progress=json"], 2),
        (&[clip, "--progress=json", "--crf", "garbage"], 2),
        (&[clip, "--progress", "json", "--nonsense"], 2),
        (&["--progress", "json", "probe", "missing.mp4"], 66),
    ] {
        let ran = folder.run(arguments);
        let events = ran.says(code, &[]).events();
        let error = events.last().unwrap();
        assert_eq!(
            (&error["event"], &error["exit"]),
            (&"error".into(), &code.into())
        );
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty())
        );
    }
    // A device whose drivers write to stderr.
    folder.run(&["devices", "--progress", "json"]).events();
}

#[test]
fn damage_is_a_warning_and_with_strict_an_error() {
    let folder = Folder::new();
    let mkv = made("clip.mkv", &["-i", text(&clip()), "-c", "copy"]);
    folder.write("cut.mkv", &beginning(&mkv, 0.3));
    let ran = folder.run(&["cut.mkv", "-o", "out.mkv", "--report", "report.json"]);
    ran.says(0, &["warning: ", "truncated"]);
    let decoded = frames(&folder.path("cut.mkv"), "yuv420p").len();
    assert!((3..13).contains(&decoded), "{decoded}");
    assert_eq!(times(&folder.path("out.mkv")).len(), decoded);
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap();
    assert!(
        report["warnings"][0]
            .as_str()
            .unwrap()
            .contains("truncated"),
        "{}",
        report["warnings"]
    );
    assert!(report["damage"]["truncated"].is_string());
    folder
        .run(&["cut.mkv", "-o", "strict.mkv", "--strict"])
        .says(65, &["is damaged", "--strict"]);
    // A file that is cut short.
    let mut bytes = std::fs::read(clip()).unwrap();
    let middle = bytes.len() * 7 / 10;
    bytes.truncate(middle);
    folder.write("cut.mp4", &bytes);
    folder
        .run(&["cut.mp4", "-o", "out.mp4"])
        .says(0, &["warning: the file is truncated"]);
    assert_eq!(
        folder.names(),
        ["cut.mkv", "cut.mp4", "out.mkv", "out.mp4", "report.json"]
    );
}

#[test]
fn quiet_says_nothing_and_colour_is_asked_for() {
    let folder = Folder::new();
    let clip = clip();
    let ran = folder.run(&[text(&clip), "-o", "out.mp4", "-q"]);
    assert_eq!(
        (ran.succeeds().stderr.as_str(), ran.stdout.as_str()),
        ("", "")
    );
    let ran = folder.run(&[text(&clip), "-o", "out.mp4"]);
    assert!(
        !ran.stderr.contains('\x1b') && ran.stderr.starts_with("error: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_report_says_what_was_done() {
    let folder = Folder::new();
    let clip = clip();
    folder
        .run(&[
            text(&clip),
            "-s",
            "pencil,none",
            "-o",
            "out",
            "--set",
            "pencil.blur_sigma=30",
            "--seed",
            "7",
            "--device",
            "cpu",
            "--report",
            "report.json",
        ])
        .succeeds();
    assert_eq!(
        names(&folder.path("out")),
        ["clip.none.mp4", "clip.pencil.mp4"]
    );
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap();
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["device"]["executor"], "cpu");
    assert!(
        report["device"]["name"]
            .as_str()
            .is_some_and(|name| !name.is_empty())
    );
    for (key, value) in [
        ("frames_in", 25),
        ("frames_out", 25),
        ("damaged_frames", 0),
        ("seed", 7),
    ] {
        assert_eq!(report[key], value, "{key}");
    }
    assert_eq!(
        report["settings"]["looks"][0]["chain"][0]["values"]["blur_sigma"],
        30.0
    );
    assert_eq!(report["input"]["streams"][0]["codec"], "h264");
    assert_eq!(report["outputs"].as_array().unwrap().len(), 2);
    for output in report["outputs"].as_array().unwrap() {
        let fidelity = &output["fidelity"];
        for key in ["frames_equal", "times_equal", "duration_equal"] {
            assert_eq!(fidelity[key], true, "{key} of {output}");
        }
        assert_eq!(output["written"]["frames"], 25);
    }
    assert!(report["seconds"]["decode"].as_f64().unwrap() > 0.0);
    assert!(report["seconds"]["encode"].as_f64().unwrap() > 0.0);
    assert!(!report["seconds"]["steps"].as_array().unwrap().is_empty());
    // The clip has no tag for its colour matrix.
    assert!(!report["assumptions"].as_array().unwrap().is_empty());
    // For several inputs the report is a list.
    std::fs::copy(&clip, folder.path("b.mp4")).unwrap();
    std::fs::copy(&clip, folder.path("a.mp4")).unwrap();
    folder
        .run(&[
            "a.mp4",
            "-i",
            "b.mp4",
            "-s",
            "none",
            "--report",
            "both.json",
        ])
        .succeeds();
    let both: Value =
        serde_json::from_slice(&std::fs::read(folder.path("both.json")).unwrap()).unwrap();
    assert_eq!(both.as_array().unwrap().len(), 2);
}

#[test]
fn losses_are_announced() {
    let folder = Folder::new();
    let deep = made(
        "deep.mkv",
        &[
            "-i",
            text(&clip()),
            "-an",
            "-c:v",
            "ffv1",
            "-pix_fmt",
            "yuv422p10le",
        ],
    );
    folder
        .run(&[
            text(&deep),
            "-o",
            "out.mp4",
            "--pix-fmt",
            "yuv420p",
            "--report",
            "report.json",
        ])
        .says(
            0,
            &[
                "warning: depth: 10 bits per sample become 8",
                "warning: chroma: ",
            ],
        );
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap();
    assert_eq!(report["degradations"].as_array().unwrap().len(), 2);
}

#[test]
fn what_a_style_cannot_show_is_said() {
    let folder = Folder::new();
    folder
        .run(&[
            text(&clip()),
            "-s",
            "comic",
            "-o",
            "out.mkv",
            "--report",
            "report.json",
        ])
        .says(0, &["warning: comic: dots ", "fade into even tone"]);
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap();
    let said = report["degradations"][0].as_str().unwrap();
    assert!(said.starts_with("comic: dots "), "{said}");
}

#[test]
fn colours_are_taught() {
    let folder = Folder::new();
    folder
        .run(&[text(&clip()), "-s", "comic", "--set", "comic.paper=white"])
        .says(2, &["comic.paper cannot be \"white\"", "#rrggbb"]);
    let listed = folder.run(&["styles", "comic"]);
    assert!(
        listed.stdout.contains("--set comic.paper=#fdf8ee"),
        "{}",
        listed.stdout
    );
}

#[test]
fn a_finished_render_says_where_each_output_is() {
    let folder = Folder::new();
    let clip = clip();
    let two = [text(&clip), "-s", "none,identity", "-o", "."];
    let ran = folder.run(&two);
    ran.succeeds();
    let last: Vec<&str> = ran.stderr.lines().rev().take(2).collect();
    for (line, name) in last.iter().rev().zip(["none", "identity"]) {
        let start = format!("./clip.{name}.mp4: 25 frames in ");
        assert!(line.starts_with(&start), "{line}");
    }
}
