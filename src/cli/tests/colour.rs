//! Samples and their meaning: exact where nothing was asked, by the standards where they must be converted.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::*;

/// A clip of raw pictures, made by `ffmpeg -f rawvideo`.
fn raw(
    folder: &Folder,
    name: &str,
    format: &str,
    size: &str,
    bytes: &[u8],
    tags: &[&str],
) -> PathBuf {
    let samples = folder.write("samples.raw", bytes);
    let output = folder.path(name);
    let input = [
        "-y", "-f", "rawvideo", "-pix_fmt", format, "-s", size, "-r", "25",
    ];
    let mut arguments = input.to_vec();
    // Older FFmpegs take tags of the output, newer ones those of the input.
    arguments.extend(tags);
    arguments.extend(["-i", text(&samples)]);
    let codec = if name.ends_with("nut") {
        "rawvideo"
    } else {
        "ffv1"
    };
    arguments.extend(["-c:v", codec, "-pix_fmt", format]);
    arguments.extend(tags);
    arguments.push(text(&output));
    tool("ffmpeg", &arguments);
    output
}

/// The samples of a clip's first frame.
fn samples(path: &Path, format: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-i",
            text(path),
            "-frames:v",
            "1",
            "-f",
            "rawvideo",
            "-pix_fmt",
            format,
            "-",
        ])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout
}

/// Bright noise: the hard case for half floats and for clipping.
fn noise(count: usize, limit: u32, deep: bool) -> Vec<u8> {
    let mut state = 0x2545_f491u32;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    let mut bytes = Vec::new();
    for _ in 0..count {
        // Half of them in the upper tenth.
        let value = next();
        let value = match value & 1 << 31 {
            0 => value % (limit + 1),
            _ => limit - value % (limit / 10 + 1),
        };
        match deep {
            true => bytes.extend_from_slice(&(value as u16).to_le_bytes()),
            false => bytes.push(value as u8),
        }
    }
    bytes
}

/// `none`, `identity` and a style at strength 0 on one device give the samples of `source`.
fn exact(folder: &Folder, source: &Path, format: &str, device: &str) {
    let out = format!("{}-{device}", source.file_stem().unwrap().to_string_lossy());
    folder
        .run(&[
            text(source),
            "-s",
            "none,identity,pencil",
            "--set",
            "pencil.strength=0",
            "--codec",
            "ffv1",
            "--device",
            device,
            "-o",
            &out,
        ])
        .succeeds();
    let given = frames(source, format);
    assert!(!given.is_empty());
    let made = names(&folder.path(&out));
    assert_eq!(made.len(), 3);
    for name in made {
        let found = frames(&folder.path(&out).join(&name), format);
        assert_eq!(found, given, "{name} {format} on {device}");
    }
}

fn devices(folder: &Folder) -> Vec<&'static str> {
    match software_vulkan(folder) {
        true => vec!["cpu", "llvmpipe"],
        false => vec!["cpu"],
    }
}

/// Bytes of the samples of one picture, by FFmpeg's own count.
fn picture_bytes(format: &str, size: &str) -> usize {
    let lavfi = format!(
        "color=s=64x64:d=0.04,scale={},format={format}",
        size.replace('x', ":")
    );
    let output = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            &lavfi,
            "-frames:v",
            "1",
            "-f",
            "rawvideo",
            "-",
        ])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.stdout.is_empty(), "{format} {size}");
    output.stdout.len()
}

fn noise_is_exact(formats: &[(&str, u32)], sizes: &[&str], more: &[&str]) {
    let folder = Folder::new();
    let devices = devices(&folder);
    for (index, &(format, depth)) in formats.iter().enumerate() {
        let size = sizes[index % sizes.len()];
        let bytes = picture_bytes(format, size);
        let deep = depth > 8;
        let count = if deep { bytes / 2 } else { bytes };
        let pictures = noise(2 * count, (1 << depth) - 1, deep);
        let ending = if more.is_empty() { "nut" } else { "mkv" };
        let name = format!("{format}-{size}.{ending}");
        let source = raw(&folder, &name, format, size, &pictures, more);
        for device in &devices {
            exact(&folder, &source, format, device);
        }
    }
}

