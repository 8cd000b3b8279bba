//! The whole command against FFmpeg's own filters, in turn, in one run: wall seconds and their ratio.
//!
//!     cargo bench --bench end_to_end [-- CLIP [RUNS]]

mod run;

use std::path::PathBuf;
use std::process::Command;

use run::{make_clip, median, seconds, words};

fn main() {
    let words = words();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clip = words.first().map(PathBuf::from).unwrap_or_else(|| {
        let clip = folder.path().join("clip.mp4");
        make_clip(&clip, 10);
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
    println!("median: {:.2} times as fast", median(ratios));
}
