//! Streams other than the rendered one, chapters and tags.

use super::support::*;
use crate::media::{
    Action, Attached, AudioChoice, Dropped, ErrorKind, OutputOptions, OutputPlan, Sink, Source,
    SourceEvent, StreamKind, probe,
};

const FILM: &str = "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=d=1:r=48000";

fn fast() -> OutputOptions {
    OutputOptions {
        encoder_preset: Some("ultrafast".into()),
        ..OutputOptions::default()
    }
}

#[test]
fn audio_is_copied_packet_by_packet() {
    let clips = Clips::new();
    let two = format!(
        "{FILM} -map 0:v -map 1:a -map 1:a -c:v libx264 -pix_fmt yuv420p -metadata:s:a:1 language=fra -disposition:a:1 0"
    );
    for (name, sound, out) in [
        ("a.mp4", "-c:a aac", "a.out.mp4"),
        ("b.mkv", "-c:a flac", "b.out.mkv"),
        ("c.ts", "-c:a aac", "c.out.mp4"),
        ("d.mov", "-c:a pcm_s16le", "d.out.mov"),
        ("e.mkv", "-c:a libopus", "e.out.mkv"),
    ] {
        let input = clips.make(name, &format!("{two} {sound}"));
        let output = clips.at(out);
        let passed = pass(&input, &output, &fast());
        assert!(
            passed
                .plan
                .streams
                .iter()
                .skip(1)
                .all(|s| s.action == Action::Copy),
            "{name}: {:?}",
            passed.plan.streams
        );
        if name != "c.ts" {
            // (AAC of a transport stream loses its ADTS headers in MP4.)
            for map in ["0:a:0", "0:a:1"] {
                let before = packet_hashes(&input, map);
                assert!(before.len() > 10, "{name}");
                assert_eq!(before, packet_hashes(&output, map), "{name} {map}");
            }
        }
        let after = probe(&output).unwrap();
        let sounds: Vec<_> = after
            .streams
            .iter()
            .filter(|s| s.kind == StreamKind::Audio)
            .collect();
        assert_eq!(sounds.len(), 2, "{name}");
        assert_eq!(sounds[1].language.as_deref(), Some("fra"), "{name}");
        let offset = |path| {
            let at = |select| {
                ffprobe(path, select, "stream=start_time")[0]
                    .parse::<f64>()
                    .unwrap()
            };
            at("a:0") - at("v:0")
        };
        let (before, after) = (offset(&input), offset(&output));
        assert!(
            (before - after).abs() < 0.002,
            "{name}: sound {before} s after the picture became {after} s"
        );
    }
}

#[test]
fn audio_that_does_not_fit_is_reencoded_at_the_same_time() {
    let clips = Clips::new();
    let input = clips.make(
        "in.mov",
        // Samples of 8 bits: MP4 holds those of 16 from FFmpeg 6.1 on.
        &format!("{FILM} -c:v libx264 -pix_fmt yuv420p -c:a pcm_u8"),
    );
    let output = clips.at("out.mp4");
    let passed = pass(&input, &output, &fast());
    let sound = &passed.plan.streams[1];
    assert_eq!(
        (sound.action, sound.kind),
        (Action::Reencode, StreamKind::Audio)
    );
    assert!(
        passed.plan.warnings.iter().any(|w| w.contains("AAC")),
        "{:?}",
        passed.plan.warnings
    );
    let after = probe(&output).unwrap();
    assert_eq!(after.streams[1].codec, "aac");
    let length: f64 = ffprobe(&output, "a:0", "stream=duration")[0]
        .parse()
        .unwrap();
    assert!((length - 1.0).abs() < 0.03, "{length}");
    let start: f64 = ffprobe(&output, "a:0", "stream=start_time")[0]
        .parse()
        .unwrap();
    assert!(start.abs() < 0.001, "{start}");
    let none = OutputOptions {
        audio: AudioChoice::None,
        ..fast()
    };
    pass(&input, &clips.at("mute.mp4"), &none);
    assert_eq!(probe(&clips.at("mute.mp4")).unwrap().streams.len(), 1);
}

