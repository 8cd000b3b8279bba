//! `--consistency`: what a chain drifts by itself is taken back.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::*;

/// A film of 1500 frames in two scenes, small, that does not drift.
fn film() -> PathBuf {
    let scene = "testsrc2=size=96x64:rate=25:duration=40,format=yuv420p[a];mandelbrot=size=96x64:rate=25:start_scale=0.4:end_scale=0.2:end_pts=600,trim=duration=20,format=yuv420p[b];[a][b]concat";
    made("film.mkv", &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"])
}

/// Mean of luma of each frame, in codes.
fn brightness(path: &Path) -> Vec<f64> {
    let graph = format!("movie={},signalstats", text(path));
    let all = tool(
        "ffprobe",
        &[
            "-f",
            "lavfi",
            "-i",
            &graph,
            "-show_entries",
            "frame_tags=lavfi.signalstats.YAVG",
            "-of",
            "csv=p=0",
        ],
    );
    all.lines()
        .filter_map(|line| line.trim_end_matches(',').parse().ok())
        .collect()
}

fn worst(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}

/// Renders the film through a chain that is `with` a drift, held or not, without loss.
fn rendered(folder: &Folder, output: &str, drift: bool, held: bool) -> (Vec<f64>, Value) {
    let film = film();
    let style = if drift { "./fading" } else { "identity" };
    let mut arguments = vec![
        text(&film),
        "-s",
        style,
        "-o",
        output,
        "--codec",
        "ffv1",
        "--report",
        "r.json",
        "-y",
    ];
    if held {
        arguments.extend(["--consistency", "1"]);
    }
    folder.run(&arguments).succeeds();
    let report = serde_json::from_slice(&std::fs::read(folder.path("r.json")).unwrap()).unwrap();
    (brightness(&folder.path(output)), report)
}

#[test]
fn a_film_without_drift_stays_as_it_is() {
    let folder = Folder::new();
    let (plain, report) = rendered(&folder, "plain.mkv", false, false);
    assert!(report["outputs"][0].get("consistency").is_none());
    let (held, report) = rendered(&folder, "held.mkv", false, true);
    assert!(worst(&plain, &held) < 0.5, "{}", worst(&plain, &held));
    let consistency = &report["outputs"][0]["consistency"];
    assert_eq!(consistency["scenes"], 2);
    assert!(consistency["anchors"].as_u64().unwrap() >= 28);
    assert!(
        consistency["with"]["score"].as_f64().unwrap() > 70.0,
        "{consistency}"
    );
    assert!(
        consistency["formula"]
            .as_str()
            .unwrap()
            .contains("drift_percent")
    );
}

#[test]
fn a_planted_drift_is_taken_back() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    std::fs::create_dir_all(folder.path("fading")).unwrap();
    // 10 % darker and redder over the film, by the time alone.
    folder.write(
        "fading/style.toml",
        b"summary = 'fades'\n[[pass]]\nkernel = 'fade'\nin = { image = 'source' }\nout = 'result'\n",
    );
    folder.write(
        "fading/fade.wgsl",
        b"fn pixel(at: vec2i) -> vec4f {\n    let share = 1.0 - 0.1 * package::engine::facts.time / 60.0;\n    let c = image_here();\n    return vec4f(c.r, c.g * share, c.b * share, c.a);\n}\n",
    );
    let (plain, _) = rendered(&folder, "plain.mkv", false, false);
    let (fading, _) = rendered(&folder, "fading.mkv", true, false);
    let (held, report) = rendered(&folder, "held.mkv", true, true);
    let last = plain.len() - 1;
    let drift = (plain[last] - fading[last]) / (plain[last] - 16.0);
    assert!(drift > 0.06, "planted {drift}");
    for at in (0..plain.len()).step_by(25) {
        let left = (plain[at] - held[at]).abs() / (plain[at] - 16.0);
        assert!(left < 0.01, "frame {at}: {left} is left");
    }
    let consistency = &report["outputs"][0]["consistency"];
    let number = |which: &str| consistency[which]["drift_percent"].as_f64().unwrap();
    assert!(number("without") > 3.0 * number("with"), "{consistency}");
}

#[test]
fn what_cannot_drift_is_said() {
    let folder = Folder::new();
    let (film, photo) = (
        clip(),
        made(
            "still.png",
            &["-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1"],
        ),
    );
    for (input, style, output, why) in [
        (
            &film,
            "none",
            "out.mp4",
            "frames that bypass the graph do not drift",
        ),
        (&photo, "pencil", "out.png", "one picture does not drift"),
    ] {
        let arguments = [text(input), "-s", style, "--consistency", "1", "-o", output];
        folder
            .run(&arguments)
            .says(0, &["--consistency changes nothing", why]);
    }
}
