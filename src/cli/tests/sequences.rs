//! Image sequences in and out.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::support::*;

/// A clip by FFmpeg's generator `source` and further arguments.
fn generated(folder: &Folder, name: &str, source: &str, more: &[&str]) -> PathBuf {
    let path = folder.path(name);
    tool(
        "ffmpeg",
        &[&["-f", "lavfi", "-i", source], more, &[text(&path)]].concat(),
    );
    path
}

/// Numbered pictures of 32 × 24 from number 1 on.
fn pictures(folder: &Folder, pattern: &str, count: u32) {
    let source = format!("testsrc2=size=32x24:rate=10:duration={}", count / 10 + 1);
    let count = count.to_string();
    generated(
        folder,
        pattern,
        &source,
        &["-frames:v", &count, "-pix_fmt", "rgb24"],
    );
}

fn names_like(folder: &Folder, end: &str) -> Vec<String> {
    let mut names = folder.names();
    names.retain(|name| name.ends_with(end));
    names
}

fn pixel_format(path: &Path) -> String {
    let entries = ["-show_entries", "stream=pix_fmt", "-of", "csv=p=0"];
    let said = tool("ffprobe", &[&entries[..], &[text(path)]].concat());
    said.trim().to_owned()
}

#[test]
fn pictures_and_back_is_exact() {
    for (size, format, picture) in [
        ("48x34", "gbrp", "rgb24"),
        ("48x34", "gbrp16le", "rgb48be"),
        ("1x1", "gbrp16le", "rgb48be"),
        ("35x7", "gray", "gray"),
        ("34x50", "gray16le", "gray16be"),
    ] {
        let folder = Folder::new();
        let noise = match format.starts_with("gbrp") {
            true => "r='random(1)*65535':g='random(2)*65535':b='random(3)*65535'",
            false => "lum='random(1)*65535'",
        };
        let noise =
            format!("nullsrc=size={size}:rate=24:duration=0.25,format={format},geq={noise}");
        let source = generated(
            &folder,
            "source.mkv",
            &noise,
            &["-c:v", "ffv1", "-color_range", "pc"],
        );
        for style in ["none", "identity"] {
            let pattern = format!("{style}_%05d.png");
            folder
                .run(&["source.mkv", "-s", style, "-o", &pattern])
                .succeeds();
            assert_eq!(names_like(&folder, ".png").len(), 6, "{format}");
            let first = folder.path(&format!("{style}_00001.png"));
            assert_eq!(pixel_format(&first), picture);
            folder
                .run(&[
                    "-y", &pattern, "--fps", "24", "-s", style, "--codec", "ffv1", "-o", "back.mkv",
                ])
                .succeeds();
            assert_eq!(
                frames(&folder.path("back.mkv"), format),
                frames(&source, format),
                "{size} {format} {style}"
            );
            folder.run(&["verify", "source.mkv", &pattern]).succeeds();
            folder
                .run(&["verify", &pattern, "back.mkv", "--input-fps", "24"])
                .succeeds();
            for number in 1..=6 {
                std::fs::remove_file(folder.path(&format!("{style}_{number:05}.png"))).unwrap();
            }
        }
    }
}

