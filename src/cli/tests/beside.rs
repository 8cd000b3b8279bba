//! What lies in the pictures and beside them: captions, user data, shapes that change, holes in time. Kept, or said.

use std::path::{Path, PathBuf};

use crate::long::{ended, in_chunks};
use crate::support::*;

/// A stream of H.264 without B-frames, of `seconds` at `rate` frames a second.
fn stream(seconds: u32, rate: u32) -> Vec<u8> {
    let source = format!("testsrc2=size=64x48:rate={rate}:duration={seconds}");
    let made = made(
        &format!("{seconds}-{rate}.264"),
        &[
            "-f",
            "lavfi",
            "-i",
            &source,
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-bf",
            "0",
            "-g",
            "20",
            "-x264opts",
            "slices=1",
        ],
    );
    std::fs::read(made).unwrap()
}

/// The stream with captions before each picture: an SEI message with two bytes for field 1, other ones for each picture
/// (CEA-608 in ATSC A/53), and padding up to `packets` caption packets.
fn with_captions(stream: &[u8], packets: u8) -> Vec<u8> {
    let starts: Vec<usize> = (0..stream.len() - 3)
        .filter(|&at| stream[at..at + 3] == [0, 0, 1])
        .collect();
    let parity = |byte: u8| {
        byte | if byte.count_ones().is_multiple_of(2) {
            0x80
        } else {
            0
        }
    };
    let (mut out, mut picture) = (Vec::new(), 0u8);
    for (index, &at) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(stream.len());
        let unit = &stream[at + 3..end];
        if [1, 5].contains(&(unit[0] & 31)) {
            let text = [b'A' + picture % 26, b'a' + picture / 26 % 26].map(parity);
            picture = picture.wrapping_add(1);
            let mut message = b"\xb5\x00\x31GA94\x03".to_vec();
            message.extend([0x40 | packets, 0xff, 0xfc]);
            message.extend(text);
            message.extend([0xfd, 0x80, 0x80]);
            message.extend([0xfa, 0, 0].repeat(usize::from(packets) - 2));
            message.push(0xff);
            out.extend([0, 0, 0, 1, 6, 4, message.len() as u8]);
            out.extend(message);
            out.push(0x80);
        }
        out.extend([0, 0, 1]);
        out.extend(unit);
    }
    out
}

/// A film with captions on each picture, and sound.
fn captioned(folder: &Folder, name: &str, seconds: u32, rate: u32) -> PathBuf {
    captioned_with(2, folder, name, seconds, rate)
}

/// A film with so many caption packets on each picture.
fn captioned_with(packets: u8, folder: &Folder, name: &str, seconds: u32, rate: u32) -> PathBuf {
    let raw = folder.write("cc.264", &with_captions(&stream(seconds, rate), packets));
    let path = folder.path(name);
    let (rate, sound) = (
        rate.to_string(),
        format!("sine=frequency=440:duration={seconds}"),
    );
    tool(
        "ffmpeg",
        &[
            "-fflags",
            "+genpts",
            "-r",
            &rate,
            "-i",
            text(&raw),
            "-f",
            "lavfi",
            "-i",
            &sound,
            "-c:v",
            "copy",
            "-c:a",
            "aac",
            text(&path),
        ],
    );
    std::fs::remove_file(raw).unwrap();
    path
}

/// How many pictures FFmpeg finds captions on.
fn captions_on(path: &Path) -> usize {
    let all = tool(
        "ffprobe",
        &[
            "-select_streams",
            "v",
            "-show_entries",
            "frame_side_data=side_data_type",
            "-of",
            "csv=p=0",
            text(path),
        ],
    );
    all.matches("Closed Captions").count()
}

const KEPT: &str = "same     captions";

