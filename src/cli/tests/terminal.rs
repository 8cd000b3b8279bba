//! A terminal that goes away in the middle of a render: a closed window, a dropped connection.

use std::fs::File;
use std::io::Read;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus};
use std::ptr;
use std::time::{Duration, Instant};

use crate::support::*;

/// A new pseudo-terminal: our end, and the end of a program.
fn pseudo_terminal() -> (File, OwnedFd) {
    let (mut ours, mut theirs) = (0, 0);
    let size = libc::winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: both descriptors are written; the others may be null; the size is only read.
    unsafe {
        let made = libc::openpty(
            &mut ours,
            &mut theirs,
            ptr::null_mut(),
            ptr::null_mut(),
            &raw const size as *mut _,
        );
        assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
        // A program must not inherit our end.
        libc::fcntl(ours, libc::F_SETFD, libc::FD_CLOEXEC);
        (File::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs))
    }
}

/// How the program is started.
#[derive(Clone, Copy, PartialEq)]
enum Started {
    /// From the shell of the terminal, so that a hang-up is sent to it.
    ByTheShell,
    /// By nohup, which ignores the hang-up.
    ByNohup,
}

/// Starts the program on a terminal, waits until a bar shows frames of each of `bars` inputs, and closes the terminal.
fn rendering_while_it_closes(
    folder: &Folder,
    arguments: &[&str],
    started: Started,
    bars: usize,
) -> Child {
    let (mut ours, theirs) = pseudo_terminal();
    let mut command = folder.command(arguments);
    command
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs);
    // SAFETY: only calls that may come between fork and exec.
    unsafe {
        command.pre_exec(move || {
            if started == Started::ByNohup {
                libc::signal(libc::SIGHUP, libc::SIG_IGN);
            }
            libc::setsid();
            libc::ioctl(0, libc::TIOCSCTTY, 0);
            Ok(())
        });
    }
    let child = command.spawn().unwrap();
    // It holds the program's end, which would keep the terminal open.
    drop(command);
    let mut shown = Vec::new();
    let mut bytes = [0; 4096];
    let moving = |shown: &str| {
        let states = shown
            .split(" frames")
            .filter_map(|before| before.rsplit(' ').next());
        let begun = states.filter(|state| !state.starts_with("0/") && state.contains('/'));
        begun.count() > 4 * bars
    };
    while !moving(&String::from_utf8_lossy(&shown)) {
        let count = ours.read(&mut bytes).unwrap();
        shown.extend(&bytes[..count]);
    }
    child
}

/// How the program ends, which it must within `limit`.
#[track_caller]
fn ends_within(mut child: Child, limit: Duration) -> ExitStatus {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begin.elapsed() > limit {
            child.kill().unwrap();
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Far above what it takes on a busy machine, and far below "for ever".
const SOON: Duration = Duration::from_secs(60);

#[test]
fn a_closed_terminal_ends_the_render_and_the_same_command_goes_on() {
    let folder = Folder::new();
    let clip = long_clip();
    let arguments = [
        text(&clip),
        "-o",
        "out.mp4",
        "--device",
        "cpu",
        "--chunk",
        "10",
    ];
    let child = rendering_while_it_closes(&folder, &arguments, Started::ByTheShell, 1);
    assert_eq!(ends_within(child, SOON).code(), Some(75));
    assert!(!folder.names().contains(&"out.mp4".to_owned()));
    // The job folder is not locked: another run takes it, or begins anew.
    let mut again = folder.start(&[&arguments[..], &["--progress", "json"]].concat());
    let mut said = String::new();
    let stderr = again.stderr.take().unwrap();
    for line in std::io::BufRead::lines(std::io::BufReader::new(stderr)) {
        let line = line.unwrap();
        said.push_str(&line);
        if line.contains("\"progress\"") {
            break;
        }
    }
    assert!(said.contains("\"progress\""), "{said}");
    again.kill().unwrap();
    again.wait().unwrap();
}

#[test]
fn a_closed_terminal_ends_all_renders_of_a_batch() {
    let folder = Folder::new();
    for name in ["a.mp4", "b.mp4"] {
        std::os::unix::fs::symlink(long_clip(), folder.path(name)).unwrap();
    }
    let arguments = ["a.mp4", "b.mp4", "--jobs", "2", "--device", "cpu"];
    let child = rendering_while_it_closes(&folder, &arguments, Started::ByTheShell, 2);
    assert_eq!(ends_within(child, SOON).code(), Some(75));
    assert_eq!(folder.names(), ["a.mp4", "b.mp4"]);
}

#[test]
fn under_nohup_a_render_goes_on_without_its_terminal() {
    let folder = Folder::new();
    let clip = made(
        "some.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=25:duration=12",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
        ],
    );
    let arguments = [text(&clip), "-o", "out.mp4", "--device", "cpu", "-v"];
    let child = rendering_while_it_closes(&folder, &arguments, Started::ByNohup, 1);
    assert_eq!(ends_within(child, SOON).code(), Some(0));
    assert_eq!(folder.names(), ["out.mp4"]);
    assert_eq!(frames(&folder.path("out.mp4"), "yuv420p").len(), 300);
}
