//! Disks that fill, at whatever they fill: what is done is kept, nothing half-written has a name, and with room again the
//! same command comes to the same result.

use std::path::Path;

use crate::long::*;
use crate::small::Small;
use crate::support::*;

#[test]
fn a_disk_that_fills_costs_the_chunk_in_hand() {
    let folder = Folder::new();
    // Flat for a while, then noise: nobody could foresee how much room that takes.
    let clip = made(
        "noisy.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=gray:size=128x96:rate=5:duration=20",
            "-f",
            "lavfi",
            "-i",
            "color=gray:size=128x96:rate=5:duration=30,noise=alls=100:allf=t",
            "-filter_complex",
            "[0][1]concat",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-g",
            "20",
        ],
    );
    let lossless = ["-s", "identity", "--codec", "ffv1", "--on-low-disk", "fail"];
    folder
        .run(&in_chunks(&clip, "one.mkv", &lossless))
        .succeeds();
    let whole = Seen::silent(&folder.path("one.mkv"));
    let needed = std::fs::metadata(folder.path("one.mkv")).unwrap().len() / 1024;
    // Room for some of the noise; for all segments, but not for the output beside them.
    for (name, room) in [("early", needed / 2), ("late", needed * 3 / 2)] {
        let test = a_disk_that_fills_costs_the_chunk_in_hand;
        let Some(disk) = Small::mount(&folder.path(name), 4 * needed, test) else {
            return;
        };
        disk.leave(room * 1024);
        let output = format!("{name}/out.mkv");
        let arguments = in_chunks(&clip, &output, &lossless);
        let ran = folder.run(&arguments);
        ran.says(74, &["chunks are done and kept"]);
        assert_eq!(
            names(&disk.0),
            [".out.mkv.aquatint", "filler"],
            "{}",
            ran.stderr
        );
        disk.clear();
        folder.run(&arguments).says(0, &["going on: "]);
        Seen::silent(&disk.0.join("out.mkv")).equals(&whole, name);
        assert_eq!(names(&disk.0), ["out.mkv"]);
    }
}

#[test]
fn low_on_disk_it_waits_for_room() {
    let folder = Folder::new();
    let test = low_on_disk_it_waits_for_room;
    let Some(disk) = Small::mount(&folder.path("disk"), 8192, test) else {
        return;
    };
    let clip = slow_clip();
    // Chunks of a few kilobytes, so that those in hand when the disk fills fit into what is left.
    let small = ["--crf", "51", "--temporal", "off", "--workers", "1"];
    let arguments = [&small[..], &["--progress", "json"]].concat();
    let mut child = folder.start(&in_chunks(&clip, "disk/out.mp4", &arguments));
    let job = disk.0.join(".out.mp4.aquatint");
    wait_for(&job.join("000000.chunk"), &mut child);
    send_signal(&child, "-STOP");
    let first = names(&job)
        .into_iter()
        .filter(|name| name.starts_with("000000"));
    let size = |name: String| std::fs::metadata(job.join(name)).unwrap().len();
    let first: u64 = first.map(|name| size(name).next_multiple_of(4096)).sum();
    let left = 56 * 1024;
    assert!(2 * first < left, "a chunk of {first} bytes");
    // No chunk begins with less than 64 KiB free.
    disk.leave(left);
    send_signal(&child, "-CONT");
    let mut events = String::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap())) {
        let line = line.unwrap();
        if line.contains("paused") {
            disk.clear();
        }
        events.push_str(&line);
    }
    let status = child.wait().unwrap();
    assert!(status.success(), "{events}");
    let order = ["paused", "there is room again"].map(|words| events.find(words).expect(&events));
    assert!(order[0] < order[1], "{events}");
    assert_eq!(sound(&disk.0.join("out.mp4")), sound(&clip));
}

/// Bytes of an MP4's index, which is written last.
fn index_of(path: &Path) -> u64 {
    let bytes = std::fs::read(path).unwrap();
    let mut at = 0;
    while &bytes[at + 4..at + 8] != b"moov" {
        at += u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    }
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()).into()
}

