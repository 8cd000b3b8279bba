//! `verify` sees what differs, and nothing else.

use std::path::Path;

use serde_json::Value;

use crate::support::*;

fn checks(ran: &Ran) -> Vec<(String, String)> {
    let json: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let word = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = json["checks"].as_array().unwrap();
    let holds = checks.iter().all(|check| check["verdict"] != "differs");
    assert_eq!(json["holds"], holds);
    checks
        .iter()
        .map(|check| (word(check, "what"), word(check, "verdict")))
        .collect()
}

/// What differs between two files.
#[track_caller]
fn differences(folder: &Folder, source: &Path, output: &Path, more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["verify", text(source), text(output), "--json"];
    arguments.extend(more);
    let ran = folder.run(&arguments);
    let all = checks(&ran);
    let differ = all.into_iter().filter(|(_, verdict)| verdict == "differs");
    let differ: Vec<String> = differ.map(|(what, _)| what).collect();
    assert_eq!(
        ran.code,
        Some(i32::from(!differ.is_empty())),
        "{}",
        ran.stderr
    );
    differ
}

#[test]
fn a_render_holds_and_every_change_is_seen() {
    let folder = Folder::new();
    // Sound that is nowhere like itself elsewhere, and a chapter.
    let chapters = folder.write(
        "chapters.txt",
        b";FFMETADATA1\ntitle=Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n",
    );
    let source = folder.path("source.mp4");
    tool(
        "ffmpeg",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x64:rate=25:duration=4",
            "-f",
            "lavfi",
            "-i",
            "anoisesrc=duration=4:color=pink:seed=7:amplitude=0.5",
            "-i",
            text(&chapters),
            "-map_metadata",
            "2",
            "-map",
            "0",
            "-map",
            "1",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-bf",
            "2",
            "-colorspace",
            "bt709",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-color_range",
            "tv",
            "-c:a",
            "aac",
            "-metadata:s:a:0",
            "language=deu",
            text(&source),
        ],
    );
    for (name, more) in [
        ("a.mp4", &[][..]),
        ("a.mkv", &[]),
        ("aac.mp4", &["--audio", "aac"]),
        ("part.mkv", &["--start", "1", "--to", "3.5"]),
        ("mute.mp4", &["--audio", "none"]),
    ] {
        let mut arguments = vec![text(&source), "-o", name, "--encoder-preset", "ultrafast"];
        arguments.extend(more);
        folder.run(&arguments).succeeds();
        let found = differences(&folder, &source, &folder.path(name), more);
        assert!(found.is_empty(), "{name}: {found:?}");
    }
    // Each of these changes one thing, as tools do.
    let change = |name: &str, arguments: &[&str]| {
        let output = folder.path(name);
        let mut all = vec!["-y", "-i", text(&source)];
        all.extend(arguments);
        all.push(text(&output));
        tool("ffmpeg", &all);
        differences(&folder, &source, &output, &[])
    };
    let copy = ["-c", "copy", "-map", "0:v", "-map", "0:a"];
    let with = |more: &[&'static str]| [&copy[..], more].concat();
    assert_eq!(change("same.mp4", &copy), Vec::<String>::new());
    assert_eq!(
        change("title.mp4", &with(&["-metadata", "title=Other"])),
        ["tags"]
    );
    assert_eq!(
        change("chapters.mp4", &with(&["-map_chapters", "-1"])),
        ["chapters"]
    );
    assert_eq!(
        change("language.mp4", &with(&["-metadata:s:a:0", "language=fra"])),
        ["stream 1 (audio): labels"]
    );
    assert_eq!(
        change("mute.mkv", &["-c", "copy", "-an"]),
        ["stream 1 (audio)"]
    );
    let video = ["-c:a", "copy", "-c:v", "libx264", "-preset", "ultrafast"];
    let with = |more: &[&'static str]| [&video[..], more].concat();
    assert_eq!(
        change("matrix.mp4", &with(&["-colorspace", "smpte170m"])),
        ["matrix"]
    );
    assert_eq!(
        change("range.mp4", &with(&["-color_range", "pc"])),
        ["range"]
    );
    assert_eq!(
        change("aspect.mp4", &with(&["-vf", "setsar=4/3"])),
        ["sample aspect ratio"]
    );
    let dropped = change("rate.mp4", &with(&["-r", "20"]));
    assert!(dropped.contains(&"frames".to_owned()), "{dropped:?}");
    let late = change(
        "times.mkv",
        &with(&[
            "-vf",
            "setpts='PTS+if(gte(N,50),0.04/TB,0)'",
            "-fps_mode",
            "passthrough",
        ]),
    );
    assert!(late.contains(&"frame times".to_owned()), "{late:?}");
    // Sound that is 5 ms late, or drifts by 5 ms over its length.
    let sound = ["-c:v", "copy", "-c:a", "aac", "-b:a", "192k"];
    let with = |more: &[&'static str]| [&sound[..], more].concat();
    let found = |changed: Vec<String>, at: &str| changed.iter().any(|what| what.ends_with(at));
    let shifted = change("late.mp4", &with(&["-af", "adelay=5:all=1"]));
    assert!(found(shifted, "at the start"));
    let drifting = change(
        "drift.mp4",
        &with(&["-af", "asetrate=43945,aresample=44100"]),
    );
    assert!(found(drifting, "at the end"));
}

/// A film with two languages, the second of which is played, words, and a font.
fn rich(folder: &Folder) -> std::path::PathBuf {
    let words: String = (1..=4)
        .map(|n| {
            format!(
                "{n}\n00:00:0{},100 --> 00:00:0{},900\nNo {n}\n\n",
                n - 1,
                n - 1
            )
        })
        .collect();
    let words = folder.write("words.srt", words.as_bytes());
    let font = folder.write("font.ttf", &[7; 500]);
    let source = folder.path("rich.mkv");
    let film = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=96x64:rate=25:duration=4",
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=duration=4:color=pink:seed=7:amplitude=0.5",
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=duration=4:color=pink:seed=8:amplitude=0.5",
        "-i",
        text(&words),
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
        "-map",
        "3",
        "-attach",
        text(&font),
        "-metadata:s:t",
        "mimetype=font/ttf",
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-g",
        "25",
        "-metadata:s:v",
        "stereo_mode=left_right",
        "-c:a",
        "aac",
        "-disposition:a:0",
        "0",
        "-disposition:a:1",
        "default",
        "-c:s",
        "srt",
        text(&source),
    ];
    tool("ffmpeg", &film);
    source
}

#[test]
fn what_is_lost_beside_the_pictures_is_seen() {
    let folder = Folder::new();
    let source = rich(&folder);
    for (name, more) in [
        ("a.mkv", &[][..]),
        ("a.mp4", &["--drop", "attachments"]),
        ("aac.mkv", &["--audio", "aac"]),
    ] {
        let mut arguments = vec![
            text(&source),
            "-o",
            name,
            "-s",
            "none",
            "--encoder-preset",
            "ultrafast",
        ];
        arguments.extend(more);
        folder.run(&arguments).succeeds();
        let found = differences(&folder, &source, &folder.path(name), more);
        assert!(found.is_empty(), "{name}: {found:?}");
    }
    let change = |name: &str, inputs: &[&str], arguments: &[&str], asked: &[&str]| {
        let output = folder.path(name);
        let mut all = vec!["-y", "-i", text(&source)];
        all.extend(inputs);
        all.extend(["-c", "copy"]);
        all.extend(arguments);
        all.push(text(&output));
        tool("ffmpeg", &all);
        differences(&folder, &source, &output, asked)
    };
    let all = ["-map", "0"];
    assert_eq!(change("same.mkv", &[], &all, &[]), Vec::<String>::new());
    let played = [
        "-map",
        "0",
        "-disposition:a:0",
        "default",
        "-disposition:a:1",
        "0",
    ];
    assert_eq!(change("default.mkv", &[], &played, &[]), ["default audio"]);
    let forced = ["-map", "0", "-disposition:s:0", "forced"];
    assert_eq!(
        change("forced.mkv", &[], &forced, &[]),
        ["stream 3 (subtitles): labels"]
    );
    let one = change("one.mkv", &[], &["-map", "0", "-map", "-0:a:0"], &[]);
    assert!(one.contains(&"stream 2 (audio)".to_owned()), "{one:?}");
    let swapped = [
        "-map", "0:v", "-map", "0:a:1", "-map", "0:a:0", "-map", "0:s", "-map", "0:t",
    ];
    let swapped = change("swapped.mkv", &[], &swapped, &[]);
    assert!(
        swapped.contains(&"stream 1 (audio): packets".to_owned()),
        "{swapped:?}"
    );
    let third = change("third.mkv", &[], &["-map", "0", "-map", "0:a:0"], &[]);
    assert!(
        third.iter().any(|what| what.starts_with("added stream")),
        "{third:?}"
    );
    // Another font of the same name and length.
    let other = folder.path("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("font.ttf"), [8; 500]).unwrap();
    let other = other.join("font.ttf");
    let font = [
        "-map",
        "0",
        "-map",
        "-0:t",
        "-attach",
        text(&other),
        "-metadata:s:t",
        "mimetype=font/ttf",
    ];
    assert_eq!(
        change("font.mkv", &[], &font, &[]),
        ["stream 4 (attachment): content"]
    );
    // The last second of one track, copied or encoded anew; the last words, in another form.
    let short = ["-t", "3", "-i", text(&source)];
    let cut = [
        "-map", "0:v", "-map", "0:a:0", "-map", "1:a:1", "-map", "0:s", "-map", "0:t",
    ];
    let found = change("short.mkv", &short, &cut, &[]);
    assert!(
        found.contains(&"stream 2 (audio): packets".to_owned()),
        "{found:?}"
    );
    let recoded = [&cut[..], &["-c:a", "aac", "-b:a", "192k"]].concat();
    let found = change("short-aac.mkv", &short, &recoded, &["--audio", "aac"]);
    assert_eq!(found, ["stream 2 (audio): extent"]);
    let words = [
        "-map", "0:v", "-map", "0:a", "-map", "1:s", "-c:s", "mov_text",
    ];
    let first = std::fs::read(folder.path("words.srt")).unwrap();
    let brief = folder.write("brief.srt", &first[..first.len() / 2]);
    let brief = ["-i", text(&brief)];
    let found = change("words.mp4", &brief, &words, &["--drop", "attachments"]);
    assert!(
        found.contains(&"stream 3 (subtitles): extent".to_owned()),
        "{found:?}"
    );
    let flat = ["-map", "0", "-metadata:s:v", "stereo_mode=mono"];
    assert_eq!(change("flat.mkv", &[], &flat, &[]), ["views"]);
    // Two ticks of a frame's time, and a frame.
    let late = ["-map", "0", "-bsf:v", "setts=pts='PTS+if(eq(N,50),2,0)'"];
    assert_eq!(change("late.mkv", &[], &late, &[]), ["frame times"]);
    let again = [
        "-map",
        "0",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-fps_mode",
        "passthrough",
        "-vf",
    ];
    let dropped = [&again[..], &["select='not(eq(n,50))'"]].concat();
    let found = change("dropped.mkv", &[], &dropped, &[]);
    assert!(found.contains(&"frames".to_owned()), "{found:?}");
}

#[test]
fn sound_of_a_transport_stream_is_compared_without_its_headers() {
    let folder = Folder::new();
    let source = folder.path("s.ts");
    let film = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=96x64:rate=25:duration=3",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440:duration=3",
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-c:a",
        "aac",
        text(&source),
    ];
    tool("ffmpeg", &film);
    folder
        .run(&["s.ts", "-s", "none", "-o", "o.mkv"])
        .succeeds();
    assert!(differences(&folder, &source, &folder.path("o.mkv"), &[]).is_empty());
    // As many packets, of other sound.
    let other = folder.path("other.mkv");
    let mixed = [
        "-y",
        "-i",
        "o.mkv",
        "-map",
        "0",
        "-c:v",
        "copy",
        "-c:a",
        "aac",
        "-af",
        "volume=0.5",
        "other.mkv",
    ];
    let mixed = mixed.map(|word| {
        if word == "o.mkv" {
            text(&folder.path("o.mkv")).to_owned()
        } else if word == "other.mkv" {
            text(&other).to_owned()
        } else {
            word.to_owned()
        }
    });
    tool(
        "ffmpeg",
        &mixed.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let found = differences(&folder, &source, &other, &[]);
    assert!(
        found.contains(&"stream 1 (audio): packets".to_owned()),
        "{found:?}"
    );
    // The tone lies where it did, through Matroska's milliseconds and MP4's edit list.
    for (from, to) in [("o.mkv", "o.mp4"), ("s.ts", "t.mp4")] {
        folder.run(&[from, "-s", "none", "-o", to]).succeeds();
        assert!(
            differences(&folder, &folder.path(from), &folder.path(to), &[]).is_empty(),
            "{to}"
        );
    }
}

#[test]
fn sound_encoded_anew_stays_within_a_millisecond() {
    let folder = Folder::new();
    // Edit lists, priming of each codec, another sample rate, sound that begins late, and a whole minute of it.
    for (name, sound, output, more) in [
        (
            "pcm.mov",
            &["-c:a", "pcm_s16le"][..],
            "pcm.mp4",
            &["--audio", "aac"][..],
        ),
        (
            "aac.mp4",
            &["-c:a", "aac", "-ar", "44100"],
            "aac.mkv",
            &["--audio", "aac"],
        ),
        (
            "opus.mkv",
            &["-c:a", "libopus"],
            "opus.mp4",
            &["--audio", "aac"],
        ),
        ("mp3.mkv", &["-c:a", "libmp3lame"], "mp3.webm", &[]),
        (
            "late.mov",
            &["-c:a", "pcm_s16le", "-af", "adelay=500:all=1"],
            "late.mp4",
            &["--audio", "aac"],
        ),
    ] {
        let source = made(
            &format!("sound-{name}"),
            &[
                &[
                    "-f",
                    "lavfi",
                    "-i",
                    "testsrc2=size=64x48:rate=5:duration=60",
                    "-f",
                    "lavfi",
                    "-i",
                    "anoisesrc=duration=60:color=pink:seed=3:amplitude=0.5:r=48000",
                    "-pix_fmt",
                    "yuv420p",
                    "-c:v",
                    "libx264",
                    "-preset",
                    "ultrafast",
                ][..],
                sound,
            ]
            .concat(),
        );
        let codec = if output.ends_with("webm") {
            "libvpx-vp9"
        } else {
            "libx264"
        };
        let mut arguments = vec![text(&source), "-s", "none", "-o", output, "--codec", codec];
        arguments.extend(more);
        if codec == "libx264" {
            arguments.extend(["--encoder-preset", "ultrafast"]);
        }
        folder.run(&arguments).succeeds();
        let found = differences(&folder, &source, &folder.path(output), more);
        assert!(found.is_empty(), "{name} to {output}: {found:?}");
        let mut arguments = vec!["verify", text(&source), output, "--json"];
        arguments.extend(more);
        let measured = checks(&folder.run(&arguments));
        for place in ["at the start", "at the end"] {
            assert!(
                measured.iter().any(|(what, _)| what.ends_with(place)),
                "{name}"
            );
        }
    }
}

#[test]
fn what_cannot_be_read_has_its_own_status() {
    let folder = Folder::new();
    let clip = clip();
    folder
        .run(&["verify", text(&clip), "missing.mp4"])
        .says(66, &["no such file"]);
    folder.write("text.mp4", b"words");
    folder
        .run(&["verify", text(&clip), "text.mp4"])
        .says(65, &["text file"]);
    let ran = folder.run(&["verify", text(&clip), text(&clip)]);
    assert!(
        ran.succeeds().stdout.contains("nothing differs"),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_report_of_a_render_says_what_was_compared() {
    let folder = Folder::new();
    folder
        .run(&[text(&clip()), "-o", "out.mp4", "--report", "report.json"])
        .succeeds();
    let report = std::fs::read(folder.path("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let checks = report["outputs"][0]["fidelity"]["checks"]
        .as_array()
        .unwrap();
    assert!(checks.len() > 10, "{checks:?}");
    assert!(
        checks.iter().all(|check| check["verdict"] != "differs"),
        "{checks:?}"
    );
}
