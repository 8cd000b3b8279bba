//! `aquatint bench`.

use serde_json::Value;

use crate::support::*;

#[test]
fn passes_are_timed_and_weighed() {
    let folder = Folder::new();
    let styles = "cinematic,pencil";
    let size = ["--size", "96x54", "--frames", "2", "--device", "cpu"];
    let table = folder.run(&[&["bench", styles][..], &size].concat());
    table.succeeds();
    for words in [
        "cinematic,pencil, 96x54 YUV 4:2:0, 8 bits",
        "median of 2 frames",
        "cinematic/grade",
        "output 1",
        "frames/s",
    ] {
        assert!(table.stdout.contains(words), "{}", table.stdout);
    }
    let json = folder.run(&[&["bench", styles, "--json"][..], &size].concat());
    let measured: Value = serde_json::from_str(&json.succeeds().stdout).unwrap();
    let steps = measured["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["milliseconds"].is_f64()));
    let sum = |name: &str| -> u64 { steps.iter().filter_map(|step| step[name].as_u64()).sum() };
    assert_eq!(measured["read"], sum("read"));
    assert_eq!(measured["written"], sum("written"));
    let file = folder.run(&[
        "bench",
        "pencil",
        "-i",
        text(&clip()),
        "--frames",
        "1",
        "--json",
    ]);
    let measured: Value = serde_json::from_str(&file.succeeds().stdout).unwrap();
    assert!(measured["device"]["executor"].is_string());
    assert!(folder.names().is_empty());
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let folder = Folder::new();
    folder
        .run(&["bench", "none"])
        .says(2, &["nothing to measure", "name a style"]);
    folder.run(&["bench", "pencli"]).says(2, &["did you mean"]);
    folder
        .run(&["bench", "pencil", "-i", "no.mp4"])
        .says(66, &["no.mp4"]);
    folder
        .run(&["bench", "pencil", "--frames", "0"])
        .says(2, &["--frames"]);
    folder
        .run(&["bench", "pencil", "--device", "no such adapter"])
        .says(69, &["no device"]);
}