#[test]
fn a_sequence_has_the_rate_that_is_named() {
    let folder = Folder::new();
    pictures(&folder, "p%d.png", 5);
    let ran = folder.run(&["p%d.png", "-s", "none", "--codec", "ffv1"]);
    ran.says(0, &["25 frames a second", "--input-fps"]);
    // A video of the pictures, beside them.
    let seconds = |path: &Path| -> Vec<f64> {
        let times = times(path);
        times.iter().map(|time| time.parse().unwrap()).collect()
    };
    let near = |a: &[f64], b: &[f64]| {
        assert_eq!(a.len(), b.len());
        assert!(
            a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.0006),
            "{a:?} {b:?}"
        );
    };
    near(
        &seconds(&folder.path("p.none.mkv")),
        &[0.0, 0.04, 0.08, 0.12, 0.16],
    );
    let ran = folder.run(&[
        "p%d.png",
        "--fps",
        "23.976",
        "-o",
        "film.mp4",
        "--pix-fmt",
        "yuv420p",
    ]);
    ran.succeeds();
    assert!(!ran.stderr.contains("25 frames a second"), "{}", ran.stderr);
    let step = 1001.0 / 24000.0;
    let film: Vec<f64> = (0..5).map(|n| f64::from(n) * step).collect();
    near(&seconds(&folder.path("film.mp4")), &film);
    let rate = ["-show_entries", "stream=r_frame_rate", "-of", "csv=p=0"];
    let rate = tool(
        "ffprobe",
        &[&rate[..], &[text(&folder.path("film.mp4"))]].concat(),
    );
    assert_eq!(rate.trim(), "24000/1001");
    // Parts are by time, and exact.
    folder
        .run(&[
            "p%d.png",
            "--input-fps",
            "10",
            "--start",
            "0.2",
            "--to",
            "0.4",
            "-s",
            "none",
            "--codec",
            "ffv1",
            "-o",
            "part.mkv",
        ])
        .succeeds();
    let third = [folder.path("p3.png"), folder.path("p4.png")];
    let third: Vec<String> = third
        .iter()
        .flat_map(|path| frames(path, "rgb24"))
        .collect();
    assert_eq!(frames(&folder.path("part.mkv"), "rgb24"), third);
    folder
        .run(&[text(&clip()), "--input-fps", "24", "-o", "no.mp4"])
        .says(2, &["is not an image sequence", "--input-fps"]);
    folder
        .run(&["p%03d.png"])
        .says(66, &["did you mean p%d.png"]);
    folder.run(&["q%d.png"]).says(66, &["q1.png"]);
    folder
        .run(&["p%d.png", "--fps", "0"])
        .says(2, &["0.001 to 1000"]);
}

#[test]
fn a_gap_is_named_and_keeps_its_time() {
    let folder = Folder::new();
    pictures(&folder, "p_%03d.png", 12);
    for number in [4, 7, 8] {
        std::fs::remove_file(folder.path(&format!("p_{number:03}.png"))).unwrap();
    }
    // Numbers are found, wherever they begin.
    for number in [1, 2] {
        std::fs::remove_file(folder.path(&format!("p_{number:03}.png"))).unwrap();
    }
    let arguments = [
        "p_%03d.png",
        "--fps",
        "10",
        "-s",
        "none",
        "--codec",
        "ffv1",
        "-o",
        "out.mkv",
    ];
    let dry = folder.run(&[&arguments[..], &["--dry-run"]].concat());
    dry.succeeds();
    assert!(dry.stdout.contains("missing 4, 7 to 8"), "{}", dry.stdout);
    folder.run(&arguments).says(0, &["missing 4, 7 to 8"]);
    let found: Vec<f64> = times(&folder.path("out.mkv"))
        .iter()
        .map(|t| t.parse().unwrap())
        .collect();
    assert_eq!(found, [0.0, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9]);
    let probed = folder.run(&["probe", "p_%03d.png"]);
    probed.succeeds();
    assert!(
        probed.stdout.contains("7 pictures, 3 to 12"),
        "{}",
        probed.stdout
    );
    folder
        .run(&["verify", "p_%03d.png", "out.mkv", "--fps", "10"])
        .succeeds();
    // Pictures keep their numbers.
    folder
        .run(&["p_%03d.png", "-s", "none", "-o", "q%d.png"])
        .succeeds();
    let mut numbers: Vec<u32> = folder
        .names()
        .iter()
        .filter_map(|name| name.strip_prefix('q')?.strip_suffix(".png")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [3, 5, 6, 9, 10, 11, 12]);
    let strict = [&arguments[..7], &["strict.mkv", "--strict"]].concat();
    folder.run(&strict).says(65, &["missing 4, 7 to 8"]);
    // A picture that is empty or broken is damage, and no other is lost by it.
    folder.write("p_006.png", b"");
    folder.write("p_010.png", b"\x89PNG\r\n\x1a\nbroken");
    folder
        .run(&[
            "-y",
            "p_%03d.png",
            "--fps",
            "10",
            "-s",
            "none",
            "--codec",
            "ffv1",
            "-o",
            "out.mkv",
        ])
        .says(0, &["could not be"]);
    assert_eq!(times(&folder.path("out.mkv")).len(), 5);
}

