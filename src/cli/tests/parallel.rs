//! Several chunks at a time give the same bytes as one after the other, whatever ends the process in between.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use serde_json::Value;

use crate::long::*;
use crate::support::*;

/// What is carried over no frame: any number of workers may render it.
const STILL: [&str; 4] = ["-s", "pencil", "--temporal", "off"];

/// The command that renders `input` by so many workers.
fn by<'a>(workers: &'a str, input: &'a Path, output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = in_chunks(input, output, &STILL);
    all.extend(["--workers", workers]);
    all.extend(more);
    all
}

fn bytes(folder: &Folder, name: &str) -> Vec<u8> {
    std::fs::read(folder.path(name)).unwrap()
}

fn report(folder: &Folder) -> Value {
    serde_json::from_slice(&bytes(folder, "report.json")).unwrap()
}

#[test]
fn any_number_of_workers_gives_the_same_bytes() {
    let folder = Folder::new();
    let reported = ["--report", "report.json", "-y"];
    for (source, codec, ending) in [
        (slow_clip(), "libx264", "mp4"),
        (source("vfr.mkv"), "ffv1", "nut"),
        (source("open.mkv"), "libx264", "mp4"),
        (source("stream.ts"), "ffv1", "nut"),
    ] {
        let name = source.display().to_string();
        // Dither and texture are noise of each frame.
        let more = ["--codec", codec, "--set", "pencil.use_texture=true"];
        let [one, many] = ["one", "many"].map(|stem| format!("{stem}.{ending}"));
        let more = [&more[..], &reported].concat();
        folder.run(&by("1", &source, &one, &more)).succeeds();
        assert_eq!(report(&folder)["chunks"]["workers"], 1, "{name}");
        folder.run(&by("3", &source, &many, &more)).succeeds();
        let chunks = &report(&folder)["chunks"];
        assert!(chunks["workers"].as_u64() > Some(1), "{name}: {chunks}");
        assert!(bytes(&folder, &one) == bytes(&folder, &many), "{name}");
    }
    // Two outputs, one of which bypasses the graph.
    let clip = slow_clip();
    let both = ["-s", "pencil,none", "--temporal", "off", "--workers", "4"];
    folder.run(&in_chunks(&clip, "both/", &both)).succeeds();
    folder
        .run(&in_chunks(&clip, "single/", &[&both[..5], &["1"]].concat()))
        .succeeds();
    for name in ["slow.pencil.mp4", "slow.none.mp4"] {
        let [a, b] = ["both", "single"].map(|dir| bytes(&folder, &format!("{dir}/{name}")));
        assert!(a == b, "{name}");
    }
}

#[test]
fn what_looks_ahead_is_rendered_by_any_number_of_workers() {
    let folder = Folder::new();
    let still = ["-s", "despeckle", "--temporal", "off", "--codec", "ffv1"];
    let reported = ["--report", "report.json", "-y", "--workers"];
    for clip in [slow_clip(), source("vfr.mkv")] {
        let whole = [&still[..], &["-y"]].concat();
        folder.run(&in_one(&clip, "whole.nut", &whole)).succeeds();
        let expected = frames(&folder.path("whole.nut"), "yuv420p");
        for (workers, output) in [("1", "one.nut"), ("3", "many.nut")] {
            let more = [&still[..], &reported, &[workers]].concat();
            folder.run(&in_chunks(&clip, output, &more)).succeeds();
            let used = report(&folder)["chunks"]["workers"].as_u64();
            assert!((used > Some(1)) == (workers == "3"), "{used:?}");
            assert_eq!(
                frames(&folder.path(output), "yuv420p"),
                expected,
                "{workers}"
            );
        }
    }
}

#[test]
fn where_chunks_depend_on_each_other_it_says_so() {
    let folder = Folder::new();
    let clip = slow_clip();
    let no_times = source("no-times.avi");
    let one_key = source("one-key.mp4");
    let reported = ["--report", "report.json", "-y", "--workers", "4"];
    for (input, more, why) in [
        (
            &clip,
            &["-s", "pencil"][..],
            "each frame depends on those before it",
        ),
        (&no_times, &STILL, "from its beginning only"),
        (&one_key, &STILL, "no chunk begins with a key frame"),
    ] {
        let arguments = in_chunks(input, "out.mkv", &[more, &reported].concat());
        folder
            .run(&arguments)
            .says(0, &["one worker, not 4: ", why]);
        let report = report(&folder);
        assert_eq!(report["chunks"]["workers"], 1);
        assert!(report["fallbacks"][0].as_str().unwrap().contains(why));
    }
    folder
        .run(&by("4", &crate::support::clip(), "short.mp4", &[]))
        .says(0, &["one worker, not 4: it is rendered in one piece"]);
    // Nobody asked for several: nothing is to be said.
    let ran = folder.run(&in_chunks(&clip, "auto.mkv", &["-s", "pencil"]));
    assert!(!ran.succeeds().stderr.contains("worker"), "{}", ran.stderr);
    folder
        .run(&by("0", &clip, "no.mkv", &[]))
        .says(2, &["--workers", "a number from 1 on, or auto"]);
}

