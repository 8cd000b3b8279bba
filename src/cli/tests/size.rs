//! The size of outputs: --scale, --size and --fit.

use std::path::{Path, PathBuf};

use crate::support::*;

/// Half a second of 64 × 48 with sound, as Matroska; the samples are not square where `aspect` says so.
fn small(aspect: &str) -> PathBuf {
    let name = format!("small-{}.mkv", aspect.replace('/', "-"));
    let sar = format!("setsar={aspect}");
    made(
        &name,
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=10:duration=0.5",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=0.5",
            "-vf",
            &sar,
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-c:a",
            "aac",
        ],
    )
}

/// Width, height and sample aspect ratio of the video, as ffprobe says them.
#[track_caller]
fn size(path: &Path) -> String {
    let said = tool(
        "ffprobe",
        &[
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=width,height,sample_aspect_ratio",
            "-of",
            "csv=p=0:s=x",
            text(path),
        ],
    );
    said.trim().to_owned()
}

/// The samples of a plane, as 8 bits each.
fn plane(path: &Path, filter: &str) -> Vec<u8> {
    let raw = tempfile::NamedTempFile::new().unwrap();
    let filter = format!("{filter},format=gray");
    tool(
        "ffmpeg",
        &[
            "-y",
            "-i",
            text(path),
            "-vf",
            &filter,
            "-f",
            "rawvideo",
            text(raw.path()),
        ],
    );
    std::fs::read(raw.path()).unwrap()
}

#[track_caller]
fn furthest(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    assert!(!a.is_empty());
    let apart = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    apart.max().unwrap()
}

#[test]
fn sizes_come_out_as_asked_and_nothing_else_changes() {
    let folder = Folder::new();
    let source = small("1/1");
    for (asked, expected, said) in [
        (&["--scale", "2"][..], "128x96x1:1", ""),
        (&["--scale", "1.5"], "96x72x1:1", ""),
        (&["--scale", "0.3"], "20x14x1:1", ""),
        (&["--size", "100x-2"], "100x76x1:1", ""),
        (&["--size", "-2x100"], "134x100x1:1", ""),
        (&["--size", "64x48"], "64x48x1:1", ""),
        (&["--size", "100x100"], "100x76x1:1", "the output is 100x76"),
        (&["--size", "101x75"], "100x75x1:1", "odd size"),
        (&["--size", "100x90", "--fit", "pad"], "100x90x1:1", ""),
        (&["--size", "100x90", "--fit", "crop"], "100x90x1:1", ""),
        (&["--size", "96x96", "--fit", "stretch"], "96x96x4:3", ""),
        (&["--size", "1x1"], "1x1x1:1", "odd size"),
    ] {
        let mut arguments = vec![text(&source), "-s", "identity", "-y", "-o", "out.mkv"];
        arguments.extend(asked);
        folder.run(&arguments).says(0, &[said]);
        let out = folder.path("out.mkv");
        assert_eq!(size(&out), expected, "{asked:?}");
        assert_eq!(times(&out), times(&source), "{asked:?}");
        assert_eq!(sound(&out), sound(&source), "{asked:?}");
        let mut arguments = vec!["verify", text(&source), "out.mkv", "--pix-fmt", "yuv444p"];
        let differs = i32::from(!expected.starts_with("64x48x"));
        folder.run(&arguments).says(differs, &[]);
        arguments.extend(asked);
        folder.run(&arguments).says(0, &[]);
    }
    assert_eq!(folder.names(), ["out.mkv"]);
}

#[test]
fn the_sample_aspect_ratio_stays_or_keeps_the_shape() {
    let folder = Folder::new();
    let source = small("4/3");
    for (asked, expected) in [
        (&["--scale", "2"][..], "128x96x4:3"),
        (&["--size", "200x100"], "134x100x4:3"),
        (&["--size", "200x100", "--fit", "pad"], "200x100x4:3"),
        (&["--size", "128x72", "--fit", "stretch"], "128x72x1:1"),
        (&["--size", "128x48", "--fit", "stretch"], "128x48x2:3"),
    ] {
        for out in ["out.mkv", "out.mp4"] {
            let mut arguments = vec![text(&source), "-s", "identity", "-y", "-o", out];
            arguments.extend(asked);
            folder.run(&arguments).succeeds();
            assert_eq!(size(&folder.path(out)), expected, "{asked:?}");
            let mut arguments = vec!["verify", text(&source), out];
            arguments.extend(asked);
            folder.run(&arguments).succeeds();
        }
    }
}

