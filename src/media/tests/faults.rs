//! Damaged and unsuitable files, and outputs that cannot be written: the errors name the cause.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::support::*;
use crate::media::{ErrorKind, OutputOptions, OutputPlan, Sink, Source, SourceEvent, probe};

const FILM: &str =
    "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p";

#[test]
fn errors_of_bad_inputs_name_the_cause() {
    let clips = Clips::new();
    let kind = |path: &Path| {
        let error = probe(path).unwrap_err();
        (error.kind(), error.to_string())
    };
    let expect = |path: &Path, wanted: ErrorKind, word: &str| {
        let (kind, words) = kind(path);
        assert_eq!(kind, wanted, "{words}");
        assert!(words.contains(word), "{words:?} lacks {word:?}");
    };
    expect(&clips.at("missing.mp4"), ErrorKind::NoInput, "no such file");
    expect(clips.0.path(), ErrorKind::NoInput, "folder");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(clips.at(name), bytes).unwrap();
        clips.at(name)
    };
    expect(&write("empty.mp4", b""), ErrorKind::NotMedia, "empty");
    expect(
        &write("text.mp4", b"Dear diary,\ntoday I filmed nothing.\n"),
        ErrorKind::NotMedia,
        "text",
    );
    let noise: Vec<u8> = (0..50_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    assert_eq!(kind(&write("noise.mp4", &noise)).0, ErrorKind::NotMedia);
    let sound = clips.make("sound.mp4", "-f lavfi -i sine=d=1 -c:a aac");
    expect(&sound, ErrorKind::NotMedia, "audio");
    let film = std::fs::read(clips.make("film.mp4", FILM)).unwrap();
    let index = film.windows(4).position(|w| w == b"moov").unwrap() - 4;
    expect(
        &write("noindex.mp4", &film[..index]),
        ErrorKind::NotMedia,
        "index",
    );
    let png =
        std::fs::read(clips.make("a.png", "-f lavfi -i testsrc2=s=64x48 -frames:v 1")).unwrap();
    assert_eq!(kind(&write("cut.png", &png[..60])).0, ErrorKind::NotMedia);
    // A picture of 2^31 - 1 pixels on each side.
    let mut absurd = png.clone();
    absurd[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    assert_eq!(kind(&write("absurd.png", &absurd)).0, ErrorKind::NotMedia);
    assert_eq!(
        kind(&clips.make(
            "xyz.nut",
            "-f lavfi -i testsrc2=s=64x48 -frames:v 1 -pix_fmt xyz12le -c:v rawvideo"
        ))
        .0,
        ErrorKind::Unavailable
    );
}

#[test]
fn names_need_not_be_utf8() {
    let clips = Clips::new();
    let made = clips.make("a.mp4", FILM);
    let strange = clips.at("").join(OsStr::from_bytes(b"fil\xff\xfem:1.mp4"));
    std::fs::rename(made, &strange).unwrap();
    let output = clips.at("").join(OsStr::from_bytes(b"o\xff:ut.mkv"));
    let passed = pass(&strange, &output, &codec("ffv1"));
    assert_eq!(passed.frames.len(), 50);
    assert_eq!(probe(&output).unwrap().video().codec, "ffv1");
}

fn count(path: &Path) -> (usize, crate::media::Damage) {
    let mut source = Source::open(path).unwrap();
    let mut frames = 0;
    while let Some(event) = source.next_event().unwrap() {
        frames += usize::from(matches!(event, SourceEvent::Frame(..)));
    }
    (frames, source.damage().clone())
}

#[test]
fn damage_is_counted_and_survived() {
    let clips = Clips::new();
    let input = clips.make("film.mkv", FILM);
    let whole = std::fs::read(&input).unwrap();
    let (frames, damage) = count(&input);
    assert_eq!((frames, damage.any()), (50, false), "{:?}", damage.words());
    let cut = clips.at("cut.mkv");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let (frames, damage) = count(&cut);
    assert!((3..45).contains(&frames), "{frames}");
    assert!(
        damage
            .truncated
            .as_deref()
            .is_some_and(|t| t.contains("truncated")),
        "{damage:?}"
    );
    let mut hurt = whole;
    let length = hurt.len();
    for at in (length / 4..length / 2).step_by(97) {
        hurt[at] ^= 0x5a;
    }
    let broken = clips.at("hurt.mkv");
    std::fs::write(&broken, &hurt).unwrap();
    let (frames, damage) = count(&broken);
    // Where the demuxer of this FFmpeg goes on after damage is its own affair; no frame that it gives is lost.
    let least = frame_hashes(&broken, None).len();
    assert!(frames >= least && least > 1, "{frames} of {least}");
    assert!(damage.any() && !damage.words().is_empty(), "{damage:?}");
    if let Some(real) = media("odd/decord_corrupted.mp4") {
        let (frames, damage) = count(&real);
        assert!(
            frames > 0 && damage.damaged_frames + damage.refused_packets > 0,
            "{frames} {damage:?}"
        );
    }
}

#[test]
fn a_file_that_begins_late_is_whole() {
    let clips = Clips::new();
    let late = clips.make("late.mkv", &format!("{FILM} -output_ts_offset 5"));
    let (frames, damage) = count(&late);
    assert_eq!((frames, damage.any()), (50, false), "{:?}", damage.words());
}

#[test]
fn damage_near_the_end_loses_no_other_frame() {
    let clips = Clips::new();
    // Only intra frames, so that each decodes by itself. The last but one gets a NAL unit longer than its packet.
    let film = clips.make("film.mp4", &format!("{FILM} -g 1"));
    let places = ffprobe(&film, "v:0", "packet=pos");
    let at: usize = places[places.len() - 2].parse().unwrap();
    let mut bytes = std::fs::read(&film).unwrap();
    bytes[at..at + 4].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
    let hurt = clips.at("hurt.mp4");
    std::fs::write(&hurt, &bytes).unwrap();
    let (frames, damage) = count(&hurt);
    assert_eq!(frames, 49, "{damage:?}");
    assert_eq!(damage.refused_packets, 1, "{damage:?}");
    if let Some(real) = media("odd/am_sample_with_invalid_nalu.mp4") {
        assert_eq!(count(&real).0, 29);
    }
}

#[test]
fn a_change_of_size_is_counted_and_scaled() {
    let clips = Clips::new();
    let a = clips.make(
        "a.ts",
        "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v mpeg2video",
    );
    let b = clips.make(
        "b.ts",
        "-f lavfi -i testsrc2=s=96x64:r=25:d=0.4 -c:v mpeg2video -output_ts_offset 0.4",
    );
    let joined = clips.at("ab.ts");
    std::fs::write(
        &joined,
        [std::fs::read(a).unwrap(), std::fs::read(b).unwrap()].concat(),
    )
    .unwrap();
    let mut source = Source::open(&joined).unwrap();
    let (mut changes, mut frames) = (0, 0);
    while let Some(event) = source.next_event().unwrap() {
        if let SourceEvent::Frame(frame, facts) = event {
            changes += usize::from(facts.changed);
            frames += 1;
            let picture = &frame.picture;
            assert_eq!((picture.width, picture.height), (64, 48));
            // Scaled, not cropped: the bar at the right edge of the test pattern is there.
            let row = picture.row(0, 24);
            assert!(row.iter().max() > row.iter().min());
        }
    }
    // (A picture may be lost where the two files were joined.)
    assert_eq!(changes, 1);
    assert!(frames >= 19, "{frames}");
    assert!(source.damage().resized >= 9, "{:?}", source.damage());
    let words = source.damage().words();
    assert!(words.iter().any(|w| w.contains("scaled")), "{words:?}");
}

#[test]
fn errors_of_unwritable_outputs_name_the_cause() {
    let clips = Clips::new();
    let input = clips.make("film.mp4", FILM);
    let mut source = Source::open(&input).unwrap();
    let Some(SourceEvent::Frame(frame, _)) = source.next_event().unwrap() else {
        panic!()
    };
    let plan = OutputPlan::decide(
        source.info(),
        &source.info().frame_shape(),
        &clips.at("o.mkv"),
        &codec("ffv1"),
    )
    .unwrap();
    let header = source.header();
    let error = Sink::create(
        &clips.at("no/such/folder.mkv"),
        &plan,
        &header,
        &frame.picture,
    )
    .err()
    .unwrap();
    assert_eq!(error.kind(), ErrorKind::CannotCreate, "{error}");
    for (name, codec_name) in [
        ("o.mkv", "ffv1"),
        ("o.mp4", "libx264"),
        ("o.nut", "ffv1"),
        ("o.avi", "ffv1"),
    ] {
        let plan = OutputPlan::decide(
            source.info(),
            &source.info().frame_shape(),
            &clips.at(name),
            &codec(codec_name),
        )
        .unwrap();
        let written = Sink::create(Path::new("/dev/full"), &plan, &header, &frame.picture)
            .and_then(|mut sink| {
                for pts in 0..20 {
                    let mut frame = frame.clone();
                    frame.span.pts = pts * 512;
                    sink.frame(&frame, None)?;
                }
                sink.finish()
            });
        let error = written.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Io, "{name}: {error}");
        assert!(
            error.to_string().contains("No space left"),
            "{name}: {error}"
        );
    }
    // (FFmpeg's smallest picture is larger than ours.)
    let input = clips.make("large.mp4", &FILM.replace("64x48", "128x96"));
    let mut source = Source::open(&input).unwrap();
    let Some(SourceEvent::Frame(large, _)) = source.next_event().unwrap() else {
        panic!()
    };
    let header = source.header();
    // Dropped before the end, with SVT-AV1, which hangs unless it is drained.
    for fed in [false, true] {
        let options = OutputOptions {
            encoder_preset: Some("12".into()),
            ..codec("libsvtav1")
        };
        let plan = OutputPlan::decide(
            source.info(),
            &source.info().frame_shape(),
            &clips.at("svt.mkv"),
            &options,
        )
        .unwrap();
        let frame = &large;
        let mut sink = Sink::create(&clips.at("svt.mkv"), &plan, &header, &frame.picture).unwrap();
        if fed {
            sink.frame(frame, None).unwrap();
        }
        drop(sink);
    }
}
