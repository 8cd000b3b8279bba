//! Refusals: the message, the exit code, and that no file is changed.

use crate::small::Small;
use crate::support::*;

#[test]
fn inputs_are_judged_by_their_content() {
    let folder = Folder::new();
    folder.run(&["missing.mp4"]).says(
        66,
        &["error: cannot open the input missing.mp4", "\n  check"],
    );
    folder.run(&["."]).says(66, &["nothing to render in ."]);
    folder.write("text.mp4", b"This is a letter, not a film.\n");
    folder.run(&["text.mp4"]).says(65, &["it is a text file"]);
    folder.write("empty.mp4", b"");
    folder.run(&["empty.mp4"]).says(65, &["the file is empty"]);
    let whole = made(
        "index-last.mp4",
        &["-i", text(&clip()), "-c", "copy", "-movflags", "0"],
    );
    folder.write("cut.mp4", &beginning(&whole, 0.5));
    folder.run(&["cut.mp4"]).says(65, &["without its index"]);
    let sound = made("sound.mp4", &["-i", text(&clip()), "-vn", "-c", "copy"]);
    folder
        .run(&[text(&sound), "-o", "x.mp4"])
        .says(65, &["it contains only audio"]);
    // The content decides, not the name: a video with the ending .txt is a video.
    std::fs::copy(clip(), folder.path("clip.txt")).unwrap();
    folder.run(&["clip.txt", "-o", "out.mp4"]).succeeds();
    assert_eq!(
        folder.names(),
        ["clip.txt", "cut.mp4", "empty.mp4", "out.mp4", "text.mp4"]
    );
}

#[test]
fn outputs_are_not_overwritten() {
    let folder = Folder::new();
    std::fs::copy(clip(), folder.path("clip.mp4")).unwrap();
    let before = std::fs::read(clip()).unwrap();
    folder
        .run(&["clip.mp4", "-o", "no/such/out.mp4"])
        .says(73, &["the folder no/such does not exist"]);
    folder
        .run(&["clip.mp4", "-s", "pencil,identity", "-o", "no/such"])
        .says(73, &["does not exist"]);
    folder.write("out.mp4", b"precious");
    let refused = folder.run(&["clip.mp4", "-o", "out.mp4"]);
    refused.says(2, &["error: the output already exists: out.mp4\n  use -y to replace it, or -o to name another file\n"]);
    assert_eq!(std::fs::read(folder.path("out.mp4")).unwrap(), b"precious");
    folder
        .run(&["clip.mp4", "-o", "out.mp4", "-n"])
        .says(0, &["skipped"]);
    assert_eq!(std::fs::read(folder.path("out.mp4")).unwrap(), b"precious");
    std::fs::hard_link(folder.path("clip.mp4"), folder.path("same.mp4")).unwrap();
    std::os::unix::fs::symlink("clip.mp4", folder.path("link.mp4")).unwrap();
    for output in ["clip.mp4", "./clip.mp4", "same.mp4", "link.mp4"] {
        for force in [&[][..], &["-y"]] {
            let arguments = [&["clip.mp4", "-o", output], force].concat();
            folder
                .run(&arguments)
                .says(2, &["the output is the input itself"]);
        }
    }
    assert_eq!(std::fs::read(folder.path("clip.mp4")).unwrap(), before);
    // A render that fails leaves the old output in place.
    folder.run(&[
        "clip.mp4",
        "-o",
        "out.mp4",
        "-y",
        "--strict",
        "--encoder-opt",
        "profile=nonsense",
    ]);
    assert_eq!(std::fs::read(folder.path("out.mp4")).unwrap(), b"precious");
    folder.run(&["clip.mp4", "-o", "out.mp4", "-y"]).succeeds();
    assert_ne!(std::fs::read(folder.path("out.mp4")).unwrap(), b"precious");
    assert_eq!(
        folder.names(),
        ["clip.mp4", "link.mp4", "out.mp4", "same.mp4"]
    );
}