#[test]
fn bright_noise_of_8_bits_is_exact() {
    noise_is_exact(
        &[
            ("yuv420p", 8),
            ("yuv422p", 8),
            ("yuv444p", 8),
            ("gray", 8),
            ("bgr0", 8),
        ],
        &["67x45", "64x48"],
        &["-color_range", "tv"],
    );
}

#[test]
fn bright_noise_above_8_bits_is_exact() {
    noise_is_exact(
        &[
            ("yuv420p10le", 10),
            ("yuv422p10le", 10),
            ("yuv444p10le", 10),
            ("gbrp10le", 10),
            ("yuv420p9le", 9),
            ("yuv444p12le", 12),
            ("gray16le", 16),
            ("gbrp16le", 16),
            ("yuv444p16le", 16),
        ],
        &["67x45", "33x17"],
        &["-colorspace", "bt2020nc", "-color_range", "tv"],
    );
}

#[test]
fn bright_noise_in_full_range_is_exact() {
    noise_is_exact(
        &[("yuv420p", 8), ("yuv444p", 8), ("yuv420p10le", 10)],
        &["35x21"],
        &["-colorspace", "bt709", "-color_range", "pc"],
    );
}

#[test]
fn the_smallest_sizes_are_exact() {
    noise_is_exact(
        &[
            ("yuv420p", 8),
            ("yuv420p", 8),
            ("yuv422p10le", 10),
            ("yuv444p", 8),
            ("gray", 8),
        ],
        &["1x1", "2x1", "1x3", "3x2", "5x1"],
        &[],
    );
}

/// Bars of 75 %: white, yellow, cyan, green, magenta, red, blue, black, eight pixels each.
fn bars(width: usize, height: usize, colour: impl Fn(usize) -> [u8; 3]) -> Vec<[u8; 3]> {
    (0..width * height)
        .map(|at| colour(at % width * 8 / width))
        .collect()
}

const RGB: [[u8; 3]; 8] = [
    [191, 191, 191],
    [191, 191, 0],
    [0, 191, 191],
    [0, 191, 0],
    [191, 0, 191],
    [191, 0, 0],
    [0, 0, 191],
    [0, 0, 0],
];
/// Their 8-bit codes in limited range: SMPTE EG 1 (BT.601) and RP 219 (BT.709).
const BT601: [[u8; 3]; 8] = [
    [180, 128, 128],
    [162, 44, 142],
    [131, 156, 44],
    [112, 72, 58],
    [84, 184, 198],
    [65, 100, 212],
    [35, 212, 114],
    [16, 128, 128],
];
const BT709: [[u8; 3]; 8] = [
    [180, 128, 128],
    [168, 44, 136],
    [145, 147, 44],
    [133, 63, 52],
    [63, 193, 204],
    [51, 109, 212],
    [28, 212, 120],
    [16, 128, 128],
];

