//! The kind that the input decides.

use std::path::Path;

use super::{drawn, render, samples};
use crate::support::*;

/// What the default kind makes of `source`, and whether that is what `kind` makes of it.
#[track_caller]
fn auto_is(folder: &Folder, source: &Path, kind: &str, told: &str) {
    let auto = folder.path("auto.png");
    let common = ["-s", "upscale", "-y", "--device", "cpu"];
    let run = [text(source), "-o", text(&auto)];
    folder.run(&[&run[..], &common].concat()).says(0, &[told]);
    let other = render(folder, source, kind, &[], "other.png");
    assert_eq!(samples(&auto, "rgb24"), samples(&other, "rgb24"), "{kind}");
}

#[test]
fn the_kind_is_chosen_by_halved_frames() {
    let folder = Folder::new();
    // Flat colours and thin dark lines.
    let drawing = drawn(&folder, "drawing.png", (240, 180), |x, y| {
        let (dx, dy) = (x - 110.0, y - 90.0);
        let far = (dx * dx + dy * dy).sqrt();
        let line =
            (far - 60.0).abs() < 1.2 || (dx - 0.4 * dy).abs() < 1.0 || (dx + 1.7 * dy).abs() < 1.3;
        match (line, far < 60.0) {
            (true, _) => [20.0, 15.0, 25.0],
            (false, true) => [230.0, 180.0, 90.0],
            (false, false) => [120.0, 190.0, 220.0],
        }
    });
    auto_is(
        &folder,
        &drawing,
        "anime",
        "upscale.kind is anime: halved frames",
    );
    // Waves that run into each other, and no edge.
    let soft = drawn(&folder, "soft.png", (240, 180), |x, y| {
        let wave = |a: f64, b: f64| (a * x + b * y).sin() * 30.0;
        let value = 128.0 + wave(0.9, 0.3) + wave(-0.35, 1.1) + wave(0.2, -0.15);
        [value, value, value]
    });
    auto_is(&folder, &soft, "live", "upscale.kind is live");
    // A picture without anything in it says nothing.
    let flat = drawn(&folder, "flat.png", (64, 48), |_, _| [90.0, 90.0, 90.0]);
    auto_is(&folder, &flat, "live", "upscale.kind is live");
    // Where nothing becomes larger, nothing is chosen.
    let size = ["--size", "120x90", "-o", "small.png", "--device", "cpu"];
    let smaller = folder.run(&[&[text(&drawing), "-s", "upscale"], &size[..]].concat());
    smaller.succeeds();
    assert!(
        !smaller.stderr.contains("upscale.kind"),
        "{}",
        smaller.stderr
    );
    // Where there is no input, it is told what would be.
    let graph = folder.run(&["graph", "upscale"]);
    let told = "upscale.kind is live here; a render tries live and anime on the input";
    assert!(graph.succeeds().stdout.contains(told), "{}", graph.stdout);
}

#[test]
fn what_comes_through_a_pipe_is_not_asked_for_its_kind() {
    let folder = Folder::new();
    let arguments = [
        "-", "-s", "upscale", "-y", "-o", "out.mkv", "--device", "cpu",
    ];
    let mut command = folder.command(&arguments);
    let mut pipe = std::process::Command::new("cat")
        .arg(clip())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let outcome: Ran = command
        .stdin(pipe.stdout.take().unwrap())
        .output()
        .unwrap()
        .into();
    pipe.wait().unwrap();
    let told = "upscale.kind is live, as the input cannot be tried";
    outcome.says(0, &[told]);
}