#[test]
fn a_disk_that_fills_at_the_end_of_a_file_leaves_nothing_of_it() {
    let folder = Folder::new();
    let clip = slow_clip();
    let fails = ["-s", "none", "--on-low-disk", "fail"];
    folder
        .run(&in_chunks(&clip, "whole.mp4", &fails))
        .succeeds();
    let read = |path: &Path| std::fs::read(path).unwrap();
    let whole = read(&folder.path("whole.mp4"));
    let size = whole.len() as u64;
    let test = a_disk_that_fills_at_the_end_of_a_file_leaves_nothing_of_it;
    let Some(disk) = Small::mount(&folder.path("disk"), 8 * size / 1024, test) else {
        return;
    };
    // The output: everything fits but its index.
    std::fs::create_dir(folder.path("work")).unwrap();
    let index = index_of(&folder.path("whole.mp4"));
    assert!(index > 2 * 4096, "{index}");
    disk.leave(size - index / 2);
    let arguments = in_chunks(
        &clip,
        "disk/out.mp4",
        &[&fails[..], &["--work-dir", "work"]].concat(),
    );
    folder.run(&arguments).says(
        74,
        &[
            "No space left on device, after ",
            "6 of 6 chunks are done and kept: the same command continues",
        ],
    );
    assert_eq!(names(&disk.0), ["filler"]);
    disk.clear();
    folder.run(&arguments).says(0, &["going on: 6 of 6"]);
    assert!(read(&disk.0.join("out.mp4")) == whole);
    std::fs::remove_file(disk.0.join("out.mp4")).unwrap();
    assert!(names(&folder.path("work")).is_empty());
    // Segments, with a little more room each time: wherever one ends, the disk may be full.
    let arguments = in_chunks(
        &clip,
        "out.mp4",
        &[&fails[..], &["--work-dir", "disk"]].concat(),
    );
    let mut done = 0;
    let mut failures = 0;
    for room in (0..).map(|step| 72 * 1024 + step * size / 9) {
        disk.leave(room);
        let ran = folder.run(&arguments);
        if ran.code == Some(0) {
            break;
        }
        ran.says(74, &[]);
        failures += 1;
        assert!(!folder.path("out.mp4").exists());
        let listed = folder.run(&["resume", "--list", "--json", "--work-dir", "disk"]);
        let jobs: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
        let now = jobs[0]["done"].as_u64().unwrap_or(0);
        assert!(now >= done, "{now} of {done}: {}", ran.stderr);
        done = now;
    }
    assert!(failures >= 3, "{failures}");
    assert!(read(&folder.path("out.mp4")) == whole);
}

#[test]
fn a_report_that_cannot_be_written_costs_no_output() {
    let folder = Folder::new();
    let test = a_report_that_cannot_be_written_costs_no_output;
    let Some(disk) = Small::mount(&folder.path("disk"), 1024, test) else {
        return;
    };
    let report = disk.0.join("report.json");
    let reported = ["--report", "disk/report.json"];
    let said = [
        "the output is complete, but the report disk/report.json cannot be written: ",
        "(0 bytes are free, ",
        " kB are needed)",
    ];
    // Of a long render, which goes on with nothing but its report to do.
    let long = slow_clip();
    let arguments = in_chunks(&long, "out.mp4", &reported);
    disk.leave(0);
    let ran = folder.run(&arguments);
    ran.says(74, &said);
    ran.says(74, &["6 of 6 chunks are done and kept: the same command"]);
    assert_eq!(folder.names(), [".out.mp4.aquatint", "disk", "out.mp4"]);
    assert_eq!(names(&disk.0), ["filler"]);
    let output = std::fs::read(folder.path("out.mp4")).unwrap();
    disk.clear();
    folder.run(&arguments).says(0, &["going on: 6 of 6"]);
    assert!(std::fs::read(folder.path("out.mp4")).unwrap() == output);
    let told = std::fs::read(&report).unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["frames_out"], 250);
    assert_eq!(folder.names(), ["disk", "out.mp4"]);
    // Of a short one, which is done.
    std::fs::remove_file(&report).unwrap();
    disk.leave(0);
    let clip = clip();
    let ran = folder.run(&[&[text(&clip), "-o", "short.mp4"], &reported[..]].concat());
    ran.says(74, &said);
    assert_eq!(frames(&folder.path("short.mp4"), "yuv420p").len(), 25);
    assert_eq!(names(&disk.0), ["filler"]);
}
