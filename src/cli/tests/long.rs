//! Long renders go in chunks, and whatever ends the process costs the chunk in hand and nothing else. Chunks are of ten
//! seconds, so the clips are small, slow and long.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use crate::support::*;

/// 50 seconds at 5 frames a second with sound, with B-frames and a key frame every 4 s.
pub fn slow_clip() -> PathBuf {
    made(
        "slow.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=5:duration=50",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=50",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-bf",
            "3",
            "-g",
            "20",
            "-c:a",
            "aac",
        ],
    )
}

/// The command that renders `input` in chunks of ten seconds.
pub fn in_chunks<'a>(input: &'a Path, output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    with_chunk("10", input, output, more)
}

/// The command that renders `input` in one piece.
pub fn in_one<'a>(input: &'a Path, output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    with_chunk("none", input, output, more)
}

fn with_chunk<'a>(
    chunk: &'a str,
    input: &'a Path,
    output: &'a str,
    more: &[&'a str],
) -> Vec<&'a str> {
    let mut all = vec![
        text(input),
        "-o",
        output,
        "--device",
        "cpu",
        "--chunk",
        chunk,
    ];
    all.extend(more);
    all
}

/// Waits until `path` is there; `child` must not have ended by then.
#[track_caller]
pub fn wait_for(path: &Path, child: &mut Child) {
    let start = Instant::now();
    while !path.exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before {}",
            path.display()
        );
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "no {}",
            path.display()
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Starts a render and ends it, by a signal, once its first `chunks` chunks are done.
pub fn ended(folder: &Folder, arguments: &[&str], job: &Path, chunks: usize, name: &str) -> Ran {
    let mut child = folder.start(arguments);
    wait_for(&job.join(format!("{:06}.chunk", chunks - 1)), &mut child);
    send_signal(&child, name);
    child.wait_with_output().unwrap().into()
}

/// What a person sees and hears of a video: its frames, their times, and the packets of its sound.
#[derive(PartialEq)]
pub struct Seen {
    frames: Vec<String>,
    times: Vec<String>,
    sound: Vec<String>,
}

impl Seen {
    pub fn of(path: &Path) -> Self {
        Self {
            sound: sound(path),
            ..Self::silent(path)
        }
    }

    /// Of a video without sound.
    pub fn silent(path: &Path) -> Self {
        Self {
            frames: frames(path, "yuv420p"),
            times: times(path),
            sound: Vec::new(),
        }
    }

    #[track_caller]
    pub fn equals(&self, other: &Self, words: &str) {
        let differ = |a: &[String], b: &[String]| {
            (a.len() != b.len())
                .then_some(a.len().min(b.len()))
                .or_else(|| a.iter().zip(b).position(|(a, b)| a != b))
        };
        assert_eq!(differ(&self.frames, &other.frames), None, "frames: {words}");
        assert_eq!(differ(&self.times, &other.times), None, "times: {words}");
        assert_eq!(differ(&self.sound, &other.sound), None, "sound: {words}");
    }
}

/// Numbers that look random, and differ from run to run.
pub struct Dice(u64);

