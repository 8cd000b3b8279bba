//! Numbers that styles measure, in the report of a render: the same however the render is divided.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::long::*;
use crate::support::*;

/// A style that changes nothing and says of each frame: how many pixels are bright, and 16 bins of brightness; and of the
/// picture itself, as an image. It reads the next frame, so that it looks ahead.
fn counting(folder: &Folder) -> PathBuf {
    let style = folder.path("counting");
    std::fs::create_dir(&style).unwrap();
    let manifest = r#"
summary = "Counts"

[measure.bins]
of = "bins"

[measure.picture]
of = "result"

[[pass]]
kernel = "later"
in = { image = "source[0..+1]" }
out = "result"

[[pass]]
compute = "count"
in = { image = "result" }
words = "17"
phases = [{ run = "clear", over = [17, 1] }, { run = "count", over = ["width", "height"] }]
out = "bins"
"#;
    let later = "fn pixel(at: vec2i) -> vec4f { return vec4f(image_here(0).rgb, 1.0) + 0.0 * image_here(1); }";
    let count = "
fn clear(at: vec2i) { words_store(at.x, 0u); }
fn count(at: vec2i) {
    let bin = i32(clamp(image_at(at).g, 0.0, 1.0) * 15.99);
    words_add(bin, 1u);
    if (bin >= 8) { words_add(16, 1u); }
}";
    for (name, text) in [
        ("style.toml", manifest),
        ("later.wgsl", later),
        ("count.wgsl", count),
    ] {
        std::fs::write(style.join(name), text).unwrap();
    }
    style
}

fn measures(folder: &Folder, report: &str) -> Value {
    let bytes = std::fs::read(folder.path(report)).unwrap();
    let report: Value = serde_json::from_slice(&bytes).unwrap();
    report["outputs"][0]["measures"].clone()
}

#[test]
fn a_style_of_ones_own_puts_its_numbers_into_the_report() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let style = counting(&folder);
    let clip = clip();
    let mut render = vec![text(&clip), "-o", "out.mkv", "-s", "counting"];
    render.extend(["--style-path", text(&style), "--device", "llvmpipe"]);
    render.extend(["--codec", "ffv1", "--report", "report.json"]);
    folder.run(&render).succeeds();
    let measures = measures(&folder, "report.json");
    let [bins, picture] = &measures.as_array().unwrap()[..] else {
        panic!("{measures}");
    };
    assert_eq!(bins["name"], "counting/bins");
    assert_eq!(
        (&bins["frames"], &bins["each"]),
        (&25.into(), &"word".into())
    );
    let list = |measure: &Value, name: &str| -> Vec<f64> {
        let values = measure[name].as_array().unwrap().iter();
        values.map(|value| value.as_f64().unwrap()).collect()
    };
    let sum = list(bins, "sum");
    assert_eq!(sum.len(), 17);
    // A histogram counts every pixel once, and the last word those of its upper half.
    assert_eq!(sum[..16].iter().sum::<f64>(), 25.0 * 160.0 * 90.0);
    assert_eq!(sum[8..16].iter().sum::<f64>(), sum[16]);
    assert!(
        sum.iter().filter(|count| **count > 0.0).count() > 3,
        "{bins}"
    );
    let (mean, min, max) = (list(bins, "mean"), list(bins, "min"), list(bins, "max"));
    for word in 0..17 {
        assert!((mean[word] * 25.0 - sum[word]).abs() < 1e-6, "{bins}");
        assert!(min[word] <= mean[word] && mean[word] <= max[word], "{bins}");
    }
    assert_eq!(picture["name"], "counting/picture");
    assert_eq!(picture["each"], "channel");
    let (min, max) = (list(picture, "min"), list(picture, "max"));
    assert_eq!((min.len(), min[3], max[3]), (4, 1.0, 1.0));
    assert!(min[1] < 0.1 && max[1] > 0.9, "{picture}");
    assert!(picture["sum"].is_null(), "{picture}");
}