#[test]
fn colour_bars_have_the_codes_of_the_standards() {
    let folder = Folder::new();
    for (name, height, matrix, tag, codes) in [
        ("sd", 16, "smpte170m", "smpte170m", BT601),
        ("hd", 720, "bt709", "bt709", BT709),
    ] {
        let size = format!("64x{height}");
        let near = |found: &[u8], expected: [u8; 3], what: &str| {
            let off = found.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
            assert!(off <= Some(1), "{name} {what}: {found:?} for {expected:?}");
        };
        // RGB to Y'CbCr, by the matrix that the output is tagged with.
        let packed: Vec<u8> = bars(64, height, |bar| RGB[bar])
            .into_iter()
            .flat_map(|[r, g, b]| [b, g, r, 0])
            .collect();
        let source = raw(
            &folder,
            &format!("{name}-rgb.mkv"),
            "bgr0",
            &size,
            &packed,
            &[],
        );
        let coded = folder.path(&format!("{name}-yuv.mkv"));
        folder
            .run(&[
                text(&source),
                "-s",
                "identity",
                "--codec",
                "ffv1",
                "--pix-fmt",
                "yuv444p",
                "-o",
                text(&coded),
            ])
            .succeeds();
        let told = tool(
            "ffprobe",
            &[
                "-show_entries",
                "stream=color_space",
                "-of",
                "csv=p=0",
                text(&coded),
            ],
        );
        assert_eq!(told.trim(), tag);
        let planes = samples(&coded, "yuv444p");
        let plane = 64 * height;
        for (bar, expected) in codes.into_iter().enumerate() {
            let at = 64 * (height / 2) + bar * 8 + 4;
            let found = [planes[at], planes[plane + at], planes[2 * plane + at]];
            near(&found, expected, "coded");
        }
        // And back, by the matrix that the source is tagged with, whatever its size says.
        for size in ["64x16", "64x720"] {
            let height: usize = size[3..].parse().unwrap();
            let coded = bars(64, height, |bar| codes[bar]);
            let planar: Vec<u8> = (0..3)
                .flat_map(|c| coded.iter().map(move |code| code[c]))
                .collect();
            let tags = ["-colorspace", matrix, "-color_range", "tv"];
            let source = raw(
                &folder,
                &format!("{name}-{size}.mkv"),
                "yuv444p",
                size,
                &planar,
                &tags,
            );
            let decoded = folder.path(&format!("{name}-{size}-rgb.mkv"));
            folder
                .run(&[
                    text(&source),
                    "-s",
                    "identity",
                    "--codec",
                    "ffv1",
                    "--pix-fmt",
                    "bgr0",
                    "-o",
                    text(&decoded),
                ])
                .succeeds();
            let pixels = samples(&decoded, "rgb24");
            for (bar, expected) in RGB.into_iter().enumerate() {
                let at = 3 * (64 * (height / 2) + bar * 8 + 4);
                near(&pixels[at..at + 3], expected, "decoded");
            }
        }
    }
}

#[test]
fn what_is_lost_in_depth_is_dithered_and_seeded() {
    let folder = Folder::new();
    // A ramp so slow that each code of 10 bits is 8 pixels wide.
    let ramp: Vec<u8> = (0..128 * 32)
        .flat_map(|at: usize| (400 + (at % 128 / 8) as u16).to_le_bytes())
        .collect();
    let source = raw(
        &folder,
        "ramp.mkv",
        "gray10le",
        "128x32",
        &ramp,
        &["-color_range", "tv"],
    );
    let shallow = |name: &str| {
        folder
            .run(&[
                text(&source),
                "-s",
                "identity",
                "--codec",
                "ffv1",
                "--pix-fmt",
                "gray",
                "-o",
                name,
                "--seed",
                "5",
            ])
            .says(0, &["10 bits"]);
        samples(&folder.path(name), "gray")
    };
    let (a, b) = (shallow("a.mkv"), shallow("b.mkv"));
    assert_eq!(a, b, "the same seed, the same noise");
    for step in 0..16 {
        // The mean over a code's columns is that code, which rounding would miss by up to half.
        let mut sum = 0.0;
        let mut seen = std::collections::BTreeSet::new();
        for y in 0..32 {
            for x in 0..8 {
                let value = a[y * 128 + step * 8 + x];
                sum += f64::from(value);
                seen.insert(value);
            }
        }
        let mean = sum / 256.0;
        let expected = (400 + step) as f64 / 4.0;
        assert!(
            (mean - expected).abs() < 0.15,
            "{step}: {mean} for {expected}"
        );
        assert!(seen.len() > 1, "{step}: {seen:?} is not dithered");
    }
}
