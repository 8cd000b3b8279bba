//! Signals end a render cleanly.

use std::io::{BufRead, BufReader};

use crate::support::*;

/// Starts a long render, waits for frames, sends `signal`; returns the exit code and stderr.
fn stopped(folder: &Folder, signal: &str, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let clip = long_clip();
    let mut all = vec![text(&clip), "--device", "cpu", "--progress", "json"];
    all.extend(arguments);
    let mut child = folder.start(&all);
    let mut lines = Vec::new();
    let mut sent = false;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains("\"progress\"") && !sent {
            let hidden = folder
                .names()
                .iter()
                .any(|name| name.starts_with('.') && name.ends_with(".partial"));
            assert!(hidden, "{:?}", folder.names());
            assert!(!folder.names().contains(&"out.mp4".to_owned()));
            send_signal(&child, signal);
            sent = true;
        }
        lines.push(line);
    }
    assert!(sent, "{lines:?}");
    (child.wait().unwrap().code(), lines)
}

#[test]
fn an_interrupt_leaves_nothing() {
    let folder = Folder::new();
    let (code, lines) = stopped(&folder, "-INT", &["-o", "out.mp4"]);
    assert_eq!(code, Some(130), "{lines:?}");
    assert!(folder.names().is_empty(), "{:?}", folder.names());
    let last: serde_json::Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(
        (&last["event"], &last["exit"]),
        (&"error".into(), &130.into())
    );
}

#[test]
fn a_termination_leaves_nothing() {
    let folder = Folder::new();
    let (code, lines) = stopped(&folder, "-TERM", &["-o", "out.mp4"]);
    assert_eq!(code, Some(75), "{lines:?}");
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[test]
fn an_interrupt_leaves_what_was_to_be_replaced_and_ends_the_batch() {
    let folder = Folder::new();
    folder.write("long.pencil.mp4", b"precious");
    std::fs::copy(clip(), folder.path("next.mp4")).unwrap();
    let link = folder.path("long.mp4");
    std::os::unix::fs::symlink(long_clip(), &link).unwrap();
    let clip = long_clip();
    let both = ["long.mp4", "next.mp4", "-y", "--jobs", "1"];
    let mut child = folder.start(&[&both[..], &["--progress", "json"]].concat());
    let mut sent = false;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        if line.unwrap().contains("\"progress\"") && !sent {
            send_signal(&child, "-INT");
            sent = true;
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(folder.names(), ["long.mp4", "long.pencil.mp4", "next.mp4"]);
    assert_eq!(
        std::fs::read(folder.path("long.pencil.mp4")).unwrap(),
        b"precious"
    );
    assert!(clip.exists());
}

/// Starts two long renders at the same time and interrupts them this many times once both have frames; returns the exit code.
fn both_interrupted(folder: &Folder, times: usize) -> Option<i32> {
    for name in ["a.mp4", "b.mp4"] {
        let link = folder.path(name);
        if !link.exists() {
            std::os::unix::fs::symlink(long_clip(), &link).unwrap();
        }
    }
    let both = ["a.mp4", "b.mp4", "--jobs", "2", "--device", "cpu"];
    let mut child = folder.start(&[&both[..], &["--progress", "json"]].concat());
    let mut waiting = vec!["\"a.mp4\"", "\"b.mp4\""];
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if waiting.is_empty() || !line.contains("\"progress\"") {
            continue;
        }
        waiting.retain(|input| !line.contains(input));
        if waiting.is_empty() {
            for _ in 0..times {
                send_signal(&child, "-INT");
            }
        }
    }
    assert!(waiting.is_empty());
    child.wait().unwrap().code()
}

#[test]
fn an_interrupt_ends_all_jobs() {
    let folder = Folder::new();
    assert_eq!(both_interrupted(&folder, 1), Some(130));
    assert_eq!(folder.names(), ["a.mp4", "b.mp4"]);
    assert_eq!(both_interrupted(&folder, 2), Some(130));
}
