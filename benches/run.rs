//! What benches of the whole command share: a clip, and a clock.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// So many seconds of 1080p with sound, made by FFmpeg.
pub fn make_clip(path: &Path, seconds: u32) {
    let pictures = format!("testsrc2=s=1920x1080:r=30:d={seconds}");
    let sound = format!("sine=d={seconds}");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(["-f", "lavfi", "-i", &pictures, "-f", "lavfi", "-i", &sound])
        .args(["-c:v", "libx264", "-preset", "veryfast"])
        .args(["-pix_fmt", "yuv420p", "-c:a", "aac"])
        .arg(path)
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "ffmpeg makes the clip"
    );
}

/// Seconds that a command takes.
pub fn seconds(command: &mut Command) -> f64 {
    let start = Instant::now();
    let status = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the command runs");
    assert!(status.success(), "{command:?}");
    start.elapsed().as_secs_f64()
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Words on the command line, flags aside: cargo adds its own.
pub fn words() -> Vec<String> {
    std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect()
}
