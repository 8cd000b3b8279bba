//! The whole command against FFmpeg's own filters, in turn, in one run: wall seconds and their ratio.
//!
//!     cargo bench --bench end_to_end [-- CLIP [RUNS]]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Ten seconds of 1080p with sound, made by FFmpeg.
fn make_clip(path: &Path) {
    let inputs = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=1920x1080:r=30:d=10",
        "-f",
        "lavfi",
        "-i",
        "sine=d=10",
    ];
    let codecs = [
        "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac",
    ];
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(inputs)
        .args(codecs)
        .arg(path)
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "ffmpeg makes the clip"
    );
}

fn seconds(command: &mut Command) -> f64 {
    let start = Instant::now();
    let status = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the command runs");
    assert!(status.success(), "{command:?}");
    start.elapsed().as_secs_f64()
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clip = words.first().map(PathBuf::from).unwrap_or_else(|| {
        let clip = folder.path().join("clip.mp4");
        make_clip(&clip);
        clip
    });
    let runs = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(3);
    let (ours, theirs) = (
        folder.path().join("ours.mp4"),
        folder.path().join("theirs.mp4"),
    );
    let filter = "format=gray,split[a][b];[b]negate,gblur=sigma=21[c];[a][c]blend=all_mode=dodge";
    let mut ratios = Vec::new();
    for run in 0..=runs {
        let ours = seconds(
            Command::new(env!("CARGO_BIN_EXE_aquatint"))
                .args(["render", "-y", "--style", "pencil", "--device", "cpu"])
                .args(["--encoder-preset", "ultrafast", "--crf", "23", "-o"])
                .arg(&ours)
                .arg(&clip),
        );
        let theirs = seconds(
            Command::new("ffmpeg")
                .args(["-v", "error", "-y", "-i"])
                .arg(&clip)
                .args(["-vf", filter, "-pix_fmt", "yuv420p", "-c:v", "libx264"])
                .args(["-preset", "ultrafast", "-crf", "23", "-c:a", "copy"])
                .arg(&theirs),
        );
        // The first pair warms caches.
        if run > 0 {
            println!(
                "aquatint {ours:.2} s, ffmpeg {theirs:.2} s: {:.2} times as fast",
                theirs / ours
            );
            ratios.push(theirs / ours);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!("median: {:.2} times as fast", ratios[ratios.len() / 2]);
}
