//! A range of a file has the same pictures and packets as the whole file at these times.

use std::path::Path;

use super::support::*;
use crate::frame::Frame;
use crate::media::{Packet, Source, SourceEvent, StreamKind};

fn read(source: &mut Source) -> (Vec<Frame>, Vec<Packet>) {
    let (mut frames, mut packets) = (Vec::new(), Vec::new());
    while let Some(event) = source.next_event().unwrap() {
        match event {
            SourceEvent::Frame(frame, _) => frames.push(frame),
            SourceEvent::Packet(packet) => packets.push(packet),
        }
    }
    (frames, packets)
}

/// Reads ranges of the frames of `path` on one source, jumping back and forth.
fn ranges_are_exact(path: &Path, large: bool) {
    let name = path.display();
    let (all, _) = read(&mut Source::open(path).unwrap());
    let count = all.len();
    assert!(count > 40, "{name}: {count}");
    for pictures_only in if large { vec![true] } else { vec![false, true] } {
        let mut source = Source::open(path).unwrap();
        if pictures_only {
            source.pictures_only();
        }
        let ranges = [
            (13, 30),
            (count - 5, count),
            (0, 7),
            (1, 2),
            (21, 21),
            (20, count),
        ];
        for (first, end) in ranges.into_iter().take(if large { 2 } else { 6 }) {
            let time = |index: usize| all.get(index).map_or(i64::MAX, |frame| frame.span.pts);
            source.range(time(first)..time(end)).unwrap();
            let (frames, packets) = read(&mut source);
            let times = |frames: &[Frame]| frames.iter().map(|f| f.span.pts).collect::<Vec<_>>();
            assert_eq!(
                times(&frames),
                times(&all[first..end]),
                "{name} {first}..{end}"
            );
            for (got, expected) in frames.iter().zip(&all[first..end]) {
                let same = got.picture.same_samples(&expected.picture);
                assert!(same, "{name} {first}..{end} at {}", got.span.pts);
            }
            assert!(packets.is_empty() || !pictures_only, "{name}");
        }
        // Between two frames.
        source
            .range(all[5].span.pts + 1..all[6].span.pts + 1)
            .unwrap();
        assert_eq!(read(&mut source).0[0].span, all[6].span, "{name}");
    }
}

#[test]
fn pictures_of_a_range_are_those_of_the_whole() {
    let clips = Clips::new();
    let film = "-f lavfi -i testsrc2=s=64x48:r=25:d=2.4 -f lavfi -i sine=d=2.4 -c:a aac";
    for (name, codec) in [
        ("b.mp4", "-c:v libx264 -g 20 -bf 3 -pix_fmt yuv420p"),
        (
            "open.mkv",
            "-c:v libx264 -x264-params open-gop=1:keyint=12:bframes=3 -pix_fmt yuv420p",
        ),
        (
            "hevc.ts",
            "-c:v libx265 -x265-params keyint=15:log-level=none -pix_fmt yuv420p",
        ),
        ("mpeg2.ts", "-c:v mpeg2video -bf 2 -g 12"),
        (
            "late.mkv",
            "-c:v libx264 -g 20 -bf 2 -pix_fmt yuv420p -output_ts_offset 5",
        ),
        ("b.avi", "-c:v mpeg4 -bf 2 -g 12"),
        ("intra.nut", "-c:v ffv1"),
    ] {
        ranges_are_exact(&clips.make(name, &format!("{film} {codec}")), false);
    }
    for name in ["odd/am_sample_edit_list.mp4", "odd/am_bbb_2500ms.ts"] {
        if let Some(path) = media(name) {
            ranges_are_exact(&path, true);
        }
    }
}

#[test]
fn other_streams_are_cut_to_the_range() {
    let clips = Clips::new();
    let text = clips.at("words.srt");
    let words = "1\n00:00:00,100 --> 00:00:02,500\nlong\n\n2\n00:00:02,200 --> 00:00:04,000\nlater\n\n3\n00:00:04,500 --> 00:00:05,000\ntoo late\n";
    std::fs::write(&text, words).unwrap();
    let input = clips.make(
        "in.mkv",
        &format!(
            "-f lavfi -i testsrc2=s=64x48:r=25:d=6 -f lavfi -i sine=d=6:r=48000 -i {} -map 0 -map 1 -map 2 -c:v libx264 -g 25 -pix_fmt yuv420p -c:a aac -c:s srt",
            text.display()
        ),
    );
    let mut source = Source::open(&input).unwrap();
    let kinds: Vec<StreamKind> = source.info().streams.iter().map(|s| s.kind).collect();
    // (In Matroska the priming of AAC shifts all times.)
    let shift = source.info().video().start.unwrap();
    for _ in 0..2 {
        source.range(2000 + shift..3000 + shift).unwrap();
        let (frames, packets) = read(&mut source);
        assert_eq!(frames.len(), 25);
        let of = |kind: StreamKind| {
            let spans = packets.iter().filter(|p| kinds[p.stream()] == kind);
            let spans = spans.map(|p| (p.pts().unwrap(), p.pts().unwrap() + p.duration()));
            spans.collect::<Vec<_>>()
        };
        assert_eq!(
            of(StreamKind::Subtitle),
            [(2000, 2500), (2200, 3000)].map(|(from, to)| (from + shift, to + shift))
        );
        let sound = of(StreamKind::Audio);
        let (first, last) = (sound[0], sound[sound.len() - 1]);
        assert!(
            first.0 <= 2000 + shift && first.1 > 2000 + shift,
            "{first:?}"
        );
        assert!(last.0 < 3000 + shift && last.1 >= 3000 + shift, "{last:?}");
    }
}