#[test]
fn captions_stay_with_their_pictures() {
    let folder = Folder::new();
    let input = captioned(&folder, "film.mp4", 2, 25);
    assert_eq!(captions_on(&input), 50);
    // With B-frames, in both codecs, and through the graph.
    for (output, codec, style) in [
        ("a.mp4", "libx264", "none"),
        ("b.mkv", "libx265", "none"),
        ("c.mkv", "libx265", "pencil"),
    ] {
        let all = ["film.mp4", "-s", style, "--codec", codec, "--device", "cpu"];
        let ran = folder.run(&[&all[..], &["-o", output, "--verify"]].concat());
        ran.says(0, &["nothing differs"]);
        assert!(!ran.stderr.contains("captions"), "{}", ran.stderr);
        let types = tool(
            "ffprobe",
            &[
                "-select_streams",
                "v",
                "-show_entries",
                "frame=pict_type",
                "-of",
                "csv=p=0",
                text(&folder.path(output)),
            ],
        );
        assert!(types.contains('B'), "no reordering in {output}: {types}");
        assert_eq!(captions_on(&folder.path(output)), 50, "{output}");
        let verified = folder.run(&["verify", "film.mp4", output]);
        assert!(verified.stdout.contains(KEPT), "{}", verified.stdout);
    }
    // Captions that are gone are found out.
    let (with, bare) = (folder.path("a.mp4"), folder.path("bare.mp4"));
    let filter = "filter_units=remove_types=6";
    let all = [
        "-i",
        text(&with),
        "-c",
        "copy",
        "-bsf:v",
        filter,
        text(&bare),
    ];
    tool("ffmpeg", &all);
    let found = folder.run(&["verify", "film.mp4", "bare.mp4"]);
    assert!(
        found.stdout.contains("DIFFERS  captions"),
        "{}",
        found.stdout
    );
    assert_eq!(found.code, Some(1));
}

#[test]
fn captions_that_the_encoder_cannot_carry_are_named_before() {
    let folder = Folder::new();
    captioned(&folder, "film.mp4", 1, 25);
    let words = "captions (CEA-608/708): ffv1 cannot carry them";
    let all = ["film.mp4", "-s", "none", "--codec", "ffv1", "-o", "out.mkv"];
    let planned = folder.run(&[&all[..], &["--dry-run"]].concat());
    let planned = format!("{}{}", planned.succeeds().stdout, planned.stderr);
    assert!(planned.contains(words), "{planned}");
    let ran = folder.run(&[&all[..], &["--verify"]].concat());
    ran.says(0, &[words, "nothing differs"]);
    assert_eq!(ran.stderr.matches(words).count(), 1, "{}", ran.stderr);
    // As it was asked for.
    for off in ["a53cc=0", "a53cc=off"] {
        let mute = ["film.mp4", "-s", "none", "--encoder-opt", off];
        let ran = folder.run(&[&mute[..], &["-y", "-o", "m.mp4"]].concat());
        ran.says(0, &["libx264 cannot carry them"]);
        assert_eq!(captions_on(&folder.path("m.mp4")), 0, "{off}");
    }
}

#[test]
fn at_another_rate_every_caption_comes_once() {
    let folder = Folder::new();
    // As many as ATSC sends at 30 pictures a second. A picture has room for 31.
    captioned_with(20, &folder, "film.mp4", 2, 25);
    for (fps, pictures) in [("50", 50), ("12.5", 25), ("30", 50)] {
        let all = ["film.mp4", "--fps", fps, "-y", "-o", "out.mp4"];
        let ran = folder.run(&all);
        assert!(!ran.succeeds().stderr.contains("lost"), "{}", ran.stderr);
        assert_eq!(captions_on(&folder.path("out.mp4")), pictures, "{fps}");
        let verified = folder.run(&["verify", "film.mp4", "out.mp4", "--fps", fps]);
        assert!(verified.stdout.contains(KEPT), "{}", verified.stdout);
    }
}

#[test]
fn captions_survive_chunks_workers_and_a_stop() {
    let folder = Folder::new();
    captioned(&folder, "film.mp4", 50, 5);
    let film = folder.path("film.mp4");
    let together = in_chunks(
        &film,
        "w.mp4",
        &["-s", "identity", "--temporal", "off", "--workers", "2"],
    );
    folder.run(&together).succeeds();
    let stopped = in_chunks(&film, "r.mkv", &["-s", "pencil", "--codec", "libx265"]);
    let job = folder.path(".r.mkv.aquatint");
    ended(&folder, &stopped, &job, 2, "-KILL");
    folder.run(&stopped).succeeds();
    // Half the rate: each picture carries those of two, across the ends of chunks, too.
    let half = in_chunks(&film, "h.mp4", &["--fps", "2.5"]);
    folder.run(&half).succeeds();
    for (output, more, pictures) in [
        ("w.mp4", &[][..], 250),
        ("r.mkv", &[], 250),
        ("h.mp4", &["--fps", "2.5"], 125),
    ] {
        assert_eq!(captions_on(&folder.path(output)), pictures, "{output}");
        let verified = folder.run(&[&["verify", "film.mp4", output], more].concat());
        assert!(
            verified.stdout.contains(KEPT),
            "{output}: {}",
            verified.stdout
        );
    }
}