#[test]
fn what_pictures_cannot_hold_is_said_first() {
    let folder = Folder::new();
    let clip = clip();
    let ran = folder.run(&[text(&clip), "-s", "none", "-o", "p%03d.png"]);
    // YUV goes through the graph.
    ran.says(2, &[]);
    let arguments = [text(&clip), "-s", "identity", "-o", "p%03d.png"];
    let dry = folder.run(&[&arguments[..], &["--dry-run"]].concat());
    dry.succeeds();
    for words in [
        "stream 1 (audio, aac) is dropped",
        "no times",
        "images, png rgb24",
    ] {
        assert!(dry.stdout.contains(words), "no {words:?} in {}", dry.stdout);
    }
    assert!(folder.names().is_empty());
    folder
        .run(&arguments)
        .says(0, &["stream 1 (audio, aac) is dropped"]);
    assert_eq!(folder.names().len(), 25);
    folder.run(&["verify", text(&clip), "p%03d.png"]).succeeds();
    std::fs::remove_file(folder.path("p025.png")).unwrap();
    let ran = folder.run(&["verify", text(&clip), "p%03d.png"]);
    assert_eq!(ran.code, Some(1));
    // Frames that do not come at one rate.
    let uneven = generated(
        &folder,
        "uneven.mkv",
        "testsrc2=size=32x24:rate=10:duration=2,select='not(eq(mod(n,5),3))'",
        &["-fps_mode", "vfr", "-c:v", "ffv1"],
    );
    folder
        .run(&[text(&uneven), "-s", "identity", "-o", "u%d.png"])
        .says(0, &["cannot say so"]);
}

#[test]
fn sequences_are_replaced_as_a_whole_or_not_at_all() {
    let folder = Folder::new();
    pictures(&folder, "in%d.png", 6);
    let render = |more: &[&str]| {
        let arguments = ["in%d.png", "--fps", "10", "-s", "none", "-o", "p%02d.png"];
        folder.run(&[&arguments[..], more].concat())
    };
    render(&[]).succeeds();
    render(&[]).says(2, &["already exists", "p01.png"]);
    render(&["-n"]).succeeds();
    folder.write("p3.png", b"of another name");
    render(&["-y", "--to", "0.4"]).succeeds();
    let left: Vec<String> = folder
        .names()
        .into_iter()
        .filter(|name| name.starts_with('p'))
        .collect();
    assert_eq!(left, ["p01.png", "p02.png", "p03.png", "p04.png", "p3.png"]);
    // A sequence cannot replace itself.
    folder
        .run(&["in%d.png", "-s", "none", "-y", "-o", "in%d.png"])
        .says(2, &["the input itself"]);
    folder
        .run(&["in%d.png", "-s", "none,identity", "-o", "q%d.png"])
        .says(2, &["one image sequence"]);
    // Names with a percent sign that are there are names.
    std::fs::copy(folder.path("in1.png"), folder.path("x%d.png")).unwrap();
    folder
        .run(&["x%d.png", "-s", "none", "-o", "y.png"])
        .succeeds();
    folder
        .run(&["in1.png", "-s", "none", "-y", "-o", "x%d.png"])
        .says(73, &["of this very name"]);
}