#[test]
fn a_batch_destroys_nothing_of_its_own() {
    let folder = Folder::new();
    for name in ["a", "b"] {
        std::fs::create_dir(folder.path(name)).unwrap();
        std::fs::copy(clip(), folder.path(name).join("clip.mp4")).unwrap();
    }
    // Two inputs with one name: the second must not replace the output of the first, with or without -y.
    folder
        .run(&["a/clip.mp4", "b/clip.mp4", "-o", "out", "-y"])
        .says(2, &["two inputs have the same output"]);
    assert_eq!(names(&folder.path("out")), ["clip.pencil.mp4"]);
    // With -n it must not count as an output that existed before.
    for flag in ["-n", "--seed=0"] {
        let out = format!("out{flag}");
        folder
            .run(&["a/clip.mp4", "b/clip.mp4", "-o", &out, flag])
            .says(2, &["two inputs have the same output"]);
    }
    // The output of one input would replace another input.
    std::fs::copy(clip(), folder.path("a/clip.pencil.mp4")).unwrap();
    let before = std::fs::read(folder.path("a/clip.pencil.mp4")).unwrap();
    folder
        .run(&["a/clip.mp4", "a/clip.pencil.mp4", "-y", "-s", "pencil"])
        .says(2, &["is another input"]);
    assert_eq!(
        std::fs::read(folder.path("a/clip.pencil.mp4")).unwrap(),
        before
    );
    // One that fails does not stop the others, and the exit code is that of the first failure.
    folder
        .run(&[
            "missing.mp4",
            "b/clip.mp4",
            "also-missing.mp4",
            "-s",
            "none",
        ])
        .says(66, &["missing.mp4", "also-missing.mp4"]);
    assert_eq!(names(&folder.path("b")), ["clip.mp4", "clip.none.mp4"]);
}

