//! One job, rendered by several processes: whatever order they take, however they end, the output is that of a local render.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::long::*;
use crate::skip::skip;
use crate::small::Small;
use crate::support::*;

/// The flags of a plan of chunks of ten seconds whose frames do not depend on earlier chunks.
const APART: [&str; 6] = ["--device", "cpu", "--chunk", "10", "--temporal", "off"];

/// Plans `input` in the folder `job`; gives the number of tasks.
#[track_caller]
pub fn planned(folder: &Folder, input: &Path, output: &str, job: &str, more: &[&str]) -> usize {
    let mut arguments = vec!["plan", text(input), "-o", output, "--job", job];
    arguments.extend(more);
    let ran = folder.run(&arguments);
    ran.succeeds().stdout.trim_end().parse().unwrap()
}

/// The output of a local render in chunks, for [`APART`].
#[track_caller]
pub fn local(folder: &Folder, input: &Path, output: &str) -> Vec<u8> {
    let arguments = [&[text(input), "-o", output, "-y"], &APART[..]].concat();
    folder.run(&arguments).succeeds();
    std::fs::read(folder.path(output)).unwrap()
}

#[track_caller]
pub fn status(folder: &Folder, job: &str) -> Value {
    let ran = folder.run(&["status", job, "--json"]);
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

/// A film of eight scenes of 6.6 seconds, with one key frame.
fn scenes() -> PathBuf {
    let scene = |number: u32| {
        format!(
            "testsrc2=size=96x64:rate=5:duration=6.6,hue=h={}:b={},rotate={number},noise=alls=8:allf=t",
            number * 47,
            number % 3
        )
    };
    let scenes: Vec<String> = (0..8).map(scene).collect();
    let mut make: Vec<&str> = Vec::new();
    for scene in &scenes {
        make.extend(["-f", "lavfi", "-i", scene]);
    }
    let encode = "-filter_complex concat=n=8 -pix_fmt yuv420p -c:v libx264 -g 1000 -sc_threshold 0";
    make.extend(encode.split(' '));
    made("scenes.mkv", &make)
}

#[test]
fn tasks_in_any_order_by_several_processes_give_the_bytes_of_a_local_render() {
    let folder = Folder::new();
    let clip = slow_clip();
    let expected = local(&folder, &clip, "local.mp4");
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    assert!(tasks > 3, "{tasks}");
    // The same plan again changes nothing.
    let again = planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    assert_eq!(again, tasks);
    // Two at a time, the last ones first.
    let numbers: Vec<String> = (0..tasks).rev().map(|task| task.to_string()).collect();
    for pair in numbers.chunks(2) {
        let children: Vec<_> = pair
            .iter()
            .map(|task| folder.start(&["chunk", "film.job", task]))
            .collect();
        for child in children {
            let ran: Ran = child.wait_with_output().unwrap().into();
            assert!(ran.succeeds().stdout.contains(" sha256:"), "{}", ran.stdout);
        }
    }
    assert_eq!(status(&folder, "film.job")["done"], tasks);
    // What is done takes a moment, even without its input; no task has written a file that all share.
    let all = format!("0-{}", tasks - 1);
    let before = std::fs::read(folder.path("film.job/000001.chunk")).unwrap();
    let ran = folder.run(&["chunk", "film.job", &all]);
    assert!(
        ran.succeeds().stdout.contains("chunks before"),
        "{}",
        ran.stdout
    );
    let after = std::fs::read(folder.path("film.job/000001.chunk")).unwrap();
    assert_eq!(before, after);
    let shared = ["ledger.json", "report.json", "log", "lock"];
    let names = names(&folder.path("film.job"));
    assert!(
        !shared
            .iter()
            .any(|name| names.contains(&(*name).to_owned())),
        "{names:?}"
    );
    folder.run(&["stitch", "film.job"]).succeeds();
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
    assert_eq!(folder.names(), ["farm.mp4", "local.mp4"]);
}

#[test]
fn several_outputs_and_a_first_pass_are_those_of_a_local_render() {
    let folder = Folder::new();
    let clip = slow_clip();
    // `steady` measures all frames first; `none` bypasses the graph; HEVC names the processor, unless it is told not to.
    let flags = [
        "-s",
        "steady+pencil,none",
        "--codec",
        "libx265",
        "--report",
        "report.json",
    ];
    let local = [&[text(&clip), "-o", "local/"], &flags[..], &APART].concat();
    folder.run(&local).succeeds();
    let flags = [&flags[..], &APART].concat();
    let tasks = planned(&folder, &clip, "farm/", "film.job", &flags);
    for task in 0..tasks {
        folder
            .run(&["chunk", "film.job", &task.to_string()])
            .succeeds();
    }
    std::fs::remove_file(folder.path("report.json")).unwrap();
    folder
        .run(&["stitch", "film.job", "--keep-chunks"])
        .succeeds();
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("report.json")).unwrap()).unwrap();
    assert_eq!(report["chunks"]["chunks"], tasks);
    for name in names(&folder.path("local")) {
        let [a, b] = ["local", "farm"].map(|place| folder.path(&format!("{place}/{name}")));
        assert!(
            std::fs::read(a).unwrap() == std::fs::read(b).unwrap(),
            "{name}"
        );
    }
    // What was kept is a job that is done, and can be joined again.
    folder.run(&["stitch", "film.job"]).succeeds();
    assert_eq!(folder.names(), ["farm", "local", "report.json"]);
}