#[test]
fn late_audio_stays_late_when_reencoded() {
    let clips = Clips::new();
    let input = clips.make("late.mov", "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -itsoffset 0.5 -f lavfi -i sine=d=1:r=44100 -c:v libx264 -pix_fmt yuv420p -c:a pcm_s16le");
    let output = clips.at("late.mp4");
    pass(
        &input,
        &output,
        &OutputOptions {
            audio: AudioChoice::Aac,
            ..fast()
        },
    );
    let start: f64 = ffprobe(&output, "a:0", "stream=start_time")[0]
        .parse()
        .unwrap();
    assert!((start - 0.5).abs() < 0.03, "{start}");
}

#[test]
fn subtitles_are_kept_or_refused_before_rendering() {
    let clips = Clips::new();
    let text = clips.at("words.srt");
    std::fs::write(
        &text,
        "1\n00:00:00,100 --> 00:00:00,800\nHello\n<i>there</i>\n",
    )
    .unwrap();
    let input = clips.make("in.mkv", &format!("{FILM} -i {} -map 0 -map 1 -map 2 -c:v libx264 -pix_fmt yuv420p -c:a aac -c:s srt -metadata:s:s:0 language=eng", text.display()));
    let output = clips.at("out.mkv");
    pass(&input, &output, &fast());
    assert_eq!(packet_hashes(&input, "0:s"), packet_hashes(&output, "0:s"));
    assert_eq!(
        probe(&output).unwrap().streams[2].language.as_deref(),
        Some("eng")
    );
    // The same text in MP4's own format, and back.
    let passed = pass(&input, &clips.at("out.mp4"), &fast());
    let warnings = &passed.plan.warnings;
    assert!(
        warnings.iter().any(|w| w.contains("mov_text")),
        "{warnings:?}"
    );
    pass(&clips.at("out.mp4"), &clips.at("back.mkv"), &fast());
    for (name, form) in [("out.mp4", "mov_text"), ("back.mkv", "subrip")] {
        let after = probe(&clips.at(name)).unwrap();
        let stream = &after.streams[2];
        assert_eq!(
            (stream.codec.as_str(), stream.language.as_deref()),
            (form, Some("eng"))
        );
        let srt = clips.at("read.srt");
        ffmpeg(&format!("-i {} -map 0:s", clips.at(name).display()), &srt);
        let words = std::fs::read_to_string(&srt).unwrap();
        assert!(
            words.replace('\r', "").contains("Hello\n<i>there</i>"),
            "{name}: {words:?}"
        );
        let times: Vec<&str> = words.lines().nth(1).unwrap().split(" --> ").collect();
        let shown = |text: &str| text[6..].replace(',', ".").parse::<f64>().unwrap();
        let length = shown(times[1]) - shown(times[0]);
        assert!((length - 0.7).abs() < 0.003, "{name}: {times:?}");
    }
    // Styled subtitles would lose their styles.
    let styled = clips.make(
        "styled.mkv",
        &format!("-i {} -map 0 -c copy -c:s ass", input.display()),
    );
    let error = planned(&styled, &clips.at("out.mp4"), &fast()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let advice = error.advice();
    assert!(
        advice.contains(".mkv") && advice.contains("--drop subtitles"),
        "{error}: {advice}"
    );
    let without = OutputOptions {
        drop: vec![Dropped::Subtitles],
        ..fast()
    };
    let plan = planned(&styled, &clips.at("out.mp4"), &without).unwrap();
    assert_eq!(plan.streams[2].action, Action::Drop);
}

#[test]
fn chapters_and_attachments_are_kept() {
    let clips = Clips::new();
    let chapters = clips.at("chapters.txt");
    std::fs::write(&chapters, ";FFMETADATA1\ntitle=Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\ntitle=Two\n").unwrap();
    let font = clips.at("font.ttf");
    std::fs::write(&font, b"not really a font").unwrap();
    let input = clips.make("in.mkv", &format!("{FILM} -i {} -map_metadata 2 -map 0 -map 1 -c:v libx264 -pix_fmt yuv420p -c:a aac -attach {} -metadata:s:t mimetype=font/ttf", chapters.display(), font.display()));
    pass(&input, &clips.at("out.mkv"), &fast());
    let after = probe(&clips.at("out.mkv")).unwrap();
    assert_eq!(after.streams[2].kind, StreamKind::Attachment);
    let names: Vec<_> = after
        .chapters
        .iter()
        .map(|c| c.title.as_deref().unwrap_or(""))
        .collect();
    assert_eq!(names, ["One", "Two"]);
    assert!((after.chapters[1].start - 0.4).abs() < 0.002);
    let error = planned(&input, &clips.at("out.mp4"), &fast()).unwrap_err();
    assert!(error.to_string().contains("attachment"), "{error}");
    assert!(error.advice().contains(".mkv"), "{}", error.advice());
    let without = OutputOptions {
        drop: vec![Dropped::Attachments],
        ..fast()
    };
    pass(&input, &clips.at("out.mp4"), &without);
    let after = probe(&clips.at("out.mp4")).unwrap();
    assert_eq!(after.chapters.len(), 2);
    assert!(after.metadata.contains(&("title".into(), "Film".into())));
}

#[test]
fn a_cover_picture_is_not_a_video_and_is_kept() {
    let clips = Clips::new();
    let cover = clips.make("cover.png", "-f lavfi -i testsrc=s=32x32 -frames:v 1");
    let input = clips.make("in.mp4", &format!("{FILM} -i {} -map 2 -map 0 -map 1 -c:v:0 copy -c:v:1 libx264 -pix_fmt:v:1 yuv420p -c:a aac -disposition:v:0 attached_pic", cover.display()));
    let info = probe(&input).unwrap();
    assert_eq!(info.pictures().width, 64);
    for name in ["out.mp4", "out.mkv"] {
        pass(&input, &clips.at(name), &fast());
        let after = probe(&clips.at(name)).unwrap();
        assert_eq!(after.pictures().width, 64, "{name}");
        assert!(
            after.streams.iter().any(|s| s.kind == StreamKind::Cover),
            "{name}: {:?}",
            after.streams
        );
    }
}

#[test]
fn every_real_clip_passes_with_its_streams() {
    for name in [
        "odd/am_sample_edit_list.mp4",
        "odd/am_sample_with_chapters.mp4",
        "odd/qt_multitrack.mkv",
        "odd/am_bbb_2500ms.ts",
        "odd/moviepy_no_duration.webm",
        "odd/qt_png_thumbnail.mp4",
        "odd/am_sample_fragmented.mp4",
    ] {
        let Some(input) = media(name) else { continue };
        let clips = Clips::new();
        let output = clips.at("out.mkv");
        let mut source = crate::media::Source::open(&input).unwrap();
        let info = source.info().clone();
        // (The phone's video is rotated, which MKV cannot store.)
        let options = OutputOptions {
            drop: vec![Dropped::Rotation],
            ..fast()
        };
        let plan = crate::media::OutputPlan::decide(&info, &info.frame_shape(), &output, &options)
            .unwrap();
        let header = source.header();
        let mut sink = None::<crate::media::Sink>;
        let mut waiting = Vec::new();
        let mut frames = 0;
        while frames < 12 {
            match source.next_event().unwrap() {
                Some(crate::media::SourceEvent::Frame(frame, _)) => {
                    let sink = sink.get_or_insert_with(|| {
                        crate::media::Sink::create(&output, &plan, &header, &frame.picture).unwrap()
                    });
                    for packet in waiting.drain(..) {
                        sink.packet(&packet).unwrap();
                    }
                    sink.frame(&frame, None).unwrap();
                    frames += 1;
                }
                Some(crate::media::SourceEvent::Packet(packet)) => match &mut sink {
                    Some(sink) => sink.packet(&packet).unwrap(),
                    None => waiting.push(packet),
                },
                None => break,
            }
        }
        sink.unwrap().finish().unwrap();
        assert_eq!(
            crate::media::inspect_output(&output, None).unwrap().frames,
            frames,
            "{name}"
        );
    }
}

#[test]
fn telemetry_is_kept_only_in_mp4() {
    let clips = Clips::new();
    // Data packets, which the ffmpeg tool writes only into a transport stream.
    let data = clips.at("data.bin");
    std::fs::write(&data, vec![42; 3000]).unwrap();
    let stream = clips.make("in.ts", &format!("-f lavfi -i testsrc2=s=64x48:r=25:d=1 -f data -i {} -map 0 -map 1 -c:v libx264 -pix_fmt yuv420p -c:d copy -bsf:d setts=ts=N*9000", data.display()));
    let input = clips.make(
        "in.mp4",
        &format!(
            "-i {} -map 0:v -map 0:d -c copy -tag:d gpmd",
            stream.display()
        ),
    );
    assert_eq!(
        probe(&input).unwrap().streams[1].tag.as_deref(),
        Some("gpmd")
    );
    let passed = pass(&input, &clips.at("out.mp4"), &fast());
    assert!(
        passed.plan.warnings.is_empty(),
        "{:?}",
        passed.plan.warnings
    );
    let after = probe(&clips.at("out.mp4")).unwrap();
    assert_eq!(after.streams[1].tag.as_deref(), Some("gpmd"));
    assert_eq!(
        packet_hashes(&input, "0:d"),
        packet_hashes(&clips.at("out.mp4"), "0:d")
    );
    for (input, output) in [(&input, "out.mkv"), (&stream, "ts.mp4")] {
        let plan = planned(input, &clips.at(output), &fast()).unwrap();
        assert_eq!(plan.streams[1].action, Action::Drop);
        assert!(
            plan.warnings.iter().any(|w| w.contains("stream 1 (data")),
            "{:?}",
            plan.warnings
        );
    }
}

#[test]
fn the_location_of_a_video_is_kept() {
    let clips = Clips::new();
    let place = "+48.857712+002.295034+035.000/";
    let input = clips.make("in.mov", &format!("-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v libx264 -pix_fmt yuv420p -metadata location={place}"));
    for (name, key) in [
        ("out.mov", "location"),
        ("out.mkv", "LOCATION"),
        ("out.mp4", "com.apple.quicktime.location.ISO6709"),
    ] {
        pass(&input, &clips.at(name), &fast());
        let tags = probe(&clips.at(name)).unwrap().metadata;
        assert!(
            tags.contains(&(key.to_owned(), place.to_owned())),
            "{name}: {tags:?}"
        );
        // MP4's own box rounds the location to about a metre.
        let found = tags
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("location"));
        assert!(
            found.is_some_and(|(_, value)| value.starts_with("+48.857")),
            "{name}"
        );
    }
}