#[test]
fn numbers_do_not_depend_on_chunks_workers_and_interruptions() {
    let folder = Folder::new();
    let clip = slow_clip();
    let despeckle = |output: &str, report: &str| -> Vec<String> {
        let all = [
            "-o",
            output,
            "-s",
            "despeckle",
            "--codec",
            "ffv1",
            "--device",
            "cpu",
            "--report",
            report,
        ];
        [text(&clip)]
            .into_iter()
            .chain(all)
            .map(str::to_owned)
            .collect()
    };
    let render = |output: &str, report: &str, more: &[&str]| {
        let command = despeckle(output, report);
        let mut command: Vec<&str> = command.iter().map(String::as_str).collect();
        command.extend(more);
        folder.run(&command).succeeds();
        measures(&folder, report)
    };
    let whole = render("whole.mkv", "whole.json", &["--chunk", "none"]);
    assert_eq!(whole[0]["name"], "despeckle/replaced");
    assert_eq!(whole[0]["frames"], 250);
    assert!(whole[0]["sum"][0].as_u64() > Some(0), "{whole}");
    assert!(
        whole[0]["max"][0].as_f64() > whole[0]["min"][0].as_f64(),
        "{whole}"
    );
    let one = render("one.mkv", "one.json", &["--chunk", "10", "--workers", "1"]);
    assert_eq!(one, whole, "in chunks");
    let many = render(
        "many.mkv",
        "many.json",
        &["--chunk", "10", "--workers", "3"],
    );
    assert_eq!(many, whole, "by three workers");
    // What was done before the end of the process counts, too.
    let command = despeckle("ended.mkv", "ended.json");
    let mut command: Vec<&str> = command.iter().map(String::as_str).collect();
    command.extend(["--chunk", "10", "--workers", "1"]);
    let job = folder.path(".ended.mkv.aquatint");
    ended(&folder, &command, &job, 2, "-KILL");
    folder.run(&["resume", "ended.mkv"]).succeeds();
    let report = std::fs::read(folder.path("ended.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert!(report["chunks"]["resumed"].as_u64() >= Some(2));
    assert_eq!(measures(&folder, "ended.json"), whole, "resumed");
    // Numbers change no picture.
    folder
        .run(&in_one(
            &clip,
            "plain.mkv",
            &["-s", "despeckle", "--codec", "ffv1"],
        ))
        .succeeds();
    let [plain, measured] =
        ["plain.mkv", "whole.mkv"].map(|name| frames(&folder.path(name), "yuv420p"));
    assert!(plain == measured);
}

#[test]
fn a_job_that_measures_is_not_mixed_with_one_that_does_not() {
    let folder = Folder::new();
    let clip = slow_clip();
    let despeckle = ["-s", "despeckle", "--codec", "ffv1", "--workers", "1"];
    let render = in_chunks(&clip, "out.mkv", &despeckle);
    ended(
        &folder,
        &render,
        &folder.path(".out.mkv.aquatint"),
        2,
        "-KILL",
    );
    let reported = [&render[..], &["--report", "r.json"]].concat();
    folder.run(&reported).says(
        2,
        &["the styles measure despeckle/replaced for the report, they measured nothing (--report)"],
    );
    // Without the report it goes on.
    folder.run(&render).says(0, &["going on: "]);
    assert_eq!(folder.names(), ["out.mkv"]);
}

#[test]
fn each_output_has_its_own_numbers_and_others_have_none() {
    let folder = Folder::new();
    let clip = clip();
    let styles = [
        "-s",
        "identity,despeckle,despeckle+identity,none",
        "-o",
        "out/",
    ];
    let mut render = vec![text(&clip), "--device", "cpu", "--report", "report.json"];
    render.extend(styles);
    folder.run(&render).succeeds();
    let bytes = std::fs::read(folder.path("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&bytes).unwrap();
    let of = |index: usize| &report["outputs"][index]["measures"];
    assert!(of(0).is_null() && of(3).is_null(), "{report}");
    assert_eq!(of(1)[0]["name"], "despeckle/replaced");
    // It is one node of the graph, read once for both.
    assert_eq!(of(1), of(2));
}

#[test]
fn the_report_of_several_inputs_has_them_too() {
    let folder = Folder::new();
    let clip = clip();
    for name in ["a.mp4", "b.mp4"] {
        std::fs::copy(&clip, folder.path(name)).unwrap();
    }
    let all = [
        "a.mp4",
        "b.mp4",
        "-s",
        "despeckle",
        "--device",
        "cpu",
        "-o",
        "out/",
    ];
    folder
        .run(&[&all[..], &["--report", "all.json"]].concat())
        .succeeds();
    let bytes = std::fs::read(folder.path("all.json")).unwrap();
    let reports: Value = serde_json::from_slice(&bytes).unwrap();
    for report in reports.as_array().unwrap() {
        assert_eq!(report["outputs"][0]["measures"][0]["frames"], 25);
    }
    assert_eq!(reports.as_array().unwrap().len(), 2);
}

#[test]
fn without_a_report_nothing_is_measured() {
    let folder = Folder::new();
    let clip = clip();
    let passes = |more: &[&str]| {
        let mut dry: Vec<&str> = vec![text(&clip), "-s", "despeckle", "--dry-run", "-o", "o.mkv"];
        dry.extend(more);
        folder.run(&dry).succeeds().stdout.clone()
    };
    assert!(!passes(&[]).contains("measure/changed/count"));
    assert!(passes(&["--report", "r.json"]).contains("measure/changed/count"));
    assert!(!Path::new(&folder.path("r.json")).exists());
}
