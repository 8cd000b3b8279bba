//! `aquatint analyze` on clips with defects of known strength.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::*;

/// What `analyze --json` prints.
#[track_caller]
fn analysed(folder: &Folder, arguments: &[&str]) -> Value {
    let ran = folder.run(&[&["analyze", "--json"], arguments].concat());
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

/// The finding of `kind`.
#[track_caller]
fn finding<'a>(analysis: &'a Value, kind: &str) -> &'a Value {
    let findings = analysis["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["kind"] == kind);
    found.unwrap_or_else(|| panic!("no finding of {kind}"))
}

fn is_found(analysis: &Value, kind: &str) -> bool {
    finding(analysis, kind)["found"].as_bool().unwrap()
}

/// A scene that moves as a whole, with texture, through `filter`.
fn clip(name: &str, rate: &str, seconds: &str, filter: &str) -> PathBuf {
    let scene = format!(
        "mandelbrot=size=320x240:rate={rate}:start_scale=0.4:end_scale=0.05:end_pts=400,trim=duration={seconds},format=yuv420p{filter}"
    );
    made(name, &["-f", "lavfi", "-i", &scene, "-c:v", "ffv1"])
}

#[test]
fn every_kind_is_told_with_all_that_is_said_of_it() {
    let folder = Folder::new();
    let plain = clip("analyze_plain.mkv", "24", "3", "");
    let analysis = analysed(&folder, &[text(&plain)]);
    let findings = analysis["findings"].as_array().unwrap();
    assert!(findings.len() >= 35, "{}", findings.len());
    let mut kinds: Vec<&str> = findings
        .iter()
        .map(|f| f["kind"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), findings.len());
    for finding in findings {
        assert!(
            finding["found"].is_boolean() && finding["at"].is_array(),
            "{finding}"
        );
        assert!(
            finding["severity"].is_number() && finding["unit"].is_string(),
            "{finding}"
        );
        assert!(
            (0.0..=1.0).contains(&finding["confidence"].as_f64().unwrap()),
            "{finding}"
        );
        assert!(
            finding["words"]
                .as_str()
                .is_some_and(|words| words.len() > 5),
            "{finding}"
        );
        assert!(finding.get("mends").is_some(), "{finding}");
    }
    assert_eq!(finding(&analysis, "dust")["mends"], "dust");
    assert_eq!(finding(&analysis, "letterbox")["mends"], "crop");
    assert_eq!(finding(&analysis, "black")["mends"], Value::Null);
    assert_eq!(
        (&analysis["frames"], &analysis["sampled"]),
        (&72.into(), &false.into())
    );
    for kind in [
        "interlaced",
        "telecine",
        "letterbox",
        "pillarbox",
        "black",
        "frozen",
        "duplicates",
        "variable_rate",
        "damaged_file",
        "hdr",
    ] {
        assert!(!is_found(&analysis, kind), "{}", finding(&analysis, kind));
    }
    assert!(is_found(&analysis, "no_sound"));
}

#[test]
fn bars_are_found_to_the_line() {
    let folder = Folder::new();
    let boxed = clip("analyze_box.mkv", "24", "2", ",pad=360:290:18:22");
    let analysis = analysed(&folder, &[text(&boxed)]);
    for kind in ["letterbox", "pillarbox"] {
        let found = finding(&analysis, kind);
        assert_eq!(
            (&found["found"], found["box"].to_string()),
            (&true.into(), "[18,22,320,240]".to_owned()),
            "{found}"
        );
    }
    let share = finding(&analysis, "letterbox")["severity"]
        .as_f64()
        .unwrap();
    assert!((10.0..30.0).contains(&share), "{share}");
}

#[test]
fn fields_and_repeated_frames_are_found() {
    let folder = Folder::new();
    for (order, filter) in [
        ("top", ",interlace=lowpass=0:scan=tff"),
        ("bottom", ",interlace=lowpass=0:scan=bff"),
    ] {
        let name = format!("analyze_{order}.mkv");
        let fields = clip(&name, "50", "3", filter);
        let analysis = analysed(&folder, &[text(&fields)]);
        let found = finding(&analysis, "interlaced");
        assert_eq!(found["found"], true, "{found}");
        assert!(found["words"].as_str().unwrap().contains(order), "{found}");
        assert!(!is_found(&analysis, "telecine"));
    }
    let film = clip("analyze_film.mkv", "24", "4", ",telecine=pattern=23");
    assert!(is_found(&analysed(&folder, &[text(&film)]), "telecine"));
    let doubled = clip("analyze_double.mkv", "12", "4", ",fps=24");
    let analysis = analysed(&folder, &[text(&doubled)]);
    let found = finding(&analysis, "duplicates");
    assert!(
        (45.0..55.0).contains(&found["severity"].as_f64().unwrap()),
        "{found}"
    );
}