impl Dice {
    /// With the seed in `AQUATINT_TEST_SEED`, else one of this run. A test that fails prints it.
    pub fn new() -> Self {
        let seed = match std::env::var("AQUATINT_TEST_SEED") {
            Ok(given) => given.parse().expect("AQUATINT_TEST_SEED is a whole number"),
            Err(_) => u64::from(std::process::id()),
        };
        println!("the same again: AQUATINT_TEST_SEED={seed}");
        Self(seed)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn kill_9_at_any_moment_costs_nothing_that_was_done() {
    let folder = Folder::new();
    let clip = slow_clip();
    folder
        .run(&in_chunks(&clip, "whole.mp4", &["-s", "pencil"]))
        .succeeds();
    let mut dice = Dice::new();
    let arguments = in_chunks(&clip, "out.mp4", &["-s", "pencil"]);
    let mut kills = 0;
    let output = folder.path("out.mp4");
    while !output.exists() {
        let mut child = folder.start(&arguments);
        // Later and later, so that the loop ends on a machine of any speed.
        std::thread::sleep(Duration::from_millis(dice.roll(150 + 60 * kills)));
        send_signal(&child, "-KILL");
        let status = child.wait().unwrap();
        kills += u64::from(status.signal() == Some(9));
        assert!(status.signal() == Some(9) || status.success(), "{status}");
    }
    // Killed after the last rename and before its folder went, the command finds its work done.
    let ran = folder.run(&arguments);
    assert!(
        ran.code == Some(0) || ran.stderr.contains("already exists"),
        "{}",
        ran.stderr
    );
    assert!(kills > 0);
    Seen::of(&output).equals(
        &Seen::of(&folder.path("whole.mp4")),
        &format!("after {kills} kills"),
    );
    assert_eq!(folder.names(), ["out.mp4", "whole.mp4"]);
}

#[test]
fn kill_9_costs_nothing_where_frames_look_ahead_and_back() {
    let folder = Folder::new();
    let clip = source("open.mkv");
    // Windows before and after a history, a window twice, and an output without the graph.
    let styles = ["-s", "despeckle+pencil+despeckle,none", "--codec", "ffv1"];
    folder.run(&in_one(&clip, "whole/", &styles)).succeeds();
    folder.run(&in_chunks(&clip, "chunks/", &styles)).succeeds();
    let arguments = in_chunks(&clip, "killed/", &styles);
    let mut dice = Dice::new();
    let output = folder.path("killed/open.none.mkv");
    let mut kills = 0;
    while !output.exists() {
        let mut child = folder.start(&arguments);
        std::thread::sleep(Duration::from_millis(100 + dice.roll(150 + 80 * kills)));
        send_signal(&child, "-KILL");
        let status = child.wait().unwrap();
        kills += u64::from(status.signal() == Some(9));
        assert!(status.signal() == Some(9) || status.success(), "{status}");
    }
    folder.run(&arguments);
    for name in ["open.despeckle+pencil+despeckle.mkv", "open.none.mkv"] {
        let [whole, chunks, killed] = ["whole", "chunks", "killed"]
            .map(|dir| frames(&folder.path(&format!("{dir}/{name}")), "yuv420p"));
        assert_eq!(whole.len(), 150, "{name}");
        assert!(
            whole == chunks && whole == killed,
            "{name} after {kills} kills"
        );
    }
}

#[test]
fn signals_say_what_is_kept_and_the_same_command_goes_on() {
    let folder = Folder::new();
    let clip = slow_clip();
    let job = folder.path(".out.mkv.aquatint");
    let arguments = in_chunks(&clip, "out.mkv", &["--codec", "ffv1"]);
    let kept = ["chunks are done and kept", "the same command continues"];
    ended(&folder, &arguments, &job, 1, "-INT").says(130, &kept);
    ended(&folder, &arguments, &job, 3, "-TERM").says(75, &kept);
    assert_eq!(folder.names(), [".out.mkv.aquatint"]);
    let listed = folder.run(&["resume", "--list"]);
    assert!(
        listed.succeeds().stdout.contains("out.mkv: "),
        "{}",
        listed.stdout
    );
    folder
        .run(&["resume", "other.mkv"])
        .says(66, &["no unfinished render"]);
    // From anywhere, by the output's name.
    let elsewhere = Folder::new();
    let ran = elsewhere.run(&["resume", text(&folder.path("out.mkv"))]);
    ran.says(0, &["going on: "]);
    assert_eq!(folder.names(), ["out.mkv"]);
    folder
        .run(&in_one(&clip, "one.mkv", &["--codec", "ffv1"]))
        .succeeds();
    Seen::of(&folder.path("out.mkv")).equals(&Seen::of(&folder.path("one.mkv")), "");
    assert!(
        folder
            .run(&["resume"])
            .succeeds()
            .stdout
            .contains("no unfinished renders")
    );
}

#[test]
fn jobs_from_several_folders_are_resumed_from_another() {
    const TABLE: &str = "LUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n";
    let folders = [Folder::new(), Folder::new()];
    let clip = slow_clip();
    for folder in &folders {
        folder.write("own.cube", TABLE.as_bytes());
        folder.write(
            "mine.toml",
            b"style = 'cinematic'\n[set.cinematic]\nlut_path = 'own.cube'\n",
        );
        std::fs::copy(&clip, folder.path("in.mp4")).unwrap();
        let more = ["--preset", "mine.toml", "--report", "report.json"];
        let arguments = in_chunks(Path::new("in.mp4"), "out.mkv", &more);
        ended(
            folder,
            &arguments,
            &folder.path(".out.mkv.aquatint"),
            1,
            "-KILL",
        );
    }
    let outputs = folders.each_ref().map(|folder| folder.path("out.mkv"));
    let ran = Folder::new().run(&["resume", text(&outputs[0]), text(&outputs[1])]);
    ran.says(0, &["going on: "]);
    for folder in &folders {
        assert_eq!(
            folder.names(),
            ["in.mp4", "mine.toml", "out.mkv", "own.cube", "report.json"]
        );
        assert_eq!(times(&folder.path("out.mkv")).len(), times(&clip).len());
    }
}

#[test]
fn a_job_that_another_version_stored_is_given_again() {
    let folder = Folder::new();
    let job = folder.path(".out.mkv.aquatint");
    let clip = slow_clip();
    let arguments = in_chunks(&clip, "out.mkv", &[]);
    ended(&folder, &arguments, &job, 1, "-KILL");
    let plan = std::fs::read(job.join("plan.json")).unwrap();
    let mut plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
    assert_eq!(plan["request"]["input"], text(&clip));
    plan["request"] = serde_json::json!({"directory": "/", "render": {}, "given": []});
    std::fs::write(job.join("plan.json"), plan.to_string()).unwrap();
    folder.run(&["resume", "out.mkv"]).says(
        2,
        &["another version of aquatint", "give that command again"],
    );
    folder.run(&arguments).says(0, &["going on: "]);
}

#[test]
fn what_is_damaged_is_rendered_again() {
    let folder = Folder::new();
    let clip = slow_clip();
    folder.run(&in_chunks(&clip, "whole.mp4", &[])).succeeds();
    let job = folder.path(".out.mp4.aquatint");
    let arguments = in_chunks(&clip, "out.mp4", &[]);
    ended(&folder, &arguments, &job, 3, "-KILL");
    // A byte of a segment, and the end of the ledger.
    let segment = job.join("000001.0.nut");
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let ledger = job.join("ledger.json");
    std::fs::write(&ledger, beginning(&ledger, 0.6)).unwrap();
    let ran = folder.run(&arguments);
    ran.says(
        0,
        &[
            "the ledger of finished chunks is damaged",
            "chunk 2 is rendered again",
            "going on: ",
        ],
    );
    Seen::of(&folder.path("out.mp4")).equals(&Seen::of(&folder.path("whole.mp4")), "");
    assert_eq!(folder.names(), ["out.mp4", "whole.mp4"]);
}

#[test]
fn another_job_is_not_continued() {
    let folder = Folder::new();
    let clip = folder.path("clip.mp4");
    std::fs::copy(slow_clip(), &clip).unwrap();
    let job = folder.path(".out.mp4.aquatint");
    let arguments = in_chunks(&clip, "out.mp4", &[]);
    ended(&folder, &arguments, &job, 1, "-KILL");
    // Other settings.
    for (more, words) in [
        (&["--seed", "7"][..], "seed is 7, it was 0"),
        (
            &["--set", "pencil.blur_sigma=9"],
            "blur_sigma is 9.0, it was 21.0",
        ),
        (&["--crf", "30"], "crf"),
    ] {
        let mut all = arguments.clone();
        all.extend(more);
        folder.run(&all).says(2, &[words, "--no-resume"]);
    }
    // Another input of the same size.
    let mut bytes = std::fs::read(&clip).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&clip, bytes).unwrap();
    folder
        .run(&arguments)
        .says(2, &["the input's content has changed"]);
    assert!(job.join("000000.chunk").exists());
    // Its work is held by one process at a time.
    std::fs::copy(slow_clip(), &clip).unwrap();
    let mut anew = arguments.clone();
    anew.push("--no-resume");
    let mut child = folder.start(&anew);
    while job.join("000000.chunk").exists() {
        assert!(child.try_wait().unwrap().is_none());
    }
    wait_for(&job.join("000000.chunk"), &mut child);
    send_signal(&child, "-STOP");
    folder
        .run(&arguments)
        .says(75, &["another process is rendering this job"]);
    send_signal(&child, "-CONT");
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_input_that_is_deleted_midway_is_rendered_to_its_end() {
    let folder = Folder::new();
    let clip = folder.path("clip.mp4");
    std::fs::copy(slow_clip(), &clip).unwrap();
    let job = folder.path(".out.mp4.aquatint");
    let arguments = in_chunks(&clip, "out.mp4", &[]);
    let mut child = folder.start(&arguments);
    wait_for(&job.join("000000.chunk"), &mut child);
    std::fs::remove_file(&clip).unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    ran.succeeds();
    assert_eq!(folder.names(), ["out.mp4"]);
    assert_eq!(sound(&folder.path("out.mp4")), sound(&slow_clip()));
    // When it is gone at the beginning, what was done stays.
    std::fs::copy(slow_clip(), &clip).unwrap();
    let again = in_chunks(&clip, "again.mp4", &[]);
    let job = folder.path(".again.mp4.aquatint");
    ended(&folder, &again, &job, 1, "-KILL");
    std::fs::remove_file(&clip).unwrap();
    folder.run(&again).says(66, &["clip.mp4"]);
    assert!(job.join("000000.chunk").exists());
}

/// Sources of every kind: what makes them, and their ending.
const SOURCES: [(&str, &[&str]); 5] = [
    (
        "open.mkv",
        &[
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=none:keyint=20:bframes=3:open-gop=1",
        ],
    ),
    (
        "vfr.mkv",
        &[
            "-vf",
            "setpts='(N+floor(N/3))*0.2/TB+0.013*mod(N\\,7)/TB'",
            "-fps_mode",
            "passthrough",
            "-c:v",
            "libx264",
            "-g",
            "15",
        ],
    ),
    ("no-times.avi", &["-c:v", "mpeg4", "-bf", "2", "-g", "12"]),
    ("stream.ts", &["-c:v", "libx264", "-g", "20", "-bf", "2"]),
    ("one-key.mp4", &["-c:v", "libx264", "-g", "1000"]),
];

/// The source of that name, 30 seconds at 5 frames a second.
pub fn source(name: &str) -> PathBuf {
    let mut make = vec![
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=96x64:rate=5:duration=30",
        "-pix_fmt",
        "yuv420p",
    ];
    let (_, more) = SOURCES.iter().find(|source| source.0 == name).unwrap();
    make.extend(*more);
    made(name, &make)
}

#[test]
fn chunks_give_the_encoder_the_same_frames_whatever_the_source() {
    let folder = Folder::new();
    for (name, _) in SOURCES {
        same_frames(&folder, &source(name), "pencil", &[]);
    }
    // A damaged one. What the decoder makes up there differs from run to run (FFmpeg's own program with several threads
    // does not agree with itself either), when its frames are shown does not.
    let mut bytes = std::fs::read(slow_clip()).unwrap();
    let length = bytes.len();
    for place in (length / 4..length / 2).step_by(length / 97) {
        bytes[place] ^= 0x55;
    }
    let damaged = folder.write("damaged.mp4", &bytes);
    let arguments = in_chunks(&damaged, "out.mkv", &["--codec", "ffv1"]);
    let job = folder.path(".out.mkv.aquatint");
    ended(&folder, &arguments, &job, 1, "-KILL");
    folder.run(&arguments).says(
        0,
        &["going on: ", "are damaged", "decoded from its beginning"],
    );
    folder
        .run(&in_one(&damaged, "whole.mkv", &["--codec", "ffv1"]))
        .succeeds();
    assert_eq!(
        times(&folder.path("out.mkv")),
        times(&folder.path("whole.mkv"))
    );
}

#[test]
fn chunks_give_the_encoder_the_same_frames_in_every_style() {
    let folder = Folder::new();
    let clip = made(
        "tiny.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=5:duration=25",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "20",
        ],
    );
    let styles: serde_json::Value =
        serde_json::from_str(&folder.run(&["styles", "--json"]).stdout).unwrap();
    for style in styles.as_array().unwrap() {
        let name = style["name"].as_str().unwrap();
        let more: &[&str] = match name {
            "rate" => &["--fps", "12"],
            _ => &[],
        };
        same_frames(&folder, &clip, name, more);
    }
}

/// Where the picture was is carried from chunk to chunk, as the average is.
#[test]
fn chunks_give_the_encoder_the_same_frames_along_the_motion() {
    let folder = Folder::new();
    let moves = "testsrc2=size=96x64:rate=5:duration=25,scroll=h=0.02:v=0.015";
    let clip = made(
        "moves.mp4",
        &[
            "-f", "lavfi", "-i", moves, "-pix_fmt", "yuv420p", "-g", "20",
        ],
    );
    same_frames(&folder, &clip, "pencil", &["--temporal", "flow"]);
}

/// Renders `input` in one piece, in chunks, and in chunks with an end by force in between: all must agree.
#[track_caller]
fn same_frames(folder: &Folder, input: &Path, style: &str, more: &[&str]) {
    let name = &format!("{style} of {}", input.display());
    let lossless = [&["-s", style, "--codec", "ffv1", "-y"], more].concat();
    folder.run(&in_one(input, "one.mkv", &lossless)).succeeds();
    let whole = Seen::silent(&folder.path("one.mkv"));
    let chunked = in_chunks(
        input,
        "chunks.mkv",
        &[&lossless[..], &["--report", "report.json"]].concat(),
    );
    folder.run(&chunked).succeeds();
    let report = std::fs::read(folder.path("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert!(report["chunks"]["chunks"].as_u64() > Some(1), "{name}");
    Seen::silent(&folder.path("chunks.mkv")).equals(&whole, name);
    // Where it is ended the chunk after it is entered from outside.
    let job = folder.path(".ended.mkv.aquatint");
    let arguments = in_chunks(input, "ended.mkv", &lossless);
    let mut child = folder.start(&arguments);
    while !job.join("000000.chunk").exists() && child.try_wait().unwrap().is_none() {}
    let _ = child.kill();
    child.wait().unwrap();
    let ran = folder.run(&arguments);
    ran.succeeds();
    Seen::silent(&folder.path("ended.mkv")).equals(&whole, &format!("{name}: {}", ran.stderr));
}

#[test]
fn a_job_folder_tells_how_the_job_went() {
    let folder = Folder::new();
    let clip = slow_clip();
    let job = folder.path(".out.mp4.aquatint");
    let arguments = in_chunks(&clip, "out.mp4", &["--report", "report.json"]);
    let report = || -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(job.join("report.json")).unwrap()).unwrap()
    };
    ended(&folder, &arguments, &job, 1, "-TERM").says(75, &[]);
    let said = report()["failure"].as_str().unwrap().to_owned();
    assert!(said.contains("chunks are done and kept"), "{said}");
    let listed = folder.run(&["resume", "--list"]);
    assert!(
        listed.stdout.contains("; ended: interrupted"),
        "{}",
        listed.stdout
    );
    // Asked to end, it still completes a chunk whose frames are all encoded.
    let entries = std::fs::read_dir(&job).unwrap().flatten();
    let done = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "chunk"));
    ended(&folder, &arguments, &job, done.count() + 1, "-KILL");
    assert!(report()["failure"].is_null());
    assert_eq!(report()["frames_out"], 0);
    let listed = folder.run(&["resume", "--list"]);
    assert!(listed.stdout.contains("; killed"), "{}", listed.stdout);
    let log = std::fs::read_to_string(job.join("log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let told = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    assert!(
        lines.iter().all(|line| line.contains(" job{id=\"")),
        "{log}"
    );
    assert_eq!(told("rendering "), 2, "{log}");
    assert!(
        told("chunk 0 is done: ") == 1 && told("ended with ") == 1,
        "{log}"
    );
    // Only what was asked for stays.
    let ran = folder.run(&[&arguments[..], &["--progress", "json"]].concat());
    ran.succeeds();
    assert_eq!(folder.names(), ["out.mp4", "report.json"]);
    // Once all frames are encoded, it tells what is done with them.
    let events = ran.events();
    let since = events
        .iter()
        .rposition(|event| event["event"] == "progress");
    let (last, after) = events[since.unwrap()..].split_first().unwrap();
    assert_eq!(last["frame"], last["frames"]);
    let stitched = after.iter().filter(|event| event["event"] == "stitch");
    let stitched: Vec<u64> = stitched
        .map(|event| event["done"].as_u64().unwrap())
        .collect();
    let chunks = after[0]["chunks"].as_u64().unwrap();
    assert_eq!(stitched, (0..chunks).collect::<Vec<_>>());
    let names: Vec<&str> = after
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert!(names.ends_with(&["verify", "done"]), "{names:?}");
}

