//! Passing a file through unchanged keeps pictures, times and tags.

use std::sync::Arc;

use super::support::*;
use super::turned::turn;
use crate::frame::{Frame, Picture, Planes, Range};
use crate::media::av::{AvFrame, PixFmt};
use crate::media::{OutputOptions, OutputPlan, Sink, Source, SourceEvent, inspect_output, probe};

const MOVING: &str = "-f lavfi -i testsrc2=s=64x48:r=25:d=0.6";

/// Passes a file through FFV1 in MKV and compares the frame hashes in the source's own pixel format.
fn lossless(clips: &Clips, name: &str, arguments: &str) {
    let input = clips.make(name, arguments);
    let output = clips.at(&format!("{name}.out.mkv"));
    let passed = pass(&input, &output, &codec("ffv1"));
    // The ffmpeg tool would convert the range of `yuvj`; and the file must really store the requested format.
    let format = &passed.info.pictures().pix_fmt;
    assert!(
        arguments.contains(format) || name.starts_with("gbrp") || name.starts_with("vfr"),
        "{name} holds {format}"
    );
    let format = (!format.starts_with("yuvj")).then_some(format.as_str());
    let (before, after) = (frame_hashes(&input, format), frame_hashes(&output, format));
    assert!(!before.is_empty(), "{name}");
    assert_eq!(before, after, "{name} as {}", passed.plan.video.pix_fmt);
    assert_eq!(passed.counts.frames as usize, before.len(), "{name}");
    assert_eq!(passed.counts.moved_times, 0, "{name}");
    assert_eq!(
        inspect_output(&output, None).unwrap().frames as usize,
        before.len(),
        "{name}"
    );
    same_times(&frame_times(&input), &frame_times(&output), 0.0006, name);
}

/// Compares times: equal up to `tolerance` and one constant shift.
fn same_times(before: &[f64], after: &[f64], tolerance: f64, name: &str) {
    assert_eq!(before.len(), after.len(), "{name}");
    let shift = after[0] - before[0];
    for (a, b) in before.iter().zip(after) {
        assert!(
            (b - a - shift).abs() <= tolerance * 2.0,
            "{name}: {a} became {b}, shift {shift}"
        );
    }
}

#[test]
fn every_kind_of_picture_passes_bit_for_bit() {
    let clips = Clips::new();
    let x264 = "-c:v libx264 -preset ultrafast -bf 2";
    for format in [
        "yuv420p",
        "yuv422p",
        "yuv444p",
        "yuv420p10le",
        "yuv422p10le",
        "yuvj420p",
    ] {
        lossless(
            &clips,
            &format!("{format}.mp4"),
            &format!("{MOVING} -pix_fmt {format} {x264}"),
        );
    }
    for format in [
        "nv12", "nv21", "yuyv422", "uyvy422", "gbrp10le", "gbrp16le", "rgb48le", "rgba64le",
        "yuva420p", "ya8", "gray16le", "gray", "bgr24", "yuv440p",
    ] {
        lossless(
            &clips,
            &format!("{format}.nut"),
            &format!("{MOVING} -pix_fmt {format} -c:v rawvideo"),
        );
    }
    lossless(
        &clips,
        "gbrp.mp4",
        &format!("{MOVING} -c:v libx264rgb -preset ultrafast -qp 0"),
    );
}

#[test]
fn formats_that_cannot_be_addressed_are_unpacked_exactly() {
    let clips = Clips::new();
    for format in [
        "yuv420p16be",
        "rgb48be",
        "gray16be",
        "monob",
        "monow",
        "yuv411p",
        "yuv410p",
        "rgb565le",
        "rgb555be",
        "gbrp12be",
    ] {
        lossless(
            &clips,
            &format!("{format}.nut"),
            &format!("{MOVING} -pix_fmt {format} -c:v rawvideo"),
        );
        let info = probe(&clips.at(&format!("{format}.nut"))).unwrap();
        assert!(info.pictures().conversion.is_some(), "{format}");
    }
}

