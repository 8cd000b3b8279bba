//! What chunks cost: the same render in one piece, in chunks of 30 seconds and of 10, in turn, in one run: wall seconds
//! and their ratio. Encoders begin anew with each chunk, so their output is not the same.
//!
//!     cargo bench --bench chunks [-- CLIP [RUNS]]

mod run;

use std::path::{Path, PathBuf};
use std::process::Command;

use run::{make_clip, median, seconds, words};

const CHUNKS: [&str; 3] = ["none", "30", "10"];

fn render(clip: &Path, output: &Path, chunk: &str) -> f64 {
    seconds(
        Command::new(env!("CARGO_BIN_EXE_aquatint"))
            .args(["render", "-y", "--style", "pencil", "--device", "cpu"])
            .args(["--encoder-preset", "ultrafast", "--no-resume"])
            .args(["--chunk", chunk, "-o"])
            .arg(output)
            .arg(clip),
    )
}

fn main() {
    let words = words();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clip = words.first().map(PathBuf::from).unwrap_or_else(|| {
        let clip = folder.path().join("clip.mp4");
        make_clip(&clip, 60);
        clip
    });
    let runs: usize = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(3);
    let output = folder.path().join("out.mp4");
    let mut times = CHUNKS.map(|_| Vec::new());
    // The first turn warms caches.
    for turn in 0..=runs {
        let [whole, by_30, by_10] = CHUNKS.map(|chunk| render(&clip, &output, chunk));
        if turn > 0 {
            println!(
                "in one piece {whole:.2} s, chunks of 30 s {by_30:.2} s, of 10 s {by_10:.2} s"
            );
            for (times, time) in times.iter_mut().zip([whole, by_30, by_10]) {
                times.push(time);
            }
        }
    }
    let [whole, by_30, by_10] = &times;
    let pairs = |chunked: &[f64]| {
        let ratios = chunked.iter().zip(whole).map(|(time, whole)| time / whole);
        median(ratios.collect())
    };
    let fastest = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    let best = |chunked: &[f64]| fastest(chunked) / fastest(whole);
    for (chunk, chunked) in [("30 s", by_30), ("10 s", by_10)] {
        println!(
            "chunks of {chunk}: median of ratios {:.3}, ratio of the fastest {:.3}",
            pairs(chunked),
            best(chunked)
        );
    }
}
