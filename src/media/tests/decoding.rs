//! Decoding by hardware gives the pictures of the processor, or says why it cannot.

use std::path::Path;

use super::support::*;
use crate::frame::Frame;
use crate::media::{Decode, ErrorKind, MediaError, Reading, Result, Source, SourceEvent};

fn by(path: &Path, decode: Decode, pretend: Option<u32>) -> Result<(Source, Vec<Frame>)> {
    let reading = Reading {
        decode,
        pretend,
        ..Reading::default()
    };
    let mut source = Source::open_at(path, reading)?;
    let mut frames = Vec::new();
    while let Some(event) = source.next_event()? {
        if let SourceEvent::Frame(frame, _) = event {
            frames.push(frame);
        }
    }
    Ok((source, frames))
}

fn are_equal(a: &[Frame], b: &[Frame]) -> bool {
    let same = |(a, b): (&Frame, &Frame)| a.span == b.span && a.picture.same_samples(&b.picture);
    a.len() == b.len() && a.iter().zip(b).all(same)
}

#[test]
fn every_decoder_gives_the_same_pictures_or_says_why_not() {
    let clips = Clips::new();
    let source = "-f lavfi -i testsrc2=size=130x98:rate=25:duration=0.6";
    let h264 = clips.make("a.mp4", &format!("{source} -pix_fmt yuv420p -c:v libx264"));
    let (plain, expected) = by(&h264, Decode::Software, None).unwrap();
    assert!(expected.len() == 15 && plain.info().decoder.is_none());
    for decode in [Decode::Auto, Decode::Cuda, Decode::Vaapi] {
        match by(&h264, decode, None) {
            Ok((source, frames)) => {
                assert!(are_equal(&frames, &expected), "{decode:?}");
                // A machine without hardware says so; one with it names what decodes.
                let info = source.info();
                assert!(info.decoder.is_some() != info.no_decoder.is_some());
                if let Some(words) = &info.no_decoder {
                    assert!(
                        decode == Decode::Auto && words.contains("cuda: "),
                        "{words}"
                    );
                    assert!(words.contains("vaapi: "), "{words}");
                }
            }
            Err(error) => {
                assert_ne!(decode, Decode::Auto, "{error}");
                assert_eq!(error.kind(), ErrorKind::Unavailable);
                let said = format!("{error}; {}", error.advice());
                let names = format!("the hardware decoder {} cannot decode", decode.name());
                assert!(
                    said.contains(&names) && said.contains("--decode auto"),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn codecs_that_devices_decode_differently_are_left_to_the_processor() {
    let clips = Clips::new();
    let source = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.2";
    let mpeg2 = clips.make("a.mkv", &format!("{source} -c:v mpeg2video"));
    let error = by(&mpeg2, Decode::Cuda, None).err().unwrap();
    assert!(error.to_string().contains("not mpeg2video"), "{error}");
    let (auto, frames) = by(&mpeg2, Decode::Auto, None).unwrap();
    assert_eq!(frames.len(), 5);
    let words = auto.info().no_decoder.clone().unwrap();
    assert!(words.contains("only H.264, HEVC, VP8 and VP9"), "{words}");
    // Pictures are not worth a word.
    let png = clips.make("a.png", "-f lavfi -i testsrc2=size=64x48 -frames:v 1");
    assert_eq!(
        by(&png, Decode::Auto, None).unwrap().0.info().no_decoder,
        None
    );
    // What is no media is said as ever.
    let text = clips.at("a.txt");
    std::fs::write(&text, "no video").unwrap();
    assert!(matches!(
        by(&text, Decode::Auto, None),
        Err(MediaError::NotMedia { .. })
    ));
}

#[test]
fn a_decoder_that_fails_at_once_is_given_up_and_one_that_fails_later_is_an_error() {
    let clips = Clips::new();
    let clip = clips.make(
        "a.mkv",
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.4 -c:v ffv1",
    );
    let (_, expected) = by(&clip, Decode::Software, None).unwrap();
    let (at_once, frames) = by(&clip, Decode::Auto, Some(0)).unwrap();
    assert!(are_equal(&frames, &expected));
    let info = at_once.info();
    let words = info.no_decoder.as_deref().unwrap_or_default();
    assert!(
        words.contains("as the test wants it") && info.decoder.is_none(),
        "{words}"
    );
    let later = by(&clip, Decode::Auto, Some(4)).err().unwrap();
    assert!(
        matches!(
            later,
            MediaError::HardwareDecoder {
                decoder: "cuda",
                ..
            }
        ),
        "{later}"
    );
    let (good, frames) = by(&clip, Decode::Vaapi, Some(99)).unwrap();
    assert!(are_equal(&frames, &expected));
    assert_eq!(good.info().decoder, Some("vaapi"));
}