#[test]
fn borders_at_scene_cuts_carry_nothing_across() {
    let folder = Folder::new();
    let clip = scenes();
    let lossless = ["--device", "cpu", "--chunk", "10", "--codec", "ffv1"];
    // Histories with windows before and after them, and what the observer of scenes feeds.
    for style in ["pencil", "despeckle+pencil+despeckle"] {
        let one = [
            "-s", style, "-y", "--chunk", "none", "--device", "cpu", "--codec", "ffv1",
        ];
        folder
            .run(&[&[text(&clip), "-o", "one.mkv"], &one[..]].concat())
            .succeeds();
        let flags = [&lossless[..], &["-s", style, "-y", "--json"]].concat();
        let plan = folder.run(
            &[
                &["plan", text(&clip), "-o", "farm.mkv", "--job", "film.job"],
                &flags[..],
            ]
            .concat(),
        );
        plan.says(0, &["borders lie at scene cuts"]);
        let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
        let tasks = plan["tasks"].as_array().unwrap();
        assert!(tasks.len() > 2, "{plan}");
        assert!(
            tasks[1..].iter().all(|task| task["begins"] == "scene"),
            "{plan}"
        );
        for task in (0..tasks.len()).rev() {
            folder
                .run(&["chunk", "film.job", &task.to_string()])
                .succeeds();
        }
        folder.run(&["stitch", "film.job"]).succeeds();
        Seen::silent(&folder.path("farm.mkv"))
            .equals(&Seen::silent(&folder.path("one.mkv")), style);
    }
}

#[test]
fn tasks_give_the_encoder_the_same_frames_in_every_style() {
    let folder = Folder::new();
    let clip = scenes();
    let styles: Value = serde_json::from_str(&folder.run(&["styles", "--json"]).stdout).unwrap();
    for style in styles.as_array().unwrap() {
        let name = style["name"].as_str().unwrap();
        let more: &[&str] = match name {
            "rate" => &["--fps", "12"],
            _ => &[],
        };
        let lossless = ["-s", name, "--device", "cpu", "--codec", "ffv1", "-y"];
        let lossless = [&lossless[..], more].concat();
        let one = [
            &[text(&clip), "-o", "one.mkv", "--chunk", "none"],
            &lossless[..],
        ]
        .concat();
        folder.run(&one).succeeds();
        let flags = [&["--chunk", "10"], &lossless[..]].concat();
        let tasks = planned(&folder, &clip, "farm.mkv", "film.job", &flags);
        for task in 0..tasks {
            folder
                .run(&["chunk", "film.job", &task.to_string()])
                .succeeds();
        }
        folder.run(&["stitch", "film.job"]).succeeds();
        Seen::silent(&folder.path("farm.mkv")).equals(&Seen::silent(&folder.path("one.mkv")), name);
    }
}

