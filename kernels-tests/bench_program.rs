//! The program `aquatint-bench`, as a person runs it.

use std::process::{Command, Output};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_aquatint-bench");

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

#[test]
fn deep_frames_are_measured_on_the_processor() {
    let size = ["--size", "66x50", "--depth", "10", "--frames", "2"];
    let arguments = [&["pencil", "cinematic"], &size[..], &["--device", "cpu"]].concat();
    let table = run(&arguments);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("66x50 YUV 4:2:0, 10 bits"), "{table}");
    let json = run(&[&arguments[..], &["--json"]].concat());
    let measured: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        measured["styles"],
        serde_json::json!(["pencil", "cinematic"])
    );
    let steps = measured["steps"].as_array().unwrap();
    assert!(
        steps.len() > 4
            && steps
                .iter()
                .all(|step| step["milliseconds"].as_f64() >= Some(0.0))
    );
    // Two outputs of two bytes a sample: luma, and half as many of chroma.
    let written = steps
        .iter()
        .filter(|step| step["label"].as_str().unwrap().starts_with("output"))
        .map(|step| step["written"].as_u64().unwrap());
    assert_eq!(written.collect::<Vec<_>>(), [2 * 66 * 50 * 3 / 2; 2]);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let cases: [(&[&str], i32, &str); 4] = [
        (&["pencli"], 2, "pencil"),
        (&["pencil", "--size", "wide"], 2, "--size wide"),
        (&[], 2, "no style is named"),
        (
            &["identity", "--size", "16x16", "--device", "no such adapter"],
            69,
            "no device",
        ),
    ];
    for (arguments, code, words) in cases {
        let ran = run(arguments);
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}