#[test]
fn none_goes_through_resize_alone_as_zimg_does_it() {
    let folder = Folder::new();
    let source = small("1/1");
    let lossless = ["--codec", "ffv1", "-o", "none.mkv"];
    let mut arguments = vec![text(&source), "-s", "none", "--scale", "2"];
    arguments.extend(lossless);
    folder
        .run(&arguments)
        .says(0, &["the pictures go through resize alone"]);
    let ours = plane(&folder.path("none.mkv"), "extractplanes=y");
    let theirs = plane(
        &source,
        "zscale=128:96:f=lanczos:param_a=3,format=yuv420p,extractplanes=y",
    );
    assert!(furthest(&ours, &theirs) <= 1);
    let other = plane(
        &source,
        "zscale=128:96:f=bilinear,format=yuv420p,extractplanes=y",
    );
    assert!(furthest(&ours, &other) > 10);
    // The size that it has: planes bypass the graph.
    folder
        .run(&[
            text(&source),
            "-s",
            "none",
            "--size",
            "64x48",
            "--dry-run",
            "--codec",
            "ffv1",
            "-o",
            "x.mkv",
        ])
        .succeeds()
        .stdout
        .contains("bypass the graph")
        .then_some(())
        .unwrap();
}

#[test]
fn chains_take_the_size_and_outputs_keep_their_names() {
    let folder = Folder::new();
    let source = small("1/1");
    std::fs::copy(&source, folder.path("clip.mkv")).unwrap();
    let preset = "description = \"Large\"\nstyle = \"pencil,resize+identity\"\nscale = 2\n";
    folder.write("large.toml", preset.as_bytes());
    folder
        .run(&["clip.mkv", "--preset", "large.toml", "--codec", "ffv1"])
        .succeeds();
    let names = [
        "clip.mkv",
        "clip.pencil.mkv",
        "clip.resize+identity.mkv",
        "large.toml",
    ];
    assert_eq!(folder.names(), names);
    for name in &names[1..3] {
        assert_eq!(size(&folder.path(name)), "128x96x1:1", "{name}");
    }
    // --size on the command line wins over the preset's scale.
    let again = [
        "clip.mkv",
        "--preset",
        "large.toml",
        "-s",
        "pencil+resize",
        "--size",
        "96x-2",
        "-o",
        "p.mkv",
    ];
    folder.run(&again).succeeds();
    assert_eq!(size(&folder.path("p.mkv")), "96x72x1:1");
    let plan = folder.run(&[
        "clip.mkv",
        "-s",
        "pencil",
        "--scale",
        "2",
        "--dry-run",
        "-o",
        "q.mkv",
    ]);
    assert!(
        plan.succeeds().stdout.contains("size: 128x96"),
        "{}",
        plan.stdout
    );
}

#[test]
fn bars_are_black_and_cuts_are_centred() {
    let folder = Folder::new();
    let source = small("1/1");
    let render = |asked: &[&str], out: &str| {
        let mut arguments = vec![text(&source), "-s", "none", "--codec", "ffv1", "-o", out];
        arguments.extend(asked);
        folder.run(&arguments).says(0, &["resize alone"]);
        folder.path(out)
    };
    let plain = render(&["--scale", "2"], "plain.mkv");
    // 128x96 in 200x96: 36 columns of bar, 72 on both sides together.
    let pad = render(&["--size", "200x96", "--fit", "pad"], "pad.mkv");
    for (name, black) in [("y", 16), ("u", 128), ("v", 128)] {
        let width = if name == "y" { 32 } else { 16 };
        let bar = format!("extractplanes={name},crop={width}:ih:0:0");
        let bar = plane(&pad, &bar);
        assert!(
            !bar.is_empty() && bar.iter().all(|code| *code == black),
            "{name}"
        );
    }
    let inner = plane(&pad, "extractplanes=y,crop=128:96:36:0");
    assert_eq!(inner, plane(&plain, "extractplanes=y"));
    let crop = render(&["--size", "128x60", "--fit", "crop"], "crop.mkv");
    let expected = plane(&plain, "extractplanes=y,crop=128:60:0:18");
    assert_eq!(plane(&crop, "extractplanes=y"), expected);
}

#[test]
fn alpha_follows_the_size() {
    let folder = Folder::new();
    let source = made(
        "transparent.png",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=40x30:rate=1:duration=1",
            "-frames:v",
            "1",
            "-vf",
            "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='20+4*X+Y'",
        ],
    );
    let expected = plane(&source, "alphaextract,zscale=80:60:f=lanczos:param_a=3");
    for style in [
        "none",
        "pencil",
        "resize+pencil",
        "pencil+resize+identity",
        "cartoon",
    ] {
        let out = format!("{style}.png");
        folder
            .run(&[text(&source), "-s", style, "--scale", "2", "-o", &out])
            .succeeds();
        let seen = plane(&folder.path(&out), "alphaextract");
        assert!(furthest(&seen, &expected) <= 1, "{style}");
    }
    // Opaque bars around it.
    let pad = [
        "-s", "pencil", "--size", "80x40", "--fit", "pad", "-o", "pad.png",
    ];
    folder
        .run(&[&[text(&source)][..], &pad].concat())
        .succeeds();
    let alpha = plane(&folder.path("pad.png"), "alphaextract");
    assert_eq!((alpha.len(), alpha[20 * 80 + 11]), (3200, 255));
    assert!(alpha[20 * 80 + 12] < 60, "{}", alpha[20 * 80 + 12]);
}