#[test]
fn sources_of_every_kind_are_rendered_in_tasks() {
    let folder = Folder::new();
    for name in [
        "open.mkv",
        "vfr.mkv",
        "no-times.avi",
        "stream.ts",
        "one-key.mp4",
    ] {
        let clip = source(name);
        let lossless = [&APART[..], &["--codec", "ffv1", "-y"]].concat();
        let local = [&[text(&clip), "-o", "local.nut"], &lossless[..]].concat();
        folder.run(&local).succeeds();
        let tasks = planned(&folder, &clip, "farm.nut", "film.job", &lossless);
        assert!(tasks > 1, "{name}");
        for task in (0..tasks).rev() {
            folder
                .run(&["chunk", "film.job", &task.to_string()])
                .succeeds();
        }
        folder.run(&["stitch", "film.job"]).succeeds();
        let [a, b] =
            ["local.nut", "farm.nut"].map(|name| std::fs::read(folder.path(name)).unwrap());
        assert!(a == b, "{name}");
    }
}

#[test]
fn kills_and_two_processes_at_one_task_cost_nothing() {
    let folder = Folder::new();
    let clip = slow_clip();
    let expected = local(&folder, &clip, "local.mp4");
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    let all = format!("0-{}", tasks - 1);
    let mut dice = Dice::new();
    let mut kills = 0;
    // Two processes at all tasks; one of them is killed, later and later.
    while status(&folder, "film.job")["done"] != tasks {
        let mut victim = folder.start(&["chunk", "film.job", &all]);
        let other = folder.start(&["chunk", "film.job", &dice.roll(tasks as u64).to_string()]);
        std::thread::sleep(std::time::Duration::from_millis(
            dice.roll(100 + 60 * kills),
        ));
        send_signal(&victim, "-KILL");
        victim.wait().unwrap();
        kills += 1;
        let ran: Ran = other.wait_with_output().unwrap().into();
        ran.succeeds();
    }
    // Several at once at the same task, from its beginning.
    std::fs::remove_file(folder.path("film.job/000001.chunk")).unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| folder.start(&["chunk", "film.job", "1"]))
        .collect();
    for child in children {
        let ran: Ran = child.wait_with_output().unwrap().into();
        ran.succeeds();
    }
    folder.run(&["stitch", "film.job"]).succeeds();
    assert!(
        std::fs::read(folder.path("farm.mp4")).unwrap() == expected,
        "after {kills} kills"
    );
    assert_eq!(folder.names(), ["farm.mp4", "local.mp4"]);
}

#[test]
fn a_task_that_is_told_to_end_keeps_what_is_done() {
    let folder = Folder::new();
    let clip = slow_clip();
    // One task of all chunks: the average goes on without a cut.
    let flags = ["--device", "cpu", "--chunk", "10"];
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &flags);
    assert_eq!(tasks, 1);
    let mut child = folder.start(&["chunk", "film.job", "0"]);
    wait_for(&folder.path("film.job/000001.chunk"), &mut child);
    let seen = status(&folder, "film.job");
    assert_eq!(seen["running"][0]["task"], 0, "{seen}");
    assert_eq!(seen["missing"], serde_json::json!([]));
    send_signal(&child, "-TERM");
    let ran: Ran = child.wait_with_output().unwrap().into();
    ran.says(75, &[]);
    let seen = status(&folder, "film.job");
    assert_eq!(seen["failed"][0]["again"], true, "{seen}");
    assert_eq!(seen["missing"], serde_json::json!([0]));
    let ran = folder.run(&["chunk", "film.job", "0"]);
    ran.says(0, &["going on: "]);
    folder.run(&["stitch", "film.job"]).succeeds();
    folder.run(&in_chunks(&clip, "local.mp4", &[])).succeeds();
    let [a, b] = ["local.mp4", "farm.mp4"].map(|name| std::fs::read(folder.path(name)).unwrap());
    assert!(a == b);
}