#[test]
fn mistakes_in_flags_are_taught() {
    let folder = Folder::new();
    let clip = clip();
    let clip = text(&clip);
    for (arguments, code, words) in [
        (&["-s", "pencli"][..], 2, "did you mean \"pencil\"?"),
        (&["-s", ""], 2, "a name is missing"),
        (
            &["--set", "pencil.blur_sgima=9"],
            2,
            "did you mean \"blur_sigma\"?",
        ),
        (&["--set", "pencil.blur_sigma=900"], 2, "from 5 to 50"),
        (&["--set", "pencil.strength=1.5"], 2, "from 0 to 1"),
        (&["--set", "nonsense"], 2, "STYLE.PARAM=VALUE"),
        (&["--crf", "garbage"], 2, "garbage"),
        (&["--crf", "nan"], 2, "give a number"),
        (&["--crf", "500"], 2, "500"),
        (&["--crf", "20", "--bitrate", "1M"], 2, "--bitrate"),
        (
            &["--codec", "nonsense"],
            2,
            "no video encoder called nonsense",
        ),
        (&["--codec", "libx246"], 2, "did you mean libx264?"),
        (
            &["--pix-fmt", "nonsense"],
            2,
            "does not take the pixel format",
        ),
        (&["--encoder-opt", "tunee=film"], 2, "did you mean tune?"),
        (&["--encoder-opt", "tune"], 2, "KEY=VALUE"),
        (&["--audio", "mp3"], 2, "copy, aac, none"),
        (&["--device", "no such device"], 69, "no device"),
        (&["--nonsense"], 2, "--nonsense"),
        (
            &["-o", "out.xyz"],
            2,
            "no format is known for the file extension .xyz",
        ),
        (&["-o", "out.mp4", "-y", "-n"], 2, "cannot be used with"),
        (&["-o", "out.webm", "--codec", "libx264"], 69, "cannot hold"),
        (&["--report", "no/such/report.json"], 73, "does not exist"),
        (&["--report", clip], 2, "the report is an input"),
        (
            &[
                "--codec",
                "ffv1",
                "--pix-fmt",
                "yuv444p",
                "-s",
                "none",
                "-o",
                "x.mkv",
            ],
            2,
            "--style identity",
        ),
    ] {
        let mut all = vec![clip];
        if !arguments.contains(&"-o") {
            all.extend(["-o", "out.mp4"]);
        }
        all.extend(arguments);
        let ran = folder.run(&all);
        assert!(
            ran.stderr.contains(words) && ran.code == Some(code),
            "{arguments:?}: {:?} {}",
            ran.code,
            ran.stderr
        );
        assert!(
            ran.stderr.starts_with("error: ") && ran.stdout.is_empty(),
            "{}",
            ran.stderr
        );
    }
    folder.run(&[]).says(2, &["Usage"]);
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[test]
fn a_disk_that_fills_is_said_and_cleaned() {
    let folder = Folder::new();
    let test = a_disk_that_fills_is_said_and_cleaned;
    let Some(disk) = Small::mount(&folder.path("disk"), 64, test) else {
        return;
    };
    let clip = clip();
    for (output, codec) in [
        ("disk/out.mkv", &["--codec", "ffv1"][..]),
        ("disk/out.avi", &["--codec", "ffv1"]),
        (
            "disk/out.mp4",
            &["--crf", "0", "--encoder-preset", "ultrafast"],
        ),
    ] {
        let mut all = vec![text(&clip), "-s", "identity", "-o", output];
        all.extend(codec);
        folder
            .run(&all)
            .says(74, &["No space left on device", "free space"]);
        assert!(names(&disk.0).is_empty(), "{:?}", names(&disk.0));
    }
}

#[test]
fn an_unsafe_folder_is_said() {
    let folder = Folder::new();
    std::fs::write(folder.path("file"), "").unwrap();
    let clip = clip();
    folder
        .run(&[text(&clip), "-s", "pencil,identity", "-o", "file"])
        .says(2, &["several outputs, but file is a file"]);
    // A name that the file system refuses.
    let long = format!("{}.mp4", "x".repeat(300));
    folder.run(&[text(&clip), "-o", &long]).says(73, &[]);
    assert_eq!(folder.names(), ["file"]);
}

#[test]
fn a_report_replaces_no_picture() {
    let folder = Folder::new();
    let input = clip();
    folder
        .run(&[text(&input), "-o", "out.mp4", "--report", "out.mp4"])
        .says(2, &["the report is an output"]);
    folder.write("photo.jpg", b"\xff\xd8\xff");
    folder
        .run(&[text(&input), "-o", "out.mp4", "--report", "photo.jpg"])
        .says(2, &["is not a report", "use -y"]);
    assert_eq!(folder.names(), ["photo.jpg"]);
    // A report of an earlier run is replaced.
    folder.write("report.json", b"{}");
    folder
        .run(&[text(&input), "-o", "out.mp4", "--report", "report.json"])
        .succeeds();
    assert!(std::fs::read(folder.path("report.json")).unwrap().len() > 1000);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_no_output() {
    let folder = Folder::new();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path("pipe.mp4"))
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    folder
        .run(&[text(&clip()), "-o", "pipe.mp4", "-y"])
        .says(73, &["no regular file"]);
    assert_eq!(folder.names(), ["pipe.mp4"]);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_can_be_rendered_and_reported() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let name = std::ffi::OsStr::from_bytes(b"bad\xff.mp4");
    std::fs::copy(clip(), folder.path("x").with_file_name(name)).unwrap();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_aquatint"))
        .current_dir(folder.path("."))
        .arg(name)
        .args(["-o", "out.mp4", "--report", "report.json", "-q"])
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let report = std::fs::read_to_string(folder.path("report.json")).unwrap();
    assert!(report.contains("bad\u{fffd}.mp4"));
}

#[test]
fn a_mistake_in_a_shader_shows_its_file_and_line_without_colours() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("mine")).unwrap();
    folder.write(
        "mine/style.toml",
        b"summary = 'm'\n[[pass]]\nkernel = 'k'\nin = { image = 'source' }\nout = 'result'\n",
    );
    folder.write(
        "mine/k.wgsl",
        b"fn pixel(at: vec2i) -> vec4f {\n    retrun image_here();\n}\n",
    );
    let input = clip();
    let ran = folder.run(&[
        text(&input),
        "--style-path",
        "mine",
        "-s",
        "mine",
        "--device",
        "llvmpipe",
    ]);
    ran.says(2, &["mine/k.wgsl:2"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
}

#[test]
fn a_codec_that_the_container_cannot_hold_gets_another_unless_the_output_was_named() {
    let folder = Folder::new();
    std::fs::copy(clip(), folder.path("clip.mp4")).unwrap();
    let ran = folder.run(&["clip.mp4", "-s", "identity", "--codec", "ffvhuff"]);
    ran.says(
        0,
        &["warning: a .mp4 file cannot hold ffvhuff: the output is a .avi file"],
    );
    assert_eq!(folder.names(), ["clip.identity.avi", "clip.mp4"]);
    let same = frames(&folder.path("clip.identity.avi"), "yuv420p");
    assert_eq!(same, frames(&clip(), "yuv420p"));
    // The same name is meant the next time.
    let again = ["clip.mp4", "-s", "identity", "--codec", "ffvhuff"];
    folder
        .run(&again)
        .says(2, &["already exists: clip.identity.avi"]);
    let named = [
        "clip.mp4", "-s", "none", "--codec", "ffvhuff", "-o", "out.mp4",
    ];
    folder.run(&named).says(69, &["ffvhuff", ".avi"]);
}
