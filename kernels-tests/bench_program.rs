//! The program `aquatint-bench`, as a person runs it.

use std::process::{Command, Output};

use aquatint::graph::gpu::{AdapterFacts, adapters};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_aquatint-bench");

/// The adapter that tests run on.
fn gpu_facts() -> AdapterFacts {
    let found = adapters().into_iter().next();
    found.expect("no GPU and no software Vulkan: install mesa-vulkan-drivers")
}

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
fn a_style_with_a_picture_of_its_own_is_measured() {
    let size = [
        "--size", "96x64", "--frames", "1", "--device", "cpu", "--json",
    ];
    let ran = run(&[&["ascii"], &size[..]].concat());
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    let measured: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let steps = measured["steps"].as_array().unwrap();
    let sheet = |step: &Value| step["label"].as_str().unwrap().starts_with("ascii/sheet");
    assert!(steps.iter().any(sheet), "{measured}");
}

/// Runs over tiny pictures of two sizes and two depths, with and without averaging over time.
#[test]
fn a_graphics_adapter_is_measured_and_reported() {
    let adapter = &gpu_facts().index.to_string();
    let ran = run(&["gpu", "--quick", "--device", adapter, "pencil"]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(ran.status.success(), "{said}");
    let file: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(file["adapter"]["name"], gpu_facts().name);
    assert!(file["adapter"]["limits"]["texture_side"].as_u64() >= Some(2048));
    assert_eq!(file["failures"], serde_json::json!([]));
    let rates = [
        "buffer_copy",
        "texture_copy",
        "upload",
        "readback",
        "host_write",
        "host_read",
        "dispatch",
        "dependent_dispatch",
    ];
    for rate in rates {
        let value = file["ceilings"][rate].as_f64().unwrap();
        assert!(value > 0.0 && value < 1e6, "{rate}: {value}");
    }
    let formats = file["ceilings"]["formats"].as_array().unwrap();
    assert_eq!(formats.len(), 3);
    let runs = file["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 8);
    let bytes = |run: &Value| run["read"].as_u64().unwrap() + run["written"].as_u64().unwrap();
    let of = |depth: u8, temporal: &str| {
        let mut found = runs
            .iter()
            .filter(|run| run["case"]["depth"] == depth && run["case"]["temporal"] == temporal);
        found.next().unwrap()
    };
    // Deeper samples are more bytes, and so are the pictures that averages are kept in.
    assert!(bytes(of(10, "off")) > bytes(of(8, "off")));
    assert!(bytes(of(8, "adaptive")) > bytes(of(8, "off")));
    for run in runs {
        assert!(run["frames_per_second"].as_f64() > Some(0.0));
        assert!(run["pipelines_cold"].as_f64() > Some(0.0));
        assert!(run["pipelines_warm"].as_f64() > Some(0.0));
        assert!(run["host"]["encode"].as_f64() > Some(0.0), "{run}");
        for step in run["steps"].as_array().unwrap() {
            assert!(step["p95"].as_f64() >= step["milliseconds"].as_f64());
            assert_eq!(
                step["milliseconds"].is_null(),
                !gpu_facts().timestamps,
                "{step}"
            );
        }
    }
    let counts = file["in_flight"].as_array().unwrap().iter();
    let counts: Vec<_> = counts
        .map(|it| it["frames_in_flight"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [1, 2, 3, 4, 5]);
    assert_eq!(file["determinism"][0]["equal"], true);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gpu.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let report = run(&["report", path.to_str().unwrap()]);
    let report = String::from_utf8(report.stdout).unwrap();
    for words in [
        &format!("### {}\n", gpu_facts().name),
        "and no speed",
        "| pencil | 192x108, 10 bits | adaptive |",
        "| buffer to buffer, 1.05 MB |",
        "for 1 of 1 styles",
    ] {
        assert!(report.contains(words), "no {words:?} in\n{report}");
    }
}

#[test]
fn a_report_is_made_of_what_was_measured_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.json");
    let path = path.to_str().unwrap();
    let absent = run(&["report", path]);
    std::fs::write(path, "{\"frames\": 3}").unwrap();
    let other = run(&["report", path]);
    for (ran, words) in [
        (absent, "cannot be read"),
        (other, "no file of `aquatint-bench gpu`"),
    ] {
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(65), "{said}");
        assert!(said.contains(words) && said.contains(path), "{said}");
    }
}

/// What has no time left is named, and the rest is there.
#[test]
fn a_bench_of_an_adapter_ends_in_time() {
    let adapter = &gpu_facts().index.to_string();
    let ran = run(&[
        "gpu",
        "--quick",
        "--seconds",
        "0",
        "--device",
        adapter,
        "pencil",
    ]);
    assert_eq!(ran.status.code(), Some(69));
    let file: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert!(file["ceilings"]["buffer_copy"].as_f64() > Some(0.0));
    assert_eq!(file["runs"], serde_json::json!([]));
    let failures = file["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 8);
    let why = failures[0]["why"].as_str().unwrap();
    assert!(why.contains("--seconds"), "{why}");
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let cases: [(&[&str], i32, &str); 6] = [
        (&["gpu", "pencli"], 2, "pencil"),
        (&["gpu", "--device", "cpu"], 69, "a graphics adapter"),
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