#[test]
fn pictures_take_odd_sizes() {
    let folder = Folder::new();
    let source = made(
        "odd.png",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=42x32:rate=1:duration=1,format=rgb24,crop=41:31",
            "-frames:v",
            "1",
            "-pix_fmt",
            "rgb24",
        ],
    );
    for (asked, expected) in [
        (["--scale", "3"], "123x93"),
        (["--size", "33x-2"], "33x24"),
        (["--size", "33x33"], "33x25"),
        (["--scale", "0.001"], "1x1"),
    ] {
        let mut arguments = vec![text(&source), "-y", "-o", "out.png"];
        arguments.extend(asked);
        folder.run(&arguments).succeeds();
        let seen = size(&folder.path("out.png"));
        assert!(seen.starts_with(expected), "{asked:?}: {seen}");
    }
}

#[test]
fn chunks_are_of_the_same_size_and_the_same_frames() {
    let folder = Folder::new();
    let source = made(
        "minute.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=2:duration=25",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "4",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
        ],
    );
    for (chunk, out) in [("10", "chunks.mkv"), ("none", "whole.mkv")] {
        folder
            .run(&[
                text(&source),
                "-s",
                "pencil",
                "--scale",
                "2",
                "--codec",
                "ffv1",
                "--chunk",
                chunk,
                "-o",
                out,
            ])
            .succeeds();
        assert_eq!(size(&folder.path(out)), "128x96x1:1");
    }
    let [a, b] = ["chunks.mkv", "whole.mkv"].map(|out| frames(&folder.path(out), "yuv420p"));
    assert_eq!(a.len(), 50);
    assert_eq!(a, b);
}

#[test]
fn fields_are_not_mixed_unasked() {
    let folder = Folder::new();
    let source = made(
        "fields.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=25:duration=0.4",
            "-vf",
            "setfield=tff",
            "-flags",
            "+ilme+ildct",
            "-c:v",
            "mpeg2video",
        ],
    );
    let render = |more: &[&str]| {
        let mut arguments = vec![text(&source), "-y", "-o", "out.mkv"];
        arguments.extend(more);
        folder.run(&arguments)
    };
    for asked in [
        &["--scale", "2"][..],
        &["-s", "resize"],
        &["-s", "none", "--size", "128x24", "--fit", "crop"],
    ] {
        render(asked).says(2, &["tagged as interlaced", "--interlaced-anyway"]);
        assert!(folder.names().is_empty());
    }
    render(&["-s", "identity"]).succeeds();
    render(&["--size", "64x48"]).succeeds();
    render(&["--scale", "2", "--interlaced-anyway"]).succeeds();
    assert!(size(&folder.path("out.mkv")).starts_with("128x96"));
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_left() {
    let folder = Folder::new();
    let source = small("1/1");
    for (arguments, words) in [
        (&["--scale", "1000"][..], &["64000x48000", "16384"][..]),
        (&["--size", "-2x16384"], &["16384"]),
        (&["--size", "16385x10"], &["1 to 16384"]),
        (&["--size", "10"], &["1280x720"]),
        (&["--size", "-2x-2"], &["1280x720"]),
        (&["--scale", "0"], &["above 0"]),
        (&["--scale", "-2"], &["above 0"]),
        (
            &["--scale", "2", "--size", "10x10"],
            &["cannot be used with"],
        ),
        (&["--scale", "2", "--fit", "pad"], &["give a size"]),
        (&["--fit", "pad"], &["give a size"]),
    ] {
        let mut all = vec![text(&source), "-o", "out.mkv"];
        all.extend(arguments);
        folder.run(&all).says(2, words);
        assert!(folder.names().is_empty(), "{arguments:?}");
    }
    // A style of one's own that makes what it likes.
    std::fs::create_dir_all(folder.path("own/fixed")).unwrap();
    let manifest = "summary = 'x'\nrole = 'scaler'\n[[pass]]\nuse = 'common/resample'\n\
        in = { image = 'source' }\nset = { width = 'width * 2', height = 'height * 2' }\nout = 'result'\n";
    folder.write("own/fixed/style.toml", manifest.as_bytes());
    let own = [
        "--style-path",
        "own",
        "-s",
        "fixed",
        "-o",
        "out.mkv",
        "--scale",
    ];
    let fixed = |scale: &str| folder.run(&[&[text(&source)][..], &own, &[scale]].concat());
    let words = ["makes 128x96, and not 192x144", "target_width"];
    fixed("3").says(2, &words);
    assert_eq!(folder.names(), ["own"]);
    fixed("2").succeeds();
    std::fs::remove_file(folder.path("out.mkv")).unwrap();
    // Equal sizes can be mixed.
    let mixed = [
        "-s",
        "resize",
        "--set",
        "resize.strength=0.5",
        "--size",
        "64x48",
        "-o",
        "out.mkv",
    ];
    folder
        .run(&[&[text(&source)][..], &mixed].concat())
        .succeeds();
}
