//! `aquatint measure`, with FFmpeg's filters as the judges.

use std::path::Path;

use serde_json::Value;

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
        "SSIM   0.9",
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
fn every_device_measures_the_same() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let deep = kept(
        "deep.mkv",
        &format!("{SCENE},format=yuv420p,format=yuv420p10le"),
        &[],
    );
    let soft = kept(
        "soft.mkv",
        &format!("{SCENE},format=yuv420p,gblur=0.6"),
        &[],
    );
    let colour = kept("colour.mkv", SCENE, &["-pix_fmt", "gbrp"]);
    let [soft, deep, colour] = [&soft, &deep, &colour].map(|path| text(path));
    for inputs in [&[soft, deep][..], &[colour, colour], &[colour]] {
        let on = |device: &str| measured(&folder, &[inputs, &["--device", device]].concat());
        let ((cpu, mut of_cpu), (gpu, mut of_gpu)) = (on("cpu"), on("llvmpipe"));
        assert_eq!(cpu, gpu);
        assert_ne!(of_cpu["device"].take(), of_gpu["device"].take());
        assert_eq!(of_cpu, of_gpu);
    }
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
        ran.says(
            0,
            &["only the first 5 were compared", "has 10", "5 frames"][..2],
        );
        let with = ran
            .stdout
            .lines()
            .filter(|line| line.contains("\"frame\":") && line.contains("\"ssim\":"));
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
        .run(&["measure", clip, text(&large)])
        .says(2, &["160x90", "176x90", "the same size"]);
    folder
        .run(&["measure", clip, text(&full)])
        .says(2, &["limited range", "full range"]);
    folder.run(&["measure", "no.mp4"]).says(66, &["no.mp4"]);
    folder
        .run(&["measure", clip, "no.mp4"])
        .says(66, &["no.mp4"]);
    folder
        .run(&["measure", clip, "--device", "no such adapter"])
        .says(69, &["no device"]);
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