#[test]
fn what_is_missing_or_damaged_is_said_and_rendered_again() {
    let folder = Folder::new();
    let clip = slow_clip();
    let expected = local(&folder, &clip, "local.mp4");
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    folder.run(&["chunk", "film.job", "1,3"]).succeeds();
    let ran = folder.run(&["stitch", "film.job"]);
    let missing = format!("{} of {tasks} tasks", tasks - 2);
    let last = match tasks {
        5 => "0,2,4".to_owned(),
        tasks => format!("0,2,4-{}", tasks - 1),
    };
    ran.says(75, &[&missing, &last]);
    folder.run(&["chunk", "film.job", &last]).succeeds();
    // A byte of a segment: its record is there, and does not fit.
    let segment = folder.path("film.job/000002.0.nut");
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    folder
        .run(&["stitch", "film.job"])
        .says(75, &["1 of", ": 2"]);
    assert_eq!(
        status(&folder, "film.job")["missing"],
        serde_json::json!([2])
    );
    folder.run(&["chunk", "film.job", "2"]).succeeds();
    folder.run(&["stitch", "film.job"]).succeeds();
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
    // The job is gone: who comes late is told so, and is not to try again.
    folder
        .run(&["chunk", "film.job", "2"])
        .says(66, &["is no job", "no such folder"]);
    folder.run(&["status", "film.job"]).says(66, &["is no job"]);
    // A volume that is not mounted may come back.
    folder
        .run(&["chunk", "nowhere/film.job", "2"])
        .says(75, &["is no job"]);
}

#[test]
fn a_job_is_known_by_content_wherever_it_lies() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("here")).unwrap();
    let clip = folder.path("here/clip.mp4");
    std::fs::copy(slow_clip(), &clip).unwrap();
    folder.write(
        "here/own.cube",
        b"LUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n",
    );
    let lut = text(&folder.path("here/own.cube")).to_owned();
    let flags = [&APART[..], &["-s", "cinematic", "--lut", &lut]].concat();
    let local = [&[text(&clip), "-o", "local.mp4"], &flags[..]].concat();
    folder.run(&local).succeeds();
    let tasks = planned(&folder, &clip, "here/farm.mp4", "here/film.job", &flags);
    folder.run(&["chunk", "here/film.job", "0"]).succeeds();
    // Copied to another volume: other times, other folders.
    let copied = std::process::Command::new("cp")
        .args(["-r", "here", "there"])
        .current_dir(folder.path("."))
        .status();
    assert!(copied.unwrap().success());
    std::fs::remove_dir_all(folder.path("here")).unwrap();
    let rest = format!("1-{}", tasks - 1);
    folder.run(&["chunk", "there/film.job", &rest]).succeeds();
    // Another input is another job.
    let clip = folder.path("there/clip.mp4");
    let bytes = std::fs::read(&clip).unwrap();
    let mut other = bytes.clone();
    let last = other.len() - 1;
    other[last] ^= 1;
    std::fs::write(&clip, other).unwrap();
    std::fs::remove_file(folder.path("there/film.job/000000.chunk")).unwrap();
    folder
        .run(&["chunk", "there/film.job", "0"])
        .says(65, &["not the input of the plan", "content has changed"]);
    std::fs::remove_file(&clip).unwrap();
    folder
        .run(&["chunk", "there/film.job", "0"])
        .says(66, &["clip.mp4"]);
    std::fs::write(&clip, bytes).unwrap();
    folder.run(&["chunk", "there/film.job", "0"]).succeeds();
    folder.run(&["stitch", "there/film.job"]).succeeds();
    let [a, b] =
        ["local.mp4", "there/farm.mp4"].map(|name| std::fs::read(folder.path(name)).unwrap());
    assert!(a == b);
}

#[test]
fn files_that_other_machines_mount_elsewhere_are_found_by_a_map() {
    let folder = Folder::new();
    let [mine, theirs] = ["mine", "theirs"].map(|name| folder.path(name));
    std::fs::create_dir(&mine).unwrap();
    let clip = mine.join("clip.mp4");
    std::fs::copy(slow_clip(), &clip).unwrap();
    let expected = local(&folder, &clip, "local.mp4");
    let map = format!("{}={}", mine.display(), theirs.display());
    let flags = [&APART[..], &["--map", &map]].concat();
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &flags);
    // As another machine sees it.
    std::fs::rename(&mine, &theirs).unwrap();
    folder
        .run(&["chunk", "film.job", &format!("0-{}", tasks - 1)])
        .succeeds();
    std::fs::rename(&theirs, &mine).unwrap();
    folder.run(&["stitch", "film.job"]).succeeds();
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
}