#[test]
fn a_kill_leaves_nothing_under_the_names() {
    let folder = Folder::new();
    let clip = long_clip();
    let mut child = folder.start(&[
        text(&clip),
        "--device",
        "cpu",
        "--progress",
        "json",
        "-o",
        "p%d.png",
    ]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines
        .find(|line| line.as_ref().unwrap().contains("\"progress\""))
        .unwrap()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let left = folder.names();
    assert!(left.len() == 1 && left[0].ends_with(".partial"), "{left:?}");
    // The next run of the same output clears it away.
    folder
        .run(&[text(&self::clip()), "-o", "p%d.png", "--to", "0.2"])
        .succeeds();
    assert_eq!(
        folder.names(),
        ["p1.png", "p2.png", "p3.png", "p4.png", "p5.png"]
    );
}

#[test]
fn a_size_that_changes_is_scaled_with_a_warning() {
    let folder = Folder::new();
    pictures(&folder, "p%d.png", 4);
    generated(
        &folder,
        "p5.png",
        "testsrc2=size=64x20",
        &["-frames:v", "1"],
    );
    let ran = folder.run(&["p%d.png", "-s", "none", "--codec", "ffv1", "-o", "out.mkv"]);
    ran.says(0, &["another size"]);
    assert_eq!(frames(&folder.path("out.mkv"), "rgb24").len(), 5);
}

#[test]
fn nothing_is_carried_over_a_change_of_size() {
    let folder = Folder::new();
    // Two grays that are no cut, and of one tone, so that scaling leaves them alone.
    let gray = |name: &str, size: &str, tone: &str| {
        let source = format!("color=c={tone}:size={size},format=rgb24");
        generated(&folder, name, &source, &["-frames:v", "1"]);
    };
    for (name, size) in [("changes", "64x48"), ("stays", "32x24")] {
        for number in 1..=6 {
            let (size, tone) = match number {
                1..=3 => ("32x24", "0x606060"),
                _ => (size, "0x666666"),
            };
            gray(&format!("{name}{number}.png"), size, tone);
        }
    }
    gray("alone4.png", "32x24", "0x666666");
    let rendered = |name: &str| {
        let (input, output) = (format!("{name}%d.png"), format!("{name}_%d.png"));
        folder
            .run(&[
                &input,
                "-s",
                "cinematic",
                "--set",
                "cinematic.grain_strength=0",
                "--temporal",
                "ema",
                "--temporal-alpha",
                "0.1",
                "--device",
                "cpu",
                "-o",
                &output,
            ])
            .succeeds();
        folder.path(&format!("{name}_4.png"))
    };
    // All but dither, which differs from time to time.
    let alone = rendered("alone");
    let (stays, changes) = (
        psnr(&rendered("stays"), &alone),
        psnr(&rendered("changes"), &alone),
    );
    assert!(stays < 40.0 && changes > 45.0, "{stays} {changes}");
}

#[test]
fn other_kinds_of_pictures_are_read() {
    for (ending, format, codec) in [
        ("jpg", "yuvj420p", &[][..]),
        ("tiff", "rgb48le", &[]),
        ("bmp", "bgr24", &[]),
        ("webp", "yuv420p", &["-c:v", "libwebp", "-f", "image2"]),
    ] {
        let folder = Folder::new();
        let pattern = format!("p%d.{ending}");
        generated(
            &folder,
            &pattern,
            "testsrc2=size=32x24:rate=10",
            &[&["-frames:v", "3", "-pix_fmt", format][..], codec].concat(),
        );
        folder
            .run(&[&pattern, "-s", "none", "--codec", "ffv1", "-o", "out.mkv"])
            .succeeds();
        let source: Vec<String> = (1..=3)
            .flat_map(|number| frames(&folder.path(&format!("p{number}.{ending}")), format))
            .collect();
        assert_eq!(frames(&folder.path("out.mkv"), format), source, "{ending}");
    }
    let folder = Folder::new();
    std::fs::copy(clip(), folder.path("clip1.mp4")).unwrap();
    folder.run(&["clip%d.mp4"]).says(65, &["made of pictures"]);
}

/// Some FFmpegs say of gray pictures that their matrix is that of RGB. It is not taken along.
#[test]
fn gray_pictures_have_no_matrix_of_rgb() {
    let folder = Folder::new();
    let gray = "testsrc2=size=32x24:rate=10,format=gray,setparams=colorspace=gbr:range=pc";
    let tags = ["-colorspace", "rgb", "-color_range", "pc"];
    let source = generated(
        &folder,
        "gray.mkv",
        gray,
        &[
            &["-frames:v", "2", "-pix_fmt", "gray", "-c:v", "ffv1"],
            &tags[..],
        ]
        .concat(),
    );
    let space = |path: &Path| {
        let entries = ["-show_entries", "stream=color_space", "-of", "csv=p=0"];
        let said = tool("ffprobe", &[&entries[..], &[text(path)]].concat());
        said.trim().to_owned()
    };
    assert_eq!(space(&source), "gbr");
    for style in ["none", "identity"] {
        let (pattern, back) = (format!("{style}%d.png"), format!("{style}.mkv"));
        let ran = folder.run(&["gray.mkv", "-s", style, "-o", &pattern]);
        assert!(!ran.succeeds().stderr.contains("matrix"), "{}", ran.stderr);
        folder.run(&["verify", "gray.mkv", &pattern]).succeeds();
        folder
            .run(&[&pattern, "-s", style, "--codec", "ffv1", "-o", &back])
            .succeeds();
        assert_eq!(pixel_format(&folder.path(&back)), "gray");
        assert_eq!(space(&folder.path(&back)), "unknown", "{style}");
    }
}

#[test]
fn colour_and_turns_go_with_the_pictures() {
    let folder = Folder::new();
    // Older FFmpegs take the options, newer ones what the frames say.
    let tags = [
        "-vf",
        "setparams=color_primaries=bt2020:color_trc=smpte2084",
        "-frames:v",
        "2",
        "-pix_fmt",
        "gbrp10le",
        "-c:v",
        "ffv1",
        "-color_primaries",
        "bt2020",
        "-color_trc",
        "smpte2084",
        "-colorspace",
        "rgb",
    ];
    generated(&folder, "pq.mkv", "testsrc2=size=32x24:rate=10", &tags);
    folder
        .run(&["pq.mkv", "-s", "identity", "-o", "p%d.png"])
        .succeeds();
    folder.run(&["verify", "pq.mkv", "p%d.png"]).succeeds();
    folder
        .run(&[
            "p%d.png", "-s", "identity", "--codec", "ffv1", "-o", "back.mkv",
        ])
        .succeeds();
    let entries = [
        "-show_entries",
        "stream=color_primaries,color_transfer",
        "-of",
        "csv=p=0",
    ];
    let said = tool(
        "ffprobe",
        &[&entries[..], &[text(&folder.path("back.mkv"))]].concat(),
    );
    assert_eq!(said.trim().trim_end_matches(','), "smpte2084,bt2020");
    // A film that is turned makes pictures that are, and they a film that is again.
    let flat = generated(
        &folder,
        "flat.mp4",
        "testsrc2=size=32x24:rate=10",
        &["-frames:v", "3", "-pix_fmt", "yuv444p"],
    );
    let turned = folder.path("turned.mp4");
    tool("ffmpeg", &["-i", text(&flat), "-c", "copy", text(&turned)]);
    crate::turned::turn(&turned, 90);
    folder.run(&["turned.mp4", "-o", "t%d.png"]).succeeds();
    folder.run(&["verify", "turned.mp4", "t%d.png"]).succeeds();
    folder.run(&["t%d.png", "-o", "again.mp4"]).succeeds();
    let turn = |name: &str| {
        let probed = folder.run(&["probe", name]).stdout;
        let at = probed
            .find("turned by")
            .unwrap_or_else(|| panic!("{name}: {probed}"));
        probed[at..].split(',').next().unwrap().to_owned()
    };
    assert_eq!(turn("t%d.png"), turn("turned.mp4"));
    assert_eq!(turn("again.mp4"), turn("turned.mp4"));
    // NUT has no place for it.
    folder
        .run(&["t%d.png", "-o", "again.nut"])
        .says(0, &["the pictures are turned instead"]);
}
