//! The whole command against FFmpeg with filters of the same kind, in turn, in one run: how many times as fast.
//!
//!     cargo bench --bench end_to_end [-- CLIP [RUNS [STYLE…]]]
//!
//! Each style is rendered by the processor as by default, and with `--temporal off`; both programs encode with libx264,
//! preset ultrafast and crf 23, and copy the sound. What stands for a style in FFmpeg is in `benches/peers/STYLE.txt`, a
//! filter graph; `none` has no filter.

mod run;

use std::path::{Path, PathBuf};
use std::process::Command;

use run::{make_clip, median, seconds, words};

const PEERS: [(&str, &str); 5] = [
    ("none", include_str!("peers/none.txt")),
    ("pencil", include_str!("peers/pencil.txt")),
    ("cartoon", include_str!("peers/cartoon.txt")),
    ("comic", include_str!("peers/comic.txt")),
    ("cinematic", include_str!("peers/cinematic.txt")),
];

fn ours(clip: &Path, output: &Path, style: &str, temporal: &str) -> f64 {
    seconds(
        Command::new(env!("CARGO_BIN_EXE_aquatint"))
            .args(["render", "-y", "--style", style, "--device", "cpu"])
            .args(["--temporal", temporal, "--no-resume", "--chunk", "none"])
            .args(["--encoder-preset", "ultrafast", "--crf", "23", "-o"])
            .arg(output)
            .arg(clip),
    )
}

fn peer(clip: &Path, output: &Path, filter: &str) -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y", "-i"]).arg(clip);
    if !filter.is_empty() {
        command.args(["-vf", filter]);
    }
    command
        .args(["-pix_fmt", "yuv420p", "-c:v", "libx264"])
        .args(["-preset", "ultrafast", "-crf", "23", "-c:a", "copy"])
        .arg(output);
    command
}

/// A look-up table that changes colours a little, for the filter that needs one.
fn make_lut(path: &Path) {
    let entries = (0..33 * 33 * 33).map(|index| {
        let [r, g, b] = [1, 33, 1089].map(|step| f64::from(index / step % 33) / 32.0);
        format!("{:.6} {g:.6} {:.6}\n", r.powf(0.95), b.powf(1.05))
    });
    let text = String::from("LUT_3D_SIZE 33\n") + &entries.collect::<String>();
    std::fs::write(path, text).expect("a file in a temporary folder");
}

fn main() {
    let words = words();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let clip = words.first().map(PathBuf::from).unwrap_or_else(|| {
        make_clip(&at("clip.mp4"), 2);
        at("clip.mp4")
    });
    let runs = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(3);
    let wanted = words.get(2..).unwrap_or_default();
    let (output, lut) = (at("out.mp4"), at("look.cube"));
    make_lut(&lut);
    for (style, filter) in PEERS {
        if !wanted.is_empty() && !wanted.iter().any(|word| word == style) {
            continue;
        }
        let filter = filter.trim().replace("LUT", &lut.display().to_string());
        // Also warms caches.
        let works = peer(&clip, &output, &filter).output();
        if !works.is_ok_and(|done| done.status.success()) {
            println!("{style}: left out, because this ffmpeg lacks a filter: {filter}");
            continue;
        }
        let mut ratios = [Vec::new(), Vec::new()];
        for _ in 0..runs {
            for (temporal, ratios) in ["adaptive", "off"].into_iter().zip(&mut ratios) {
                let ours = ours(&clip, &output, style, temporal);
                ratios.push(seconds(&mut peer(&clip, &output, &filter)) / ours);
            }
        }
        let words = ratios.map(|ratios| {
            let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
            let most = ratios.iter().copied().fold(0.0, f64::max);
            format!("{:.2} ({least:.2} to {most:.2})", median(ratios))
        });
        println!(
            "{style}: {} times as fast as ffmpeg, {} with --temporal off",
            words[0], words[1]
        );
    }
}