#[test]
fn user_data_of_pictures_is_kept() {
    let folder = Folder::new();
    let raw = folder.write("plain.264", &stream(1, 25));
    let input = folder.path("film.mp4");
    let data = "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+hello";
    let all = [
        "-r",
        "25",
        "-i",
        text(&raw),
        "-c",
        "copy",
        "-bsf:v",
        data,
        text(&input),
    ];
    tool("ffmpeg", &all);
    for (output, codec) in [("a.mp4", "libx264"), ("b.mkv", "libx265")] {
        let all = [
            "film.mp4", "-s", "none", "--codec", codec, "-o", output, "--verify",
        ];
        folder.run(&all).says(0, &["nothing differs"]);
        let bytes = std::fs::read(folder.path(output)).unwrap();
        assert!(bytes.windows(5).any(|word| word == b"hello"), "{output}");
        let verified = folder.run(&["verify", "film.mp4", output]);
        assert!(verified.stdout.contains("same     user data of pictures"));
    }
    let lost = ["film.mp4", "-s", "none", "--codec", "ffv1", "-o", "c.mkv"];
    folder.run(&lost).says(
        0,
        &["user data of each picture (SEI): ffv1 cannot carry them"],
    );
}

/// A transport stream of `seconds` whose clock begins at `offset` seconds, made by `more`.
fn recording(offset: &str, seconds: &str, more: &[&str]) -> Vec<u8> {
    let (pictures, sound) = (
        format!("testsrc2=size=80x64:rate=25:duration={seconds}"),
        format!("sine=frequency=440:duration={seconds}"),
    );
    let mut all = vec![
        "-f", "lavfi", "-i", &pictures, "-f", "lavfi", "-i", &sound, "-pix_fmt", "yuv420p",
    ];
    all.extend(more);
    all.extend([
        "-c:a",
        "mp2",
        "-output_ts_offset",
        offset,
        "-muxdelay",
        "0",
        "-muxpreload",
        "0",
    ]);
    std::fs::read(made("part.ts", &all)).unwrap()
}

const CLOCK: [&str; 8] = [
    "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25",
];

/// The largest step between packets of a kind of stream, and the time from the first to the last, in seconds.
fn steps(path: &Path, kind: &str) -> (f64, f64) {
    let all = tool(
        "ffprobe",
        &[
            "-select_streams",
            kind,
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            text(path),
        ],
    );
    let mut times: Vec<f64> = all
        .lines()
        .filter_map(|line| line.trim_end_matches(',').parse().ok())
        .collect();
    times.sort_by(f64::total_cmp);
    let most = times
        .windows(2)
        .map(|two| two[1] - two[0])
        .fold(0.0, f64::max);
    (most, times.last().unwrap() - times[0])
}

#[test]
fn a_hole_of_hours_is_named_and_closed_if_asked() {
    let folder = Folder::new();
    for (name, second, words) in [
        ("ahead.ts", "10900", "jumps from 102 s to 10900 s"),
        ("wrap.ts", "7", "steps back to 7 s"),
        ("back.ts", "50", "steps back by"),
    ] {
        let both = [
            recording("100", "2", &CLOCK),
            recording(second, "2", &CLOCK),
        ];
        folder.write(name, &both.concat());
        let open = folder.run(&[name, "-s", "none", "-y", "-o", "open.mkv"]);
        open.says(0, &[words, "--close-gaps"]);
        let closed = folder.run(&[
            name,
            "-s",
            "none",
            "--close-gaps",
            "--verify",
            "-y",
            "-o",
            "closed.mkv",
        ]);
        closed.says(0, &[words, "the gap is closed", "nothing differs"]);
        let output = folder.path("closed.mkv");
        assert_eq!(frames(&output, "yuv420p").len(), 100, "{name}");
        for kind in ["v", "a"] {
            let (most, length) = steps(&output, kind);
            assert!(most < 0.15, "{name}, {kind}: a step of {most} s");
            assert!((3.8..4.2).contains(&length), "{name}, {kind}: {length} s");
        }
    }
}

#[test]
fn no_chunk_is_planned_for_a_hole() {
    let folder = Folder::new();
    let both = [
        recording("100", "12", &CLOCK),
        recording("10900", "12", &CLOCK),
    ];
    folder.write("film.ts", &both.concat());
    let film = folder.path("film.ts");
    let more = ["-s", "none", "--keep-chunks"];
    for (output, gaps) in [("a.mkv", &[][..]), ("b.mkv", &["--close-gaps"][..])] {
        let arguments = in_chunks(&film, output, &more);
        folder
            .run(&[&arguments[..], gaps].concat())
            .says(0, &["jumps from 112 s to 10900 s"]);
        assert_eq!(frames(&folder.path(output), "yuv420p").len(), 600);
        let chunks = names(&folder.path(&format!(".{output}.aquatint")));
        let chunks = chunks
            .iter()
            .filter(|name| name.ends_with(".chunk"))
            .count();
        assert!((2..=3).contains(&chunks), "{output}: {chunks} chunks");
    }
    // In chunks and in one piece, it is closed alike.
    let whole = [
        "film.ts",
        "-s",
        "none",
        "--close-gaps",
        "--chunk",
        "none",
        "-o",
        "c.mkv",
    ];
    folder.run(&whole).succeeds();
    assert_eq!(times(&folder.path("b.mkv")), times(&folder.path("c.mkv")));
    assert_eq!(sound(&folder.path("b.mkv")), sound(&folder.path("c.mkv")));
}