/// Planes of which no byte after the end may be read.
struct Exact(Arc<dyn Planes>);

impl Planes for Exact {
    fn data(&self, index: usize) -> &[u8] {
        self.0.data(index)
    }

    fn stride(&self, index: usize) -> usize {
        self.0.stride(index)
    }
}

/// Encoders read the pictures of decoders and of graphs where they lie. They make the same packets of copies.
#[test]
fn pictures_are_encoded_in_place_as_their_copies_are() {
    let clips = Clips::new();
    let x264 = "-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p";
    let clip = "-f lavfi -i testsrc2=s=128x80:r=25:d=0.6";
    let input = clips.make("in.mkv", &format!("{clip} {x264}"));
    let yuv = PixFmt::by_name("yuv420p").unwrap();
    let in_place = |picture: &Picture| {
        let size = (picture.width, picture.height);
        let shared = AvFrame::sharing(&picture.planes, 3, yuv, size).unwrap();
        shared.is_some_and(|frame| !frame.is_writable())
    };
    let decoded = |picture: &Picture| picture.clone();
    let own = |picture: &Picture| {
        let layout = picture.format;
        let mut bytes = vec![0; 128 * 80 * 3 / 2];
        picture.copy_rows(&mut bytes);
        Picture::from_rows(128, 80, layout, picture.color, &bytes)
    };
    let copied = |picture: &Picture| Picture {
        planes: Arc::new(Exact(picture.planes.clone())),
        ..picture.clone()
    };
    type Made<'a> = &'a dyn Fn(&Picture) -> Picture;
    let kinds: [(&str, Made<'_>, bool); 3] = [
        ("decoded", &decoded, true),
        ("own", &own, true),
        ("copied", &copied, false),
    ];
    for codec_name in ["libx264", "libx265", "mpeg4", "ffv1"] {
        let [a, b, c] = kinds.map(|(kind, made, shares)| {
            let output = clips.at(&format!("{codec_name}.{kind}.mkv"));
            let mut source = Source::open(&input).unwrap();
            let info = source.info().clone();
            let options = codec(codec_name);
            let plan = OutputPlan::decide(&info, &info.frame_shape(), &output, &options).unwrap();
            let mut sink = None::<Sink>;
            while let Some(event) = source.next_event().unwrap() {
                let SourceEvent::Frame(frame, _) = event else {
                    continue;
                };
                let picture = made(&frame.picture);
                assert_eq!(in_place(&picture), shares, "{kind}");
                let sink = sink.get_or_insert_with(|| {
                    Sink::create(&output, &plan, &source.header(), &picture).unwrap()
                });
                let span = frame.span;
                sink.frame(&Frame { picture, span }, None).unwrap();
            }
            sink.unwrap().finish().unwrap();
            packet_hashes(&output, "0:v")
        });
        assert_eq!(a.len(), 15, "{codec_name}");
        assert_eq!(a, c, "{codec_name}, the decoder's");
        assert_eq!(b, c, "{codec_name}, our own");
    }
    // Rows that do not begin where registers do are copied.
    let gray = PixFmt::by_name("gray").unwrap();
    let layout = gray.layout().unwrap();
    let narrow = Picture::from_rows(70, 2, layout, Default::default(), &[7; 140]);
    let shared = AvFrame::sharing(&narrow.planes, 1, gray, (70, 2)).unwrap();
    assert!(shared.is_none());
}

#[test]
fn odd_sizes_pass() {
    let clips = Clips::new();
    let odd = "-f lavfi -i testsrc=s=61x47:r=25:d=0.2";
    for format in ["yuv420p", "yuv422p10le", "nv12", "gbrp"] {
        lossless(
            &clips,
            &format!("odd-{format}.nut"),
            &format!("{odd} -pix_fmt {format} -c:v rawvideo"),
        );
    }
    let input = clips.at("odd-yuv420p.nut");
    let passed =
        super::support::planned(&input, &clips.at("odd.mp4"), &OutputOptions::default()).unwrap();
    assert_eq!(passed.video.pix_fmt, "yuv444p");
    assert!(
        passed.warnings.iter().any(|w| w.contains("odd size")),
        "{:?}",
        passed.warnings
    );
}

#[test]
fn variable_frame_rates_keep_every_time() {
    let clips = Clips::new();
    let vfr = "-f lavfi -i testsrc2=s=64x48:r=30:d=2 -vf select='not(mod(n\\,3))+not(mod(n\\,7))' -fps_mode vfr -c:v libx264 -preset fast -bf 3 -video_track_timescale 90000";
    let input = clips.make("vfr.mp4", vfr);
    for (name, options) in [
        ("a.mp4", codec("libx264")),
        ("b.mp4", codec("libx265")),
        ("c.mov", codec("libx264")),
        ("d.nut", codec("ffv1")),
    ] {
        let output = clips.at(name);
        let passed = pass(
            &input,
            &output,
            &OutputOptions {
                encoder_preset: None,
                ..options
            },
        );
        let (before, after) = (frame_times(&input), frame_times(&output));
        same_times(&before, &after, 0.000_001, name);
        if name != "d.nut" {
            assert_eq!(before, after, "{name}");
        }
        assert_eq!(passed.counts.moved_times, 0, "{name}");
    }
    // The last frame keeps its duration.
    let length = |path| {
        ffprobe(path, "V:0", "stream=duration")[0]
            .parse::<f64>()
            .unwrap()
    };
    // FFmpeg 9.0 writes another length than it read, for a copy too.
    let copy = clips.make("copy.mp4", &format!("-i {} -c copy", input.display()));
    let (before, after) = (length(&copy), length(&clips.at("a.mp4")));
    assert!((before - after).abs() < 0.001, "{before} became {after}");
    lossless(
        &clips,
        "vfr.mkv",
        vfr.trim_end_matches(" -video_track_timescale 90000"),
    );
}

#[test]
fn tags_survive_in_mp4() {
    let clips = Clips::new();
    let tagged = clips.make(
        "tagged.mp4",
        &format!("{MOVING} -vf setsar=4/3,setparams=color_primaries=bt2020:color_trc=smpte2084 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 -color_range pc -bsf:v h264_metadata=chroma_sample_loc_type=2 -metadata title=Hello -metadata:s:v:0 language=deu"),
    );
    let turned = clips.at("turned.mp4");
    std::fs::copy(&tagged, &turned).unwrap();
    turn(&turned, 270);
    let before = probe(&turned).unwrap();
    let counterclockwise: i32 = ffprobe(&turned, "V:0", "stream_side_data=rotation")[0]
        .parse()
        .unwrap();
    assert_eq!(
        i32::from(before.pictures().rotation),
        (-counterclockwise).rem_euclid(360)
    );
    assert_ne!(counterclockwise, 0);
    for (name, options) in [
        ("t.mp4", codec("libx264")),
        ("t5.mp4", codec("libx265")),
        ("t.mov", codec("libx264")),
    ] {
        let output = clips.at(name);
        pass(&turned, &output, &options);
        let after = probe(&output).unwrap();
        let (a, b) = (before.pictures(), after.pictures());
        assert_eq!(a.color, b.color, "{name}");
        assert_eq!(b.color.range, Range::Full);
        assert_eq!(
            (b.color.matrix, b.color.primaries, b.color.transfer),
            (9, 9, 16)
        );
        assert_eq!(
            b.color.chroma_location,
            crate::frame::ChromaLocation::TopLeft
        );
        assert_eq!((b.sample_aspect.num, b.sample_aspect.den), (4, 3), "{name}");
        assert_eq!(a.rotation, b.rotation, "{name}");
        // MOV has its own language codes, and FFmpeg knows some of them only under another code.
        let language = after.video().language.as_deref();
        assert!(language == Some("deu") || name == "t.mov", "{name}");
        assert!(
            after.metadata.contains(&("title".into(), "Hello".into())),
            "{name}: {:?}",
            after.metadata
        );
    }
    assert_eq!(
        ffprobe(&clips.at("t5.mp4"), "V:0", "stream=codec_tag_string"),
        ["hvc1"]
    );
}

#[test]
fn mp4_starts_with_its_index() {
    let clips = Clips::new();
    let input = clips.make("in.mp4", &format!("{MOVING} -pix_fmt yuv420p -c:v libx264"));
    let output = clips.at("out.mp4");
    let passed = pass(&input, &output, &OutputOptions::default());
    assert_eq!(passed.plan.video.encoder, "libx264");
    let bytes = std::fs::read(&output).unwrap();
    let find = |word: &[u8]| bytes.windows(4).position(|w| w == word).unwrap();
    assert!(find(b"moov") < find(b"mdat"));
}

#[test]
fn a_seek_lands_on_the_frame() {
    let clips = Clips::new();
    let input = clips.make(
        "seek.mp4",
        "-f lavfi -i testsrc2=s=64x48:r=25:d=3 -c:v libx264 -g 20 -bf 3 -preset fast",
    );
    let mut source = crate::media::Source::open(&input).unwrap();
    let mut all = Vec::new();
    while let Some(event) = source.next_event().unwrap() {
        if let crate::media::SourceEvent::Frame(frame, _) = event {
            all.push(frame);
        }
    }
    assert_eq!(all.len(), 75);
    for index in [60, 0, 21, 20, 19, 74] {
        source.seek(all[index].span.pts).unwrap();
        for expected in &all[index..] {
            let got = loop {
                match source.next_event().unwrap().unwrap() {
                    crate::media::SourceEvent::Frame(frame, _) => break frame,
                    crate::media::SourceEvent::Packet(_) => {}
                }
            };
            assert_eq!(got.span, expected.span, "from {index}");
            assert!(got.picture.same_samples(&expected.picture), "from {index}");
        }
        assert!(source.next_event().unwrap().is_none());
    }
}

#[test]
fn a_real_film_passes() {
    let Some(input) = media("clips/bbb_small_1080p30.mp4") else {
        return;
    };
    let clips = Clips::new();
    let part = clips.make(
        "bbb.mp4",
        &format!("-i {} -c copy -frames:v 30", input.display()),
    );
    let output = clips.at("bbb.mkv");
    pass(&part, &output, &codec("ffv1"));
    let before = frame_hashes(&part, None);
    assert_eq!(before.len(), 30);
    assert_eq!(before, frame_hashes(&output, None));
    assert_eq!(packet_hashes(&part, "0:a"), packet_hashes(&output, "0:a"));
}

#[test]
fn the_smallest_pictures_are_exact_in_ffv1() {
    let clips = Clips::new();
    for (index, size) in [
        "1:1", "2:1", "2:2", "3:3", "1:7", "16:2", "2:100", "64:3", "33:33", "63:64", "64:64",
    ]
    .iter()
    .enumerate()
    {
        for format in ["yuv420p", "yuv444p10le", "gray"] {
            let name = format!("{index}.{format}.nut");
            let input = clips.make(
                &name,
                &format!(
                    "-f lavfi -i testsrc=s=320x180:d=0.12 -vf scale={size} -pix_fmt {format} -c:v rawvideo"
                ),
            );
            let output = clips.at(&format!("{name}.mkv"));
            pass(&input, &output, &codec("ffv1"));
            assert_eq!(
                frame_hashes(&input, Some(format)),
                frame_hashes(&output, Some(format)),
                "{size} {format}"
            );
        }
    }
}
