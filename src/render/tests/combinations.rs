//! Every container with every codec and pixel format, with and without sound: rendered, or refused in words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::graph::style::Library;
use crate::media::extensions;
use crate::render::{Cancel, Failure, Job, OutputLocation, RenderError, RenderRequest, Report};
use crate::skip::skip;

const FRAMES: usize = 5;

/// Encoders, and the containers that can hold their streams.
const ENCODERS: &[(&str, &[&str])] = &[
    ("libx264", &["avi", "m4v", "mkv", "mov", "mp4", "nut"]),
    ("libx264rgb", &["avi", "m4v", "mkv", "mov", "mp4", "nut"]),
    ("libx265", &["m4v", "mkv", "mov", "mp4", "nut"]),
    ("libvpx", &["avi", "mkv", "nut", "webm"]),
    ("libvpx-vp9", &["avi", "m4v", "mkv", "mp4", "nut", "webm"]),
    ("libsvtav1", &["avi", "m4v", "mkv", "mp4", "nut", "webm"]),
    ("libaom-av1", &["avi", "m4v", "mkv", "mp4", "nut", "webm"]),
    ("ffv1", &["avi", "mkv", "nut"]),
    ("prores_ks", &["mkv", "mov"]),
    ("mjpeg", &["avi", "m4v", "mkv", "mov", "mp4", "nut"]),
];

const PIXEL_FORMATS: &[&str] = &[
    "yuv420p",
    "yuv422p",
    "yuv444p",
    "yuv420p10le",
    "yuv422p10le",
    "yuv444p10le",
    "gbrp",
    "rgb24",
];

fn ffmpeg(arguments: &[&str]) -> String {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin"])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn clip(folder: &Path, sound: bool) -> PathBuf {
    let path = folder.join(if sound { "sound.mkv" } else { "silent.mkv" });
    let pictures = format!(
        "testsrc2=size=96x64:rate=25:duration={}",
        FRAMES as f64 / 25.0
    );
    let mut arguments = vec!["-f", "lavfi", "-i", &pictures];
    if sound {
        arguments.extend(["-f", "lavfi", "-i", "sine=duration=0.2:sample_rate=48000"]);
    }
    arguments.extend(["-c:v", "ffv1", "-c:a", "aac", "-pix_fmt", "yuv420p"]);
    arguments.push(path.to_str().unwrap());
    ffmpeg(&arguments);
    path
}

fn render(clip: &Path, output: &Path, codec: &str, format: &str) -> Result<Report, RenderError> {
    let library = Library::built_in();
    let request = RenderRequest {
        style: Some("identity".into()),
        codec: Some(codec.into()),
        pix_fmt: Some(format.into()),
        device: Some("cpu".into()),
        ..RenderRequest::default()
    };
    let settings = request.settings(&library)?;
    let target = OutputLocation {
        out: Some(output.into()),
        ..OutputLocation::default()
    };
    Job::prepare(&library, &settings, clip, &target)?.run(&mut |_| (), &Cancel::default())
}

/// Decoded frames of each file, by FFmpeg's program.
fn decoded(files: &[PathBuf]) -> Vec<usize> {
    let mut arguments = Vec::new();
    for file in files {
        arguments.extend(["-i", file.to_str().unwrap()]);
    }
    let maps: Vec<String> = (0..files.len())
        .map(|index| format!("{index}:v:0"))
        .collect();
    for map in &maps {
        arguments.extend(["-map", map]);
    }
    arguments.extend(["-fps_mode", "passthrough", "-f", "framemd5", "-"]);
    let mut counts = vec![0; files.len()];
    for line in ffmpeg(&arguments)
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let stream: usize = line.split(',').next().unwrap().trim().parse().unwrap();
        counts[stream] += 1;
    }
    counts
}

#[test]
fn every_container_codec_and_pixel_format_renders_or_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let there = ffmpeg(&["-encoders"]);
    let clips = [false, true].map(|sound| (sound, clip(dir.path(), sound)));
    let (mut found, mut expected) = (Vec::new(), Vec::new());
    for (codec, holders) in ENCODERS {
        if !there.contains(&format!(" {codec} ")) {
            skip(
                &format!("no encoder {codec}"),
                "install an FFmpeg that has it",
            );
            continue;
        }
        let mut made = Vec::new();
        let mut containers = BTreeSet::new();
        let mut formats: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (sound, clip) in &clips {
            for extension in extensions(false) {
                for &format in PIXEL_FORMATS {
                    let name = format!("{codec}-{format}-{sound}.{extension}");
                    let output = dir.path().join(name);
                    match render(clip, &output, codec, format) {
                        Ok(report) => {
                            containers.insert(extension);
                            formats.entry(extension).or_default().insert(format);
                            let packets = &report.outputs[0].written.packets;
                            let streams = 1 + usize::from(*sound);
                            assert_eq!(packets.len(), streams, "{}", output.display());
                            made.push(output);
                        }
                        Err(error) => {
                            let refused =
                                matches!(error.failure(), Failure::Unavailable | Failure::Usage);
                            assert!(refused, "{}: {error}", output.display());
                            assert!(!error.advice().is_empty(), "{}: {error}", output.display());
                            assert!(!output.exists());
                        }
                    }
                }
            }
        }
        found.push((*codec, containers.into_iter().collect::<Vec<_>>()));
        expected.push((*codec, holders.to_vec()));
        // What an encoder takes does not depend on the container.
        let all: BTreeSet<_> = formats.values().collect();
        assert_eq!(all.len(), 1, "{codec}: {formats:?}");
        for (file, count) in made.iter().zip(decoded(&made)) {
            assert_eq!(count, FRAMES, "{}", file.display());
        }
    }
    assert_eq!(found, expected);
}