#[test]
fn a_machine_that_would_render_something_else_is_refused() {
    let folder = Folder::new();
    planned(&folder, &slow_clip(), "farm.mp4", "film.job", &APART);
    let path = folder.path("film.job/plan.json");
    let text = std::fs::read_to_string(&path).unwrap();
    for (place, value, words) in [
        (
            "/identity/device",
            "another card",
            "the device is the processor, it was another card",
        ),
        ("/identity/aquatint", "0.0.1", "it was 0.0.1"),
        ("/identity/ffmpeg", "libavcodec 1", "it was libavcodec 1"),
    ] {
        let mut plan: Value = serde_json::from_str(&text).unwrap();
        *plan.pointer_mut(place).unwrap() = value.into();
        std::fs::write(&path, plan.to_string()).unwrap();
        folder
            .run(&["chunk", "film.job", "0"])
            .says(69, &["cannot be rendered here", words]);
    }
    assert_eq!(status(&folder, "film.job")["done"], 0);
}

#[test]
fn what_cannot_be_planned_is_refused_in_words() {
    let folder = Folder::new();
    let clip = slow_clip();
    let name = text(&clip);
    folder
        .run(&[name, "-o", "frame.png", "--frame", "3"])
        .succeeds();
    std::fs::create_dir(folder.path("used")).unwrap();
    folder.write("used/file", b"");
    for (arguments, words) in [
        (&[name, name][..], "2 inputs were named"),
        (&["frame.png"], "it consists of pictures"),
        (&[name, "-o", "f%d.png"], "it consists of picture files"),
        (
            &[name, "-o", "x.png", "--frame", "3"],
            "one frame is not rendered in parts",
        ),
        (&[name, "--chunk", "none"], "--chunk none is one piece"),
        (&[name, "--check-executors", "2"], "--check-executors"),
        (&[name, "--workers", "2"], "--workers means nothing"),
        (&[name, "--work-dir", "."], "--work-dir means nothing"),
        (&[name, "--map", "a=b"], "--map a=b"),
        (&[name, "--job", "used"], "is not empty"),
    ] {
        let job: &[&str] = match arguments.contains(&"--job") {
            true => &[],
            false => &["--job", "film.job"],
        };
        let all = [&["plan"], arguments, job].concat();
        folder.run(&all).says(2, &[words]);
        assert!(!folder.path("film.job").exists(), "{arguments:?}");
    }
    planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    let other = [
        "plan", name, "-o", "farm.mp4", "--job", "film.job", "--seed", "7",
    ];
    folder
        .run(&[&other[..], &APART].concat())
        .says(2, &["holds the plan of another job"]);
    for (tasks, words) in [
        ("x", "names no tasks"),
        ("99", "there is no task 99"),
        ("3-1", "names no tasks"),
    ] {
        folder.run(&["chunk", "film.job", tasks]).says(2, &[words]);
    }
    // Places in a list, for schedulers that count from 0.
    let ran = folder.run(&["chunk", "film.job", "1", "--among", "0,3"]);
    assert!(
        ran.succeeds().stdout.contains("task 3 is done"),
        "{}",
        ran.stdout
    );
    let ran = folder.run(&["logs", "film.job", "3"]);
    assert!(
        ran.succeeds().stdout.contains("chunk 3 is done"),
        "{}",
        ran.stdout
    );
    folder
        .run(&["logs", "film.job", "2"])
        .says(66, &["no process has begun task 2"]);
}

