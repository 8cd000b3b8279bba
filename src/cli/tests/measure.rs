//! `aquatint measure`, with FFmpeg's filters as the judges.

use std::path::Path;

use serde_json::Value;

use crate::onnx::{Attribute, Net, identity, picture};
use crate::support::*;
use crate::turned::turn;

/// Frames and summary that `measure --json` prints.
#[track_caller]
fn measured(folder: &Folder, arguments: &[&str]) -> (Vec<Value>, Value) {
    let ran = folder.run(&[&["measure", "--json"], arguments].concat());
    let lines = ran.succeeds().stdout.lines();
    let mut lines: Vec<Value> = lines.map(|l| serde_json::from_str(l).unwrap()).collect();
    let mut last = lines.pop().unwrap();
    assert!(lines.iter().all(|line| line["frame"].is_u64()));
    (lines, last["summary"].take())
}

/// The values that a filter of FFmpeg gives every frame as `KEY`.
fn judged(graph: &str, inputs: &[&Path], key: &str) -> Vec<f64> {
    let mut arguments = Vec::new();
    for input in inputs {
        arguments.extend(["-i", text(input)]);
    }
    let graph = format!("{graph},metadata=print:file=-");
    arguments.extend(["-lavfi", &graph, "-f", "null", "-"]);
    let said = tool("ffmpeg", &arguments);
    let prefix = format!("lavfi.{key}=");
    let values = said.lines().filter_map(|line| line.strip_prefix(&prefix));
    values.map(|value| value.parse().unwrap()).collect()
}

/// The pictures of `clip` in another format, without loss.
fn kept(name: &str, input: &str, more: &[&str]) -> std::path::PathBuf {
    let source = ["-f", "lavfi", "-i", input];
    made(name, &[&source, more, &["-c:v", "ffv1"]].concat())
}

const SCENE: &str = "testsrc2=size=160x90:rate=25:duration=0.4";

#[test]
fn luma_is_as_signalstats_has_it() {
    let folder = Folder::new();
    for (name, format) in [("luma8.mkv", "yuv420p"), ("luma10.mkv", "yuv420p10le")] {
        let clip = kept(name, SCENE, &["-pix_fmt", format]);
        let (frames, summary) = measured(&folder, &[text(&clip)]);
        assert_eq!((frames.len(), &summary["frames"]), (10, &10.into()));
        for (key, field, within) in [
            ("YAVG", "mean", 0.01),
            ("YMIN", "min", 0.0),
            ("YMAX", "max", 0.0),
        ] {
            let truth = judged("signalstats", &[&clip], &format!("signalstats.{key}"));
            assert_eq!(truth.len(), frames.len());
            for (frame, truth) in frames.iter().zip(truth) {
                let found = frame[field].as_f64().unwrap();
                assert!(
                    (found - truth).abs() <= within,
                    "{name} {field}: {found}, {truth}"
                );
            }
        }
        for frame in &frames {
            let bins = frame["histogram"].as_array().unwrap();
            let pixels: u64 = bins.iter().map(|bin| bin.as_u64().unwrap()).sum();
            assert_eq!((bins.len(), pixels), (256, 160 * 90));
            assert!(frame.get("psnr").is_none());
        }
        assert_eq!(frames[5]["time"], 0.2);
    }
}

#[test]
fn noise_is_the_deviation_that_was_added() {
    let folder = Folder::new();
    let flat = "color=c=gray:size=320x180:rate=25:duration=0.2,format=gray";
    let still = kept("still.mkv", flat, &[]);
    let noisy =
        format!("{flat},geq=lum='128+4*sqrt(-2*log(random(1)+0.0000001))*cos(2*PI*random(2))'");
    let noisy = kept("noisy.mkv", &noisy, &[]);
    let level = |clip: &Path| {
        let (_, summary) = measured(&folder, &[text(clip)]);
        255.0 * summary["noise"].as_f64().unwrap()
    };
    assert_eq!(level(&still), 0.0);
    let found = level(&noisy);
    assert!((3.6..4.4).contains(&found), "{found}");
}