#[test]
fn data_of_pictures_that_the_packets_of_an_encoder_cannot_take_is_told() {
    let clips = Clips::new();
    let input = clips.make(
        "film.mkv",
        "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v ffv1 -pix_fmt yuv420p",
    );
    let mut source = Source::open(&input).unwrap();
    let (info, header) = (source.info().clone(), source.header());
    let user_data = Attached {
        user_data: vec![b"0123456789abcdef, and data".to_vec()],
        ..Attached::default()
    };
    let mut frames = Vec::new();
    while let Some(event) = source.next_event().unwrap() {
        if let SourceEvent::Frame(frame, _) = event {
            frames.push(frame);
        }
    }
    for (name, annexb) in [("with.nut", "1"), ("without.nut", "0")] {
        let options = OutputOptions {
            encoder_opts: vec![("x264-params".to_owned(), format!("annexb={annexb}"))],
            ..codec("libx264")
        };
        let output = clips.at(name);
        let plan = OutputPlan::decide(&info, &info.frame_shape(), &output, &options).unwrap();
        let mut sink = Sink::create(&output, &plan, &header, &frames[0].picture).unwrap();
        let mut told = Vec::new();
        for frame in &frames {
            sink.frame(frame, Some(&user_data)).unwrap();
            told.extend(sink.loss());
        }
        sink.drain_video().unwrap();
        told.extend(sink.loss());
        sink.finish().unwrap();
        let is_told = told.iter().any(|words| words.contains("no start codes"));
        assert_eq!(is_told, annexb == "0", "{told:?}");
        let bytes = std::fs::read(&output).unwrap();
        let is_there = bytes.windows(8).any(|word| word == b"and data");
        assert_eq!(is_there, annexb == "1", "{name}");
    }
}