#[test]
fn kill_9_at_any_moment_costs_nothing_that_any_worker_has_done() {
    let folder = Folder::new();
    let clip = slow_clip();
    folder.run(&by("1", &clip, "whole.mp4", &[])).succeeds();
    let arguments = by("3", &clip, "out.mp4", &[]);
    let mut dice = Dice::new();
    let output = folder.path("out.mp4");
    let mut kills = 0;
    while !output.exists() {
        let mut child = folder.start(&arguments);
        std::thread::sleep(std::time::Duration::from_millis(
            dice.roll(150 + 60 * kills),
        ));
        send_signal(&child, "-KILL");
        let status = child.wait().unwrap();
        kills += u64::from(status.signal() == Some(9));
        assert!(status.signal() == Some(9) || status.success(), "{status}");
    }
    assert!(kills > 0);
    folder.run(&arguments);
    assert!(
        bytes(&folder, "out.mp4") == bytes(&folder, "whole.mp4"),
        "{kills} kills"
    );
    assert_eq!(folder.names(), ["out.mp4", "whole.mp4"]);
}

#[test]
fn holes_are_filled() {
    let folder = Folder::new();
    let clip = slow_clip();
    folder.run(&by("1", &clip, "whole.mp4", &[])).succeeds();
    let job = folder.path(".out.mp4.aquatint");
    for workers in ["1", "3"] {
        for (segment, whole) in [("000001.0.nut", false), ("000002.0.nut", true)] {
            let mut child = folder.start(&by("3", &clip, "out.mp4", &[]));
            for record in ["000001.chunk", "000002.chunk"] {
                wait_for(&job.join(record), &mut child);
            }
            send_signal(&child, "-KILL");
            child.wait().unwrap();
            let path = job.join(segment);
            let mut data = std::fs::read(&path).unwrap();
            if whole {
                let middle = data.len() / 2;
                data[middle] ^= 1;
                std::fs::write(&path, data).unwrap();
            } else {
                std::fs::remove_file(&path).unwrap();
            }
            let ran = folder.run(&by(workers, &clip, "out.mp4", &[]));
            ran.says(0, &["is rendered again: ", "going on: "]);
            assert!(
                bytes(&folder, "out.mp4") == bytes(&folder, "whole.mp4"),
                "{segment}, {workers}"
            );
            std::fs::remove_file(folder.path("out.mp4")).unwrap();
        }
    }
}

#[test]
fn signals_stop_all_workers_and_progress_counts_all_frames() {
    let folder = Folder::new();
    let clip = slow_clip();
    folder.run(&by("1", &clip, "whole.mp4", &[])).succeeds();
    let job = folder.path(".out.mp4.aquatint");
    let arguments = by("3", &clip, "out.mp4", &["--progress", "json"]);
    let kept = ["chunks are done and kept", "the same command continues"];
    ended(&folder, &arguments, &job, 1, "-INT").says(130, &kept);
    let ran = folder.run(&arguments);
    let events = ran.succeeds().events();
    let frames: Vec<u64> = events
        .iter()
        .filter(|event| event["event"] == "progress")
        .map(|event| event["frame"].as_u64().unwrap())
        .collect();
    assert!(frames.is_sorted(), "{frames:?}");
    assert_eq!(frames.last(), Some(&250));
    assert!(bytes(&folder, "out.mp4") == bytes(&folder, "whole.mp4"));
}

#[test]
fn damaged_sources_are_decoded_from_their_beginning() {
    let folder = Folder::new();
    let mut data = std::fs::read(slow_clip()).unwrap();
    let length = data.len();
    for place in (length / 4..length / 2).step_by(length / 97) {
        data[place] ^= 0x55;
    }
    let damaged = folder.write("damaged.mp4", &data);
    let lossless = ["--codec", "ffv1", "--report", "report.json"];
    folder
        .run(&by("1", &damaged, "one.mkv", &lossless))
        .says(0, &["are damaged"]);
    let ran = folder.run(&by("4", &damaged, "many.mkv", &lossless));
    ran.says(0, &["are damaged", "decoded from its beginning"]);
    assert!(report(&folder)["damage"]["damaged_frames"].as_u64() > Some(0));
    assert_eq!(
        times(&folder.path("one.mkv")),
        times(&folder.path("many.mkv"))
    );
    // Before the damage everything is as it was; what a decoder makes up after it differs from run to run.
    let [a, b] = ["one.mkv", "many.mkv"].map(|name| frames(&folder.path(name), "yuv420p"));
    assert_eq!(a[..50], b[..50]);
    folder
        .run(&by("4", &damaged, "strict.mkv", &["--strict"]))
        .says(65, &["is damaged"]);
}