#[test]
fn likeness_is_as_ffmpeg_has_it() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let soft = kept(
        "soft.mkv",
        &format!("{SCENE},format=yuv420p,gblur=0.6"),
        &[],
    );
    let (frames, summary) = measured(&folder, &[text(&soft), text(&clip)]);
    let truth = judged("psnr=stats_version=2", &[&soft, &clip], "psnr.psnr.y");
    assert_eq!((frames.len(), truth.len()), (10, 10));
    for (frame, truth) in frames.iter().zip(truth) {
        let found = frame["psnr"].as_f64().unwrap();
        assert!((found - truth).abs() <= 0.01, "{found} dB, {truth} dB");
        assert_eq!(frame["identical"], false);
    }
    // FFmpeg's SSIM has blocks of 8 × 8 in place of Gaussian windows: near, not equal.
    let truth = judged("ssim", &[&soft, &clip], "ssim.Y");
    for (frame, truth) in frames.iter().zip(&truth) {
        let found = frame["ssim"].as_f64().unwrap();
        assert!(
            found < 1.0 && (found - truth).abs() < 0.02,
            "{found}, {truth}"
        );
    }
    assert_eq!(summary["compared_frames"], 10);
    assert!(summary["psnr_min"].as_f64() <= summary["psnr"].as_f64());
    let table = folder.run(&["measure", text(&soft), text(&clip)]);
    for words in [
        "160x90, 8 bits",
        "luma   mean",
        "PSNR",
        "worst frame",
        "compared by their times",
        "SSIM            0.9",
        "changed: ",
    ] {
        assert!(table.succeeds().stdout.contains(words), "{}", table.stdout);
    }
}

#[test]
fn what_is_the_same_is_identical() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    // The codes of 10 bits are those of 8, shifted.
    let deep = kept(
        "deep.mkv",
        &format!("{SCENE},format=yuv420p,format=yuv420p10le"),
        &[],
    );
    for other in [&clip, &deep] {
        let (frames, summary) = measured(&folder, &[text(&clip), text(other)]);
        for numbers in frames.iter().chain([&summary]) {
            assert_eq!(numbers["psnr"], Value::Null);
            assert_eq!(
                (&numbers["identical"], &numbers["ssim"]),
                (&true.into(), &1.0.into())
            );
        }
    }
    folder
        .run(&["measure", text(&clip), text(&clip)])
        .succeeds();
    let small = kept(
        "tiny.mkv",
        "testsrc2=size=10x90:rate=25:duration=0.04",
        &["-pix_fmt", "yuv444p"],
    );
    let (frames, _) = measured(&folder, &[text(&small), text(&small)]);
    assert_eq!(frames[0]["ssim"], Value::Null);
}

#[test]
fn frames_without_a_partner_are_said() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let short = kept(
        "short.mkv",
        "testsrc2=size=160x90:rate=25:duration=0.2",
        &["-pix_fmt", "yuv420p"],
    );
    for (inputs, likened) in [([&clip, &short], 5), ([&short, &clip], 5)] {
        let ran = folder.run(&["measure", "--json", text(inputs[0]), text(inputs[1])]);
        ran.says(0, &["only the first 5 were compared"]);
        let with = ran
            .stdout
            .lines()
            .filter(|line| line.starts_with("{\"frame\":") && line.contains("\"ssim\":"));
        assert_eq!(with.count(), likened);
        assert!(ran.stdout.contains("\"compared_frames\":5"));
    }
}