#[test]
fn one_process_joins_at_a_time() {
    let folder = Folder::new();
    let clip = slow_clip();
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    folder
        .run(&["chunk", "film.job", &format!("0-{}", tasks - 1)])
        .succeeds();
    let mut first = folder.start(&["stitch", "film.job"]);
    wait_for(&folder.path("film.job/stitch.lease"), &mut first);
    send_signal(&first, "-STOP");
    folder
        .run(&["stitch", "film.job"])
        .says(75, &["another process is rendering this job"]);
    // Killed, it stands in nobody's way.
    send_signal(&first, "-KILL");
    first.wait().unwrap();
    folder.run(&["stitch", "film.job"]).succeeds();
    assert_eq!(times(&folder.path("farm.mp4")).len(), times(&clip).len());
    assert_eq!(folder.names(), ["farm.mp4"]);
}

#[test]
fn a_damaged_input_is_decoded_from_its_beginning_where_that_matters() {
    let folder = Folder::new();
    let mut bytes = std::fs::read(slow_clip()).unwrap();
    let length = bytes.len();
    for place in (length / 4..length / 2).step_by(length / 97) {
        bytes[place] ^= 0x55;
    }
    let damaged = folder.write("damaged.mp4", &bytes);
    let flags = [&APART[..], &["--codec", "ffv1"]].concat();
    let local = [&[text(&damaged), "-o", "local.mkv"], &flags[..]].concat();
    folder.run(&local).succeeds();
    let tasks = planned(&folder, &damaged, "farm.mkv", "film.job", &flags);
    let mut said = 0;
    loop {
        let status = status(&folder, "film.job");
        for task in status["missing"].as_array().unwrap() {
            folder
                .run(&["chunk", "film.job", &task.to_string()])
                .succeeds();
        }
        let ran = folder.run(&["stitch", "film.job"]);
        if ran.code == Some(0) {
            break;
        }
        ran.says(75, &["are to be rendered again"]);
        said += 1;
        assert!(said < tasks, "{}", ran.stderr);
    }
    assert_eq!(said, 1, "the damage was seen");
    assert_eq!(
        times(&folder.path("farm.mkv")),
        times(&folder.path("local.mkv"))
    );
}

#[test]
fn a_full_volume_is_worth_another_try() {
    let folder = Folder::new();
    let clip = slow_clip();
    let expected = local(&folder, &clip, "local.mp4");
    let test = a_full_volume_is_worth_another_try;
    let Some(disk) = Small::mount(&folder.path("disk"), 8192, test) else {
        return;
    };
    let tasks = planned(&folder, &clip, "farm.mp4", "disk/film.job", &APART);
    let all = format!("0-{}", tasks - 1);
    disk.leave(100 * 1024);
    folder.run(&["chunk", "disk/film.job", &all]).says(75, &[]);
    disk.clear();
    folder.run(&["chunk", "disk/film.job", &all]).succeeds();
    folder.run(&["stitch", "disk/film.job"]).succeeds();
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
}

/// Another vendor's processor and another set of instructions, as far as the program can tell.
#[test]
fn other_processors_give_the_same_bytes() {
    let folder = Folder::new();
    let qemu = std::process::Command::new("qemu-x86_64")
        .arg("--version")
        .output();
    if qemu.is_err() || !cfg!(target_arch = "x86_64") {
        skip(
            "no qemu-x86_64",
            "install qemu-user, on a machine of that kind",
        );
        return;
    }
    // Noise: small or calm pictures hide what an encoder does otherwise.
    let clip = made(
        "noise.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=480x270:rate=2:duration=22,noise=alls=20:allf=t",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "ffv1",
        ],
    );
    let expected = local(&folder, &clip, "local.mp4");
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    assert_eq!(tasks, 2);
    for (task, processor) in ["Nehalem", "Haswell"].into_iter().enumerate() {
        let task = task.to_string();
        let here = folder.command(&["chunk", "film.job", &task]);
        let mut there = std::process::Command::new("qemu-x86_64");
        there
            .args(["-cpu", processor])
            .arg(here.get_program())
            .args(here.get_args());
        there
            .current_dir(folder.path(""))
            .env("XDG_STATE_HOME", folder.path("state"));
        let ran: Ran = there.output().unwrap().into();
        ran.succeeds();
    }
    folder.run(&["stitch", "film.job"]).succeeds();
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
}
