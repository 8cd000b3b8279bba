//! Inputs that come through pipes: read once, and never waited for without an end.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::*;

/// Four seconds of pictures and sound as a transport stream.
fn stream() -> PathBuf {
    let pictures = "testsrc2=size=96x64:rate=25:duration=4";
    let sound = "sine=frequency=440:duration=4";
    let coding = [
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "aac",
    ];
    let inputs = ["-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", sound];
    made("stream.ts", &[&inputs[..], &coding].concat())
}

/// The same in another container.
fn copied(name: &str, more: &[&str]) -> PathBuf {
    let stream = stream();
    let copy = ["-i", text(&stream), "-c", "copy", "-bsf:a", "aac_adtstoasc"];
    made(name, &[&copy[..], more].concat())
}

/// Makes a pipe in the folder that a thread writes the file to once; gives its name.
fn pipe_with(folder: &Folder, file: &Path) -> &'static str {
    pipe(folder);
    let (file, pipe) = (file.to_owned(), folder.path("pipe"));
    std::thread::spawn(move || {
        let mut to = File::options().write(true).open(pipe).unwrap();
        // A reader that needs no more closes it.
        let _ = std::io::copy(&mut File::open(file).unwrap(), &mut to);
    });
    "pipe"
}

fn pipe(folder: &Folder) {
    let path = folder.path("pipe");
    if !path.exists() {
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
    }
}