#[test]
fn a_part_is_compared_with_the_frames_that_it_was_made_from() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let part = ["--start", "0.08", "--duration", "0.08"];
    let render = [text(&clip), "-s", "none", "--codec", "ffv1"];
    folder
        .run(&[&render[..], &["-o", "part.mkv"], &part].concat())
        .succeeds();
    let (_, summary) = measured(&folder, &["part.mkv", text(&clip), "--start", "0.08"]);
    assert_eq!(summary["identical"], true);
    let (_, summary) = measured(&folder, &["part.mkv", text(&clip)]);
    assert_eq!(summary["identical"], false);
    let ran = folder.run(&["measure", "part.mkv", "--start", "0.08"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn pictures_that_players_turn_are_compared_as_encoded_and_that_is_said() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let upright = made(
        "upright.mp4",
        &["-i", text(&clip), "-c:v", "libx264", "-qp", "0"],
    );
    let turned = made("turned.mp4", &["-i", text(&upright), "-c", "copy"]);
    turn(&turned, 180);
    let said = "they are compared as encoded, not as shown";
    let ran = folder.run(&["measure", text(&turned), text(&upright)]);
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    for same in [&turned, &upright] {
        let ran = folder.run(&["measure", text(same), text(same)]);
        assert!(!ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn the_last_frame_of_a_rendered_part_is_compared_too() {
    let folder = Folder::new();
    let clip = crate::support::clip();
    // Such a file does not say how long its last frame is shown.
    let arguments = ["-s", "identity", "--duration", "0.5", "-o", "part.mp4"];
    folder
        .run(&[&[text(&clip)], &arguments[..]].concat())
        .succeeds();
    let (frames, summary) = measured(&folder, &["part.mp4", "part.mp4"]);
    assert_eq!(summary["compared_frames"], frames.len());
    assert!(frames.len() >= 12 && summary["identical"] == true);
}

/// A model of two pictures: the mean of the sizes of their differences.
fn distance() -> Vec<u8> {
    let mut net = Net::default();
    net.node("Sub", &["a", "b"], "d", &[]);
    net.node("Abs", &["d"], "e", &[]);
    net.node(
        "ReduceMean",
        &["e"],
        "f",
        &[("keepdims", Attribute::Number(1))],
    );
    let inputs = ["a", "b"].map(|name| picture(name, 3, ["h", "w"]));
    net.model_of(
        &inputs.each_ref().map(Vec::as_slice),
        &picture("f", 1, ["one", "one"]),
    )
}

#[test]
fn a_model_measures_how_far_pictures_are_apart() {
    let folder = Folder::new();
    let colour = |name: &str, colour: &str| {
        let scene = format!("color=c={colour}:s=64x48:r=5:d=0.6,format=gbrp");
        made(name, &["-f", "lavfi", "-i", &scene, "-c:v", "ffv1"])
    };
    let (red, black) = (
        colour("red.mkv", "0xff0000"),
        colour("black.mkv", "0x000000"),
    );
    folder.write("distance.onnx", &distance());
    folder.write("one.onnx", &identity());
    let (red, black) = (text(&red), text(&black));
    let ran = folder.run(&[
        "measure",
        red,
        black,
        "--metrics",
        "psnr",
        "--lpips-model",
        "distance.onnx",
        "--json",
    ]);
    let lines: Vec<Value> = ran
        .succeeds()
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // Red differs by 2 of -1 to 1, green and blue not at all.
    for frame in &lines[..3] {
        assert!(
            (frame["lpips"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-6,
            "{frame}"
        );
    }
    assert!(
        (lines[3]["summary"]["metrics"]["lpips"]["mean"]
            .as_f64()
            .unwrap()
            - 2.0 / 3.0)
            .abs()
            < 1e-6
    );
    for (arguments, words) in [
        (&[red, black, "--metrics", "lpips"][..], "--lpips-model"),
        (&[red, "--lpips-model", "distance.onnx"], "with a reference"),
        (
            &[red, black, "--lpips-model", "one.onnx"],
            "takes 1 tensors and gives 1",
        ),
        (&[red, black, "--lpips-model", "none.onnx"], "none.onnx"),
    ] {
        folder
            .run(&[&["measure"], arguments].concat())
            .says(2, &[words]);
    }
}

#[test]
fn what_is_still_being_rendered_is_told_of_as_that() {
    let folder = Folder::new();
    folder.write(".out.mp4.123-abcd.partial", b"");
    for command in [
        &["measure", "out.mp4"][..],
        &["analyze", "out.mp4"],
        &["rate", "out.mp4", "3"],
    ] {
        folder
            .run(command)
            .says(75, &["out.mp4 is still being rendered", "aquatint resume"]);
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let clip = text(&clip);
    let large = kept(
        "large.mkv",
        "testsrc2=size=176x90:rate=25:duration=0.04",
        &["-pix_fmt", "yuv420p"],
    );
    let full = kept(
        "full.mkv",
        &format!("{SCENE},scale=out_range=full,format=yuv420p"),
        &["-color_range", "pc"],
    );
    folder
        .run(&["measure", clip, text(&large), "--metrics", "ssim"])
        .says(2, &["160x90", "176x90", "the same size"]);
    // Where nobody asked for them, those that need one size are left out.
    folder
        .run(&["measure", clip, text(&large)])
        .says(0, &["the two have other sizes: psnr, ssim"]);
    folder
        .run(&["measure", clip, text(&full)])
        .says(2, &["limited range", "full range"]);
    folder.run(&["measure", "no.mp4"]).says(66, &["no.mp4"]);
    folder
        .run(&["measure", clip, "no.mp4"])
        .says(66, &["no.mp4"]);
    folder
        .run(&["measure", clip, clip, "--metrics", "ssimm"])
        .says(2, &["ssimm", "did you mean \"ssim\""]);
    folder
        .run(&["measure", clip, "--metrics", "psnr"])
        .says(2, &["psnr needs a reference"]);
    // What needs none is measured, and the rest is said.
    folder
        .run(&["measure", clip, "--metrics", "usual,blockiness"])
        .says(0, &["need a reference: psnr, ssim"]);
    folder.run(&["measure", clip, "--metrics-every", "2"]).says(
        0,
        &["left out, because not every frame is measured: flicker"],
    );
    folder
        .run(&["measure", clip, "--align", "order"])
        .says(2, &["--align", "no"]);
    // What needs no reference of the same size is measured of both.
    let ran = folder.run(&[
        "measure",
        clip,
        text(&large),
        "--metrics",
        "sharpness,noise",
    ]);
    assert!(
        ran.succeeds().stdout.contains("the reference"),
        "{}",
        ran.stdout
    );
    assert!(folder.names().is_empty());
}

#[test]
fn numbers_go_into_a_file() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let to_file = |more: &[&str]| {
        let flags = ["measure", text(&clip), "--json", "-o", "numbers.jsonl"];
        folder.run(&[&flags, more].concat())
    };
    let printed = folder.run(&["measure", text(&clip), "--json"]).stdout;
    assert_eq!(to_file(&[]).succeeds().stdout, "");
    let written = || std::fs::read_to_string(folder.path("numbers.jsonl")).unwrap();
    assert_eq!(written(), printed);
    folder.write("numbers.jsonl", b"mine");
    to_file(&[]).says(2, &["already exists", "-y"]);
    assert_eq!(written(), "mine");
    to_file(&["-y"]).succeeds();
    assert_eq!(
        (written(), folder.names()),
        (printed, vec!["numbers.jsonl".to_owned()])
    );
    folder
        .run(&["measure", text(&clip), "-o", text(&clip), "-y"])
        .says(2, &["the input itself"]);
    folder
        .run(&["measure", text(&clip), "-o", "no/numbers"])
        .says(73, &["cannot create no/numbers"]);
}

#[test]
fn frames_are_compared_with_those_shown_at_their_times() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    // Every frame of the reference is shown twice as often.
    let twice = kept(
        "twice.mkv",
        &format!("{SCENE},fps=50"),
        &["-pix_fmt", "yuv420p"],
    );
    for (inputs, frames) in [([&clip, &twice], 10), ([&twice, &clip], 20)] {
        let paths = inputs.map(|path| text(path));
        let ran = folder.run(&[&["measure", "--json"], &paths[..]].concat());
        ran.says(0, &["compared with the one shown at its time"]);
        let (found, summary) = measured(&folder, &paths);
        assert_eq!((found.len(), &summary["identical"]), (frames, &true.into()));
        assert_eq!(summary["compared_frames"], frames);
        let by_order = [&paths[..], &["--align", "order"]].concat();
        let (_, summary) = measured(&folder, &by_order);
        assert_eq!(summary["identical"], false);
        assert_eq!(summary["compared_frames"], 10);
    }
}

#[test]
fn numbers_of_both_and_what_changed_are_told() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let soft = kept(
        "softer.mkv",
        &format!("{SCENE},format=yuv420p,gblur=2"),
        &[],
    );
    let both = [text(&soft), "--reference", text(&clip)];
    let (frames, summary) = measured(
        &folder,
        &[
            &both[..],
            &["--metrics", "usual,gmsd,ssimulacra2,butteraugli"],
        ]
        .concat(),
    );
    let of = |numbers: &Value, name: &str| numbers[name].as_f64().unwrap();
    for frame in &frames {
        assert!(of(frame, "sharpness") < of(&frame["reference"], "sharpness"));
        assert!(frame["reference"].get("psnr").is_none());
        assert!(of(frame, "gmsd") > 0.02 && of(frame, "ssimulacra2") < 60.0);
        assert!(of(frame, "butteraugli") > 1.0);
    }
    // Flicker needs two frames before.
    assert_eq!(frames[1]["flicker"], Value::Null);
    assert!(frames[2]["flicker"].is_f64());
    let changes = summary["changes"].as_array().unwrap();
    assert!(
        changes[0].as_str().unwrap().starts_with("sharpness −"),
        "{changes:?}"
    );
    let metrics = &summary["metrics"];
    for name in ["psnr", "ssim", "sharpness", "noise", "flicker", "gmsd"] {
        let found = &metrics[name];
        assert!(of(found, "min") <= of(found, "mean") && of(found, "mean") <= of(found, "max"));
    }
    assert_eq!(metrics["psnr"]["p1"], metrics["psnr"]["min"]);
    let worst = &metrics["ssim"]["worst"][0];
    let least = frames
        .iter()
        .map(|frame| of(frame, "ssim"))
        .fold(1.0, f64::min);
    assert_eq!(of(worst, "value"), least);
    let (some, _) = measured(&folder, &[&both[..], &["--metrics-every", "4"]].concat());
    let numbers: Vec<u64> = some
        .iter()
        .map(|frame| frame["frame"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [0, 4, 8]);
    assert!(some[1].get("flicker").is_none());
}

#[test]
fn a_table_and_a_page_are_written() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let soft = kept(
        "soft.mkv",
        &format!("{SCENE},format=yuv420p,gblur=0.6"),
        &[],
    );
    // A name that is no safe text of a page.
    let named = folder.path("<b>&\".mkv");
    std::fs::copy(&soft, &named).unwrap();
    let files = ["--csv", "n.csv", "--html", "page.html"];
    let inputs = ["measure", text(&named), text(&clip)];
    folder.run(&[&inputs[..], &files].concat()).succeeds();
    let table = std::fs::read_to_string(folder.path("n.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(rows.len(), 11);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    let column = rows[0].iter().position(|name| *name == "ssim").unwrap();
    let (frames, _) = measured(&folder, &inputs[1..]);
    for (row, frame) in rows[1..].iter().zip(&frames) {
        let found: f64 = row[column].parse().unwrap();
        assert!((found - frame["ssim"].as_f64().unwrap()).abs() < 1e-12);
    }
    let page = std::fs::read_to_string(folder.path("page.html")).unwrap();
    let parsed = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    let parsed = roxmltree::Document::parse(parsed).unwrap();
    let count = |name: &str| {
        parsed
            .descendants()
            .filter(|n| n.tag_name().name() == name)
            .count()
    };
    // A drawing for each metric; ten frames lie too near each other for more than one worst.
    // A plot for each metric, and in each the lines for themselves, which are stretched.
    assert_eq!((count("svg"), count("img")), (12, 2));
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), 2);
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>"));
    // Nothing is fetched.
    assert_eq!(
        page.matches("http").count(),
        page.matches("http-equiv").count() + page.matches("http://www.w3.org/2000/svg").count()
    );
    folder
        .run(&[&inputs[..], &files].concat())
        .says(2, &["already exists", "-y"]);
    folder
        .run(&[&inputs[..], &["--html", text(&clip), "-y"]].concat())
        .says(2, &["the input itself"]);
}

#[test]
fn vmaf_is_measured_by_a_program_that_can() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let arguments = [
        "measure",
        text(&clip),
        text(&clip),
        "--metrics",
        "vmaf,ssim",
    ];
    let ran = folder.run(&arguments);
    if tool("ffmpeg", &["-filters"]).contains(" libvmaf ") {
        assert!(ran.succeeds().stdout.contains("VMAF"));
    } else {
        ran.says(2, &["libvmaf", "AQUATINT_FFMPEG"]);
    }
}

#[test]
fn a_render_measures_what_it_hands_to_the_encoder() {
    let folder = Folder::new();
    let scene = "testsrc2=size=96x54:rate=25:duration=12";
    let clip = kept("twelve.mkv", scene, &["-pix_fmt", "yuv420p"]);
    let render = |name: &str, more: &[&str]| -> Value {
        let report = format!("{name}.json");
        let flags = [
            text(&clip),
            "-s",
            "pencil",
            "--codec",
            "ffv1",
            "-o",
            name,
            "--report",
            &report,
            "-y",
            "--metrics=usual,psnr_yuv",
            "--device",
            "cpu",
        ];
        let ran = folder.run(&[&flags[..], more].concat());
        let said = &ran.succeeds().stderr;
        assert!(
            said.contains("PSNR") && said.contains("against the source"),
            "{said}"
        );
        let report = std::fs::read_to_string(folder.path(&report)).unwrap();
        let mut report: Value = serde_json::from_str(&report).unwrap();
        report["outputs"][0]["metrics"].take()
    };
    // Without loss, what is encoded is what was measured.
    let found = render("whole.mkv", &["--chunk", "none"]);
    let list = ["--metrics", "usual,psnr_yuv"];
    let (_, summary) = measured(&folder, &[&["whole.mkv", text(&clip)], &list[..]].concat());
    assert_eq!(found["frames"], 300);
    assert_eq!(found["metrics"], summary["metrics"]);
    assert_eq!(found["source_metrics"], summary["reference_metrics"]);
    assert_eq!(found["changes"], summary["changes"]);
    // In chunks all but flicker is the same, which needs the frames before.
    let mut chunked = render("chunks.mkv", &["--chunk", "10"]);
    let mut whole = found.clone();
    for numbers in [&mut chunked, &mut whole] {
        for metrics in ["metrics", "source_metrics"] {
            numbers[metrics]["flicker"].take();
        }
    }
    assert_eq!(chunked, whole);
    let every = render("every.mkv", &["--metrics-every", "10"]);
    assert_eq!(every["frames"], 30);
    assert!(every["metrics"].get("flicker").is_none());
}

#[test]
fn what_a_render_cannot_measure_is_said() {
    let folder = Folder::new();
    let clip = kept("alike.mkv", SCENE, &["-pix_fmt", "yuv420p"]);
    let render =
        |more: &[&str]| folder.run(&[&[text(&clip), "--device", "cpu", "-y"], more].concat());
    render(&[
        "-s",
        "resize",
        "--scale",
        "2",
        "-o",
        "large.mkv",
        "--metrics",
    ])
    .says(0, &["psnr, ssim could not be measured", "Sharpness"]);
    render(&["-s", "none", "-o", "same.mkv", "--metrics"]).says(0, &["the source's own"]);
    render(&["-o", "x.mkv", "--metrics=sharpnes"]).says(2, &["did you mean \"sharpness\""]);
    render(&["-o", "x.mkv", "--metrics=vmaf"]).says(2, &["aquatint measure OUTPUT INPUT"]);
    render(&["-o", "x.mkv", "--metrics-every", "3"]).says(2, &["--metrics"]);
    render(&["-o", "x.mkv", "--metrics", "--metrics-every", "3"]).says(
        0,
        &["left out, because not every frame is measured: flicker"],
    );
    render(&["-o", "x.mkv", "--metrics=flicker", "--metrics-every", "3"])
        .says(2, &["flicker needs all frames"]);
}