#[test]
fn a_removal_that_was_interrupted_is_completed() {
    let folder = Folder::new();
    let clip = slow_clip();
    let job = folder.path(".out.mp4.aquatint");
    let arguments = in_chunks(&clip, "out.mp4", &["-s", "none"]);
    let mut child = folder.start(&arguments);
    wait_for(&job.join("plan.json"), &mut child);
    let plan = std::fs::read(job.join("plan.json")).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(folder.names(), ["out.mp4"]);
    let output = folder.path("out.mp4");
    let facts = std::fs::metadata(&output).unwrap();
    // As it is when the process is killed once some of the folder is gone.
    let interrupt = || {
        let removed = folder.path(".out.mp4.aquatint.removed");
        std::fs::create_dir(&removed).unwrap();
        std::fs::write(removed.join("plan.json"), &plan).unwrap();
        std::fs::write(removed.join("000003.0.nut"), b"left").unwrap();
        let inode = std::os::unix::fs::MetadataExt::ino(&facts);
        let committed = serde_json::json!([
            {"output": "out.mp4", "bytes": facts.len(), "inode": inode}
        ]);
        std::fs::write(removed.join("committed.json"), committed.to_string()).unwrap();
    };
    interrupt();
    let modified = || std::fs::metadata(&output).unwrap().modified().unwrap();
    let before = modified();
    // The same command has nothing to do.
    folder.run(&arguments).says(0, &["out.mp4"]);
    assert_eq!(folder.names(), ["out.mp4"]);
    assert_eq!(modified(), before);
    folder.run(&arguments).says(2, &["already exists"]);
    // Another one is refused, and replaces the output when it is told to.
    interrupt();
    let other = in_chunks(&clip, "out.mp4", &["-s", "none", "--crf", "40"]);
    folder.run(&other).says(2, &["already exists"]);
    folder.run(&[&other[..], &["-y"]].concat()).succeeds();
    assert_eq!(folder.names(), ["out.mp4"]);
    assert_ne!(modified(), before);
}