#[track_caller]
fn ends(mut child: Child, limit: Duration) -> Ran {
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > limit {
            child.kill().unwrap();
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap().into()
}

/// Far above what it takes on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// Hashes of the pictures, and of the packets of sound. (FFmpeg gives some packets of a transport stream another time when
/// it comes through a pipe, by a tick.)
fn decoded(folder: &Folder, name: &str) -> (Vec<String>, Vec<String>) {
    let path = folder.path(name);
    let hash = |line: &String| line.rsplit(',').next().unwrap().to_owned();
    (
        frames(&path, "yuv420p"),
        sound(&path).iter().map(hash).collect(),
    )
}

#[test]
fn what_comes_through_a_pipe_is_rendered_whole() {
    let folder = Folder::new();
    let of_file = |input: &Path, out: &str| {
        folder
            .run(&[text(input), "-s", "identity", "-o", out])
            .succeeds();
        decoded(&folder, out)
    };
    for (index, (input, more)) in [
        (stream(), &["--chunk", "10"][..]),
        (
            copied(
                "fragmented.mp4",
                &["-movflags", "frag_keyframe+empty_moov+delay_moov"],
            ),
            &["--fps", "25"],
        ),
        (copied("faststart.mp4", &["-movflags", "+faststart"]), &[]),
    ]
    .into_iter()
    .enumerate()
    {
        let expected = of_file(&input, &format!("file{index}.mkv"));
        assert_eq!(expected.0.len(), 100);
        let out = format!("pipe{index}.mkv");
        let render = [pipe_with(&folder, &input), "-s", "identity", "-o", &out];
        ends(folder.start(&[&render[..], more].concat()), SOON).succeeds();
        assert!(decoded(&folder, &out) == expected, "{}", input.display());
        // A part of it.
        let out = format!("part{index}.mkv");
        let part = ["--start", "1.5", "--duration", "1"];
        let render = [pipe_with(&folder, &input), "-s", "identity", "-o", &out];
        ends(folder.start(&[&render[..], &part].concat()), SOON).succeeds();
        let of_file = [text(&input), "-s", "identity", "-y", "-o", "part.mkv"];
        folder.run(&[&of_file[..], &part].concat()).succeeds();
        let part = decoded(&folder, "part.mkv");
        assert_eq!(part.0.len(), 25);
        assert!(decoded(&folder, &out) == part, "{}", input.display());
        // Standard input.
        let out = format!("stdin{index}.mkv");
        let child = folder
            .command(&["-", "-s", "identity", "-o", &out])
            .stdin(File::open(&input).unwrap())
            .stderr(Stdio::piped())
            .spawn();
        ends(child.unwrap(), SOON).succeeds();
        assert!(
            frames(&folder.path(&out), "yuv420p") == expected.0,
            "{}",
            input.display()
        );
    }
}

#[test]
fn what_a_pipe_cannot_give_is_refused_at_once() {
    let folder = Folder::new();
    let last = copied("index_last.mp4", &[]);
    let render = [pipe_with(&folder, &last), "-o", "out.mkv"];
    ends(folder.start(&render), SOON).says(65, &["whose index comes last", "+faststart"]);
    let text_file = folder.write("letter.txt", b"This is a letter.\n");
    let render = [pipe_with(&folder, &text_file), "-o", "out.mkv"];
    ends(folder.start(&render), SOON).says(65, &["no picture can be read from pipe"]);
    // Nobody writes to it, and nothing waits for that.
    pipe(&folder);
    for arguments in [
        &["preview", "pipe", "--start", "1", "-o", "out.png"][..],
        &[
            "inspect",
            "pipe",
            "-s",
            "pencil",
            "--pass",
            "soft/result",
            "-o",
            "out.png",
        ],
        &["pipe", "--frame", "3", "-o", "out.png"],
        &["pipe", "--verify", "-o", "out.mkv"],
    ] {
        let ran = ends(folder.start(arguments), SOON);
        ran.says(
            2,
            &[
                "pipe is a pipe, which is read once",
                "write it to a file first",
            ],
        );
    }
    folder
        .run(&["-", "-s", "identity"])
        .says(2, &["the input is standard input", "-o"]);
    let only_render = "only `aquatint render` reads standard input";
    folder.run(&["probe", "-"]).says(66, &[only_render]);
    assert_eq!(folder.names(), ["letter.txt", "pipe"]);
}

/// Waits until the program handles SIGTERM (15) itself: on a busy machine, it may take a while to start. Linux says it; on
/// other systems, nothing is waited for.
fn wait_until_terminations_are_handled(child: &Child) {
    let file = format!("/proc/{}/status", child.id());
    let handled = |status: &str| {
        let caught = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        caught.is_none_or(|mask| mask >> 14 & 1 == 1)
    };
    let begin = Instant::now();
    while std::fs::read_to_string(&file).is_ok_and(|status| !handled(&status)) {
        assert!(begin.elapsed() < SOON, "no handler of SIGTERM");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_signal_ends_every_wait_for_a_pipe() {
    let folder = Folder::new();
    pipe(&folder);
    let signalled = |child: Child| {
        wait_until_terminations_are_handled(&child);
        std::thread::sleep(Duration::from_millis(300));
        send_signal(&child, "-TERM");
        ends(child, SOON)
    };
    // No writer comes.
    signalled(folder.start(&["pipe", "-o", "out.mkv"])).says(75, &["terminated"]);
    // A writer that stops in the middle.
    let child = folder.start(&["pipe", "-s", "identity", "-o", "out.mkv"]);
    let mut writer = File::options()
        .write(true)
        .open(folder.path("pipe"))
        .unwrap();
    let bytes = beginning(&stream(), 0.7);
    std::io::Write::write_all(&mut writer, &bytes).unwrap();
    signalled(child).says(75, &["terminated"]);
    drop(writer);
    assert_eq!(folder.names(), ["pipe"]);
    // While the render is prepared.
    let child = folder.start(&["pipe", "-s", "identity", "-o", "out.mkv"]);
    let mut writer = File::options()
        .write(true)
        .open(folder.path("pipe"))
        .unwrap();
    std::io::Write::write_all(&mut writer, &bytes).unwrap();
    send_signal(&child, "-TERM");
    ends(child, SOON).says(75, &["terminated"]);
    drop(writer);
    assert_eq!(folder.names(), ["pipe"]);
    let child = folder.start(&["probe", "pipe"]);
    assert!(signalled(child).code.is_some_and(|code| code != 0));
}

#[test]
fn what_is_looked_for_before_a_render_leaves_a_pipe_whole() {
    let folder = Folder::new();
    let input = stream();
    let pipe = pipe_with(&folder, &input);
    let arguments = [pipe, "-s", "crop", "-o", "out.mkv", "--codec", "ffv1"];
    let ran = ends(folder.start(&arguments), SOON);
    ran.says(
        0,
        &[
            "crop has its defaults for bottom, left, right, top",
            "crop cuts nothing",
        ],
    );
    let output = folder.path("out.mkv");
    assert_eq!(frames(&output, "yuv420p"), frames(&input, "yuv420p"));
    // What chooses a style must look at the input first.
    let pipe = pipe_with(&folder, &input);
    let arguments = [pipe, "--restore", "auto", "-o", "auto.mkv"];
    let ran = ends(folder.start(&arguments), SOON);
    ran.says(
        2,
        &[
            "is a pipe, which is read once",
            "looked at before it is rendered",
        ],
    );
}
