//! A part of an input has the same frames as the whole input, and the sound and subtitles of that time.

use crate::support::*;

#[test]
fn a_part_is_what_the_whole_has_there() {
    let words =
        "1\n00:00:00,500 --> 00:00:01,400\nHello\n\n2\n00:00:02,000 --> 00:00:02,500\nlate\n";
    let folder = Folder::new();
    let subtitles = folder.write("words.srt", words.as_bytes());
    let film = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=96x64:rate=30000/1001:duration=3",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440:duration=3",
        "-i",
        text(&subtitles),
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-g",
        "20",
        "-bf",
        "2",
        "-preset",
        "veryfast",
        "-c:a",
        "aac",
    ];
    let clip = folder.path("film.mkv");
    let mut arguments = vec!["-y"];
    arguments.extend(film);
    arguments.push(text(&clip));
    tool("ffmpeg", &arguments);
    let all = frames(&clip, "yuv420p");
    assert_eq!(all.len(), 90);
    // Frame 30 is shown at 1.001 s, frame 45 at 1.5015 s.
    for (name, part) in [
        ("a.mkv", ["--start", "1", "--to", "1.5"]),
        ("b.mkv", ["-ss", "00:00:01.001", "-t", "0.5"]),
        ("c.mkv", ["-to", "0:01.502", "--start", "1.000"]),
    ] {
        let mut arguments = vec![text(&clip), "-s", "none", "--codec", "ffv1", "-o", name];
        arguments.extend(part);
        folder.run(&arguments).succeeds();
        let output = folder.path(name);
        assert_eq!(frames(&output, "yuv420p"), all[30..45], "{name}");
        let first: f64 = times(&output)[0].parse().unwrap();
        let start = |kind: &str| -> Vec<f64> {
            let entries = [
                "-select_streams",
                kind,
                "-show_entries",
                "packet=pts_time,duration_time",
            ];
            let mut arguments = entries.to_vec();
            arguments.extend(["-of", "csv=p=0", text(&output)]);
            let line = tool("ffprobe", &arguments);
            let line = line.lines().next().unwrap_or_default();
            line.split(',').filter_map(|n| n.parse().ok()).collect()
        };
        // Sound starts with the packet at the start, at most one packet earlier.
        let sound = start("a")[0] - first;
        assert!((-0.0235..=0.001).contains(&sound), "{name}: {sound}");
        // The subtitle that is shown at the start, for its remaining time.
        let subtitle = start("s");
        assert!((subtitle[0] - first).abs() < 0.002, "{name}: {subtitle:?}");
        assert!((subtitle[1] - 0.4).abs() < 0.024, "{name}: {subtitle:?}");
    }
    folder
        .run(&[text(&clip), "--start", "10", "-o", "none.mkv"])
        .says(2, &["has no picture from 10 s", "it lasts 3"]);
    folder
        .run(&[text(&clip), "--start", "2", "--to", "1", "-o", "none.mkv"])
        .says(2, &["ends before it begins"]);
    folder
        .run(&[text(&clip), "--start", "soon", "-o", "none.mkv"])
        .says(2, &["HH:MM:SS.mmm"]);
    assert!(!folder.path("none.mkv").exists());
}

#[test]
fn a_part_of_a_drawing_is_that_of_the_whole_drawing() {
    let folder = Folder::new();
    let clip = clip();
    let draw = |name: &str, part: &[&str]| {
        // Temporal state starts empty at the start of a part.
        let mut arguments = vec![text(&clip), "--codec", "ffv1", "--temporal", "off"];
        arguments.extend(["-o", name]);
        arguments.extend(part);
        folder.run(&arguments).succeeds();
        frames(&folder.path(name), "yuv420p")
    };
    let whole = draw("whole.mkv", &[]);
    assert_eq!(
        draw("part.mkv", &["-ss", "0.4", "-t", "0.2"]),
        whole[10..15]
    );
}