#[test]
fn a_second_hole_is_closed_while_a_stream_that_has_ended_is_waited_for() {
    let folder = Folder::new();
    let mut bare = CLOCK.to_vec();
    bare.extend(["-map", "0:v"]);
    let parts = [
        recording("100", "2", &CLOCK),
        recording("10900", "2", &bare),
        recording("20000", "2", &bare),
    ];
    folder.write("film.ts", &parts.concat());
    let all = ["film.ts", "-s", "none", "--close-gaps", "-o", "out.mkv"];
    folder.run(&all).says(
        0,
        &[
            "jumps from 102 s to 10900 s",
            "jumps from 10902 s to 20000 s",
        ],
    );
    let output = folder.path("out.mkv");
    assert_eq!(frames(&output, "yuv420p").len(), 150);
    let (most, length) = steps(&output, "v");
    assert!(most < 0.15, "a step of {most} s");
    assert!((5.8..6.2).contains(&length), "{length} s");
}

#[test]
fn a_still_picture_under_sound_is_no_hole() {
    let folder = Folder::new();
    // A picture each 15 s. Their packets last one second, so between them is nothing but sound.
    let slides = |name: &str, sound: &[&str]| {
        let mut all = vec![
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x64:rate=1:duration=46",
        ];
        all.extend(sound);
        all.extend(["-vf", "select='not(mod(n,15))'", "-fps_mode", "vfr"]);
        // However far apart in time, packets of pictures and sound are stored in the order of their times. FFmpeg 7 may
        // store pictures 15 s before the sound under them else.
        all.extend(["-max_interleave_delta", "0"]);
        all.extend(["-c:v", "ffv1", "-c:a", "aac"]);
        made(name, &all)
    };
    let sine = ["-f", "lavfi", "-i", "sine=frequency=440:duration=46"];
    let (input, silent) = (slides("slides.mkv", &sine), slides("silent.mkv", &[]));
    let none = ["-s", "none"];
    let whole = folder.run(&crate::long::in_one(&silent, "silent.mkv", &none));
    whole.says(0, &["the clock of the file jumps"]);
    for (output, arguments) in [
        ("one.mkv", crate::long::in_one(&input, "one.mkv", &none)),
        ("chunks.mkv", in_chunks(&input, "chunks.mkv", &none)),
    ] {
        let ran = folder.run(&arguments);
        assert!(!ran.succeeds().stderr.contains("clock"), "{}", ran.stderr);
        assert_eq!(frames(&folder.path(output), "yuv420p").len(), 4);
    }
    let frame = [text(&input), "--frame", "3", "-o", "still.png"];
    let ran = folder.run(&frame);
    assert!(!ran.succeeds().stderr.contains("clock"), "{}", ran.stderr);
}

/// A part of a broadcast in MPEG-2, from `offset` seconds on, filtered so.
fn broadcast(filter: &str, offset: &str, more: &[&str]) -> Vec<u8> {
    let mut all = vec!["-vf", filter, "-c:v", "mpeg2video", "-q:v", "3", "-g", "12"];
    all.extend(more);
    recording(offset, "1", &all)
}

