//! Broken video: the same for the same seed, the old scene in the motion of the new one, and no strobe.

use aquatint::color::Color;
use aquatint::frame::{Picture, Rational};
use aquatint::graph::plan::{OutputRequest, PlanOptions, Source, Temporal, plan};
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::{Playing, apart};

/// Frames of a scene that moves.
fn film(scenery: u64, frames: usize) -> Vec<Picture> {
    let frame = |i: usize| view(yuv420(8), scenery, 3 * i, 0.0, 0);
    (0..frames).map(frame).collect()
}

/// What the style makes of frames, 25 a second.
fn broken(frames: &[Picture], set: &[(&str, &str)], on: On) -> Vec<Picture> {
    let library = Library::built_in();
    let source = Source {
        time_base: Rational::new(1, 25),
        rate: Rational::new(25, 1),
        ..source_of(&frames[0])
    };
    let request = OutputRequest {
        chain: vec![styled(&library, "glitch", set, 1.0)],
        format: frames[0].format,
        color: frames[0].color,
        temporal: Temporal::Off,
    };
    let plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
    let mut playing = Playing::new(&library, plan, on);
    let frames = frames.iter().enumerate();
    frames.map(|(i, frame)| playing.next(frame, i)).collect()
}

/// Bursts without a pause between them.
const ALWAYS: [(&str, &str); 3] = [("rate", "2"), ("length", "5"), ("amount", "1")];

#[test]
fn a_burst_breaks_the_picture_and_without_one_it_is_the_source() {
    let film = film(3, 12);
    let quiet = [("amount", "0"), ("shift", "0"), ("cuts", "false")];
    for on in BOTH {
        for (made, given) in broken(&film, &quiet, on).iter().zip(&film) {
            assert!(psnr(made, given) > 50.0, "{} on {on:?}", psnr(made, given));
        }
    }
    let made = [On::Cpu, On::Gpu].map(|on| broken(&film, &ALWAYS, on));
    let broken_by = |made: &[Picture]| apart(&made[8], &film[8]);
    assert!(broken_by(&made[0]) > 8.0, "{}", broken_by(&made[0]));
    // Blocks are dragged by whole pixels: a vector that is rounded the other way moves a block.
    for (index, (a, b)) in made[0].iter().zip(&made[1]).enumerate() {
        assert!(psnr(a, b) > 30.0, "frame {index}: {}", psnr(a, b));
    }
    assert_eq!(
        difference(&made[0][8], &broken(&film, &ALWAYS, On::Cpu)[8]).0,
        0
    );
}

#[test]
fn the_old_scene_stays_after_a_cut_and_lets_go() {
    let plain = |code: u32| {
        picture(320, 180, yuv420(8), Color::default(), |component, x, y| {
            match component {
                // Something to be followed.
                0 => code + (x as u32 / 9 + y as u32 / 7) % 2 * 12,
                _ => 128,
            }
        })
    };
    let mut film = vec![plain(40); 4];
    film.extend(vec![plain(200); 90]);
    for on in BOTH {
        let set = [
            ("rate", "0"),
            ("shift", "0"),
            ("amount", "1"),
            ("length", "1"),
        ];
        let made = broken(&film, &set, on);
        let mean = |of: &Picture| {
            let sum: u64 = (0..320 * 180)
                .map(|i| u64::from(of.sample(0, i % 320, i / 320)))
                .sum();
            sum / (320 * 180)
        };
        assert!(
            mean(&made[3]) < 60,
            "{} before the cut on {on:?}",
            mean(&made[3])
        );
        assert!(
            mean(&made[4]) < 70,
            "{} at the cut on {on:?}",
            mean(&made[4])
        );
        assert!(mean(&made[93]) > 190, "{} later on {on:?}", mean(&made[93]));
        // It goes block by block: no frame is much brighter than the one before, as the cut itself is.
        for (index, pair) in made[4..].windows(2).enumerate() {
            let step = mean(&pair[1]).abs_diff(mean(&pair[0]));
            assert!(step < 25, "frame {}: {step} on {on:?}", index + 5);
        }
        let without = broken(&film, &[&set[..], &[("cuts", "false")]].concat(), on);
        assert!(mean(&without[4]) > 190, "{} on {on:?}", mean(&without[4]));
    }
}

#[test]
fn bursts_are_no_strobe() {
    let film = film(5, 50);
    let made = broken(&film, &[("amount", "1")], On::Cpu);
    let mean = |of: &Picture| {
        let sum: u64 = (0..320 * 180)
            .map(|i| u64::from(of.sample(0, i % 320, i / 320)))
            .sum();
        sum as f64 / (320.0 * 180.0)
    };
    for (index, (made, given)) in made.iter().zip(&film).enumerate() {
        let gap = (mean(made) - mean(given)).abs();
        assert!(gap < 12.0, "frame {index} is {gap} codes from the source");
    }
}