#[test]
fn what_stands_still_or_is_black_is_found_with_its_time() {
    let folder = Folder::new();
    let black = clip(
        "analyze_black.mkv",
        "24",
        "6",
        ",lutyuv=enable='between(t,2,4.5)':y=16:u=128:v=128",
    );
    let found = &analysed(&folder, &[text(&black)]);
    let found = finding(found, "black");
    assert!(
        (found["severity"].as_f64().unwrap() - 2.5).abs() < 0.1,
        "{found}"
    );
    assert!(
        (found["at"][0].as_f64().unwrap() - 2.0).abs() < 0.1,
        "{found}"
    );
    let frozen = clip(
        "analyze_frozen.mkv",
        "24",
        "3",
        ",loop=72:1:36,setpts=N/24/TB",
    );
    let found = &analysed(&folder, &[text(&frozen)]);
    let found = finding(found, "frozen");
    assert!(
        (found["severity"].as_f64().unwrap() - 3.0).abs() < 0.2,
        "{found}"
    );
    assert!(
        (found["at"][0].as_f64().unwrap() - 1.5).abs() < 0.2,
        "{found}"
    );
}

#[test]
fn sound_is_listened_to() {
    let folder = Folder::new();
    let with = |name: &str, sound: &str| {
        let picture = "testsrc2=size=96x64:rate=25:duration=6";
        let inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound];
        let file = made(
            name,
            &[
                &inputs[..],
                &["-c:v", "ffv1", "-c:a", "pcm_s16le", "-shortest"],
            ]
            .concat(),
        );
        analysed(&folder, &[text(&file)])
    };
    let sine = "sine=frequency=1000:sample_rate=48000:duration=6";
    // A sine of full scale has -3.01 LUFS (ITU-R BS.1770), and FFmpeg makes one of an eighth of that, which keeps its power in
    // two channels.
    let usual = with(
        "analyze_usual.mkv",
        &format!("{sine},volume=4dB,aformat=channel_layouts=stereo"),
    );
    let found = finding(&usual, "loudness");
    let truth = -18.06 - 3.01 + 4.0;
    let lufs = found["details"]["integrated_lufs"].as_f64().unwrap();
    assert!((lufs - truth).abs() < 0.3, "{lufs}");
    assert_eq!(found["found"], false);
    assert!(
        !is_found(&usual, "clipped_sound")
            && !is_found(&usual, "no_sound")
            && !is_found(&usual, "silence")
    );
    let loud = with("analyze_loud.mkv", &format!("{sine},volume=30dB"));
    assert!(is_found(&loud, "clipped_sound") && is_found(&loud, "loudness"));
    let gap = with(
        "analyze_gap.mkv",
        &format!("{sine},volume=enable='between(t,1,4)':volume=0"),
    );
    let found = finding(&gap, "silence");
    assert!(
        (found["severity"].as_f64().unwrap() - 3.0).abs() < 0.05,
        "{found}"
    );
    assert!(
        (found["at"][0].as_f64().unwrap() - 1.0).abs() < 0.05,
        "{found}"
    );
}

#[test]
fn parts_are_enough_where_they_are_asked_for() {
    let folder = Folder::new();
    let scene = "testsrc2=size=96x64:rate=50:duration=200,format=yuv420p,pad=96:80:0:8";
    let long = made(
        "analyze_long.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            scene,
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "50",
        ],
    );
    let analysis = analysed(&folder, &[text(&long), "--fast"]);
    assert_eq!(
        (&analysis["sampled"], &analysis["frames"]),
        (&true.into(), &(160 * 24).into())
    );
    assert_eq!(
        finding(&analysis, "letterbox")["box"].to_string(),
        "[0,8,96,64]"
    );
    // A gap between two parts is no frame of another length, and no cut.
    assert!(!is_found(&analysis, "variable_rate"));
    let short = clip("analyze_plain.mkv", "24", "3", "");
    assert_eq!(
        analysed(&folder, &[text(&short), "--fast"])["sampled"],
        false
    );
}

#[test]
fn words_and_a_page_are_for_people() {
    let folder = Folder::new();
    let boxed = clip("analyze_box.mkv", "24", "2", ",pad=360:290:18:22");
    let ran = folder.run(&[
        "analyze",
        text(&boxed),
        "--html",
        "page.html",
        "-o",
        "words.txt",
    ]);
    ran.succeeds();
    let words = std::fs::read_to_string(folder.path("words.txt")).unwrap();
    assert!(
        words.contains("letterbox") && words.contains("looked for, and not found"),
        "{words}"
    );
    let page = std::fs::read_to_string(folder.path("page.html")).unwrap();
    let parsed = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    roxmltree::Document::parse(parsed).unwrap();
    assert!(page.contains("Letterbox"));
    folder
        .run(&["analyze", text(&boxed), "--html", "page.html"])
        .says(2, &["already exists", "-y"]);
    folder.run(&["analyze", "no.mkv"]).says(66, &["no.mkv"]);
    let picture = made(
        "analyze_one.png",
        &["-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1"],
    );
    folder
        .run(&["analyze", text(&picture)])
        .says(0, &["sound was not listened to"]);
}
