//! Which of several video streams is the film: chosen aloud, by what they are, or named by the user.

use std::path::PathBuf;

use crate::support::*;

/// Three seconds of pictures with sound.
fn film() -> PathBuf {
    made(
        "film.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x90:rate=25:duration=3",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=3",
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

/// One larger picture, as JPEG.
fn thumbnail() -> PathBuf {
    let source = "testsrc=size=320x180:rate=1:duration=1";
    made("t.jpg", &["-f", "lavfi", "-i", source, "-frames:v", "1"])
}

/// The film after a thumbnail that is not marked as one, in the container `ending`.
fn thumbnail_first(ending: &str) -> PathBuf {
    let (film, thumbnail) = (film(), thumbnail());
    made(
        &format!("first.{ending}"),
        &[
            "-i",
            text(&thumbnail),
            "-i",
            text(&film),
            "-map",
            "0",
            "-map",
            "1",
            "-c",
            "copy",
        ],
    )
}

/// Codec and number of packets of each stream.
fn streams(path: &std::path::Path) -> String {
    let entries = "stream=codec_name,nb_read_packets";
    let found = tool(
        "ffprobe",
        &[
            "-count_packets",
            "-show_entries",
            entries,
            "-of",
            "csv=p=0",
            text(path),
        ],
    );
    found.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_thumbnail_before_the_film_is_not_the_film() {
    let folder = Folder::new();
    for ending in ["mp4", "mkv"] {
        let input = thumbnail_first(ending);
        let output = format!("out.{ending}");
        let all = [text(&input), "-s", "identity", "-o", &output, "--verify"];
        folder.run(&all).says(
            0,
            &[
                "2 video streams: stream 1 (h264 160x90",
                "is the film that is rendered, not stream 0 (mjpeg 320x180, 1 picture)",
                "--video N",
                "nothing differs",
            ],
        );
        // The thumbnail is still there, before the film.
        let found = streams(&folder.path(&output));
        assert!(found.starts_with("mjpeg,1 h264,75 aac,"), "{found}");
        let probed = folder.run(&["probe", text(&input)]);
        let rendered = |line: &&str| line.ends_with("rendered");
        let rendered = probed
            .succeeds()
            .stdout
            .lines()
            .find(rendered)
            .map(str::to_owned);
        assert!(rendered.unwrap().contains("stream 1 video h264"));
        folder.run(&["verify", text(&input), &output]).succeeds();
    }
}

#[test]
fn a_stream_that_is_named_is_rendered_and_verified() {
    let folder = Folder::new();
    let input = thumbnail_first("mkv");
    let source = text(&input);
    let all = [source, "--video", "0", "-s", "none", "--codec", "ffv1"];
    let ran = folder.run(&[&all[..], &["-o", "out.mkv", "--verify"]].concat());
    ran.says(0, &["nothing differs"]);
    assert!(!ran.stderr.contains("video streams"), "{}", ran.stderr);
    let found = streams(&folder.path("out.mkv"));
    assert!(found.starts_with("ffv1,1 h264,75 aac,"), "{found}");
    // Given the same flag, verify compares the same stream; without it, the film, which is not what was rendered.
    folder
        .run(&["verify", source, "out.mkv", "--video", "0"])
        .succeeds();
    let other = folder.run(&["verify", source, "out.mkv"]);
    assert_eq!(other.code, Some(1));
    let words = "DIFFERS  stream 0 (video)                mjpeg                 ffv1";
    assert!(other.stdout.contains(words), "{}", other.stdout);
    let measured = folder.run(&["measure", source, "--video", "0"]);
    assert!(measured.succeeds().stdout.contains("1 frame, 320x180"));
    let looked = [
        "preview", source, "--video", "0", "-s", "identity", "-o", "look.png",
    ];
    folder.run(&looked).succeeds();
    assert_eq!(streams(&folder.path("look.png")), "png,1");
    for (number, words) in [
        ("2", "stream 2 of"),
        ("2", "is audio, not video"),
        ("9", "has no stream 9"),
        ("9", "its video streams are 0 (mjpeg 320x180"),
    ] {
        folder
            .run(&[source, "--video", number, "-o", "no.mkv"])
            .says(2, &[words]);
    }
    assert!(!folder.path("no.mkv").exists());
}

#[test]
fn of_two_films_the_default_one_is_taken_and_then_the_larger() {
    let folder = Folder::new();
    let two = |name: &str, more: &[&str]| {
        let mut all = vec![
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=5:duration=2",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x64:rate=5:duration=2",
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "ffv1",
        ];
        all.extend(more);
        made(name, &all)
    };
    let none = ["-disposition:v:0", "0", "-disposition:v:1", "0"];
    let first = ["-disposition:v:0", "default", "-disposition:v:1", "0"];
    for (name, more, words) in [
        ("none.mkv", &none, "stream 1 (ffv1 96x64) is the film"),
        ("first.mkv", &first, "stream 0 (ffv1 64x48) is the film"),
    ] {
        let input = two(name, more);
        let all = [text(&input), "-s", "identity", "-y", "-o", "out.mkv"];
        folder.run(&all).says(0, &[words]);
    }
}

#[test]
fn sound_with_pictures_of_chapters_is_no_film() {
    let folder = Folder::new();
    let chapters = folder.write(
        "c.txt",
        b";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=one\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=3000\ntitle=two\n",
    );
    let input = folder.path("talk.m4a");
    tool(
        "ffmpeg",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=160x160:rate=2/3:duration=3",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=3",
            "-i",
            text(&chapters),
            "-map",
            "1:a",
            "-map",
            "0:v",
            "-map_metadata",
            "2",
            "-c:v",
            "mjpeg",
            "-c:a",
            "aac",
            "-f",
            "mp4",
            text(&input),
        ],
    );
    folder
        .run(&["talk.m4a", "-o", "out.mkv"])
        .says(65, &["it is sound with pictures of chapters", "--video 1"]);
    assert!(!folder.path("out.mkv").exists());
    let asked = [
        "talk.m4a", "--video", "1", "-s", "identity", "-o", "out.mkv",
    ];
    folder.run(&asked).succeeds();
    assert_eq!(frames(&folder.path("out.mkv"), "yuv444p").len(), 2);
}