#[test]
fn a_shape_that_changes_is_named_with_its_time_and_fitted_if_asked() {
    let folder = Folder::new();
    let above = ["iw:6:0:0", "iw:6:0:ih-6"];
    let beside = ["16:ih:0:0", "16:ih:iw-16:0"];
    for (first, second, words, bars) in [
        // 80x64 with samples a third wider: 80x48 between two bars of 8 rows.
        (
            "setsar=16/15",
            "setsar=64/45",
            "the sample aspect ratio changes from 16:15 to 64:45 at 11.00 s",
            above,
        ),
        // Another size, too.
        (
            "setsar=16/15",
            "scale=160:90,setsar=1",
            "the pictures change from 80x64 (samples 16:15) to 160x90 (samples 1:1) at 11.00 s",
            above,
        ),
        (
            "scale=80:60,setsar=1",
            "scale=160:90,setsar=1",
            "the pictures change from 80x60 (samples 1:1) to 160x90 (samples 1:1) at 11.00 s",
            above,
        ),
        (
            "scale=160:90,setsar=1",
            "setsar=16/15",
            "the pictures change from 160x90 (samples 1:1) to 80x64 (samples 16:15) at 11.00 s",
            beside,
        ),
    ] {
        let both = [broadcast(first, "10", &[]), broadcast(second, "11", &[])];
        folder.write("film.ts", &both.concat());
        let keep = ["film.ts", "-s", "none", "-y", "-o", "keep.mkv"];
        folder.run(&keep).says(0, &[words, "--aspect-changes fit"]);
        assert_eq!(
            frames(&folder.path("keep.mkv"), "yuv420p").len(),
            frames(&folder.path("film.ts"), "yuv420p").len()
        );
        let fit = [
            "film.ts",
            "-s",
            "none",
            "--codec",
            "ffv1",
            "--aspect-changes",
            "fit",
            "-y",
            "-o",
            "fit.mkv",
        ];
        folder.run(&fit).says(0, &[words, "with black bars"]);
        // Luma 16 is black.
        let mean = |at: &str, crop: &str| {
            let filter = format!("crop={crop},scale=1:1:flags=area,format=gray");
            let output = std::process::Command::new("ffmpeg")
                .args(["-v", "error", "-ss", at, "-i"])
                .arg(folder.path("fit.mkv"))
                .args(["-vf", &filter, "-frames:v", "1", "-f", "rawvideo", "-"])
                .output()
                .unwrap();
            output.stdout[0]
        };
        for (at, black) in [("0.2", false), ("1.6", true)] {
            for bar in bars {
                let mean = mean(at, bar);
                assert_eq!(mean <= 17, black, "{second}: {bar} at {at} s: {mean}");
            }
            // There are no other bars.
            let others = if bars == above { beside } else { above };
            for crop in ["iw/2:ih/2:iw/4:ih/4"].iter().chain(&others) {
                assert!(mean(at, crop) > 30, "{second}: {crop} at {at} s");
            }
        }
    }
}

#[test]
fn pictures_of_another_size_and_the_same_shape_have_no_bars() {
    let folder = Folder::new();
    let both = [
        broadcast("setsar=16/15", "10", &[]),
        broadcast("scale=160:120,setsar=1", "11", &[]),
    ];
    folder.write("film.ts", &both.concat());
    let fit = [
        "film.ts",
        "-s",
        "none",
        "--aspect-changes",
        "fit",
        "-o",
        "fit.mkv",
    ];
    let ran = folder.run(&fit);
    assert!(!ran.succeeds().stderr.contains("bars"), "{}", ran.stderr);
}

#[test]
fn interlaced_pictures_are_not_fitted_across_their_fields() {
    let folder = Folder::new();
    let fields = ["-flags", "+ildct+ilme"];
    let part = |ratio: &str, offset: &str| {
        broadcast(&format!("setsar={ratio},setfield=tff"), offset, &fields)
    };
    let both = [part("16/15", "10"), part("64/45", "11")];
    folder.write("film.ts", &both.concat());
    let fit = [
        "film.ts",
        "-s",
        "none",
        "--aspect-changes",
        "fit",
        "-o",
        "fit.mkv",
    ];
    folder.run(&fit).says(
        2,
        &[
            "--aspect-changes fit would mix the two fields",
            "--interlaced-anyway",
        ],
    );
    let anyway = [&fit[..], &["--interlaced-anyway"]].concat();
    folder.run(&anyway).says(0, &["with black bars"]);
}

#[test]
fn sound_that_is_not_known_at_the_beginning_is_dropped_aloud() {
    let folder = Folder::new();
    // A transport stream that announces sound and has none.
    let whole = recording("10", "1", &CLOCK);
    let pid = |packet: &[u8]| u16::from_be_bytes([packet[1] & 31, packet[2]]);
    let silent: Vec<u8> = whole
        .chunks_exact(188)
        .filter(|packet| pid(packet) != 0x101)
        .flatten()
        .copied()
        .collect();
    assert!(silent.len() < whole.len());
    folder.write("film.ts", &silent);
    let all = ["film.ts", "-s", "none", "--verify", "-o", "out.mkv"];
    folder.run(&all).says(
        0,
        &["stream 1 (audio, mp3) is dropped: no sound of it is in the beginning of the file"],
    );
    assert_eq!(frames(&folder.path("out.mkv"), "yuv420p").len(), 25);
}
